'use strict';
// npm run bench:scale: cost against size. Each curve runs in its own process; figures go to measurements.json, plots to
// docs/benchmarks/.
// npm run bench:scale -- NAME …   only these curves

const {
  answered,
  compare,
  ensure,
  inProcess,
  looped,
  measurements,
  temporaryFolder,
  unlessQuick,
  writeMeasurements,
} = require('./core');

const DAY_MS = 86_400_000;
const sizes = (all) => unlessQuick(all, all.slice(0, 2));
const SESSIONS = sizes([1000, 10_000, 100_000, 1_000_000, 10_000_000]);
const WORKING_SET = unlessQuick(1000, 64); // the sessions that are rotated, spread among the idle ones

/** Returns a function that counts through 0 … n - 1 in turn. */
function turns(n) {
  let i = 0;
  return () => (i = i + 1 === n ? 0 : i + 1);
}

/** A curve over `all`: `at(x)` → { name: µs }. */
async function over(all, at) {
  const points = [];
  for (const x of all) points.push([x, await at(x)]);
  const line = (name) => ({ name, points: points.map(([x, us]) => [x, us[name]]), dashed: name === 'floor' });
  return { series: Object.keys(points[0][1]).map(line) };
}

function payloadOfBytes(bytes) {
  if (bytes >= 1024) return require('./subjects').payloadOf(bytes);
  const empty = JSON.stringify({ id: '1', name: '', iat: 1700000000, exp: 1700003600 }).length;
  return { id: '1', name: 'x'.repeat(Math.max(0, bytes - empty)) };
}

// The last is close to a token's limit of 64 kB.
const payloads = () =>
  over(sizes([64, 256, 1024, 4096, 16384, 47 * 1024]), (bytes) => {
    const floors = require('./floors');
    const signet = require('..');
    const { LIFETIME_S, SECRET, payloadText, signingInput } = require('./subjects');
    const payload = payloadOfBytes(bytes);
    const options = { expiresIn: LIFETIME_S };
    const token = signet.sign(payload, SECRET, options);
    const theirs = require('fast-jwt').createVerifier({ key: SECRET, cache: false });
    return compare(
      {
        signet: looped(() => signet.verify(token, SECRET)),
        'signet, sign': looped(() => signet.sign(payload, SECRET, options)),
        'fast-jwt': looped(() => theirs(token)),
        floor: floors.sum(
          floors.jsonParse(payloadText(token)),
          floors.hmac(SECRET, signingInput(token)),
          floors.emptyCall,
        ),
      },
      { seconds: 1.5, clock: 'cpu' },
    );
  });

/** Signs and verifies in turn; subjects are [payload, secret]. */
function inTurn(subjects, timing) {
  const signet = require('..');
  const options = { expiresIn: require('./subjects').LIFETIME_S };
  const tokens = subjects.map(([payload, secret]) => signet.sign(payload, secret, options));
  const next = turns(subjects.length);
  return compare(
    {
      signet: looped(() => {
        const i = next();
        return signet.verify(tokens[i], subjects[i][1]);
      }),
      'signet, sign': looped(() => {
        const [payload, secret] = subjects[next()];
        return signet.sign(payload, secret, options);
      }),
    },
    { clock: 'cpu', ...timing },
  );
}

const keys = () =>
  over(sizes([1, 10, 100, 1000, 10_000, 100_000]), (n) => {
    const { FOUR, SECRET } = require('./subjects');
    return inTurn(
      Array.from({ length: n }, (_, i) => [FOUR, `${SECRET}-${i}`]),
      { seconds: 2, warmUpMs: n > 1000 ? 1500 : 300 },
    );
  });

const shapes = () =>
  over(sizes([1, 2, 4, 8, 16, 32]), (n) => {
    const { SECRET } = require('./subjects');
    return inTurn(
      Array.from({ length: n }, (_, i) => [{ [`id${i}`]: '1', [`isAdmin${i}`]: true }, SECRET]),
      { seconds: 1.5 },
    );
  });

/** SQL that adds idle sessions, number `from` up to `to`, in one statement. */
const filling = (from, to, now) => `
  PRAGMA synchronous=OFF; PRAGMA cache_size=-400000;
  INSERT INTO sessions (id, user_id, token_hash, seed, generation, retries, retries_total, created_at, rotated_at,
    expires_at, ends_at, revoked_at, user_agent, ip, label, purge_after)
  WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${to})
  SELECT printf('%022d', i * 7919), printf('filler-%09d', i), x'${'00'.repeat(32)}', x'${'00'.repeat(16)}',
    0, 0, 0, ${now}, ${now}, ${now + 30 * DAY_MS}, ${now + 90 * DAY_MS}, 0,
    'Mozilla/5.0 (X11; Linux x86_64)', '192.0.2.1', '', ${now + 30 * DAY_MS} FROM n;`;

function timedRotations(auth, tokens, lanes) {
  const { rotations } = require('./goals');
  const ways = Object.fromEntries(lanes.map((n) => [`${n} in flight`, rotations(auth, tokens, n)]));
  return compare(ways, { seconds: 4, sampleMs: 150, warmUpMs: 500 });
}

async function sessionsInSqlite() {
  const { authOn, logins } = require('./goals');
  const { sqliteExec } = require('./floors');
  const { file, remove } = temporaryFolder();
  const store = file('sessions.db');
  let auth = authOn(store);
  const tokens = await logins(auth, WORKING_SET);
  let filled = WORKING_SET;
  const curve = await over(SESSIONS, async (n) => {
    await auth.close();
    if (n > filled) sqliteExec(store, filling(filled, n, Date.now()));
    filled = n;
    auth = authOn(store);
    return timedRotations(auth, tokens, [1, 64]);
  });
  await auth.close();
  remove();
  return curve;
}

async function sessionsInMongo() {
  const uri = process.env.MONGODB_URI;
  if (!uri) return { skipped: 'MONGODB_URI is not set: node scripts/mongo-server.js up gives one' };
  const mongoose = require('mongoose');
  const { authOn, logins } = require('./goals');
  const collection = `signet_bench_${process.pid}`;
  const auth = authOn(uri, { collection });
  const tokens = await logins(auth, WORKING_SET);
  const { connection } = await mongoose.connect(uri);
  const rows = connection.collection(collection);
  const sample = await rows.findOne({});
  let filled = WORKING_SET;
  const curve = await over(SESSIONS.slice(0, 4), async (n) => {
    for (; filled < n; filled += 5000) {
      const filler = (_, i) => ({ ...sample, _id: `filler-${filled + i}`, userId: `filler-${filled + i}` });
      await rows.insertMany(Array.from({ length: Math.min(5000, n - filled) }, filler), { ordered: false });
    }
    filled = n;
    return timedRotations(auth, tokens, [1, 16]);
  });
  await rows.drop();
  await mongoose.disconnect();
  await auth.close();
  return curve;
}

async function lanes() {
  const { authOn, logins } = require('./goals');
  const { file, remove } = temporaryFolder();
  const auth = authOn(file('sessions.db'));
  const all = sizes([1, 4, 16, 64, 256, 1024]);
  const us = await timedRotations(auth, await logins(auth, unlessQuick(10_000, 64)), all);
  await auth.close();
  remove();
  return { series: [{ name: 'signet', points: all.map((n) => [n, us[`${n} in flight`]]) }] };
}

const CURVES = [
  [
    'payloads',
    payloads,
    'HS256 against the size of the payload',
    'payloads',
    'payload (text of its JSON)',
    'time per call',
  ],
  ['keys', keys, 'HS256 against the number of secrets in turn', 'keys', 'secrets', 'time per call'],
  [
    'shapes',
    shapes,
    'HS256 against the number of payload shapes in turn',
    'shapes',
    'shapes (sequences of names)',
    'time per call',
  ],
  [
    'sessions',
    sessionsInSqlite,
    'A rotation against the sessions in SQLite',
    'sessions-sqlite',
    'sessions in the file',
    'time a rotation',
  ],
  [
    'sessions-mongodb',
    sessionsInMongo,
    'A rotation against the sessions in MongoDB',
    'sessions-mongodb',
    'sessions in the collection',
    'time a rotation',
  ],
  [
    'in-flight',
    lanes,
    'A rotation against the rotations in flight (SQLite)',
    'in-flight',
    'in flight',
    'time a rotation',
  ],
].map(([name, prepare, title, file, x, y]) => ({
  name,
  prepare,
  shown: { title, file: `scale-${file}.svg`, x, xFormat: name === 'payloads' ? 'bytes' : 'count', y },
}));

// ---------------------------------------------------------------- describing a curve

/** The slope on a logarithmic plot: 0: the cost does not depend on the size; 1: it is proportional to it. */
function slope(points) {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)]);
  const [mx, my] = [0, 1].map((i) => logs.reduce((total, p) => total + p[i], 0) / logs.length);
  const shared = logs.reduce((total, [x, y]) => total + (x - mx) * (y - my), 0);
  return shared / logs.reduce((total, [x]) => total + (x - mx) ** 2, 0);
}

const STEEPNESS = [
  [-0.6, 'falls almost in proportion'],
  [-0.1, 'falls'],
  [0.05, 'does not depend on it'],
  [0.3, 'grows slowly'],
  [0.7, 'grows roughly as the square root'],
  [1.1, 'grows in proportion'],
  [Infinity, 'grows faster than in proportion'],
];
const wordFor = (value) => STEEPNESS.find(([limit]) => value <= limit)?.[1];
const part = (value) => `${wordFor(value)} (${value.toFixed(2)})`;

/** The first half, then the second, since small and large sizes often have different bottlenecks. */
function inWords(points) {
  if (points.length < 3) return part(slope(points));
  const middle = points.length >> 1;
  const [first, second] = [points.slice(0, middle + 1), points.slice(middle)].map(slope);
  return wordFor(first) === wordFor(second) ? part(slope(points)) : `first ${part(first)}, then ${part(second)}`;
}

// ----------------------------------------------------------------

async function main(names) {
  await ensure();
  const before = measurements().scale?.curves ?? [];
  const curves = [];
  CURVES.forEach(({ name, shown }, i) => {
    const answer = names.length === 0 || names.includes(name) ? inProcess(__filename, i) : null;
    if (answer?.skipped) console.log(`${name}: skipped. ${answer.skipped}`);
    const series = answer?.series;
    const kept = before.find((curve) => curve.name === name);
    const slopes = series?.map((s) => ({ name: s.name, words: inWords(s.points) }));
    slopes?.forEach((one) => console.log(`${name}: ${one.name} ${one.words}`));
    if (series) curves.push({ name, ...shown, ticks: series[0].points.map(([x]) => x), series, slopes });
    else if (kept) curves.push(kept);
  });
  writeMeasurements('scale', { curves });
  require('./charts').drawAll();
  require('./pages').writeAll();
}

if (!answered((i) => CURVES[i].prepare())) main(process.argv.slice(2).filter((word) => word !== '--quick'));
