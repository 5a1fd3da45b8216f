'use strict';
// Objects from flat payloads, without JSON.parse: C has read the payload anyway, and says where each value lies (src/node/exchange.h). What it has no shape for
// is read as JSON. The objects are those that JSON.parse makes: plain, with the same members in the same order.

const { FALSE, MARKS, NUMBER, NUMBERS, SHAPE, TRUE, doubles, integers } = require('./exchange');

const KNOWN = 16;

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
  const from = integers[MARKS + 2 * i];
  if (from >= 0) return text.slice(from, integers[MARKS + 1 + 2 * i]);
  if (from === NUMBER) return doubles[NUMBERS + i];
  return from === TRUE ? true : from === FALSE ? false : null;
}

/**
 * The value of the JSON text that the addon's last verify or decode on this thread returned: to be called at once.
 * @param {string} text
 * @returns {any}
 */
function payloadOf(text) {
  const number = integers[SHAPE];
  if (number < 0) return JSON.parse(text);
  const shape = shapes[number % KNOWN];
  if (shape.number !== number) return learn(number, text);
  const { names } = shape;
  // A copy of the template has every member of its own, so that nothing on Object.prototype, a setter say, has a part in what follows.
  const object = { ...shape.template };
  const n = names.length;
  // One place in the code for each of the first members: where an app has one shape of token, V8 then knows the name at each of them, and stores without
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

module.exports = { payloadOf };
