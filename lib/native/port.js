'use strict';
// How answers come back from Signet's own threads (src/node/port.h): one port per load of lib.
// Each call in flight has a number. The addon passes one array per batch: [number, value, number, value, …].

const native = require('./load');

// The addon references `deliver` only while calls are in flight, so that an unused copy of lib can be
// garbage-collected.
const calls = {
  /** @type {Map<number, (value: unknown) => void>} */
  inFlight: new Map(),
  last: 0,
  /** Settles a batch. `settle` is lib's own and only resolves a promise: no user code runs here. */
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
 * Begins a call. `settle` is called once, with its answer.
 * @param {(value: unknown) => void} settle
 * @returns {number} the call's number, to pass to the addon together with `port`
 */
function begin(settle) {
  calls.last = (calls.last + 1) >>> 0;
  calls.inFlight.set(calls.last, settle);
  return calls.last;
}

/** Cancels a call that the addon did not accept. */
function cancel(number) {
  calls.inFlight.delete(number);
}

module.exports = { port, begin, cancel };
