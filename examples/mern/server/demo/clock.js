'use strict';

/**
 * A clock that the page can turn ahead, so that nobody waits 30 s to see a token expire: the clock is an input
 * everywhere in Signet.
 */
function createClock() {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    turn: (seconds) => {
      aheadMs += seconds * 1000;
    },
    ahead: () => aheadMs / 1000,
  };
}

module.exports = { createClock };
