'use strict';
// No value of an option disables a check silently: values that cannot be meant are errors, and only undefined means not
// set.

const assert = require('node:assert');
const { inspect } = require('node:util');
const { createAuth, sign, verify, verifyAsync } = require('../lib/index.js');
const { SECRETS } = require('./support/auth');
const { runScript } = require('./support/script');

const token = sign({ id: 1, iat: 1, aud: 'other', iss: 'other', sub: 'other', jti: 'other', nonce: 'other' }, 'secret');
const EMPTY = ['', 0, NaN, null, false];

const OFF = {
  audience: EMPTY,
  issuer: EMPTY,
  subject: EMPTY,
  jwtid: EMPTY,
  nonce: [...EMPTY, ' '],
  maxAge: [...EMPTY, Infinity, -Infinity],
  clockTolerance: ['', NaN, null, false, Infinity, -Infinity, '5'],
  clockTimestamp: ['', NaN, null, false, Infinity, '5'],
  algorithms: EMPTY,
  ignoreExpiration: ['', 'false', '0', 'no', {}, NaN],
  ignoreNotBefore: ['', 'false', {}],
  allowInvalidAsymmetricKeyTypes: ['', 'false', 0, null],
};

describe('25 options that cannot be meant', () => {
  for (const [name, values] of Object.entries(OFF)) {
    for (const value of values) {
      it(`verify refuses ${name}: ${inspect(value)}, called in any way`, async () => {
        const refusal = (error) =>
          error.name === 'JsonWebTokenError' &&
          error.code === 'ERR_OPTION' &&
          new RegExp(`^"?${name}"? (must|should) be`).test(error.message);
        const options = { [name]: value };
        assert.throws(() => verify(token, 'secret', options), refusal);
        await assert.rejects(verifyAsync(token, 'secret', options), refusal);
        verify(token, 'secret', options, (error) => assert.ok(refusal(error)));
        await new Promise((resolve) =>
          verify(
            token,
            () => 'secret',
            options,
            (error) => resolve(assert.ok(refusal(error))),
          ),
        );
      });
    }

    it(`${name}: undefined means not set`, () => {
      assert.strictEqual(verify(token, 'secret', { [name]: undefined }).id, 1);
    });
  }

  it('clockTimestamp: 0 means not set, as in jsonwebtoken; 0 and 1 are valid flags', () => {
    const expired = sign({ exp: 1000 }, 'secret');
    assert.throws(() => verify(expired, 'secret', { clockTimestamp: 0, ignoreExpiration: 0 }), {
      message: 'jwt expired',
    });
    verify(expired, 'secret', { ignoreExpiration: 1 });
  });

  it('a getter with another value the second time disables no check', () => {
    for (const [name, wrong] of [
      ['audience', 'x'],
      ['issuer', 'x'],
      ['maxAge', 5],
    ]) {
      let asked = 0;
      const options = {
        get [name]() {
          asked++;
          return asked > 2 ? '' : wrong;
        },
      };
      assert.throws(
        () => verify(token, 'secret', options),
        (error) => error.code !== 'ERR_OPTION',
      );
    }
  });

  it("a RegExp's lastIndex does not matter", () => {
    for (const pattern of [/^other$/g, /other/y, /OTHER/gi, /^other$/]) {
      pattern.lastIndex = 3;
      for (let i = 0; i < 3; i++) assert.strictEqual(verify(token, 'secret', { audience: pattern }).id, 1);
      assert.throws(() => verify(token, 'secret', { audience: /^another$/g }), {
        message: 'jwt audience invalid. expected: /^another$/g',
      });
    }
  });

  it('names that are mistaken for options cause one warning; those that frameworks pass do not', async () => {
    const { stderr } = await runScript(`
      const { sign, verify } = require('.');
      const token = sign({ aud: 'a' }, 'secret');
      for (let i = 0; i < 3; i++) verify(token, 'secret', { aud: 'x', algorithm: 'RS256' });
      verify(token, 'secret', { secret: 'x', credentialsRequired: true, expiresIn: '1h', requestProperty: 'auth' });
    `);
    const lines = stderr.split('\n').filter((line) => line.includes('verify has no option'));
    assert.deepStrictEqual(
      lines.map((line) => line.replace(/^.*\] /, '')),
      [
        'SignetWarning: verify has no option "aud", so it is ignored. Did you mean "audience"?',
        'SignetWarning: verify has no option "algorithm", so it is ignored. Did you mean "algorithms"?',
      ],
    );
  });

  describe('of sessions', () => {
    const refused = (call) => assert.throws(call, { name: 'SignetError', code: 'ERR_OPTION' });
    const CREATE = [
      'issuer',
      'audience',
      'accessExpiresIn',
      'refreshExpiresIn',
      'sessionExpiresIn',
      'maxSessionsPerUser',
      'gracePeriod',
      'onReuse',
      'now',
      'claims',
    ];
    const PROTECT = ['roles', 'scopes', 'maxAuthAge', 'getToken', 'cookie', 'origins', 'optional', 'live'];

    it('createAuth and protect refuse them', () => {
      for (const name of CREATE) {
        for (const value of ['', NaN, null])
          refused(() => createAuth({ ...SECRETS, store: ':memory:', [name]: value }));
        createAuth({ ...SECRETS, store: ':memory:', [name]: undefined }).close();
      }
      const auth = createAuth({ ...SECRETS, store: ':memory:' });
      for (const name of PROTECT) {
        for (const value of ['', NaN, null])
          if (name !== 'origins' || value !== '') refused(() => auth.protect({ [name]: value }));
        auth.protect({ [name]: undefined });
      }
      return auth.close();
    });
  });
});
