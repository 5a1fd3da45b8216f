'use strict';
// Time spans as jsonwebtoken reads them: a number is seconds, a string goes through the grammar of the
// `ms` package.

const ms = require('ms');

const CACHE_LIMIT = 256;

/** @type {Map<string, number | undefined>} */
const parsed = new Map();

/**
 * The seconds, possibly with a fraction, of a span's text; undefined if it cannot be read. A bare "120"
 * is 120 ms.
 */
function secondsOf(text) {
  if (parsed.has(text)) return parsed.get(text);
  const span = text.length > 0 && text.length <= 100 ? ms(text) : undefined;
  const seconds = span === undefined ? undefined : span / 1000;
  if (parsed.size >= CACHE_LIMIT) parsed.clear();
  parsed.set(text, seconds);
  return seconds;
}

/**
 * The moment `span` after `from`, in seconds; undefined if the span cannot be read.
 * @param {unknown} span
 * @param {number} from
 * @returns {number | undefined}
 */
function momentAfter(span, from) {
  if (typeof span === 'number') return from + span;
  if (typeof span !== 'string') return undefined;
  const seconds = secondsOf(span);
  return seconds === undefined ? undefined : Math.floor(from + seconds);
}

module.exports = { momentAfter, secondsOf };
