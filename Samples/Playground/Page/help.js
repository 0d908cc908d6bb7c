// What a diagnostic's help page says to do.

import { html } from './elements.js';
import { highlight } from './highlight.js';

const SECTION = /^## What to do\n([\s\S]*?)(?=^## |(?![\s\S]))/m;

/** A part to open, whose text is asked for when it is. */
export function helpFor(id) {
  const place = html('div');
  const part = html('details', { class: 'help' }, html('summary', {}, 'What to do', html('span', { class: 'unseen' }, ' about ' + id)), place);
  part.addEventListener('toggle', async () => {
    if (!part.open || place.firstChild) return;
    const page = await fetch(`help/${id}.md`).then(response => response.ok ? response.text() : '', () => '');
    place.replaceChildren(...render(SECTION.exec(page)?.[1] ?? 'The help page cannot be read.'));
  });
  return part;
}

/** The Markdown of help pages: paragraphs, blocks of code, and code within a line. */
function* render(text) {
  for (const [i, part] of text.split(/^```.*\n([\s\S]*?)^```$/m).entries()) {
    if (i % 2) yield html('pre', { class: 'scroller', tabindex: 0, role: 'group', 'aria-label': 'Example, scrollable' }, ...highlight(part.trimEnd()));
    else for (const paragraph of part.split(/\n\n+/).filter(p => p.trim()))
      yield html('p', {}, ...paragraph.split('`').map((piece, j) => j % 2 ? html('code', {}, piece) : piece));
  }
}
