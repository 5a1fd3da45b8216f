'use strict';
// The ratios to reach, in one table: [id, kind, goal, what is compared with what].
//   times   ratio = peer / ours, at least the goal
//   share   ratio = ours / peer, at most the goal
//   floor   ratio = ours / peer, at most 1.05 and a microsecond: the goal is worked out from the peer's time

const GOALS = [
  ['hs256-sign-string', 'times', 500, 'sign, string secret: jsonwebtoken'],
  ['hs256-verify-string', 'times', 450, 'verify, string secret: jsonwebtoken'],
  ['hs256-sign-keyobject', 'times', 12, 'sign, KeyObject: jsonwebtoken'],
  ['hs256-verify-keyobject', 'times', 9, 'verify, KeyObject: jsonwebtoken'],
  ['hs256-sign-fastjwt', 'times', 13, 'sign: fast-jwt'],
  ['hs256-verify-fastjwt', 'times', 10, 'verify: fast-jwt without its cache'],
  ['hs256-verify-fastjwt-cached', 'times', 3.5, 'verify: fast-jwt answering from its cache'],
  ['hs256-sign-noders', 'times', 8, 'sign: @node-rs/jsonwebtoken'],
  ['hs256-verify-noders', 'times', 6, 'verify: @node-rs/jsonwebtoken'],
  ['hs256-verify-floor', 'share', 1.2, 'verify: JSON.parse + raw HMAC + empty call'],
  ['rs256-sign', 'floor', 1.05, 'RS256 sign: OpenSSL in C'],
  ['rs256-verify', 'floor', 1.05, 'RS256 verify: OpenSSL in C'],
  ['ps256-sign', 'floor', 1.05, 'PS256 sign: OpenSSL in C'],
  ['ps256-verify', 'floor', 1.05, 'PS256 verify: OpenSSL in C'],
  ['es256-sign', 'floor', 1.05, 'ES256 sign: OpenSSL in C'],
  ['es256-verify', 'floor', 1.05, 'ES256 verify: OpenSSL in C'],
  ['eddsa-sign', 'floor', 1.05, 'EdDSA sign: OpenSSL in C'],
  ['eddsa-verify', 'floor', 1.05, 'EdDSA verify: OpenSSL in C'],
  ['hs256-1000-keys', 'share', 1.3, '1,000 keys in turn: one key'],
  ['rs256-async-2cores', 'times', 1.8, 'RS256 sign, 64 in flight: one after another'],
  ['rs256-async-loop-p99', 'share', 1, "the event loop's p99 meanwhile: 2 ms"],
  ['sqlite-rotate-64', 'times', 8, 'rotations, 64 in flight: one commit each'],
  ['sqlite-rotate-256', 'share', 1.8, 'rotations, 256 in flight: the same batch in plain C on SQLite'],
  ['verify-16k', 'share', 1.3, 'verify of 16 kB: JSON.parse + raw HMAC'],
].map(([id, kind, goal, what]) => ({ id, kind, goal, what }));

const FLOOR_SLACK_US = 1;
const round = (value, digits) => Number(value.toPrecision(digits));

// { id, ours_us, peer_us, ratio, goal, met }
function judge({ id, kind, goal }, ours, peer) {
  const ratio = kind === 'times' ? peer / ours : ours / peer;
  const limit = kind === 'floor' ? goal + FLOOR_SLACK_US / peer : goal;
  const met = kind === 'times' ? ratio >= limit : ratio <= limit;
  return { id, ours_us: round(ours, 4), peer_us: round(peer, 4), ratio: round(ratio, 4), goal: round(limit, 4), met };
}

module.exports = { GOALS, judge };
