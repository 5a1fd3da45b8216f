'use strict';
// The port of this load of lib: how answers come back from Signet's own threads (src/node/port.h).
// Each call in flight has a number; the addon hands over one array a batch, [number, value, number, value, …].

const native = require('./load');

// The addon holds `deliver` only while something is in flight, so that a copy of lib that nobody uses any more can be collected. Here it is held by
// the object that every call in flight goes through.
const calls = {
  /** @type {Map<number, (value: unknown) => void>} */
  inFlight: new Map(),
  last: 0,
  /** Settles a whole batch. A settler belongs to lib and runs no code of the user: it resolves a promise. */
  deliver(batch) {
    for (let i = 0; i < batch.length; i += 2) {
      const settle = calls.inFlight.get(batch[i]);
      calls.inFlight.delete(batch[i]);
      settle(batch[i + 1]);
    }
  },
};

const port = native.openPort(calls.deliver);

/**
 * Begins a call: `settle` will be given its answer, once.
 * @param {(value: unknown) => void} settle
 * @returns {number} the call's number, to be passed to the addon beside `port`
 */
function begin(settle) {
  calls.last = (calls.last + 1) >>> 0;
  calls.inFlight.set(calls.last, settle);
  return calls.last;
}

/** Takes back a call that the addon did not accept. */
function cancel(number) {
  calls.inFlight.delete(number);
}

module.exports = { port, begin, cancel };
