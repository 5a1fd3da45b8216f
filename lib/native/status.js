'use strict';
// The addon's table of statuses, by name and by number.

const native = require('./load');

/** @type {Record<string, number>} */
const STATUS = Object.fromEntries(native.statuses.map((row, number) => [row.name, number]));

const statusCode = (number) => native.statuses[number].code;

/**
 * What a failed call says of itself: the addon's own record for a status that a call has just returned, or the record that came from a pool thread.
 * @param {number | { status: number, field?: string, detail: string, time: number }} failure
 */
function detailsOf(failure) {
  if (typeof failure === 'object') return failure;
  const details = native.lastError();
  return details.status === failure ? details : { status: failure, field: undefined, detail: '', time: 0 };
}

/** The text of a failure. One place in it is the detail's; of two, the first is the field's (include/signet.h). */
function statusText(failure) {
  const { status, field, detail } = detailsOf(failure);
  const { text } = native.statuses[status];
  const places = text.split('%s');
  if (places.length === 3) return places[0] + field + places[1] + detail + places[2];
  return places.join(detail);
}

const statusOf = (failure) => (typeof failure === 'object' ? failure.status : failure);

module.exports = { STATUS, detailsOf, statusCode, statusOf, statusText };
