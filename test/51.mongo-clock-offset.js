'use strict';
// A MongoDB store's clock: what its hello tells (a proxy shifts it) is the time of every process that uses it.
const assert = require('node:assert');
const { once } = require('node:events');
const { setTimeout: delay } = require('node:timers/promises');

const { createAuth } = require('..');
const { SECRETS, listen, payloadOf, refusedWith } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;
const KEY = 'a-key-of-the-client-26-bytes';
const TOLERANCE = 2 * SECOND; // a busy machine

const isNear = (actual, expected, what) =>
  assert.ok(Math.abs(actual - expected) < TOLERANCE, `${what}: ${actual - expected} ms from what is expected`);

describe('The clock of a MongoDB store', () => {
  let uri;
  let proxy;
  let collection;
  let opened;

  before(async function find() {
    uri = (await needMongo.call(this)).MONGODB_URI;
  });
  beforeEach(async () => {
    proxy = await createProxy(portOf(uri));
    collection = collectionName('clock');
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((auth) => auth.close()));
    await proxy?.close();
  });

  /** An auth behind the proxy. */
  function open(options) {
    const auth = createAuth({ ...SECRETS, store: through(uri, proxy), collection, ...options });
    opened.push(auth);
    return auth;
  }

  /** The connections break, so that the clock is read again. */
  async function stepTo(ms, auth) {
    proxy.setClock(ms);
    proxy.cutAll();
    for (let i = 0; i < 50 && Math.abs(auth.stats().clock.offset - ms) > TOLERANCE; i++)
      await auth.ready().catch(() => delay(20));
    isNear(auth.stats().clock.offset, ms, 'the offset');
  }

  it('is that of sessions, their limits and their events', async () => {
    proxy.setClock(40 * SECOND);
    const auth = open({ refreshExpiresIn: '1h' });
    const heard = listen(auth);
    const { refreshToken } = await auth.login('7');
    const now = Date.now() + 40 * SECOND;
    const [session] = await auth.sessions('7');
    isNear(Number(session.createdAt), now, 'createdAt');
    isNear(Number(session.expiresAt), now + 60 * MINUTE, 'expiresAt');
    isNear(Number(heard[0][1].at), now, 'the event');
    isNear(payloadOf(refreshToken).iat * SECOND, now, 'iat');
  });

  it('is told by stats(), with a warning above a second', async () => {
    proxy.setClock(6 * SECOND);
    const auth = open();
    const warned = once(process, 'warning');
    await auth.login('7');
    const [warning] = await warned;
    assert.strictEqual(warning.code, 'SIGNET_CLOCK');
    assert.match(warning.message, /[567]\.\d s behind the session store's/);
    const { offset, error, age, spread, sure } = auth.stats().clock;
    isNear(offset, 6 * SECOND, 'the offset');
    assert.ok(error >= 1 && error < SECOND, `error ${error}`);
    assert.ok(age >= 0 && age < 10 * SECOND, `age ${age}`);
    assert.deepStrictEqual({ spread, sure }, { spread: 0, sure: true });
  });

  it('moves access tokens by at most a minute: 8 days away, they go by the machine', async () => {
    for (const away of [8 * DAY, -8 * DAY]) {
      proxy.setClock(away);
      const auth = open({ accessExpiresIn: '1s', collection: collectionName('clock') });
      const { accessToken, refreshToken } = await auth.login('7');
      isNear(payloadOf(accessToken).iat * SECOND, Date.now(), 'iat of the access token');
      isNear(payloadOf(refreshToken).iat * SECOND, Date.now() + away, 'iat of the refresh token');
      assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
      await delay(payloadOf(accessToken).exp * SECOND - Date.now() + 50);
      assert.throws(() => auth.verifyAccess(accessToken), { code: 'ERR_TOKEN_EXPIRED' });
    }
  });

  it('is the one that access tokens are signed and verified by within a minute', async () => {
    proxy.setClock(-50 * SECOND);
    const auth = open({ accessExpiresIn: '30s' });
    const { accessToken } = await auth.login('7');
    isNear(payloadOf(accessToken).iat * SECOND, Date.now() - 50 * SECOND, 'iat');
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7'); // by the machine's clock it expired 20 s ago
  });

  it('may go back: sessions go on, and a retry is a retry', async () => {
    proxy.setClock(50 * SECOND);
    const auth = open();
    const first = await auth.login('7');
    const second = await auth.rotateRefresh(first.refreshToken);
    await stepTo(0, auth);
    assert.strictEqual((await auth.rotateRefresh(first.refreshToken)).refreshToken, second.refreshToken);
    await auth.rotateRefresh(second.refreshToken);
    assert.strictEqual(auth.stats().clock.sure, true);
  });

  it('that moved by 8 days expires no session and clears nothing: 503 until the clock is right again', async () => {
    const auth = open({ refreshExpiresIn: '1h' });
    const { refreshToken } = await auth.login('7');
    await stepTo(8 * DAY, auth);
    assert.strictEqual(auth.stats().clock.sure, false);
    const error = await refusedWith('ERR_CLOCK_UNSURE', auth.rotateRefresh(refreshToken));
    assert.strictEqual(error.status, 503);
    await stepTo(0, auth);
    await auth.rotateRefresh(refreshToken, { idempotencyKey: KEY });
  });

  it('that is not told leaves the machine its own', async () => {
    proxy.setClock(undefined);
    const auth = open();
    const { refreshToken } = await auth.login('7');
    await auth.rotateRefresh(refreshToken);
    isNear(auth.stats().clock.offset, 0, 'the offset');
  });

  it('counts for nothing where the app gives a clock, or Date.now is a fake one', async () => {
    proxy.setClock(40 * SECOND);
    const at = Date.UTC(2026, 0, 1);
    const given = open({ now: () => at });
    await given.login('7');
    assert.strictEqual(Number((await given.sessions('7'))[0].createdAt), at);
    const real = Date.now;
    const faked = open();
    await faked.ready();
    Date.now = () => real() + 30 * DAY;
    try {
      const { accessToken } = await faked.login('8');
      isNear(payloadOf(accessToken).iat * SECOND, Date.now(), 'iat');
      assert.strictEqual(faked.verifyAccess(accessToken).sub, '8');
    } finally {
      Date.now = real;
    }
  });
});
