'use strict';
// The clock of one auth. `wall` is this machine's; `now` is the one that all processes on a store share: for MongoDB,
// the database's (src/node/store_queue.cc reads it). A clock that the app gives, and a test's fake one, is taken as
// it is.

const native = require('../native/load');
const { isSystemClock } = require('../native/system-clock');

/** Beyond a second, the machine's clock should be set. */
const WARN_MS = 1000;
/** Beyond a minute, access tokens are signed and verified by the machine's clock. */
const LONGEST_FOR_ACCESS_MS = 60_000;
/** The clocks are looked at once in so many answers of the store. */
const EVERY = 64;

function emit(message) {
  process.emitWarning(`${message} (auth.stats().clock)`, { type: 'SignetWarning', code: 'SIGNET_CLOCK' });
}

function warnOfOffset(offset) {
  const seconds = (Math.abs(offset) / 1000).toFixed(1);
  const side = offset < 0 ? 'ahead of' : 'behind';
  const access =
    Math.abs(offset) > LONGEST_FOR_ACCESS_MS
      ? ". Access tokens go by this machine's clock all the same: other servers refuse them, or take them for too long"
      : '';
  emit(`this machine's clock is ${seconds} s ${side} the session store's${access}. Run NTP on both`);
}

function warnOfSpread(spread) {
  emit(
    `the clocks of the session store's hosts are ${(spread / 1000).toFixed(1)} s apart, ` +
      'and limits and grace periods shift by that whenever another host answers. Run NTP on them',
  );
}

/** Warns of what is over a second: once, and again if it is ten times as much. */
function createAlarm(warn) {
  let warned = 0;
  return (ms) => {
    if (Math.abs(ms) <= Math.max(WARN_MS, 10 * warned)) return;
    warned = Math.abs(ms);
    warn(ms);
  };
}

/**
 * When a call began: in milliseconds; its place in the order of this process (0: by time alone); and the time by a
 * clock that nobody sets (undefined: not known).
 */
class Moment {
  constructor(since, stamp, steady) {
    this.since = since;
    this.stamp = stamp;
    this.steady = steady;
  }
}

/**
 * @param {unknown} handle
 * @param {(() => number) | undefined} given createAuth's `now`
 */
function createClock(handle, given) {
  const wall = given ?? (() => Date.now() || 1); // sinon's clock begins at 0, which in a record means "never"
  const isShared = () => given === undefined && isSystemClock();
  let answers = 0;
  const offsetAlarm = createAlarm(warnOfOffset);
  const spreadAlarm = createAlarm(warnOfSpread);

  return {
    wall,
    now: () => wall() + (isShared() ? native.clockOffset(handle) : 0),
    /** This moment: of two in one process, the later one is known as such, whatever the clock does. */
    moment: () => new Moment(wall(), native.stamp(), performance.now()),
    /**
     * A moment as arguments of a call. If the wall clock has been set meanwhile, or the machine was asleep, the earlier
     * of its two times: a login is refused rather than one that a revokeAll should have stopped let through.
     */
    timesOf({ since, stamp, steady }) {
      if (steady === undefined || !isShared()) return { since, stamp };
      return { since: Math.min(since, Math.ceil(wall() - (performance.now() - steady))), stamp };
    },
    /** Whether `now` is the store's: its clock has been read, and not been doubted since. */
    isSure: () => !(isShared() && native.clockIsUnsure(handle)),
    /** Called with each answer of the store. */
    watch() {
      if (answers++ % EVERY !== 0) return;
      const { offset, spread } = native.authStats(handle).clock ?? { offset: 0, spread: 0 };
      offsetAlarm(offset);
      spreadAlarm(spread);
    },
  };
}

module.exports = { Moment, createClock };
