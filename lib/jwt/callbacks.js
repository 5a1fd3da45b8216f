'use strict';
// Asynchronous results: the pool's answers, and callbacks. They use promise jobs, which run in the
// asynchronous context of the call and which fake timers do not hold back (unlike process.nextTick and
// queueMicrotask).

const native = require('../native/load');
const { ask, port } = require('../native/port');

/**
 * Resolves with `finish(result)`. Runs on a pool thread if the key is part of a key pair.
 * @param {(port: object, number: number, ...request: unknown[]) => unknown} work the addon's function; returns
 *   undefined if the port will answer
 * @param {() => unknown[]} write returns the arguments, or throws
 * @param {(result: unknown) => unknown} finish throws if the result is a failure
 */
async function answerOf(work, write, finish) {
  const request = write();
  let result;
  const answered = new Promise((resolve) => {
    ask(resolve, (number) => {
      result = work(port, number, ...request);
      return result === undefined;
    });
  });
  return finish(result === undefined ? await answered : result);
}

/**
 * Calls the callback with the outcome, once, asynchronously. Errors that it throws become uncaught exceptions,
 * as with process.nextTick.
 * @param {(error: unknown, value?: unknown) => void} callback
 * @param {unknown} outcome a value, or the promise of one
 */
function tell(callback, outcome) {
  callWith(callback, outcome); // nothing that sign and verify return
}

async function callWith(callback, outcome) {
  const given = await told(outcome);
  try {
    callback(...given);
  } catch (error) {
    native.throwUncaught(error);
  }
}

/** A callback's arguments. */
async function told(outcome) {
  try {
    return [null, await outcome];
  } catch (error) {
    return [error];
  }
}

module.exports = { answerOf, tell };
