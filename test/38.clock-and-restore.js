'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const express = require('express');
const request = require('supertest');

const { SECRETS, listen, namesOf, refusedWith, withBench } = require('./support/auth');
const { STORES, describeStores, newFolder, remove } = require('./support/stores');
const { assertOwnersOnly } = require('./support/system');

describeStores('A clock that is set', (store) => {
  const bench = withBench(store);

  it('back leaves a retry a retry, however far: an exchange in the future is no reuse', async () => {
    const auth = bench().open();
    bench().clock.advance(7200);
    const { refreshToken } = await auth.login('7');
    const next = await auth.rotateRefresh(refreshToken);
    for (const seconds of [-5, -1, -3600]) {
      bench().clock.advance(seconds);
      assert.strictEqual((await auth.rotateRefresh(refreshToken)).refreshToken, next.refreshToken);
    }
  });

  it('back does not end a session: its current token still works', async () => {
    const auth = bench().open();
    const first = await auth.login('7');
    bench().clock.advance(3600);
    const second = await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(-3600);
    await auth.rotateRefresh(second.refreshToken);
  });

  it('forward past the limits expires sessions, and back again revives those that nobody ended', async () => {
    const auth = bench().open();
    const { refreshToken, accessToken } = await auth.login('7');
    bench().clock.advance(400 * 86400);
    await refusedWith('ERR_REFRESH_EXPIRED', auth.rotateRefresh(refreshToken));
    assert.throws(() => auth.verifyAccess(accessToken), { code: 'ERR_TOKEN_EXPIRED' });
    assert.deepStrictEqual(await auth.sessions('7'), []);
    bench().clock.advance(-400 * 86400);
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
    await auth.rotateRefresh(refreshToken);
  });

  it('ahead: a token past its exp still works while its record lives, which was extended since', async () => {
    const auth = bench().open({ refreshExpiresIn: '1h' });
    const key = 'a key of the client: 22 bytes'.replaceAll(' ', '-');
    const first = await auth.login('7');
    bench().clock.advance(59 * 60);
    const second = await auth.rotateRefresh(first.refreshToken, { idempotencyKey: key });
    bench().clock.advance(2 * 60);
    const again = await auth.rotateRefresh(first.refreshToken, { idempotencyKey: key });
    assert.strictEqual(again.refreshToken, second.refreshToken);
  });

  it('years ahead, in one process, clears no cookie: only an expired record does', async () => {
    const { clock } = bench();
    const app = express().use(
      '/auth',
      bench()
        .open({ now: () => clock() + 3000 * 86400_000 })
        .router({ authenticate: false }),
    );
    const right = bench().open({ refreshExpiresIn: '1h' });
    const { refreshToken } = await right.login('7');
    const refresh = (to) =>
      request(to)
        .post('/auth/refresh')
        .set({ 'X-Signet': '1', 'Sec-Fetch-Site': 'same-origin', Cookie: `signet=${refreshToken}` });
    const refused = await refresh(app).expect(401);
    assert.strictEqual(refused.body.code, 'ERR_REFRESH_EXPIRED');
    assert.strictEqual(refused.headers['set-cookie'], undefined);
    clock.advance(3600);
    const expired = await refresh(express().use('/auth', right.router({ authenticate: false }))).expect(401);
    assert.strictEqual(expired.body.code, 'ERR_REFRESH_EXPIRED');
    assert.match(expired.headers['set-cookie'][0], /^signet=;/);
  });

  it("follows Date.now() if no clock is passed, as an app's fake timers expect", async () => {
    const auth = bench().open({ now: undefined });
    const { accessToken } = await auth.login('7');
    const real = Date.now;
    Date.now = () => real() + 3600_000;
    try {
      assert.throws(() => auth.verifyAccess(accessToken), { code: 'ERR_TOKEN_EXPIRED' });
    } finally {
      Date.now = real;
    }
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
  });
});

describe('The tolerance for clocks of access tokens', () => {
  const bench = withBench(STORES[1]);

  it('accepts a token for that long after its exp, with and without a route', async () => {
    const auth = bench().open({ clockTolerance: '60s' });
    const { accessToken } = await auth.login('7');
    const app = express().use(auth.protect(), (req, res) => res.end());
    const call = () => request(app).get('/').set('Authorization', `Bearer ${accessToken}`);
    bench().clock.advance(15 * 60 + 59);
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
    await call().expect(200);
    bench().clock.advance(1);
    assert.throws(() => auth.verifyAccess(accessToken), { code: 'ERR_TOKEN_EXPIRED' });
    await call().expect(401);
  });

  it('is 0 by default, remains after setSecrets, and does not apply to refresh tokens', async () => {
    const none = bench().open();
    const { accessToken } = await none.login('7');
    const auth = bench().open({ clockTolerance: 30, refreshExpiresIn: '15m' });
    auth.setSecrets({ accessSecret: { current: SECRETS.accessSecret, next: `${SECRETS.accessSecret} next` } });
    const { accessToken: other, refreshToken } = await auth.login('7');
    bench().clock.advance(15 * 60);
    assert.throws(() => none.verifyAccess(accessToken), { code: 'ERR_TOKEN_EXPIRED' });
    assert.strictEqual(auth.verifyAccess(other).sub, '7');
    await refusedWith('ERR_REFRESH_EXPIRED', auth.rotateRefresh(refreshToken));
  });
});

describe('A database restored from an older copy (SQLite)', () => {
  const bench = withBench(STORES[0]);
  let folder;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => remove(folder));

  it('is reported as rollback, and ends nothing', async () => {
    const auth = bench().open();
    const first = await auth.login('7');
    const second = await auth.rotateRefresh(first.refreshToken);
    const copy = path.join(folder, 'copy.db');
    await auth.backup(copy);
    const third = await auth.rotateRefresh(second.refreshToken);
    await auth.close();

    const restored = bench().open({ store: copy });
    const heard = listen(restored);
    await refusedWith('ERR_SESSION_UNKNOWN', restored.rotateRefresh(third.refreshToken));
    assert.deepStrictEqual(namesOf(heard), ['rollback']);
    assert.strictEqual(heard[0][1].sessionId, first.sessionId);
    await restored.rotateRefresh(second.refreshToken);
  });

  it("is made by backup, with mode 0600 (Windows: its folder's permissions), while the store is in use", async () => {
    const auth = bench().open();
    const logins = Array.from({ length: 50 }, (_, i) => auth.login(`user-${i}`));
    const copy = path.join(folder, 'copy.db');
    await Promise.all([...logins, auth.backup(copy)]);
    assertOwnersOnly(copy);
    await bench().open({ store: copy }).ready();
  });

  it('backup requires a path', async () => {
    for (const nothing of [undefined, '', 5, 'a\0b']) await refusedWith('ERR_OPTION', bench().open().backup(nothing));
  });
});

describe('A store in a file (SQLite)', () => {
  const bench = withBench(STORES[0]);

  it("is the default, has mode 0600 (Windows: its folder's permissions), and holds no token or secret", async () => {
    const auth = bench().open();
    const tokens = [await auth.login('7')];
    tokens.push(await auth.rotateRefresh(tokens[0].refreshToken));
    await auth.close();
    const { store } = bench().place;
    assertOwnersOnly(store);
    const content = fs.readFileSync(store, 'latin1');
    for (const { accessToken, refreshToken } of tokens) {
      for (const token of [accessToken, refreshToken]) assert.ok(!content.includes(token.split('.')[1].slice(0, 40)));
      assert.ok(!content.includes(JSON.parse(Buffer.from(refreshToken.split('.')[1], 'base64url')).jti));
    }
  });

  it('keeps its sessions when it is closed and opened again', async () => {
    const before = bench().open();
    const { refreshToken } = await before.login('7');
    await before.close();
    await bench().open().rotateRefresh(refreshToken);
  });
});
