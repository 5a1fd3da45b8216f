'use strict';
const assert = require('node:assert');

const { sign } = require('..');
const { SECRETS, headerOf, payloadOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');

describeStores('login', (store) => {
  const bench = withBench(store);

  it('returns an access token and a refresh token', async () => {
    const auth = bench().open();
    const tokens = await auth.login('7', { claims: { isAdmin: true } });
    assert.deepStrictEqual(Object.keys(tokens), [
      'accessToken',
      'refreshToken',
      'expiresIn',
      'refreshExpiresIn',
      'userId',
      'sessionId',
      'claims',
    ]);
    assert.strictEqual(tokens.userId, '7');
    assert.strictEqual(tokens.expiresIn, 900);
    assert.strictEqual(tokens.refreshExpiresIn, 7 * 86400);
    assert.deepStrictEqual(tokens.claims, { isAdmin: true });
    assert.match(tokens.sessionId, /^[\w-]{22}$/);
    assert.strictEqual(headerOf(tokens.accessToken).typ, 'at+jwt');
    assert.strictEqual(headerOf(tokens.refreshToken).typ, 'rt+jwt');
    assert.strictEqual(typeof headerOf(tokens.refreshToken).kid, 'string');
    const { sub, sid, jti, gen, iat, exp } = payloadOf(tokens.refreshToken);
    const now = bench().clock.at / 1000;
    assert.deepStrictEqual(
      { sub, sid, gen, iat, exp },
      { sub: '7', sid: tokens.sessionId, gen: payloadOf(tokens.refreshToken).gen, iat: now, exp: now + 7 * 86400 },
    );
    assert.strictEqual(typeof jti, 'string');
  });

  it('verifies the access token until it expires', async () => {
    const auth = bench().open({ accessExpiresIn: '30s' });
    const { accessToken, sessionId } = await auth.login('7', { claims: { isAdmin: true } });
    const now = bench().clock.at / 1000;
    const { jti, ...claims } = auth.verifyAccess(accessToken);
    assert.deepStrictEqual(claims, {
      isAdmin: true,
      sub: '7',
      sid: sessionId,
      auth_time: now,
      iat: now,
      exp: now + 30,
    });
    assert.match(jti, /^[\w-]{22}$/);
    bench().clock.advance(29.999);
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
    bench().clock.advance(0.001);
    assert.throws(() => auth.verifyAccess(accessToken), {
      code: 'ERR_TOKEN_EXPIRED',
      status: 401,
      name: 'SignetError',
    });
  });

  it('stores where the request came from', async () => {
    const auth = bench().open();
    await auth.login('7', { label: 'kitchen', req: { headers: { 'user-agent': 'curl/8' }, ip: '10.0.0.7' } });
    const [session] = await auth.sessions('7');
    assert.deepStrictEqual([session.userAgent, session.ip, session.label], ['curl/8', '10.0.0.7', 'kitchen']);
    assert.strictEqual(session.createdAt.getTime(), bench().clock.at);
    assert.strictEqual(session.expiresAt.getTime(), bench().clock.at + 7 * 86400_000);
    assert.strictEqual(session.endsAt.getTime(), bench().clock.at + 90 * 86400_000);
  });

  it('reads a Fetch API request too', async () => {
    const auth = bench().open();
    await auth.login('7', { req: new Request('http://localhost/', { headers: { 'user-agent': 'fetch/1' } }) });
    assert.strictEqual((await auth.sessions('7'))[0].userAgent, 'fetch/1');
  });

  it('cuts a user agent that is too long', async () => {
    const auth = bench().open();
    await auth.login('7', { req: { headers: { 'user-agent': 'ä'.repeat(5000) } } });
    assert.match((await auth.sessions('7'))[0].userAgent, /^ä{200,256}$/);
  });

  it('converts an ObjectId to its hex form', async () => {
    class ObjectId {
      toHexString() {
        return '65a1b2c3d4e5f60718293a4b';
      }
    }
    ObjectId.prototype._bsontype = 'ObjectId';
    const auth = bench().open();
    assert.strictEqual((await auth.login(new ObjectId())).userId, '65a1b2c3d4e5f60718293a4b');
    assert.strictEqual((await auth.sessions(new ObjectId())).length, 1);
  });

  for (const userId of [
    undefined,
    null,
    '',
    7,
    true,
    [],
    { $ne: null },
    { _bsontype: 'ObjectId', toHexString: () => 'x' },
    'a\0b',
    '\ud800',
    'x'.repeat(257),
  ]) {
    it(`refuses ${JSON.stringify(userId)?.slice(0, 40)} as a user id`, async () => {
      const auth = bench().open();
      await refusedWith('ERR_OPTION', auth.login(userId));
      await refusedWith('ERR_OPTION', auth.sessions(userId));
      await refusedWith('ERR_OPTION', auth.revokeAll(userId));
    });
  }

  it('can set the idle limit of one session', async () => {
    const auth = bench().open();
    const { refreshToken } = await auth.login('7', { refreshExpiresIn: '1h' });
    assert.strictEqual(payloadOf(refreshToken).exp, bench().clock.at / 1000 + 3600);
    bench().clock.advance(3000);
    const next = await auth.rotateRefresh(refreshToken);
    assert.strictEqual(payloadOf(next.refreshToken).exp, bench().clock.at / 1000 + 3600);
  });

  it('never lets an access token outlive its session', async () => {
    const auth = bench().open({ accessExpiresIn: '10m', sessionExpiresIn: '15m' });
    const { refreshToken } = await auth.login('7');
    bench().clock.advance(600);
    const { accessToken, expiresIn } = await auth.rotateRefresh(refreshToken);
    assert.strictEqual(payloadOf(accessToken).exp, bench().clock.at / 1000 + 300);
    assert.strictEqual(expiresIn, 300);
  });

  it('never lets an access token outlive the refresh token of a session with a short idle limit', async () => {
    const auth = bench().open();
    const { accessToken, expiresIn } = await auth.login('7', { refreshExpiresIn: '5m' });
    assert.strictEqual(payloadOf(accessToken).exp, bench().clock.at / 1000 + 300);
    assert.strictEqual(expiresIn, 300);
  });

  it('refuses an idle limit that is longer than the session', async () => {
    const error = await refusedWith('ERR_OPTION', bench().open().login('7', { refreshExpiresIn: '91d' }));
    assert.match(error.message, /refreshExpiresIn of this login is longer than createAuth's sessionExpiresIn/);
    await bench().open({ sessionExpiresIn: '91d' }).login('7', { refreshExpiresIn: '91d' });
  });

  it("keeps a user's newest sessions if there are too many", async () => {
    const auth = bench().open({ maxSessionsPerUser: 2 });
    const tokens = [];
    for (let i = 0; i < 4; i += 1) {
      bench().clock.advance(1);
      tokens.push(await auth.login('7'));
    }
    await auth.login('8');
    assert.deepStrictEqual(
      (await auth.sessions('7')).map(({ id }) => id),
      [tokens[3].sessionId, tokens[2].sessionId],
    );
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(tokens[0].refreshToken));
    await auth.rotateRefresh(tokens[3].refreshToken);
  });

  it('refuses unknown options', async () => {
    const auth = bench().open();
    assert.match((await refusedWith('ERR_OPTION', auth.login('7', { claim: {} }))).message, /Did you mean "claims"\?/);
    await refusedWith('ERR_OPTION', auth.login('7', 'x'));
  });
});

describe('verifyAccess', () => {
  const bench = withBench({ make: () => ({ options: { store: ':memory:' }, clean() {} }) });

  for (const nothing of [undefined, null, '']) {
    it(`says that ${JSON.stringify(nothing)} is missing`, () => {
      assert.throws(() => bench().open().verifyAccess(nothing), { code: 'ERR_TOKEN_MISSING', status: 401 });
    });
  }

  for (const rubbish of [42, {}, [], 'x', 'a.b.c', true, 'ä'.repeat(5000), Buffer.from('a.b.c')]) {
    it(`refuses ${JSON.stringify(rubbish).slice(0, 30)}`, () => {
      assert.throws(() => bench().open().verifyAccess(rubbish), {
        code: 'ERR_TOKEN_INVALID',
        status: 401,
        name: 'SignetError',
      });
    });
  }

  it('accepts no other kind of token as an access token', async () => {
    const auth = bench().open();
    const { refreshToken } = await auth.login('7');
    const own = sign({ sub: '7', sid: 'x', exp: bench().clock.at / 1000 + 60 }, SECRETS.accessSecret);
    for (const token of [refreshToken, own])
      assert.throws(() => auth.verifyAccess(token), { code: 'ERR_TOKEN_INVALID' });
  });

  it('checks issuer and audience if they are configured', async () => {
    const auth = bench().open({ issuer: 'https://a.example', audience: ['web', 'app'] });
    const other = bench().open({ issuer: 'https://b.example', audience: ['web', 'app'] });
    const elsewhere = bench().open({ issuer: 'https://a.example', audience: 'admin' });
    const { accessToken, refreshToken } = await auth.login('7');
    assert.strictEqual(auth.verifyAccess(accessToken).iss, 'https://a.example');
    assert.deepStrictEqual(auth.verifyAccess(accessToken).aud, ['web', 'app']);
    for (const one of [other, elsewhere]) {
      assert.throws(() => one.verifyAccess(accessToken), { code: 'ERR_TOKEN_INVALID' });
      await refusedWith('ERR_REFRESH_INVALID', one.rotateRefresh(refreshToken));
    }
  });

  it('never puts the token into the error', async () => {
    const { accessToken } = await bench().open().login('7');
    assert.throws(
      () =>
        bench().open({ accessSecret: 'quite another access secret, 48 bytes and more..' }).verifyAccess(accessToken),
      (error) => !error.stack.includes(accessToken) && !JSON.stringify(error).includes(accessToken),
    );
  });
});
