'use strict';
// The port of this load of lib: how answers come back from Signet's own threads (src/node/port.h).
// Each call in flight has a number; the addon hands over one array a batch, [number, value, number, value, …].

const native = require('./native');

/** @type {Map<number, (value: unknown) => void>} */
const inFlight = new Map();
let last = 0;

/** Settles a whole batch. A settler belongs to lib and runs no code of the user: it resolves a promise, or uses process.nextTick. */
function deliver(batch) {
  for (let i = 0; i < batch.length; i += 2) {
    const settle = inFlight.get(batch[i]);
    inFlight.delete(batch[i]);
    settle(batch[i + 1]);
  }
}

const port = native.openPort(deliver);

/**
 * Begins a call: `settle` will be given its answer, once.
 * @param {(value: unknown) => void} settle
 * @returns {number} the call's number, to be passed to the addon beside `port`
 */
function begin(settle) {
  last = (last + 1) >>> 0;
  inFlight.set(last, settle);
  return last;
}

/** Takes back a call that the addon did not accept. */
function cancel(number) {
  inFlight.delete(number);
}

module.exports = { port, begin, cancel };
