'use strict';

const assert = require('node:assert');
const request = require('supertest');

const { createLiveSessions } = require('../lib/express/live');
const { createTestAuth } = require('../lib/testing');
const { EXPRESSES } = require('./support/express');

for (const [version, express] of EXPRESSES) {
  describe(`auth.protect({ live }) on ${version}`, () => {
    let auth;
    beforeEach(() => {
      auth = createTestAuth();
    });
    afterEach(() => auth.close());

    function appOf(live) {
      const app = express();
      app.get('/', auth.protect({ live }), (req, res) => res.json(req.auth.userId));
      return app;
    }

    const get = (app, accessToken) => request(app).get('/').set('Authorization', `Bearer ${accessToken}`);

    it('lets a live session pass', async () => {
      const { accessToken } = await auth.login('1');
      const app = appOf(true);
      await get(app, accessToken).expect(200, '"1"');
      await get(app, accessToken).expect(200, '"1"');
    });

    it('refuses immediately what this process has ended: logout, revoke, revokeAll, reuse', async () => {
      const app = appOf('60s');
      const enders = {
        logout: ({ refreshToken }) => auth.logout(refreshToken),
        revoke: ({ userId, sessionId }) => auth.revoke(userId, sessionId),
        revokeAll: ({ userId }) => auth.revokeAll(userId),
        async reuse({ refreshToken }) {
          await auth.rotateRefresh(refreshToken);
          auth.advance('31s');
          await assert.rejects(auth.rotateRefresh(refreshToken), { code: 'ERR_REFRESH_REUSED' });
        },
      };
      for (const [how, end] of Object.entries(enders)) {
        const tokens = await auth.login(how);
        await get(app, tokens.accessToken).expect(200);
        await end(tokens);
        const res = await get(app, tokens.accessToken).expect(401);
        assert.equal(res.body.code, 'ERR_SESSION_REVOKED', how);
        assert.match(res.headers['www-authenticate'], /invalid_token/);
      }
    });

    it("refuses a session that another one's login has ended (maxSessionsPerUser)", async () => {
      const one = createTestAuth({ maxSessionsPerUser: 1 });
      const app = express();
      app.get('/', one.protect({ live: '60s' }), (req, res) => res.json(req.auth.userId));
      const first = await one.login('1');
      await get(app, first.accessToken).expect(200);
      one.advance('1s');
      await one.login('1');
      await get(app, first.accessToken).expect(401, /ERR_SESSION_REVOKED/);
      await one.close();
    });
  });
}

describe('auth.protect({ live }) and a store that is down', () => {
  const secrets = { accessSecret: 'a'.repeat(16) + 'b'.repeat(24), refreshSecret: 'c'.repeat(16) + 'd'.repeat(24) };
  let auth, down;
  before(function () {
    auth = createTestAuth(secrets);
    try {
      down = createTestAuth({ ...secrets, store: 'mongodb://127.0.0.1:1/none', storeTimeout: '300ms' });
    } catch (err) {
      if (err.code !== 'ERR_STORE_UNAVAILABLE') throw err;
      console.log('      skipped: this build has no MongoDB store (install libmongoc-dev and build again)');
      this.skip();
    }
  });
  after(() => Promise.all([auth.close(), down?.close()]));

  it('is 503 with Retry-After, and reveals no hosts to the client', async () => {
    const app = require('express')();
    app.get('/', down.protect({ live: true }), (req, res) => res.json(1));
    const { accessToken } = await auth.login('1');
    const { warn } = console;
    console.warn = () => {};
    const res = await request(app).get('/').set('Authorization', `Bearer ${accessToken}`);
    console.warn = warn;
    assert.equal(res.status, 503);
    assert.match(res.body.code, /^ERR_STORE_/);
    assert.equal(res.headers['retry-after'], '1');
    assert.doesNotMatch(res.text, /127\.0\.0\.1/);
  });
});

describe('the memory of live sessions', () => {
  let time, reads, live, isSure;
  const record = { userId: 'u', revokedAt: 0, expiresAt: 1e9, endsAt: 1e9 };
  beforeEach(() => {
    time = 1000;
    isSure = true;
    reads = [];
    live = createLiveSessions({
      now: () => time,
      isSure: () => isSure,
      maxEntries: 3,
      read: (userId, sessionId) =>
        new Promise((resolve, reject) => {
          reads.push({ sessionId, resolve, reject });
        }),
    });
  });
  const ended = { code: 'ERR_SESSION_REVOKED' };
  const tick = () => new Promise(setImmediate);

  it("counts an answer's age from the start of the read", async () => {
    const asked = live.ask('u', 's', 5000);
    time += 4000;
    reads[0].resolve(record);
    await asked;
    assert.equal(live.isKnown('u', 's', 5000), true);
    time += 999;
    assert.equal(live.isKnown('u', 's', 5000), true);
    time += 1;
    assert.equal(live.isKnown('u', 's', 5000), false);
  });

  it('lets requests join a read only if it is recent enough', async () => {
    live.ask('u', 's', 5000);
    live.ask('u', 's', 5000);
    assert.equal(reads.length, 1);
    time += 5000;
    live.ask('u', 's', 5000);
    assert.equal(reads.length, 2);
    live.ask('u', 's', 0);
    assert.equal(reads.length, 3);
  });

  it("ignores a read that began before the session's end", async () => {
    const asked = live.ask('u', 's', 5000);
    live.end('s');
    reads[0].resolve(record);
    await assert.rejects(asked, ended);
    assert.throws(() => live.isKnown('u', 's', 5000), ended);
  });

  it('ignores it even if the end was evicted from memory in the meantime', async () => {
    const asked = live.ask('u', 's', 5000);
    live.end('s');
    for (const other of ['a', 'b', 'c']) live.end(other);
    reads[0].resolve(record);
    await assert.rejects(asked, ended);
    assert.equal(live.isKnown('u', 's', 5000), false);
  });

  it('remembers the more recent of two reads that overtook each other', async () => {
    const first = live.ask('u', 's', 0);
    time += 10;
    const second = live.ask('u', 's', 0);
    reads[1].resolve({ ...record, revokedAt: 1005 });
    await assert.rejects(second, ended);
    reads[0].resolve(record);
    await first;
    assert.throws(() => live.isKnown('u', 's', 5000), ended);
  });

  it('is bounded', async () => {
    for (const id of ['a', 'b', 'c', 'd']) {
      const asked = live.ask('u', id, 5000);
      reads.at(-1).resolve(record);
      await asked;
    }
    assert.deepEqual(
      ['a', 'b', 'c', 'd'].map((id) => live.isKnown('u', id, 5000)),
      [false, true, true, true],
    );
  });

  it('does not remember a failure', async () => {
    const asked = live.ask('u', 's', 5000);
    reads[0].reject(new Error('down'));
    await assert.rejects(asked, /down/);
    live.ask('u', 's', 5000);
    assert.equal(reads.length, 2);
  });

  it('does not count an answer as recent after the clock went back', async () => {
    const asked = live.ask('u', 's', 5000);
    reads[0].resolve(record);
    await asked;
    time -= 1;
    assert.equal(live.isKnown('u', 's', 5000), false);
  });

  it('finds nothing expired while the clock is unsure: it is read again, and then 503', async () => {
    const first = live.ask('u', 's', 5000);
    reads[0].resolve({ ...record, expiresAt: 1002 });
    await first;
    time = 1002;
    isSure = false;
    assert.equal(live.isKnown('u', 's', 5000), false);
    const again = live.ask('u', 's', 0);
    reads[1].resolve({ ...record, expiresAt: 1002 });
    await assert.rejects(again, { code: 'ERR_CLOCK_UNSURE', status: 503 });
    isSure = true;
    assert.throws(() => live.isKnown('u', 's', 5000), { code: 'ERR_SESSION_EXPIRED' });
  });

  it('refuses an ended session, and lets a live one pass, whether the clock is sure or not', async () => {
    isSure = false;
    const asked = live.ask('u', 's', 5000);
    reads[0].resolve(record);
    await asked;
    assert.equal(live.isKnown('u', 's', 5000), true);
    live.end('s');
    assert.throws(() => live.isKnown('u', 's', 5000), ended);
  });

  it('refuses sessions that are missing in the store or past their limit', async () => {
    const none = live.ask('u', 's', 0);
    reads[0].resolve(undefined);
    await assert.rejects(none, { code: 'ERR_SESSION_UNKNOWN' });
    const late = live.ask('u', 't', 0);
    reads[1].resolve({ ...record, expiresAt: time });
    await assert.rejects(late, { code: 'ERR_SESSION_EXPIRED' });
    await tick();
  });
});
