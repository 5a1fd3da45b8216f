'use strict';
const assert = require('node:assert');

const { runScript } = require('./support/script');

describe('Several loads of lib over one addon, as a test runner makes them', () => {
  // The addon itself stays: Node loads a binary once per process.
  const fresh = `
    const { createRequire } = require('node:module');
    const fresh = () => {
      for (const file of Object.keys(require.cache)) if (!file.endsWith('.node')) delete require.cache[file];
      // A parent of its own, which does not keep its children for ever
      return createRequire(process.cwd() + '/a.js')('.');
    };`;

  it('each get their own answers', async () => {
    const { code, stdout, stderr } = await runScript(`${fresh}
      (async () => {
        const libs = [fresh(), fresh(), fresh()];
        const auths = libs.map((lib) => lib.createAuth({ ...secrets, store: ':memory:' }));
        const all = await Promise.all(auths.flatMap((auth, i) => Array.from({ length: 20 }, async (_, j) => {
          const { userId } = await auth.login(i + '-' + j);
          await libs[i].signAsync({}, rsa, { algorithm: 'RS256' });
          return userId === i + '-' + j;
        })));
        console.log(all.length, all.every(Boolean), new Set(libs.map((lib) => lib.SignetError)).size);
        await Promise.all(auths.map((auth) => auth.close()));
      })();`);
    assert.deepStrictEqual([code, stdout, stderr], [0, '60 true 3\n', '']);
  });

  it('are garbage-collected when unused', async () => {
    const { code, stdout, stderr } = await runScript(
      `${fresh}
      (async () => {
        const refs = [];
        for (let i = 0; i < 10; i += 1) {
          const lib = fresh();
          const auth = lib.createAuth({ ...secrets, store: ':memory:' });
          await auth.login('7');
          await auth.close();
          refs.push(new WeakRef(lib.SignetError));
        }
        fresh();
        const alive = () => refs.filter((ref) => ref.deref() !== undefined).length;
        for (let i = 0; i < 50 && alive() > 2; i += 1) { await new Promise((resolve) => setTimeout(resolve, 5)); gc(); }
        console.log(alive() <= 2); // the addon's own module remembers the first that required it, for ever
      })();`,
      ['--expose-gc'],
    );
    assert.deepStrictEqual([code, stdout, stderr], [0, 'true\n', '']);
  });

  it('are not collected while one is in use, even with nothing in flight', async () => {
    const { code, stdout, stderr } = await runScript(
      `
      (async () => {
        const auth = require('.').createAuth({ ...secrets, store: ':memory:' });
        for (const file of Object.keys(require.cache)) delete require.cache[file];
        for (let i = 0; i < 5; i += 1) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
        console.log((await auth.login('7')).userId);
      })();`,
      ['--expose-gc'],
    );
    assert.deepStrictEqual([code, stdout, stderr], [0, '7\n', '']);
  });
});
