'use strict';
const assert = require('node:assert');
const { sign, verify, JsonWebTokenError, TokenExpiredError, NotBeforeError } = require('../lib/index.js');

const NOW = 1_750_000_000;

describe('11 verify', () => {
  const realNow = Date.now;
  beforeEach(() => {
    Date.now = () => NOW * 1000;
  });
  afterEach(() => {
    Date.now = realNow;
  });
  const at = (seconds) => {
    Date.now = () => seconds * 1000;
  };

  it('returns the payload', () => {
    assert.deepStrictEqual(verify(sign({ id: '1' }, 'secret'), 'secret'), { id: '1', iat: NOW });
  });

  it('returns header, payload and signature with `complete`', () => {
    const token = sign({ id: '1' }, 'secret', { keyid: 'k' });
    assert.deepStrictEqual(verify(token, 'secret', { complete: true }), {
      header: { alg: 'HS256', typ: 'JWT', kid: 'k' },
      payload: { id: '1', iat: NOW },
      signature: token.split('.')[2],
    });
  });

  it("refuses a token from its exp on, by the app's clock", () => {
    const token = sign({}, 'secret', { expiresIn: 30 });
    at(NOW + 29);
    verify(token, 'secret');
    at(NOW + 30);
    assert.throws(
      () => verify(token, 'secret'),
      (error) =>
        error instanceof TokenExpiredError &&
        error instanceof JsonWebTokenError &&
        error.code === 'ERR_TOKEN_EXPIRED' &&
        error.message === 'jwt expired' &&
        error.expiredAt.getTime() === (NOW + 30) * 1000,
    );
    verify(token, 'secret', { clockTolerance: 1 });
    verify(token, 'secret', { ignoreExpiration: true });
    verify(token, 'secret', { clockTimestamp: NOW });
  });

  it('refuses a token until its nbf', () => {
    const token = sign({}, 'secret', { notBefore: 30 });
    assert.throws(
      () => verify(token, 'secret'),
      (error) =>
        error instanceof NotBeforeError &&
        error.message === 'jwt not active' &&
        error.date.getTime() === (NOW + 30) * 1000,
    );
    verify(token, 'secret', { clockTolerance: 30 });
    verify(token, 'secret', { ignoreNotBefore: true });
    at(NOW + 30);
    verify(token, 'secret');
  });

  it('refuses a token older than maxAge', () => {
    const token = sign({}, 'secret');
    at(NOW + 60);
    verify(token, 'secret', { maxAge: 61 });
    verify(token, 'secret', { maxAge: '2m' });
    for (const maxAge of [60, '1m']) {
      assert.throws(
        () => verify(token, 'secret', { maxAge }),
        (error) =>
          error instanceof TokenExpiredError &&
          error.message === 'maxAge exceeded' &&
          error.expiredAt.getTime() === (NOW + 60) * 1000,
      );
    }
  });

  const audienceToken = () => sign({ aud: ['urn:a', 'urn:b'], iss: 'me', sub: 'user', jti: 'j', nonce: 'n' }, 'secret');
  const accepted = [
    { audience: 'urn:a' },
    { audience: ['x', 'urn:b'] },
    { audience: /^urn:[bc]$/ },
    { audience: ['x', /b$/], issuer: 'me' },
    { issuer: ['you', 'me'] },
    { subject: 'user' },
    { jwtid: 'j' },
    { nonce: 'n' },
    { audience: 'urn:a', issuer: 'me', subject: 'user', jwtid: 'j', nonce: 'n', maxAge: 5 },
  ];
  for (const options of accepted)
    it(`accepts ${require('node:util').inspect(options)}`, () => {
      verify(audienceToken(), 'secret', options);
    });

  const refused = [
    [{ audience: 'urn:c' }, 'jwt audience invalid. expected: urn:c'],
    [{ audience: ['x', /c$/] }, 'jwt audience invalid. expected: x or /c$/'],
    [{ audience: [] }, 'jwt audience invalid. expected: '],
    [{ issuer: 'you' }, 'jwt issuer invalid. expected: you'],
    [{ issuer: ['you', 'them'] }, 'jwt issuer invalid. expected: you,them'],
    [{ subject: 'other' }, 'jwt subject invalid. expected: other'],
    [{ jwtid: 'k' }, 'jwt jwtid invalid. expected: k'],
    [{ nonce: 'm' }, 'jwt nonce invalid. expected: m'],
    [{ audience: /a$/, issuer: 'you' }, 'jwt issuer invalid. expected: you'],
    [{ audience: /a$/, maxAge: -1 }, 'maxAge exceeded'],
  ];
  for (const [options, message] of refused)
    it(`says "${message}"`, () => assert.throws(() => verify(audienceToken(), 'secret', options), { message }));

  it('an unreadable maxAge is reported only if the token has an iat', () => {
    assert.throws(() => verify(sign({}, 'secret', { noTimestamp: true }), 'secret', { maxAge: 'junk' }), {
      name: 'JsonWebTokenError',
      message: 'iat required when maxAge is specified',
    });
    assert.throws(() => verify(sign({}, 'secret'), 'secret', { maxAge: 'junk' }), { message: /^"maxAge" should be/ });
  });

  it('checks signature, nbf, exp, aud, iss, sub, jti, nonce and maxAge in this order', () => {
    const token = sign({ nbf: NOW + 60, exp: NOW - 60, iat: NOW - 60 }, 'secret');
    const options = { audience: 'a', issuer: 'i', subject: 's', jwtid: 'j', nonce: 'n', maxAge: 1 };
    const messages = [];
    const steps = [
      ['secret', { ignoreNotBefore: true }],
      ['secret', { ignoreExpiration: true }],
      ...['audience', 'issuer', 'subject', 'jwtid', 'nonce'].map((name) => ['secret', { [name]: undefined }]),
    ];
    const seen = (key, more) => {
      try {
        verify(token, key, Object.assign(options, more));
      } catch (error) {
        messages.push(error.message.split('.')[0]);
      }
    };
    seen('wrong', {});
    seen('secret', {});
    for (const [key, more] of steps) {
      if ('nonce' in more) delete options.nonce;
      else Object.assign(options, more);
      seen(key, {});
    }
    assert.deepStrictEqual(messages, [
      'invalid signature',
      'jwt not active',
      'jwt expired',
      'jwt audience invalid',
      'jwt issuer invalid',
      'jwt subject invalid',
      'jwt jwtid invalid',
      'jwt nonce invalid',
      'maxAge exceeded',
    ]);
  });

  it('allows by default what the key is for, and at most what the caller lists', () => {
    const token = sign({}, 'secret', { algorithm: 'HS512' });
    verify(token, 'secret');
    verify(token, 'secret', { algorithms: ['HS256', 'HS512'] });
    for (const algorithms of [['HS256'], [], ['none'], ['HS'], 'HS51', 5])
      assert.throws(() => verify(token, 'secret', { algorithms }), { message: 'invalid algorithm' });
    verify(token, 'secret', { algorithms: 'HS512' });
  });

  it('never takes an option from Object.prototype', () => {
    const token = sign({}, 'secret', { expiresIn: -10 });
    assert.throws(() => verify(token, 'secret', { algorithms: ['HS256'] }), { message: 'jwt expired' });
  });

  it('returns a new object to every caller', () => {
    const token = sign({ roles: ['a'], name: 'x' }, 'secret');
    const first = verify(token, 'secret');
    first.roles.push('admin');
    first.name = 'root';
    assert.deepStrictEqual(verify(token, 'secret'), { roles: ['a'], name: 'x', iat: NOW });
  });

  it("a private KeyObject and a signed token of algorithm none: the key's type is wrong, as in jsonwebtoken", () => {
    const { privateKey } = require('./support/keys').PAIRS.p256();
    const token = [{ alg: 'none' }, { id: 1 }]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .concat('c2ln')
      .join('.');
    const told = [require('jsonwebtoken'), require('../lib/index.js')].flatMap((jwt) =>
      [false, true].map((allowInvalidAsymmetricKeyTypes) => {
        try {
          return jwt.verify(token, privateKey, { algorithms: ['none'], allowInvalidAsymmetricKeyTypes });
        } catch (error) {
          return `${error.name}: ${error.message}`;
        }
      }),
    );
    assert.deepStrictEqual(told.slice(2), told.slice(0, 2));
    assert.deepStrictEqual(told.slice(2), [
      'Error: "alg" parameter for "ec" key type must be one of: ES256, ES384, ES512.',
      'JsonWebTokenError: invalid signature',
    ]);
  });
});
