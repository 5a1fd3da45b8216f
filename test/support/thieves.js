'use strict';
// Thieves, by what they have and what they do with it. Each has copied from a browser once (`steal`), and acts before
// or after that browser's next refreshes.

const { SECOND, isEnd, newKey } = require('./browsers');

/**
 * For each: what it takes, then what it does `before` and `after` each refresh of its victim. It continues with the
 * token that it got.
 */
const KINDS = {
  /** An old token, for example from a log. */
  'token alone': {
    take: ({ jar }) => ({ token: jar }),
    after: (thief) => thief.present(),
  },
  /** Everything that the browser has while it waits for an answer. */
  'token and key': {
    take: (victim) => ({ token: victim.jar, key: victim.order().key }),
    after: (thief) => (thief.gains > 0 ? thief.goOn() : thief.present()),
  },
  /** The cookie, used first and immediately, in another browser without keys. */
  'cookie jar': {
    take: ({ jar }) => ({ token: jar }),
    before: (thief) => (thief.gains > 0 ? thief.goOn() : thief.present()),
  },
  /** A backup of the browser's profile, restored some refreshes later. */
  'an old copy of the storage': {
    take: ({ jar, pending, previous, random }) => ({
      token: jar,
      key: pending ?? newKey(random),
      previousKey: previous,
    }),
    after: (thief) => (thief.turns > thief.random.below(3) ? thief.present() : null),
  },
  /** Each token as soon as it was used, and the last one again later. */
  trailing: {
    take: ({ jar }) => ({ token: jar }),
    async after(thief, victim) {
      thief.loot = { token: victim.used };
      await thief.present();
      if (thief.turns >= 3) await thief.clock.pass(thief.grace + SECOND);
      if (thief.turns >= 3) await thief.present();
    },
  },
  /** The token and its key, then in turn with the victim, each with its own key. */
  alternating: {
    take: (victim) => ({ token: victim.jar, key: victim.order().key }),
    after: (thief) => (thief.gains > 0 ? null : thief.present()),
    before: (thief) => (thief.gains > 0 && thief.turns % 2 === 0 ? thief.goOn() : null),
  },
  /** The token, before its owner uses it, with the thief's own key. */
  'first with a key of its own': {
    take: ({ jar, random }) => ({ token: jar, key: newKey(random) }),
    before: (thief) => (thief.gains > 0 ? thief.goOn() : thief.present()),
  },
  /** The token of a browser without keys, within a few seconds of the end of its grace period. */
  'late, without keys': {
    isOfKeyless: true,
    take: ({ jar }) => ({ token: jar }),
    async after(thief, victim) {
      thief.loot = { token: victim.used };
      await thief.clock.pass(thief.grace + (2 * thief.random.unit() - 1) * 6 * SECOND);
      return thief.present();
    },
  },
};

/** Those that meet a browser with keys, or one without. */
const kindsFor = (isKeyed) => Object.keys(KINDS).filter((kind) => !KINDS[kind].isOfKeyless === isKeyed);

/**
 * @param {{ kind: keyof typeof KINDS, victim: object, ask: Function, clock: object, grace: number }} options
 */
function createThief({ kind, victim, ask, clock, grace }) {
  const { take, before, after } = KINDS[kind];
  const thief = {
    kind,
    clock,
    grace,
    random: victim.random,
    loot: take(victim),
    gains: 0,
    turns: 0,
    isOut: false,

    async present() {
      const strict = victim.random.chance(0.1); // a route may set it
      const order = { kind: 'rotate', ...thief.loot, strict, now: clock.at, actor: `thief: ${kind}` };
      const { outcome, token } = await ask(order);
      if (isEnd(outcome)) thief.isOut = true;
      if (!token) return;
      thief.gains += 1;
      thief.loot = { token };
    },
    /** With the token that it got. */
    goOn() {
      if (kind !== 'cookie jar') thief.loot.key ??= newKey(victim.random);
      return thief.present();
    },

    async before() {
      if (!thief.isOut) await before?.(thief, victim);
    },
    async after() {
      thief.turns += 1;
      if (!thief.isOut) await after?.(thief, victim);
    },
  };
  return thief;
}

module.exports = { KINDS: Object.keys(KINDS), createThief, kindsFor };
