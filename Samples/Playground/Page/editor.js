// The editor: a text area, so that every key, screen reader and phone knows it, over the same text in colours.

import { byId, html } from './elements.js';
import { tokens } from './highlight.js';

export class Editor {
  #area = byId('source');
  #picture = byId('highlight');
  #gutter = byId('gutter');
  #diagnostics = [];

  /** @param {() => void} changed Called at every change of the text. */
  constructor(changed) {
    this.#area.addEventListener('input', () => {
      this.#diagnostics = [];
      this.#draw();
      changed();
    });
    this.#area.addEventListener('keydown', event => this.#indent(event));
    this.#area.addEventListener('scroll', () => this.#follow());
  }

  get text() { return this.#area.value; }

  set text(value) {
    this.#area.value = value;
    this.#diagnostics = [];
    this.#draw();
    this.#area.scrollTop = 0;
    this.#follow();
  }

  /** Underlines what diagnostics are about. */
  set diagnostics(list) {
    this.#diagnostics = list;
    this.#draw();
  }

  /** Selects a span and brings it into view. */
  select(start, length) {
    this.#area.focus();
    this.#area.setSelectionRange(start, start + length);
    const line = this.text.slice(0, start).split('\n').length - 1;
    const height = parseFloat(getComputedStyle(this.#area).lineHeight);
    this.#area.scrollTop = Math.max(0, line * height - this.#area.clientHeight / 2);
    const ruler = document.createElement('canvas').getContext('2d');
    ruler.font = getComputedStyle(this.#area).font;
    const column = start - this.text.lastIndexOf('\n', start - 1) - 1;
    this.#area.scrollLeft = Math.max(0, column * ruler.measureText('0').width - this.#area.clientWidth / 3);
  }

  /** A new line begins as far in as the one before. Tab stays the key that leaves the editor. */
  #indent(event) {
    if (event.key !== 'Enter' || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const { selectionStart: at, value } = this.#area;
    const line = value.slice(value.lastIndexOf('\n', at - 1) + 1, at);
    const indentation = /^[ \t]*/.exec(line)[0] + (/[{(]\s*$/.test(line) ? '    ' : '');
    if (!indentation) return;
    event.preventDefault();
    // The one way that keeps the browser's undo.
    document.execCommand('insertText', false, '\n' + indentation);
  }

  #follow() {
    this.#picture.scrollTop = this.#gutter.scrollTop = this.#area.scrollTop;
    this.#picture.scrollLeft = this.#area.scrollLeft;
  }

  #draw() {
    const parts = [];
    let at = 0;
    for (const [kind, token] of tokens(this.text)) {
      for (const [piece, severity] of this.#cut(token, at))
        parts.push(kind || severity ? html('span', { class: [kind && 't-' + kind, severity && 'd-' + severity].filter(Boolean).join(' ') }, piece) : piece);
      at += token.length;
    }

    // A last line that is empty needs something to have a height.
    this.#picture.replaceChildren(...parts, '\n ');
    const worst = new Map();
    for (const { line, severity } of this.#diagnostics)
      if (rank(severity) > rank(worst.get(line))) worst.set(line, severity);
    this.#gutter.replaceChildren(...this.text.split('\n').map((_, i) =>
      html('div', { class: worst.has(i + 1) ? 'd-' + worst.get(i + 1) : null }, String(i + 1))), html('div', {}, ' '));
    this.#follow();
  }

  /** A token in pieces, where diagnostics begin or end inside. */
  * #cut(token, at) {
    const spans = this.#diagnostics.filter(d => d.start < at + token.length && d.start + Math.max(d.length, 1) > at);
    const edges = new Set([0, token.length]);
    for (const { start, length } of spans) {
      edges.add(Math.max(0, start - at));
      edges.add(Math.min(token.length, start + Math.max(length, 1) - at));
    }
    const sorted = [...edges].sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) {
      const over = spans.filter(d => d.start - at <= sorted[i - 1] && d.start + Math.max(d.length, 1) - at >= sorted[i]);
      yield [token.slice(sorted[i - 1], sorted[i]), over.map(d => d.severity).sort((a, b) => rank(b) - rank(a))[0]];
    }
  }
}

const rank = severity => ['info', 'warning', 'error'].indexOf(severity);
