'use strict';
// npm run bench:mongo: a refresh on MongoDB, done three ways on one server: the tutorial's (mongoose, jsonwebtoken), a
// careful one (Node driver, jose), Signet's. With 1, 8 and 64 in flight, then again with 20 ms per round trip, added by
// the tests' proxy. Figures go to measurements.json. Linux only: the main thread's CPU time is read from /proc.
//   MONGODB_URI, else the project's test server; --seconds 4 per case; --rounds 3, of which the medians are printed

const { createHash, randomUUID } = require('node:crypto');
const fs = require('node:fs');
const { fork } = require('node:child_process');
const { parseArgs } = require('node:util');

const { answered, ensure, inProcess, median, quick, unlessQuick, writeMeasurements } = require('./core');

const IN_FLIGHT = unlessQuick([1, 8, 64], [2]);
const MOST = IN_FLIGHT.at(-1);
const ROUND_TRIP_MS = 20;
const WARM_UP_S = unlessQuick(4, 0.1); // a cold JavaScript engine is several times slower than a warm one
const POOL = 100; // connections of each way

const ACCESS_SECRET = 'an access secret of the benchmark, 48 bytes and more';
const REFRESH_SECRET = 'a refresh secret of the benchmark, 48 bytes and more';
const IDLE_MS = 7 * 86_400_000;

// ---------------------------------------------------------------- the ways: { rotate(lane), close() }

/** One token per user; find, compare, sign twice, update. */
async function tutorial({ uri, collection, lanes }) {
  const jsonwebtoken = require('jsonwebtoken');
  const mongoose = require('mongoose');
  const connection = await mongoose.createConnection(uri, { maxPoolSize: POOL }).asPromise();
  const RefreshToken = connection.model(
    'RefreshToken',
    new mongoose.Schema(
      {
        refreshToken: { type: String, required: true },
        userId: { type: String, required: true, unique: true },
      },
      { timestamps: true },
    ),
    collection,
  );
  await RefreshToken.init();
  const users = Array.from({ length: lanes }, (_, i) => ({ id: `user-${i}`, isAdmin: false }));
  const tokens = users.map((user) => jsonwebtoken.sign(user, REFRESH_SECRET));
  await RefreshToken.insertMany(users.map(({ id }, i) => ({ userId: id, refreshToken: tokens[i] })));

  async function rotate(lane) {
    const stored = await RefreshToken.findOne({ userId: users[lane].id });
    if (!stored || stored.refreshToken !== tokens[lane]) throw new Error('Refresh token is not valid!');
    const { id, isAdmin } = jsonwebtoken.verify(tokens[lane], REFRESH_SECRET);
    const accessToken = jsonwebtoken.sign({ id, isAdmin }, ACCESS_SECRET, { expiresIn: '30s' });
    tokens[lane] = jsonwebtoken.sign({ id, isAdmin }, REFRESH_SECRET);
    await RefreshToken.findOneAndUpdate({ userId: id }, { refreshToken: tokens[lane] }, { returnDocument: 'after' });
    return accessToken;
  }
  return { rotate, close: () => connection.close() };
}

/** One atomic findOneAndUpdate on the token's hash, with majority and journal. */
async function careful({ uri, collection, lanes }) {
  const { SignJWT, jwtVerify } = await import('jose');
  const { MongoClient } = require('mongodb');
  const writeConcern = { w: 'majority', j: true, wtimeoutMS: 4000 };
  const client = await new MongoClient(uri, { maxPoolSize: POOL, writeConcern }).connect();
  const sessions = client.db().collection(collection);
  const secrets = { at: Buffer.from(ACCESS_SECRET), rt: Buffer.from(REFRESH_SECRET) };
  const hashOf = (jti) => createHash('sha256').update(jti).digest();
  const soon = (now) => new Date(now.getTime() + IDLE_MS);
  const signed = (kind, lifetime, sub, claims) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: `${kind}+jwt` })
      .setSubject(sub)
      .setIssuedAt()
      .setExpirationTime(lifetime)
      .sign(secrets[kind]);

  const tokens = await Promise.all(
    Array.from({ length: lanes }, async (_, i) => {
      const [userId, sid, jti, now] = [`user-${i}`, randomUUID(), randomUUID(), new Date()];
      const session = { _id: sid, userId, tokenHash: hashOf(jti), generation: 0 };
      await sessions.insertOne({ ...session, createdAt: now, rotatedAt: now, expiresAt: soon(now) });
      return signed('rt', '7d', userId, { sid, jti });
    }),
  );

  async function rotate(lane) {
    const { payload } = await jwtVerify(tokens[lane], secrets.rt, { algorithms: ['HS256'], typ: 'rt+jwt' });
    const { sub, sid } = payload;
    const [jti, now, presented] = [randomUUID(), new Date(), hashOf(payload.jti)];
    const after = await sessions.findOneAndUpdate(
      { _id: sid, userId: sub, tokenHash: presented, revokedAt: null, expiresAt: { $gt: now } },
      {
        $set: { tokenHash: hashOf(jti), previousHash: presented, rotatedAt: now, expiresAt: soon(now) },
        $inc: { generation: 1 },
      },
      { returnDocument: 'after' },
    );
    if (!after) throw new Error('not the current token');
    const [accessToken, refreshToken] = await Promise.all([
      signed('at', '15m', sub, { sid, isAdmin: false }),
      signed('rt', '7d', sub, { sid, jti }),
    ]);
    tokens[lane] = refreshToken;
    return accessToken;
  }
  return { rotate, close: () => client.close() };
}

/** As many threads and connections as in the others' pools. */
async function signet({ uri, collection, lanes }) {
  const auth = require('..').createAuth({
    accessSecret: ACCESS_SECRET,
    refreshSecret: REFRESH_SECRET,
    store: uri,
    collection,
    storeThreads: POOL,
    storeTimeout: '20s',
    claims: async () => ({ isAdmin: false }),
  });
  await auth.ready();
  const tokens = await Promise.all(
    Array.from({ length: lanes }, async (_, i) => (await auth.login(`user-${i}`)).refreshToken),
  );

  async function rotate(lane) {
    const { accessToken, refreshToken } = await auth.rotateRefresh(tokens[lane]);
    tokens[lane] = refreshToken;
    return accessToken;
  }
  return { rotate, close: () => auth.close() };
}

const WAYS = { tutorial, careful, signet };

// ---------------------------------------------------------------- one case, in its own process

/**
 * The CPU time of the main thread, in microseconds: JavaScript and whatever it runs synchronously.
 */
const mainThreadUs = () =>
  Number(fs.readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1000;
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function timed({ rotate }, lanes, seconds) {
  const latencies = [];
  const [from, cpu] = [nowMs(), mainThreadUs()];
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (nowMs() < from + seconds * 1000) {
        const start = nowMs();
        await rotate(lane);
        latencies.push(nowMs() - start);
      }
    }),
  );
  const [ms, us] = [nowMs() - from, mainThreadUs() - cpu];
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / (ms / 1000),
    mainThreadUs: us / latencies.length,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

async function measure(way, uri, lanes, seconds) {
  const collection = `bench_${way}_${process.pid}_${Date.now()}`;
  const made = await WAYS[way]({ uri, collection, lanes });
  await timed(made, lanes, WARM_UP_S);
  const figures = await timed(made, lanes, seconds);
  await made.close();
  return figures;
}

/** Times the ways in turn, in several rounds, so that other load affects them equally; returns the medians. */
function medians(uri, lanes, { seconds, rounds }) {
  const taken = Object.fromEntries(Object.keys(WAYS).map((way) => [way, []]));
  for (let i = 0; i < rounds; i++)
    for (const way of Object.keys(WAYS)) taken[way].push(inProcess(__filename, way, uri, lanes, seconds));
  const ofAll = (rows) =>
    Object.fromEntries(Object.keys(rows[0]).map((key) => [key, median(rows.map((row) => row[key]))]));
  return Object.keys(WAYS).map((way) => ({ way, lanes, ...ofAll(taken[way]) }));
}

// ---------------------------------------------------------------- all of them

// What must hold with the most in flight: [title, figure, whose (ratio ours / theirs), least or most].
const GOALS = [
  ["main-thread CPU, of the tutorial's at most 1/20", 'mainThreadUs', 'tutorial', 'most', 1 / 20],
  ["main-thread CPU, of the careful way's at most 1/4", 'mainThreadUs', 'careful', 'most', 1 / 4],
  ["throughput, of the tutorial's at least 4", 'perSecond', 'tutorial', 'least', 4],
  ["throughput, of the careful way's at least 1", 'perSecond', 'careful', 'least', 1],
];

function show({ way, lanes, perSecond, mainThreadUs: us, p50Ms, p99Ms }) {
  const figure = (value, digits, unit) => `${value.toFixed(digits).padStart(8)} ${unit}`;
  console.log(
    `${String(lanes).padStart(3)} in flight  ${way.padEnd(9)} ${figure(perSecond, 0, '/s')}` +
      `  main thread ${figure(us, 1, 'µs')}` +
      `  p50 ${figure(p50Ms, 2, 'ms')}  p99 ${figure(p99Ms, 2, 'ms')}`,
  );
}

function judge(title, rows) {
  const at = (way) => rows.find((row) => row.way === way && row.lanes === MOST);
  return GOALS.map(([what, figure, other, kind, goal]) => {
    const ratio = at('signet')[figure] / at(other)[figure];
    const met = kind === 'most' ? ratio <= goal : ratio >= goal;
    const shown = kind === 'most' ? `1/${(1 / ratio).toFixed(1)}` : ratio.toFixed(2);
    if (!quick) console.log(`${met ? 'met    ' : 'NOT MET'} ${title}: ${what}: ${shown}`);
    return { title, what, ratio: Number(ratio.toPrecision(4)), met };
  });
}

/** The tests' proxy with a delay each way, in its own process, so that none of the ways pays for its work. */
async function delay(target, delayMs) {
  const proxy = await require('../test/support/mongo-proxy').createProxy(target);
  proxy.setDelay(delayMs);
  process.on('disconnect', () => process.exit());
  process.send(proxy.port);
}

function startProxy(port) {
  const child = fork(__filename, ['delay', String(port), String(ROUND_TRIP_MS / 2)]);
  return new Promise((resolve) => {
    child.once('message', (own) => resolve({ port: own, stop: () => child.disconnect() }));
  });
}

async function main() {
  const text = { type: 'string' };
  const { values } = parseArgs({ options: { seconds: text, rounds: text, quick: { type: 'boolean' } } });
  const amount = {
    seconds: Number(values.seconds ?? unlessQuick(4, 0.1)),
    rounds: Number(values.rounds ?? unlessQuick(3, 1)),
  };
  await ensure();
  const found = await require('../test/support/mongo').mongoServer();
  if (!found) return;
  const { portOf, through } = require('../test/support/mongo-proxy');
  const proxy = await startProxy(portOf(found.MONGODB_URI));
  const cases = {
    'no delay': found.MONGODB_URI,
    [`${ROUND_TRIP_MS} ms a round trip`]: through(found.MONGODB_URI, proxy),
  };
  const report = [];
  for (const [title, uri] of Object.entries(cases)) {
    console.log(`\n${title}`);
    const rows = IN_FLIGHT.flatMap((lanes) => {
      const measured = medians(uri, lanes, amount);
      measured.forEach(show);
      return measured;
    });
    report.push({ title, rows, goals: judge(title, rows) });
  }
  proxy.stop();
  writeMeasurements('mongo', { report });
}

if (process.argv[2] === 'delay') delay(...process.argv.slice(3).map(Number));
else if (!answered(measure)) main();
