'use strict';
// From a status of the C library to the error that an app catches.

const { SignetError } = require('../native/errors');
const native = require('../native/load');

/** Status numbers by name: `status.ERR_OPTION`. */
const status = Object.freeze(Object.fromEntries(native.statuses.map((row, number) => [row.name, number])));

// These say more by what was found than by the table's general sentence.
const SAID_BY_DETAIL = new Set(['ERR_OPTION', 'ERR_SECRET', 'ERR_PLATFORM']);

function messageOf(row, { field, detail }) {
  if (SAID_BY_DETAIL.has(row.code) && detail) return field && !detail.startsWith(field) ? `${field}: ${detail}` : detail;
  if (row.text.includes('%s')) return row.text.replaceAll('%s', detail || '?');
  return detail ? `${row.text} (${detail})` : row.text;
}

/**
 * @param {number} number a status
 * @param {{ field?: string, detail?: string, driverCode?: number, cause?: unknown }} [more]
 */
function failure(number, more = {}) {
  const row = native.statuses[number];
  const error = new SignetError(row.code, messageOf(row, more), more.cause === undefined ? undefined : { cause: more.cause });
  if (more.driverCode) error.driverCode = more.driverCode;
  return error;
}

/** The error of the last call on this thread that answered with a status. */
function lastFailure(number) {
  return failure(number, native.lastError());
}

/** An option that cannot be used: says which, what it is and what to write. */
function badOption(message) {
  return new SignetError('ERR_OPTION', message);
}

module.exports = { badOption, failure, lastFailure, status };
