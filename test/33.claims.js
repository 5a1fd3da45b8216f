'use strict';
const assert = require('node:assert');

const { submitArguments } = require('../lib/native/constants');
const native = require('../lib/native/load');
const { KEY_UNKNOWN, listen, namesOf, payloadOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');

describeStores('The claims function', (store) => {
  const bench = withBench(store);

  it('is called at login and at every refresh, so that a lost role is lost immediately', async () => {
    let isAdmin = true;
    const asked = [];
    const auth = bench().open({
      claims: async (userId, session) => {
        asked.push([userId, session.id, session.userAgent]);
        return { isAdmin };
      },
    });
    const first = await auth.login('7', { req: { headers: { 'user-agent': 'Firefox' } } });
    assert.strictEqual(auth.verifyAccess(first.accessToken).isAdmin, true);
    isAdmin = false;
    const second = await auth.rotateRefresh(first.refreshToken, { req: { headers: { 'user-agent': 'Firefox' } } });
    assert.strictEqual(auth.verifyAccess(second.accessToken).isAdmin, false);
    assert.deepStrictEqual(second.claims, { isAdmin: false });
    assert.deepStrictEqual(asked, [
      ['7', undefined, 'Firefox'],
      ['7', first.sessionId, 'Firefox'],
    ]);
  });

  it('is not called at login if claims are passed there', async () => {
    const auth = bench().open({ claims: () => assert.fail('asked') });
    assert.deepStrictEqual((await auth.login('7', { claims: { a: 1 } })).claims, { a: 1 });
  });

  it('may answer synchronously', async () => {
    const auth = bench().open({ claims: () => ({ a: 1 }) });
    assert.deepStrictEqual((await auth.login('7')).claims, { a: 1 });
  });

  it('ends the session by null', async () => {
    let answer = {};
    const auth = bench().open({ claims: async () => answer });
    const { refreshToken } = await auth.login('7');
    const heard = listen(auth);
    answer = null;
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
    answer = {};
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
    assert.deepStrictEqual(
      heard.map(([name, { reason }]) => [name, reason]),
      [['revoke', 'claims']],
    );
    assert.deepStrictEqual(await auth.sessions('7'), []);
  });

  it('refuses a login by null', async () => {
    const auth = bench().open({ claims: async () => null });
    await refusedWith('ERR_FORBIDDEN', auth.login('7'));
    assert.deepStrictEqual(await auth.sessions('7'), []);
  });

  it('that throws changes nothing: its error is passed on, and the token is still valid', async () => {
    const broken = new Error('users are down');
    let fail = false;
    const auth = bench().open({
      gracePeriod: 0,
      claims: async () => {
        if (fail) throw broken;
        return {};
      },
    });
    const { refreshToken } = await auth.login('7');
    fail = true;
    await assert.rejects(auth.rotateRefresh(refreshToken), (error) => error === broken);
    fail = false;
    await auth.rotateRefresh(refreshToken);
  });

  it('that hangs changes nothing: ERR_CLAIMS_TIMEOUT, and the token is still valid', async () => {
    let hang = false;
    const auth = bench().open({
      gracePeriod: 0,
      claimsTimeout: '20ms',
      claims: () => (hang ? new Promise(() => {}) : {}),
    });
    const { refreshToken } = await auth.login('7');
    hang = true;
    assert.strictEqual((await refusedWith('ERR_CLAIMS_TIMEOUT', auth.rotateRefresh(refreshToken))).status, 503);
    hang = false;
    await auth.rotateRefresh(refreshToken);
  });

  it('is called once for twenty simultaneous presentations of a token', async () => {
    let asked = 0;
    const auth = bench().open({
      claims: async () => {
        asked += 1;
        return {};
      },
    });
    const { refreshToken } = await auth.login('7');
    asked = 0;
    const answers = await Promise.all(Array.from({ length: 20 }, () => auth.rotateRefresh(refreshToken)));
    assert.strictEqual(asked, 1);
    assert.strictEqual(new Set(answers.map((tokens) => tokens.refreshToken)).size, 1);
  });

  it('is called after the token was verified, which happens once', async () => {
    const { submit } = native;
    const place = submitArguments.indexOf('token');
    const auth = bench().open({ claims: async () => ({}) });
    const { refreshToken } = await auth.login('7');
    native.submit = (...args) => submit(...args.with(place, 'no token'));
    try {
      const { refreshToken: next, userId } = await auth.rotateRefresh(refreshToken);
      assert.deepStrictEqual([userId, payloadOf(next).gen], ['7', 1]);
      await refusedWith('ERR_REFRESH_INVALID', auth.logout(refreshToken));
    } finally {
      native.submit = submit;
    }
  });

  it('may run while the token expires: then the record decides', async () => {
    const auth = bench().open({
      refreshExpiresIn: '15m',
      claims: async (userId, { id }) => {
        if (id !== undefined) bench().clock.advance(2);
        return {};
      },
    });
    const { refreshToken } = await auth.login('7');
    bench().clock.advance(15 * 60 - 1);
    await refusedWith('ERR_REFRESH_EXPIRED', auth.rotateRefresh(refreshToken));
  });

  it('has at most queueLimit pending calls', async () => {
    const waiting = [];
    const auth = bench().open({
      queueLimit: 3,
      claims: () =>
        new Promise((resolve) => {
          waiting.push(resolve);
        }),
    });
    const logins = [1, 2, 3].map((i) => auth.login(`user-${i}`));
    await refusedWith('ERR_BUSY', auth.login('user-4'));
    assert.strictEqual(auth.stats().claims, 3);
    for (const resolve of waiting) resolve({});
    await Promise.all(logins);
    assert.strictEqual(auth.stats().claims, 0);
  });

  it('is not called for an invalid token', async () => {
    const auth = bench().open({ claims: () => assert.fail('asked') });
    const other = bench().open({ refreshSecret: 'another refresh secret, 48 bytes and more, of tests' });
    const { refreshToken } = await other.login('7');
    await refusedWith(KEY_UNKNOWN, auth.rotateRefresh(refreshToken));
  });

  for (const [what, answer] of [
    ['undefined', undefined],
    ['an array', []],
    ['text', 'admin'],
    ['sub', { sub: '8' }],
    ['exp', { exp: 1 }],
    ['20 kB', { a: 'x'.repeat(20_000) }],
    ['a toJSON that makes it text', { toJSON: () => 'x' }],
    ['a Map', new Map([['role', 'admin']])],
    ['a Date', new Date(0)],
    [
      'an instance of a class',
      new (class User {
        constructor() {
          this.password = 'x';
        }
      })(),
    ],
    [
      'an instance with toJSON',
      new (class User {
        toJSON() {
          return {};
        }
      })(),
    ],
    // biome-ignore lint/suspicious/noThenProperty: the test's subject
    ['a promise in place of what it resolves with', { then: undefined, __proto__: Promise.prototype }],
  ]) {
    it(`may not answer ${what}`, async () => {
      const auth = bench().open({ claims: async () => answer });
      await refusedWith('ERR_OPTION', auth.login('7'));
      await refusedWith(
        'ERR_OPTION',
        bench()
          .open()
          .login('7', { claims: answer ?? null }),
      );
    });
  }

  it('is told the class of an answer that is no plain object', async () => {
    const error = await refusedWith(
      'ERR_OPTION',
      bench()
        .open({ claims: () => new Map() })
        .login('7'),
    );
    assert.strictEqual(
      error.message,
      'what the claims function returned must be a plain object, or null to end the session; got an instance of Map',
    );
  });

  it('may return an object without a prototype, or of another realm', async () => {
    for (const answer of [
      Object.assign(Object.create(null), { a: 1 }),
      require('node:vm').runInNewContext('({ a: 1 })'),
    ]) {
      assert.deepStrictEqual(
        (
          await bench()
            .open({ claims: () => answer })
            .login('7')
        ).claims,
        { a: 1 },
      );
    }
  });

  it('runs within the deadline: the store gets what is left of storeTimeout', async () => {
    const auth = bench().open({
      storeTimeout: '20ms',
      claimsTimeout: '5s',
      claims: () =>
        new Promise((resolve) => {
          setTimeout(resolve, 30, {});
        }),
    });
    const error = await refusedWith('ERR_STORE_UNAVAILABLE', auth.login('7'));
    assert.match(error.message, /was not started; nothing has changed/);
  });
});

describe('Claims given at login, without a claims function', () => {
  const bench = withBench({ make: () => ({ options: { store: ':memory:' }, clean() {} }) });

  it('warns once that they are gone after the first refresh', async () => {
    const warnings = [];
    const onWarning = (warning) => warning.code === 'SIGNET_CLAIMS' && warnings.push(warning);
    process.on('warning', onWarning);
    const auth = bench().open();
    const { refreshToken } = await auth.login('7', { claims: { a: 1 } });
    await auth.login('7', { claims: { a: 1 } });
    assert.deepStrictEqual((await auth.rotateRefresh(refreshToken)).claims, {});
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    process.off('warning', onWarning);
    assert.strictEqual(warnings.length, 1);
    assert.deepStrictEqual(namesOf(listen(auth)), []);
  });
});
