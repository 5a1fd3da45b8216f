'use strict';
// Random calls of sign, verify and decode for the differential test. Each case is made twice from one seed, so that
// neither library sees what the other did to the arguments.

const { PAIRS, PASSPHRASE, encrypted, once, pem } = require('./keys');
const { createSecretKey } = require('node:crypto');

const NOW = 1_750_000_000;

const SECRETS = [
  'secret',
  'a-secret-of-at-least-32-bytes-for-hs256',
  'schlüssel-ключ',
  '\ud800 lone',
  'x'.repeat(200),
  '-----not a key-----',
  'a\0b',
];
// Functions and instances are the same in both makes of a case, so that arguments can be compared afterwards.
const one = () => 1;
const toText = () => 'from toJSON';
class Own {}

const HOSTILE = [
  () => undefined,
  () => null,
  () => 0,
  () => NaN,
  () => '',
  () => 'text',
  () => [],
  () => ({}),
  () => one,
  () => new Date(0),
  () => true,
  () => 1.5,
  () => -1,
  () => Infinity,
  () => '1d',
  () => 'junk',
  () => new String('boxed'),
  () => new Number(7),
  () => new Own(),
  () => ['a', 'b'],
  () => Object.create(null),
  () => Buffer.from('bytes'),
  () => 1n,
  () => /a/,
];

const keyText = once(() =>
  Object.fromEntries(
    Object.entries(PAIRS).map(([name, pairOf]) => [
      name,
      { private: pem(pairOf().privateKey), public: pem(pairOf().publicKey) },
    ]),
  ),
);
const secretPem = once(() => encrypted(PAIRS.p256().privateKey));

/** A signing key, the key that verifies it, and the signing key in the form that is fastest for jsonwebtoken. */
function keyPair(random) {
  const name = random.chance(0.7) ? 'secret' : random.pick(Object.keys(PAIRS));
  if (name === 'secret') {
    const secret = random.pick(SECRETS);
    const form = random.pick([
      (text) => text,
      (text) => Buffer.from(text),
      (text) => createSecretKey(Buffer.from(text)),
      (text) => new Uint8Array(Buffer.from(text)),
    ]);
    return {
      signing: form(secret),
      verifying: form(secret),
      tokens: createSecretKey(Buffer.from(secret)),
      algorithm: random.pick([undefined, 'HS256', 'HS384', 'HS512']),
    };
  }
  const pair = PAIRS[name]();
  const text = keyText()[name];
  const signing = random.pick([pair.privateKey, text.private, Buffer.from(text.private), { key: text.private }]);
  const verifying = random.pick([
    pair.publicKey,
    text.public,
    Buffer.from(text.public),
    { key: text.public },
    text.private,
    pair.privateKey,
  ]);
  return {
    signing,
    verifying,
    tokens: pair.privateKey,
    algorithm: ALGORITHM_OF[name] ? random.pick(ALGORITHM_OF[name]) : random.pick(['RS256', 'ES256']),
  };
}

const ALGORITHM_OF = {
  rsa: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  smallRsa: ['RS256', 'PS256'],
  pss: ['PS256', 'PS384', 'RS256'],
  pssLongSalt: ['PS256'],
  pssFree: ['PS256', 'PS512'],
  p256: ['ES256'],
  p384: ['ES384'],
  p521: ['ES512'],
};

const oddKey = (random) =>
  random.pick([
    ...HOSTILE,
    () => keyText().rsa.public,
    () => ({ key: secretPem(), passphrase: PASSPHRASE }),
    () => ({ key: secretPem(), passphrase: 'wrong' }),
    () => ({ key: secretPem() }),
    () => ({ key: 'secret' }),
  ])();

const TEXTS = [
  '',
  'a',
  'user-1',
  'ünïcode ✓ 😀',
  'quote " backslash \\ slash / \u2028',
  '\ud800',
  '{"a":1}',
  '[1]',
  '"text"',
  '123',
  'null',
  'line\nbreak\u0000',
];

function value(random, depth = 0) {
  const kind = random.below(depth > 2 ? 6 : 8);
  if (kind < 2) return random.pick(TEXTS);
  if (kind === 2) return random.pick([0, -0, 1, -1, 1.5, 1e21, 1e-7, 2 ** 53, -(2 ** 31), NaN, Infinity]);
  if (kind === 3) return random.pick([true, false, null, undefined]);
  if (kind === 4) return random.pick([new Date(1e12), one, new Map([[1, 2]]), { toJSON: toText }]);
  if (kind === 5) return random.pick(HOSTILE.filter((make) => typeof make() !== 'bigint'))();
  if (kind === 6) return Array.from({ length: random.below(4) }, () => value(random, depth + 1));
  return object(random, depth + 1);
}

function object(random, depth = 0) {
  const result = random.chance(0.05) ? Object.create(null) : {};
  const names = ['id', 'isAdmin', 'role', 'ünï', '', '0', 'name', 'deep', random.chance(0.1) ? 'constructor' : 'plain'];
  for (let i = random.below(5); i > 0; i--) result[random.pick(names)] = value(random, depth);
  return result;
}

const time = (random) =>
  random.pick([NOW, NOW - 1, NOW + 1, NOW - 60, NOW + 60, NOW + 0.5, NOW - 3600, 0, 1.5, -5, NaN, Infinity]);

function payload(random) {
  if (random.chance(0.06)) return random.pick(HOSTILE)();
  if (random.chance(0.12)) return random.pick([...TEXTS, Buffer.from('bytes'), Buffer.from('{"a":1}'), 42, true]);
  const claims = object(random);
  for (const name of ['iat', 'exp', 'nbf']) {
    if (random.chance(0.2)) claims[name] = random.chance(0.9) ? time(random) : random.pick(HOSTILE)();
  }
  for (const name of ['aud', 'iss', 'sub', 'jti', 'nonce']) {
    if (random.chance(0.3))
      claims[name] = random.chance(0.9) ? random.pick(['a', 'b', 'x/y', 'ünï', ['a', 'b'], ['c']]) : value(random);
  }
  return claims;
}

const SPANS = [
  60,
  0,
  -60,
  1e9,
  '1h',
  '10m',
  '7 days',
  '120',
  '-5s',
  '1.5s',
  '2y',
  'junk',
  '',
  'x'.repeat(101),
  1.5,
  null,
  NaN,
];

const SIGN_VALUES = {
  expiresIn: SPANS,
  notBefore: SPANS,
  audience: ['a', ['a', 'b'], [], 5],
  issuer: ['a', 5],
  subject: ['a', ''],
  jwtid: ['j', null],
  noTimestamp: [true, false, 'x'],
  keyid: ['k1', 5],
  mutatePayload: [true, false, 1],
  encoding: ['utf8', 'latin1', 'hex', 'base64', 5],
  allowInsecureKeySizes: [true, false, 0],
  allowInvalidAsymmetricKeyTypes: [true, false, 0],
  header: [
    { kid: 'h' },
    { typ: 'at+jwt' },
    { typ: undefined },
    { alg: 'HS512' },
    { x: { y: [1] } },
    5,
    null,
    { alg: 'none' },
  ],
  algorithm: ['HS256', 'RS256', 'ES256', 'none', 'hs256', '', null, 5],
  bogus: [1],
};

function options(random, values, rarity) {
  if (random.chance(0.03)) return random.pick(HOSTILE.filter((make) => typeof make() !== 'function'))();
  const chosen = {};
  for (const name of Object.keys(values)) if (random.chance(rarity)) chosen[name] = random.pick(values[name]);
  return chosen;
}

function signCase(random) {
  const keys = keyPair(random);
  const chosen = random.chance(0.15) ? undefined : options(random, SIGN_VALUES, random.chance(0.5) ? 0.04 : 0.12);
  if (keys.algorithm && chosen && typeof chosen === 'object' && !('algorithm' in chosen))
    chosen.algorithm = keys.algorithm;
  const key = random.chance(0.05) ? oddKey(random) : keys.signing;
  return { kind: 'sign', arguments: [payload(random), key, chosen], keys };
}

const VERIFY_VALUES = {
  algorithms: [['HS256'], ['HS256', 'HS384', 'HS512'], ['RS256', 'ES256'], ['none'], [], ['bogus', 'HS256']],
  audience: ['a', ['a', 'z'], 'b', [], ['q', /^[ab]$/], /x/],
  issuer: ['a', ['a', 'b'], 'b', []],
  subject: ['a', 'a', 'b', 'b', ''],
  jwtid: ['a', 'b'],
  nonce: ['a', 'a', 'a', 'b', '', ' ', 5],
  maxAge: [60, 3600, '1h', '0s', 'junk', 0, -1, 1e9, '1.5s'],
  clockTolerance: [0, 1, 60, 3600, 0.5],
  clockTimestamp: [NOW, NOW - 61, NOW + 61, NOW + 0.5, 0, '5', NaN],
  ignoreExpiration: [true, false, 1, 'false'],
  ignoreNotBefore: [true, false, 1],
  complete: [true, false, 1],
  allowInvalidAsymmetricKeyTypes: [true, false, 0],
};

function damage(random, token) {
  const parts = token.split('.');
  const at = random.below(3);
  const cut = (text) => text.slice(0, random.below(text.length + 1));
  const flip = (text) => {
    const i = random.below(text.length || 1);
    return text.slice(0, i) + random.pick(['A', 'z', '_', '-', '9', '=', ' ', 'Ł', '.', '+']) + text.slice(i + 1);
  };
  const encode = (text) => Buffer.from(text).toString('base64url');
  const change = random.pick([
    () => {
      parts[at] = flip(parts[at]);
    },
    () => {
      parts[at] = cut(parts[at]);
    },
    () => {
      parts[at] = '';
    },
    () => {
      parts.push('x');
    },
    () => {
      parts.pop();
    },
    () => {
      parts[0] = encode(
        random.pick([
          '{}',
          '[]',
          'null',
          '{"alg":"none"}',
          '{"alg":"HS256"',
          '{"alg":5}',
          '{"alg":"HS999","typ":"JWT"}',
          '"x"',
          '{"alg":"RS256"}',
        ]),
      );
    },
    () => {
      parts[1] = encode(random.pick(['{}', '[]', 'null', '5', '{"exp":', '{"exp":"1"}', '']));
    },
    () => {
      parts.reverse();
    },
  ]);
  change();
  return parts.join('.');
}

/** A token made by jsonwebtoken itself, sometimes damaged. */
function verifyCase(random, jsonwebtoken) {
  const keys = keyPair(random);
  const token = signedToken(random, keys, jsonwebtoken);
  const given = random.chance(0.25) ? damage(random, token) : random.chance(0.03) ? random.pick(HOSTILE)() : token;
  const key = random.chance(0.06) ? oddKey(random) : random.chance(0.04) ? keyPair(random).verifying : keys.verifying;
  const chosen = random.chance(0.2) ? undefined : options(random, VERIFY_VALUES, random.chance(0.7) ? 0.04 : 0.15);
  return { kind: 'verify', arguments: [given, key, chosen], keys };
}

function signedToken(random, keys, jsonwebtoken) {
  const algorithm = keys.algorithm ?? 'HS256';
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const content = payload(random);
      const header = random.chance(0.1)
        ? random.pick([{ typ: 'at+jwt' }, { typ: 'JWT', kid: 'k' }, { typ: undefined }])
        : undefined;
      const unsigned = random.chance(0.05);
      return jsonwebtoken.sign(content, unsigned ? undefined : keys.tokens, {
        algorithm: unsigned ? 'none' : algorithm,
        allowInsecureKeySizes: true,
        ...(header && { header }),
      });
    } catch {
      // jsonwebtoken refuses this one: use another
    }
  }
  return jsonwebtoken.sign({ id: 1 }, 'secret');
}

function decodeCase(random, jsonwebtoken) {
  const made = verifyCase(random, jsonwebtoken);
  const chosen = random.pick([
    undefined,
    { complete: true },
    { json: true },
    { complete: true, json: true },
    { complete: 1 },
    null,
  ]);
  return { kind: 'decode', arguments: [made.arguments[0], chosen], keys: made.keys };
}

/** @param {object} random @param {object} jsonwebtoken the real one: makes the tokens */
function makeCase(random, jsonwebtoken) {
  const kind = random.unit();
  if (kind < 0.45) return signCase(random);
  return kind < 0.9 ? verifyCase(random, jsonwebtoken) : decodeCase(random, jsonwebtoken);
}

module.exports = { NOW, makeCase };
