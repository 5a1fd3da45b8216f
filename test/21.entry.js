'use strict';
// How the package is taken in: by require, by import, from its side doors; under fake timers; where there is no binary.

const assert = require('node:assert');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const NAMES = ['sign', 'verify', 'decode', 'signAsync', 'verifyAsync', 'createKey', 'createAuth', 'rotateRefresh', 'JsonWebTokenError', 'TokenExpiredError', 'NotBeforeError', 'SignetError'];

describe('21 the entry', () => {
  it('exports these names', () => {
    assert.deepStrictEqual(Object.keys(require('../lib/index.js')).sort(), [...NAMES].sort());
  });

  it('serves ES modules by name, and as a default', () => {
    const script = `import jwt, { ${NAMES.join(', ')} } from 'signet-jwt'; console.log([${NAMES.join(', ')}].every((it) => typeof it === 'function') && jwt.sign === sign);`;
    assert.strictEqual(execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, encoding: 'utf8' }).trim(), 'true');
  });

  it('has jsonwebtoken\'s side doors', () => {
    const jwt = require('signet-jwt');
    for (const [door, value] of [['sign', jwt.sign], ['verify.js', jwt.verify], ['decode', jwt.decode], ['lib/JsonWebTokenError', jwt.JsonWebTokenError],
      ['lib/TokenExpiredError.js', jwt.TokenExpiredError], ['lib/NotBeforeError', jwt.NotBeforeError]]) assert.strictEqual(require(`signet-jwt/${door}`), value);
  });

  it('goes by the app\'s clock, read at each call', () => {
    const { sign, verify, decode } = require('../lib/index.js');
    const RealDate = global.Date;
    try {
      global.Date = class extends RealDate { static now() { return 5_000; } };
      const token = sign({}, 'secret', { expiresIn: 10 });
      assert.deepStrictEqual(decode(token), { iat: 5, exp: 15 });
      global.Date = class extends RealDate { static now() { return 14_999; } };
      verify(token, 'secret');
      global.Date = class extends RealDate { static now() { return 15_000; } };
      assert.throws(() => verify(token, 'secret'), { message: 'jwt expired' });
    } finally {
      global.Date = RealDate;
    }
  });

  /** A copy of lib without a binary beside it. */
  function withoutBinary(run) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-'));
    try {
      fs.cpSync(path.join(ROOT, 'lib'), path.join(folder, 'lib'), { recursive: true });
      return run(folder);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }

  const tell = (folder) => spawnSync(process.execPath, ['-e', `try { require('${folder}/lib/native.js'); } catch (error) { console.log(error.name, error.code, error.message); }`],
    { encoding: 'utf8', env: { ...process.env, NODE_PATH: path.join(ROOT, 'node_modules') } }).stdout;

  it('says ERR_PLATFORM and what to run where there is no binary', () => {
    assert.match(withoutBinary(tell), /^SignetError ERR_PLATFORM .*npm rebuild signet-jwt/);
  });

  it('says why a binary that is there does not load', () => {
    const told = withoutBinary((folder) => {
      fs.mkdirSync(path.join(folder, 'build/Release'), { recursive: true });
      fs.writeFileSync(path.join(folder, 'build/Release/signet.node'), 'no binary');
      return tell(folder);
    });
    assert.match(told, /ERR_PLATFORM .*(file too short|invalid ELF|not a mach-o)/i);
  });

  it('scripts/install.js is quiet and quick where a binary loads', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(ROOT, 'scripts/install.js')], { encoding: 'utf8' });
    assert.deepStrictEqual([status, stdout, stderr], [0, '', '']);
  });
});
