'use strict';
// Warnings for the developer in the server's log; never a token, a cookie or a body. What requests can
// cause is bounded, so that nobody can fill the disk, and has its own budget, so that nobody can suppress
// the server's own failures.

const HOUR_MS = 3_600_000;
const REQUESTS_PER_HOUR = 50;
const FAILURE_MS = 60_000;

/**
 * @param now    () => milliseconds by a clock that never goes back
 * @param print  (line) => void
 */
function createLog({ now, print }) {
  const requests = new Set(); // keys logged in the hour that began at `since`
  const failures = new Map(); // key → when it was last logged. Few: the keys are this package's own codes
  let since = now();

  return {
    /** For what a request can cause: each `key` once per hour, within the hour's budget. */
    logRequest(key, text) {
      if (now() - since >= HOUR_MS) {
        requests.clear();
        since = now();
      }
      if (requests.has(key) || requests.size >= REQUESTS_PER_HOUR) return;
      requests.add(key);
      print(`signet-jwt: ${text}`);
      if (requests.size === REQUESTS_PER_HOUR) print('signet-jwt: refused requests are not logged for the next hour');
    },

    /**
     * For the server's own failures: at most once per minute for each `key`, independently of requests.
     */
    logFailure(key, text) {
      if (now() - (failures.get(key) ?? -Infinity) < FAILURE_MS) return;
      failures.set(key, now());
      print(`signet-jwt: ${text}`);
    },
  };
}

const now = () => performance.now();

module.exports = { createLog, ...createLog({ now, print: (line) => console.warn(line) }) };
