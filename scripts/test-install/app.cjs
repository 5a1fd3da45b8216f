'use strict';
// What an app does with the package, as CommonJS: prints one JSON line, { binary, rotated }.
// Usage: node app.cjs [mongodb://… …]

const assert = require('node:assert');
const { generateKeyPairSync } = require('node:crypto');
const jwt = require('signet-jwt');
const { createTestAuth } = require('signet-jwt/testing');

const secrets = Object.fromEntries(
  ['access', 'refresh'].map((name) => [`${name}Secret`, `the ${name} secret of the install test, 32 bytes and more`]),
);

function tokens() {
  const secret = 'a secret of the install test';
  assert.strictEqual(jwt.verify(jwt.sign({ id: '1' }, secret, { expiresIn: '1h' }), secret).id, '1');
  assert.throws(() => jwt.verify(jwt.sign({ id: '1' }, secret), 'another'), jwt.JsonWebTokenError);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const token = jwt.sign({ id: '2' }, privateKey, { algorithm: 'ES256' });
  assert.strictEqual(jwt.verify(token, publicKey, { algorithms: ['ES256'] }).id, '2');
}

async function rotations(auth, times = 5) {
  const used = [];
  let { refreshToken } = await auth.login('user');
  for (let i = 0; i < times; i += 1) {
    used.push(refreshToken);
    const next = await auth.rotateRefresh(refreshToken);
    assert.strictEqual(auth.verifyAccess(next.accessToken).sub, 'user');
    refreshToken = next.refreshToken;
  }
  await assert.rejects(auth.rotateRefresh(used[0]), { code: 'ERR_REFRESH_REUSED' });
  await auth.close();
  return new Set(used).size;
}

async function main(uris) {
  tokens();
  const rotated = {};
  rotated.memory = await rotations(createTestAuth());
  for (const store of ['./sessions ü.db', ...uris]) {
    const collection = `test_install_${process.pid}`;
    const options = store.startsWith('mongodb') ? { store, collection } : { store };
    const auth = jwt.createAuth({ ...secrets, ...options, claims: async () => ({}) });
    rotated[store.startsWith('mongodb') ? new URL(store).host : 'sqlite'] = await rotations(auth);
  }
  const binary = process.report.getReport().sharedObjects.find((file) => file.endsWith('signet.node'));
  console.log(JSON.stringify({ binary, rotated }));
}

main(process.argv.slice(2));
