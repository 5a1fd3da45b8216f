'use strict';

/**
 * A clock that the page can set ahead, so that nobody has to wait 30 s for a token to expire. All of Signet takes its
 * clock as an input.
 */
function createClock() {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    turn: (seconds) => {
      aheadMs += seconds * 1000;
    },
    reset: () => {
      aheadMs = 0;
    },
    ahead: () => aheadMs / 1000,
  };
}

module.exports = { createClock };
