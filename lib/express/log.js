'use strict';

/*
 * What the developer must read in the server's log; never a token, a cookie or a body. What strangers can provoke is
 * bounded, so that they cannot fill a disk, and has its own budget, so that they cannot silence what the server has
 * to say of itself.
 */

const HOUR_MS = 3_600_000;
const REQUESTS_PER_HOUR = 50;
const FAILURE_MS = 60_000;

/**
 * @param now    () => milliseconds by a clock that never goes back
 * @param print  (line) => void
 */
function createLog({ now, print }) {
  const requests = new Set(); // what has been told of requests in the hour that began at `since`
  const failures = new Map(); // what has failed → when it was last told. A short list: of this package's own codes
  let since = now();

  return {
    /** Of a request, which a stranger may have made up: each `key` once an hour, within the hour's budget. */
    tellOfRequest(key, text) {
      if (now() - since >= HOUR_MS) {
        requests.clear();
        since = now();
      }
      if (requests.has(key) || requests.size >= REQUESTS_PER_HOUR) return;
      requests.add(key);
      print(`signet-jwt: ${text}`);
      if (requests.size === REQUESTS_PER_HOUR) print('signet-jwt: no more of refused requests for an hour');
    },

    /** Of a failure of the server's own: at most once a minute for each `key`, whatever else was told. */
    tellOfFailure(key, text) {
      if (now() - (failures.get(key) ?? -Infinity) < FAILURE_MS) return;
      failures.set(key, now());
      print(`signet-jwt: ${text}`);
    },
  };
}

const now = () => performance.now();

module.exports = { createLog, ...createLog({ now, print: (line) => console.warn(line) }) };
