// Colours for C# and PTX: a scanner of tokens, one regular expression a language.

import { html } from './elements.js';

const KEYWORDS = new Set((
  'abstract as base bool break byte case catch char class const continue default delegate do double else enum event explicit extern '
  + 'false file finally fixed float for foreach global if implicit in int interface internal is lock long namespace new null object '
  + 'operator out override params partial private protected public readonly record ref return sbyte sealed short sizeof stackalloc '
  + 'static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using var virtual void volatile while where nameof'
).split(' '));

const CSHARP = /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|^[ \t]*#[^\n]*)|(?<string>\$?@?"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)|(?<number>\b\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?[fFdDmMuUlL]*\b|\b0[xX][\da-fA-F_]+)|(?<word>@?[A-Za-z_]\w*)/gm;
const PTX = /(?<comment>\/\/[^\n]*)|(?<register>%[\w.$]+)|(?<number>\b0[fdFDxX][\da-fA-F]+|\b\d+\b)|(?<directive>(?<![\w%])\.[a-z]\w*)|(?<label>^\s*[\w$]+:)|(?<word>@?[A-Za-z_$][\w$.]*)/gm;

/** Pieces of text with the class of each: '' for what has no colour. */
export function* tokens(text, language = 'csharp') {
  let at = 0;
  for (const match of text.matchAll(language === 'ptx' ? PTX : CSHARP)) {
    if (match.index > at) yield ['', text.slice(at, match.index)];
    const [kind, token] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    at = match.index + match[0].length;
    yield [kind === 'word' ? kindOfWord(token, text, at, match.index, language) : kind, token];
  }
  if (at < text.length) yield ['', text.slice(at)];
}

function kindOfWord(word, text, end, start, language) {
  if (language === 'ptx') return word.startsWith('@') ? 'register' : /^[a-z]/.test(word) && word.includes('.') ? 'keyword' : '';
  if (KEYWORDS.has(word)) return 'keyword';
  if (text[start - 1] === '[' && /[A-Z]/.test(word[0])) return 'attribute';
  if (text[end] === '(') return 'call';
  return /^[A-Z]/.test(word) ? 'type' : '';
}

/** Text as coloured elements. */
export function highlight(text, language) {
  return Array.from(tokens(text, language), ([kind, token]) => kind ? html('span', { class: 't-' + kind }, token) : token);
}
