'use strict';
// Crashes that have happened (docs/architecture.md): each test fails without the rule that prevents it.
const assert = require('node:assert');
const path = require('node:path');

const { runScript } = require('./support/script');
const { newFolder, remove } = require('./support/stores');
const { IS_WINDOWS } = require('./support/system');

describe('A process that ends with work in flight', function processes() {
  let folder;
  before(() => {
    folder = newFolder();
  });
  after(() => remove(folder));

  const store = () => JSON.stringify(path.join(folder, 'sessions.db'));
  const script = (end) => `
    const lib = require('.');
    const auth = lib.createAuth({ ...secrets, store: ${store()} });
    load(lib, auth, 32);
    ${end}`;

  // Without the exit handler, two of three such processes crash: their threads race OpenSSL's own handler.
  it('by process.exit() does not crash: 60 runs, RSA signatures and rotations in flight', async function exits() {
    this.timeout(60_000);
    const ended = [];
    const runs = Array.from({ length: 60 }, (_, i) => script(`setTimeout(() => process.exit(7), ${i % 20} + 5);`));
    const work = async () => {
      for (let text = runs.pop(); text !== undefined; text = runs.pop()) {
        const { code, signal, stderr } = await runScript(text);
        ended.push(`${code} ${signal} ${stderr}`);
      }
    };
    await Promise.all([work(), work(), work()]);
    assert.deepStrictEqual([...new Set(ended)], ['7 null ']);
    assert.strictEqual(ended.length, 60);
  });

  (process.env.MONGODB_URI ? it : it.skip)(
    'by process.exit() with rotations on MongoDB in flight does not crash: 20 runs (needs MONGODB_URI)',
    async function exits() {
      this.timeout(40_000);
      const ended = [];
      for (let i = 0; i < 20; i += 1) {
        const { code, signal, stderr } = await runScript(`
        const lib = require('.');
        const store = ${JSON.stringify(process.env.MONGODB_URI)};
        const auth = lib.createAuth({ ...secrets, store, collection: 'sessions_exit' });
        auth.ready().then(() => { load(lib, auth, 16); setTimeout(() => process.exit(7), ${i * 2}); });`);
        ended.push(`${code} ${signal} ${stderr}`);
      }
      assert.deepStrictEqual([...new Set(ended)], ['7 null ']);
    },
  );

  it('does not wait for a MongoDB server that does not answer', async () => {
    const start = performance.now();
    const { code, signal } = await runScript(`
      const auth = require('.').createAuth({ ...secrets, store: 'mongodb://127.0.0.1:1/signet', storeTimeout: '10s' });
      auth.login('7').catch(() => {});
      setTimeout(() => process.exit(7), 50);`);
    assert.deepStrictEqual([code, signal], [7, null]);
    assert.ok(performance.now() - start < 6000);
  });

  it('by an uncaught exception ends with code 1', async () => {
    const { code, signal, stderr } = await runScript(
      script("setTimeout(() => { throw new Error('on purpose'); }, 20);"),
    );
    assert.deepStrictEqual([code, signal], [1, null]);
    assert.match(stderr, /on purpose/);
  });

  it('by a signal ends by that signal (Windows: with code 1)', async () => {
    const { code, signal } = await runScript(script("setTimeout(() => process.kill(process.pid, 'SIGTERM'), 20);"));
    assert.deepStrictEqual([code, signal], IS_WINDOWS ? [1, null] : [null, 'SIGTERM']);
  });

  it('by process.exit() in an exit listener, or in the same turn as the first call', async () => {
    assert.strictEqual((await runScript(script('process.exit(3);'))).code, 3);
    assert.strictEqual(
      (await runScript(script("process.on('exit', () => process.exit(4)); setTimeout(() => process.exit(0), 10);")))
        .code,
      4,
    );
  });

  it('waits for pending answers, and ends by itself', async () => {
    const { code, stdout } = await runScript(`
      const lib = require('.');
      Promise.all(Array.from({ length: 50 }, () => lib.signAsync({}, rsa, { algorithm: 'RS256' })))
        .then((all) => console.log(all.length));`);
    assert.deepStrictEqual([code, stdout], [0, '50\n']);
  });

  it('leaves a store that can be opened and used again', async () => {
    const { code, stdout } = await runScript(`
      const auth = require('.').createAuth({ ...secrets, store: ${store()} });
      auth.login('7').then(({ refreshToken }) => auth.rotateRefresh(refreshToken))
        .then(({ userId }) => console.log(userId));`);
    assert.deepStrictEqual([code, stdout], [0, '7\n']);
  });
});
