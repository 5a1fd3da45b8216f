'use strict';
// Removes sessions that ended long ago, in small steps between other work, without a timer that would
// keep the process alive.

const EVERY_MS = 60_000;
const EVERY_WRITES = 500;

/**
 * `step()` is called after each login and rotation. It starts a purge if one is due: a minute or 500 writes
 * after the last one, or at the next write if the last one did not remove everything.
 * @param {() => Promise<{ error?: Error, count: number }>} purge
 * @param {boolean} byItself the store purges itself (MongoDB's TTL index)
 */
function createPurge(purge, byItself) {
  let last = performance.now();
  let writes = 0;
  let running = false;

  function ended(outcome) {
    running = false;
    writes = !outcome.error && outcome.count > 0 ? EVERY_WRITES : 0;
    last = performance.now();
  }

  return {
    step() {
      writes += 1;
      if (byItself || running || (writes < EVERY_WRITES && performance.now() - last < EVERY_MS)) return;
      running = true;
      purge().then(ended);
    },
  };
}

module.exports = { createPurge };
