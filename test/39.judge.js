'use strict';
// Tests the judge of the storms: with hand-written histories that break one rule each, and with long histories that
// keep the rules except for one changed answer.
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { judge, readHistory, sightings } = require('./support/judge');
const { ownClock } = require('./support/clocks');
const { runHome } = require('./support/homes');
const { createModelStore } = require('./support/model-store');
const { randomFrom } = require('./support/random');
const { newFolder, remove } = require('./support/stores');

const SEED = Number(process.env.SIGNET_SEED ?? Date.now() % 1e9);
const GRACE = 30_000;

let tick = 0;
const next = () => {
  tick += 1;
  return tick;
};

/** A call, after all that were written before it in the same test; `now` in seconds. */
const call = (parent, now, outcome, more = {}) => ({
  kind: 'rotate',
  session: 's',
  start: next(),
  end: next(),
  parent,
  generation: Number(parent[1]),
  outcome,
  ...more,
  now: now * 1000,
});
const child = (parent) => `${parent[0]}${Number(parent[1]) + 1}`;
const given = (parent, outcome) => (now, key, more) =>
  call(parent, now, outcome, { child: child(parent), answer: child(parent), key, ...more });
const rotate = (parent, now, key, more) => given(parent, 'rotate')(now, key, more);
const retry = (parent, now, key, more) => given(parent, 'retry')(now, key, more);
const refused = (parent, now, code, key, more) => call(parent, now, code, { key, ...more });
const reuse = (parent, now, key, more) => refused(parent, now, 'ERR_REFRESH_REUSED', key, more);
const superseded = (parent, now, key, more) => refused(parent, now, 'ERR_REFRESH_SUPERSEDED', key, more);
const revoke = (outcome = 'ok') => ({ kind: 'revoke', session: 's', start: next(), end: next(), outcome });
/** The same, under way until the very end. */
const slow = (one) => ({ ...one, end: Number.MAX_SAFE_INTEGER });
const verdict = (history, final, more) =>
  judge(history, { grace: GRACE, finals: final ? [{ session: 's', revoked: false, ...final }] : [], ...more });

const RIGHT = {
  'a chain of rotations': () => [rotate('a0', 0), rotate('a1', 1)],
  'a race that gives one successor': () => [slow(rotate('a0', 0)), retry('a0', 0)],
  'without a key: a retry within the grace period': () => [rotate('a0', 0), retry('a0', 30)],
  'without a key: reuse after it': () => [rotate('a0', 0), reuse('a0', 30.001)],
  'a retry whose clock is behind': () => [rotate('a0', 100), retry('a0', 0)],
  'with a key: a retry at any time': () => [rotate('a0', 0, 'K'), retry('a0', 900, 'K')],
  'with the key before: a retry at any time': () => [rotate('a0', 0, 'K'), retry('a0', 900, 'L', { previousKey: 'K' })],
  'with another key: 409 within the grace period': () => [rotate('a0', 0, 'K'), superseded('a0', 30, 'L')],
  'with another key: reuse after it': () => [rotate('a0', 0, 'K'), reuse('a0', 31, 'L')],
  'with no key, where the exchange had one: 409, then reuse': () => [
    rotate('a0', 0, 'K'),
    superseded('a0', 1),
    reuse('a0', 31),
  ],
  'with a key, where the exchange had none: a retry within the grace period': () => [
    rotate('a0', 0),
    retry('a0', 1, 'K'),
  ],
  'with a key, where the exchange had none: reuse after it': () => [rotate('a0', 0), reuse('a0', 31, 'K')],
  'a grandparent within the grace period of its own exchange: 409': () => [
    rotate('a0', 0, 'K'),
    rotate('a1', 10, 'L'),
    superseded('a0', 30),
  ],
  'a grandparent after it: reuse': () => [rotate('a0', 0, 'K'), rotate('a1', 10, 'L'), reuse('a0', 31)],
  'a grandparent with its key: 409 at any time': () => [
    rotate('a0', 0, 'K'),
    rotate('a1', 10, 'L'),
    superseded('a0', 900, 'K'),
  ],
  'older than a grandparent: reuse, even with its key at once': () => [
    rotate('a0', 0, 'K'),
    rotate('a1', 0, 'L'),
    rotate('a2', 0, 'M'),
    reuse('a0', 0, 'K'),
  ],
  'a key that an exchange without one has removed: reuse of the grandparent': () => [
    rotate('a0', 0),
    rotate('a1', 10, 'L'),
    reuse('a0', 31, 'K'),
  ],
  'strict: reuse at once': () => [rotate('a0', 0), reuse('a0', 1, undefined, { strict: true })],
  'strict, with its key: a retry': () => [rotate('a0', 0, 'K'), retry('a0', 1, 'K', { strict: true })],
  'an unknown outcome that made the exchange': () => [
    call('a0', 0, 'unknown', { key: 'K' }),
    retry('a0', 900, 'K'),
    rotate('a1', 901, 'L'),
  ],
  'a driver that repeated the write by itself: told of a retry, by the exchange that it made': () => [
    retry('a0', 0, 'K'),
    rotate('a1', 1, 'L'),
  ],
  'a race, in which the judge cannot know who was first': () => [slow(rotate('a0', 0, 'K')), superseded('a0', 0, 'L')],
  'a success under way when the revoke was acknowledged': () => [slow(rotate('a0', 0)), revoke()],
};

const WRONG = {
  'two successors of one token': [
    () => [rotate('a0', 0), given('a0', 'retry')(1, undefined, { child: 'b1' })],
    /two successors of a0/,
  ],
  'a retry whose token differs in one byte': [
    () => [rotate('a0', 0), given('a0', 'retry')(1, undefined, { answer: 'a1!' })],
    /two successors of a0/,
  ],
  'a token rotated twice': [() => [rotate('a0', 0), slow(rotate('a0', 0))], /a0 rotated twice/],
  'a success after an acknowledged revoke': [() => [revoke(), rotate('a0', 0)], /after the session's end/],
  'a success after reuse was answered': [
    () => [rotate('a0', 0), rotate('a1', 100), reuse('a0', 200), rotate('a2', 300)],
    /a2 of .* rotate after the session's end/,
  ],
  'reuse told of twice': [() => [rotate('a0', 0), reuse('a0', 31), reuse('a0', 32)], /after the session's end/],
  'a grandparent accepted': [
    () => [rotate('a0', 0), rotate('a1', 1), retry('a0', 2)],
    /a0 of .* retry; the rules say ERR_REFRESH_SUPERSEDED/,
  ],
  'reuse of the current token': [() => [reuse('a0', 0)], /a0 of .* ERR_REFRESH_REUSED; the rules say rotate/],
  'reuse within the grace period, without a key': [() => [rotate('a0', 0), reuse('a0', 29)], /the rules say retry/],
  'reuse by a process whose clock is behind': [() => [rotate('a0', 6), reuse('a0', 0)], /the rules say retry/],
  'reuse although the key is right': [() => [rotate('a0', 0, 'K'), reuse('a0', 900, 'K')], /the rules say retry/],
  'reuse within the grace period, with another key': [
    () => [rotate('a0', 0, 'K'), reuse('a0', 29, 'L')],
    /the rules say ERR_REFRESH_SUPERSEDED/,
  ],
  'reuse of a grandparent within the grace period': [
    () => [rotate('a0', 0, 'K'), rotate('a1', 5, 'L'), reuse('a0', 29)],
    /the rules say ERR_REFRESH_SUPERSEDED/,
  ],
  'reuse of a grandparent with its key': [
    () => [rotate('a0', 0, 'K'), rotate('a1', 5, 'L'), reuse('a0', 900, 'K')],
    /the rules say ERR_REFRESH_SUPERSEDED/,
  ],
  'a thief without the key given the successor': [
    () => [rotate('a0', 0, 'K'), retry('a0', 1)],
    /retry; the rules say ERR_REFRESH_SUPERSEDED/,
  ],
  'a thief with another key given the successor': [
    () => [rotate('a0', 0, 'K'), retry('a0', 1, 'L')],
    /retry; the rules say ERR_REFRESH_SUPERSEDED/,
  ],
  'a successor given after the grace period, without a key': [
    () => [rotate('a0', 0), retry('a0', 31)],
    /the rules say ERR_REFRESH_REUSED/,
  ],
  'a thief not seen after the grace period': [
    () => [rotate('a0', 0, 'K'), superseded('a0', 31, 'L')],
    /the rules say ERR_REFRESH_REUSED/,
  ],
  'an old token that is told 409 for ever': [
    () => [rotate('a0', 0, 'K'), rotate('a1', 0, 'L'), rotate('a2', 0, 'M'), superseded('a0', 0, 'K')],
    /the rules say ERR_REFRESH_REUSED/,
  ],
  'strict that forgives': [
    () => [rotate('a0', 0), retry('a0', 1, undefined, { strict: true })],
    /the rules say ERR_REFRESH_REUSED/,
  ],
  'a session that was revoked by nobody': [() => [refused('a0', 0, 'ERR_SESSION_REVOKED')], /s was revoked by nobody/],
  'a live session that is not found': [() => [refused('a0', 0, 'ERR_SESSION_UNKNOWN')], /the rules say rotate/],
  'a retry told as late that was not, or as recognised by a key': [
    () => [
      rotate('a0', 0),
      retry('a0', 1, undefined, { late: true, keyed: false }),
      retry('a0', 2, 'K', { keyed: true }),
    ],
    /answered retry, late; the rules say retry\n.* answered retry by key; the rules say retry$/,
  ],
  'a Retry-After that does not fit': [
    () => [
      rotate('a0', 0, 'K'),
      superseded('a0', 1.5, 'L', { retryAfter: 30 }),
      superseded('a0', 1.5, 'L', { retryAfter: 31 }),
      superseded('a0', 1, 'K', { strict: true, retryAfter: 30 }),
    ],
    /^a0 of a client was answered ERR_REFRESH_SUPERSEDED, Retry-After 31; .* Retry-After 30\n.*; the rules say retry$/,
  ],
  'a token that nobody was given': [() => [rotate('a0', 0), rotate('a2', 0)], /nobody was given a2/],
};

describe('The judge of a storm', () => {
  for (const [what, make] of Object.entries(RIGHT))
    it(`finds nothing in ${what}`, () => assert.deepStrictEqual(verdict(make()), []));
  for (const [what, [make, expected]] of Object.entries(WRONG))
    it(`finds ${what}`, () => assert.match(verdict(make()).join('\n'), expected));

  it('finds a session that ended as reuse without a thief, and none with one', () => {
    const history = (actor) => [rotate('a0', 0), reuse('a0', 31, undefined, { actor })];
    const honest = { honest: true };
    assert.match(verdict(history('browser'), undefined, honest).join('\n'), /nobody had stolen anything/);
    assert.deepStrictEqual(verdict(history('thief: token alone'), undefined, honest), []);
  });

  it('finds an acknowledged rotation that was lost, and one that nobody has asked for', () => {
    const history = [rotate('a0', 0), rotate('a1', 1)];
    assert.deepStrictEqual(verdict(history, { generation: 2 }), []);
    for (const generation of [1, 3])
      assert.match(verdict(history, { generation })[0], /s stands at generation \d, its acknowledged rotations at 2/);
  });

  it('counts an unknown outcome as a rotation or as none', () => {
    const history = [rotate('a0', 0), call('a1', 1, 'unknown')];
    assert.deepStrictEqual(verdict(history, { generation: 1 }), []);
    assert.deepStrictEqual(verdict(history, { generation: 2 }), []);
    assert.strictEqual(verdict(history, { generation: 3 }).length, 1);
  });

  it('finds a retry that was not counted', () => {
    const history = [rotate('a0', 0), retry('a0', 1)];
    assert.deepStrictEqual(verdict(history, { generation: 1, retries: 1 }), []);
    assert.match(verdict(history, { generation: 1, retries: 0 })[0], /has counted 0 retries, and 1/);
  });

  it('finds a session that lives after its end was acknowledged', () => {
    assert.deepStrictEqual(verdict([revoke()], { generation: 0 }), ['s lives though its end was acknowledged']);
  });

  it('reports how a thief was detected: what it got, by whose request, and how late', () => {
    const thief = { actor: 'thief: token and key' };
    const history = [
      rotate('a0', 0, 'K', { actor: 'browser' }),
      retry('a0', 1, 'K', thief),
      rotate('a1', 2, 'L', { actor: 'browser' }),
      superseded('a1', 3, 'M', thief),
      reuse('a1', 40, 'M', thief),
    ];
    assert.deepStrictEqual(sightings(history, { grace: GRACE }), [
      { session: 's', kind: 'token and key', gains: 1, by: thief.actor, after: 38_000, late: false },
    ]);
    const killed = [...history.slice(0, 4), slow(call('a1', 40, 'unknown', thief))];
    const told = () => refused('a2', 41, 'ERR_SESSION_REVOKED', 'N', { actor: 'browser' });
    assert.strictEqual(sightings([...killed, told()], { grace: GRACE })[0].after, 38_000);
    assert.strictEqual(sightings([...killed, revoke(), told()], { grace: GRACE })[0].after, undefined);
    history.splice(4, 0, superseded('a1', 35, 'M', thief));
    assert.strictEqual(sightings(history, { grace: GRACE })[0].late, true);
  });

  it("reads a killed client's calls as unknown, and leaves out the line that was cut off", () => {
    const folder = newFolder();
    const file = path.join(folder, 'history.jsonl');
    fs.writeFileSync(
      file,
      '{"call":1,"kind":"rotate","start":1}\n{"call":1,"end":2,"outcome":"rotate"}\n' +
        '{"call":2,"kind":"rotate","start":3}\n{"call":2,"en',
    );
    assert.deepStrictEqual(readHistory(file), [
      { kind: 'rotate', start: 1, end: 2, outcome: 'rotate' },
      { kind: 'rotate', start: 3, end: Infinity, outcome: 'unknown' },
    ]);
    remove(folder);
  });
});

/** What a storm of honest browsers and thieves writes down, of a store that keeps the rules. */
async function stormOfTheModel(refreshes) {
  const random = randomFrom(SEED);
  const store = createModelStore({ grace: GRACE, random });
  const skews = Array.from({ length: 8 }, () => random.below(6000) - 3000);
  let done = 0;
  const lanes = Array.from({ length: 16 }, (_, i) =>
    runHome({
      login: async (user) => store.login(user),
      ask: (order) => store.ask({ ...order, now: Math.round(order.now) + random.pick(skews) }),
      random,
      grace: GRACE,
      user: `user-${i}`,
      newClock: () => ownClock(Date.UTC(2026, 0, 1)),
      isOver: () => done >= refreshes,
      done: (n) => {
        done += n;
      },
    }),
  );
  const sessions = (await Promise.all(lanes)).flat();
  return { history: store.history, finals: store.finals(), sessions };
}

const is = (outcome) => (one) => one.outcome === outcome;
const byKey = ({ key, previousKey }, [exchange]) =>
  exchange.key !== undefined && [key, previousKey].includes(exchange.key);
/** Each: which calls can be changed, given the exchange of the token presented, and how. */
const MUTATIONS = {
  'a thief or a straggler is given the successor': [
    is('ERR_REFRESH_SUPERSEDED'),
    (one, [exchange]) => ({ outcome: 'retry', child: exchange.child, answer: exchange.answer }),
  ],
  'a straggler ends its session': [is('ERR_REFRESH_SUPERSEDED'), () => ({ outcome: 'ERR_REFRESH_REUSED' })],
  'the key is not recognised: 409': [
    (one, exchanges) => is('retry')(one) && byKey(one, exchanges),
    () => ({ outcome: 'ERR_REFRESH_SUPERSEDED' }),
  ],
  'the key is not recognised: reuse': [
    (one, exchanges) => is('retry')(one) && byKey(one, exchanges),
    () => ({ outcome: 'ERR_REFRESH_REUSED' }),
  ],
  'the grace period is not kept': [
    (one, [exchange]) => is('retry')(one) && exchange.key === undefined,
    () => ({ outcome: 'ERR_REFRESH_REUSED' }),
  ],
  'the grace period does not end': [
    (one, [exchange]) => is('retry')(one) && exchange.key === undefined,
    (one, [exchange]) => ({ now: exchange.now + GRACE + 1 }),
  ],
  'a clock behind is taken for reuse': [
    (one, [exchange]) => is('retry')(one) && exchange.key === undefined,
    (one, [exchange]) => ({ now: exchange.now - 6000, outcome: 'ERR_REFRESH_REUSED' }),
  ],
  'reuse is not seen': [is('ERR_REFRESH_REUSED'), () => ({ outcome: 'ERR_REFRESH_SUPERSEDED' })],
  'reuse is answered with a successor': [
    is('ERR_REFRESH_REUSED'),
    (one, [exchange]) => ({ outcome: 'retry', child: exchange.child, answer: exchange.answer }),
  ],
  'a retry makes another successor': [is('retry'), () => ({ child: 'another', answer: 'another' })],
  'a retry differs in one byte': [is('retry'), ({ answer }) => ({ answer: `${answer}!` })],
  'a used token is rotated again': [is('retry'), () => ({ outcome: 'rotate' })],
  'the current token is told 409': [is('rotate'), () => ({ outcome: 'ERR_REFRESH_SUPERSEDED' })],
  'the current token ends its session': [is('rotate'), () => ({ outcome: 'ERR_REFRESH_REUSED' })],
  'an ended session goes on': [is('ERR_SESSION_REVOKED'), () => ({ outcome: 'rotate', child: 'c', answer: 'c' })],
  'an ended session tells 409': [is('ERR_SESSION_REVOKED'), () => ({ outcome: 'ERR_REFRESH_SUPERSEDED' })],
  'a session is revoked by nobody': [is('rotate'), () => ({ outcome: 'ERR_SESSION_REVOKED' })],
};

describe('The judge, of many calls', () => {
  let storm;
  before(async function storms() {
    this.timeout(60_000);
    storm = await stormOfTheModel(4000);
  });

  const judged = (history, finals = storm.finals) => judge(history, { finals, grace: GRACE, honest: true });

  it(`finds nothing if the rules are kept, and no honest session ended (seed ${SEED})`, () => {
    assert.deepStrictEqual(judged(storm.history), []);
    const kept = storm.sessions.filter(({ thief }) => !thief);
    assert.ok(kept.length > 50 && kept.every(({ isOut }) => !isOut));
  });

  for (const [what, [isEligible, change]] of Object.entries(MUTATIONS)) {
    it(`finds it each time, if ${what} (seed ${SEED})`, () => {
      const bySession = new Map();
      for (const one of storm.history) bySession.set(one.session, [...(bySession.get(one.session) ?? []), one]);
      const eligible = storm.history.flatMap((one, at) => {
        const calls = bySession.get(one.session);
        const alone = calls.every((other) => other === one || other.end < one.start || other.start > one.end);
        const exchanges = calls.filter((other) => other.parent === one.parent && other.outcome === 'rotate');
        return alone && one.kind === 'rotate' && exchanges.length > 0 && isEligible(one, exchanges)
          ? [{ one, at, exchanges, session: one.session }]
          : [];
      });
      assert.ok(eligible.length > 0, 'no such call in the storm');
      for (const { one, exchanges, session } of eligible.slice(0, 40)) {
        const calls = bySession
          .get(session)
          .map((other) => (other === one ? { ...one, ...change(one, exchanges) } : other));
        const finals = storm.finals.filter((final) => final.session === session);
        assert.notDeepStrictEqual(judged(calls, finals), [], JSON.stringify(one));
      }
    });
  }

  it('finds each thief detected by the first request after the grace period and a second', () => {
    const seen = sightings(storm.history, { grace: GRACE, spread: 6000 });
    assert.ok(seen.length > 10);
    for (const sight of seen) assert.ok(sight.after !== undefined, `${sight.kind} was never seen in ${sight.session}`);
    const gained = seen.filter(({ gains, late }) => gains > 0 && late);
    assert.deepStrictEqual(gained, []);
  });
});
