'use strict';
// Callbacks and promises of sign and verify. A callback comes exactly once, on a later tick.

/** Tells the callback on a later tick (process.nextTick: an app's fake timers do not stall it). */
function later(callback, error, value) {
  if (error) process.nextTick(callback, error);
  else process.nextTick(callback, null, value);
}

/**
 * Runs `prepare`, then `work` with what it gives, then `finish` with that, and tells the callback.
 * @param {(error: unknown, value?: unknown) => void} callback
 * @param {() => unknown[]} prepare throws what is wrong with the call
 * @param {(...request: unknown[]) => unknown} work the addon's function
 * @param {(result: unknown) => unknown} finish throws where the result is a failure
 */
function answer(callback, prepare, work, finish) {
  let value;
  try {
    value = finish(work(...prepare()));
  } catch (error) {
    return later(callback, error);
  }
  later(callback, null, value);
}

module.exports = { answer, later };
