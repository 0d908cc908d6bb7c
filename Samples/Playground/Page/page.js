// The page: what is typed goes to the compiler, and its answer into the views.

import { copyText } from './copy.js';
import { byId, html } from './elements.js';
import { Editor } from './editor.js';
import { helpFor } from './help.js';
import { fromFragment, toFragment } from './share.js';
import { Tabs } from './tabs.js';
import { viewsOf } from './views.js';

const PAUSE = 250;

const state = { answer: null, layer: null, chosen: null, levels: {}, ptx: null };
const editor = new Editor(() => {
  byId('example').value = '';
  later();
});
const tabs = new Tabs(viewsOf(() => state.layer, ptx, missing, levels => { state.levels = levels; later(); }), id => {
  if (id === 'ptx') loadPtx();
  queueMicrotask(() => tabs.render());
});

let timer = 0, isAsking = false, isStale = false;

function later(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(compile, pause);
}

/** One question at a time; what was typed meanwhile is asked next. */
async function compile() {
  if (isAsking) {
    isStale = true;
    return;
  }
  isAsking = true;
  isStale = false;
  const source = editor.text;
  const slow = setTimeout(() => say('Compiling…', 'busy'), 600);
  try {
    const answer = await ask('compile', { source, layer: state.chosen, levels: state.levels });
    clearTimeout(slow);
    if (editor.text === source) show(answer, source);
  } catch (error) {
    clearTimeout(slow);
    say(error.message, 'error');
  }
  isAsking = false;
  if (isStale || editor.text !== source) later(0);
}

async function ask(kind, question) {
  const response = await fetch('api/' + kind, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(question),
  }).catch(() => { throw new Error('The playground’s server does not answer. Is it still running?'); });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function show(answer, source) {
  state.answer = answer;
  state.layer = answer.layer ?? (answer.layers.length || answer.diagnostics.length ? state.layer : null);
  byId('results').classList.toggle('stale', !answer.layer);
  editor.diagnostics = answer.diagnostics;
  list(answer.diagnostics);
  const count = severity => answer.diagnostics.filter(d => d.severity === severity).length;
  const errors = count('error'), warnings = count('warning');
  say(errors ? plural(errors, 'error') + (state.layer ? '; the views show the last source that compiled.' : '.')
    : !answer.layer ? 'There is no cell: a static partial class marked [RecurrentCell], with a method Step.'
    : warnings ? `Compiled, with ${plural(warnings, 'warning')}.` : 'Compiled.', errors ? 'error' : 'fine');
  if (state.layer) {
    byId('layer-name').textContent = state.layer.name;
    byId('layer-summary').textContent = state.layer.summary;
  }
  const choice = byId('layer');
  byId('layer-choice').hidden = answer.layers.length < 2;
  choice.replaceChildren(...answer.layers.map(name => html('option', { selected: name === answer.layer?.name }, name)));
  if (answer.layer) {
    state.ptx = null;
    if (tabs.views[tabs.current].id === 'ptx') loadPtx();
  }
  tabs.render();
  toFragment(source).then(fragment => history.replaceState(null, '', fragment));
}

function list(diagnostics) {
  byId('diagnostics').replaceChildren(...diagnostics.map(d => html('li', { class: 'd-' + d.severity },
    html('button', { type: 'button', onclick: () => editor.select(d.start, d.length) },
      html('span', { class: 'place' }, `${d.line}:${d.column}`),
      html('span', { class: 'id' }, `${d.severity} ${d.id}`),
      html('span', { class: 'message' }, d.message)),
    d.id.startsWith('MRNN') ? helpFor(d.id) : null)));
}

function missing() {
  return state.answer ? 'What does not compile has no view.' : 'Compiling…';
}

function ptx() {
  if (!state.layer) return { text: missing() };
  return state.ptx ?? { text: 'Compiling to PTX…' };
}

/** PTX takes longer, and is asked for when it is looked at. */
async function loadPtx() {
  if (state.ptx || !state.answer?.layer) return;
  const answer = state.answer;
  const wanted = state.ptx = { text: 'Compiling to PTX…' };
  let found;
  try {
    const { kernels, reason } = await ask('ptx', { source: editor.text, layer: answer.layer.name });
    found = reason ? { text: reason } : { text: null, kernels };
  } catch (error) {
    found = { text: error.message };
  }
  if (state.ptx !== wanted) return;
  state.ptx = found;
  tabs.render();
}

const plural = (count, word) => count === 1 ? `1 ${word}` : `${count} ${word}s`;

function say(text, kind) {
  const status = byId('status');
  status.className = 'status s-' + kind;
  status.textContent = text;
}

async function start() {
  const examples = await (await fetch('api/examples')).json();
  const menu = byId('example');
  menu.append(html('option', { value: '' }, 'Choose…'), ...examples.map(({ name }) => html('option', { value: name }, name)));
  menu.addEventListener('change', () => {
    const example = examples.find(({ name }) => name === menu.value);
    if (!example) return;
    state.chosen = null;
    editor.text = example.source;
    later(0);
  });
  byId('layer').addEventListener('change', event => {
    state.chosen = event.target.value;
    later(0);
  });
  byId('share').addEventListener('click', async event => {
    const button = event.currentTarget;
    history.replaceState(null, '', await toFragment(editor.text));
    await copyText(location.href, button, 'Link copied');
  });
  const open = async () => {
    const shared = await fromFragment(location.hash);
    if (shared === null && location.hash.length > 1) say('The link’s source cannot be read.', 'error');
    if (shared === null || shared === editor.text) return shared !== null;
    editor.text = shared;
    later(0);
    return true;
  };
  addEventListener('hashchange', open);
  if (await open()) return;
  menu.value = examples[0].name;
  editor.text = examples[0].source;
  later(0);
}

start().catch(() => say('The playground’s server does not answer. Is it still running?', 'error'));
