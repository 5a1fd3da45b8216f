'use strict';
const assert = require('node:assert');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const { SECRETS } = require('./support/auth');

const ENTRY = JSON.stringify(path.join(__dirname, '..'));

/** Runs a script in its own process. Returns what it printed, parsed as JSON. */
function run(script, ...flags) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
  assert.strictEqual(status, 0, stderr);
  return JSON.parse(stdout);
}

describe('19 memory', function () {
  this.timeout(120_000);

  it('a million sign and verify calls need no more memory than a hundred thousand', () => {
    const grown = run(
      `
      const { sign, verify } = require(${ENTRY});
      const token = sign({ id: 1, role: 'admin' }, 'secret');
      const calls = (n) => {
        for (let i = 0; i < n; i++) {
          verify(token, 'secret');
          sign({ id: i, role: 'admin' }, 'secret', { expiresIn: '15m' });
        }
      };
      calls(1e5); gc();
      const before = process.memoryUsage.rss();
      for (let i = 0; i < 9; i++) { calls(1e5); gc(); }
      console.log((process.memoryUsage.rss() - before) / 2 ** 20);
    `,
      '--expose-gc',
    );
    assert.ok(grown < 5, `${grown.toFixed(1)} MB`);
  });

  it('refused tokens and keys leave nothing behind', () => {
    const grown = run(
      `
      const { sign, verify, createKey } = require(${ENTRY});
      const token = sign({ id: 1 }, 'secret', { expiresIn: -5 });
      const refused = [
        () => verify(token, 'secret'),
        () => verify(token, 'other'),
        () => verify('a.b.c', 'secret'),
        () => sign({}, '-----BEGIN PRIVATE KEY-----\\nAAAA\\n'),
        () => createKey({ kty: 'EC' }),
      ];
      const calls = (n) => {
        for (let i = 0; i < n; i++) for (const call of refused) try { call(); } catch {}
      };
      calls(4e4); gc(); // the heap has its size only then
      // V8's heap goes up and down by 6 MB: the lowest of four readings, and of four later ones
      const reading = () => { calls(5e3); gc(); return process.memoryUsage.rss(); };
      const least = () => Math.min(reading(), reading(), reading(), reading());
      const before = least();
      console.log((least() - before) / 2 ** 20);
    `,
      '--expose-gc',
    );
    assert.ok(grown < 3, `${grown.toFixed(1)} MB`);
  });

  it('refreshes whose claims function fails leave nothing behind', () => {
    const grown = run(
      `
      const { createAuth } = require(${ENTRY});
      const claims = (userId, { id }) => { if (id) throw new Error('users are down'); return {}; };
      const auth = createAuth({ ...${JSON.stringify(SECRETS)}, store: ':memory:', claims });
      const calls = async (refreshToken, n) => {
        for (let i = 0; i < n; i++) await auth.rotateRefresh(refreshToken).catch(() => {});
      };
      auth.login('7').then(async ({ refreshToken }) => {
        await calls(refreshToken, 2e4); gc();
        const before = process.memoryUsage.rss();
        for (let i = 0; i < 4; i++) { await calls(refreshToken, 2e4); gc(); }
        console.log((process.memoryUsage.rss() - before) / 2 ** 20);
        await auth.close();
      });
    `,
      '--expose-gc',
    );
    assert.ok(grown < 10, `${grown.toFixed(1)} MB`);
  });

  it('replaced secrets are freed once no call uses them', () => {
    const grown = run(
      `
      const { createAuth } = require(${ENTRY});
      const { accessSecret, refreshSecret } = ${JSON.stringify(SECRETS)};
      const next = 'the next refresh secret of the tests, 48 bytes and more';
      const sets = [{ current: refreshSecret, next }, { current: next, previous: refreshSecret }];
      const auth = createAuth({ accessSecret, refreshSecret, store: ':memory:' });
      const calls = async (n) => {
        for (let i = 0; i < n; i++) {
          const call = i % 50 ? undefined : auth.ready();
          auth.setSecrets({ refreshSecret: sets[i % 2] });
          await call;
        }
      };
      calls(2e4).then(async () => {
        gc();
        const before = process.memoryUsage.rss();
        for (let i = 0; i < 4; i++) { await calls(2e4); gc(); }
        console.log((process.memoryUsage.rss() - before) / 2 ** 20);
        await auth.close();
      });
    `,
      '--expose-gc',
    );
    assert.ok(grown < 20, `${grown.toFixed(1)} MB`); // 80,000 sets are 100 MB
  });

  it('a loop over 100,000 secrets within one turn of the event loop keeps little more than the cache', () => {
    const grown = run(
      `
      const { sign } = require(${ENTRY});
      const calls = (from, to) => {
        for (let i = from; i < to; i++) sign({ id: i }, 'a secret of its own for user number ' + i);
      };
      calls(0, 2e4); gc();
      const before = process.memoryUsage.rss();
      calls(2e4, 12e4); gc();
      console.log((process.memoryUsage.rss() - before) / 2 ** 20);
    `,
      '--expose-gc',
    );
    assert.ok(grown < 80, `${grown.toFixed(1)} MB`); // 34; without the release of what the cache drops, 234
  });
});
