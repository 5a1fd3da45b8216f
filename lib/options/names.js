'use strict';
// Suggestions for misspelled names.

/** The number of letters to insert, delete, change or swap to turn `a` into `b` (optimal string alignment). */
function distance(a, b) {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i]);
  for (let j = 1; j <= b.length; j += 1) rows[0][j] = j;
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      rows[i][j] = Math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}

/**
 * The name that was probably meant, or undefined. `others` maps other libraries' names to ours.
 * @param {string} name
 * @param {string[]} known
 * @param {Record<string, string>} [others]
 */
function nearest(name, known, others = {}) {
  if (Object.hasOwn(others, name)) return others[name];
  const ranked = known
    .map((word) => ({ word, far: distance(name.toLowerCase(), word.toLowerCase()) }))
    .sort((x, y) => x.far - y.far);
  return ranked.length > 0 && ranked[0].far <= Math.max(2, name.length / 4) ? ranked[0].word : undefined;
}

/** ` Did you mean "x"?`, or ''. */
function suggestion(name, known, others) {
  const word = nearest(name, known, others);
  return word === undefined ? '' : ` Did you mean "${word}"?`;
}

module.exports = { nearest, suggestion };
