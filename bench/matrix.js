'use strict';
// The full matrix: each operation, algorithm and size with all libraries that support it, and its floor.

const { answeredRows, compare, inFlight, looped, unlessQuick } = require('./core');

const ALGORITHMS = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'];
const SIZES = ['4 claims', '1 kB', '16 kB'];
const LANES = 64;
const KEYS = unlessQuick(1000, 10);

const ROWS = [
  ...ALGORITHMS.flatMap((alg) =>
    SIZES.flatMap((size) => ['sign', 'verify'].map((operation) => ({ operation, alg, size }))),
  ),
  ...SIZES.map((size) => ({ operation: 'decode', alg: 'HS256', size })),
  ...ALGORITHMS.flatMap((alg) =>
    ['signAsync', 'verifyAsync'].map((operation) => ({ operation, alg, size: '4 claims' })),
  ),
  ...['sign', 'verify'].map((operation) => ({ operation, alg: 'HS256', size: '4 claims', keys: KEYS })),
].map((row) => ({
  ...row,
  name: [row.operation, row.alg, row.size, row.keys && `${row.keys} keys`].filter(Boolean).join(' · '),
}));

const isAsync = (row) => row.operation.endsWith('Async');

/** Makes a way of one call per subject. */
function wayOf(contender, row, calls) {
  let i = 0;
  const next = () => {
    i = i + 1 === calls.length ? 0 : i + 1;
    return calls[i]();
  };
  if (isAsync(row)) return inFlight(next, LANES);
  return contender.promises ? inFlight(next, 1) : looped(next);
}

/** The lower bound: OpenSSL's part alone or, for `decode`, JSON.parse. */
function floorOf(row, { keys, token }) {
  const floors = require('./floors');
  const { payloadText, signingInput } = require('./subjects');
  if (isAsync(row) || row.keys) return null;
  if (row.operation === 'decode') return floors.jsonParse(payloadText(token));
  if (row.alg === 'HS256') return floors.hmac(keys.signing, signingInput(token));
  return floors.signature(row.alg, keys.signing, signingInput(token))[row.operation];
}

async function measure(row) {
  const { CONTENDERS } = require('./contenders');
  const { PAYLOADS, keysOf, subjectOf } = require('./subjects');
  const { alg, size, operation, keys: n = 1 } = row;
  const subjects = Array.from({ length: n }, (_, i) =>
    subjectOf({ alg, payload: PAYLOADS[size], keys: keysOf(alg, i) }),
  );
  const ways = {};
  for (const [name, contender] of Object.entries(CONTENDERS)) {
    if (!contender[operation]) continue;
    const calls = [];
    for (const subject of subjects) calls.push(await contender[operation](subject));
    if (calls[0]) ways[name] = wayOf(contender, row, calls);
  }
  const floor = floorOf(row, subjects[0]);
  if (floor) ways.floor = floor;
  const us = await compare(ways, { seconds: 2, warmUpMs: 100, ...(isAsync(row) ? { sampleMs: 40 } : {}) });
  return { ...row, us };
}

if (require.main === module) answeredRows((i) => measure(ROWS[i]));

module.exports = { ROWS };
