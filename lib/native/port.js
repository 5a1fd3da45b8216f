'use strict';
// How answers come back from Signet's own threads (src/node/port.h): one port per load of lib.
// Each call in flight has a number. The addon calls `deliver` once per batch.

const native = require('./load');

// The addon references `deliver` only while calls are in flight, so that an unused copy of lib can be
// garbage-collected.
const calls = {
  /** @type {Map<number, (value: unknown) => void>} */
  inFlight: new Map(),
  last: 0,
  /**
   * Settles a batch: number, count, that many values, number, count, … Several values are settled as an array.
   * `settle` is lib's own and only resolves a promise: no user code runs here.
   */
  deliver(...batch) {
    for (let at = 0; at < batch.length; ) {
      const number = batch[at];
      const end = at + 2 + batch[at + 1];
      const settle = calls.inFlight.get(number);
      calls.inFlight.delete(number);
      settle(end === at + 3 ? batch[at + 2] : batch.slice(at + 2, end));
      at = end;
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
