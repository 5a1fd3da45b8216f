'use strict';
const assert = require('node:assert');
const { execFile } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { promisify } = require('node:util');

const { createAuth } = require('..');
const { SECRETS, refusedWith, withBench } = require('./support/auth');
const { describeStores, newFolder, remove } = require('./support/stores');

const run = promisify(execFile);
const ROOT = path.join(__dirname, '..');

/** Runs a script in its own process, which must end by itself. */
const script = (text) =>
  run(process.execPath, ['-e', text], {
    cwd: ROOT,
    timeout: 10_000,
    env: { ...process.env, SIGNET_SECRETS: JSON.stringify(SECRETS) },
  });
const CREATE = "const { createAuth } = require('.'); const secrets = JSON.parse(process.env.SIGNET_SECRETS);";

describeStores('The queue before the store', (store) => {
  const bench = withBench(store);

  it('ready() resolves when the store answers', () => bench().open().ready());

  it('refuses calls beyond queueLimit', async () => {
    const auth = bench().open({ queueLimit: 2 });
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        auth.login('7').then(
          () => 'ok',
          ({ code, status }) => `${code} ${status}`,
        ),
      ),
    );
    assert.deepStrictEqual([...new Set(answers)].sort(), ['ERR_BUSY 503', 'ok']);
    await auth.login('7');
  });

  it('counts its work', async () => {
    const auth = bench().open();
    const logins = [auth.login('7'), auth.login('7'), auth.login('8')];
    assert.ok(auth.stats().queued + auth.stats().running > 0);
    await Promise.all(logins);
    const { queued, running, jobs, down } = auth.stats();
    assert.deepStrictEqual({ queued, running, jobs, down }, { queued: 0, running: 0, jobs: 3, down: false });
  });

  it('close() lets calls in flight finish', async () => {
    const auth = bench().open();
    const logins = Array.from({ length: 20 }, () => auth.login('7'));
    const closed = auth.close();
    assert.strictEqual((await Promise.all(logins)).length, 20);
    await closed;
    assert.strictEqual(auth.stats().threads, 0);
  });

  it('close() resolves after the last answer was delivered', async function rounds() {
    const { place } = bench();
    const N = Number(process.env.SIGNET_CLOSE_ROUNDS ?? 100);
    this.timeout(30_000 + N * 100);
    // A caller some promises away from the call, as an app's own functions are.
    const through = async (call, levels) => (levels === 0 ? call() : through(call, levels - 1));
    for (let round = 0; round < N; round += 1) {
      const auth = createAuth({ ...SECRETS, ...place, collection: place.collection && `${place.collection}_close` });
      let answered = 0;
      const calls = Array.from({ length: 50 }, (_, i) =>
        through(() => auth.login(`user ${i}`), i).then(() => {
          answered += 1;
        }),
      );
      for (let i = 0; i < 50 && round % 2; i += 1) await undefined;
      await auth.close();
      assert.strictEqual(answered, 50, `round ${round}`);
      await Promise.all(calls);
    }
  });

  it('close() waits for a pending claims function', async () => {
    const auth = bench().open({
      claims: () =>
        new Promise((resolve) => {
          setTimeout(resolve, 5, {});
        }),
    });
    const login = auth.login('7');
    await auth.close();
    assert.strictEqual((await login).userId, '7');
  });

  it('after close() every call is refused, and close() may be called again', async () => {
    const auth = bench().open();
    const { accessToken, refreshToken } = await auth.login('7');
    await auth.close();
    await auth.close();
    const error = await refusedWith('ERR_STORE_UNAVAILABLE', auth.rotateRefresh(refreshToken));
    assert.match(error.message, /auth\.close\(\) was called/);
    await refusedWith('ERR_STORE_UNAVAILABLE', auth.ready());
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
  });

  it('delivers many answers in batches, between which the event loop turns', async () => {
    const auth = bench().open();
    const lots = [0];
    const login = (_, i) =>
      auth.login(`user ${i}`).then(() => {
        lots[lots.length - 1] += 1;
      });
    let waits = true;
    const all = Promise.all(Array.from({ length: 500 }, login)).finally(() => {
      waits = false;
    });
    for (; waits; await new Promise(setImmediate)) lots.push(0);
    await all;
    assert.ok(
      lots.every((lot) => lot <= 128),
      `answers a turn: ${lots.filter(Boolean)}`,
    );
  });

  it('passes the calls of one turn to the store together, also those of continuations', async () => {
    const auth = bench().open();
    await auth.ready();
    const before = auth.stats();
    const call = async (i) => {
      if (i % 2) await undefined;
      return auth.sessions('7');
    };
    await Promise.all(Array.from({ length: 100 }, (_, i) => call(i)));
    const after = auth.stats();
    assert.strictEqual(after.jobs - before.jobs, 100);
    assert.strictEqual(after.batches - before.batches, store.name === 'MongoDB' ? 100 : 1);
  });

  it('close() of an auth that was never used resolves', () => bench().open().close());

  it('answers each call in its own async context', async () => {
    const { AsyncLocalStorage } = require('node:async_hooks');
    const storage = new AsyncLocalStorage();
    const auth = bench().open();
    const seen = await Promise.all(
      [1, 2, 3].map((i) =>
        storage.run(i, async () => {
          await auth.login('7');
          return storage.getStore();
        }),
      ),
    );
    assert.deepStrictEqual(seen, [1, 2, 3]);
  });
});

describe('A store that cannot be opened', () => {
  let folder;
  before(() => {
    folder = newFolder();
  });
  after(() => remove(folder));

  it('does not fail createAuth, but ready() and every call, with the reason', async () => {
    const { createAuth } = require('..');
    const auth = createAuth({ ...SECRETS, store: path.join(folder, 'no', 'such', 'folder', 'sessions.db') });
    for (const call of [auth.ready(), auth.login('7'), auth.sessions('7')]) {
      const error = await call.then(
        () => assert.fail('it opened'),
        (reason) => reason,
      );
      assert.match(error.code, /^ERR_STORE_/);
      assert.ok(error.status >= 500);
    }
    await auth.close();
  });

  it("fails if the file is no store of Signet's, and does not change it", async () => {
    const { createAuth } = require('..');
    const file = path.join(folder, 'notes.txt');
    fs.writeFileSync(file, 'not a database, '.repeat(500));
    const before = fs.readFileSync(file);
    const auth = createAuth({ ...SECRETS, store: file });
    await refusedWith('ERR_STORE_CORRUPT', auth.ready());
    await auth.close();
    assert.ok(fs.readFileSync(file).equals(before));
  });
});

describe('A MongoDB server that is down', () => {
  const { createAuth } = require('..');
  const elapsed = async (call) => {
    const start = performance.now();
    const error = await refusedWith('ERR_STORE_UNAVAILABLE', call);
    return { ms: performance.now() - start, error };
  };

  it('is probed by one call at a time; the others fail fast', async () => {
    const auth = createAuth({ ...SECRETS, store: 'mongodb://127.0.0.1:1/signet', storeTimeout: '500ms' });
    const first = await elapsed(auth.login('7'));
    assert.strictEqual(first.error.status, 503);
    assert.strictEqual(auth.stats().down, true);
    const trying = elapsed(auth.login('7'));
    const others = await Promise.all(Array.from({ length: 100 }, () => elapsed(auth.login('7'))));
    assert.ok(
      others.every(({ ms }) => ms < 250),
      `others waited: ${Math.max(...others.map(({ ms }) => ms))} ms`,
    );
    await trying;
    await auth.close();
  });

  it('blocks neither the event loop nor close()', async () => {
    const auth = createAuth({ ...SECRETS, store: 'mongodb://127.0.0.1:1/signet', storeTimeout: '500ms' });
    const logins = Array.from({ length: 50 }, (_, i) => auth.login(`user-${i}`).catch(({ code }) => code));
    const before = performance.eventLoopUtilization();
    await auth.close();
    assert.deepStrictEqual([...new Set(await Promise.all(logins))], ['ERR_STORE_UNAVAILABLE']);
    assert.ok(performance.eventLoopUtilization(before).active < 250);
  });
});

describe('What ended long ago', () => {
  const bench = withBench({ make: () => ({ options: { store: ':memory:' }, clean() {} }) });

  it('is purged in small steps between other work', async () => {
    const { internals } = require('../lib/auth/internals');
    const auth = bench().open();
    const old = await Promise.all(Array.from({ length: 30 }, (_, i) => auth.login(`old-${i}`)));
    bench().clock.advance(9 * 86400);
    for (let i = 0; i < 12; i += 1)
      await Promise.all(Array.from({ length: 50 }, (_, j) => auth.login(`new-${i}-${j}`)));
    await auth.ready(); // behind the purge, in the same queue
    const left = await Promise.all(old.map(({ userId, sessionId }) => auth[internals].readSession(userId, sessionId)));
    assert.deepStrictEqual(left.filter(Boolean), []);
    assert.strictEqual((await auth.sessions('new-0-0')).length, 1);
  });
});

describe('A process with an auth', () => {
  it('ends by itself when the auth is idle, closed or not', async () => {
    const { stdout } = await script(`${CREATE}
      const auth = createAuth({ ...secrets, store: ':memory:' });
      auth.login('7').then(() => console.log('done'));`);
    assert.strictEqual(stdout, 'done\n');
  });

  it('waits for calls in flight', async () => {
    const { stdout } = await script(`${CREATE}
      const auth = createAuth({ ...secrets, store: ':memory:' });
      Promise.all(Array.from({ length: 100 }, (_, i) => auth.login('user-' + i)))
        .then((all) => console.log(all.length));`);
    assert.strictEqual(stdout, '100\n');
  });

  it('ends after close()', async () => {
    await script(`${CREATE}
      const auth = createAuth({ ...secrets, store: ':memory:' });
      auth.login('7').then(() => auth.close());`);
  });

  it('can drop an auth without closing it: its thread and its file are released', async () => {
    const { stdout } = await run(
      process.execPath,
      [
        '--expose-gc',
        '-e',
        `${CREATE}
      const fs = require('node:fs');
      const file = ${JSON.stringify(path.join(newFolder(), 'sessions.db'))};
      const target = (fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd); } catch {} };
      const descriptors = () => fs.readdirSync('/proc/self/fd').filter((fd) => target(fd) === file).length;
      const isFree = () => { fs.renameSync(file, file + '.x'); fs.renameSync(file + '.x', file); };
      const locked = () => { try { isFree(); return 0; } catch { return 1; } };
      const open = process.platform === 'win32' ? locked : descriptors; // Windows renames no file that is open
      (async () => {
        await (async () => { await createAuth({ ...secrets, store: file }).login('7'); })();
        const before = open();
        for (let i = 0; i < 100 && open() > 0; i += 1) {
          gc();
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        console.log(before, open());
      })();`,
      ],
      { cwd: ROOT, timeout: 10_000, env: { ...process.env, SIGNET_SECRETS: JSON.stringify(SECRETS) } },
    );
    assert.strictEqual(stdout, '1 0\n');
  });
});
