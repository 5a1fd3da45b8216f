'use strict';
// What a binary must do on a system where the suites cannot run: node scripts/prebuild/exercise.js BINARY
// Loads it, signs and verifies a token with each algorithm, asynchronously too, and rotates on a SQLite file.

const assert = require('node:assert');
const { generateKeyPairSync, randomBytes } = require('node:crypto');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const ROTATIONS = 100;
const CURVES = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521', ES256K: 'secp256k1' };

/** lib loads this binary instead of the one for the platform that it finds itself on. */
function loadWith(binary) {
  const native = require(path.resolve(binary));
  const built = path.join(__dirname, '..', '..', 'native', 'build', 'Release', 'signet.node');
  const { Module } = require('node:module');
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (request, ...rest) =>
    request.endsWith('native/build/Release/signet.node') ? built : resolve(request, ...rest);
  require.cache[built] = Object.assign(new Module(built), { exports: native, loaded: true });
  return require('../..');
}

/** @param {string} alg @returns {{ sign: unknown, verify: unknown }} */
function keysFor(alg) {
  if (alg.startsWith('HS')) {
    const secret = randomBytes(64);
    return { sign: secret, verify: secret };
  }
  const made = /^(RS|PS)/.test(alg)
    ? generateKeyPairSync('rsa', { modulusLength: 2048 })
    : CURVES[alg]
      ? generateKeyPairSync('ec', { namedCurve: CURVES[alg] })
      : generateKeyPairSync(alg === 'EdDSA' ? 'ed25519' : alg.toLowerCase());
  return { sign: made.privateKey, verify: made.publicKey };
}

const hasMlDsa = () => {
  try {
    generateKeyPairSync('ml-dsa-44');
    return true;
  } catch {
    return false;
  }
};

async function tokens({ sign, verify, signAsync, verifyAsync }, algorithms) {
  for (const algorithm of algorithms) {
    const keys = keysFor(algorithm);
    const token = sign({ id: algorithm }, keys.sign, { algorithm });
    assert.strictEqual(verify(token, keys.verify, { algorithms: [algorithm] }).id, algorithm);
    assert.throws(() => verify(`${token.slice(0, -6)}AAAAAA`, keys.verify, { algorithms: [algorithm] }));
    const other = await signAsync({ id: algorithm }, keys.sign, { algorithm });
    assert.strictEqual((await verifyAsync(other, keys.verify, { algorithms: [algorithm] })).id, algorithm);
  }
}

async function rotations({ createAuth }, store) {
  const secret = () => randomBytes(32).toString('hex');
  const auth = createAuth({ accessSecret: secret(), refreshSecret: secret(), store, claims: () => ({ role: 'user' }) });
  let { accessToken, refreshToken } = await auth.login('7');
  const first = refreshToken;
  for (let i = 0; i < ROTATIONS; i += 1) ({ accessToken, refreshToken } = await auth.rotateRefresh(refreshToken));
  assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
  await assert.rejects(auth.rotateRefresh(first), { code: 'ERR_REFRESH_REUSED' });
  await auth.close();
}

async function main([binary]) {
  const signet = loadWith(binary);
  const known = Object.keys(require('../../lib/native/load.js').algorithms);
  const algorithms = known.filter((name) => name !== 'none' && (!name.startsWith('ML-DSA') || hasMlDsa()));
  await tokens(signet, algorithms);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-exercise-'));
  try {
    await rotations(signet, path.join(folder, 'sessions.db'));
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
  const { node, openssl } = process.versions;
  const where = `${process.platform}-${process.arch}, Node ${node}, OpenSSL ${openssl}`;
  console.log(`${algorithms.length} algorithms and ${ROTATIONS} rotations on ${where}`);
}

main(process.argv.slice(2)).catch((err) => {
  console.error(err);
  process.exitCode = 1;
});
