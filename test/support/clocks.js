'use strict';
// The clocks of a storm: of its sessions, for which a week passes in a minute, and of its processes, which are wrong
// and are set anew on the way. The time of a storm is one of the two below:
//   newClock()          a session's clock: { at, pass(ms) }
//   launch(i)           what the i-th process is started with: { env?, time }, of which storm-worker.js gets `time`
//   stamped(i, order)   the order, as that process is told it
//   leave()             a lane is over
//   ended(pid)          a process is over

const { setTimeout: delay } = require('node:timers/promises');

const { removeShared, setWall, wallEnvironment } = require('./faketime');

const SECOND = 1000;
const STEP = 0.02; // of the orders, before which their process' clock is set anew
const LEAP = 50 * SECOND; // over a minute, a store's clock would not be believed at once
const SHORT = 10 * SECOND;

/** The monotonic clock that all processes of the machine share, in ms. */
const monotonic = () => Number(process.hrtime.bigint()) / 1e6;

/** A session's own: time passes at once. */
function ownClock(begin) {
  const clock = {
    at: begin,
    async pass(ms) {
      clock.at += ms;
    },
  };
  return clock;
}

/** Anything up to half of `spread` ms to either side. */
const skewWithin = (spread, random) => random.below(spread + 1) - Math.round(spread / 2);

/** Each session has its own time. Orders tell it; the processes take it for theirs, up to `spread` ms apart. */
function toldTime({ random, spread, begin = Date.now() }) {
  const skews = [];
  return {
    newClock: () => ownClock(begin),
    launch: () => ({ time: { kind: 'told' } }),
    stamped(i, order) {
      if (skews[i] === undefined || random.chance(STEP)) skews[i] = skewWithin(spread, random);
      return { ...order, now: Math.round(order.now) + skews[i] };
    },
    leave() {},
    ended() {},
  };
}

/**
 * Nobody is told the time: it is that of the store, which all sessions share. It leaps by 50 s whenever each of the
 * `lanes` waits for longer than 10 s; shorter waits are over at once. The processes have wall clocks that are up to
 * `spread` ms apart, and all of them are set anew at each leap.
 * @param {{ random: object, spread: number, lanes: number, folder: string, proxy: { setClock: Function } }} options
 */
function storeTime({ random, spread, lanes, folder, proxy }) {
  const origin = Date.now() - monotonic();
  const begin = Date.now();
  const shared = { at: begin };
  const files = [];
  let active = lanes;
  let steps = 0;
  const waiting = [];

  function step(i) {
    steps += 1;
    setWall(files[i], skewWithin(spread, random));
  }

  function leapIfAllWait() {
    if (active === 0 || waiting.length < active) return;
    shared.at += LEAP;
    proxy.setClock(shared.at - begin);
    for (let i = 0; i < files.length; i += 1) step(i);
    for (const go of waiting.splice(0)) go();
  }

  const clock = {
    get at() {
      return shared.at;
    },
    async pass(ms) {
      if (ms <= SHORT) return delay(1 + random.below(10));
      return new Promise((resolve) => {
        waiting.push(resolve);
        leapIfAllWait();
      });
    },
  };
  return {
    steps: () => steps,
    newClock: () => clock,
    launch(i) {
      files[i] = `${folder}/wall-${i}`;
      step(i);
      return { env: wallEnvironment(files[i]), time: { kind: 'store', origin } };
    },
    stamped(i, order) {
      if (random.chance(STEP)) step(i);
      return { ...order, ahead: shared.at - begin };
    },
    leave() {
      active -= 1;
      leapIfAllWait();
    },
    ended: removeShared,
  };
}

module.exports = { monotonic, ownClock, storeTime, toldTime };
