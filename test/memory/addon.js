'use strict';
// Out of memory at the border between JavaScript and C: scripts/test-memory.js runs this on an addon whose allocations
// fail, one by one, in every operation. The caller gets an error; nothing crashes, hangs, returns a wrong result or
// stays broken.

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { setImmediate: turn, setTimeout: sleep } = require('node:timers/promises');
const { Worker } = require('node:worker_threads');

const lib = require('../..');
const { SECRETS } = require('../support/auth');
const { PAIRS, PASSPHRASE, encrypted, pem } = require('../support/keys');
const { newFolder, remove } = require('../support/stores');

const { failAllocation } = globalThis;
const MEMORY = 0;
const NODE_API = 1;
// To open a store is thousands of SQLite's allocations, which test/c/memory.test.c fails one by one: here, some of
// them.
const EACH = 150;
const STRIDE = 37;
const PATIENCE = 10_000; // ms; a call that takes longer hangs

const fails = (kind, n, lasts) => failAllocation(kind, n, lasts);
const ends = (kind) => failAllocation(kind, 0, false);

async function settled(call) {
  const late = new AbortController();
  const hangs = sleep(PATIENCE, undefined, { signal: late.signal }).then(() =>
    assert.fail('the promise never settles'),
  );
  try {
    return await Promise.race([call, hangs]);
  } finally {
    late.abort();
    hangs.catch(() => {});
  }
}

/** Accepts ERR_MEMORY, which is a SignetError whether C returned it or threw it, and what else may be said instead. */
const codes =
  (...others) =>
  (error) => {
    if (!['ERR_MEMORY', ...others].includes(error.code)) throw error;
    if (error.code === 'ERR_MEMORY') assert.deepStrictEqual([error.name, error.status], ['SignetError', 500]);
  };

/**
 * One operation with its first allocation failing, then its second, … until none fails any more.
 * @param {object} operation
 * @param {() => unknown} [operation.before] makes what `run` is given, with memory
 * @param {(given: any) => unknown} operation.run
 * @param {(result: any, given: any) => unknown} operation.check that the result is right; throws if not
 * @param {(error: Error) => void} [operation.may] throws what an operation without memory must not throw
 * @param {number} [operation.kind]
 * @param {number} [operation.each] how many fail one by one, before only some do
 * @returns {Promise<number>} how many have failed
 */
async function failEach({ before = () => undefined, run, check, may = codes(), kind = MEMORY, each = EACH }) {
  let failures = 0;
  // Without Node-API not even an error could be made.
  for (const lasts of kind === MEMORY ? [false, true] : [false]) {
    for (let n = 1, failed = true; failed; n += n < each ? 1 : STRIDE) {
      const given = await before();
      let error;
      let result;
      fails(kind, n, lasts);
      try {
        result = await settled(run(given));
      } catch (thrown) {
        error = thrown;
      }
      failed = ends(kind);
      const place = `allocation ${n}${lasts ? ' and all after it' : ''}`;
      try {
        if (error) {
          if (!failed) throw error;
          may(error);
        } else await check(result, given);
        const again = error ? given : await before(); // what has failed may be tried again
        await check(await settled(run(again)), again);
      } catch (wrong) {
        wrong.message = `${place}: ${wrong.message}`;
        throw wrong;
      }
      failures += failed;
    }
  }
  return failures;
}

const each = (name, operation) =>
  it(name, async () => {
    const n = await failEach(operation);
    assert(n > 0 || operation.none, 'no allocation failed: nothing has been tested');
    if (process.env.VERBOSE) console.log(`      ${n} failures`);
  });

describe('out of memory in the addon', function () {
  this.timeout(60_000);
  const long = 'x'.repeat(5000); // longer than a Text has room for
  const secret = 'a secret of the tests, of 48 bytes and even more!!';
  let fresh = 0;
  const freshSecret = () => `${secret}${fresh++}`;

  describe('keys', () => {
    const { privateKey, publicKey } = PAIRS.rsa();
    const jwk = publicKey.export({ format: 'jwk' });
    const made = {
      secret: [secret],
      'a long secret': [long],
      bytes: [Buffer.from(secret)],
      'RSA PEM': [pem(privateKey)],
      'encrypted PEM': [encrypted(privateKey), { passphrase: PASSPHRASE }],
      DER: [publicKey.export({ format: 'der', type: 'spki' }), { format: 'der' }],
      'EC PEM': [pem(PAIRS.p256().privateKey)],
      'Ed25519 PEM': [pem(PAIRS.ed25519().privateKey)],
      JWK: [jwk],
      'private JWK': [PAIRS.p256().privateKey.export({ format: 'jwk' })],
      'JWK Set': [
        {
          keys: [
            { ...jwk, kid: 'one' },
            { ...jwk, kid: 'two' },
          ],
        },
        { kid: 'two' },
      ],
    };
    for (const [name, args] of Object.entries(made)) {
      const { type, algorithms } = lib.createKey(...args);
      const check = (key) => assert.deepStrictEqual([key.type, key.algorithms], [type, algorithms]);
      each(`createKey: ${name}`, { run: () => lib.createKey(...args), check });
    }
    each('createKey: KeyObject', {
      before: () => crypto.createPublicKey(pem(publicKey)),
      run: (key) => lib.createKey(key),
      check: (key) => assert.strictEqual(key.type, 'rsa'),
    });
    for (const [name, args] of Object.entries({ secret: made.secret, JWK: made.JWK })) {
      each(`createKey: ${name}, Node-API failing`, {
        kind: NODE_API,
        run: () => lib.createKey(...args),
        check: (key) => assert(key.algorithms.length > 0),
        may: (error) => assert(error instanceof Error),
      });
    }
  });

  describe('tokens', () => {
    const claims = { sub: '1', role: 'admin' };
    const nested = { sub: '1', of: { roles: ['a', 'b'] }, text: long.repeat(8) };
    const same = (payload, expected) => {
      const { iat, ...rest } = payload;
      assert.deepStrictEqual(rest, expected);
    };
    const rs = { algorithm: 'RS256' };
    const rsa = PAIRS.rsa();
    const signed = (payload) => (token, key) => same(lib.verify(token, key), payload);

    for (const [name, payload] of Object.entries({ flat: claims, nested })) {
      each(`sign and verify with a new secret, ${name}`, {
        before: freshSecret,
        run: (key) => lib.sign(payload, key),
        check: signed(payload),
      });
      each(`verify with a new secret, ${name}`, {
        before: () => {
          const key = freshSecret();
          return { key, token: lib.sign(payload, lib.createKey(key)) };
        },
        run: ({ key, token }) => lib.verify(token, key),
        check: (found) => same(found, payload),
      });
      each(`sign RS256, ${name}`, {
        before: () => pem(rsa.privateKey) + '\n'.repeat(++fresh),
        run: (key) => lib.sign(payload, key, rs),
        check: (token) => same(lib.verify(token, rsa.publicKey), payload),
      });
      each(`signAsync RS256, ${name}`, {
        before: () => pem(rsa.privateKey) + '\n'.repeat(++fresh),
        run: (key) => lib.signAsync(payload, key, rs),
        check: (token) => same(lib.verify(token, rsa.publicKey), payload),
      });
      const token = lib.sign(payload, rsa.privateKey, rs);
      each(`verifyAsync RS256, ${name}`, {
        before: () => pem(rsa.publicKey) + '\n'.repeat(++fresh),
        run: (key) => lib.verifyAsync(token, key),
        check: (found) => same(found, payload),
        may: codes('ERR_BUSY'),
      });
      // The addon gives back the room of a long token, so that it needs new room for this one.
      const anew = () => {
        lib.sign({ long: 'x'.repeat(150_000) }, secret);
      };
      each(`decode, ${name}`, {
        before: anew,
        none: name === 'flat',
        run: () => lib.decode(token),
        check: (found) => same(found, payload),
      });
      each(`decode in full, ${name}`, {
        before: anew,
        none: name === 'flat',
        run: () => lib.decode(token, { complete: true }),
        check: (found) => same(found.payload, payload),
      });
    }
    each('verify with expectations', {
      before: () => {
        const key = freshSecret();
        return { key, token: lib.sign({ aud: ['a', long], iss: long }, key) };
      },
      run: ({ key, token }) =>
        lib.verify(token, key, { audience: [long, 'b'], issuer: ['other', long], complete: true }),
      check: ({ payload }) => assert.strictEqual(payload.iss, long),
    });
    each('a wrong signature stays wrong', {
      before: () => ({ key: freshSecret(), token: lib.sign(nested, secret) }),
      run: ({ key, token }) => {
        try {
          return lib.verify(token, key);
        } catch (error) {
          if (error.code === 'ERR_MEMORY') throw error;
          return error.message;
        }
      },
      check: (message) => assert.strictEqual(message, 'invalid signature'),
    });
    const objects = {
      Buffer: () => Buffer.from(freshSecret()),
      KeyObject: () => crypto.createSecretKey(Buffer.from(freshSecret())),
      JWK: () => ({ kty: 'oct', k: Buffer.from(freshSecret()).toString('base64url') }),
    };
    for (const [name, make] of Object.entries(objects)) {
      each(`sign with a new ${name}`, { before: make, run: (key) => lib.sign(claims, key), check: signed(claims) });
    }
    each('getKey', {
      before: freshSecret,
      run: (key) => lib.verifyAsync(lib.sign(claims, lib.createKey(key)), (header, done) => done(null, key)),
      check: (found) => same(found, claims),
    });
  });

  describe('sessions', () => {
    // The store says that it has no thread, or no room, in its own words.
    const may = codes('ERR_STORE_UNAVAILABLE');
    let folder;
    let auth;
    let asking;
    let file = 0;
    const newFile = () => path.join(folder, `${file++}.db`);
    const open = (store = newFile()) => lib.createAuth({ ...SECRETS, store, maxSessionsPerUser: 3 });
    before(() => {
      folder = newFolder();
      auth = open();
      asking = lib.createAuth({ ...SECRETS, store: ':memory:', claims: () => ({ role: 'a' }) });
    });
    after(async () => {
      await asking.close();
      await auth.close();
      remove(folder);
    });

    const login = async () => ({
      label: 'phone',
      ...(await auth.login('7', { claims: { role: 'a' }, label: 'phone' })),
    });
    const isTokens = (found) => assert.strictEqual(auth.verifyAccess(found.accessToken).sub, '7');

    for (const store of [':memory:', undefined]) {
      each(`createAuth and its first login, ${store ?? 'a file'}`, {
        each: store ? EACH : 20,
        run: async () => {
          const other = open(store);
          try {
            return await other.login('7');
          } finally {
            await other.close();
          }
        },
        check: isTokens,
        may,
      });
    }
    each('createAuth, Node-API failing', {
      kind: NODE_API,
      run: () => open(),
      check: (made) => made.close(),
      may: (error) => assert(error instanceof Error),
    });
    each('login', { run: login, check: isTokens, may });
    each('rotateRefresh', {
      before: login,
      run: ({ refreshToken }) => auth.rotateRefresh(refreshToken),
      check: isTokens,
      may,
    });
    each('rotateRefresh with an idempotency key', {
      before: login,
      run: ({ refreshToken }) => auth.rotateRefresh(refreshToken, { idempotencyKey: 'k'.repeat(128) }),
      check: isTokens,
      may,
    });
    each('rotateRefresh after a claims function', {
      before: () => asking.login('7'),
      run: ({ refreshToken }) => asking.rotateRefresh(refreshToken),
      check: isTokens,
      may,
    });
    each('verifyAccess', {
      none: true,
      before: login,
      run: ({ accessToken }) => auth.verifyAccess(accessToken),
      check: ({ sub }) => assert.strictEqual(sub, '7'),
      may,
    });
    each('setSecrets: all or nothing', {
      before: () => {
        const next = freshSecret();
        auth.setSecrets({ refreshSecret: { current: SECRETS.refreshSecret, next } }, { force: true });
        return { current: next, previous: SECRETS.refreshSecret, next: freshSecret() };
      },
      run: (refreshSecret) => auth.setSecrets({ refreshSecret }),
      check: login,
      may,
    });
    each('sessions', {
      before: login,
      run: () => auth.sessions('7'),
      check: (list) => assert(list.some(({ label }) => label === 'phone')),
      may,
    });
    each('logout', {
      before: login,
      run: ({ refreshToken }) => auth.logout(refreshToken),
      check: (done) => assert.strictEqual(done, true),
      may,
    });
    each('revoke', {
      before: login,
      run: ({ sessionId }) => auth.revoke('7', sessionId),
      check: (done) => assert.strictEqual(done, true),
      may,
    });
    each('revokeAll', { before: login, run: () => auth.revokeAll('7'), check: (n) => assert(n > 0), may });
    each('ready', { run: () => auth.ready(), check() {}, may, none: true });
    each('stats', { run: () => auth.stats(), check: ({ down }) => assert.strictEqual(down, false), none: true });
    each('backup', {
      before: newFile,
      run: async (to) => {
        await auth.backup(to);
        return to;
      },
      check: (to) => assert(fs.statSync(to).size > 0),
      may,
    });
    each('close', {
      before: async () => {
        const one = open();
        await one.login('7');
        return one;
      },
      run: (one) => one.close(),
      check: (nothing, one) => assert.rejects(one.login('7'), { code: 'ERR_STORE_UNAVAILABLE' }),
    });
    each('auths and keys that are garbage', {
      before: async () => {
        await open().login('7');
        lib.createKey(freshSecret());
      },
      run: async () => {
        for (let i = 0; i < 3; i++) {
          globalThis.gc();
          await turn();
        }
      },
      check() {},
    });
  });

  describe('a call that the addon has thrown out', () => {
    const { ask } = require('../../lib/native/port');

    it('is forgotten, with all that would have settled it', async () => {
      let settle = () => {};
      const kept = new WeakRef(settle);
      assert.throws(
        () =>
          ask(settle, () => {
            throw new Error('out of memory');
          }),
        /out of memory/,
      );
      settle = undefined;
      await turn();
      globalThis.gc();
      assert.strictEqual(kept.deref(), undefined);
    });
  });

  describe('a load of the package', () => {
    const LOAD = `
      const { parentPort } = require('node:worker_threads');
      try {
        const lib = require(${JSON.stringify(path.join(__dirname, '..', '..'))});
        parentPort.postMessage({ token: lib.sign({}, 'k') });
      } catch ({ name, status, code, message }) {
        parentPort.postMessage({ name, status, code, message });
      }`;
    const load = () =>
      new Promise((resolve, reject) => {
        let said;
        const worker = new Worker(LOAD, { eval: true });
        worker.once('message', (message) => {
          said = message;
        });
        worker.once('error', reject);
        worker.once('exit', () => resolve(said));
      }).then((said) => {
        if (said.token) return said.token;
        throw Object.assign(new Error(), said);
      });
    const check = (token) => assert.strictEqual(token.split('.').length, 3);

    each('in a worker', { run: load, check });
    each('in a worker, Node-API failing', {
      kind: NODE_API,
      each: 20, // most of them write tables
      run: load,
      check,
      may: (error) => assert(error instanceof Error),
    });
  });
});
