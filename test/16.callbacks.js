'use strict';
const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { sign, verify, signAsync, verifyAsync, TokenExpiredError } = require('../lib/index.js');
const { PAIRS } = require('./support/keys');
const { runScript } = require('./support/script');

const NOW = 'before the call returned',
  LATER = 'later';

/**
 * What a callback was given, after everything that was started has come to its end; it must have come once, at that
 * time.
 */
async function called(when, start) {
  const calls = [];
  let returned = false;
  await new Promise((resolve) => {
    start((...given) => {
      calls.push({ given, when: returned ? LATER : NOW });
      setTimeout(resolve, 5);
    });
    returned = true;
  });
  assert.deepStrictEqual(
    calls.map((call) => call.when),
    [when],
  );
  return calls[0].given;
}

describe('16 callbacks and promises', () => {
  const pairs = [
    ['HS256', 'secret', 'secret'],
    ...['rsa', 'p256', 'ed25519'].map((name) => [
      { rsa: 'RS256', p256: 'ES256', ed25519: 'EdDSA' }[name],
      PAIRS[name]().privateKey,
      PAIRS[name]().publicKey,
    ]),
  ];

  for (const [algorithm, signing, verifying] of pairs) {
    it(`${algorithm}: sign and verify call back once, sign later and verify before it returns`, async () => {
      const [none, token] = await called(LATER, (done) => sign({ id: 1 }, signing, { algorithm }, done));
      assert.strictEqual(none, null);
      assert.strictEqual((await called(NOW, (done) => verify(token, verifying, done)))[1].id, 1);
      assert.deepStrictEqual(
        (await called(NOW, (done) => verify(token, verifying, { complete: true }, done)))[1].header.alg,
        algorithm,
      );
      const [error, nothing] = await called(NOW, (done) => verify(token.slice(0, -8), verifying, done));
      assert.deepStrictEqual([error.name, nothing], ['JsonWebTokenError', undefined]);
    });

    it(`${algorithm}: signAsync and verifyAsync, sixty-four at once`, async () => {
      const tokens = await Promise.all(
        Array.from({ length: 64 }, (_, id) => signAsync({ id }, signing, { algorithm, expiresIn: id % 2 ? -60 : 60 })),
      );
      const verdicts = await Promise.allSettled(
        tokens.map((token, id) => verifyAsync(token, verifying, { audience: id % 4 === 2 ? 'x' : undefined })),
      );
      verdicts.forEach((verdict, id) => {
        if (id % 2) assert.ok(verdict.reason instanceof TokenExpiredError && verdict.reason.expiredAt instanceof Date);
        else if (id % 4 === 2) assert.strictEqual(verdict.reason.message, 'jwt audience invalid. expected: x');
        else assert.strictEqual(verdict.value.id, id);
      });
    });
  }

  const refusedCalls = {
    'sign: a bad key': (done) => sign({}, '', done),
    'sign: a bad option': (done) => sign({}, 'secret', { nonsense: 1 }, done),
    'sign: claims given twice': (done) =>
      sign({ aud: 'a', iss: 'b', sub: 'c' }, 'secret', { audience: 'x', issuer: 'y', subject: 'z' }, done),
    'sign: a key that is too small': (done) => sign({}, PAIRS.smallRsa().privateKey, { algorithm: 'RS256' }, done),
    'verify: no token': (done) => verify(undefined, 'secret', done),
    'verify: a bad option': (done) => verify('a.b.c', 'secret', { nonce: '' }, done),
    'verify: a bad key': (done) => verify(sign({}, 'secret'), 5, done),
    'verify: an option that throws when it is read': (done) =>
      verify(
        sign({}, 'secret'),
        'secret',
        {
          get algorithms() {
            throw new Error('not now');
          },
        },
        done,
      ),
    'verify: a wrong audience': (done) => verify(sign({}, 'secret'), 'secret', { audience: 'x' }, done),
  };
  for (const [name, start] of Object.entries(refusedCalls)) {
    it(`${name}: the error is passed to the callback once, before the call returns`, async () => {
      const [error, value] = await called(NOW, start);
      assert.ok(error instanceof Error);
      assert.strictEqual(value, undefined);
    });
  }

  it('a payload that JSON cannot write is an error in the callback later, as in jsonwebtoken', async () => {
    assert.match((await called(LATER, (done) => sign({ big: 1n }, 'secret', done)))[0].message, /BigInt/);
  });

  it('verify, and sign if it refuses, return what the callback returned', () => {
    const token = sign({}, 'secret');
    assert.deepStrictEqual(
      [verify(token, 'secret', () => 1), verify(token, 'other', () => 2), sign({}, '', () => 3)],
      [1, 2, 3],
    );
    assert.deepStrictEqual(
      [
        sign({}, 'secret', () => 4),
        verify(
          token,
          (header, callback) => callback(null, 'secret'),
          () => 5,
        ),
      ],
      [undefined, undefined],
    );
  });

  it('what the callback of verify or of a refused sign throws is thrown to the caller, with no second call', () => {
    const token = sign({}, 'secret');
    let calls = 0;
    const callback = () => {
      calls++;
      throw new Error('from the callback');
    };
    for (const call of [
      () => verify(token, 'secret', callback),
      () => verify(token, 'other', callback),
      () => verify('a', () => {}, callback),
      () => sign({}, '', callback),
    ]) {
      assert.throws(call, { message: 'from the callback' });
    }
    assert.strictEqual(calls, 4);
  });

  it('algorithm none and an empty payload call back too', async () => {
    assert.ok((await called(LATER, (done) => sign({}, null, { algorithm: 'none' }, done)))[1].endsWith('.'));
    assert.strictEqual((await called(LATER, (done) => sign('', 'secret', done)))[1].split('.')[1], '');
  });

  it('getKey receives the header, and its first answer counts', async () => {
    const token = sign({ id: 1 }, 'secret', { keyid: 'k1' });
    const headers = [];
    const getKey = (header, callback) => {
      headers.push(header);
      callback(null, 'secret');
      callback(null, 'other');
      callback(new Error('late'));
    };
    assert.strictEqual((await called(LATER, (done) => verify(token, getKey, done)))[1].id, 1);
    assert.deepStrictEqual(headers, [{ alg: 'HS256', typ: 'JWT', kid: 'k1' }]);
    const [error] = await called(LATER, (done) =>
      verify(token, (header, callback) => setTimeout(callback, 1, new Error('no such key')), done),
    );
    assert.deepStrictEqual(
      [error.name, error.message],
      ['JsonWebTokenError', 'error in secret or public key callback: no such key'],
    );
    assert.strictEqual(
      (await called(LATER, (done) => verify(token, (header, callback) => callback(null, undefined), done)))[0].message,
      'secret or public key must be provided',
    );
  });

  it('getKey is not called for a malformed token', async () => {
    const [error] = await called(NOW, (done) => verify('a.b', () => assert.fail('asked'), done));
    assert.strictEqual(error.message, 'jwt malformed');
  });

  const refusedKey = { name: 'JsonWebTokenError', message: 'error in secret or public key callback: no such key' };
  const answers = {
    'an async function': async () => 'secret',
    'an async function that answers by its callback': async (header, callback) => callback(null, 'secret'),
    'a promise that is later than the callback': (header, callback) => {
      setTimeout(callback, 1, null, 'secret');
      return new Promise((resolve) => setTimeout(resolve, 5, 'other'));
    },
    'a promise that fails after the callback has answered': (header, callback) => {
      callback(null, 'secret');
      return Promise.reject(new Error('late'));
    },
    'a promise that is sooner than the callback': (header, callback) => {
      setTimeout(callback, 1, new Error('late'));
      return Promise.resolve('secret');
    },
    'a value that is no promise, beside the callback': (header, callback) => {
      callback(null, 'secret');
      return 'other';
    },
  };
  for (const [name, getKey] of Object.entries(answers)) {
    it(`getKey: ${name} gives the key`, async () => {
      const token = sign({ id: 3 }, 'secret');
      assert.strictEqual((await verifyAsync(token, getKey)).id, 3);
      assert.strictEqual((await called(LATER, (done) => verify(token, getKey, done)))[1].id, 3);
    });
  }

  const failures = {
    'a rejection': () => Promise.reject(new Error('no such key')),
    'what it throws': () => {
      throw new Error('no such key');
    },
    'what it gives the callback': (header, callback) => callback(new Error('no such key')),
  };
  for (const [name, getKey] of Object.entries(failures)) {
    it(`getKey: ${name} is an error in the callback`, async () => {
      const token = sign({ id: 3 }, 'secret');
      await assert.rejects(verifyAsync(token, getKey), refusedKey);
      const [{ name: kind, message }] = await called(LATER, (done) => verify(token, getKey, done));
      assert.deepStrictEqual({ name: kind, message }, refusedKey);
    });
  }

  it('getKey: a promise of null is no key, and a rejection without a reason is an error', async () => {
    const token = sign({}, 'secret');
    await assert.rejects(
      verifyAsync(token, async () => null),
      { message: 'secret or public key must be provided' },
    );
    await assert.rejects(
      verifyAsync(token, () => Promise.reject()),
      { message: 'error in secret or public key callback: undefined' },
    );
  });

  it('signAsync with a callback in place of the options is refused, not pending forever', async () => {
    await assert.rejects(
      signAsync({}, 'secret', () => assert.fail('called')),
      { message: 'Expected "options" to be a plain object.' },
    );
  });

  it('verifyAsync accepts getKey', async () => {
    assert.strictEqual(
      (await verifyAsync(sign({ id: 2 }, 'secret'), (header, callback) => callback(null, 'secret'))).id,
      2,
    );
  });

  it('a callback runs in the asynchronous context of its call', async () => {
    const storage = new AsyncLocalStorage();
    const { privateKey } = PAIRS.rsa();
    const seen = await Promise.all(
      [1, 2, 3].map((request) =>
        storage.run(
          request,
          () =>
            new Promise((resolve) => {
              sign({}, privateKey, { algorithm: 'RS256' }, () => resolve(storage.getStore()));
            }),
        ),
      ),
    );
    assert.deepStrictEqual(seen, [1, 2, 3]);
    const answered = [];
    const keys = [];
    const token = sign({}, 'secret');
    for (const request of [1, 2, 3])
      storage.run(request, () =>
        verify(
          token,
          (header, callback) => keys.push(callback),
          () => answered.push(storage.getStore()),
        ),
      );
    for (const callback of keys) callback(null, 'secret'); // outside of every request, as a pool of connections does
    await new Promise(setImmediate);
    assert.deepStrictEqual(answered, [1, 2, 3]);
  });

  const throwing = {
    'sign with a pair': (callback) => sign({}, PAIRS.p256().privateKey, { algorithm: 'ES256' }, callback),
    'sign with a secret': (callback) => sign({}, 'secret', callback),
    'verify with getKey': (callback) => verify(sign({}, 'secret'), async () => 'secret', callback),
    'verify with a getKey that fails': (callback) =>
      verify(sign({}, 'secret'), (header, answer) => answer(new Error('no')), callback),
  };
  for (const [name, start] of Object.entries(throwing)) {
    it(`${name}: what the callback throws is an uncaught exception, and other callbacks are still called`, async () => {
      const listeners = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      const caught = new Promise((resolve) => {
        process.once('uncaughtException', (...given) => resolve(given));
      });
      const others = Array.from({ length: 8 }, () => signAsync({}, PAIRS.p256().privateKey, { algorithm: 'ES256' }));
      start(() => {
        throw new Error('from the callback');
      });
      const [error, origin] = await caught;
      for (const listener of listeners) process.on('uncaughtException', listener);
      assert.deepStrictEqual([error.message, origin], ['from the callback', 'uncaughtException']);
      assert.strictEqual((await Promise.all(others)).length, 8);
    });
  }

  it('what a callback throws ends the process, with its stack and code 1, if nobody listens', async () => {
    const { code, stdout, stderr } = await runScript(`
      process.on('exit', (code) => console.log('exit', code));
      require('.').sign({}, 'secret', () => { throw new Error('from the callback'); });`);
    assert.deepStrictEqual([code, stdout], [1, 'exit 1\n']);
    assert.match(stderr, /Error: from the callback\r?\n {4}at /);
  });

  it('HMAC stays on the calling thread, and key pairs do not: the event loop keeps turning', async () => {
    const order = [];
    const rsa = signAsync({}, PAIRS.rsa().privateKey, { algorithm: 'RS256' }).then(() => order.push('rsa'));
    const hmac = signAsync({}, 'secret').then(() => order.push('hmac'));
    await Promise.all([rsa, hmac]);
    assert.deepStrictEqual(order, ['hmac', 'rsa']);
  });
});
