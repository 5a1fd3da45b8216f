'use strict';
// Rotations of refresh tokens on the embedded store: a file, durable at each answer.

const { createAuth } = require('../..');
const { SECRET } = require('../lib/inputs');
const { inFlight } = require('../lib/looped');
const { temporaryFolder } = require('../lib/temporary');

const ROWS = 10_000;
const WIDEST = 256;

function authOn(store, options) {
  return createAuth({ accessSecret: `${SECRET}-access`, refreshSecret: `${SECRET}-refresh`, store, ...options });
}

// Logs `rows` users in: the refresh tokens they hold.
async function logins(auth, rows) {
  const tokens = new Array(rows);
  await inFlight(async (i) => {
    tokens[i] = (await auth.login(`user-${i}`)).refreshToken;
  }, WIDEST)(rows);
  return tokens;
}

// A rotation of each session in turn, `lanes` in flight.
function rotations(auth, tokens, lanes) {
  let next = 0;
  return inFlight(async () => {
    const i = next;
    next = (next + 1) % tokens.length;
    tokens[i] = (await auth.rotateRefresh(tokens[i])).refreshToken;
  }, lanes);
}

async function oneCommitEach() {
  const { file, remove } = temporaryFolder();
  const auth = authOn(file('sessions.db'));
  const tokens = await logins(auth, ROWS);
  return {
    ours: rotations(auth, tokens, 64),
    peer: rotations(auth, tokens, 1),
    sampleMs: 100,
    seconds: 6,
    done: () => auth.close().then(remove),
  };
}

async function samePlainBatch() {
  const { file, remove } = temporaryFolder();
  const auth = authOn(file('sessions.db'));
  const tokens = await logins(auth, ROWS);
  const plain = require('../lib/floors').sqlite(file('plain.db'), ROWS);
  return {
    ours: rotations(auth, tokens, WIDEST),
    peer: (n) => (plain(WIDEST, Math.ceil(n / WIDEST)) * n) / (Math.ceil(n / WIDEST) * WIDEST),
    sampleMs: 100,
    seconds: 6,
    done: () => auth.close().then(remove),
  };
}

module.exports = { comparisons: { 'sqlite-rotate-64': oneCommitEach, 'sqlite-rotate-256': samePlainBatch }, authOn, logins, rotations };
