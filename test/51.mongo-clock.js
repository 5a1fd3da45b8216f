'use strict';
// The clock that all processes on a MongoDB share: the primary's, from its hello. A proxy sets it.
const assert = require('node:assert');
const { execFileSync, spawn } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const express = require('express');
const request = require('supertest');

const { createAuth } = require('..');
const { KEY_UNKNOWN, SECRETS, createClock, listen, payloadOf, refusedWith } = require('./support/auth');
const { PAGE } = require('./support/express');
const { missingFaketime, setWall, wallEnvironment } = require('./support/faketime');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');
const { newFolder, remove } = require('./support/stores');

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KEY = 'a-key-of-the-client-26-bytes';
const TOLERANCE = 3 * SECOND; // a busy machine

const isNear = (actual, expected, what, within = TOLERANCE) =>
  assert.ok(Math.abs(actual - expected) < within, `${what}: ${actual - expected} ms from what is expected`);

/** An auth behind a proxy, for each test, and what closes both. */
function withProxy() {
  const bench = { opened: [] };
  before(async function find() {
    bench.uri = (await needMongo.call(this)).MONGODB_URI;
  });
  beforeEach(async () => {
    bench.proxy = await createProxy(portOf(bench.uri));
    bench.collection = collectionName('clock');
  });
  afterEach(async () => {
    await Promise.all(bench.opened.splice(0).map((auth) => auth.close()));
    await bench.proxy?.close();
  });
  bench.open = (options) => {
    const { uri, proxy, collection } = bench;
    const auth = createAuth({ ...SECRETS, store: through(uri, proxy), collection, ...options });
    bench.opened.push(auth);
    return auth;
  };
  /** The connections break, so that the clock is read again. */
  bench.stepTo = async (ms, auth) => {
    bench.proxy.setClock(ms);
    bench.proxy.cutAll();
    for (let i = 0; i < 50 && Math.abs(auth.stats().clock.offset - ms) > TOLERANCE; i++)
      await auth.ready().catch(() => delay(20));
    isNear(auth.stats().clock.offset, ms, 'the offset');
  };
  return bench;
}

/** Resolves with the first warning of this code that fits. */
const warningThat = (pattern) =>
  new Promise((resolve) => {
    process.on('warning', function hear(warning) {
      if (warning.code !== 'SIGNET_CLOCK' || !pattern.test(warning.message)) return;
      process.off('warning', hear);
      resolve(warning);
    });
  });

describe('The clock of a MongoDB store', () => {
  const bench = withProxy();
  const createdAt = async (auth) => Number((await auth.sessions('7'))[0].createdAt);

  for (const away of [40 * SECOND, -40 * SECOND]) {
    it(`${away / SECOND} s away, is that of sessions, limits and events, and of access tokens`, async () => {
      bench.proxy.setClock(away);
      const auth = bench.open({ refreshExpiresIn: '1h', accessExpiresIn: '30s' });
      const heard = listen(auth);
      const { accessToken, refreshToken } = await auth.login('7');
      const now = Date.now() + away;
      const [session] = await auth.sessions('7');
      isNear(Number(session.createdAt), now, 'createdAt');
      isNear(Number(session.expiresAt), now + HOUR, 'expiresAt');
      isNear(Number(heard[0][1].at), now, 'the event');
      isNear(payloadOf(refreshToken).iat * SECOND, now, 'iat of the refresh token');
      const { iat, auth_time: loginAt } = payloadOf(accessToken);
      isNear(iat * SECOND, now, 'iat of the access token');
      isNear(loginAt * SECOND, now, 'auth_time');
      assert.strictEqual(auth.verifyAccess(accessToken).sub, '7'); // by the machine's clock it may have expired
    });
  }

  it('is reported by stats(), with a warning above a second', async () => {
    for (const [away, told] of [
      [6 * SECOND, /^this machine's clock is [567]\.\d s behind the session store's\. Run NTP/],
      [-8 * DAY, /^this machine's clock is 6912\d\d\.\d s ahead of the session store's\. Access tokens go by this/],
    ]) {
      bench.proxy.setClock(away);
      const auth = bench.open();
      const warned = warningThat(told);
      await auth.login('7');
      await warned;
      const { offset, error, age, spread, sure } = auth.stats().clock;
      isNear(offset, away, 'the offset');
      assert.ok(error >= 1 && error < 5 * SECOND, `error ${error}`);
      assert.ok(age >= 0 && age < 30 * SECOND, `age ${age}`);
      assert.deepStrictEqual({ spread, sure }, { spread: 0, sure: true });
    }
  });

  it('shifts access tokens by at most a minute: 8 days away, they follow the machine', async () => {
    for (const away of [8 * DAY, -8 * DAY]) {
      bench.proxy.setClock(away);
      const auth = bench.open({ accessExpiresIn: '1s', collection: collectionName('clock') });
      const { accessToken, refreshToken } = await auth.login('7');
      isNear(payloadOf(accessToken).iat * SECOND, Date.now(), 'iat of the access token');
      isNear(payloadOf(refreshToken).iat * SECOND, Date.now() + away, 'iat of the refresh token');
      assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
      await delay(payloadOf(accessToken).exp * SECOND - Date.now() + 50);
      assert.throws(() => auth.verifyAccess(accessToken), { code: 'ERR_TOKEN_EXPIRED' });
    }
  });

  it('may go back: sessions continue, and a retry is a retry', async () => {
    bench.proxy.setClock(50 * SECOND);
    const auth = bench.open();
    const first = await auth.login('7');
    const second = await auth.rotateRefresh(first.refreshToken);
    await bench.stepTo(0, auth);
    assert.strictEqual((await auth.rotateRefresh(first.refreshToken)).refreshToken, second.refreshToken);
    await auth.rotateRefresh(second.refreshToken);
    assert.strictEqual(auth.stats().clock.sure, true);
  });

  it("that the server does not send is the machine's", async () => {
    bench.proxy.setClock(undefined);
    const auth = bench.open();
    const { refreshToken } = await auth.login('7');
    await auth.rotateRefresh(refreshToken);
    isNear(await createdAt(auth), Date.now(), 'createdAt');
    isNear(auth.stats().clock.offset, 0, 'the offset', 5);
  });

  it('is not used if the app passes a clock, or Date.now is fake', async () => {
    bench.proxy.setClock(HOUR);
    const clock = createClock();
    const given = bench.open({ now: clock });
    await given.login('7');
    assert.strictEqual(await createdAt(given), clock());
    assert.strictEqual(given.stats().clock, undefined);
    const { now: real } = Date;
    const faked = bench.open({ collection: collectionName('clock') });
    await faked.ready();
    Date.now = () => 1_900_000_000_000;
    try {
      const { accessToken } = await faked.login('7');
      isNear(await createdAt(faked), 1_900_000_000_000, 'createdAt');
      assert.strictEqual(faked.verifyAccess(accessToken).sub, '7');
    } finally {
      Date.now = real;
    }
  });

  it('is asked before the first job: until it answers, calls fail, and nothing has changed', async () => {
    const auth = bench.open({ storeTimeout: '2s' });
    bench.proxy.inject('the connection is cut before the request', { command: 'hello', every: 1 });
    await refusedWith('ERR_STORE_UNAVAILABLE', auth.login('7'));
    bench.proxy.heal();
    await auth.login('7');
    assert.strictEqual((await auth.sessions('7')).length, 1);
  });

  it('is asked at most once per 10 s, however many calls there are', async () => {
    const auth = bench.open();
    await auth.login('7');
    bench.proxy.commands();
    for (let i = 0; i < 20; i += 1) await auth.sessions('7');
    assert.ok(!bench.proxy.commands().includes('hello'));
  });
});

describe('The clock of a MongoDB store that is in doubt', () => {
  const bench = withProxy();

  it('since it moved by 8 days, finds no session expired: 503, and it goes on when the clock is back', async () => {
    const auth = bench.open({ refreshExpiresIn: '1h' });
    const { accessToken, refreshToken } = await auth.login('7');
    await bench.stepTo(8 * DAY, auth);
    assert.strictEqual(auth.stats().clock.sure, false);
    const error = await refusedWith('ERR_CLOCK_UNSURE', auth.rotateRefresh(refreshToken));
    assert.strictEqual(error.status, 503);
    auth.verifyAccess(accessToken); // by the clock before
    await bench.stepTo(0, auth);
    await auth.rotateRefresh(refreshToken, { idempotencyKey: KEY });
  });

  it('lets routes that ask for a live session wait: 503, not 401', async () => {
    const auth = bench.open({ refreshExpiresIn: '1h' });
    const { accessToken } = await auth.login('7');
    const app = express().get('/', auth.protect({ live: '5s' }), (req, res) => res.json(req.auth.userId));
    const get = () => request(app).get('/').set('Authorization', `Bearer ${accessToken}`);
    await get().expect(200);
    await bench.stepTo(8 * DAY, auth);
    const { body } = await get().expect(503);
    assert.strictEqual(body.code, 'ERR_CLOCK_UNSURE');
    await bench.stepTo(0, auth);
    await get().expect(200);
  });

  it('clears no cookie by the age of a session that a login has ended', async () => {
    const auth = bench.open({ maxSessionsPerUser: 1 });
    const app = express().use('/auth', auth.router({ authenticate: () => ({ userId: '7' }) }));
    const post = (name, cookie = '') =>
      request(app)
        .post(`/auth/${name}`)
        .set({ ...PAGE, Cookie: cookie })
        .send({});
    const { headers } = await post('login').expect(200);
    await auth.login('7');
    await bench.stepTo(8 * DAY, auth);
    const refused = await post('refresh', headers['set-cookie'][0].split(';')[0]).expect(401);
    assert.strictEqual(refused.body.code, 'ERR_SESSION_REVOKED');
    assert.strictEqual(refused.headers['set-cookie'], undefined);
  });

  it('since it was never read, finds no token of an unknown secret too old: 503', async () => {
    bench.proxy.setClock(-8 * DAY);
    const elsewhere = bench.open({ refreshSecret: 'the newer secret of another process, of 40 bytes' });
    const { refreshToken } = await elsewhere.login('7');
    const auth = bench.open(); // by this machine's clock, the token is 8 days old
    await refusedWith(KEY_UNKNOWN, auth.rotateRefresh(refreshToken));
    await auth.ready();
    await refusedWith(KEY_UNKNOWN, auth.rotateRefresh(refreshToken));
  });
});

describe('The clocks of the hosts of a MongoDB store', () => {
  const bench = withProxy();

  it('that are more than a second apart are told with a warning', async () => {
    const other = await createProxy(portOf(bench.uri));
    const asMongos = { msg: 'isdbgrid' };
    bench.proxy.setHello(asMongos);
    other.setHello(asMongos);
    other.setClock(5 * SECOND);
    const both = through(bench.uri, bench.proxy).replace(
      bench.proxy.port,
      `${bench.proxy.port},127.0.0.1:${other.port}`,
    );
    const auth = bench.open({ store: both, storeTimeout: '1s' });
    const warned = warningThat(/hosts are [345]\.\d s apart, and limits and grace periods shift/);
    const isDown = () =>
      auth.ready().then(
        () => false,
        () => true,
      );
    const readFrom = async (host) => {
      await Promise.all([bench.proxy.down(), other.down()]);
      assert.ok(await isDown()); // so the clock is read again
      await host.up();
      for (let i = 0; i < 100 && (await isDown()); i++) await delay(50);
      await (host === other ? bench.proxy : other).up();
    };
    try {
      await auth.ready();
      await readFrom(bench.proxy);
      await readFrom(other);
      isNear(auth.stats().clock.spread, 5 * SECOND, 'the spread', 2 * SECOND);
      for (let i = 0; i < 64; i++) await auth.ready();
      await warned;
    } finally {
      await auth.close();
      await other.close();
    }
  });
});

describe('Machines whose clocks are 8 days apart', () => {
  if (missingFaketime) {
    it.skip(`skipped: ${missingFaketime}`);
    return;
  }
  const bench = withProxy();
  let folder;
  let wall;
  before(() => {
    folder = newFolder();
    wall = path.join(folder, 'wall');
  });
  after(() => remove(folder));

  const scriptOf = (body) => {
    const options = { ...SECRETS, store: bench.uri, collection: bench.collection };
    return `
      const { createAuth } = require(${JSON.stringify(path.join(__dirname, '..'))});
      const options = ${JSON.stringify(options)};
      (async () => { ${body} })();`;
  };

  /** Two sessions, one token of each exchanged, with a key and without. */
  function exchangeAt(ahead) {
    setWall(wall, ahead);
    const script = scriptOf(`
        const auth = createAuth(options);
        const first = await auth.login('7');
        const second = await auth.rotateRefresh(first.refreshToken, { idempotencyKey: '${KEY}' });
        const other = await auth.login('8');
        const successor = await auth.rotateRefresh(other.refreshToken);
        console.log(JSON.stringify({ at: Date.now(), first, second, other, successor }));
        await auth.close();`);
    const env = wallEnvironment(wall);
    return JSON.parse(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' }));
  }

  it('decide alike', async () => {
    for (const ahead of [8 * DAY, -8 * DAY]) {
      const { at, first, second, other, successor } = exchangeAt(ahead);
      isNear(at, Date.now() + ahead, "the other machine's clock", MINUTE);
      const auth = bench.open();
      isNear(Number((await auth.sessions('7'))[0].createdAt), Date.now(), 'createdAt', 30 * SECOND);
      const again = await auth.rotateRefresh(first.refreshToken, { idempotencyKey: KEY });
      assert.strictEqual(again.refreshToken, second.refreshToken);
      const retried = await auth.rotateRefresh(other.refreshToken);
      assert.strictEqual(retried.refreshToken, successor.refreshToken);
      await auth.rotateRefresh(second.refreshToken);
      await auth.revokeAll('7');
      await auth.revokeAll('8');
    }
  });

  it('give no session to a login that began before a revokeAll elsewhere, whoever set the clock since', async () => {
    for (const ahead of [8 * DAY, -8 * DAY]) {
      setWall(wall, ahead);
      const script = scriptOf(`
        const claims = () => new Promise((resolve) => process.stdin.once('data', () => resolve({})));
        const auth = createAuth({ ...options, claims });
        await auth.ready();
        const login = auth.login('7').then(() => 'ok', (error) => error.code);
        console.log('begun');
        console.log(await login);
        process.exit();`);
      const child = spawn(process.execPath, ['-e', script], {
        env: wallEnvironment(wall),
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const said = () => once(child.stdout, 'data').then(([bytes]) => `${bytes}`.trim());
      assert.strictEqual(await said(), 'begun');
      await delay(20);
      setWall(wall, 0);
      const auth = bench.open();
      await auth.revokeAll('7');
      child.stdin.write('go');
      assert.match(await said(), /^ERR_(SESSION_REVOKED|LOGIN_UNSURE)$/);
      assert.deepStrictEqual(await auth.sessions('7'), []);
    }
  });
});
