'use strict';
// The fast paths of the most frequent calls. They are fast for two reasons:
// - Memory shared with the addon (src/node/fast.h): a value written there costs one store, an argument
//   costs a call into V8. Only this file writes it, right before a call, and reads it right after.
// - Shapes. A shape is the ordered list of a flat payload's member names. Each side keeps the last KNOWN
//   shapes that it signed and that it read, each under a number that is never reused. A payload of a known
//   shape is passed as its values only, without JSON.stringify or JSON.parse.

const native = require('./load');
const { exchange } = require('./constants');
const { isSystemClock } = require('./system-clock');

const { MEMBERS_MAX, SHAPES_KNOWN: KNOWN } = exchange;

/** Indexes in `doubles`: now in seconds (NaN: system clock); lifetime from `iat` (NaN: no `exp`); members' numbers. */
const { NOW, LIFETIME, NUMBERS } = exchange;
const doubles = new Float64Array(native.exchange, 0, NUMBERS + MEMBERS_MAX);

/**
 * Indexes in `integers`: the algorithm to sign with; the set of algorithms to verify with; the number of
 * calls begun; the payload's shape (-1: none); two marks per member.
 */
const { ALG, ALGORITHMS, TURN, SHAPE, MARKS } = exchange;
const integers = new Int32Array(native.exchange, doubles.byteLength, MARKS + 2 * MEMBERS_MAX);

/** Marks of values that are not strings. */
const { NUMBER, TRUE, FALSE, NULL } = exchange;

/**
 * Begins a call: writes the time of `Date.now`, so that a test's fake clock also applies to the addon.
 * @returns {boolean} false if that is not a valid time
 */
function tellTime() {
  integers[TURN]++;
  if (isSystemClock()) {
    doubles[NOW] = NaN;
    return true;
  }
  const now = Math.floor(Date.now() / 1000);
  doubles[NOW] = now;
  return Number.isSafeInteger(now);
}

/** @typedef {{ number: number, names: string[] }} Shape */

// ------------------------------------------------------------------ payloads to be signed

const PLAIN_NAME = /^[ !#-[\]-~]*$/;
const MISFIT = -1;

/** @type {Shape[]} the latest learned first */
const signed = [];

/** @type {Shape} */
let latest = { number: -1, names: [] };

/** Names seen once: a payload that never comes again is not worth learning. @type {string[]} */
let candidate = [];

const sameNames = (a, b) => a.length === b.length && a.every((name, i) => name === b[i]);

/**
 * The shape of a payload that `latest` does not fit; undefined if it has none (yet).
 * @returns {Shape | undefined}
 */
function shapeOf(payload) {
  const names = Object.keys(payload);
  const known = signed.find((shape) => sameNames(shape.names, names));
  if (known !== undefined) return known;
  if (names.length === 0 || names.length > MEMBERS_MAX || !sameNames(candidate, names)) {
    candidate = names;
    return undefined;
  }
  candidate = [];
  if (!names.every((name) => PLAIN_NAME.test(name))) return undefined;
  const number = native.learnShape(names.map((name) => `${name}\n`).join(''));
  if (number < 0) return undefined;
  signed.unshift({ number, names });
  if (signed.length > KNOWN) signed.pop();
  return signed[0];
}

/**
 * Writes a payload's values.
 * @returns {string | number | undefined} its strings, concatenated; MISFIT if it has other names; undefined
 *   if a value needs JSON
 */
function writeValues(payload, names) {
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
 * Writes a plain object without time claims, after what tellRequest has written.
 * @param {object} payload
 * @returns {string | undefined} its strings, concatenated; undefined if it must be signed from its JSON,
 *   which calls getters again
 */
function writePayload(payload) {
  const turn = integers[TURN];
  let strings = writeValues(payload, latest.names);
  if (strings === MISFIT) {
    const shape = shapeOf(payload);
    if (shape === undefined) return undefined;
    latest = shape;
    strings = writeValues(payload, shape.names);
  }
  // A getter may have signed something itself, and overwritten everything.
  if (typeof strings !== 'string' || turn !== integers[TURN] || latest.number < 0) return undefined;
  integers[SHAPE] = latest.number;
  return strings;
}

/** @returns {boolean} false if the clock gives no time */
function tellRequest(alg, lifetime) {
  const isTime = tellTime();
  integers[ALG] = alg;
  doubles[LIFETIME] = lifetime;
  return isTime;
}

const hasTimes = (payload) => 'iat' in payload || 'exp' in payload || 'nbf' in payload;

/**
 * Signs a plain object without its own time claims, from its values or from its JSON. C adds iat and exp.
 * @param {object} handle
 * @param {any} payload
 * @param {number} alg
 * @param {number} lifetime whole seconds; NaN: no exp
 * @returns {string | undefined} the token; undefined for any other payload, and for errors: the general way finds
 *   them again
 */
function sign(handle, payload, alg, lifetime) {
  // Read a property first: V8 then knows the object's map and inlines what would be a runtime call.
  if (payload.toJSON !== undefined || Object.getPrototypeOf(payload) !== Object.prototype) return undefined;
  if (hasTimes(payload) || !tellRequest(alg, lifetime)) return undefined;
  const strings = writePayload(payload);
  let token = strings === undefined ? undefined : native.signMembers(handle, strings);
  if (typeof token === 'string') return token;
  if (hasTimes(payload)) return undefined; // once more: a getter may have added one
  const text = JSON.stringify(payload);
  if (!tellRequest(alg, lifetime)) return undefined; // once more: a toJSON may have signed something itself
  token = native.sign(handle, text);
  return typeof token === 'string' ? token : undefined;
}

// ------------------------------------------------------------------ payloads that were read

/** @type {(Shape & { template: object })[]} by number modulo KNOWN */
const read = Array.from({ length: KNOWN }, () => ({ number: -1, names: [], template: {} }));

/** The first payload of a shape is read as JSON, for its names. */
function learn(number, text) {
  const object = JSON.parse(text);
  const names = Object.keys(object);
  read[number % KNOWN] = { number, names, template: Object.fromEntries(names.map((name) => [name, undefined])) };
  return object;
}

function valueAt(i, text) {
  const from = integers[MARKS + 2 * i];
  if (from >= 0) return text.slice(from, integers[MARKS + 1 + 2 * i]);
  if (from === NUMBER) return doubles[NUMBERS + i];
  return from === TRUE ? true : from === FALSE ? false : null;
}

/**
 * The value of the JSON text that the addon has just returned. The object equals that of JSON.parse: plain,
 * with the same members in the same order.
 * @param {string} text
 * @returns {any}
 */
function payloadOf(text) {
  const number = integers[SHAPE];
  if (number < 0) return JSON.parse(text);
  const shape = read[number % KNOWN];
  if (shape.number !== number) return learn(number, text);
  const { names } = shape;
  // A copy of the template has every member as its own: setters on Object.prototype are never called.
  const object = { ...shape.template };
  const n = names.length;
  // One statement for each of the first members: if an app's tokens have one shape, V8 knows the name in
  // each statement and stores without a lookup.
  if (n > 0) object[names[0]] = valueAt(0, text);
  if (n > 1) object[names[1]] = valueAt(1, text);
  if (n > 2) object[names[2]] = valueAt(2, text);
  if (n > 3) object[names[3]] = valueAt(3, text);
  if (n > 4) object[names[4]] = valueAt(4, text);
  if (n > 5) object[names[5]] = valueAt(5, text);
  if (n > 6) object[names[6]] = valueAt(6, text);
  if (n > 7) object[names[7]] = valueAt(7, text);
  for (let i = 8; i < n; i++) object[names[i]] = valueAt(i, text);
  return object;
}

/**
 * Verifies a token by a key and, at most, a set of algorithms.
 * @param {object} handle
 * @param {string} token
 * @param {number} algorithms 0: the key's own
 * @returns {any} the payload; undefined if it is refused, or no object
 */
function verify(handle, token, algorithms) {
  if (!tellTime()) return undefined;
  integers[ALGORITHMS] = algorithms;
  const text = native.verify(handle, token);
  return typeof text === 'string' ? payloadOf(text) : undefined;
}

/**
 * Verifies an access token of an auth.
 * @param {object} handle the auth's
 * @param {unknown} token
 * @param {(() => number) | undefined} now a clock other than Date.now, in milliseconds
 * @returns {any} the payload, or the status of a refusal
 */
function verifyAccess(handle, token, now) {
  tellTime(); // with `now` too: it marks the beginning of the call
  if (now !== undefined) doubles[NOW] = now() / 1000;
  const text = native.verifyAccess(handle, token);
  return typeof text === 'string' ? payloadOf(text) : text;
}

/**
 * @param {string} token
 * @returns {any} the payload; undefined if it cannot be read, or is no object
 */
function decode(token) {
  const text = native.decode(token);
  return typeof text === 'string' ? payloadOf(text) : undefined;
}

module.exports = { decode, sign, verify, verifyAccess };
