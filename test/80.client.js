'use strict';
// The browser client, in Node, with scripted responses. In real browsers: 82 and later.

const assert = require('node:assert');
const { BASE, createRoutes, reply, cut, lost, gate } = require('./browser/auth-routes.js');

const tick = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('the browser client', () => {
  let createClient;
  let clients;
  let clock;
  const realSetTimeout = globalThis.setTimeout;

  before(async () => ({ createClient } = await import('../client/index.js')));
  beforeEach(() => {
    [clients, clock] = [[], 0];
  });
  afterEach(() => {
    clients.forEach((client) => client.close());
    globalThis.setTimeout = realSetTimeout;
    delete globalThis.localStorage;
  });

  const open = (routes, options) => {
    const client = createClient({ baseUrl: `${BASE}/auth`, fetch: routes.fetch, now: () => clock, ...options });
    clients.push(client);
    return client;
  };
  const loggedIn = async (routes, options) => {
    const client = open(routes, options);
    await client.login({ username: 'john', password: 'right' });
    routes.requests.length = 0;
    routes.tokens.length = 0;
    return client;
  };
  const hurry = () => {
    globalThis.setTimeout = (run, ms, ...rest) => realSetTimeout(run, ms / 100, ...rest);
  };
  const calls = (client, n) => Promise.all(Array.from({ length: n }, () => client.fetch(`${BASE}/api/items`)));

  describe('a page that loads', () => {
    it('is "loading", then "in" if the cookie has a session', async () => {
      const routes = createRoutes();
      routes.cookie = 's1';
      const client = open(routes);
      assert.strictEqual(client.getState().status, 'loading');
      await client.ready;
      assert.strictEqual(client.getState().status, 'in');
      assert.deepStrictEqual(client.getState().user, { name: 'john' });
    });

    it('is "out" if there is none', async () => {
      const client = open(createRoutes());
      await client.ready;
      assert.deepStrictEqual({ ...client.getState() }, { status: 'out', user: null, expiresAt: null, error: null });
    });

    it('is "out" with the error, also in the console, if the server refuses the origin: for good', async () => {
      const origin = { code: 'ERR_ORIGIN', message: "add this line to auth.router({ … }): origins: ['http://a.test']" };
      const refusals = [
        reply(403, origin),
        reply(400, { code: 'ERR_BODY', message: 'two cookies' }),
        new Response('<h1>', { status: 404 }),
      ];
      const told = [];
      const { error } = console;
      console.error = (err) => told.push(`${err}`);
      try {
        for (const refusal of refusals) {
          const routes = createRoutes();
          routes.next['/auth/refresh'] = [() => refusal];
          const client = open(routes);
          await client.ready;
          const state = client.getState();
          assert.deepStrictEqual([state.status, state.error.status], ['out', refusal.status]);
          await client.login({ password: 'right' }); // put right meanwhile
          assert.deepStrictEqual([client.getState().status, client.getState().error], ['in', null]);
        }
      } finally {
        console.error = error;
      }
      assert.deepStrictEqual(told, [`Error: ${origin.message}`, 'Error: two cookies', 'Error: HTTP 404']);
    });

    it('stays "loading" after a 429, which is temporary', async () => {
      hurry();
      const routes = createRoutes();
      routes.cookie = 's1';
      routes.next['/auth/refresh'] = Array.from({ length: 6 }, () => () => reply(429, { code: 'LIMIT' }));
      const client = open(routes);
      await client.ready;
      assert.strictEqual(client.getState().status, 'loading');
      await new Promise((resolve) => {
        client.subscribe(resolve);
      });
      assert.strictEqual(client.getState().status, 'in');
    });

    it('reads only own properties as options, nothing from Object.prototype', async () => {
      const routes = createRoutes();
      const hostile = {
        transport: 'body',
        storage: 'session',
        origins: ['http://evil.test'],
        now: () => NaN,
        refreshOn: () => true,
      };
      for (const name of Object.keys(hostile)) {
        Object.prototype[name] = hostile[name]; // eslint-disable-line no-extend-native
        try {
          const client = createClient({ fetch: routes.fetch, baseUrl: `${BASE}/auth` });
          clients.push(client);
          await client.login({ password: 'right' });
          assert.strictEqual((await client.fetch('http://evil.test/x')).status, 401, name);
          assert.deepStrictEqual([client.getState().status, routes.tokens.at(-1)], ['in', null], name);
          assert.strictEqual(
            routes.bodies.some((body) => body.includes('refreshToken')),
            false,
            name,
          );
          assert.strictEqual((await client.fetch(`${BASE}/api/items`)).status, 200, name);
          assert.strictEqual(routes.count('/auth/refresh'), 1, name); // the first, of a page that loads
        } finally {
          delete Object.prototype[name];
        }
        routes.requests.length = 0;
        routes.cookie = null;
      }
    });

    it('holds its calls back until the session is restored', async () => {
      const routes = createRoutes();
      routes.cookie = 's1';
      const response = await open(routes).fetch(`${BASE}/api/items`);
      assert.strictEqual(response.status, 200);
      assert.deepStrictEqual(routes.requests, ['POST /auth/refresh', 'GET /api/items']);
    });

    it('stays "loading" while the server cannot be reached, and is "in" once it can', async () => {
      hurry();
      const routes = createRoutes();
      routes.cookie = 's1';
      routes.next['/auth/refresh'] = Array(6).fill(cut);
      const client = open(routes);
      await client.ready;
      assert.strictEqual(client.getState().status, 'loading');
      await new Promise((resolve) => {
        client.subscribe(resolve);
      });
      assert.strictEqual(client.getState().status, 'in');
    });
  });

  describe('login', () => {
    it("rejects with the code of the server's refusal and changes nothing", async () => {
      const client = open(createRoutes());
      await client.ready;
      await assert.rejects(client.login({ username: 'john', password: 'wrong' }), {
        code: 'ERR_CREDENTIALS',
        status: 401,
      });
      assert.strictEqual(client.getState().status, 'out');
    });

    it('notifies the subscribers until they unsubscribe', async () => {
      const client = open(createRoutes());
      await client.ready;
      const seen = [];
      const unsubscribe = client.subscribe((state) => seen.push(state.status));
      await client.login({ password: 'right' });
      await tick();
      unsubscribe();
      await client.logout();
      await tick();
      assert.deepStrictEqual(seen, ['in']);
    });

    it('keeps one state object until something changes, and one user object until the user changes', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const before = client.getState();
      assert.strictEqual(client.getState(), before);
      await client.getToken(await client.getToken()); // renewed
      assert.notStrictEqual(client.getState(), before);
      assert.strictEqual(client.getState().user, before.user);
    });
  });

  describe('fetch', () => {
    it("adds the token for the API's origin and for no other", async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes, { origins: ['http://images.test'] });
      for (const url of [BASE, 'http://images.test', 'http://elsewhere.test']) await client.fetch(`${url}/x`);
      assert.deepStrictEqual(
        routes.tokens.map((sent) => sent !== null),
        [true, true, false],
      );
    });

    it('does not change an Authorization header of the caller', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const response = await client.fetch(`${BASE}/x`, { headers: { Authorization: 'Bearer own' } });
      assert.deepStrictEqual([routes.tokens, response.status], [['own'], 401]);
    });

    it('renews an expired token before it sends: once for ten calls', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      clock += 30_001;
      const responses = await calls(client, 10);
      assert.deepStrictEqual([routes.count('/auth/refresh'), routes.count('/api/items')], [1, 10]);
      assert(responses.every((response) => response.status === 200));
    });

    it("measures a token's lifetime by expiresIn from the request on, whatever the machine's date is", async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.next['/auth/refresh'] = [
        async (request, answer) => {
          clock += 20_000; // a slow answer
          return answer();
        },
      ];
      await client.getToken(await client.getToken());
      const realNow = Date.now;
      Date.now = () => realNow() + 1e9;
      try {
        clock += 9000;
        await client.getToken();
        clock += 1001;
        await calls(client, 1);
      } finally {
        Date.now = realNow;
      }
      assert.strictEqual(
        routes.count('/auth/refresh'),
        2,
        'the second one when 30 s of the token were over, 10 s after its answer',
      );
    });

    it('renews in good time, so that no call waits for it', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const slow = gate();
      routes.next['/auth/refresh'] = [slow.script];
      clock += 26_000; // the last sixth
      const [sent] = await Promise.all([client.getToken(), slow.arrived]);
      assert.match(sent, /^e30\./);
      slow.open();
    });

    it('renews after a 401 and sends again: once for ten refused calls', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.valid.clear(); // the server's clock is ahead
      const responses = await calls(client, 10);
      assert.deepStrictEqual([routes.count('/auth/refresh'), routes.count('/api/items')], [1, 20]);
      assert(responses.every((response) => response.status === 200));
    });

    it('sends the body again after a 401', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.valid.clear();
      routes.bodies.length = 0;
      await client.fetch(`${BASE}/api/items`, { method: 'POST', body: 'milk' });
      assert.deepStrictEqual(routes.bodies, ['milk', '{}', 'milk']);
    });

    it('returns a second 401 to the caller', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.next['/api/items'] = [() => reply(401), () => reply(401)];
      const response = await client.fetch(`${BASE}/api/items`);
      assert.deepStrictEqual([response.status, routes.count('/api/items'), routes.count('/auth/refresh')], [401, 2, 1]);
    });

    it('asks refreshOn which responses are refusals, for an API that answers 403', async () => {
      const routes = createRoutes({ refusal: 403 });
      const client = await loggedIn(routes, { refreshOn: (response) => response.status === 403 });
      routes.valid.clear();
      const response = await client.fetch(`${BASE}/api/items`);
      assert.deepStrictEqual([response.status, routes.count('/auth/refresh')], [200, 1]);
    });

    it('sends without a token, and requests none, if nobody is logged in', async () => {
      const routes = createRoutes();
      const client = open(routes);
      await client.ready;
      const response = await client.fetch(`${BASE}/api/items`);
      assert.deepStrictEqual([response.status, routes.tokens, routes.count('/auth/refresh')], [401, [null], 1]);
    });
  });

  describe('a renewal that fails', () => {
    it('is sent again after a lost answer', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.next['/auth/refresh'] = [lost];
      clock += 31_000;
      const [response] = await calls(client, 1);
      assert.deepStrictEqual([response.status, routes.count('/auth/refresh')], [200, 2]);
    });

    it('is sent again after a 503, a 429 and a truncated response', async () => {
      hurry();
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const half = () => new Response('{"accessTok', { status: 200 });
      routes.next['/auth/refresh'] = [
        () => reply(503, { code: 'ERR_BUSY' }, { 'Retry-After': '1' }),
        () => reply(429),
        half,
      ];
      clock += 31_000;
      const [response] = await calls(client, 1);
      assert.deepStrictEqual([response.status, routes.count('/auth/refresh')], [200, 4]);
    });

    it('rejects the waiting calls while the server is down, keeps the session, and recovers with it', async () => {
      hurry();
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.next['/auth/refresh'] = Array(6).fill(cut);
      clock += 31_000;
      await assert.rejects(client.fetch(`${BASE}/api/items`), TypeError);
      assert.deepStrictEqual([client.getState().status, routes.count('/auth/refresh')], ['in', 6]);
      assert.strictEqual((await client.fetch(`${BASE}/api/items`)).status, 200);
    });

    it("ends the session if the server says so, and the waiting calls get the server's error", async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.cookie = null;
      clock += 31_000;
      const responses = await calls(client, 3);
      assert.strictEqual(client.getState().status, 'out');
      assert.deepStrictEqual(
        await Promise.all(responses.map((r) => r.json().then(({ code }) => [r.status, code]))),
        Array(3).fill([401, 'ERR_SESSION_REVOKED']),
      );
      assert.strictEqual(routes.count('/api/items'), 0, "nothing was sent in nobody's name");
    });

    it('does not end the session for a refusal that does not concern it (403 ERR_ORIGIN)', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.next['/auth/refresh'] = [() => reply(403, { code: 'ERR_ORIGIN', message: 'not from there' })];
      clock += 31_000;
      await assert.rejects(client.fetch(`${BASE}/api/items`), { code: 'ERR_ORIGIN', status: 403 });
      assert.strictEqual(client.getState().status, 'in');
    });
  });

  describe('logout', () => {
    it('takes effect immediately, before the server has answered', async () => {
      const client = await loggedIn(createRoutes());
      const done = client.logout();
      assert.strictEqual(client.getState().status, 'out');
      await done;
    });

    it('discards the response of a renewal that began before it', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const slow = gate();
      routes.next['/auth/refresh'] = [slow.script];
      clock += 31_000;
      const call = assert.rejects(client.fetch(`${BASE}/api/items`), { name: 'AbortError' });
      await slow.arrived;
      const out = client.logout();
      slow.open();
      await Promise.all([call, out]);
      assert.strictEqual(client.getState().status, 'out');
      assert.strictEqual(routes.count('/api/items'), 0);
    });

    it('discards the responses of calls that began before it', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const slow = gate();
      routes.next['/api/items'] = [slow.script];
      const call = assert.rejects(client.fetch(`${BASE}/api/items`), { name: 'AbortError' });
      await slow.arrived;
      await client.logout();
      await client.login({ password: 'right' });
      slow.open();
      await call;
    });

    it('that did not reach the server is repeated after a reload, before the cookie can log in again', async () => {
      hurry();
      globalThis.localStorage = {};
      const routes = createRoutes();
      const client = await loggedIn(routes);
      routes.next['/auth/logout'] = Array(6).fill(cut);
      await assert.rejects(client.logout(), TypeError);
      client.close();
      assert.deepStrictEqual(Object.values(globalThis.localStorage), [1], 'a mark, never a token');

      routes.requests.length = 0;
      const reloaded = open(routes);
      await reloaded.ready;
      assert.deepStrictEqual(
        [reloaded.getState().status, routes.requests, routes.cookie],
        ['out', ['POST /auth/logout'], null],
      );
      assert.deepStrictEqual(globalThis.localStorage, {});
    });
  });

  describe('several tabs', () => {
    it('renew once between them, however many calls wait', async () => {
      const routes = createRoutes();
      const first = await loggedIn(routes);
      const tabs = [first, open(routes), open(routes)];
      await Promise.all(tabs.map((tab) => tab.ready));
      await tick();
      routes.requests.length = 0;
      clock += 31_000;
      const responses = (await Promise.all(tabs.map((tab) => calls(tab, 10)))).flat();
      assert.deepStrictEqual([routes.count('/auth/refresh'), routes.count('/api/items')], [1, 30]);
      assert(responses.every((response) => response.status === 200));
    });

    it('are logged in and out together', async () => {
      const routes = createRoutes();
      const [one, other] = [open(routes), open(routes)];
      await Promise.all([one.ready, other.ready]);
      const heard = new Promise((resolve) => {
        other.subscribe(resolve);
      });
      await one.login({ password: 'right' });
      assert.strictEqual((await heard).status, 'in');
      const gone = new Promise((resolve) => {
        one.subscribe(resolve);
      });
      await other.logout();
      assert.strictEqual((await gone).status, 'out');
    });

    it('learn together that the server has ended the session', async () => {
      const routes = createRoutes();
      const one = await loggedIn(routes);
      const other = open(routes);
      await other.ready;
      await tick();
      routes.cookie = null;
      const gone = new Promise((resolve) => {
        one.subscribe((state) => state.status === 'out' && resolve());
      });
      await other.getToken(await other.getToken());
      await gone;
    });

    it('do not accept a late token of a session that has ended', async () => {
      const routes = createRoutes();
      const client = await loggedIn(routes);
      const old = await client.getToken();
      await client.logout();
      const channel = new BroadcastChannel(`signet:${BASE}/auth`);
      channel.postMessage({ access: { token: old, user: {}, leftMs: 30_000 } });
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
      channel.close();
      assert.strictEqual(client.getState().status, 'out');
    });

    it('ignore other clients of the origin (another baseUrl)', async () => {
      const routes = createRoutes();
      const client = open(routes);
      const other = open(routes, { baseUrl: `${BASE}/admin` });
      await client.ready;
      routes.next['/admin/refresh'] = [() => reply(401, {})];
      await other.ready;
      await client.login({ password: 'right' });
      await tick();
      assert.strictEqual(other.getState().status, 'out');
    });
  });

  describe('transport "body"', () => {
    const adapter = () => {
      const slot = { token: null };
      const put = async (token = null) => {
        slot.token = token;
      };
      return { slot, get: async () => slot.token, set: put, remove: () => put() };
    };
    const credentials = { password: 'right', transport: 'body' };

    it('keeps the refresh token in memory, so that a reload logs out without a request', async () => {
      const routes = createRoutes();
      const client = open(routes, { transport: 'body' });
      await client.login(credentials);
      await client.getToken(await client.getToken());
      assert.strictEqual(JSON.parse(routes.bodies.at(-1)).refreshToken, 'r1');
      const reloaded = open(routes, { transport: 'body' });
      await reloaded.ready;
      assert.deepStrictEqual([reloaded.getState().status, routes.count('/auth/refresh')], ['out', 1]);
    });

    it("keeps it in the app's own storage if it is passed, and a reload restores the session", async () => {
      const routes = createRoutes();
      const storage = adapter();
      await open(routes, { transport: 'body', storage }).login(credentials);
      assert.strictEqual(storage.slot.token, 'r1');
      const reloaded = open(routes, { transport: 'body', storage });
      await reloaded.ready;
      assert.deepStrictEqual([reloaded.getState().status, storage.slot.token], ['in', 'r2']);
      await reloaded.logout();
      assert.deepStrictEqual([storage.slot.token, routes.bodies.at(-1)], [null, '{"refreshToken":"r2"}']);
    });

    it("is one session per tab: no tab is told of another's login", async () => {
      const routes = createRoutes();
      const [one, other] = [open(routes, { transport: 'body' }), open(routes, { transport: 'body' })];
      await one.login(credentials);
      await tick();
      assert.strictEqual(other.getState().status, 'out');
    });

    it('leaves no token behind when a logout overtakes a renewal', async () => {
      const routes = createRoutes();
      const storage = adapter();
      const client = open(routes, { transport: 'body', storage });
      await client.login(credentials);
      const slow = gate();
      routes.next['/auth/refresh'] = [slow.script];
      const renewal = client.getToken(await client.getToken()).catch(() => {});
      await slow.arrived;
      const out = client.logout();
      slow.open();
      await Promise.all([renewal, out]);
      assert.strictEqual(storage.slot.token, null);
    });
  });
});
