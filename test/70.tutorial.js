'use strict';
// The tutorial's app (examples/mern) over HTTP: the exact routes, statuses and texts, and the responses to bad
// requests.

const assert = require('node:assert');
const { once } = require('node:events');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { mock } = require('node:test');
const { createApp } = require('../examples/mern/server/app.js');

const SECRETS = {
  accessSecret: 'tutorial-test-access-secret-0123456789',
  refreshSecret: 'tutorial-test-refresh-secret-0123456789',
};
const JOHN = { username: 'john', password: 'john-demo-password' };
const JANE = { username: 'jane', password: 'jane-demo-password' };

const STORES = [
  { name: 'SQLite', store: ':memory:' },
  {
    name: 'MongoDB',
    store: process.env.MONGODB_URI && withDatabase(process.env.MONGODB_URI, `signet_tutorial_${process.pid}`),
  },
];

/** The same server, a database of this run's own. */
function withDatabase(uri, name) {
  const url = new URL(uri);
  url.pathname = `/${name}`;
  return String(url);
}

for (const { name, store } of STORES) {
  describe(`70 the tutorial's app on ${name}`, function () {
    let server, auth, base, clock;

    before(async function () {
      if (!store) {
        console.log('      skipped: MONGODB_URI is not set (npm test starts a server and sets it)');
        return this.skip();
      }
      clock = Date.now();
      const made = createApp({ ...SECRETS, store, now: () => clock });
      auth = made.auth;
      await auth.ready();
      server = made.app.listen(0);
      await once(server, 'listening');
      base = `http://localhost:${server.address().port}`;
    });

    after(async () => {
      if (!server) return;
      server.close();
      server.closeAllConnections();
      await auth.close();
    });

    async function call(method, route, { body, token, raw, headers } = {}) {
      const answer = await fetch(base + route, {
        method,
        headers: {
          ...(body !== undefined || raw !== undefined ? { 'Content-Type': 'application/json' } : {}),
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
        body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
    }
    const login = async (who) => (await call('POST', '/api/login', { body: who })).body;
    const refresh = (id, token) => call('POST', `/api/refresh/${id}`, { body: { token } });

    it('login returns the name, the role and both tokens', async () => {
      const { status, body } = await call('POST', '/api/login', { body: JOHN });
      assert.strictEqual(status, 200);
      assert.deepStrictEqual(Object.keys(body), ['username', 'isAdmin', 'access_token', 'refresh_token']);
      assert.strictEqual(body.username, 'john');
      assert.strictEqual(body.isAdmin, true);
    });

    for (const [what, body] of [
      ['a wrong password', { username: 'john', password: 'wrong' }],
      ['an unknown name', { username: 'nobody', password: 'wrong' }],
      ['an operator instead of a name', { username: { $ne: null }, password: { $ne: null } }],
      ['a missing password', { username: 'john' }],
      ['an empty object', {}],
      ['a list', []],
    ]) {
      it(`login with ${what} is 400`, async () => {
        const answer = await call('POST', '/api/login', { body });
        assert.deepStrictEqual([answer.status, answer.body], [400, 'Username or password is incorrect']);
      });
    }

    it('login without a body is 400', async () => {
      const answer = await call('POST', '/api/login');
      assert.deepStrictEqual([answer.status, answer.body], [400, 'Username or password is incorrect']);
    });

    it('a route behind verify has the claims in req.user', async () => {
      const { access_token: token } = await login(JOHN);
      const { status, body } = await call('GET', '/api/me', { token });
      assert.strictEqual(status, 200);
      assert.strictEqual(body.id, '1');
      assert.strictEqual(body.isAdmin, true);
      assert.strictEqual(body.exp - body.iat, 30);
    });

    it('a route behind verify without the header is 401', async () => {
      const answer = await call('GET', '/api/me');
      assert.deepStrictEqual([answer.status, answer.body], [401, 'You are not authenticated']);
    });

    it('a route behind verify with a bad token is 403', async () => {
      const { access_token: good, refresh_token: otherKind } = await login(JOHN);
      for (const token of [
        'garbage',
        `${good}x`,
        good.slice(0, -1),
        otherKind,
        'a.b.c',
        good.replace(/^[^.]*/, 'eyJhbGciOiJub25lIn0'),
      ]) {
        const answer = await call('GET', '/api/me', { token });
        assert.deepStrictEqual([answer.status, answer.body], [403, 'Token is not Valid.']);
      }
      for (const header of ['Bearer', 'Bearer ', good, `Basic ${good}`, `Bearer ${good} ${good}`]) {
        const answer = await call('GET', '/api/me', { headers: { Authorization: header } });
        assert.deepStrictEqual([answer.status, answer.body], [403, 'Token is not Valid.'], header.slice(0, 7));
      }
    });

    it('the access token lives 30 seconds', async () => {
      const { access_token: token } = await login(JOHN);
      const start = clock;
      clock = start + 29_000;
      assert.strictEqual((await call('GET', '/api/me', { token })).status, 200);
      clock = start + 31_000;
      const answer = await call('GET', '/api/me', { token });
      assert.deepStrictEqual([answer.status, answer.body], [403, 'Token is not Valid.']);
    });

    it('refresh rotates the token for a new pair', async () => {
      const first = await login(JOHN);
      const { status, body } = await refresh('1', first.refresh_token);
      assert.strictEqual(status, 200);
      assert.deepStrictEqual(Object.keys(body), ['accessToken', 'refreshToken']);
      assert.notStrictEqual(body.refreshToken, first.refresh_token);
      assert.strictEqual((await call('GET', '/api/me', { token: body.accessToken })).status, 200);
    });

    it('the old refresh token is refused immediately, and its reuse ends the session', async () => {
      const first = await login(JOHN);
      const second = (await refresh('1', first.refresh_token)).body;
      const stolen = await refresh('1', first.refresh_token);
      assert.deepStrictEqual([stolen.status, stolen.body], [403, 'Refresh token is not valid!']);
      const victim = await refresh('1', second.refreshToken);
      assert.strictEqual(victim.status, 403);
    });

    it('refresh for a user without a session is 403 "not Generated"', async () => {
      await auth.revokeAll('2');
      const answer = await refresh('2', 'anything');
      assert.deepStrictEqual([answer.status, answer.body], [403, 'Refresh token is not Generated!']);
    });

    it("refresh with another user's token is 403, and that user's session is not affected", async () => {
      const john = await login(JOHN);
      await login(JANE);
      const answer = await refresh('2', john.refresh_token);
      assert.deepStrictEqual([answer.status, answer.body], [403, 'Refresh token is not valid!']);
      assert.strictEqual((await refresh('1', john.refresh_token)).status, 200);
    });

    for (const token of [undefined, null, 5, { $ne: null }, [], '', 'x'.repeat(70_000)]) {
      it(`refresh with ${token === undefined ? 'no token' : JSON.stringify(token).slice(0, 20)} is 403`, async () => {
        await login(JOHN);
        const answer = await refresh('1', token);
        assert.deepStrictEqual([answer.status, answer.body], [403, 'Refresh token is not valid!']);
      });
    }

    it('logout ends the session of the access token', async () => {
      const tokens = await login(JANE);
      const answer = await call('POST', '/api/logout', { token: tokens.access_token });
      assert.deepStrictEqual([answer.status, answer.body], [204, undefined]);
      assert.strictEqual((await refresh('2', tokens.refresh_token)).status, 403);
    });

    it('logout without a token is 401', async () => {
      assert.strictEqual((await call('POST', '/api/logout')).status, 401);
    });

    for (const [what, raw, status] of [
      ['JSON that is cut off', '{"username": "john", "pass', 400],
      ['a body of 1 MB', JSON.stringify({ username: 'x'.repeat(1_000_000) }), 413],
      ['a bare word', 'john', 400],
      ['a broken escape', '{"username":"\\u12"}', 400],
    ]) {
      it(`${what} is ${status} with a JSON error, and the server keeps running`, async () => {
        const answer = await call('POST', '/api/login', { raw });
        assert.strictEqual(answer.status, status);
        assert.strictEqual(answer.body.code, 'ERR_BODY');
        assert.match(answer.headers.get('content-type'), /^application\/json/);
        assert.strictEqual((await call('POST', '/api/login', { body: JOHN })).status, 200);
      });
    }

    it('an impossible user id is a 4xx', async () => {
      for (const id of ['%00', 'x'.repeat(300), '%zz']) {
        const answer = await call('POST', `/api/refresh/${id}`, { body: { token: 'x' } });
        assert.ok(answer.status >= 400 && answer.status < 500, `${id}: ${answer.status}`);
      }
    });

    it('two tokens of the same second differ', async () => {
      const [a, b] = [await login(JOHN), await login(JOHN)];
      assert.notStrictEqual(a.refresh_token, b.refresh_token);
      assert.notStrictEqual(a.access_token, b.access_token);
    });
  });
}

describe("70 the tutorial's app without its store", () => {
  it('answers 503 with a code, and has the reason, which may name files and hosts, in its log only', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-tutorial-'));
    const { app, auth } = createApp({ ...SECRETS, store: path.join(folder, 'sessions.db') });
    await auth.ready();
    fs.rmSync(folder, { recursive: true });
    const server = app.listen(0);
    await once(server, 'listening');
    const logged = mock.method(console, 'error', () => {});
    try {
      const answer = await fetch(`http://localhost:${server.address().port}/api/login`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(JOHN),
      });
      const text = await answer.text();
      assert.deepStrictEqual([answer.status, JSON.parse(text).code], [503, 'ERR_STORE_UNAVAILABLE']);
      assert.ok(!text.includes('deleted'), text);
      assert.match(
        logged.mock.calls[0].arguments[0],
        /^POST \/api\/login: ERR_STORE_UNAVAILABLE: .*the file was deleted/,
      );
    } finally {
      logged.mock.restore();
      server.close();
      server.closeAllConnections();
      await auth.close();
    }
  });
});

describe("70 the tutorial's code", () => {
  it('is on one page', () => {
    const lines = fs.readFileSync(path.join(__dirname, '../examples/mern/server/app.js'), 'utf8').split('\n').length;
    assert.ok(lines < 110, `${lines} lines`);
  });
});
