'use strict';
// The deliberate differences from jsonwebtoken 9.0.3, in one table. docs/drop-in.md is generated from it (node
// test/deviations.js), test/26.deviations.js runs every example with both libraries, and the differential test accepts
// only the differences that `covers` describes.

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { PAIRS, encrypted, pem } = require('./support/keys');

const encode = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token of any two parts, rightly signed with HS256. */
function forgeParts(header, payload, secret = 'secret') {
  const input = `${header}.${payload}`;
  return `${input}.${crypto.createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const forge = (header, payload, secret) => forgeParts(encode(header), encode(payload), secret);

const JWT = { alg: 'HS256', typ: 'JWT' };
const RAW = /^(TypeError|SyntaxError|RangeError)$/;
const isTokenError = (outcome, ...messages) =>
  outcome.error === 'JsonWebTokenError' && messages.includes(outcome.message);
/** A token without payload or signature: jsonwebtoken's streams never end. */
const isNeverTold = (token) => token.includes('..') || token.endsWith('.');
const chosen = (made, name) => made.arguments[2]?.[name];

/** The type of the key that a case was given; undefined where it is no half of a key pair. */
function keyTypeOf(made) {
  const [, material] = made.arguments;
  if (material instanceof crypto.KeyObject) return typeName(material);
  for (const parse of [crypto.createPrivateKey, crypto.createPublicKey]) {
    try {
      return typeName(parse(material));
    } catch {
      // not of this kind
    }
  }
  return undefined;
}

const typeName = (key) => (key.asymmetricKeyDetails?.namedCurve === 'secp256k1' ? 'secp256k1' : key.asymmetricKeyType);

/** What becomes the process' uncaught exception. */
async function uncaught(call) {
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  try {
    return await new Promise((resolve) => {
      process.once('uncaughtException', (error) => resolve(error.message));
      call();
      setTimeout(resolve, 50, 'nothing');
    });
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
}

/** A caught callback protocol: how often it came, and whether before the call had returned. */
function callbacks(call) {
  const seen = { early: 0, all: 0 };
  let returned = false;
  call(() => {
    seen.all++;
    if (!returned) seen.early++;
  });
  returned = true;
  return new Promise((resolve) =>
    setTimeout(() => resolve(`${seen.all} time(s), ${seen.early} before the call returned`), 20),
  );
}

/**
 * `example(jwt)` runs on both libraries; `theirs` and `ours` are what its outcome must be: a RegExp on the error's
 * "Class: message", or on the value as JSON. `covers(theirs, ours, made)` tells the differential test that this row
 * explains a difference.
 */
const DEVIATIONS = [
  {
    id: 'callback-once',
    jsonwebtoken:
      'can call the callback of `sign` several times (a claim set in both payload and options) or never ' +
      '(`none`, an empty payload)',
    signet: 'exactly once',
    why: 'a promise around it would hang, or a response be sent twice',
    example: (jwt) =>
      callbacks((done) => jwt.sign({ aud: 'a', iss: 'b' }, 'secret', { audience: 'x', issuer: 'y' }, done)),
    theirs: /^"[23] time/,
    ours: /^"1 time/,
    covers: (theirs, ours, made) =>
      made.kind === 'sign' &&
      ours.times === 1 &&
      (theirs.times > 1
        ? theirs.message === ours.message && theirs.when === ours.when
        : theirs.times === 0 && 'value' in ours && (!made.arguments[0] || isNeverTold(ours.value))),
  },
  {
    id: 'callback-throws',
    jsonwebtoken: 'swallows what the callback of a successful `sign` throws',
    signet: 'it becomes an `uncaughtException` of the process',
    why: 'a bug in a handler must not leave a request without an answer',
    example: (jwt) =>
      uncaught(() =>
        jwt.sign({}, 'secret', () => {
          throw new Error('from the callback');
        }),
      ),
    theirs: /^"nothing/,
    ours: /^"from the callback/,
  },
  {
    id: 'getkey',
    jsonwebtoken:
      'if `getKey` answers synchronously, the callback is called before `verify` returns; ' +
      'what it throws goes to the caller of `verify`; a promise that it returns is ignored',
    signet:
      'the callback is always called later, as a promise reaction; ' +
      'what `getKey` throws or rejects with is `error in secret or public key callback: …`; ' +
      'the fulfilled value of a promise, unless undefined, is the key; the first answer counts',
    why: 'signatures are checked on another thread; an async function is a valid getKey',
    example: (jwt) =>
      callbacks((done) => jwt.verify(forge(JWT, { a: 1 }), (header, answer) => answer(null, 'secret'), done)),
    theirs: /1 before/,
    ours: /0 before/,
  },
  {
    id: 'no-raw-errors',
    jsonwebtoken:
      'a hostile token or option can cause a raw TypeError or SyntaxError, and so can a number as payload ' +
      'with a callback',
    signet: 'always `JsonWebTokenError` from `verify` and null from `decode`; `sign` says what is wrong',
    why: 'a handler that checks for JsonWebTokenError answers 401, not 500',
    example: (jwt) => jwt.verify(forge(JWT, '{"a":'), 'secret'),
    theirs: /^SyntaxError/,
    ours: /^JsonWebTokenError: invalid token/,
    covers: (theirs, ours, made) =>
      RAW.test(theirs.error) &&
      {
        verify: ours.error === 'JsonWebTokenError' || ours.error === 'Error',
        decode: ours.value === null,
        sign: 'error' in ours || (theirs.times === 'thrown' && typeof made.arguments[0] !== 'object'),
      }[made.kind],
  },
  {
    id: 'payload-names',
    jsonwebtoken:
      'a payload with an own member named `toString`, `valueOf`, `constructor` or `__proto__` throws ' +
      '`validator.isValid is not a function`',
    signet: 'it is signed like any other',
    why: 'these are valid member names',
    example: (jwt) => jwt.decode(jwt.sign({ toString: 1 }, 'secret', { noTimestamp: true })),
    theirs: /^TypeError: validator/,
    ours: /"toString":1/,
    covers: (theirs, ours, made) => made.kind === 'sign' && theirs.message === 'validator.isValid is not a function',
  },
  {
    id: 'canonical-base64url',
    jsonwebtoken: 'the last character of a part may have stray bits, so several strings are the same token',
    signet: '`invalid token` or `invalid signature`',
    why: 'RFC 7515 section 2; a revoked token could return in another spelling',
    example: (jwt) => jwt.verify(forgeParts(encode(JWT), encode('{"a":10}').replace(/.$/, nextLetter)), 'secret'),
    theirs: /"a":10/,
    ours: /^JsonWebTokenError: invalid token/,
    covers: (theirs, ours, made) => made.kind !== 'sign' && hasStrayBits(made.arguments[0]),
  },
  {
    id: 'header-object',
    jsonwebtoken: 'accepts any JSON value as header (`[]`, `"x"`), and headers with duplicate members',
    signet: '`invalid token`; `decode` returns null',
    why: 'RFC 7515 section 4: two parsers of one header must not see two algorithms',
    example: (jwt) => jwt.decode(forge('{"alg":"none","alg":"HS256"}', '{}'), { complete: true }),
    theirs: /"alg":"HS256"/,
    ours: /^null/,
    covers: (theirs, ours, made) =>
      made.kind !== 'sign' &&
      !isCleanObject(made.arguments[0]?.split?.('.')[0]) &&
      (isTokenError(ours, 'invalid token') || ours.value === null),
  },
  {
    id: 'payload-twice',
    jsonwebtoken: 'if a payload has duplicate members, the last one counts',
    signet: '`invalid token`',
    why: 'another parser may take the first one',
    example: (jwt) => jwt.verify(forge(JWT, '{"id":"jane","id":"john"}'), 'secret'),
    theirs: /"john"/,
    ours: /^JsonWebTokenError: invalid token/,
  },
  {
    id: 'json-in-a-string',
    jsonwebtoken: 'a payload that is a JSON string containing an object is read as that object',
    signet: '`verify`: `invalid token`',
    why: 'no signer makes such tokens; claims are parsed once, from one text',
    example: (jwt) => jwt.verify(forge(JWT, '"{\\"a\\":1}"'), 'secret'),
    theirs: /"a":1/,
    ours: /^JsonWebTokenError: invalid token/,
    covers: (theirs, ours, made) =>
      made.kind !== 'sign' &&
      (isTokenError(ours, 'invalid token') || ours.value === null) &&
      !isCleanObject(made.arguments[0]?.split?.('.')[1]),
  },
  {
    id: 'crit',
    jsonwebtoken: 'ignores `crit` in the header',
    signet: '`invalid token`',
    why: 'RFC 7515 section 4.1.11: extensions that are not understood must be rejected',
    example: (jwt) => jwt.verify(forge({ ...JWT, crit: ['exp'] }, { a: 1 }), 'secret'),
    theirs: /"a":1/,
    ours: /^JsonWebTokenError: invalid token/,
  },
  {
    id: 'limits',
    jsonwebtoken: 'accepts tokens and headers of any size, and JSON of any depth',
    signet:
      'a token over 64 KiB is `jwt malformed`; a header over 4 KiB or 32 members, or a payload deeper than ' +
      '64, is `invalid token`',
    why: 'the sender of a token must not decide what it costs',
    example: (jwt) => jwt.verify(forge(JWT, { a: 'x'.repeat(70_000) }), 'secret').a.length,
    theirs: /^70000/,
    ours: /^JsonWebTokenError: jwt malformed/,
  },
  {
    id: 'numbers',
    jsonwebtoken: '`"exp": 1e999` is a number, so the token never expires',
    signet: '`invalid exp value`',
    why: 'NumericDate is a finite number',
    example: (jwt) => jwt.verify(forge(JWT, '{"a":1,"exp":1e999}'), 'secret').a,
    theirs: /^1/,
    ours: /^JsonWebTokenError: invalid (exp value|token)/,
  },
  {
    id: 'public-as-secret',
    jsonwebtoken:
      'with HS256, `sign` accepts a public key in PEM as a secret, and `verify` accepts any other encoding ' +
      'of half of a key pair (OpenSSH, DER, JWK, base64, hex, …), public or private',
    signet: 'refused, in `sign` and `verify`, in every encoding that can be told from a secret',
    why: 'RFC 8725 section 3.1: anyone with the public key could sign',
    example: (jwt) => jwt.sign({}, pem(PAIRS.rsa().publicKey)).length > 0,
    theirs: /^true/,
    ours: /^Error: secretOrPrivateKey must be a symmetric key when using HS256/,
    covers: (theirs, ours, made) =>
      made.kind === 'sign' && /PUBLIC KEY/.test(String(made.arguments[1])) && ours.error === 'Error',
  },
  {
    id: 'broken-pem',
    jsonwebtoken: 'a PEM that cannot be read (truncated, or encrypted without its passphrase) becomes an HMAC secret',
    signet: '`secretOrPrivateKey is not valid key material`',
    why: 'a deployment mistake must not become a secret',
    example: (jwt) => jwt.sign({}, encrypted(PAIRS.p256().privateKey)).length > 0,
    theirs: /^true/,
    ours: /^Error: secretOrPrivateKey is not valid key material/,
  },
  {
    id: 'empty-secret',
    jsonwebtoken:
      'accepts an empty Buffer as a secret, and an empty string if the algorithm is `none` and the header ' +
      'names another',
    signet: '`secretOrPrivateKey must have a value`',
    why: 'anyone can sign with it',
    example: (jwt) => jwt.sign({}, Buffer.alloc(0)).length > 0,
    theirs: /^true/,
    ours: /^Error: secretOrPrivateKey must have a value/,
    covers: (theirs, ours, made) =>
      made.kind === 'sign' &&
      'value' in theirs &&
      ours.message === 'secretOrPrivateKey must have a value' &&
      made.arguments[1]?.length === 0,
  },
  {
    id: 'algorithms-string',
    jsonwebtoken: "if `algorithms` is a string, it is searched for the token's algorithm as a substring",
    signet: 'a string is one exact name',
    why: '`"RS256,HS256"` would allow both',
    example: (jwt) => jwt.verify(forge(JWT, { a: 1 }), 'secret', { algorithms: 'RS256,HS256' }),
    theirs: /"a":1/,
    ours: /^JsonWebTokenError: invalid algorithm/,
  },
  {
    id: 'expected-strings',
    jsonwebtoken:
      'does not check an `issuer` that is neither a string nor an array; ' +
      'searches arrays for values that the token lacks',
    signet: 'only strings match',
    why: 'a misspelled option must not disable a check',
    example: (jwt) => jwt.verify(forge(JWT, { a: 1 }), 'secret', { issuer: { name: 'me' } }),
    theirs: /"a":1/,
    ours: /^JsonWebTokenError: jwt issuer invalid/,
    covers: (theirs, ours, made) =>
      made.kind === 'verify' &&
      [5].some((odd) => ['audience', 'issuer', 'subject', 'jwtid'].some((name) => chosen(made, name) === odd)),
  },
  {
    id: 'audience-pattern',
    jsonwebtoken: 'matches a RegExp audience against the text "undefined" if the token has no `aud`',
    signet: 'a token without `aud` matches no audience',
    why: '`/.*/` is not meant to make `aud` optional',
    example: (jwt) => jwt.verify(forge(JWT, { a: 1 }), 'secret', { audience: /.*/ }),
    theirs: /"a":1/,
    ours: /^JsonWebTokenError: jwt audience invalid/,
  },
  {
    id: 'tolerance-number',
    jsonwebtoken: '`clockTolerance: "5"` is concatenated to `exp`, so the token never expires',
    signet: '`clockTolerance must be a number`',
    why: 'options come from environment variables',
    example: (jwt) => jwt.verify(forge(JWT, { a: 1, exp: 1000 }), 'secret', { clockTolerance: '9999999' }).a,
    theirs: /^1/,
    ours: /^JsonWebTokenError: clockTolerance must be a number/,
  },
  {
    id: 'options-off',
    jsonwebtoken:
      '`maxAge: 0`, `maxAge: NaN`, `audience: ""`, `issuer: null`, `clockTolerance: ' +
      'Infinity`, `ignoreExpiration: "false"` silently disable a check; ' +
      '`algorithms: ""` allows all algorithms that fit the key',
    signet:
      'a value that would disable a check is an error; only `undefined` (and `clockTimestamp: 0`) means "not set"',
    why: 'an unset environment variable must not disable a check',
    example: (jwt) => jwt.verify(forge(JWT, { a: 1, iat: 1000 }), 'secret', { maxAge: 0 }).a,
    theirs: /^1/,
    ours: /^JsonWebTokenError: "maxAge" should be a number of seconds/,
    covers: (theirs, ours, made) =>
      made.kind === 'verify' &&
      /^\w+ must be |^"maxAge" should be /.test(ours.message) &&
      made.arguments[2] !== null &&
      typeof made.arguments[2] === 'object' &&
      cannotBeMeant(chosen(made, ours.message.match(/\w+/)[0])),
  },
  {
    id: 'pattern-state',
    jsonwebtoken:
      'a RegExp audience with the flag `g` or `y` continues where its last match ended, so it alternates ' +
      'between match and no match',
    signet: 'always matches from the beginning',
    why: 'a check must not depend on earlier calls',
    example: (jwt) => {
      const options = { audience: /^me$/g };
      return [1, 2, 3].map(() => {
        try {
          return jwt.verify(forge(JWT, { aud: 'me' }), 'secret', options).aud;
        } catch {
          return 'refused';
        }
      });
    },
    theirs: /^\["me","refused","me"\]/,
    ours: /^\["me","me","me"\]/,
  },
  {
    id: 'header-utf8',
    jsonwebtoken: 'truncates non-ASCII characters in a header to one byte each',
    signet: 'UTF-8; a header that is not valid UTF-8 is `invalid token`',
    why: 'RFC 7515 section 3',
    example: (jwt) => jwt.sign({}, 'secret', { keyid: 'ключ', noTimestamp: true }).split('.')[0],
    theirs: new RegExp(Buffer.from('{"alg":"HS256","typ":"JWT","kid":"ключ"}', 'latin1').toString('base64url')),
    ours: new RegExp(encode('{"alg":"HS256","typ":"JWT","kid":"ключ"}')),
  },
  {
    id: 'more-algorithms',
    jsonwebtoken:
      'does not support EdDSA, ES256K or ML-DSA: `"algorithm" must be a valid string enum value`, `Unknown ' +
      'key type "ed25519".`',
    signet:
      'supports them. If such a key is used with another algorithm, the message names the right one. ' +
      'Without `algorithms`, `verify` allows an Ed25519, Ed448 or ML-DSA key its own algorithm (ES256K must ' +
      'be named)',
    why: 'an addition',
    example: (jwt) => jwt.sign({}, PAIRS.ed25519().privateKey, { algorithm: 'EdDSA' }).length > 0,
    theirs: /^Error: "algorithm" must be a valid string enum value/,
    ours: /^true/,
    covers: (theirs, ours, made) =>
      ['ed25519', 'ed448', 'secp256k1', 'x25519'].includes(keyTypeOf(made)) &&
      (/Unknown key type|must be an asymmetric key|requires curve/.test(theirs.message) ||
        /EdDSA|ES256K/.test(ours.message)),
  },
  {
    id: 'allow-invalid-types',
    jsonwebtoken:
      '`allowInvalidAsymmetricKeyTypes` allows any key with any algorithm, and passes on the errors of OpenSSL',
    signet:
      'the option lifts the table of key types, but combinations that the algorithm does not define (RS256 ' +
      'with an EC or Ed25519 key, a hash that an RSA-PSS key forbids) are still refused',
    why: 'no other library could verify the token',
    example: (jwt) =>
      jwt.sign({}, PAIRS.p256().privateKey, {
        algorithm: 'RS256',
        allowInvalidAsymmetricKeyTypes: true,
        allowInsecureKeySizes: true,
      }).length > 0,
    theirs: /^true/,
    ours: /^Error: a key of type "ec" cannot do RS256, whatever allowInvalidAsymmetricKeyTypes says/,
    covers: (theirs, ours, made) =>
      chosen(made, 'allowInvalidAsymmetricKeyTypes') === true &&
      (/must be one of|cannot do/.test(ours.message) ||
        // OpenSSL's own words
        (/^error:|^Unsupported crypto operation$/.test(theirs.message) && isTokenError(ours, 'invalid algorithm'))),
  },
  {
    id: 'jwk',
    jsonwebtoken: 'a bare JWK, a secret as a JWK, or `{ keys }` is not key material',
    signet: 'a JWK is a key; for a set, use `createKey(set, { kid })`',
    why: 'an addition',
    example: (jwt) => jwt.sign({}, { kty: 'oct', k: 'c2VjcmV0LXNlY3JldC1zZWNyZXQ' }).length > 0,
    theirs: /^Error: secretOrPrivateKey is not valid key material/,
    ours: /^true/,
  },
  {
    id: 'hidden-options',
    jsonwebtoken: '`verify` ignores an option that is not enumerable, is inherited, or comes only from a Proxy',
    signet: 'uses it, as `sign` does in both libraries',
    why: 'a check that you ask for must not be skipped',
    example: (jwt) =>
      jwt.verify(forge(JWT, { a: 1 }), 'secret', Object.defineProperty({}, 'audience', { value: 'mine' })),
    theirs: /^\{"a":1\}/,
    ours: /^JsonWebTokenError: jwt audience invalid/,
  },
  {
    id: 'code',
    jsonwebtoken: 'errors have no code',
    signet:
      'errors have an own property `code` (`ERR_TOKEN_EXPIRED`, …). ' +
      'It is not enumerable, so errors print and serialize as before',
    why: 'an addition',
    example: (jwt) => {
      try {
        return jwt.verify('a', 'secret');
      } catch (error) {
        return { code: error.code, json: JSON.stringify(error) };
      }
    },
    theirs: /^\{"json"/,
    ours: /^\{"code":"ERR_TOKEN_INVALID","json":"\{\\"name/,
  },
];

/** A value that disables the check for which it is passed. */
const cannotBeMeant = (value) =>
  value !== undefined && (!value || Math.abs(value) === Infinity || typeof value === 'string');

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The letter after it: in the last place of 8 bytes, the same bytes in another spelling. */
const nextLetter = (letter) => LETTERS[LETTERS.indexOf(letter) + 1];

function hasStrayBits(token) {
  return (
    typeof token === 'string' &&
    token.split('.').some((part) => Buffer.from(part, 'base64').toString('base64url') !== part)
  );
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

/** Whether a part is a JSON object in UTF-8; a member that stands twice is not looked for here. */
function isCleanObject(part) {
  try {
    const value = JSON.parse(strictUtf8.decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const PAGE = path.join(__dirname, '..', 'docs', 'drop-in.md');

/** The page's table: what stands between its two marks. */
function table() {
  const rows = DEVIATIONS.map(
    ({ id, jsonwebtoken, signet, why }) => `| ${id} | ${jsonwebtoken} | ${signet} | ${why} |`,
  );
  return ['| | jsonwebtoken 9.0.3 | Signet | why |', '|---|---|---|---|', ...rows].join('\n');
}

const MARKS = ['<!-- deviations: node test/deviations.js -->', '<!-- end of deviations -->'];

if (require.main === module) {
  const page = fs.readFileSync(PAGE, 'utf8');
  const [before, after] = [page.split(MARKS[0])[0], page.split(MARKS[1])[1]];
  fs.writeFileSync(PAGE, `${before}${MARKS[0]}\n${table()}\n${MARKS[1]}${after}`);
}

module.exports = { DEVIATIONS, MARKS, PAGE, forge, forgeParts, table };
