'use strict';
// The addon's numbers of algorithms, and sets of them as bits.

const native = require('../native/load');

/** @type {Map<string, number>} name → number, as in include/signet.h */
const ALGORITHMS = new Map(Object.entries(native.algorithms));

/** A bit that no algorithm has: a set that is given and allows nothing. (0 stands for "the key's defaults".) */
const NOTHING = 2 ** 31;

/**
 * The `algorithms` option as a set. An array of names; a string only as one exact name; nothing at all for the key's defaults.
 * @returns {number}
 */
function algorithmSet(algorithms) {
  if (algorithms === undefined) return 0;
  if (typeof algorithms === 'string') return bitOf(algorithms) || NOTHING;
  if (!Array.isArray(algorithms)) return NOTHING;
  let set = 0;
  for (let i = 0; i < algorithms.length; i++) set |= bitOf(algorithms[i]);
  return set >>> 0 || NOTHING;
}

function bitOf(name) {
  const alg = ALGORITHMS.get(name);
  return alg === undefined ? 0 : 1 << alg;
}

/** Those that need no thread of their own. */
const HMAC = algorithmSet(['HS256', 'HS384', 'HS512']);

module.exports = { ALGORITHMS, HMAC, NOTHING, algorithmSet, bitOf };
