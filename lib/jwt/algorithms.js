'use strict';
// The addon's numbers for algorithms, and sets of algorithms as bits.

const native = require('../native/load');

/** @type {Map<string, number>} name → number, as in include/signet.h */
const ALGORITHMS = new Map(Object.entries(native.algorithms));

/** A bit that no algorithm has: the set that allows nothing. (0 means the key's defaults.) */
const NOTHING = 2 ** 31;

/**
 * The `algorithms` option as a set: an array of names, a string with one exact name, or undefined for the
 * key's defaults.
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

/** The algorithms that are fast enough for the calling thread. */
const HMAC = algorithmSet(['HS256', 'HS384', 'HS512']);

module.exports = { ALGORITHMS, HMAC, NOTHING, algorithmSet, bitOf };
