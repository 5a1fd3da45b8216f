'use strict';
// The clock that all processes on a MongoDB share: the primary's. A proxy sets it.
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const { createAuth } = require('..');
const { SECRETS, createClock, payloadOf, refusedWith } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');

const HOUR = 3600_000;
const DAYS = 8 * 24 * HOUR;
const FAKETIME = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
];

const isNear = (actual, expected, within = 3000) =>
  assert.ok(Math.abs(actual - expected) < within, `${actual} is not near ${expected}: ${actual - expected} ms`);

describe("The clock of a MongoDB's primary", function describeClock() {
  this.timeout(30_000);
  let proxy;
  let store;
  let collection;
  const opened = [];

  function open(options = {}) {
    const auth = createAuth({ ...SECRETS, store, collection, ...options });
    opened.push(auth);
    return auth;
  }

  before(async function needServer() {
    const { MONGODB_URI } = await needMongo.call(this);
    proxy = await createProxy(portOf(MONGODB_URI));
    store = through(MONGODB_URI, proxy);
    this.direct = MONGODB_URI;
  });
  beforeEach(() => {
    collection = collectionName('clock');
    proxy.setClock(0);
    proxy.heal();
  });
  afterEach(() => Promise.all(opened.splice(0).map((auth) => auth.close())));
  after(() => proxy?.close());

  const createdAt = async (auth, user = '7') => Number((await auth.sessions(user))[0].createdAt);

  for (const ahead of [5000, -5000]) {
    it(`${ahead / 1000} s ahead, is that of sessions and of access tokens`, async () => {
      proxy.setClock(ahead);
      const auth = open();
      const { accessToken } = await auth.login('7');
      isNear(await createdAt(auth), Date.now() + ahead);
      isNear(payloadOf(accessToken).iat * 1000, Date.now() + ahead);
      auth.verifyAccess(accessToken);
      const { offset, error, age, spread, sure } = auth.stats().clock;
      isNear(offset, ahead, 1000);
      assert.ok(error >= 0 && error < 5000 && age >= 0 && age < 30_000);
      assert.deepStrictEqual([spread, sure], [0, true]);
    });
  }

  it('days ahead, is that of sessions; access tokens go by the machine: none that has expired is revived', async () => {
    proxy.setClock(-DAYS);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    const auth = open();
    const { accessToken, refreshToken } = await auth.login('7');
    isNear(await createdAt(auth), Date.now() - DAYS);
    isNear(payloadOf(accessToken).iat * 1000, Date.now());
    auth.verifyAccess(accessToken);
    const next = await auth.rotateRefresh(refreshToken);
    assert.strictEqual(next.expiresIn, 900);
    assert.match((await warned).message, /^this machine's clock is 6912\d\d\.\d s ahead of the session store's/);
  });

  it('tells events their time, and ages their logins', async () => {
    proxy.setClock(20_000);
    const auth = open();
    await auth.login('6'); // from now on the offset is known
    const told = new Promise((resolve) => auth.on('login', resolve));
    const { accessToken } = await auth.login('7');
    isNear(Number((await told).at), Date.now() + 20_000);
    isNear(payloadOf(accessToken).auth_time * 1000, Date.now() + 20_000);
  });

  it('leaves a clock that the app gives as it is', async () => {
    proxy.setClock(HOUR);
    const clock = createClock();
    const auth = open({ now: clock });
    await auth.login('7');
    assert.strictEqual(await createdAt(auth), clock());
    assert.strictEqual(auth.stats().clock, undefined);
  });

  it("leaves a test's fake clock as it is", async () => {
    proxy.setClock(HOUR);
    const { now } = Date;
    const auth = open();
    try {
      Date.now = () => 1_900_000_000_000;
      const { accessToken } = await auth.login('7');
      isNear(await createdAt(auth), 1_900_000_000_000);
      auth.verifyAccess(accessToken);
    } finally {
      Date.now = now;
    }
  });

  it('that a server does not tell is the machine’s own', async () => {
    proxy.setClock(undefined);
    const auth = open();
    await auth.login('7');
    isNear(await createdAt(auth), Date.now());
    isNear(auth.stats().clock.offset, 0, 5);
  });

  it('is asked before the first job: until it answers, a call fails, and nothing has changed', async () => {
    const auth = open({ storeTimeout: '2s' });
    proxy.inject('the connection is cut before the request', { command: 'hello', every: 1 });
    await refusedWith('ERR_STORE_UNAVAILABLE', auth.login('7'));
    proxy.heal();
    await auth.login('7');
    assert.strictEqual((await auth.sessions('7')).length, 1);
  });

  it('that moves by an hour expires and ends no session, and access tokens keep to the clock before', async () => {
    const auth = open({ refreshExpiresIn: '10m', accessExpiresIn: '5m', storeTimeout: '2s' });
    const { accessToken, refreshToken } = await auth.login('7');
    proxy.setClock(HOUR);
    await proxy.down();
    await assert.rejects(auth.sessions('7'));
    await proxy.up();
    await auth.sessions('7'); // another member may be the primary now: the clock is read again
    assert.strictEqual(auth.stats().clock.sure, false);
    await refusedWith('ERR_CLOCK_UNSURE', auth.rotateRefresh(refreshToken));
    auth.verifyAccess(accessToken);
    const other = open();
    proxy.setClock(0);
    assert.strictEqual((await other.sessions('7')).length, 1);
    await other.rotateRefresh(refreshToken);
  });

  it('is asked once in 10 s at most, however many calls there are', async () => {
    const auth = open();
    await auth.login('7');
    proxy.commands();
    for (let i = 0; i < 20; i += 1) await auth.sessions('7');
    assert.ok(!proxy.commands().includes('hello'));
  });

  it('makes machines that are 8 days apart decide alike', async function apart() {
    const library = FAKETIME.find((file) => fs.existsSync(file));
    if (!library) {
      console.log('      skipped: libfaketime is not installed (apt-get install libfaketime)');
      this.skip();
    }
    const script = `
      const { createAuth } = require(${JSON.stringify(path.join(__dirname, '..'))});
      const auth = createAuth(${JSON.stringify({ ...SECRETS, store: this.test.parent.ctx.direct, collection })});
      const key = 'the-key-of-one-exchange-1';
      (async () => {
        const first = await auth.login('7');
        const second = await auth.rotateRefresh(first.refreshToken, { idempotencyKey: key });
        const other = await auth.login('8');
        const successor = await auth.rotateRefresh(other.refreshToken);
        console.log(JSON.stringify({ at: Date.now(), first, second, other, successor }));
        await auth.close();
      })();`;
    for (const days of ['+8d', '-8d']) {
      const env = { ...process.env, LD_PRELOAD: library, FAKETIME: days, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
      const output = execFileSync(process.execPath, ['-e', script], {
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { at, first, second, other, successor } = JSON.parse(output);
      isNear(at, Date.now() + (days === '+8d' ? DAYS : -DAYS), 60_000);
      const auth = open();
      isNear(await createdAt(auth), Date.now(), 30_000);
      const again = await auth.rotateRefresh(first.refreshToken, { idempotencyKey: 'the-key-of-one-exchange-1' });
      assert.strictEqual(again.refreshToken, second.refreshToken);
      const retried = await auth.rotateRefresh(other.refreshToken);
      assert.strictEqual(retried.refreshToken, successor.refreshToken);
      await auth.rotateRefresh(second.refreshToken);
      await auth.revokeAll('7');
      await auth.revokeAll('8');
    }
  });
});
