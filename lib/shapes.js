'use strict';
// Objects from flat payloads, without JSON.parse: C has read the payload anyway, and says where each value lies (src/node/shapes.h). What it has no shape for
// is read as JSON. The objects are those that JSON.parse makes: plain, with the same members in the same order.

const native = require('./native');

const MEMBERS_MAX = 16;
const KNOWN = 16;

/** As in src/node/shapes.h: -1 - signet_member_kind. */
const NUMBER = -2, TRUE = -3, FALSE = -4;

const numbers = new Float64Array(native.shapes, 0, MEMBERS_MAX);
const marks = new Int32Array(native.shapes, MEMBERS_MAX * Float64Array.BYTES_PER_ELEMENT, 1 + 2 * MEMBERS_MAX);

/** @type {{ number: number, names: string[], template: object }[]} by number modulo KNOWN; C uses no number twice */
const shapes = Array.from({ length: KNOWN }, () => ({ number: -1, names: [], template: {} }));

/** The first payload of a shape is read as JSON, for its names. */
function learn(number, text) {
  const object = JSON.parse(text);
  const names = Object.keys(object);
  shapes[number % KNOWN] = { number, names, template: Object.fromEntries(names.map((name) => [name, undefined])) };
  return object;
}

function valueAt(i, text) {
  const from = marks[1 + 2 * i];
  if (from >= 0) return text.slice(from, marks[2 + 2 * i]);
  if (from === NUMBER) return numbers[i];
  return from === TRUE ? true : from === FALSE ? false : null;
}

/**
 * The value of the JSON text that the addon's last verify or decode on this thread returned: to be called at once.
 * @param {string} text
 * @returns {any}
 */
function payloadOf(text) {
  const number = marks[0];
  if (number < 0) return JSON.parse(text);
  const shape = shapes[number % KNOWN];
  if (shape.number !== number) return learn(number, text);
  const { names } = shape;
  // A copy of the template has every member of its own, so that nothing on Object.prototype, a setter say, has a part in what follows.
  const object = { ...shape.template };
  for (let i = 0; i < names.length; i++) object[names[i]] = valueAt(i, text);
  return object;
}

module.exports = { payloadOf };
