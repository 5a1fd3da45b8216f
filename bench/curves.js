'use strict';
// The curves of bench:scale: { title, file, x, xFormat, y, prepare: async () → { series: [{ name, points: [[x, µs], …] }] } | { skipped } }.

const SIZES = [64, 256, 1024, 4096, 16384, 47 * 1024]; // the last is near the 64 kB that a whole token may have
const KEYS = [1, 10, 100, 1000, 10_000, 100_000];
const SHAPES = [1, 2, 4, 8, 16, 32];
const SESSIONS = [1000, 10_000, 100_000, 1_000_000, 10_000_000];
const SESSIONS_MONGO = [1000, 10_000, 100_000, 1_000_000];
const LANES = [1, 4, 16, 64, 256, 1024];

const WORKING_SET = 1000; // sessions that are rotated, spread among those that are only there
const DAY_MS = 86_400_000;

// [[x, { name: µs }], …] → one series a name
function seriesOf(points) {
  return Object.keys(points[0][1]).map((name) => ({ name, points: points.map(([x, us]) => [x, us[name]]), dashed: name === 'floor' }));
}

function payloadOfBytes(bytes) {
  const { payloadOf } = require('./lib/inputs');
  if (bytes >= 1024) return payloadOf(bytes);
  const payload = { id: '1', name: '' };
  payload.name = 'x'.repeat(Math.max(0, bytes - JSON.stringify({ ...payload, iat: 1700000000, exp: 1700003600 }).length));
  return payload;
}

async function payloads() {
  const { compare } = require('./lib/measure');
  const { looped } = require('./lib/looped');
  const floors = require('./lib/floors');
  const { SECRET, LIFETIME_S, signingInput } = require('./lib/inputs');
  const { createVerifier } = require('fast-jwt');
  const signet = require('..');
  const points = [];
  for (const bytes of SIZES) {
    const payload = payloadOfBytes(bytes);
    const token = signet.sign(payload, SECRET, { expiresIn: LIFETIME_S });
    const text = Buffer.from(token.split('.')[1], 'base64url').toString();
    const theirs = createVerifier({ key: SECRET, cache: false });
    points.push([bytes, await compare({
      'signet': looped(() => signet.verify(token, SECRET)),
      'signet, sign': looped(() => signet.sign(payload, SECRET, { expiresIn: LIFETIME_S })),
      'fast-jwt': looped(() => theirs(token)),
      'floor': floors.sum(floors.jsonParse(text), floors.hmac(SECRET, signingInput(token)), floors.emptyCall),
    }, { seconds: 1.5, clock: 'cpu' })]);
  }
  return { series: seriesOf(points) };
}

async function keys() {
  const { compare } = require('./lib/measure');
  const { looped } = require('./lib/looped');
  const { FOUR, LIFETIME_S, secretOf } = require('./lib/inputs');
  const signet = require('..');
  const points = [];
  for (const n of KEYS) {
    const secrets = Array.from({ length: n }, (_, i) => secretOf(i));
    const tokens = secrets.map((secret) => signet.sign(FOUR, secret, { expiresIn: LIFETIME_S }));
    let i = 0;
    const next = () => (i = i + 1 === n ? 0 : i + 1);
    points.push([n, await compare({
      signet: looped(() => { const k = next(); return signet.verify(tokens[k], secrets[k]); }),
      'signet, sign': looped(() => signet.sign(FOUR, secrets[next()], { expiresIn: LIFETIME_S })),
    }, { seconds: 2, warmUpMs: n > 1000 ? 1500 : 300, clock: 'cpu' })]);
  }
  return { series: seriesOf(points) };
}

async function shapes() {
  const { compare } = require('./lib/measure');
  const { looped } = require('./lib/looped');
  const { SECRET, LIFETIME_S } = require('./lib/inputs');
  const signet = require('..');
  const points = [];
  for (const n of SHAPES) {
    const payloads = Array.from({ length: n }, (_, i) => ({ [`id${i}`]: '1', [`isAdmin${i}`]: true }));
    const tokens = payloads.map((payload) => signet.sign(payload, SECRET, { expiresIn: LIFETIME_S }));
    let i = 0;
    const next = () => (i = i + 1 === n ? 0 : i + 1);
    points.push([n, await compare({
      signet: looped(() => signet.verify(tokens[next()], SECRET)),
      'signet, sign': looped(() => signet.sign(payloads[next()], SECRET, { expiresIn: LIFETIME_S })),
    }, { seconds: 1.5, clock: 'cpu' })]);
  }
  return { series: seriesOf(points) };
}

// Rows that nobody will ever trade, by one statement: `from` up to `to`.
const filling = (from, to, now) => `
  PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;
  INSERT INTO sessions (id, user_id, token_hash, seed, generation, retries, retries_total, created_at, rotated_at, expires_at, ends_at, revoked_at,
    user_agent, ip, label, purge_after)
  WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})
  SELECT printf('%022d', i * 7919), printf('filler-%09d', i), x'${'00'.repeat(32)}', x'${'00'.repeat(16)}', 0, 0, 0, ${now}, ${now},
    ${now + 30 * DAY_MS}, ${now + 90 * DAY_MS}, 0, 'Mozilla/5.0 (X11; Linux x86_64)', '192.0.2.1', '', ${now + 30 * DAY_MS} FROM n;
  PRAGMA wal_checkpoint(TRUNCATE);`;

async function timedRotations(auth, tokens, lanes) {
  const { compare } = require('./lib/measure');
  const { rotations } = require('./comparisons/rotations');
  return compare(Object.fromEntries(lanes.map((n) => [`${n} in flight`, rotations(auth, tokens, n)])), { seconds: 4, sampleMs: 150, warmUpMs: 500 });
}

async function sessionsInSqlite() {
  const { authOn, logins } = require('./comparisons/rotations');
  const { sqliteExec } = require('./lib/floors');
  const { temporaryFolder } = require('./lib/temporary');
  const { file, remove } = temporaryFolder();
  const store = file('sessions.db');
  let auth = authOn(store);
  const tokens = await logins(auth, WORKING_SET);
  const points = [];
  let filled = WORKING_SET;
  for (const n of SESSIONS) {
    await auth.close();
    if (n > filled) sqliteExec(store, filling(filled, n, Date.now()));
    filled = n;
    auth = authOn(store);
    points.push([n, await timedRotations(auth, tokens, [1, 64])]);
  }
  await auth.close();
  remove();
  return { series: seriesOf(points) };
}

async function sessionsInMongo() {
  const uri = process.env.MONGODB_URI;
  if (!uri) return { skipped: 'MONGODB_URI is not set: node scripts/mongo-server.js up gives one' };
  const mongoose = require('mongoose');
  const { authOn, logins } = require('./comparisons/rotations');
  const collection = `signet_bench_${process.pid}`;
  const auth = authOn(uri, { collection });
  const tokens = await logins(auth, WORKING_SET);
  const { connection } = await mongoose.connect(uri);
  const rows = connection.collection(collection);
  const sample = await rows.findOne({});
  const points = [];
  let filled = WORKING_SET;
  for (const n of SESSIONS_MONGO) {
    for (; filled < n; filled += 5000) {
      const some = Array.from({ length: Math.min(5000, n - filled) }, (_, i) => ({ ...sample, _id: `filler-${filled + i}`, userId: `filler-${filled + i}` }));
      await rows.insertMany(some, { ordered: false });
    }
    filled = n;
    points.push([n, await timedRotations(auth, tokens, [1, 16])]);
  }
  await rows.drop();
  await mongoose.disconnect();
  await auth.close();
  return { series: seriesOf(points) };
}

async function inFlight() {
  const { authOn, logins } = require('./comparisons/rotations');
  const { temporaryFolder } = require('./lib/temporary');
  const { file, remove } = temporaryFolder();
  const auth = authOn(file('sessions.db'));
  const tokens = await logins(auth, 10_000);
  const us = await timedRotations(auth, tokens, LANES);
  await auth.close();
  remove();
  return { series: [{ name: 'signet', points: LANES.map((n) => [n, us[`${n} in flight`]]) }] };
}

const CURVES = {
  payloads: {
    title: 'HS256 against the size of the payload', file: 'scale-payloads.svg', x: 'payload (text of its JSON)', xFormat: 'bytes', y: 'time a call', prepare: payloads,
  },
  keys: { title: 'HS256 against the number of secrets in turn', file: 'scale-keys.svg', x: 'secrets', xFormat: 'count', y: 'time a call', prepare: keys },
  shapes: {
    title: 'HS256 against the number of payload shapes in turn', file: 'scale-shapes.svg', x: 'shapes (sequences of names)', xFormat: 'count', y: 'time a call', prepare: shapes,
  },
  sessions: {
    title: 'A rotation against the sessions in SQLite', file: 'scale-sessions-sqlite.svg', x: 'sessions in the file', xFormat: 'count', y: 'time a rotation',
    prepare: sessionsInSqlite,
  },
  'sessions-mongodb': {
    title: 'A rotation against the sessions in MongoDB', file: 'scale-sessions-mongodb.svg', x: 'sessions in the collection', xFormat: 'count',
    y: 'time a rotation', prepare: sessionsInMongo,
  },
  'in-flight': {
    title: 'A rotation against the rotations in flight (SQLite)', file: 'scale-in-flight.svg', x: 'in flight', xFormat: 'count', y: 'time a rotation', prepare: inFlight,
  },
};

module.exports = { CURVES };
