'use strict';
// Callbacks of sign and verify. A callback comes exactly once, on a later tick, in the asynchronous context of the call.

const { AsyncResource } = require('node:async_hooks');

const { begin, cancel, port } = require('./port');

/** Tells the callback on a later tick (process.nextTick: an app's fake timers do not stall it). */
function later(callback, error, value) {
  if (error) process.nextTick(callback, error);
  else process.nextTick(callback, null, value);
}

/** Tells the callback what `finish` makes of the addon's result, or what it throws. */
function settle(callback, finish, result) {
  let value;
  try {
    value = finish(result);
  } catch (error) {
    return later(callback, error);
  }
  later(callback, null, value);
}

/**
 * Runs `prepare`, then `work` with what it gives, on a pool thread where the key is half of a key pair, then `finish`; and tells the callback.
 * @param {(error: unknown, value?: unknown) => void} callback
 * @param {() => unknown[]} prepare throws what is wrong with the call
 * @param {(port: object, number: number, ...request: unknown[]) => unknown} work the addon's function: undefined where the port will answer
 * @param {(result: unknown) => unknown} finish throws where the result is a failure
 */
function answer(callback, prepare, work, finish) {
  let request;
  try {
    request = prepare();
  } catch (error) {
    return later(callback, error);
  }
  const resource = new AsyncResource('SIGNET');
  const number = begin((result) => resource.runInAsyncScope(settle, null, callback, finish, result));
  const result = work(port, number, ...request);
  if (result === undefined) return;
  cancel(number);
  settle(callback, finish, result);
}

module.exports = { answer, later };
