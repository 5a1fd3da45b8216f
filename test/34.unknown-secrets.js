'use strict';
// Tokens signed with a secret that this process lacks: the client tries again, and is never logged out, at any rate.

const assert = require('node:assert');
const express = require('express');
const request = require('supertest');

const { createAuth } = require('..');
const { KEY_UNKNOWN, SECRETS, headerOf, payloadOf, refusedWith, withBench } = require('./support/auth');
const { JOHN, PAGE, appWith, claims, cookieHeader, warnings } = require('./support/express');
const { runScript } = require('./support/script');
const { describeStores } = require('./support/stores');

const NEW = {
  accessSecret: 'a new access secret of the tests, 48 bytes and more',
  refreshSecret: 'a new refresh secret of the tests, 48 bytes and more',
};

describe('A process that lacks a secret', () => {
  let auth, app, elsewhere, there;
  beforeEach(() => {
    auth = createAuth({ ...SECRETS, store: ':memory:', claims });
    elsewhere = createAuth({ ...NEW, store: ':memory:', claims });
    app = appWith(express, auth);
    app.get('/orders', auth.protect(), (req, res) => res.json([]));
    there = appWith(express, elsewhere);
  });
  afterEach(() => Promise.all([auth.close(), elsewhere.close()]));

  const post = (path, cookie, on = app) => request(on).post(`/auth${path}`).set(PAGE).set('Cookie', cookie);
  const login = async (on) => {
    const res = await request(on).post('/auth/login').set(PAGE).send(JOHN).expect(200);
    return { cookie: cookieHeader(res), bearer: `Bearer ${res.body.accessToken}` };
  };
  /** What the answer to a client that need not log in must not contain. */
  function assertKept(res) {
    assert.ok([503, 429].includes(res.status), res.text);
    assert.equal(res.body.code, res.status === 503 ? 'ERR_REFRESH_KEY_UNKNOWN' : 'ERR_REFRESH_KEY_LIMIT');
    assert.equal(res.headers['retry-after'], '1');
    assert.equal(res.headers['set-cookie'], undefined);
    assert.doesNotMatch(res.text, /docs|next|undefined|process/);
  }

  it('answers a refresh with 503 and Retry-After, keeps the cookie, and does not ask the store', async () => {
    const { cookie } = await login(there);
    await warnings(async () => assertKept(await post('/refresh', cookie)));
    assert.equal(auth.stats().jobs, 0);
    await post('/refresh', cookie, there).expect(200);
  });

  it('answers a logout in the same way: the session is still live', async () => {
    const { cookie } = await login(there);
    await warnings(async () => assertKept(await post('/logout', cookie)));
    await post('/logout', cookie, there).expect(204);
  });

  it('answers 429 with Retry-After beyond 5 per second, and honest clients as always', async () => {
    const { cookie } = await login(there);
    const { cookie: honest } = await login(app);
    const start = performance.now();
    let found;
    await warnings(async () => {
      const junk = Array.from({ length: 40 }, () => post('/refresh', cookie));
      const [mine, ...all] = await Promise.all([post('/refresh', honest), ...junk]);
      assert.equal(mine.status, 200);
      all.forEach(assertKept);
      found = all.filter(({ status }) => status === 503).length;
    });
    const seconds = Math.ceil((performance.now() - start) / 1000);
    assert.ok(found <= 5 * seconds && found < 40, `${found} in ${seconds} s`);
  });

  it('answers 401 to a token of another form, and keeps the cookie, too', async () => {
    const { refreshToken } = await elsewhere.login('1');
    const [, payload, signature] = refreshToken.split('.');
    const name = (await login(there)).cookie.split('=')[0];
    const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const header = headerOf(refreshToken);
    const old = { ...payloadOf(refreshToken), iat: Math.floor(Date.now() / 1000) - 3700 };
    for (const forged of [
      [encoded({ ...header, kid: 'short' }), payload, signature],
      [encoded({ alg: header.alg, typ: header.typ }), payload, signature],
      [encoded({ ...header, typ: 'JWT' }), payload, signature],
      [encoded(header), encoded(old), signature], // from before this process had its secrets
    ]) {
      const res = await post('/refresh', `${name}=${forged.join('.')}`).expect(401);
      assert.equal(res.body.code, 'ERR_REFRESH_INVALID');
      assert.equal(res.headers['set-cookie'], undefined);
    }
  });

  it('answers an access token of any age with 401 ERR_KEY_UNKNOWN', async () => {
    const { bearer } = await login(there);
    await warnings(async () => {
      const res = await request(app).get('/orders').set('Authorization', bearer).expect(401);
      assert.equal(res.body.code, 'ERR_KEY_UNKNOWN');
      assert.match(res.headers['www-authenticate'], /error="invalid_token"/);
    });
    assert.throws(() => auth.verifyAccess(bearer.slice(7)), { code: 'ERR_KEY_UNKNOWN', status: 401 });
    const forged = bearer.slice(7).replace(/[^.]*$/, (text) => text.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')));
    assert.throws(() => elsewhere.verifyAccess(forged), { code: 'ERR_TOKEN_INVALID' });
  });

  // In its own process, because the log's budget is per process.
  it('writes one line per minute of refreshes, and one per hour of access tokens, that say what to do', async () => {
    const { stdout, stderr } = await runScript(`
      const express = require('express');
      const request = require('supertest');
      const { createAuth } = require('./lib');
      const { JOHN, PAGE, appWith, claims, cookieHeader } = require('./test/support/express');
      const auth = createAuth({ ...secrets, store: ':memory:', claims });
      const elsewhere = createAuth({ ...${JSON.stringify(NEW)}, store: ':memory:', claims });
      const app = appWith(express, auth);
      app.get('/orders', auth.protect(), (req, res) => res.json([]));
      (async () => {
        const res = await request(appWith(express, elsewhere)).post('/auth/login').set(PAGE).send(JOHN).expect(200);
        for (let i = 0; i < 20; i += 1) {
          await request(app).post('/auth/refresh').set(PAGE).set('Cookie', cookieHeader(res));
          await request(app).get('/orders').set('Authorization', 'Bearer ' + res.body.accessToken).expect(401);
        }
        console.log('done');
      })();
    `);
    assert.equal(stdout, 'done\n', stderr);
    const lines = stderr.trim().split('\n');
    assert.equal(lines.length, 2, stderr);
    assert.match(lines[0], /^signet-jwt: ERR_REFRESH_KEY_UNKNOWN: .*give every process the same.*docs\/keys\.md/);
    assert.match(lines[1], /^signet-jwt: ERR_KEY_UNKNOWN: .*give every process the same.*docs\/keys\.md/);
    assert.doesNotMatch(stderr, /eyJ/);
  });
});

describeStores(
  'A retry whose successor is signed with a secret that this process lacks',
  (store) => {
    const bench = withBench(store);

    it('is for another try: nothing has changed, and the store does not count as down', async () => {
      const both = { ...SECRETS, refreshSecret: [NEW.refreshSecret, SECRETS.refreshSecret] };
      const [before, after] = [bench().open(), bench().open(both)];
      const { refreshToken } = await before.login('7');
      const { refreshToken: successor } = await after.rotateRefresh(refreshToken);
      await refusedWith(KEY_UNKNOWN, before.rotateRefresh(refreshToken));
      assert.strictEqual(before.stats().down, false);
      const calls = [before.login('8'), before.sessions('7'), before.ready()];
      assert.strictEqual((await Promise.all(calls))[1].length, 1);
      assert.strictEqual((await after.rotateRefresh(refreshToken)).refreshToken, successor);
    });
  },
  { durable: true },
);
