'use strict';
const assert = require('node:assert');
const { AsyncLocalStorage } = require('node:async_hooks');
const { sign, verify, signAsync, verifyAsync, TokenExpiredError } = require('../lib/index.js');
const { PAIRS } = require('./support/keys');

/** What a callback was given, after everything that was started has come to its end. */
async function called(start) {
  const calls = [];
  let returned = false;
  await new Promise((resolve) => {
    start((...given) => {
      calls.push({ given, early: !returned });
      setTimeout(resolve, 5);
    });
    returned = true;
  });
  assert.strictEqual(calls.length, 1, 'the callback comes once');
  assert.strictEqual(calls[0].early, false, 'the callback comes later');
  return calls[0].given;
}

describe('16 callbacks and promises', () => {
  const pairs = [['HS256', 'secret', 'secret'], ...['rsa', 'p256', 'ed25519'].map((name) => [{ rsa: 'RS256', p256: 'ES256', ed25519: 'EdDSA' }[name], PAIRS[name]().privateKey, PAIRS[name]().publicKey])];

  for (const [algorithm, signing, verifying] of pairs) {
    it(`${algorithm}: sign and verify answer by callback, once and later`, async () => {
      const [none, token] = await called((done) => sign({ id: 1 }, signing, { algorithm }, done));
      assert.strictEqual(none, null);
      assert.strictEqual((await called((done) => verify(token, verifying, done)))[1].id, 1);
      assert.deepStrictEqual((await called((done) => verify(token, verifying, { complete: true }, done)))[1].header.alg, algorithm);
      const [error, nothing] = await called((done) => verify(token.slice(0, -8), verifying, done));
      assert.deepStrictEqual([error.name, nothing], ['JsonWebTokenError', undefined]);
    });

    it(`${algorithm}: signAsync and verifyAsync, sixty-four at once`, async () => {
      const tokens = await Promise.all(Array.from({ length: 64 }, (_, id) => signAsync({ id }, signing, { algorithm, expiresIn: id % 2 ? -60 : 60 })));
      const verdicts = await Promise.allSettled(tokens.map((token, id) => verifyAsync(token, verifying, { audience: id % 4 === 2 ? 'x' : undefined })));
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
    'sign: claims given twice': (done) => sign({ aud: 'a', iss: 'b', sub: 'c' }, 'secret', { audience: 'x', issuer: 'y', subject: 'z' }, done),
    'sign: a payload that JSON cannot write': (done) => sign({ big: 1n }, 'secret', done),
    'sign: a key that is too small': (done) => sign({}, PAIRS.smallRsa().privateKey, { algorithm: 'RS256' }, done),
    'verify: no token': (done) => verify(undefined, 'secret', done),
    'verify: a bad option': (done) => verify('a.b.c', 'secret', { nonce: '' }, done),
    'verify: a bad key': (done) => verify(sign({}, 'secret'), 5, done),
    'verify: an option that throws when it is read': (done) => verify(sign({}, 'secret'), 'secret', { get algorithms() { throw new Error('not now'); } }, done),
    'verify: a wrong audience': (done) => verify(sign({}, 'secret'), 'secret', { audience: 'x' }, done),
  };
  for (const [name, start] of Object.entries(refusedCalls)) {
    it(`${name}: the error comes by callback, once and later`, async () => {
      const [error, value] = await called(start);
      assert.ok(error instanceof Error);
      assert.strictEqual(value, undefined);
    });
  }

  it('algorithm none and an empty payload answer too', async () => {
    assert.ok((await called((done) => sign({}, null, { algorithm: 'none' }, done)))[1].endsWith('.'));
    assert.strictEqual((await called((done) => sign('', 'secret', done)))[1].split('.')[1], '');
  });

  it('getKey is given the header, and its answer counts once', async () => {
    const token = sign({ id: 1 }, 'secret', { keyid: 'k1' });
    const headers = [];
    const getKey = (header, callback) => { headers.push(header); callback(null, 'secret'); callback(null, 'other'); callback(new Error('late')); };
    assert.strictEqual((await called((done) => verify(token, getKey, done)))[1].id, 1);
    assert.deepStrictEqual(headers, [{ alg: 'HS256', typ: 'JWT', kid: 'k1' }]);
    const [error] = await called((done) => verify(token, (header, callback) => setTimeout(callback, 1, new Error('no such key')), done));
    assert.deepStrictEqual([error.name, error.message], ['JsonWebTokenError', 'error in secret or public key callback: no such key']);
    assert.strictEqual((await called((done) => verify(token, (header, callback) => callback(null, undefined), done)))[0].message, 'secret or public key must be provided');
  });

  it('getKey is not asked for a token that cannot be read', async () => {
    const [error] = await called((done) => verify('a.b', () => assert.fail('asked'), done));
    assert.strictEqual(error.message, 'jwt malformed');
  });

  it('verifyAsync takes getKey', async () => {
    assert.strictEqual((await verifyAsync(sign({ id: 2 }, 'secret'), (header, callback) => callback(null, 'secret'))).id, 2);
  });

  it('a callback runs in the asynchronous context of its call', async () => {
    const storage = new AsyncLocalStorage();
    const { privateKey } = PAIRS.rsa();
    const seen = await Promise.all([1, 2, 3].map((request) => storage.run(request, () => new Promise((resolve) => {
      sign({}, privateKey, { algorithm: 'RS256' }, () => resolve(storage.getStore()));
    }))));
    assert.deepStrictEqual(seen, [1, 2, 3]);
  });

  it('what a callback throws is the process\' uncaught exception, and other callbacks still come', async () => {
    const { privateKey } = PAIRS.p256();
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = new Promise((resolve) => { process.once('uncaughtException', resolve); });
    const others = Array.from({ length: 8 }, () => signAsync({}, privateKey, { algorithm: 'ES256' }));
    sign({}, privateKey, { algorithm: 'ES256' }, () => { throw new Error('from the callback'); });
    assert.strictEqual((await caught).message, 'from the callback');
    for (const listener of listeners) process.on('uncaughtException', listener);
    assert.strictEqual((await Promise.all(others)).length, 8);
  });

  it('HMAC never leaves the calling thread, and key pairs do: the loop goes on meanwhile', async () => {
    const order = [];
    const rsa = signAsync({}, PAIRS.rsa().privateKey, { algorithm: 'RS256' }).then(() => order.push('rsa'));
    const hmac = signAsync({}, 'secret').then(() => order.push('hmac'));
    await Promise.all([rsa, hmac]);
    assert.deepStrictEqual(order, ['hmac', 'rsa']);
  });

  it('fake timers do not stall callbacks', async () => {
    const real = { setImmediate, setTimeout };
    global.setImmediate = global.setTimeout = () => assert.fail('a timer was used');
    try {
      await new Promise((resolve) => { sign({}, 'secret', resolve); });
      await new Promise((resolve) => { verify(sign({}, 'secret'), 'secret', resolve); });
      await new Promise((resolve) => { sign({}, PAIRS.p256().privateKey, { algorithm: 'ES256' }, resolve); });
    } finally {
      Object.assign(global, real);
    }
  });
});
