'use strict';
// What an app's objects can do while a call reads them: getters, proxies, toJSON, memory that another thread
// overwrites.
const assert = require('node:assert');
const crypto = require('node:crypto');
const { Worker } = require('node:worker_threads');

const { createAuth, createKey, decode, sign, signAsync, verify, verifyAsync } = require('../lib/index.js');
const { SECRETS } = require('./support/auth');

const SECRET = 'a secret of forty characters, not secret';
const EC = crypto.generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

let floods = 0;
/** Signs with so many keys that lib's caches drop, and free, all that they had before. */
function flood() {
  floods++;
  for (let i = 0; i < 4200; i++) {
    sign({ q: 1 }, `flood ${floods}, secret ${i}`);
    sign({ q: 1 }, Buffer.from(`flood ${floods}, bytes ${i}`));
  }
}

/** [value], whose item floods the caches at every look, or from one on. */
function flooding(value, from = 1) {
  let looks = 0;
  return Object.defineProperty([undefined], 0, {
    enumerable: true,
    get() {
      looks++;
      if (looks >= from) flood();
      return value;
    },
  });
}

describe('23 code that runs in the middle of a call', function () {
  this.timeout(60_000);
  const claims = { aud: 'a', iss: 'i', sub: 's', jti: 'j' };
  const tokens = {
    text: sign(claims, SECRET),
    bytes: sign(claims, Buffer.from(SECRET)),
    ec: sign(claims, EC.privateKey, { algorithm: 'ES256' }),
  };

  for (const [option, value] of [
    ['audience', 'a'],
    ['issuer', 'i'],
    ['subject', 's'],
    ['jwtid', 'j'],
  ]) {
    for (const from of [1, 2]) {
      it(`verify keeps its key while a getter in ${option}, at read ${from}, makes the cache drop it`, async () => {
        assert.strictEqual(verify(tokens.text, SECRET, { [option]: flooding(value, from) }).sub, 's');
        assert.strictEqual(verify(tokens.bytes, Buffer.from(SECRET), { [option]: flooding(value, from) }).sub, 's');
        assert.strictEqual(verify(tokens.ec, EC.publicKey, { [option]: flooding(value, from) }).sub, 's');
        assert.strictEqual((await verifyAsync(tokens.ec, EC.publicKey, { [option]: flooding(value, from) })).sub, 's');
      });
    }
  }

  it("the addon's own calls hold the key while they read an array whose getter frees it", () => {
    const native = require('../lib/native/load.js');
    const { port } = require('../lib/native/port.js');
    for (const call of [native.verifyClaims, (...args) => native.verifyClaimsLater(port, 0, ...args)]) {
      const handle = native.newKey(5, SECRET);
      const audience = Object.defineProperty([undefined], 0, {
        get() {
          native.releaseKey(handle);
          return 'a';
        },
      });
      const result = call(handle, tokens.text, Date.now() / 1000, 0, 0, 0, 0, audience);
      assert.strictEqual(JSON.parse(result).sub, 's');
      assert.strictEqual(native.describeKey(handle), undefined);
    }
  });

  it('a list is read once: what was checked is what is compared', () => {
    let looks = 0;
    const audience = Object.defineProperty([undefined], 0, { get: () => ['b', 'a', 'a'][looks++] });
    assert.throws(() => verify(tokens.text, SECRET, { audience }), { message: 'jwt audience invalid. expected: b' });
    assert.strictEqual(looks, 1);
  });

  for (const [name, options] of [
    [
      "a toJSON in the header's",
      () => ({
        header: {
          x: {
            toJSON() {
              flood();
              return 1;
            },
          },
        },
      }),
    ],
    [
      "a getter in the header's",
      () => ({
        header: {
          get x() {
            flood();
            return 1;
          },
        },
      }),
    ],
    [
      "an option's",
      () => ({
        get expiresIn() {
          flood();
          return 60;
        },
      }),
    ],
  ]) {
    it(`sign has its key after ${name} code has made the cache drop it`, async () => {
      assert.strictEqual(verify(sign({ a: 1 }, SECRET, options()), SECRET).a, 1);
      assert.strictEqual(verify(sign({ a: 1 }, Buffer.from(SECRET), options()), Buffer.from(SECRET)).a, 1);
      assert.strictEqual(
        verify(await signAsync({ a: 1 }, EC.privateKey, { algorithm: 'ES256', ...options() }), EC.publicKey).a,
        1,
      );
    });
  }

  it("sign has its key after a payload's toJSON or getter has made the cache drop it", () => {
    assert.strictEqual(
      verify(
        sign(
          {
            a: {
              toJSON() {
                flood();
                return 1;
              },
            },
          },
          SECRET,
          { subject: 'x' },
        ),
        SECRET,
      ).a,
      1,
    );
    assert.strictEqual(
      verify(
        sign(
          {
            get a() {
              flood();
              return 1;
            },
          },
          SECRET,
        ),
        SECRET,
      ).a,
      1,
    );
  });

  const signOptions = {
    audience: 'x',
    issuer: 'x',
    subject: 'x',
    jwtid: 'x',
    notBefore: 0,
    noTimestamp: true,
    keyid: 'x',
    header: { x: 1 },
    expiresIn: 60,
    algorithm: 'HS384',
  };
  const verifyOptions = {
    audience: 'x',
    issuer: 'x',
    subject: 'x',
    jwtid: 'x',
    nonce: 'x',
    maxAge: -1,
    clockTimestamp: 1e12,
    algorithms: ['HS512'],
    complete: true,
  };
  const hiddenIn = {
    'that cannot be enumerated': (option, value) => Object.defineProperty({}, option, { value }),
    'that a Proxy answers for': (option, value) =>
      new Proxy({}, { get: (_, name) => (name === option ? value : undefined) }),
  };
  const outcome = (call) => {
    try {
      return JSON.stringify(call());
    } catch (error) {
      return error.message;
    }
  };
  for (const [kind, hide] of Object.entries(hiddenIn)) {
    it(`sign accepts an option ${kind}`, () => {
      for (const [option, value] of Object.entries(signOptions)) {
        const made = (options) => decode(sign({ a: 1, iat: 1e9 }, SECRET, options), { complete: true });
        const made2 = (options) => {
          const { header, payload } = decode(sign({ a: 1 }, SECRET, options), { complete: true });
          return { header, names: Object.keys(payload) };
        };
        assert.strictEqual(
          outcome(() => made(hide(option, value))),
          outcome(() => made({ [option]: value })),
          option,
        );
        assert.strictEqual(
          outcome(() => made2(hide(option, value))),
          outcome(() => made2({ [option]: value })),
          option,
        );
      }
    });

    it(`verify accepts an option ${kind}`, () => {
      const token = sign({ exp: 2e10 }, SECRET);
      for (const [option, value] of Object.entries(verifyOptions)) {
        const plain = outcome(() => verify(token, SECRET, { [option]: value }));
        assert.notStrictEqual(
          plain,
          outcome(() => verify(token, SECRET)),
          option,
        );
        assert.strictEqual(
          outcome(() => verify(token, SECRET, hide(option, value))),
          plain,
          option,
        );
      }
    });
  }

  it("key bytes that another thread overwrites are never taken for other bytes' key", async () => {
    const shared = new SharedArrayBuffer(48);
    const bytes = Buffer.from(shared).fill(67);
    const worker = new Worker(
      `
      const bytes = new Uint8Array(require('node:worker_threads').workerData);
      require('node:worker_threads').parentPort.postMessage('writing');
      for (;;) { bytes[0] = 65; for (let i = 0; i < 50; i++); bytes[0] = 66; for (let i = 0; i < 50; i++); }
    `,
      { eval: true, workerData: shared },
    );
    await new Promise((resolve) => {
      worker.once('message', resolve);
    });
    const mixed = [];
    for (let n = 0; n < 6000; n++) {
      bytes.writeUInt32LE(n, 8);
      sign({ a: 1 }, bytes);
      for (const first of [65, 66]) {
        const own = Buffer.from(bytes);
        own[0] = first;
        const token = sign({ a: 1 }, own);
        const dot = token.lastIndexOf('.');
        if (crypto.createHmac('sha256', own).update(token.slice(0, dot)).digest('base64url') !== token.slice(dot + 1))
          mixed.push(n);
      }
    }
    await worker.terminate();
    assert.deepStrictEqual(mixed, []);
  });

  it('createKey and a passphrase accept bytes in shared memory', () => {
    const pem = crypto
      .createPrivateKey(EC.privateKey)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'pass' });
    const inShared = (text) => {
      const view = Buffer.from(new SharedArrayBuffer(text.length));
      view.write(text, 'latin1');
      return view;
    };
    for (const key of [
      createKey(inShared(pem), { passphrase: inShared('pass') }),
      { key: inShared(pem), passphrase: inShared('pass') },
    ]) {
      assert.strictEqual(verify(sign({ a: 1 }, key, { algorithm: 'ES256' }), EC.publicKey).a, 1);
    }
    assert.strictEqual(verify(sign({ a: 1 }, inShared(SECRET)), SECRET).a, 1);
  });
});

describe('23 own members alone', () => {
  const payloadOf = (token) => Buffer.from(token.split('.')[1], 'base64url').toString();

  it("an own __proto__ in a payload is a member like any other: its iat, exp and nbf are not the payload's", () => {
    for (const options of [undefined, {}, { subject: 's' }, { expiresIn: 60, mutatePayload: true }, { notBefore: 0 }]) {
      const read = () => JSON.parse('{"__proto__":{"iat":9e9,"exp":9e9,"nbf":9e9,"aud":"x","sub":"x"},"a":1}');
      const now = Math.floor(Date.now() / 1000);
      const text = payloadOf(sign(read(), SECRET, options));
      const claims = JSON.parse(text);
      assert.ok(text.startsWith('{"__proto__":{"iat":9000000000,'), text);
      assert.ok(Object.hasOwn(claims, '__proto__') && Math.abs(claims.iat - now) <= 1, text);
      assert.strictEqual(claims.exp, options?.expiresIn && claims.iat + 60);
      assert.deepStrictEqual(verify(sign(read(), SECRET, { noTimestamp: true }), SECRET), read());
    }
  });

  it('a property of Object.prototype is no claim', () => {
    const token = sign({ a: 1 }, SECRET, { noTimestamp: true });
    for (const [name, value] of Object.entries({
      iat: 1e9,
      exp: 9e9,
      nbf: 1,
      aud: 'x',
      iss: 'x',
      sub: 'x',
      jti: 'x',
      typ: 'JWT',
    })) {
      Object.prototype[name] = value; // eslint-disable-line no-extend-native
      try {
        assert.strictEqual(Object.hasOwn(decode(sign({ a: 1 }, SECRET)), name), name === 'iat');
        assert.ok(decode(sign({ a: 1 }, SECRET)).iat > 1.7e9);
        assert.strictEqual(
          verify(
            sign({ a: 1 }, SECRET, {
              audience: 'a',
              issuer: 'i',
              subject: 's',
              jwtid: 'j',
              expiresIn: 9,
              notBefore: 0,
            }),
            SECRET,
          ).sub,
          's',
        );
        assert.throws(() => verify(token, SECRET, { audience: /x/ }), {
          message: 'jwt audience invalid. expected: /x/',
        });
        assert.throws(() => verify(token, SECRET, { maxAge: 1e10 }), {
          message: 'iat required when maxAge is specified',
        });
        assert.strictEqual(decode(sign('"text"', SECRET)), '"text"');
      } finally {
        delete Object.prototype[name];
      }
    }
  });
});

describe('23 what is too long', () => {
  it('a token of 30 MB is refused by its length, before anything is copied', async () => {
    const auth = createAuth({
      accessSecret: SECRETS.accessSecret,
      refreshSecret: SECRETS.refreshSecret,
      store: ':memory:',
    });
    const refused = (code) => (error) => error.code === code;
    const calls = {
      verify: (token) => assert.throws(() => verify(token, SECRET), refused('ERR_TOKEN_INVALID')),
      'verify with options': (token) =>
        assert.throws(() => verify(token, SECRET, { issuer: 'x' }), refused('ERR_TOKEN_INVALID')),
      'verify without a key': (token) =>
        assert.throws(() => verify(token, undefined, { algorithms: ['none'] }), refused('ERR_TOKEN_INVALID')),
      verifyAsync: (token) => assert.rejects(verifyAsync(token, EC.publicKey), refused('ERR_TOKEN_INVALID')),
      getKey: (token) =>
        assert.rejects(
          verifyAsync(token, (header, done) => done(null, SECRET)),
          refused('ERR_TOKEN_INVALID'),
        ),
      decode: (token) => assert.strictEqual(decode(token), null),
      'decode in full': (token) => assert.strictEqual(decode(token, { complete: true }), null),
      'decode of a Buffer': () => assert.strictEqual(decode(Buffer.alloc(3e7, 'a')), null),
      verifyAccess: (token) => assert.throws(() => auth.verifyAccess(token), refused('ERR_TOKEN_INVALID')),
      rotateRefresh: (token) => assert.rejects(auth.rotateRefresh(token), refused('ERR_REFRESH_INVALID')),
      logout: (token) => auth.logout(token).catch(() => {}),
    };
    const peakOf = () => process.resourceUsage().maxRSS;
    for (const [name, call] of Object.entries(calls)) {
      for (const letter of ['a', 'é']) {
        // Strings that V8 has not laid out yet, so that a look at any of it makes a copy of 30 MB, which counts as
        // memory for good.
        const token = `${letter.repeat(3e7)}.b.c`;
        const before = peakOf();
        await call(token);
        assert.ok(peakOf() - before < 15_000 || name === 'decode of a Buffer', `${name}: ${peakOf() - before} kB`);
      }
    }
    await auth.close();
  });

  it('the longest token is accepted, and one character more is not', () => {
    const body = (n) => sign({ a: 'x'.repeat(n) }, SECRET, { noTimestamp: true });
    let n = 49_000;
    while (body(n + 1).length <= 65_536) n++;
    const last = body(n);
    assert.ok(last.length >= 65_534, `${last.length}`);
    assert.strictEqual(verify(last, SECRET).a.length, n);
    assert.strictEqual(decode(last).a.length, n);
    assert.throws(() => verify(body(n + 2), SECRET), { code: 'ERR_TOKEN_INVALID' });
    assert.strictEqual(decode(body(n + 2)), null);
  });
});
