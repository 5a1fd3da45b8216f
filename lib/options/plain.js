'use strict';
// What counts as a plain object, a number, a string and a boolean in jsonwebtoken: boxed primitives too,
// and objects of another realm. And reading own properties only.

const objectText = Object.prototype.toString;
const functionText = Function.prototype.toString;
const OBJECT_TEXT = functionText.call(Object);

const tagIs = (value, tag) => typeof value === 'object' && value !== null && objectText.call(value) === tag;

function isPlainObject(value) {
  if (!tagIs(value, '[object Object]')) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  const maker = Object.hasOwn(prototype, 'constructor') && prototype.constructor;
  return typeof maker === 'function' && maker instanceof maker && functionText.call(maker) === OBJECT_TEXT;
}

/**
 * An own property, or undefined. Nothing inherited counts, whether from a prototype that was set by
 * assigning `__proto__` or from a polluted Object.prototype.
 */
const ownValue = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

const EMPTY = {};

/** `options` with own properties only: the object itself as long as Object.prototype is clean. */
function ownOptions(options) {
  for (const _ in EMPTY) {
    return { __proto__: null, ...options };
  }
  return options;
}

const isNumber = (value) => typeof value === 'number' || tagIs(value, '[object Number]');
const isString = (value) => typeof value === 'string' || (!Array.isArray(value) && tagIs(value, '[object String]'));
const isBoolean = (value) => value === true || value === false || tagIs(value, '[object Boolean]');

module.exports = { EMPTY, isBoolean, isNumber, isPlainObject, isString, ownOptions, ownValue };
