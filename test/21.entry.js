'use strict';
// How the package is loaded: by require, by import, by its other paths; and with fake timers.

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
// A copy of the checkout finds itself by name, not the one that its packages are linked to
const requireHere = createRequire(path.join(ROOT, 'package.json'));
const NAMES = [
  'sign',
  'verify',
  'decode',
  'signAsync',
  'verifyAsync',
  'createKey',
  'createAuth',
  'rotateRefresh',
  'JsonWebTokenError',
  'TokenExpiredError',
  'NotBeforeError',
  'SignetError',
];
const SECRETS = {
  accessSecret: 'q3Vt0Zk1pXw8RmYc5LdUeHs7GbNj2FaTqWzP',
  refreshSecret: 'Zx9Lm4Vb7Qw2Er5Ty8Ui1Op3As6Df0GhJkLc',
};

describe('21 the entry', () => {
  it('exports these names', () => {
    assert.deepStrictEqual(Object.keys(require('../lib/index.js')).sort(), [...NAMES].sort());
  });

  it('can be imported by name and as a default', () => {
    const script = `import jwt, { ${NAMES} } from 'signet-jwt';
      console.log([${NAMES}].every((it) => typeof it === 'function') && jwt.sign === sign);`;
    assert.strictEqual(
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' }).trim(),
      'true',
    );
  });

  it("loads neither sessions, nor routes, nor Node's crypto, to sign and verify with a secret", () => {
    const script = `const jwt = require('signet-jwt');
      for (const secret of ['${SECRETS.accessSecret}', Buffer.from('${SECRETS.accessSecret}')])
        jwt.verify(jwt.sign({ a: 1 }, secret), secret);
      const files = Object.keys(require.cache).filter((file) => /lib.(auth|express)/.test(file));
      console.log([...files, ...process.moduleLoadList.filter((name) => / crypto$/.test(name))].join());`;
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'signet-entry-')), 'app.cjs');
    fs.writeFileSync(file, script.replace("'signet-jwt'", JSON.stringify(ROOT))); // with `-e`, Node itself loads crypto
    assert.strictEqual(execFileSync(process.execPath, [file], { encoding: 'utf8' }).trim(), '');
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  it("has jsonwebtoken's side doors", () => {
    const jwt = requireHere('signet-jwt');
    for (const [door, value] of [
      ['sign', jwt.sign],
      ['verify.js', jwt.verify],
      ['decode', jwt.decode],
      ['lib/JsonWebTokenError', jwt.JsonWebTokenError],
      ['lib/TokenExpiredError.js', jwt.TokenExpiredError],
      ['lib/NotBeforeError', jwt.NotBeforeError],
    ])
      assert.strictEqual(requireHere(`signet-jwt/${door}`), value);
  });

  it('has a file at every published path, for resolvers without "exports" (Jest 25 to 27, old bundlers)', () => {
    const { exports } = require('../package.json');
    for (const door of Object.keys(exports).filter((name) => name !== './client' && name !== './package.json')) {
      const byFile = require(path.join(ROOT, door)); // an absolute path: Node does not look at "exports"
      assert.strictEqual(byFile, requireHere(path.posix.join('signet-jwt', door)), door);
    }
    assert.strictEqual(require.resolve(path.join(ROOT, 'client')), path.join(ROOT, exports['./client'].default));
  });

  it("uses the app's clock, read at each call", () => {
    const { sign, verify, decode } = require('../lib/index.js');
    const RealDate = global.Date;
    try {
      global.Date = class extends RealDate {
        static now() {
          return 5_000;
        }
      };
      const token = sign({}, 'secret', { expiresIn: 10 });
      assert.deepStrictEqual(decode(token), { iat: 5, exp: 15 });
      global.Date = class extends RealDate {
        static now() {
          return 14_999;
        }
      };
      verify(token, 'secret');
      global.Date = class extends RealDate {
        static now() {
          return 15_000;
        }
      };
      assert.throws(() => verify(token, 'secret'), { message: 'jwt expired' });
    } finally {
      global.Date = RealDate;
    }
  });
});

describe('21 loading the package', () => {
  const print = (script, flags = []) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, '-e', script], {
      encoding: 'utf8',
      cwd: ROOT,
    });
    assert.deepStrictEqual([status, stderr], [0, '']);
    return stdout;
  };

  // What jest --detectOpenHandles listens to.
  const HANDLES = `
    const types = [];
    require('node:async_hooks').createHook({ init(id, type) { types.push(type); } }).enable();
    const signet = require('.');
    const { createAuth, sign, verify } = signet;
    const secrets = ${JSON.stringify(SECRETS)};
  `;

  it('opens no handle before the first asynchronous call, of tokens or of sessions', () => {
    const opened = print(`${HANDLES}
      verify(sign({ id: 1 }, 'secret'), 'secret');
      createAuth({ ...secrets, store: ':memory:' });
      console.log(JSON.stringify(types));
    `);
    assert.deepStrictEqual(
      JSON.parse(opened).filter((type) => type !== 'PROMISE'),
      [],
    );
  });

  const shared = '/dev/shm';
  const leftBehind = (script) =>
    print(`${script}; console.log(require('node:fs').existsSync('${shared}/mongoc-' + process.pid));`);
  const forLinux = fs.existsSync(shared) ? it : it.skip;

  forLinux(
    `leaves no file of mongo-c-driver in ${shared}, nor does a MongoDB store's first call` +
      (fs.existsSync(shared) ? '' : ` (skipped: there is no ${shared})`),
    () => {
      assert.strictEqual(leftBehind("require('.')"), 'false\n');
      const options = JSON.stringify({ ...SECRETS, store: 'mongodb://127.0.0.1:1/x', storeTimeout: '50ms' });
      assert.strictEqual(
        print(`const auth = require('.').createAuth(${options});
      auth.ready().catch((error) => error.code).then((code) => {
      console.log(code, require('node:fs').existsSync('${shared}/mongoc-' + process.pid)); process.exit(); });`),
        'ERR_STORE_UNAVAILABLE false\n',
      );
    },
  );

  it('opens its handle at the first asynchronous call', () => {
    const opened = print(`${HANDLES}
      const { privateKey } = require('node:crypto').generateKeyPairSync('ec', { namedCurve: 'P-256' });
      signet.signAsync({}, privateKey, { algorithm: 'ES256' }).then(() => console.log(types.includes('signet')));
    `);
    assert.strictEqual(opened, 'true\n');
  });
});
