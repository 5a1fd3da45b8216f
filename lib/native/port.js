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
 * Makes a call that the port may answer: `settle` then gets the answer, once.
 * @param {(value: unknown) => void} settle
 * @param {(number: number) => boolean} hand passes the call's number, with `port`, to the addon; returns false, or
 *   throws, if the addon did not accept the call
 */
function ask(settle, hand) {
  calls.last = (calls.last + 1) >>> 0;
  const number = calls.last;
  calls.inFlight.set(number, settle);
  let accepted = false;
  try {
    accepted = hand(number);
  } finally {
    if (!accepted) calls.inFlight.delete(number);
  }
}

module.exports = { port, ask };
