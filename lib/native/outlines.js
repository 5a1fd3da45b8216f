'use strict';
// Flat payloads, signed without JSON.stringify: C has the names of those that come again (src/node/outlines.h), and is given the values. What it has no outline
// for, or what is not flat, is signed from its JSON.

const native = require('./load');
const { FALSE, MARKS, MEMBERS_MAX, NULL, NUMBER, NUMBERS, SHAPE, TRUE, TURN, doubles, integers } = require('./exchange');

const KNOWN = 16;
const PLAIN_NAME = /^[ !#-[\]-~]*$/;

/** @typedef {{ number: number, names: string[] }} Outline */

/** @type {Outline[]} The addon remembers the last KNOWN too. */
const outlines = [];

/** @type {Outline} */
let latest = { number: -1, names: [] };

/** Names seen once: a payload that never comes again is not worth learning. @type {string[]} */
let candidate = [];

const sameNames = (a, b) => a.length === b.length && a.every((name, i) => name === b[i]);

/**
 * The outline of a payload that `latest` does not fit; undefined where it has none (yet).
 * @returns {Outline | undefined}
 */
function outlineOf(payload) {
  const names = Object.keys(payload);
  const known = outlines.find((outline) => sameNames(outline.names, names));
  if (known !== undefined) return known;
  if (names.length === 0 || names.length > MEMBERS_MAX || !sameNames(candidate, names)) {
    candidate = names;
    return undefined;
  }
  candidate = [];
  if (!names.every((name) => PLAIN_NAME.test(name))) return undefined;
  const number = native.learnOutline(names.map((name) => `${name}\n`).join(''));
  if (number < 0) return undefined;
  outlines.unshift({ number, names });
  if (outlines.length > KNOWN) outlines.pop();
  return outlines[0];
}

const MISFIT = -1;

/**
 * Writes a payload's values into the exchange.
 * @returns {string | number | undefined} its strings, one behind the other; MISFIT: it has other names; undefined: it has a value that only JSON can write
 */
function fill(payload, names) {
  let strings = '';
  let i = 0;
  for (const name in payload) {
    if (name !== names[i]) return MISFIT;
    const value = payload[name];
    const mark = MARKS + 2 * i;
    if (typeof value === 'string') {
      integers[mark] = value.length;
      strings += value;
    } else if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) return undefined;
      integers[mark] = NUMBER;
      doubles[NUMBERS + i] = value;
    } else if (value === true) integers[mark] = TRUE;
    else if (value === false) integers[mark] = FALSE;
    else if (value === null) integers[mark] = NULL;
    else return undefined;
    i++;
  }
  return i === names.length ? strings : MISFIT;
}

/**
 * Puts a plain object without time claims into the exchange, behind what tellTime has begun.
 * @param {object} payload
 * @returns {string | undefined} its strings, which complete what lies in the exchange; undefined where it must be signed from its JSON: a getter
 *   that was asked is then asked again
 */
function membersOf(payload) {
  const turn = integers[TURN];
  let strings = fill(payload, latest.names);
  if (strings === MISFIT) {
    const outline = outlineOf(payload);
    if (outline === undefined) return undefined;
    latest = outline;
    strings = fill(payload, outline.names);
  }
  // A getter may have signed something itself, and overwritten all.
  if (typeof strings !== 'string' || turn !== integers[TURN] || latest.number < 0) return undefined;
  integers[SHAPE] = latest.number;
  return strings;
}

module.exports = { membersOf };
