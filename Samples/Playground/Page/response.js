// The response to an impulse, with a field for each value that the user may change.

import { html } from './elements.js';
import { drawPlot, tabulate } from './plot.js';

export class Response {
  #levels = {};
  #fields = null;
  #plot = null;
  #drawn = null;
  #again = null;

  /** @param {(levels: object) => void} changed Called with all values that the user has set. */
  constructor(changed) {
    this.changed = changed;
    addEventListener('resize', () => { this.#drawn = null; this.#again?.(); });
  }

  render(panel, layer, missing) {
    if (!layer) {
      this.#fields = null;
      panel.replaceChildren(html('p', { class: 'empty' }, missing));
      return;
    }

    // The fields stay while the parameters do: somebody may be typing into one.
    const shape = JSON.stringify([layer.name, layer.response.parameters.map(({ name, role, remark }) => [name, role, remark])]);
    if (this.#fields !== shape) {
      this.#fields = shape;
      this.#drawn = null;
      this.#plot = html('div');
      panel.replaceChildren(this.#about(), this.#form(layer.response.parameters), this.#plot);
    }

    this.#again = () => panel.hidden || this.render(panel, layer, missing);
    const drawn = JSON.stringify(layer.response);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    const isOpen = this.#plot.querySelector('details')?.open ?? false;
    const table = tabulate(layer.response);
    table.open = isOpen;
    this.#plot.replaceChildren(drawPlot(layer.response, Math.max(280, Math.min(this.#plot.clientWidth, 860))), table);
  }

  #about() {
    return html('p', { class: 'about' }, 'One channel whose inputs leave their rest for a single step, by the interpreter of the graph in double precision. Projections are pre-activations, bias included.');
  }

  #form(parameters) {
    const field = (parameter, part, label) => html('input', {
      type: 'number', step: 'any', value: parameter.level[part], 'aria-label': `${parameter.name} ${label}`,
      oninput: event => this.#set(parameter, part, event.target.valueAsNumber),
    });
    return html('form', { class: 'levels', onsubmit: event => event.preventDefault() }, html('table', {},
      html('thead', {}, html('tr', {}, ...['parameter', 'at rest', 'impulse'].map(text => html('th', { scope: 'col' }, text)))),
      html('tbody', {}, ...parameters.map(parameter => html('tr', {},
        html('th', { scope: 'row' }, parameter.name, html('span', {}, parameter.role + (parameter.remark ? '. ' + parameter.remark : ''))),
        html('td', {}, field(parameter, 'rest', parameter.role === 'weight' ? 'value' : 'at rest')),
        html('td', {}, parameter.role === 'weight' ? 'the same' : field(parameter, 'impulse', 'impulse')))))));
  }

  #set(parameter, part, value) {
    if (!Number.isFinite(value)) return;
    const level = this.#levels[parameter.name] ?? { ...parameter.level };
    this.#levels[parameter.name] = { ...level, [part]: value };
    this.changed({ ...this.#levels });
  }
}
