// The views of a layer, one a tab. Each draws a part of the answer anew when that part has changed.

import { drawBudget } from './budget.js';
import { copyText } from './copy.js';
import { html } from './elements.js';
import { drawGraph } from './graph.js';
import { highlight } from './highlight.js';
import { Response } from './response.js';

/**
 * @param {() => object | null} layer The layer of the last answer that had one.
 * @param {() => { text: string | null, kernels?: { name: string, text: string }[] }} ptx The layer's PTX, or what is to be said instead.
 * @param {() => string} missing Why there is no layer.
 * @param {(levels: object) => void} leveled Called with the values of the response when the user changes one.
 */
export function viewsOf(layer, ptx, missing, leveled) {
  const drawn = new WeakMap();
  const response = new Response(leveled);
  const view = (id, label, part, draw) => ({
    id, label,
    render(panel) {
      const value = layer() && part(layer());
      const key = JSON.stringify(value ?? missing());
      if (drawn.get(panel) === key) return;
      drawn.set(panel, key);
      const scrolls = [...panel.querySelectorAll('.scroller')].map(s => [s.scrollLeft, s.scrollTop]);
      panel.replaceChildren(...(value ? draw(value) : [html('p', { class: 'empty' }, missing())]));
      panel.querySelectorAll('.scroller').forEach((s, i) => scrolls[i] && s.scrollTo(...scrolls[i]));
    },
  });
  const code = (id, label, target, about) => view(id, label,
    ({ files, cell }) => ({ file: files.find(file => file.target === target) ?? null, cell }),
    ({ file, cell }) => file ? [html('p', { class: 'about' }, about), listing(file.name, file.text)]
      : [html('p', { class: 'empty' }, `The states of ${cell} are vectors: its layers have kernels for the CPU alone.`)]);
  return [
    view('graph', 'Graph', ({ step, time, cell }) => ({ step, time, cell }), ({ step, time, cell }) => [
      html('p', { class: 'about' }, 'One step, simplified. Operands enter a box from left to right. ', html('strong', {}, time)),
      formulas(step.formulas), drawGraph(step.drawing, 'Graph of one step of ' + cell)]),
    view('derivative', 'Derivative', ({ adjoint, cell }) => ({ adjoint, cell }), ({ adjoint, cell }) => [
      html('p', { class: 'about' }, 'The adjoint of one step, as backward computes it: gates are recomputed from what the step read, and the gradient of the loss runs back in time.'),
      formulas(adjoint.formulas), drawGraph(adjoint.drawing, 'Graph of the adjoint of ' + cell)]),
    view('memory', 'Memory', ({ budget }) => budget, drawBudget),
    { id: 'response', label: 'Response', render: panel => response.render(panel, layer(), missing()) },
    code('cpu', 'CPU', 'Cpu', 'Vectors of channels, time outermost. The JIT picks AVX-512, AVX2 or NEON.'),
    code('ilgpu', 'ILGPU', 'Gpu', 'One source for CUDA, OpenCL and the simulator.'),
    {
      id: 'ptx', label: 'PTX',
      render(panel) {
        const { text, kernels } = ptx();
        const key = text ?? JSON.stringify(kernels);
        if (drawn.get(panel) === key) return;
        drawn.set(panel, key);
        if (text) panel.replaceChildren(html('p', { class: 'empty', role: 'status' }, text));
        else panel.replaceChildren(...listings(kernels));
      },
    },
    code('torch', 'TorchSharp', 'Torch', 'The module that trains with these kernels.'),
    code('inference', 'Inference', 'Inference', 'Deployment without TorchSharp.'),
  ];
}

/** A formula may break after a factor. */
const breakable = text => text.split(/(?<=·)/).flatMap((part, i) => i ? [html('wbr'), part] : [part]);

function formulas(lines) {
  const rows = kind => lines.filter(line => (line.kind === 'weights') === kind).flatMap(({ name, expression, kind: k }) =>
    [html('dt', { class: k }, name), html('dd', { class: k }, ...breakable(expression))]);
  const before = rows(true);
  return html('div', { class: 'formulas scroller', tabindex: 0, role: 'group', 'aria-label': 'Formulas, scrollable' },
    before.length ? html('p', {}, 'Once, from weights alone') : null,
    before.length ? html('dl', {}, ...before) : null,
    before.length ? html('p', {}, 'At every step') : null,
    html('dl', {}, ...rows(false)));
}

/** A line that begins a method or a type, or a label of PTX that many instructions follow. */
const METHOD = /^\s+(?:(?:public|private|internal|protected|static|override|sealed|abstract|partial|file|readonly|new)\s+)+(?:[\w.:<>,\[\]? ()]+\s)?(\w+)(?:<[^(]*>)?\((?!.*;$)/;

function listings(kernels) {
  const choice = html('select', { id: 'kernel' }, ...kernels.map(({ name }) => html('option', {}, name)));
  const place = html('div');
  const show = () => place.replaceChildren(listing(kernels[choice.selectedIndex].name + '.ptx', kernels[choice.selectedIndex].text, 'ptx'));
  choice.addEventListener('change', show);
  show();
  return [
    html('p', { class: 'about' }, 'By ILGPU, for compute capability 8.0 and later, in single precision. No GPU was asked.'),
    html('p', { class: 'choice' }, html('label', { for: 'kernel' }, 'Kernel '), choice), place];
}

function listing(name, text, language = 'csharp') {
  const lines = text.split('\n');
  const code = html('pre', { class: 'scroller', tabindex: 0, role: 'group', 'aria-label': name + ', scrollable' }, html('code', {}, ...highlight(text, language)));
  const methods = lines.map((line, at) => [METHOD.exec(line)?.[1], at]).filter(([method]) => method);
  const jump = html('select', {
    'aria-label': 'Go to a method of ' + name,
    onchange: () => { code.scrollTop = (code.scrollHeight - 24) * Math.max(0, jump.value - 2) / lines.length; },
  }, html('option', { value: 0 }, 'Go to…'), ...methods.map(([method, at]) => html('option', { value: at }, method)));
  const copy = html('button', {
    type: 'button',
    onclick: () => copyText(text, copy, 'Copied'),
  }, 'Copy');
  return html('figure', { class: 'listing' },
    html('figcaption', {}, html('span', {}, name), html('span', { class: 'tools' }, methods.length ? jump : null, copy)), code);
}
