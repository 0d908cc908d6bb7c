// Lines over time steps.

import { html, svg } from './elements.js';

const LEFT = 52, RIGHT = 12, TOP = 14, BOTTOM = 38;
const DASHES = { output: null, rest: '2 4', state: '7 4' };

/** @param {number} width Pixels there are. */
export function drawPlot({ series, impulseStep }, width) {
  const height = Math.min(340, Math.round(width * 0.62));
  const steps = series[0].values.length;
  const ticks = scale(series.flatMap(line => line.values).filter(value => value !== null));
  const [low, high] = [ticks[0], ticks.at(-1)];
  const x = step => LEFT + step * (width - LEFT - RIGHT) / (steps - 1);
  const y = value => TOP + (high - value) * (height - TOP - BOTTOM) / (high - low);
  const title = 'Response to an impulse at step ' + impulseStep;
  const picture = svg('svg', { class: 'plot', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': title + '; the numbers are in the table below' });
  for (const tick of ticks)
    picture.append(
      svg('line', { class: tick === 0 ? 'axis' : 'grid', x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
      svg('text', { class: 'tick', x: LEFT - 8, y: y(tick) + 4, 'text-anchor': 'end' }, format(tick)));
  for (let step = 0; step < steps; step += 8)
    picture.append(svg('text', { class: 'tick', x: x(step), y: height - BOTTOM + 18, 'text-anchor': 'middle' }, String(step)));
  picture.append(
    svg('text', { class: 'tick', x: (LEFT + width - RIGHT) / 2, y: height - 4, 'text-anchor': 'middle' }, 'time step'),
    svg('line', { class: 'impulse', x1: x(impulseStep), x2: x(impulseStep), y1: TOP, y2: height - BOTTOM }),
    svg('text', { class: 'tick', x: x(impulseStep) + 5, y: TOP + 10 }, 'impulse'));

  // The output is drawn last, over the others.
  series.map((line, i) => [line, i]).reverse().forEach(([line, i]) => picture.append(svg('path', {
    class: `line k-${line.kind} n-${i % 5}`, 'stroke-dasharray': DASHES[line.kind],
    d: path(line.values, x, y),
  })));
  return html('figure', {},
    html('figcaption', { class: 'legend' }, ...series.map((line, i) => html('span', {},
      svg('svg', { width: 30, height: 12, 'aria-hidden': 'true' },
        svg('line', { class: `line k-${line.kind} n-${i % 5}`, 'stroke-dasharray': DASHES[line.kind], x1: 1, x2: 29, y1: 6, y2: 6 })), line.name))),
    picture);
}

/** The numbers of a plot as a table. */
export function tabulate({ series }) {
  return html('details', {}, html('summary', {}, 'The numbers'),
    html('div', { class: 'scroller', tabindex: 0, role: 'group', 'aria-label': 'The numbers, scrollable' }, html('table', {},
      html('thead', {}, html('tr', {}, html('th', { scope: 'col' }, 'step'), ...series.map(line => html('th', { scope: 'col' }, line.name)))),
      html('tbody', {}, ...series[0].values.map((_, step) => html('tr', {},
        html('th', { scope: 'row' }, String(step)),
        ...series.map(line => html('td', {}, line.values[step] === null ? 'not finite' : line.values[step].toPrecision(6)))))))));
}

function path(values, x, y) {
  let text = '', isDown = false;
  values.forEach((value, step) => {
    if (value !== null) text += `${isDown ? 'L' : 'M'}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = value !== null;
  });
  return text;
}

/** Round numbers around values, zero among them. */
function scale(values) {
  const low = Math.min(0, ...values), high = Math.max(0, ...values);
  const span = high - low || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map(factor => factor * power).find(size => span / size <= 5);
  const ticks = [];
  for (let i = Math.floor(low / step); i <= Math.ceil((high || 1e-9) / step); i++) ticks.push(i * step);
  return ticks;
}

const format = value => Math.abs(value) >= 1e5 ? value.toExponential(0) : String(+value.toPrecision(6));
