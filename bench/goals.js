'use strict';
// The target ratios, in one table: [id, kind, goal, what is compared with what, how].
//   times   ratio = peer / ours, at least the goal
//   share   ratio = ours / peer, at most the goal
//   floor   ratio = ours / peer, at most the goal plus one microsecond
// How: `() => { ours, peer, …options of compare, done }`, two ways (core.js), or `{ ours_us, peer_us }`.

const { answeredRows, compare, inFlight, looped, median, temporaryFolder, unlessQuick } = require('./core');
const { FOUR, LIFETIME_S, PAYLOADS, SECRET, keysOf, payloadText, signingInput, subjectOf } = require('./subjects');

const signet = require('..');

const KEYS = unlessQuick(1000, 10);
const LANES = 64;
const BATCH = 256;
const LOOP_LIMIT_US = 2000;
const TIMER_US = 1000;

// ---------------------------------------------------------------- at once

/** The tutorial's token, with the same key for both: text or a KeyObject. */
const against = (contender, operation, keyObject) => () => {
  const { CONTENDERS } = require('./contenders');
  const { signingObject } = keysOf('HS256');
  const keys = keyObject ? { signing: signingObject, checking: signingObject } : { signing: SECRET, checking: SECRET };
  const subject = subjectOf({ keys, bare: true });
  const of = (name) => looped(CONTENDERS[name][operation](subject));
  return { ours: of('signet'), peer: of(contender), clock: 'cpu' };
};

/** The minimum work of a verify. */
const parseAndHmac = (token) => {
  const { hmac, jsonParse, sum } = require('./floors');
  return sum(jsonParse(payloadText(token)), hmac(SECRET, signingInput(token)));
};

function tutorialAgainstFloor() {
  const { emptyCall, sum } = require('./floors');
  const key = signet.createKey(SECRET);
  const token = signet.sign(FOUR, SECRET, { expiresIn: LIFETIME_S });
  return { ours: looped(() => signet.verify(token, key)), peer: sum(parseAndHmac(token), emptyCall), clock: 'cpu' };
}

function largeAgainstFloor() {
  const token = signet.sign(PAYLOADS['16 kB'], SECRET, { expiresIn: LIFETIME_S });
  return { ours: looped(() => signet.verify(token, SECRET)), peer: parseAndHmac(token), clock: 'cpu' };
}

/** The same key, PEM text as an app reads it from a file, and the same signing input, by OpenSSL alone. */
const againstOpenssl = (alg, operation) => () => {
  const { CONTENDERS } = require('./contenders');
  const subject = subjectOf({ alg });
  const floor = require('./floors').signature(alg, subject.keys.signing, signingInput(subject.token));
  return { ours: looped(CONTENDERS.signet[operation](subject)), peer: floor[operation], clock: 'cpu' };
};

/** Signing and verifying with each key in turn (one per tenant, say), compared with one key. */
function keysInTurn() {
  const options = { expiresIn: LIFETIME_S };
  const both = (secrets) => {
    const tokens = secrets.map((secret) => signet.sign(FOUR, secret, options));
    let i = 0;
    return looped(() => {
      i = i + 1 === secrets.length ? 0 : i + 1;
      signet.sign(FOUR, secrets[i], options);
      return signet.verify(tokens[i], secrets[i]);
    });
  };
  const secrets = Array.from({ length: KEYS }, (_, i) => keysOf('HS256', i).signing);
  return { ours: both(secrets), peer: both(secrets.slice(0, 1)), clock: 'cpu' };
}

// ---------------------------------------------------------------- on other threads

const RS256 = { algorithm: 'RS256', expiresIn: LIFETIME_S };

function twoCores() {
  const { signing } = keysOf('RS256');
  const ours = inFlight(() => signet.signAsync(FOUR, signing, RS256), LANES);
  return { ours, peer: looped(() => signet.sign(FOUR, signing, RS256)), sampleMs: 250, seconds: 6 };
}

/**
 * { p50, p99, max } of the event loop's delay in microseconds while `work` runs, measured by perf_hooks with a timer of
 * 1 ms: the timer's own millisecond is included.
 */
async function loopDelay(work) {
  const { monitorEventLoopDelay } = require('node:perf_hooks');
  const delay = monitorEventLoopDelay({ resolution: TIMER_US / 1000 });
  const turns = () => new Promise((resolve) => setTimeout(resolve, 10));
  delay.enable();
  await turns(); // a delay counts from the timer's last tick
  await work();
  await turns(); // work that never let the loop turn counts as one delay of its full length
  delay.disable();
  return { p50: delay.percentile(50) / 1e3, p99: delay.percentile(99) / 1e3, max: delay.max / 1e3 };
}

/** How late the timer fired, without its own millisecond, which an idle loop shows too. The peer is the limit. */
async function loopP99() {
  const { signing } = keysOf('RS256');
  const sign = inFlight(() => signet.signAsync(FOUR, signing, RS256), LANES);
  await sign(unlessQuick(1000, LANES));
  const runs = [];
  for (let i = 0; i < 5; i++) runs.push((await loopDelay(() => sign(unlessQuick(5000, LANES)))).p99 - TIMER_US);
  return { ours_us: median(runs), peer_us: LOOP_LIMIT_US };
}

const authOn = (store, options) =>
  signet.createAuth({ accessSecret: `${SECRET}-access`, refreshSecret: `${SECRET}-refresh`, store, ...options });

/** Logs in `rows` users; returns their refresh tokens. */
async function logins(auth, rows) {
  const tokens = new Array(rows);
  await inFlight(async (i) => {
    tokens[i] = (await auth.login(`user-${i}`)).refreshToken;
  }, BATCH)(rows);
  return tokens;
}

/** Rotates each session in turn, `lanes` in flight. */
function rotations(auth, tokens, lanes) {
  let next = 0;
  return inFlight(async () => {
    const i = next;
    next = (next + 1) % tokens.length;
    tokens[i] = (await auth.rotateRefresh(tokens[i])).refreshToken;
  }, lanes);
}

/** Rotations on a file, durable before each answer, compared with `peerOf(auth, tokens, folder)`. */
const rotated = (lanes, peerOf) => async () => {
  const folder = temporaryFolder();
  const auth = authOn(folder.file('sessions.db'));
  const tokens = await logins(auth, unlessQuick(10_000, BATCH));
  const done = () => auth.close().then(folder.remove);
  return { ours: rotations(auth, tokens, lanes), peer: peerOf(auth, tokens, folder), sampleMs: 100, seconds: 6, done };
};

const oneCommitEach = (auth, tokens) => rotations(auth, tokens, 1);

function samePlainBatch(auth, tokens, { file }) {
  const plain = require('./floors').sqlite(file('plain.db'), tokens.length);
  return (n) => {
    const batches = Math.ceil(n / BATCH);
    return (plain(BATCH, batches) * n) / (batches * BATCH);
  };
}

// ---------------------------------------------------------------- the table

const GOALS = [
  ['hs256-sign-string', 'times', 500, 'sign, string secret: jsonwebtoken', against('jsonwebtoken', 'sign')],
  ['hs256-verify-string', 'times', 450, 'verify, string secret: jsonwebtoken', against('jsonwebtoken', 'verify')],
  ['hs256-sign-keyobject', 'times', 12, 'sign, KeyObject: jsonwebtoken', against('jsonwebtoken', 'sign', true)],
  ['hs256-verify-keyobject', 'times', 9, 'verify, KeyObject: jsonwebtoken', against('jsonwebtoken', 'verify', true)],
  ['hs256-sign-fastjwt', 'times', 13, 'sign: fast-jwt', against('fast-jwt', 'sign')],
  ['hs256-verify-fastjwt', 'times', 10, 'verify: fast-jwt without its cache', against('fast-jwt', 'verify')],
  [
    'hs256-verify-fastjwt-cached',
    'times',
    3.5,
    'verify: fast-jwt answering from its cache',
    against('fast-jwt, cached', 'verify'),
  ],
  ['hs256-sign-noders', 'times', 8, 'sign: @node-rs/jsonwebtoken', against('@node-rs/jsonwebtoken', 'sign')],
  ['hs256-verify-noders', 'times', 6, 'verify: @node-rs/jsonwebtoken', against('@node-rs/jsonwebtoken', 'verify')],
  ['hs256-verify-floor', 'share', 1.2, 'verify: JSON.parse + raw HMAC + empty call', tutorialAgainstFloor],
  ...['RS256', 'PS256', 'ES256', 'EdDSA'].flatMap((alg) =>
    ['sign', 'verify'].map((operation) => [
      `${alg.toLowerCase()}-${operation}`,
      'floor',
      1.05,
      `${alg} ${operation}: OpenSSL in C`,
      againstOpenssl(alg, operation),
    ]),
  ),
  ['hs256-1000-keys', 'share', 1.3, '1,000 keys in turn: one key', keysInTurn],
  ['rs256-async-2cores', 'times', 1.8, 'RS256 sign, 64 in flight: one after another', twoCores],
  ['rs256-async-loop-p99', 'share', 1, "the event loop's p99 meanwhile: 2 ms", loopP99],
  ['sqlite-rotate-64', 'times', 8, 'rotations, 64 in flight: one commit each', rotated(LANES, oneCommitEach)],
  [
    'sqlite-rotate-256',
    'share',
    1.8,
    'rotations, 256 in flight: the same batch in plain C on SQLite',
    rotated(BATCH, samePlainBatch),
  ],
  ['verify-16k', 'share', 1.3, 'verify of 16 kB: JSON.parse + raw HMAC', largeAgainstFloor],
].map(([id, kind, goal, what, how]) => ({ id, kind, goal, what, how }));

const FLOOR_SLACK_US = 1;
const round = (value, digits) => Number(value.toPrecision(digits));

/** { id, ours_us, peer_us, ratio, goal, met } */
function judge({ id, kind, goal }, ours, peer) {
  const ratio = kind === 'times' ? peer / ours : ours / peer;
  const limit = kind === 'floor' ? goal + FLOOR_SLACK_US / peer : goal;
  const met = kind === 'times' ? ratio >= limit : ratio <= limit;
  return { id, ours_us: round(ours, 4), peer_us: round(peer, 4), ratio: round(ratio, 4), goal: round(limit, 4), met };
}

async function measure({ how }) {
  const { ours, peer, done, ...rest } = await how();
  if (!ours) return rest;
  const us = await compare({ ours, peer }, rest);
  await done?.();
  return { ours_us: us.ours, peer_us: us.peer };
}

if (require.main === module) answeredRows((i) => measure(GOALS[i]));

module.exports = { GOALS, authOn, judge, logins, loopDelay, rotations };
