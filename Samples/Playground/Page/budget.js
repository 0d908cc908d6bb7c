// What a channel moves through memory in one step of training.

import { html, svg } from './elements.js';

const BATCH = 16, STEPS = 512, CHANNELS = 128;

export function drawBudget(budget) {
  const rows = [
    ['Forward', budget.forward, budget.forwardByOperation],
    ['Backward', budget.backward, budget.backwardByOperation],
  ];
  const total = traffic => traffic.reads + traffic.writes;
  const most = Math.max(...rows.flatMap(([, fused, single]) => [total(fused), total(single)]));
  const scaled = rows.reduce((sum, [, fused]) => sum + total(fused), 0) * budget.elementBytes * BATCH * STEPS * CHANNELS;
  return [
    html('p', { class: 'about' }, 'Traffic is the budget of a recurrence: the fused kernel reads and writes each tensor once, and keeps everything else in registers.'),
    html('div', { class: 'scroller', tabindex: 0, role: 'group', 'aria-label': 'Budget, scrollable' }, html('table', { class: 'budget' },
      html('caption', {}, `For one channel and one step, in elements of ${budget.elementBytes} bytes`),
      html('thead', {}, html('tr', {}, html('td'), column('read', 'reads'), column('written', 'writes'), column('bytes'), html('td'))),
      ...rows.map(([name, fused, single]) => html('tbody', {},
        html('tr', {}, html('th', { scope: 'rowgroup', colspan: 5 }, name)),
        row('generated kernel', fused, budget.elementBytes, most, 'fused'),
        row('operation by operation', single, budget.elementBytes, most, 'single'))))),
    html('p', {}, html('strong', {}, `${(scaled / 1e6).toFixed(1)} MB`), ` for a training step of ${BATCH} sequences of ${STEPS} steps in ${CHANNELS} channels. `,
      'Kept from forward for backward: ', budget.saved.toLowerCase()),
    html('p', { class: 'hint' }, 'Operation by operation: each one of the graph reads its operands and writes its result, as a framework does that runs them one by one.'),
  ];
}

function column(name, kind) {
  return html('th', { scope: 'col' },
    kind ? svg('svg', { width: 11, height: 11, 'aria-hidden': 'true' }, svg('rect', { class: kind, width: 11, height: 11 })) : null, name);
}

function row(name, { reads, writes }, bytes, most, kind) {
  const of = count => count * 100 / most;
  return html('tr', { class: kind }, html('th', { scope: 'row' }, name), html('td', {}, String(reads)), html('td', {}, String(writes)),
    html('td', {}, String((reads + writes) * bytes)),
    html('td', { class: 'bar' }, svg('svg', { viewBox: '0 0 100 16', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { class: 'reads', x: 0, y: 1, width: of(reads), height: 14 }),
      svg('rect', { class: 'writes', x: of(reads), y: 1, width: of(writes), height: 14 }))));
}
