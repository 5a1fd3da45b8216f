'use strict';
// The calls that unit tests make, one per row: `run(lib)` resolves when the answer has arrived. No row uses a timer, so
// each must be answered under every fake clock.

const assert = require('assert');
const { generateKeyPairSync, randomBytes } = require('crypto');

const SECRETS = {
  accessSecret: randomBytes(32).toString('base64url'),
  refreshSecret: randomBytes(32).toString('base64url'),
};
const pair = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const ES256 = { algorithm: 'ES256' };

/** The middleware that every tutorial has. */
const middleware = (jwt, key) =>
  function verify(req, res, next) {
    jwt.verify(req.headers.authorization.split(' ')[1], key, (error, decoded) => {
      req.user = decoded;
      next(error);
    });
  };

const bearing = (token) => ({ method: 'GET', url: '/', headers: { authorization: `Bearer ${token}` } });
const told = (start) =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)));
  });

async function withAuth(lib, use) {
  const auth = lib.createAuth({ ...SECRETS, store: ':memory:', claims: async () => ({ role: 'admin' }) });
  try {
    return await use(auth);
  } finally {
    await auth.close();
  }
}

const CALLS = {
  'the middleware of tutorials calls next before it returns'(jwt) {
    for (const [sign, key] of [
      ['secret', 'secret'],
      [pair.privateKey, pair.publicKey],
    ]) {
      const req = bearing(jwt.sign({ id: 7 }, sign, sign === 'secret' ? {} : ES256));
      const calls = [];
      middleware(jwt, key)(req, {}, (...given) => calls.push(given));
      middleware(jwt, key)(bearing('a.b.c'), {}, (error) => calls.push(error.message));
      assert.deepStrictEqual([calls, req.user.id], [[[null], 'invalid token'], 7]);
    }
  },
  async 'sign calls back'(jwt) {
    assert.strictEqual(jwt.verify(await told((done) => jwt.sign({ id: 7 }, 'secret', done)), 'secret').id, 7);
    assert.strictEqual(
      jwt.verify(await told((done) => jwt.sign({ id: 7 }, pair.privateKey, ES256, done)), pair.publicKey).id,
      7,
    );
  },
  async 'verify with getKey calls back'(jwt) {
    const token = jwt.sign({ id: 7 }, pair.privateKey, ES256);
    assert.strictEqual(
      (await told((done) => jwt.verify(token, (header, answer) => answer(null, pair.publicKey), done))).id,
      7,
    );
    assert.strictEqual((await told((done) => jwt.verify(token, async () => pair.publicKey, done))).id, 7);
  },
  async 'signAsync and verifyAsync resolve'(jwt) {
    assert.strictEqual((await jwt.verifyAsync(await jwt.signAsync({ id: 7 }, 'secret'), 'secret')).id, 7);
    assert.strictEqual(
      (await jwt.verifyAsync(await jwt.signAsync({ id: 7 }, pair.privateKey, ES256), pair.publicKey)).id,
      7,
    );
  },
  'login, rotateRefresh, protect and close answer': (lib) =>
    withAuth(lib, async (auth) => {
      const { refreshToken } = await auth.login('7');
      const { accessToken } = await auth.rotateRefresh(refreshToken);
      const req = bearing(accessToken);
      await told((next) => auth.protect({ roles: 'admin' })(req, {}, next));
      await told((next) => auth.protect({ live: true })(req, {}, next));
      assert.strictEqual(req.user.sub, '7');
    }),
};

module.exports = { CALLS };
