'use strict';

const assert = require('node:assert');
const { generateKeyPairSync } = require('node:crypto');

const jwt = require('../lib');
const { createTestAuth } = require('../lib/testing');
const { internals } = require('../lib/auth/internals');
const { CREATE, LEGACY, LOGIN, LOGOUT, REVOKE_ALL, ROTATE } = require('../lib/auth/options');
const { COOKIE, PROTECT, ROUTER } = require('../lib/express/options');
const { SIGN_OPTIONS } = require('../lib/jwt/sign-options');
const { submitArguments } = require('../lib/native/constants');
const { SECRETS } = require('./support/auth');

const namesOf = (...tables) => tables.flat().map((row) => row.name);
const SIGN = Object.keys(SIGN_OPTIONS);
const VERIFY = [
  'algorithms',
  'audience',
  'issuer',
  'subject',
  'jwtid',
  'nonce',
  'maxAge',
  'clockTolerance',
  'clockTimestamp',
  'complete',
  'ignoreExpiration',
  'ignoreNotBefore',
  'allowInvalidAsymmetricKeyTypes',
];
const KEYS = ['key', 'keys', 'kty', 'k', 'kid', 'format', 'passphrase', 'json'];
const CLAIMS = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'sid',
  'auth_time',
  'role',
  'roles',
  'scope',
  'scopes',
  'isAdmin',
];
const OTHERS = [
  'userId',
  'remember',
  'refreshToken',
  'authorization',
  'origin',
  'x-signet',
  'idempotency-key',
  'sec-fetch-site',
  'alg',
  'typ',
  'domain',
];
const NAMES = [
  ...new Set([
    ...SIGN,
    ...VERIFY,
    ...KEYS,
    ...CLAIMS,
    ...OTHERS,
    ...submitArguments,
    ...namesOf(CREATE, LEGACY, LOGIN, LOGOUT, REVOKE_ALL, ROTATE, COOKIE, PROTECT, ROUTER),
  ]),
];

const VALUES = [true, 1, 4e9, 'admin', '5m', 'https://evil.example', ['HS256', 'admin'], { admin: true }, () => 'x'];

const SECRET = 'k'.repeat(40);
const NOW = 1_700_000_000;

/** Does `action` with the member on Object.prototype, and takes it away again. */
async function polluted(name, value, action) {
  Object.prototype[name] = value; // eslint-disable-line no-extend-native
  try {
    return await action();
  } finally {
    delete Object.prototype[name];
  }
}

function outcome(action) {
  try {
    return action();
  } catch (err) {
    return `${err.name} ${err.code}: ${err.message}`;
  }
}

const later = (action) => action().catch((err) => `${err.name} ${err.code}: ${err.message}`);

describe('what is on Object.prototype', function () {
  this.timeout(120_000);
  const { now } = Date;
  let auth, token;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const jwk = publicKey.export({ format: 'jwk' });

  before(async () => {
    const started = now();
    auth = createTestAuth({ ...SECRETS, now: () => started, maxSessionsPerUser: Infinity }); // a Max-Age stays as it is
    token = (await auth.login('victim')).accessToken;
  });
  afterEach(() => {
    Date.now = now;
  });
  after(() => auth.close());

  /** Checks that `battery` comes to the same with each name on Object.prototype, whatever its value. */
  async function unmoved(battery) {
    const clean = await battery();
    for (const name of NAMES) {
      for (const value of VALUES) {
        const found = await polluted(name, value, battery);
        assert.deepStrictEqual(found, clean, `${name} = ${String(value)}`);
      }
    }
  }

  it('is no option, claim or key for sign, verify, decode and createKey', async () => {
    Date.now = () => NOW * 1000;
    const plain = jwt.sign({ n: 1, iat: NOW }, SECRET);
    const es256 = jwt.sign({ n: 1, aud: 'me', exp: NOW + 60 }, pem, { algorithm: 'ES256' });
    const signings = [
      undefined,
      {},
      { expiresIn: 60 },
      { algorithm: 'HS384' },
      { issuer: 'me', keyid: '1' },
      { noTimestamp: true },
      { mutatePayload: true },
      { algorithm: 'none' },
    ];
    const checks = [
      undefined,
      {},
      { algorithms: ['HS256', 'ES256'] },
      { issuer: 'me' },
      { audience: /admin|x/ },
      { audience: 'me' },
      { maxAge: '1h' },
      { complete: true },
      { nonce: 'x' },
    ];
    const payloads = [() => ({ n: 1 }), () => ({ sub: 'u', exp: NOW + 9 }), () => 'text'];
    const tokens = [
      [plain, SECRET],
      [es256, jwk],
      [`${plain}x`, SECRET],
    ];
    await unmoved(() => [
      ...signings.flatMap((o) => payloads.map((payload) => outcome(() => jwt.sign(payload(), SECRET, o && { ...o })))),
      ...checks.flatMap((o) => tokens.map(([t, k]) => outcome(() => jwt.verify(t, k, o)))),
      ...[undefined, {}, { complete: true }].map((o) => jwt.decode(plain, o)),
      ...[{}, { passphrase: 'x' }].map((material) => outcome(() => jwt.verify(plain, material))),
      outcome(() => jwt.sign({ n: 1 }, {})),
      outcome(() => jwt.verify(plain, jwt.createKey(SECRET))),
      outcome(() => jwt.verify(plain, jwt.createKey(SECRET, {}))),
    ]);
  });

  it('is none for signAsync and verifyAsync', async () => {
    Date.now = () => NOW * 1000;
    const plain = jwt.sign({ n: 1, iat: NOW }, SECRET);
    await unmoved(() =>
      Promise.all([
        later(() => jwt.signAsync({ n: 1 }, SECRET)),
        later(() => jwt.signAsync({ n: 1 }, SECRET, { expiresIn: 1 })),
        later(() => jwt.verifyAsync(plain, SECRET)),
        later(() => jwt.verifyAsync(plain, SECRET, { audience: /x/ })),
      ]),
    );
  });

  it('is none for createAuth and its methods', async () => {
    const said = ({ claims, accessToken, expiresIn, userId }) => [
      claims,
      Object.keys(jwt.decode(accessToken)),
      expiresIn,
      userId,
    ];
    await unmoved(async () => {
      const own = createTestAuth({ ...SECRETS, claims: undefined });
      const read = Object.entries(own[internals].options).filter(([name]) => name !== 'now');
      const first = await own.login('u');
      const next = await own.rotateRefresh(first.refreshToken, {});
      const [session] = await own.sessions('u');
      const { userAgent, ip, label } = session;
      const ended = await own.revokeAll('u', {});
      await own.close();
      return [read, said(first), said(next), userAgent, ip, label, ended];
    });
  });

  /** What a middleware does with a request: 'passed', or the status with what it says. */
  const ask = (middleware, request) =>
    new Promise((resolve) => {
      const req = { method: 'POST', url: '/', rawHeaders: [], socket: { remoteAddress: '10.0.0.1' }, ...request };
      const headers = [];
      const res = {
        setHeader: (name, value) => headers.push(`${name}: ${value}`),
        appendHeader: (name, value) => headers.push(`${name}: ${value}`),
        end: (text) => resolve(JSON.stringify([res.statusCode, text, headers]).replace(/eyJ[\w.-]+/g, 'TOKEN')),
      };
      Object.setPrototypeOf(res, null);
      middleware(req, res, (err) => resolve(err ? `next ${err.message}` : ['passed', req.user?.sub]));
    });

  it('is none for auth.protect(): no role, scope, age, or optional token', async () => {
    const { warn } = console;
    console.warn = () => {};
    const requests = [
      {},
      { authorization: `Bearer ${token}` },
      { authorization: 'Bearer x' },
      { cookie: `access=${token}` },
    ].map((headers) => ({ headers }));
    const demands = [
      undefined,
      {},
      { roles: ['admin', 'x'] },
      { scopes: ['admin'] },
      { maxAuthAge: '1h' },
      { cookie: 'access' },
    ];
    try {
      await unmoved(() =>
        Promise.all(
          demands.flatMap((o) => {
            const middleware = auth.protect(o);
            return requests.map((request) => ask(middleware, request));
          }),
        ),
      );
      const old = createTestAuth({ ...SECRETS });
      old.advance('2h');
      assert.match(String(await ask(old.protect({ maxAuthAge: '1h' }), requests[1])), /401/);
      await old.close();
    } finally {
      console.warn = warn;
    }
  });

  it('is none for auth.router(): no cookie attribute, token or user', async () => {
    const { warn } = console;
    console.warn = () => {};
    const page = { 'x-signet': '1', 'sec-fetch-site': 'same-origin', host: 'app.example.com' };
    const requests = [
      { url: '/login', headers: page, body: {} },
      { url: '/login', headers: page },
      { url: '/login', headers: {}, body: {} },
      { url: '/refresh', headers: page },
      { url: '/refresh', headers: { host: 'app.example.com' }, body: {} },
      { url: '/logout', headers: page, body: {} },
      { url: '/me', method: 'GET', headers: { authorization: `Bearer ${token}` } },
    ];
    const authenticate = () => ({ userId: 'u' });
    try {
      await unmoved(async () => {
        const answers = [];
        for (const more of [{}, { transport: 'body' }, { cookie: {}, origins: 'https://app.example' }]) {
          const router = auth.router({ authenticate, ...more });
          for (const request of requests) answers.push(await ask(router, request));
        }
        return answers;
      });
    } finally {
      console.warn = warn;
    }
  });

  it('is all that an instance of a class may have: instances are refused, not half read', async () => {
    class Options {
      get roles() {
        return 'admin';
      }
    } // eslint-disable-line class-methods-use-this
    assert.throws(() => auth.protect(new Options()), { code: 'ERR_OPTION', message: /plain object/ });
    assert.throws(() => auth.protect(Object.create({ roles: 'admin' })), { code: 'ERR_OPTION' });
    assert.equal(typeof auth.protect({ __proto__: null, roles: 'admin' }), 'function');
  });
});
