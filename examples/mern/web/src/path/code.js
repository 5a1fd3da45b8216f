// The app's own lines, out of its file, and their colours.

import source from '../../../server/app.js?raw';

const lines = source.split('\n');

/**
 * The lines of server/app.js from the first one that contains `from` to the next one that is or contains `to`, without
 * their indentation.
 * @param {{ from: string, to: string }} place
 * @returns {{ first: number, lines: string[] }} first: the number of its first line
 */
export function excerpt({ from, to }) {
  const begin = lines.findIndex((line) => line.includes(from));
  const length = lines
    .slice(begin)
    .findIndex((line, i) => (to.trim() === '});' ? i > 0 && line === to : line.includes(to)));
  if (begin === -1 || length === -1) throw new Error(`server/app.js has no ${from} … ${to}`);
  const found = lines.slice(begin, begin + length + 1);
  const indent = Math.min(...found.filter(Boolean).map((line) => line.search(/\S/)));
  return { first: begin + 1, lines: found.map((line) => line.slice(indent)) };
}

const TOKENS =
  /(\/\/.*)|('[^']*'|`[^`]*`)|\b(const|async|await|return|if|throw|new|try|catch|null)\b|([^'`/\w]+|\w+|.)/g;
const KINDS = ['', 'comment', 'text', 'word'];

/** @returns {{ kind: string, text: string }[]} the pieces of one line */
export const colour = (line) =>
  [...line.matchAll(TOKENS)].map((match) => ({
    kind: KINDS[match.findIndex((part, i) => i > 0 && part)] ?? '',
    text: match[0],
  }));
