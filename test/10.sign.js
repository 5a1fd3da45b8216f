'use strict';
const assert = require('node:assert');
const jsonwebtoken = require('jsonwebtoken');
const { sign, verify, decode } = require('../lib/index.js');
const { PAIRS } = require('./support/keys');

const header = (token) => JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
const payload = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

describe('10 sign', () => {
  const realNow = Date.now;
  beforeEach(() => {
    Date.now = () => 1_750_000_000_999;
  });
  afterEach(() => {
    Date.now = realNow;
  });

  it('makes an HS256 token with iat in whole seconds', () => {
    const token = sign({ id: '1', isAdmin: true }, 'secret');
    assert.deepStrictEqual(header(token), { alg: 'HS256', typ: 'JWT' });
    assert.deepStrictEqual(payload(token), { id: '1', isAdmin: true, iat: 1_750_000_000 });
    assert.strictEqual(token, sign({ id: '1', isAdmin: true }, Buffer.from('secret')));
  });

  it('signs an empty object the same on the fast and the general path', () => {
    assert.strictEqual(sign({}, 'secret'), sign(Object.create(null), 'secret'));
    assert.deepStrictEqual(payload(sign({}, 'secret')), { iat: 1_750_000_000 });
  });

  it('reads expiresIn and notBefore as seconds or as the ms package does', () => {
    const exp = (expiresIn) => payload(sign({}, 'secret', { expiresIn })).exp - 1_750_000_000;
    assert.deepStrictEqual(
      [60, '1h', '7d', '120', '1500', '2 days', -5, 0].map(exp),
      [60, 3600, 604_800, 0, 1, 172_800, -5, 0],
    );
    assert.strictEqual(payload(sign({}, 'secret', { notBefore: '1m' })).nbf, 1_750_000_060);
  });

  it("counts expiresIn from the payload's own iat", () => {
    assert.deepStrictEqual(payload(sign({ iat: 100 }, 'secret', { expiresIn: 60 })), { iat: 100, exp: 160 });
    assert.strictEqual(payload(sign({ iat: 0 }, 'secret')).iat, 1_750_000_000);
  });

  it('keeps an exp of 10⁹ days exact', () => {
    assert.strictEqual(payload(sign({}, 'secret', { expiresIn: 86_400e9 })).exp, 1_750_000_000 + 86_400e9);
    assert.strictEqual(payload(sign({}, 'secret', { expiresIn: 1e300 })).exp, 1e300);
  });

  it('does not change the payload, unless mutatePayload is set', () => {
    const claims = { id: 1 };
    sign(claims, 'secret', { expiresIn: 60, issuer: 'me' });
    assert.deepStrictEqual(claims, { id: 1 });
    sign(claims, 'secret', { expiresIn: 60, issuer: 'me', mutatePayload: true });
    assert.deepStrictEqual(claims, { id: 1, iat: 1_750_000_000, exp: 1_750_000_060, iss: 'me' });
  });

  it('prefers `header` to alg, typ and kid', () => {
    const token = sign({}, 'secret', { keyid: 'a', header: { alg: 'HS512', typ: 'at+jwt', kid: 'b', x: 1 } });
    assert.deepStrictEqual(header(token), { alg: 'HS512', typ: 'at+jwt', kid: 'b', x: 1 });
    verify(token, 'secret', { algorithms: ['HS512'] });
  });

  it('signs strings and Buffers without typ and without claims', () => {
    assert.strictEqual(verify(sign('text ✓', 'secret'), 'secret'), 'text ✓');
    assert.strictEqual(verify(sign(Buffer.from('bytes'), 'secret'), 'secret'), 'bytes');
    assert.deepStrictEqual(header(sign('text', 'secret')), { alg: 'HS256' });
  });

  it('throws what JSON.stringify throws', () => {
    const circle = {};
    circle.self = circle;
    assert.throws(() => sign(circle, 'secret'), /circular/);
    assert.throws(() => sign({ big: 1n }, 'secret'), { name: 'TypeError', message: /BigInt/ });
    assert.strictEqual(sign({ id: 1 }, 'secret').split('.').length, 3);
  });

  it('writes non-ASCII claims, in payloads beyond 4 KiB too', () => {
    for (const name of ['Zoë 😀', 'Ł'.repeat(4090), `${'a'.repeat(4091)}é`, 'ы'.repeat(9000)]) {
      assert.strictEqual(verify(sign({ name }, 'secret'), 'secret').name, name);
    }
  });

  it('reads expiresIn and algorithm even if they are not enumerable', () => {
    const options = Object.defineProperties({}, { expiresIn: { value: 60 }, algorithm: { value: 'HS512' } });
    for (let i = 0; i < 3; i++) {
      const token = sign({ id: '1' }, 'secret', options);
      assert.deepStrictEqual([header(token).alg, payload(token).exp - payload(token).iat], ['HS512', 60]);
    }
  });

  it("calls a payload's toJSON once, and reads getters once", () => {
    let calls = 0;
    const claims = {
      get id() {
        calls++;
        return calls;
      },
    };
    assert.strictEqual(decode(sign(claims, 'secret')).id, 1);
    assert.strictEqual(decode(sign({ toJSON: () => ({ id: 7 }) }, 'secret')).id, 7);
  });

  for (const [alg, pair] of [
    ['RS256', 'rsa'],
    ['PS512', 'rsa'],
    ['PS256', 'pss'],
    ['ES256', 'p256'],
    ['ES384', 'p384'],
    ['ES512', 'p521'],
    ['ES256K', 'k256'],
    ['EdDSA', 'ed25519'],
    ['EdDSA', 'ed448'],
  ]) {
    it(`signs ${alg} by a key of type ${pair}`, () => {
      const { privateKey, publicKey } = PAIRS[pair]();
      const token = sign({ id: 1 }, privateKey, { algorithm: alg });
      assert.strictEqual(header(token).alg, alg);
      assert.strictEqual(verify(token, publicKey, { algorithms: [alg] }).id, 1);
      assert.strictEqual(verify(token, publicKey.export({ format: 'pem', type: 'spki' }), { algorithms: [alg] }).id, 1);
    });
  }

  it('alternates between secrets and key pairs of one digest: copying their contexts crashed OpenSSL 3.5', () => {
    const { privateKey, publicKey } = PAIRS.rsa();
    for (let i = 0; i < 3; i++) {
      assert.strictEqual(verify(sign({ i }, 'secret'), 'secret').i, i);
      assert.strictEqual(verify(sign({ i }, privateKey, { algorithm: 'RS256' }), publicKey).i, i);
      assert.strictEqual(
        verify(sign({ i }, PAIRS.p256().privateKey, { algorithm: 'ES256' }), PAIRS.p256().publicKey).i,
        i,
      );
    }
  });

  it('makes an unsigned token only for algorithm none', () => {
    const token = sign({ id: 1 }, null, { algorithm: 'none' });
    assert.ok(token.endsWith('.'));
    assert.strictEqual(verify(token, null, { algorithms: ['none'] }).id, 1);
    assert.throws(() => sign({ id: 1 }, null), { message: 'secretOrPrivateKey must have a value' });
  });

  it("checks the options before an empty secret that a header's alg needs, as jsonwebtoken does", () => {
    const options = { algorithm: 'none', header: { alg: 'HS512' } };
    assert.throws(() => sign({ id: 1 }, '', { ...options, issuer: 5 }), { message: '"issuer" must be a string' });
    assert.throws(() => sign({ id: 1 }, '', options), { message: 'secretOrPrivateKey must have a value' });
  });

  it('refuses an empty secret when jsonwebtoken would use it: after checking payload and options', () => {
    const cases = [
      [{}, {}, 'HS512', 'secretOrPrivateKey must have a value'],
      [{}, { issuer: 5 }, 'HS512', '"issuer" must be a string'],
      [{ exp: 'soon' }, {}, 'HS512', '"exp" should be a number of seconds'],
      [undefined, {}, 'HS512', 'payload is required'],
      ['text', { issuer: 'me' }, 'HS512', 'invalid issuer option for string payload'],
      [{}, { issuer: 5 }, 'RS256', 'secretOrPrivateKey must be an asymmetric key when using RS256'],
      [{}, { issuer: 5 }, 'ES256', 'secretOrPrivateKey must be an asymmetric key when using ES256'],
    ];
    for (const secret of ['', Buffer.alloc(0)]) {
      for (const [payload, options, alg, message] of cases) {
        const given = { ...options, algorithm: 'none', header: { alg } };
        assert.throws(() => sign(payload, secret, given), { message });
        if (message.includes('must have a value')) continue; // jsonwebtoken signs with it
        assert.throws(() => jsonwebtoken.sign(payload, secret, given), { message });
      }
    }
  });
});
