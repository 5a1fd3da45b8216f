'use strict';
// Time spans as an app writes them: '30s', '15m', '7d', or a number of seconds.

const ms = require('ms');

const LONGEST_TEXT = 100; // the longest text that the ms package reads

/**
 * The span in milliseconds, or null if it cannot be read. A string without a unit is refused: the ms
 * package would read "3600" as 3.6 seconds.
 * @param {unknown} span
 */
function milliseconds(span) {
  if (typeof span === 'number') return Number.isFinite(span) ? span * 1000 : null;
  if (typeof span !== 'string' || span.length === 0 || span.length > LONGEST_TEXT || isUnitless(span)) return null;
  const value = ms(/** @type {import('ms').StringValue} */ (span));
  return Number.isFinite(value) ? value : null;
}

const isUnitless = (span) => typeof span === 'string' && span.trim() !== '' && !Number.isNaN(Number(span));

module.exports = { isUnitless, milliseconds };
