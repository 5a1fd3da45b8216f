'use strict';
// Everything beside everything: each operation, algorithm and size with all libraries that can do it, and its floor. One process a row:
// node bench/matrix.js ROW → a line of JSON, { row, us: { library: microseconds } }.

const crypto = require('node:crypto');

const ALGORITHMS = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'];
const SIZES = ['4 claims', '1 kB', '16 kB'];
const LANES = 64;
const KEYS = 1000;

const ROWS = [
  ...ALGORITHMS.flatMap((alg) => SIZES.flatMap((size) => ['sign', 'verify'].map((operation) => ({ operation, alg, size })))),
  ...SIZES.map((size) => ({ operation: 'decode', alg: 'HS256', size })),
  ...ALGORITHMS.flatMap((alg) => ['signAsync', 'verifyAsync'].map((operation) => ({ operation, alg, size: '4 claims' }))),
  ...['sign', 'verify'].map((operation) => ({ operation, alg: 'HS256', size: '4 claims', keys: KEYS })),
].map((row) => ({ ...row, name: [row.operation, row.alg, row.size, row.keys && `${row.keys} keys`].filter(Boolean).join(' · ') }));

function keysOf(alg, i) {
  const inputs = require('./lib/inputs');
  if (alg !== 'HS256') {
    const pair = inputs.keyPair(alg);
    return { signing: pair.privatePem, checking: pair.publicPem, signingObject: pair.privateKey, checkingObject: pair.publicKey };
  }
  const secret = inputs.secretOf(i);
  const object = crypto.createSecretKey(Buffer.from(secret));
  return { signing: secret, checking: secret, signingObject: object, checkingObject: object };
}

function subjectOf(row, i) {
  const { LIFETIME_S, PAYLOADS } = require('./lib/inputs');
  const keys = keysOf(row.alg, i);
  const payload = PAYLOADS[row.size];
  const token = require('..').sign(payload, keys.signing, { algorithm: row.alg, expiresIn: LIFETIME_S });
  return { alg: row.alg, payload, keys, token, expiresIn_s: LIFETIME_S };
}

// A way for lib/measure.js from one call a subject.
function wayOf(contender, row, calls) {
  const { inFlight, looped } = require('./lib/looped');
  let i = 0;
  const next = () => calls[(i = i + 1 === calls.length ? 0 : i + 1)]();
  if (row.operation.endsWith('Async')) return inFlight(next, LANES);
  return contender.promises ? inFlight(next, 1) : looped(next);
}

// What cannot be beaten: OpenSSL's part alone, or for HS256 what a verify cannot do without.
function floorOf(row, { keys, token }) {
  const floors = require('./lib/floors');
  const { signingInput } = require('./lib/inputs');
  if (row.operation === 'decode') return floors.jsonParse(Buffer.from(token.split('.')[1], 'base64url').toString());
  if (row.operation.endsWith('Async')) return null;
  if (row.alg === 'HS256') return floors.hmac(keys.signing, signingInput(token));
  return floors.signature(row.alg, keys.signing, signingInput(token))[row.operation];
}

async function measure(row) {
  const { contenders } = require('./contenders');
  const { compare } = require('./lib/measure');
  const subjects = Array.from({ length: row.keys ?? 1 }, (_, i) => subjectOf(row, i));
  const ways = {};
  for (const contender of contenders) {
    if (!contender[row.operation]) continue;
    const calls = [];
    for (const subject of subjects) calls.push(await contender[row.operation](subject));
    if (calls[0]) ways[contender.name] = wayOf(contender, row, calls);
  }
  const floor = row.keys ? null : floorOf(row, subjects[0]);
  if (floor) ways.floor = floor;
  return { ...row, us: await compare(ways, { seconds: 2, warmUpMs: 100, ...(row.operation.endsWith('Async') ? { sampleMs: 40 } : {}) }) };
}

if (require.main === module) measure(ROWS[Number(process.argv[2])]).then((result) => console.log(JSON.stringify(result)));

module.exports = { ROWS };
