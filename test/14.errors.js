'use strict';
// Causes every error of the drop-in functions, and compares it with jsonwebtoken's if that has the same.

const assert = require('node:assert');
const jsonwebtoken = require('jsonwebtoken');
const signet = require('../lib/index.js');
const { PAIRS, pem } = require('./support/keys');
const { outcomeOf } = require('./support/outcome');

const NOW = 1_750_000_000;
const privateOf = (name) => pem(PAIRS[name]().privateKey);
const publicOf = (name) => pem(PAIRS[name]().publicKey);

/** [arguments of sign, message]: all are plain errors. */
const SIGN_ERRORS = [
  [() => [{}, ''], 'secretOrPrivateKey must have a value'],
  [() => [{}, undefined], 'secretOrPrivateKey must have a value'],
  [() => [{}, 5], 'secretOrPrivateKey is not valid key material'],
  [() => [{}, { nonsense: 1 }], 'secretOrPrivateKey is not valid key material'],
  [() => [{}, privateOf('rsa')], 'secretOrPrivateKey must be a symmetric key when using HS256'],
  [() => [{}, 'secret', { algorithm: 'RS256' }], 'secretOrPrivateKey must be an asymmetric key when using RS256'],
  [
    () => [{}, PAIRS.rsa().publicKey, { algorithm: 'RS256' }],
    'secretOrPrivateKey must be an asymmetric key when using RS256',
  ],
  [
    () => [{}, privateOf('smallRsa'), { algorithm: 'RS256' }],
    'secretOrPrivateKey has a minimum key size of 2048 bits for RS256',
  ],
  [() => [undefined, 'secret'], 'payload is required'],
  [() => [[], 'secret'], 'Expected "payload" to be a plain object.'],
  [() => [null, 'secret'], 'Expected "payload" to be a plain object.'],
  [() => [new Date(), 'secret'], 'Expected "payload" to be a plain object.'],
  [() => [{}, 'secret', 'text'], 'Expected "options" to be a plain object.'],
  [() => [{}, 'secret', []], 'Expected "options" to be a plain object.'],
  [() => [{ iat: 'now' }, 'secret'], '"iat" should be a number of seconds'],
  [() => [{ exp: '1' }, 'secret'], '"exp" should be a number of seconds'],
  [() => [{ exp: undefined }, 'secret'], '"exp" should be a number of seconds'],
  [() => [{ nbf: {} }, 'secret'], '"nbf" should be a number of seconds'],
  [() => ['text', 'secret', { issuer: 'a', expiresIn: 1 }], 'invalid expiresIn,issuer option for string payload'],
  [() => [Buffer.from('x'), 'secret', { noTimestamp: true }], 'invalid noTimestamp option for object payload'],
  [() => [5, 'secret', { jwtid: 'j', subject: 's' }], 'invalid subject,jwtid option for number payload'],
  [
    () => [{ exp: 1 }, 'secret', { expiresIn: 1 }],
    'Bad "options.expiresIn" option the payload already has an "exp" property.',
  ],
  [
    () => [{ nbf: 1 }, 'secret', { notBefore: 1 }],
    'Bad "options.notBefore" option the payload already has an "nbf" property.',
  ],
  [
    () => [{ aud: 'a' }, 'secret', { audience: 'a' }],
    'Bad "options.audience" option. The payload already has an "aud" property.',
  ],
  [
    () => [{ iss: 'a' }, 'secret', { issuer: 'a' }],
    'Bad "options.issuer" option. The payload already has an "iss" property.',
  ],
  [
    () => [{ sub: 'a' }, 'secret', { subject: 'a' }],
    'Bad "options.subject" option. The payload already has an "sub" property.',
  ],
  [
    () => [{ jti: 'a' }, 'secret', { jwtid: 'a' }],
    'Bad "options.jwtid" option. The payload already has an "jti" property.',
  ],
  [() => [{}, 'secret', { nonsense: 1 }], '"nonsense" is not allowed in "options"'],
  [
    () => [{}, 'secret', { expiresIn: 1.5 }],
    '"expiresIn" should be a number of seconds or string representing a timespan',
  ],
  [
    () => [{}, 'secret', { expiresIn: '' }],
    '"expiresIn" should be a number of seconds or string representing a timespan',
  ],
  [
    () => [{}, 'secret', { expiresIn: undefined }],
    '"expiresIn" should be a number of seconds or string representing a timespan',
  ],
  [
    () => [{}, 'secret', { expiresIn: 'soon' }],
    '"expiresIn" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
  ],
  [
    () => [{}, 'secret', { notBefore: null }],
    '"notBefore" should be a number of seconds or string representing a timespan',
  ],
  [
    () => [{}, 'secret', { notBefore: 'x'.repeat(101) }],
    '"notBefore" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
  ],
  [() => [{}, 'secret', { audience: 5 }], '"audience" must be a string or array'],
  [() => [{}, 'secret', { algorithm: 'HS1' }], '"algorithm" must be a valid string enum value', 'early'],
  [() => [{}, 'secret', { algorithm: 'hs256' }], '"algorithm" must be a valid string enum value'],
  [() => [{}, 'secret', { algorithm: undefined }], '"algorithm" must be a valid string enum value'],
  [() => [{}, 'secret', { header: [] }], '"header" must be an object'],
  ...['encoding', 'issuer', 'subject', 'jwtid', 'keyid'].map((name) => [
    () => [{}, 'secret', { [name]: 5 }],
    `"${name}" must be a string`,
  ]),
  ...['noTimestamp', 'mutatePayload', 'allowInsecureKeySizes', 'allowInvalidAsymmetricKeyTypes'].map((name) => [
    () => [{}, 'secret', { [name]: 5 }],
    `"${name}" must be a boolean`,
  ]),
  [() => [{}, PAIRS.x25519().privateKey, { algorithm: 'ES256' }], 'Unknown key type "x25519".'],
  [
    () => [{}, privateOf('rsa'), { algorithm: 'ES256' }],
    '"alg" parameter for "rsa" key type must be one of: RS256, PS256, RS384, PS384, RS512, PS512.',
  ],
  [
    () => [{}, privateOf('p256'), { algorithm: 'RS256' }],
    '"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.',
  ],
  [
    () => [{}, privateOf('pss'), { algorithm: 'RS256' }],
    '"alg" parameter for "rsa-pss" key type must be one of: PS256, PS384, PS512.',
  ],
  [() => [{}, privateOf('p384'), { algorithm: 'ES256' }], '"alg" parameter "ES256" requires curve "prime256v1".'],
  [() => [{}, privateOf('p256'), { algorithm: 'ES384' }], '"alg" parameter "ES384" requires curve "secp384r1".'],
  [() => [{}, privateOf('p256'), { algorithm: 'ES512' }], '"alg" parameter "ES512" requires curve "secp521r1".'],
  [
    () => [{}, privateOf('pss'), { algorithm: 'PS384' }],
    'Invalid key for this operation, its RSA-PSS parameters do not meet the requirements of "alg" PS384.',
  ],
  [
    () => [{}, privateOf('pssLongSalt'), { algorithm: 'PS256' }],
    'Invalid key for this operation, its RSA-PSS parameter saltLength does not meet the requirements of "alg" PS256.',
  ],
  // where two things are wrong, the first in jsonwebtoken's order is named
  [() => [[], '', { nonsense: 1 }], 'secretOrPrivateKey must have a value'],
  [() => [[], privateOf('rsa')], 'secretOrPrivateKey must be a symmetric key when using HS256'],
  [() => [{ big: 1n }, privateOf('rsa')], 'secretOrPrivateKey must be a symmetric key when using HS256'],
  [
    () => [{ big: 1n }, 'secret', { algorithm: 'RS256' }],
    'secretOrPrivateKey must be an asymmetric key when using RS256',
  ],
  [
    () => [
      {
        get id() {
          throw new Error('not now');
        },
      },
      'secret',
      { algorithm: 'RS256' },
    ],
    'secretOrPrivateKey must be an asymmetric key when using RS256',
  ],
  [() => [[], 'secret', { nonsense: 1 }], 'Expected "payload" to be a plain object.'],
  [
    () => [{ exp: 1 }, 'secret', { expiresIn: 1, nonsense: 1 }],
    'Bad "options.expiresIn" option the payload already has an "exp" property.',
  ],
  [() => [{}, privateOf('p256'), { algorithm: 'RS256', nonsense: 1 }], '"nonsense" is not allowed in "options"'],
  [
    () => [{ aud: 'a' }, privateOf('p256'), { algorithm: 'RS256', audience: 'a' }],
    '"alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.',
  ],
];

const good = () => jsonwebtoken.sign({ id: 1, iat: NOW }, 'secret');
const signed = (claims, options) => jsonwebtoken.sign({ iat: NOW, ...claims }, 'secret', options);

/** [arguments of verify, class, message] */
const VERIFY_ERRORS = [
  [() => [good(), 'secret', { clockTimestamp: '5' }], 'JsonWebTokenError', 'clockTimestamp must be a number'],
  [() => [good(), 'secret', { nonce: ' ' }], 'JsonWebTokenError', 'nonce must be a non-empty string'],
  [() => [good(), 'secret', { nonce: 5 }], 'JsonWebTokenError', 'nonce must be a non-empty string'],
  [
    () => [good(), 'secret', { allowInvalidAsymmetricKeyTypes: 1 }],
    'JsonWebTokenError',
    'allowInvalidAsymmetricKeyTypes must be a boolean',
  ],
  [() => [undefined, 'secret'], 'JsonWebTokenError', 'jwt must be provided'],
  [() => ['', 'secret'], 'JsonWebTokenError', 'jwt must be provided'],
  [() => [{}, 'secret'], 'JsonWebTokenError', 'jwt must be a string'],
  [() => ['a.b', 'secret'], 'JsonWebTokenError', 'jwt malformed'],
  [() => ['a.b.c.d', 'secret'], 'JsonWebTokenError', 'jwt malformed'],
  [() => [`${good()}.${'x'.repeat(10)}`, 'secret'], 'JsonWebTokenError', 'jwt malformed'],
  [() => ['a.b.c', 'secret'], 'JsonWebTokenError', 'invalid token'],
  [
    () => [good(), () => {}],
    'JsonWebTokenError',
    'verify must be called asynchronous if secret or public key is provided as a callback',
  ],
  [() => [good().replace(/[^.]+$/, ''), 'secret'], 'JsonWebTokenError', 'jwt signature is required'],
  [() => [good()], 'JsonWebTokenError', 'secret or public key must be provided'],
  [
    () => [good().replace(/[^.]+$/, '')],
    'JsonWebTokenError',
    'please specify "none" in "algorithms" to verify unsigned tokens',
  ],
  [() => [good(), 5], 'JsonWebTokenError', 'secretOrPublicKey is not valid key material'],
  [() => [good(), 'secret', { algorithms: ['HS512'] }], 'JsonWebTokenError', 'invalid algorithm'],
  [() => [good(), publicOf('rsa')], 'JsonWebTokenError', 'invalid algorithm'],
  [
    () => [good(), publicOf('rsa'), { algorithms: ['HS256'] }],
    'JsonWebTokenError',
    'secretOrPublicKey must be a symmetric key when using HS256',
  ],
  [
    () => [jsonwebtoken.sign({}, privateOf('rsa'), { algorithm: 'RS256' }), 'secret', { algorithms: ['RS256'] }],
    'JsonWebTokenError',
    'secretOrPublicKey must be an asymmetric key when using RS256',
  ],
  [() => [good(), 'other'], 'JsonWebTokenError', 'invalid signature'],
  [() => [jsonwebtoken.sign('{"nbf":"1"}', 'secret'), 'secret'], 'JsonWebTokenError', 'invalid nbf value'],
  [() => [jsonwebtoken.sign('{"exp":"1"}', 'secret'), 'secret'], 'JsonWebTokenError', 'invalid exp value'],
  [
    () => [signed({ aud: 'x' }), 'secret', { audience: ['a', /b/] }],
    'JsonWebTokenError',
    'jwt audience invalid. expected: a or /b/',
  ],
  [
    () => [signed({ iss: 'x' }), 'secret', { issuer: ['a', 'b'] }],
    'JsonWebTokenError',
    'jwt issuer invalid. expected: a,b',
  ],
  [() => [signed({ sub: 'x' }), 'secret', { subject: 'a' }], 'JsonWebTokenError', 'jwt subject invalid. expected: a'],
  [() => [signed({ jti: 'x' }), 'secret', { jwtid: 'a' }], 'JsonWebTokenError', 'jwt jwtid invalid. expected: a'],
  [() => [signed({ nonce: 'x' }), 'secret', { nonce: 'a' }], 'JsonWebTokenError', 'jwt nonce invalid. expected: a'],
  [
    () => [jsonwebtoken.sign({}, 'secret', { noTimestamp: true }), 'secret', { maxAge: 5 }],
    'JsonWebTokenError',
    'iat required when maxAge is specified',
  ],
  [
    () => [good(), 'secret', { maxAge: 'soon' }],
    'JsonWebTokenError',
    '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
  ],
  [
    () => [good(), 'secret', { maxAge: {} }],
    'JsonWebTokenError',
    '"maxAge" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60',
  ],
  [() => [signed({ exp: NOW - 1 }), 'secret'], 'TokenExpiredError', 'jwt expired'],
  [() => [signed({ iat: NOW - 60 }), 'secret', { maxAge: 60 }], 'TokenExpiredError', 'maxAge exceeded'],
  [() => [signed({ nbf: NOW + 1 }), 'secret'], 'NotBeforeError', 'jwt not active'],
  [
    () => [
      jsonwebtoken.sign({}, privateOf('p256'), { algorithm: 'ES256' }),
      publicOf('rsa'),
      { algorithms: ['ES256'] },
    ],
    'Error',
    '"alg" parameter for "rsa" key type must be one of: RS256, PS256, RS384, PS384, RS512, PS512.',
  ],
  [
    () => [jsonwebtoken.sign({}, privateOf('p256'), { algorithm: 'ES256' }), publicOf('p384')],
    'Error',
    '"alg" parameter "ES256" requires curve "prime256v1".',
  ],
];

const CODES = ['ERR_TOKEN_MISSING', 'ERR_TOKEN_INVALID', 'ERR_TOKEN_EXPIRED', 'ERR_KEY', 'ERR_OPTION'];

const caught = (call) => {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'nothing was thrown' });
};

describe('14 errors', () => {
  const realNow = Date.now;
  before(() => {
    Date.now = () => NOW * 1000;
  });
  after(() => {
    Date.now = realNow;
  });

  for (const [given, message] of SIGN_ERRORS) {
    it(`sign: ${message}`, () => {
      const error = caught(() => signet.sign(...given()));
      assert.strictEqual(error.message, message);
      assert.strictEqual(error.constructor, Error);
      assert.ok(CODES.includes(error.code), error.code);
      if (!message.startsWith('"alg" parameter for "') && message !== '"algorithm" must be a valid string enum value') {
        assert.deepStrictEqual(
          outcomeOf(() => signet.sign(...given())),
          outcomeOf(() => jsonwebtoken.sign(...given())),
        );
      }
    });
  }

  for (const [given, kind, message] of VERIFY_ERRORS) {
    it(`verify: ${message} (${kind})`, () => {
      const error = caught(() => signet.verify(...given()));
      assert.strictEqual(error.message, message);
      assert.strictEqual(error.constructor.name, kind);
      assert.ok(CODES.includes(error.code), error.code);
      assert.ok(error.stack.startsWith(`${error.name}: ${message.split('\n')[0]}`), error.stack.split('\n')[0]);
      const token = given();
      assert.deepStrictEqual(
        outcomeOf(() => signet.verify(...token)),
        outcomeOf(() => jsonwebtoken.verify(...token)),
      );
    });
  }

  it("has the own properties of jsonwebtoken's errors, and so prints and serializes alike", () => {
    const given = [signed({ exp: NOW - 1 }), 'secret'];
    const [ours, theirs] = [signet, jsonwebtoken].map((jwt) => caught(() => jwt.verify(...given)));
    assert.deepStrictEqual(Object.keys(ours), Object.keys(theirs));
    assert.strictEqual(JSON.stringify(ours), JSON.stringify(theirs));
    assert.strictEqual(ours.code, 'ERR_TOKEN_EXPIRED');
  });

  it("error classes can be constructed and extended like jsonwebtoken's", () => {
    const inner = new Error('cause');
    const error = new signet.JsonWebTokenError('text', inner);
    assert.deepStrictEqual(
      [error.name, error.message, error.inner, error instanceof Error],
      ['JsonWebTokenError', 'text', inner, true],
    );
    class Mine extends signet.TokenExpiredError {}
    const mine = new Mine('late', new Date(5));
    assert.ok(
      mine instanceof signet.JsonWebTokenError && mine.expiredAt.getTime() === 5 && mine.code === 'ERR_TOKEN_EXPIRED',
    );
    function Old(message) {
      signet.JsonWebTokenError.call(this, message);
    }
    Old.prototype = Object.create(signet.JsonWebTokenError.prototype);
    assert.strictEqual(new Old('old').message, 'old');
  });

  it('never contains a token or a secret', () => {
    const secret = 'an-unmistakable-secret';
    const token = jsonwebtoken.sign({ id: 'unmistakable-claim' }, secret);
    const shown = [
      () => signet.verify(token, 'other'),
      () => signet.verify(`${token}x`, secret),
      () => signet.verify(token, { key: secret }),
      () => signet.sign({}, { key: secret }),
      () => signet.sign({}, secret, { algorithm: 'RS256' }),
    ].map((call) => require('node:util').inspect(caught(call), { showHidden: true }));
    for (const text of shown) for (const part of [secret, ...token.split('.')]) assert.ok(!text.includes(part), text);
  });
});
