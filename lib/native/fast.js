'use strict';
// The calls that an app makes most, as short as they can be. Two things make them so:
// - Memory that the addon sees too (src/node/fast.h): what is written here costs a store, where an argument costs a call into V8. It is written right
//   before a call and read right after it, by this file alone.
// - Shapes. A shape is the names of a flat payload's members, in order. Each side knows the last KNOWN of those that it signed and of those that it read,
//   under a number that is never used twice. So a payload of a known shape crosses the border as its values, without JSON.stringify or JSON.parse.

const native = require('./load');
const { exchange } = require('./constants');

const { MEMBERS_MAX, SHAPES_KNOWN: KNOWN } = exchange;

/** Places in `doubles`: seconds, NaN for the system's clock; `exp` as of `iat`, NaN for none; then the members' numbers. */
const { NOW, LIFETIME, NUMBERS } = exchange;
const doubles = new Float64Array(native.exchange, 0, NUMBERS + MEMBERS_MAX);

/** Places in `integers`: what to sign with; what to verify with, as a set; how often writing has begun; the payload's shape, -1 for none; two marks per member. */
const { ALG, ALGORITHMS, TURN, SHAPE, MARKS } = exchange;
const integers = new Int32Array(native.exchange, doubles.byteLength, MARKS + 2 * MEMBERS_MAX);

/** Marks of values that are not strings. */
const { NUMBER, TRUE, FALSE, NULL } = exchange;

const ORIGINAL_NOW = 'function now() { [native code] }';

/** The clock, if nothing has replaced it: then the addon may ask the system itself. undefined if a test's fake was there first. */
const systemNow = Function.prototype.toString.call(Date.now) === ORIGINAL_NOW ? Date.now : undefined;

/**
 * Begins a call's writing with the time that `Date.now` gives, since a test's fake clock counts for the addon as well.
 * @returns {boolean} false if that is no time
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
 * @returns {string | number | undefined} its strings, one after the other; MISFIT: it has other names; undefined: it has a value that only JSON can write
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
 * @returns {string | undefined} its strings, which complete what has been written; undefined if it must be signed from its JSON, which asks a getter again
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
 * Signs a plain object that has no time claims of its own, from its values or from what JSON.stringify makes of it. C adds iat and exp.
 * @param {object} handle
 * @param {any} payload
 * @param {number} alg
 * @param {number} lifetime whole seconds; NaN: no exp
 * @returns {string | undefined} the token; undefined for any other payload, and for errors: the general way finds them again
 */
function sign(handle, payload, alg, lifetime) {
  // A property is read first: after that V8 knows the object's map, and folds what would be a call into its runtime.
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
 * The value of the JSON text that the addon has just returned. The object is the one that JSON.parse makes: plain, with the same members in the same order.
 * @param {string} text
 * @returns {any}
 */
function payloadOf(text) {
  const number = integers[SHAPE];
  if (number < 0) return JSON.parse(text);
  const shape = read[number % KNOWN];
  if (shape.number !== number) return learn(number, text);
  const { names } = shape;
  // A copy of the template has every member of its own, so that nothing on Object.prototype, such as a setter, takes part in what follows.
  const object = { ...shape.template };
  const n = names.length;
  // One place in the code for each of the first members: if an app has one shape of token, V8 then knows the name at each of them, and stores without
  // looking it up.
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
  tellTime(); // whatever the clock: it marks that writing has begun
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
