'use strict';
// The addon's table of statuses, by name and by number.

const native = require('./native');

/** @type {Record<string, number>} */
const STATUS = Object.fromEntries(native.statuses.map((row, number) => [row.name, number]));

const statusCode = (number) => native.statuses[number].code;

/** The text of a status that a call has just returned, with what it says of this case. */
function statusText(number) {
  const { text } = native.statuses[number];
  if (!text.includes('%s')) return text;
  const { status, detail } = native.lastError();
  return fill(text, status === number ? detail : '');
}

// A text with two places takes them from one detail: `rsa-pss|PS256, PS384`.
function fill(text, detail) {
  const [first, ...rest] = detail.split('|');
  return text.replace('%s', () => first).replace('%s', () => rest.join('|'));
}

module.exports = { STATUS, statusCode, statusText };
