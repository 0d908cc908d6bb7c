// A graph as the server has placed it. Roles have shapes and words beside colours.

import { html, svg } from './elements.js';

const LEGEND = {
  state: 'state', projection: 'projection', input: 'input', weight: 'weight', shared: 'shared projection',
  'from later steps': 'gradient from later steps', 'from the loss': 'gradient from the loss', operation: 'operation', condition: 'condition',
  'next state': 'next state', output: 'output', gradient: 'gradient', 'to earlier steps': 'gradient to earlier steps',
};

const SMALLEST = 0.75;

export function drawGraph(drawing, title) {
  const { width, height, nodes, edges } = drawing;
  const picture = svg('svg', { class: 'graph', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': title });
  // On a narrow screen a graph shrinks as far as it can be read; past that it scrolls.
  picture.style.minWidth = Math.round(width * SMALLEST) + 'px';
  const lines = edges.map(edge => svg('path', { class: 'edge', d: edge.path }));
  const boxes = nodes.map(drawNode);
  boxes.forEach((box, i) => {
    const near = lines.filter((_, e) => edges[e].from === i || edges[e].to === i);
    box.addEventListener('pointerenter', () => near.forEach(line => line.classList.add('near')));
    box.addEventListener('pointerleave', () => near.forEach(line => line.classList.remove('near')));
  });
  picture.append(...lines, ...boxes);
  return html('figure', {},
    legend(new Set(nodes.map(node => node.role))),
    html('div', { class: 'scroller', tabindex: 0, role: 'group', 'aria-label': title + ', scrollable' }, picture));
}

function drawNode({ x, y, width, height, title, detail, role }) {
  const middle = x + width / 2;
  const both = detail !== '';
  return svg('g', { class: 'node r-' + role.replaceAll(' ', '-') },
    shape(role, x, y, width, height),
    svg('text', { class: 'title', x: middle, y: y + (both ? 18 : height / 2 + 5) }, title),
    both ? svg('text', { class: 'detail', x: middle, y: y + 33 }, detail) : null);
}

function shape(role, x, y, w, h) {
  const points = (...list) => svg('polygon', { points: list.map(([a, b]) => `${a},${b}`).join(' ') });
  switch (role) {
    case 'state':
    case 'next state': return svg('rect', { x, y, width: w, height: h, rx: h / 2 });
    case 'weight': return points([x + 10, y], [x + w - 10, y], [x + w, y + h / 2], [x + w - 10, y + h], [x + 10, y + h], [x, y + h / 2]);
    case 'projection':
    case 'shared': return points([x, y], [x + w, y], [x + w - 9, y + h], [x + 9, y + h]);
    case 'input': return points([x + 10, y], [x + w, y], [x + w - 10, y + h], [x, y + h]);
    case 'from later steps':
    case 'from the loss': return points([x, y], [x + w, y], [x + w, y + h - 9], [x + w / 2, y + h], [x, y + h - 9]);
    case 'condition': return points([x + 8, y], [x + w - 8, y], [x + w, y + h / 2], [x + w - 8, y + h], [x + 8, y + h], [x, y + h / 2]);
    case 'output':
    case 'gradient': return svg('rect', { x, y, width: w, height: h, rx: 2 });
    case 'to earlier steps': return svg('rect', { x, y, width: w, height: h, rx: h / 2 });
    default: return svg('rect', { x, y, width: w, height: h, rx: 9 });
  }
}

function legend(roles) {
  return html('figcaption', { class: 'legend' }, ...Object.entries(LEGEND).filter(([role]) => roles.has(role)).map(([role, word]) =>
    html('span', {}, svg('svg', { width: 26, height: 16, 'aria-hidden': 'true' }, svg('g', { class: 'node r-' + role.replaceAll(' ', '-') }, shape(role, 1, 1, 24, 14))), word)));
}
