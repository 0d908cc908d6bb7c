// Tabs by the pattern of the ARIA Authoring Practices: arrows, Home and End move, one tab is in the order of Tab.

import { byId, html } from './elements.js';

export class Tabs {
  #tabs = [];
  #panels = [];

  /**
   * @param {{ id: string, label: string, render: (panel: HTMLElement) => void }[]} views In order.
   * @param {(id: string) => void} opened Called when a tab is opened.
   */
  constructor(views, opened) {
    this.#tabs = views.map(({ id, label }, i) => html('button', {
      type: 'button', role: 'tab', id: 'tab-' + id, 'aria-controls': 'panel-' + id,
      onclick: () => this.open(i),
      onkeydown: event => this.#move(event, i),
    }, label));
    this.#panels = views.map(({ id }) => html('div', {
      role: 'tabpanel', id: 'panel-' + id, 'aria-labelledby': 'tab-' + id, tabindex: 0, class: 'panel',
    }));
    byId('tabs').replaceChildren(...this.#tabs);
    byId('panels').replaceChildren(...this.#panels);
    this.views = views;
    this.opened = opened;
    this.open(0);
  }

  get current() { return this.#tabs.findIndex(tab => tab.getAttribute('aria-selected') === 'true'); }

  open(index) {
    this.#tabs.forEach((tab, i) => {
      tab.setAttribute('aria-selected', i === index);
      tab.tabIndex = i === index ? 0 : -1;
      this.#panels[i].hidden = i !== index;
    });
    const [tab, list] = [this.#tabs[index], byId('tabs')];
    list.scrollLeft = Math.max(0, tab.offsetLeft - list.offsetLeft - (list.clientWidth - tab.offsetWidth) / 2);
    this.opened(this.views[index].id);
  }

  /** Draws the open panel. */
  render() { this.views[this.current].render(this.#panels[this.current]); }

  #move(event, i) {
    const count = this.#tabs.length;
    const to = { ArrowRight: (i + 1) % count, ArrowLeft: (i + count - 1) % count, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.open(to);
    this.#tabs[to].focus();
  }
}
