'use strict';
// What comes later: the pool's answers, and callbacks. They come by promises' jobs, which no fake clock holds back, as it may process.nextTick and
// queueMicrotask, and which run in the asynchronous context of the call.

const native = require('../native/load');
const { begin, cancel, port } = require('../native/port');

/**
 * What `finish` makes of the addon's result. The work is done on a pool thread where the key is half of a key pair.
 * @param {(port: object, number: number, ...request: unknown[]) => unknown} work the addon's function: undefined where the port will answer
 * @param {() => unknown[]} write makes the request; throws what is wrong with it
 * @param {(result: unknown) => unknown} finish throws where the result is a failure
 */
async function answerOf(work, write, finish) {
  const request = write();
  let number;
  const answered = new Promise((resolve) => { number = begin(resolve); });
  const result = work(port, number, ...request);
  if (result === undefined) return finish(await answered);
  cancel(number);
  return finish(result);
}

/**
 * Tells the callback the outcome, once and later. What it throws is the process' uncaught exception, as behind process.nextTick: nobody waits for it.
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
