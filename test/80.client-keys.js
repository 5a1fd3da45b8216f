'use strict';
// The keys that the browser client sends with refreshes, and how it handles a 409, a Retry-After and a server without a
// new secret: in Node, with scripted responses.

const assert = require('node:assert');
const { BASE, createRoutes, reply, cut, lost, gate } = require('./browser/auth-routes.js');

const KEY = /^[!-~]{22,128}$/;
const REFRESH = '/auth/refresh';
const SLOT = `signet:${BASE}/auth:keys`;
const superseded = (seconds) => () =>
  reply(409, { code: 'ERR_REFRESH_SUPERSEDED', message: 'a newer token is in use' }, { 'Retry-After': `${seconds}` });
const busy = (seconds) => () => reply(503, { code: 'ERR_BUSY', message: 'busy' }, { 'Retry-After': `${seconds}` });
const times = (n, script) => Array.from({ length: n }, () => script);

describe('the browser client', () => {
  let createClient;
  let clients;
  let clock;
  let delays; // the pauses that the client has made, in milliseconds; each lasts a hundredth of that
  const { setTimeout: realSetTimeout } = globalThis;

  before(async () => ({ createClient } = await import('../client/index.js')));
  beforeEach(() => {
    [clients, clock, delays] = [[], 0, []];
    globalThis.localStorage = {};
    globalThis.setTimeout = (run, ms, ...rest) => {
      delays.push(ms);
      return realSetTimeout(run, ms / 100, ...rest);
    };
  });
  afterEach(() => {
    clients.forEach((client) => client.close());
    globalThis.setTimeout = realSetTimeout;
    delete globalThis.localStorage;
  });

  function open(routes, options) {
    const client = createClient({ baseUrl: `${BASE}/auth`, fetch: routes.fetch, now: () => clock, ...options });
    clients.push(client);
    return client;
  }
  /** A client that is logged in and whose token has expired; `refreshes` lists the bodies of its refreshes. */
  async function expired(options, credentials) {
    const routes = createRoutes();
    const client = open(routes, options);
    await client.login({ password: 'right', ...credentials });
    for (const list of [routes.requests, routes.bodies, routes.tokens]) list.length = 0;
    clock += 31_000;
    return { routes, client, refreshes: () => refreshesOf(routes) };
  }
  function assertOneKey(bodies) {
    const keys = new Set(bodies.map(({ idempotencyKey }) => idempotencyKey));
    assert.strictEqual(keys.size, 1);
    assert.match([...keys][0], KEY);
  }
  const refreshesOf = ({ requests, bodies }) =>
    bodies.filter((_, i) => requests[i].endsWith('/refresh')).map((text) => JSON.parse(text));
  const call = (client) => client.fetch(`${BASE}/api/items`);
  const expire = () => {
    clock += 31_000;
  };
  const becomes = (client, status) =>
    new Promise((resolve) => {
      const unsubscribe = client.subscribe((state) => {
        if (state.status === status) resolve(unsubscribe());
      });
      if (client.getState().status === status) resolve(unsubscribe());
    });
  const changes = (client) =>
    new Promise((resolve) => {
      client.subscribe(resolve);
    });
  const sleep = (ms) =>
    new Promise((resolve) => {
      realSetTimeout(resolve, ms);
    });

  describe('sends with each refresh a key that', () => {
    it('is stored before it is sent', async () => {
      const { routes, client, refreshes } = await expired();
      let stored;
      routes.next[REFRESH] = [
        (request, answer) => {
          stored = globalThis.localStorage[SLOT];
          return answer();
        },
      ];
      await call(client);
      const [{ idempotencyKey }] = refreshes();
      assert.match(idempotencyKey, KEY);
      assert.strictEqual(stored, `${idempotencyKey} `);
    });

    it('is sent again until there is an answer: by a retry, the next call, or the next page load', async () => {
      const { routes, client, refreshes } = await expired();
      routes.next[REFRESH] = [lost, ...times(11, cut)];
      await assert.rejects(call(client), TypeError);
      await assert.rejects(call(client), TypeError);
      client.close();
      await open(routes).ready;
      assert.strictEqual(routes.count(REFRESH), 13);
      assertOneKey(refreshes());
    });

    it('is sent again after a refusal that does not concern the session (403, 503)', async () => {
      const { routes, client, refreshes } = await expired();
      routes.next[REFRESH] = [lost, () => reply(403, { code: 'ERR_ORIGIN' }), ...times(6, () => reply(503))];
      await assert.rejects(call(client), { status: 403 });
      await assert.rejects(call(client), { status: 503 });
      await call(client);
      assertOneKey(refreshes());
    });

    it('is kept as the previous one from its answer until the next exchange', async () => {
      const { client, refreshes } = await expired();
      for (let i = 0; i < 3; i += 1) {
        await call(client);
        expire();
      }
      const sent = refreshes();
      assert.deepStrictEqual(
        sent.map(({ previousKey }) => previousKey),
        [undefined, sent[0].idempotencyKey, sent[1].idempotencyKey],
      );
      assert.strictEqual(new Set(sent.map(({ idempotencyKey }) => idempotencyKey)).size, 3);
      assert.strictEqual(globalThis.localStorage[SLOT], ` ${sent[2].idempotencyKey}`);
    });

    it('is the one that is stored after writing: two tabs without locks overwrite each other', async () => {
      const theirs = 'the-key-of-another-tab-0';
      const place = new Proxy({}, { set: (target, name) => Reflect.set(target, name, `${theirs} `) });
      const { client, refreshes } = await withPlace(place);
      await call(client);
      assert.strictEqual(refreshes()[0].idempotencyKey, theirs);
    });

    it("does not remove another tab's pending key when its own is answered", async () => {
      const { routes, client, refreshes } = await expired();
      const theirs = 'the-key-of-another-tab-0';
      routes.next[REFRESH] = [
        (request, answer) => {
          globalThis.localStorage[SLOT] = `${theirs} `;
          return answer();
        },
      ];
      await call(client);
      assert.strictEqual(globalThis.localStorage[SLOT], `${theirs} ${refreshes()[0].idempotencyKey}`);
    });

    it('is dropped at logout and at an end', async () => {
      const { routes, client } = await expired();
      await call(client);
      assert.notDeepStrictEqual(globalThis.localStorage, {});
      await client.logout();
      assert.deepStrictEqual(globalThis.localStorage, {});
      await client.login({ password: 'right' });
      expire();
      await call(client);
      expire();
      routes.cookie = null;
      await call(client);
      assert.deepStrictEqual([client.getState().status, globalThis.localStorage], ['out', {}]);
    });

    it('has its place under the absolute baseUrl', async () => {
      globalThis.location = new URL(`${BASE}/shop/cart`);
      try {
        for (const [baseUrl, path] of [
          ['../auth', '/auth'],
          ['/auth', '/auth'],
          [`${BASE}/auth`, '/auth'],
          ['admin', '/shop/admin'],
        ]) {
          globalThis.localStorage = {};
          const fetch = async () => reply(503, {});
          open({ fetch }, { baseUrl });
          for (let ms = 0; ms < 2000 && Object.keys(globalThis.localStorage).length === 0; ms += 5) await sleep(5);
          assert.deepStrictEqual(Object.keys(globalThis.localStorage), [`signet:${BASE}${path}:keys`]);
        }
      } finally {
        delete globalThis.location;
      }
    });

    /** As `expired`, where this is the page's localStorage. */
    async function withPlace(place) {
      Object.defineProperty(globalThis, 'localStorage', {
        get: place instanceof Function ? place : () => place,
        configurable: true,
      });
      const found = await expired();
      return found;
    }

    it('is not used if nothing keeps it: the storage is forbidden, missing, full, or forgets', async () => {
      const forbidden = () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      };
      const full = new Proxy(
        {},
        {
          set() {
            throw new DOMException('full', 'QuotaExceededError');
          },
        },
      );
      for (const place of [forbidden, null, undefined, full, new Proxy({}, { set: () => true })]) {
        const { client, refreshes } = await withPlace(place);
        assert.strictEqual((await call(client)).status, 200);
        assert.deepStrictEqual(refreshes(), [{}]);
      }
    });

    it('is not used if no random key can be made (React Native without a polyfill)', async () => {
      const { client, refreshes } = await expired();
      const own = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
      Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
      try {
        assert.strictEqual((await call(client)).status, 200);
      } finally {
        Object.defineProperty(globalThis, 'crypto', own);
      }
      assert.deepStrictEqual(refreshes(), [{}]);
    });

    it('is never a stored value that it could not have written', async () => {
      for (const text of ['short previous', `${'a'.repeat(129)} `, 'ungültig-ungültig-ungültig ', 'null', ' ', '']) {
        const { client, refreshes } = await expired();
        globalThis.localStorage[SLOT] = text;
        await call(client);
        const [{ idempotencyKey, previousKey }] = refreshes();
        assert.match(idempotencyKey, KEY);
        assert(!text.includes(idempotencyKey) && previousKey === undefined, text);
      }
    });

    describe('with transport "body"', () => {
      const credentials = { transport: 'body' };
      const place = (kept, name) => ({
        get: async () => kept[name],
        set: async (text) => {
          kept[name] = text;
        },
        remove: async () => {
          delete kept[name];
        },
      });

      it('is in the body, too, and lives as long as the token: in memory', async () => {
        const { routes, client, refreshes } = await expired({ transport: 'body' }, credentials);
        routes.next[REFRESH] = times(6, cut);
        await assert.rejects(call(client), TypeError);
        await call(client);
        const [first, ...others] = refreshes();
        assert.match(first.idempotencyKey, KEY);
        assert.deepStrictEqual(Object.keys(first), ['refreshToken', 'idempotencyKey']);
        assert.deepStrictEqual(others, times(6, first));
        assert.deepStrictEqual(globalThis.localStorage, {});
      });

      it("is in the app's own storage if that can keep keys, and is not used otherwise", async () => {
        const kept = {};
        const storage = { ...place(kept, 'token'), keys: place(kept, 'keys') };
        const { client, refreshes } = await expired({ transport: 'body', storage }, credentials);
        await call(client);
        const [{ idempotencyKey }] = refreshes();
        assert.strictEqual(kept.keys, ` ${idempotencyKey}`);
        await client.logout();
        assert.deepStrictEqual(kept, {});

        const plain = await expired({ transport: 'body', storage: place(kept, 'token') }, credentials);
        await call(plain.client);
        assert.deepStrictEqual(Object.keys(plain.refreshes()[0]), ['refreshToken']);
      });

      it('is no obstacle if the app cannot write it; if it cannot read it, the next call tries again', async () => {
        const kept = {};
        const fails = async () => {
          throw new Error('the keychain is locked');
        };
        const keys = { ...place(kept, 'keys'), set: fails, remove: fails };
        const { routes, client } = await expired(
          { transport: 'body', storage: { ...place(kept, 'token'), keys } },
          credentials,
        );
        assert.strictEqual((await call(client)).status, 200);
        const { get } = keys;
        keys.get = fails;
        expire();
        await assert.rejects(call(client), /keychain/);
        assert.strictEqual(client.getState().status, 'in');
        keys.get = get;
        routes.next[REFRESH] = [
          (request, answer) => {
            keys.get = fails;
            return answer();
          },
        ];
        assert.strictEqual((await call(client)).status, 200, 'an answer that has come is not lost');
        await client.logout();
        assert.deepStrictEqual(kept, {});
      });
    });
  });

  describe('after a 409, where a newer token is in use,', () => {
    it('asks once more immediately, with a new key', async () => {
      const { routes, client, refreshes } = await expired();
      await call(client);
      expire();
      routes.next[REFRESH] = [superseded(31)];
      assert.strictEqual((await call(client)).status, 200);
      const [first, second, third] = refreshes();
      assert.notStrictEqual(second.idempotencyKey, third.idempotencyKey);
      assert.deepStrictEqual([second.previousKey, third.previousKey], times(2, first.idempotencyKey));
      assert(
        delays.every((ms) => ms < 1000),
        `${delays}`,
      );
    });

    it("asks with another tab's pending key, if there is one by then", async () => {
      const { routes, client, refreshes } = await expired();
      const theirs = 'the-key-of-another-tab-0';
      routes.next[REFRESH] = [
        () => {
          globalThis.localStorage[SLOT] = `${theirs} `;
          return superseded(31)();
        },
      ];
      await call(client);
      assert.strictEqual(refreshes()[1].idempotencyKey, theirs);
    });

    it('rejects the calls after a second one, and asks again only once the whole Retry-After has passed', async () => {
      for (const [seconds, expected] of [
        [31, 31_000],
        [119, 119_000],
        [3600, 122_000],
      ]) {
        const { routes, client } = await expired();
        routes.next[REFRESH] = times(2, superseded(seconds));
        delays.length = 0;
        for (let i = 0; i < 3; i += 1)
          await assert.rejects(call(client), { code: 'ERR_REFRESH_SUPERSEDED', status: 409, retryAfter: seconds });
        assert.deepStrictEqual(
          [client.getState().status, routes.count(REFRESH), routes.count('/api/items')],
          ['in', 2, 0],
        );
        assert(delays.includes(expected), `${delays}`);
        await changes(client);
        assert.deepStrictEqual([client.getState().status, routes.count(REFRESH)], ['in', 3]);
        assert.strictEqual((await call(client)).status, 200);
        client.close();
      }
    });

    it('is out only if the server then says so', async () => {
      const { routes, client } = await expired();
      routes.next[REFRESH] = times(2, superseded(31));
      await assert.rejects(call(client), { status: 409 });
      routes.cookie = null;
      assert.strictEqual(client.getState().status, 'in');
      await becomes(client, 'out');
      assert.strictEqual(routes.count(REFRESH), 3);
    });

    it('is not out after a third one; the next call tries again', async () => {
      const { routes, client } = await expired();
      routes.next[REFRESH] = times(3, superseded(2));
      await assert.rejects(call(client), { status: 409 });
      await sleep(100);
      assert.deepStrictEqual([client.getState().status, routes.count(REFRESH)], ['in', 3]);
      assert.strictEqual((await call(client)).status, 200);
    });

    it('sends the key of the last exchange until a third one, and then no more: it may be why', async () => {
      const { routes, client, refreshes } = await expired();
      await call(client);
      expire();
      routes.next[REFRESH] = times(3, superseded(2));
      await assert.rejects(call(client), { status: 409 });
      await sleep(100);
      assert.strictEqual((await call(client)).status, 200);
      const [first, ...others] = refreshes();
      const last = first.idempotencyKey;
      assert.deepStrictEqual(
        others.map(({ previousKey }) => previousKey),
        [last, last, last, undefined],
      );
    });

    it('stays "loading" while the page loads, and is "in" after it', async () => {
      const routes = createRoutes();
      routes.cookie = 's1';
      routes.next[REFRESH] = times(2, superseded(6));
      const client = open(routes);
      await client.ready;
      assert.deepStrictEqual([client.getState().status, client.getState().error], ['loading', null]);
      await assert.rejects(call(client), { status: 409 });
      await becomes(client, 'in');
      assert.strictEqual(routes.count(REFRESH), 3);
    });

    it("uses another tab's newer token immediately", async () => {
      const { routes, client } = await expired();
      const told = changes(client);
      const other = open(routes);
      await Promise.all([other.ready, told]);
      expire();
      routes.next[REFRESH] = times(2, superseded(119));
      await assert.rejects(call(client), { status: 409 });
      const renewed = changes(client);
      await call(other);
      await renewed;
      const before = routes.count(REFRESH);
      assert.strictEqual((await call(client)).status, 200);
      await sleep(1300);
      assert.strictEqual(routes.count(REFRESH), before, 'and the attempt that waited is not made');
    });

    it('makes no attempt once it is closed or logged out', async () => {
      for (const stop of ['close', 'logout']) {
        const { routes, client } = await expired();
        routes.next[REFRESH] = times(2, superseded(6));
        await assert.rejects(call(client), { status: 409 });
        await client[stop]();
        await sleep(100);
        assert.strictEqual(routes.count(REFRESH), 2, stop);
      }
    });

    it('can be logged in to another session in the meantime', async () => {
      const { routes, client } = await expired();
      routes.next[REFRESH] = times(2, superseded(119));
      await assert.rejects(call(client), { status: 409 });
      await client.login({ password: 'right' });
      expire();
      assert.strictEqual((await call(client)).status, 200);
    });
  });

  describe('waits for a Retry-After', () => {
    it('if that fits into its limit of ten seconds in all', async () => {
      const { routes, client } = await expired();
      routes.next[REFRESH] = [busy(4), busy(5)];
      delays.length = 0;
      assert.strictEqual((await call(client)).status, 200);
      assert.deepStrictEqual(
        delays.filter((ms) => ms >= 4000),
        [4000, 5000],
      );
    });

    it("otherwise fails immediately with the server's error, keeps the session, and later tries again", async () => {
      for (const [answers, requests] of [
        [[busy(11)], 1],
        [[busy(6), busy(6)], 2],
        [[busy(4), busy(4), busy(4)], 3],
        [[() => reply(429, { code: 'ERR_BUSY' }, { 'Retry-After': '60' })], 1],
      ]) {
        const { routes, client } = await expired();
        routes.next[REFRESH] = answers;
        await assert.rejects(call(client), ({ code, retryAfter }) => code === 'ERR_BUSY' && retryAfter > 3);
        assert.deepStrictEqual([client.getState().status, routes.count(REFRESH)], ['in', requests]);
        assert.strictEqual((await call(client)).status, 200);
        client.close();
      }
    });

    it('waits at most ten seconds in all, however they are divided', async () => {
      const { random } = Math;
      for (const value of [0.001, 0.5, 0.999]) {
        const { routes, client } = await expired();
        routes.next[REFRESH] = times(6, () => reply(503, {}));
        delays.length = 0;
        Math.random = () => value;
        await assert.rejects(call(client), { status: 503 }).finally(() => {
          Math.random = random;
        });
        // Without those of the tabs' turns
        const pauses = delays.filter((ms) => ms > 50 && ms !== 500 && ms !== 10_000);
        assert.strictEqual(routes.count(REFRESH), 6);
        const sum = pauses.reduce((a, b) => a + b, 0);
        assert(sum <= 10_000 && sum > 5000, `${pauses}`);
        client.close();
      }
    });

    it('ignores one that is no number of seconds', async () => {
      const { routes, client } = await expired();
      routes.next[REFRESH] = [busy('Wed, 21 Oct 2065 07:28:00 GMT'), busy('-7')];
      assert.strictEqual((await call(client)).status, 200);
    });

    it('while the page loads, too: there is no attempt before it', async () => {
      const routes = createRoutes();
      routes.cookie = 's1';
      routes.next[REFRESH] = [busy(60)];
      const client = open(routes);
      await client.ready;
      assert.strictEqual(client.getState().status, 'loading');
      assert(delays.includes(60_000), `${delays}`);
      await becomes(client, 'in');
      assert.strictEqual(routes.count(REFRESH), 2);
    });
  });

  describe('whose token a server does not know the key of yet (401 ERR_KEY_UNKNOWN)', () => {
    const unknown = () => reply(401, { code: 'ERR_KEY_UNKNOWN', message: 'the secret is not known here' });
    const made = (routes) => [routes.count(REFRESH), routes.count('/api/items')];
    const fresh = async () => {
      const found = await expired();
      await call(found.client);
      for (const list of [found.routes.requests, found.routes.bodies]) list.length = 0;
      delays.length = 0;
      return found;
    };

    it('refreshes once, waits a second, and sends again at most twice', async () => {
      for (const [answers, status] of [
        [1, 200],
        [2, 200],
        [3, 401],
      ]) {
        const { routes, client } = await fresh();
        routes.next['/api/items'] = times(answers, unknown);
        assert.strictEqual((await call(client)).status, status);
        assert.deepStrictEqual(made(routes), [1, Math.min(answers + 1, 3)]);
        assert.strictEqual(delays.filter((ms) => ms === 1000).length, Math.min(answers, 2));
        client.close();
      }
    });

    it('sends again if only the new token is not known', async () => {
      const { routes, client } = await fresh();
      routes.next['/api/items'] = [() => reply(401, { code: 'ERR_TOKEN_EXPIRED' }), unknown];
      assert.strictEqual((await call(client)).status, 200);
      assert.deepStrictEqual(made(routes), [1, 3]);
    });

    it('sends nothing again after another refusal, and returns every response unread', async () => {
      const { routes, client } = await fresh();
      routes.next['/api/items'] = [unknown, () => reply(401, { code: 'ERR_AUTH_AGE' })];
      const response = await call(client);
      assert.deepStrictEqual([(await response.json()).code, made(routes)], ['ERR_AUTH_AGE', [1, 2]]);
    });

    it('works if refreshOn has read the response', async () => {
      const refreshOn = async (response) => response.status === 401 && Boolean(await response.text());
      const { routes, client } = await expired({ refreshOn });
      await call(client);
      routes.next['/api/items'] = [unknown];
      assert.strictEqual((await call(client)).status, 200);
    });

    it('discards the response if it is logged out in the meantime', async () => {
      const { routes, client } = await fresh();
      const slow = gate();
      routes.next['/api/items'] = [unknown, slow.script];
      const waiting = assert.rejects(call(client), { name: 'AbortError' });
      await slow.arrived;
      await client.logout();
      slow.open();
      await waiting;
    });
  });
});
