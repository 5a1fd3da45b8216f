'use strict';
// Memory that the addon sees too (src/node/exchange.h): what is written here costs a store, where an argument costs a call into V8. Written right before a
// call of the addon's, read right behind it.

const native = require('./load');
const { exchange } = require('./constants');

const { MEMBERS_MAX } = exchange;

/** Places in `doubles`: seconds, NaN for the system's clock; `exp` behind `iat`, NaN for none; then the members' numbers. */
const { NOW, LIFETIME, NUMBERS } = exchange;
const doubles = new Float64Array(native.exchange, 0, NUMBERS + MEMBERS_MAX);

/** Places in `integers`: what to sign with; what to verify with, as a set; how often one has begun to write; a payload's shape, -1 for none; then two marks a member. */
const { ALG, ALGORITHMS, TURN, SHAPE, MARKS } = exchange;
const integers = new Int32Array(native.exchange, doubles.byteLength, MARKS + 2 * MEMBERS_MAX);

/** Marks of values that are no strings. */
const { NUMBER, TRUE, FALSE, NULL } = exchange;

const ORIGINAL_NOW = 'function now() { [native code] }';

/** The clock that nobody has put another in place of: then the addon may ask the system itself. undefined where a test's fake was there before us. */
const systemNow = Function.prototype.toString.call(Date.now) === ORIGINAL_NOW ? Date.now : undefined;

/**
 * Begins a call's writing: says what `Date.now` says, as a test's fake clock goes for the addon as well.
 * @returns {boolean} false where that is no time
 */
function tellTime() {
  integers[TURN]++;
  if (Date.now === systemNow) {
    doubles[NOW] = NaN;
    return true;
  }
  const now = Math.floor(Date.now() / 1000);
  doubles[NOW] = now;
  return Number.isSafeInteger(now);
}

module.exports = { ALG, ALGORITHMS, FALSE, LIFETIME, MARKS, MEMBERS_MAX, NOW, NULL, NUMBER, NUMBERS, SHAPE, TRUE, TURN, doubles, integers, tellTime };
