'use strict';
// revokeAll and login: which of the two began first. In one process their order decides, between processes the time.
const assert = require('node:assert');
const http = require('node:http');
const sinon = require('sinon');

const { SECRETS, refusedWith, withBench } = require('./support/auth');
const { openAnother } = require('./support/version-before');
const { describeStores } = require('./support/stores');

const ROUNDS = 1000;
const USERS = 20;

/** A claims function that waits: the login has begun, and `go()` lets it end. */
function createGate() {
  let go;
  let reached;
  const gate = new Promise((resolve) => {
    go = resolve;
  });
  const waits = new Promise((resolve) => {
    reached = resolve;
  });
  const claims = async () => {
    reached();
    await gate;
    return {};
  };
  return { claims, go, waits };
}

async function post(handler, body) {
  const server = http.createServer(handler);
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Signet': '1', 'Sec-Fetch-Site': 'same-origin' },
    body: JSON.stringify(body),
  });
  const { status, headers } = answer;
  const read = { status, retryAfter: headers.get('retry-after'), cookie: headers.get('set-cookie') };
  read.body = await answer.json();
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return read;
}

describeStores('revokeAll against login in one process', (store) => {
  const bench = withBench(store);

  /** Rounds of `await revokeAll(u); await login(u)`, with one live session after each. */
  async function rounds(auth, n, step = () => {}) {
    await Promise.all(
      Array.from({ length: USERS }, async (_, user) => {
        for (let i = 0; i < n / USERS; i++) {
          step();
          await auth.revokeAll(`${user}`);
          await auth.login(`${user}`);
        }
        assert.strictEqual((await auth.sessions(`${user}`)).length, 1);
      }),
    );
  }

  it(`lets the login after it pass, ${ROUNDS} times, by the system's clock`, async function runs() {
    this.timeout(120_000);
    await rounds(bench().open({ now: undefined }), ROUNDS);
  });

  it('lets the login after it pass if the clock stands still or goes back', async () => {
    const auth = bench().open();
    await rounds(auth, 40);
    await rounds(auth, 40, () => bench().clock.advance(-0.5));
  });

  it('lets the login after it pass under fake timers', async () => {
    const auth = bench().open({ now: undefined });
    const clock = sinon.useFakeTimers({ now: 1_800_000_000_000, toFake: ['Date'] });
    try {
      await rounds(auth, 40);
    } finally {
      clock.restore();
    }
  });

  it('ends a login that began earlier and finishes later, even in one millisecond or by a clock set back', async () => {
    for (const step of [0, 1, -1]) {
      const { claims, go, waits } = createGate();
      const auth = bench().open({ claims });
      const login = auth.login('7');
      await waits;
      bench().clock.advance(-step);
      await auth.revokeAll('7');
      bench().clock.advance(step);
      go();
      await refusedWith('ERR_SESSION_REVOKED', login);
      assert.deepStrictEqual(await auth.sessions('7'), []);
    }
  });

  it('ends a login of the router whose password check it interrupts, and not the one after that', async () => {
    const auth = bench().open();
    let isChanged = false;
    const router = auth.router({
      authenticate: async () => {
        if (!isChanged) await auth.revokeAll('7'); // the user changes the password meanwhile
        isChanged = true;
        return { userId: '7' };
      },
    });
    const handler = (req, res) => router(req, res, (err) => res.writeHead(err ? 500 : 404).end('{}'));
    const refused = await post(handler, {});
    assert.deepStrictEqual([refused.status, refused.body.code, refused.cookie], [401, 'ERR_SESSION_REVOKED', null]);
    assert.deepStrictEqual(await auth.sessions('7'), []);
    assert.strictEqual((await post(handler, {})).status, 200);
  });

  it("orders an app's own `since` by time alone; the same millisecond passes, for clocks that stand", async () => {
    const auth = bench().open();
    await auth.revokeAll('7');
    await refusedWith('ERR_SESSION_REVOKED', auth.login('7', { since: new Date(bench().clock.at - 1) }));
    assert.deepStrictEqual(await auth.sessions('7'), []);
    await auth.login('7', { since: bench().clock.at });
  });
});

describeStores(
  'revokeAll against login of another process',
  (store) => {
    const bench = withBench(store);
    const others = [];

    /** The same store in another process; `clock`: its own, or the system's. */
    async function another(clock) {
      const other = await openAnother({ ...SECRETS, ...bench().place }, clock);
      others.push(other);
      return other;
    }
    afterEach(() => Promise.all(others.splice(0).map((other) => other.close())));

    it('refuses the login of the same millisecond with 503 and Retry-After: 1, and passes the next one', async () => {
      const auth = bench().open();
      const { revokeAll } = await another(bench().clock);
      await revokeAll('7');
      const router = auth.router({ authenticate: async () => ({ userId: '7' }) });
      const handler = (req, res) => router(req, res, (err) => res.writeHead(err ? 500 : 404).end('{}'));
      const { body, cookie, retryAfter, status } = await post(handler, {});
      assert.deepStrictEqual([status, body.code, retryAfter, cookie], [503, 'ERR_LOGIN_UNSURE', '1', null]);
      assert.deepStrictEqual(await auth.sessions('7'), []);
      bench().clock.advance(0.001);
      assert.strictEqual((await post(handler, {})).status, 200);
    });

    it('refuses a login after simultaneous revokeAlls in both: neither is known to be the last', async () => {
      const auth = bench().open();
      const { revokeAll } = await another(bench().clock);
      await Promise.all([auth.revokeAll('7'), revokeAll('7')]);
      await refusedWith('ERR_LOGIN_UNSURE', auth.login('7'));
      bench().clock.advance(0.001);
      await auth.revokeAll('7');
      await auth.login('7');
    });

    it('ends a login that began seven seconds before it, even if the clocks are six seconds apart', async () => {
      for (const apart of [-6, 0, 6]) {
        const { claims, go, waits } = createGate();
        const auth = bench().open({ claims });
        const login = auth.login(`${apart}`);
        await waits;
        bench().clock.advance(7);
        const { revokeAll } = await another(() => bench().clock.at + apart * 1000);
        await revokeAll(`${apart}`);
        go();
        await refusedWith('ERR_SESSION_REVOKED', login);
        assert.deepStrictEqual(await auth.sessions(`${apart}`), []);
      }
    });

    it("by the system's clock, ends each login that began earlier, and soon none that is later", async function runs() {
      this.timeout(60_000);
      const { revokeAll } = await another(undefined);
      for (let round = 0; round < 20; round++) {
        const { claims, go, waits } = createGate();
        const auth = bench().open({ claims, now: undefined });
        const before = auth.login('7');
        await waits;
        await revokeAll('7');
        go();
        await refusedWith(['ERR_SESSION_REVOKED', 'ERR_LOGIN_UNSURE'], before);
        assert.deepStrictEqual(await auth.sessions('7'), []);
        const after = () => auth.login('7');
        await after().catch(async (error) => {
          assert.deepStrictEqual([error.code, error.retryAfter], ['ERR_LOGIN_UNSURE', 1]);
          await new Promise((resolve) => {
            setTimeout(resolve, 1000);
          });
          await after();
        });
      }
    });
  },
  { durable: true },
);
