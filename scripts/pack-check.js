'use strict';
// Installs the package as a user does, from the tarball that npm would publish, in an empty folder outside the
// checkout, and uses it from CommonJS and as an ES module. Fails if something is missing in "files" or "exports", or if
// the install script needs what only developers have.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { step } = require('./console.js');

const ROOT = path.join(__dirname, '..');

const COMMON_JS = `
const jwt = require('signet-jwt');
const { createTestAuth } = require('signet-jwt/testing');
const secret = 'a secret of the package check';
if (jwt.verify(jwt.sign({ id: '1' }, secret, { expiresIn: '1h' }), secret).id !== '1') throw new Error('verify');
(async () => {
  const auth = createTestAuth();
  const first = await auth.login('user');
  const second = await auth.rotateRefresh(first.refreshToken);
  if (second.refreshToken === first.refreshToken) throw new Error('rotate');
  await auth.close();
  console.log('CommonJS: ok');
})();
`;
const ES_MODULE = `
import { sign, verify, createAuth, rotateRefresh, TokenExpiredError } from 'signet-jwt';
import jwt from 'signet-jwt';
const functions = [createAuth, rotateRefresh, TokenExpiredError];
if (jwt.sign !== sign || functions.some((f) => typeof f !== 'function')) throw new Error('exports');
if (verify(sign({ id: '1' }, 'secret'), 'secret').id !== '1') throw new Error('verify');
await import('signet-jwt/client');
console.log('ES module: ok');
`;

function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-pack-'));
  try {
    step('npm pack');
    const [{ filename, unpackedSize, entryCount }] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: ROOT,
        encoding: 'utf8',
      }),
    );
    step(
      `${filename}: ${entryCount} files, ${(unpackedSize / 1024).toFixed(0)} KiB. ` +
        'npm install, as a user (builds from source)',
    );
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true }');
    const env = { ...process.env, npm_config_build_from_source: 'true' }; // prebuilt binaries: test/03.prebuilt.js
    execFileSync('npm', ['install', '--no-audit', '--no-fund', `./${filename}`], {
      cwd: folder,
      env,
      stdio: 'inherit',
    });
    fs.writeFileSync(path.join(folder, 'use.cjs'), COMMON_JS);
    fs.writeFileSync(path.join(folder, 'use.mjs'), ES_MODULE);
    for (const file of ['use.cjs', 'use.mjs'])
      execFileSync(process.execPath, [file], { cwd: folder, stdio: 'inherit' });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main();
