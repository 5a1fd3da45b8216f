'use strict';
// The addon's table of statuses, by name and by number, and every SignetError that is made from it.

const { SignetError } = require('./errors');
const native = require('./load');

/** @type {Record<string, number>} */
const STATUS = Object.freeze(Object.fromEntries(native.statuses.map((row, number) => [row.name, number])));

/** The text of each code: that of the table's first row with the code. @type {Record<string, string>} */
const TEXTS = { __proto__: null };
for (const { code, text } of native.statuses) TEXTS[code] ??= text;

const statusCode = (number) => native.statuses[number].code;

/**
 * The details of a failed call: the addon's own record if `result` is the status that the last call
 * returned, or the record that came from a pool thread.
 * @param {number | { status: number, field?: string, detail: string, time: number }} result
 */
function detailsOf(result) {
  if (typeof result === 'object') return result;
  const details = native.lastError();
  return details.status === result ? details : { status: result, field: undefined, detail: '', time: 0 };
}

/** jsonwebtoken's text of a failure. One %s is the detail; of two, the first is the field (include/signet.h). */
function statusText(result) {
  const { status, field, detail } = detailsOf(result);
  const { text } = native.statuses[status];
  const places = text.split('%s');
  if (places.length === 3) return places[0] + field + places[1] + detail + places[2];
  return places.join(detail);
}

const statusOf = (result) => (typeof result === 'object' ? result.status : result);

/**
 * The error of a code; `message` if there is more to say than the table's text.
 * @param {keyof import('./errors').CODES} code
 * @param {string} [message]
 */
function failure(code, message = TEXTS[code]) {
  return new SignetError(code, message);
}

// The detail of these says more than the table's general text.
const DETAIL_IS_TEXT = new Set(['ERR_OPTION', 'ERR_SECRET', 'ERR_PLATFORM']);

function messageOf(row, { field, detail }) {
  if (DETAIL_IS_TEXT.has(row.code) && detail) {
    return field && !detail.startsWith(field) ? `${field}: ${detail}` : detail;
  }
  if (row.text.includes('%s')) return row.text.replaceAll('%s', detail || '?');
  return detail ? `${row.text} (${detail})` : row.text;
}

/**
 * The error of a status that the addon returned.
 * @param {number} number
 * @param {{ field?: string, detail?: string, driverCode?: number, retryAfter?: number }} [details]
 */
function statusFailure(number, details = {}) {
  const row = native.statuses[number];
  const error = failure(row.code, messageOf(row, details));
  if (details.driverCode) error.driverCode = details.driverCode;
  if (details.retryAfter) error.retryAfter = details.retryAfter;
  return error;
}

/** The error of the status that the last call on this thread returned. */
const lastFailure = (number) => statusFailure(number, native.lastError());

module.exports = { STATUS, TEXTS, detailsOf, failure, lastFailure, statusCode, statusFailure, statusOf, statusText };
