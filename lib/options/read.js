'use strict';
// Reads a function's options by its table.

const { badOption } = require('../native/errors');
const { suggestion } = require('./names');
const { isPlainObject, ownValue } = require('./plain');

/** A value as an error's text shows it. */
function shown(value) {
  if (typeof value === 'string') return `"${value}"`;
  return typeof value === 'number' ? String(value) : value === null ? 'null' : typeof value;
}

/** Whether an object's members are all its own: a plain object, or a module's namespace. */
const isPlain = (given) => Object.getPrototypeOf(given) === null || isPlainObject(given);

/**
 * Refuses names that are not in the table, reads what is given, fills in defaults. An undefined
 * value counts as not given.
 * @param {{ name: string, read: Function, default?: unknown }[]} table
 * @param {object | undefined} given
 * @param {string} of the function whose options these are
 * @param {Record<string, string>} [elsewhere] other libraries' names for these options
 */
function readOptions(table, given, of, elsewhere) {
  if (given === undefined) return defaultsOf(table);
  if (typeof given !== 'object' || given === null) {
    throw badOption(`${of} takes an object of options; got ${shown(given)}`);
  }
  if (!isPlain(given)) {
    throw badOption(`${of} takes a plain object of options, not a class instance: options are read as own properties`);
  }
  const names = table.map((row) => row.name);
  for (const name of Object.keys(given)) {
    if (!names.includes(name)) throw badOption(`${of} has no option "${name}".${suggestion(name, names, elsewhere)}`);
  }
  return valuesOf(table, given);
}

/** The values of each table if no options are given, which is the most frequent case. */
const defaults = new Map();

function defaultsOf(table) {
  if (!defaults.has(table)) defaults.set(table, Object.freeze(valuesOf(table, {})));
  return defaults.get(table);
}

/** Every name of the table becomes a member, so that no member of Object.prototype is taken for an option. */
function valuesOf(table, given) {
  const values = {};
  for (const row of table) {
    let value = ownValue(given, row.name);
    if (value === undefined) value = typeof row.default === 'function' ? row.default() : row.default;
    values[row.name] = value === undefined ? undefined : row.read(value, row);
  }
  return values;
}

module.exports = { readOptions, shown };
