'use strict';
const assert = require('node:assert');

const { rotateRefresh } = require('..');
const { SECRETS, headerOf, listen, namesOf, payloadOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');
const { sign } = require('..');

const IDLE = 7 * 86400;

describeStores('rotateRefresh', (store) => {
  const bench = withBench(store);
  const begin = async (options) => {
    const auth = bench().open(options);
    return { auth, first: await auth.login('7') };
  };

  it('rotates a refresh token for a new pair', async () => {
    const { auth, first } = await begin();
    bench().clock.advance(60);
    const second = await auth.rotateRefresh(first.refreshToken);
    assert.notStrictEqual(second.refreshToken, first.refreshToken);
    assert.strictEqual(second.sessionId, first.sessionId);
    assert.strictEqual(second.userId, '7');
    assert.strictEqual(payloadOf(second.refreshToken).gen, payloadOf(first.refreshToken).gen + 1);
    assert.strictEqual(auth.verifyAccess(second.accessToken).sub, '7');
  });

  it('is exported as a function too', async () => {
    const { auth, first } = await begin();
    assert.strictEqual((await rotateRefresh(auth, first.refreshToken, { userId: '7' })).userId, '7');
  });

  it('goes on from token to token', async () => {
    const { auth, first } = await begin();
    let tokens = first;
    const seen = new Set([first.refreshToken]);
    for (let i = 0; i < 20; i += 1) {
      bench().clock.advance(3600);
      tokens = await auth.rotateRefresh(tokens.refreshToken);
      seen.add(tokens.refreshToken);
    }
    assert.strictEqual(seen.size, 21);
  });

  it('I1: twenty simultaneous presentations get one successor', async () => {
    const { auth, first } = await begin();
    const answers = await Promise.all(Array.from({ length: 20 }, () => auth.rotateRefresh(first.refreshToken)));
    assert.strictEqual(new Set(answers.map(({ refreshToken }) => refreshToken)).size, 1);
    await auth.rotateRefresh(answers[7].refreshToken);
  });

  it('I2: a retry within the grace period gets the same successor, byte for byte', async () => {
    const { auth, first } = await begin({ gracePeriod: '30s' });
    const heard = listen(auth);
    const { refreshToken } = await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(30);
    assert.strictEqual((await auth.rotateRefresh(first.refreshToken)).refreshToken, refreshToken);
    assert.deepStrictEqual(namesOf(heard), ['rotate', 'retry']);
    assert.strictEqual(heard[1][1].retries, 1);
    await auth.rotateRefresh(refreshToken);
  });

  it('refreshExpiresIn is what the refresh token has left, also of a retry, with and without a listener', async () => {
    for (const isHeard of [false, true]) {
      const { auth, first } = await begin();
      if (isHeard) listen(auth);
      const left = ({ refreshToken }) => Math.ceil(payloadOf(refreshToken).exp - bench().clock.at / 1000);
      bench().clock.advance(3600);
      const second = await auth.rotateRefresh(first.refreshToken);
      assert.strictEqual(second.refreshExpiresIn, left(second));
      bench().clock.advance(10.5);
      const retry = await auth.rotateRefresh(first.refreshToken);
      assert.strictEqual(retry.refreshExpiresIn, left(retry));
      assert.ok(retry.refreshExpiresIn <= second.refreshExpiresIn - 10);
    }
  });

  it('a retry after the grace period ends the session', async () => {
    const { auth, first } = await begin({ gracePeriod: '30s' });
    const heard = listen(auth);
    const { refreshToken } = await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(30.001);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
    assert.strictEqual(heard.at(-1)[0], 'reuse');
    assert.strictEqual(heard.at(-1)[1].reason, 'late-retry');
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
  });

  it('retries do not extend the grace period', async () => {
    const { auth, first } = await begin({ gracePeriod: '30s' });
    await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(20);
    await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(20);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
  });

  it('the grace period is not chained: what is older than a grandparent is reuse immediately', async () => {
    const { auth, first } = await begin({ gracePeriod: '120s' });
    const second = await auth.rotateRefresh(first.refreshToken);
    const third = await auth.rotateRefresh((await auth.rotateRefresh(second.refreshToken)).refreshToken);
    const heard = listen(auth);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
    assert.deepStrictEqual(
      heard.map(([name, { reason }]) => [name, reason]),
      [['reuse', 'reuse']],
    );
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(third.refreshToken));
  });

  it('a grace period of 0 refuses a rotated token immediately', async () => {
    const { auth, first } = await begin({ gracePeriod: 0 });
    await auth.rotateRefresh(first.refreshToken);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
  });

  it('strict works like a grace period of 0, for one call', async () => {
    const { auth, first } = await begin();
    await auth.rotateRefresh(first.refreshToken, { strict: true });
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken, { strict: true }));
  });

  it('I3: after reuse no token of the session is accepted again; other sessions are not affected', async () => {
    const { auth, first } = await begin({ gracePeriod: 0 });
    const other = await auth.login('7');
    const second = await auth.rotateRefresh(first.refreshToken);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
    for (const { refreshToken } of [first, second])
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
    await auth.rotateRefresh(other.refreshToken);
  });

  it("I3: with onReuse: 'user' reuse ends all of the user's sessions", async () => {
    const { auth, first } = await begin({ gracePeriod: 0, onReuse: 'user' });
    const other = await auth.login('7');
    const stranger = await auth.login('8');
    await auth.rotateRefresh(first.refreshToken);
    await refusedWith('ERR_REFRESH_REUSED', auth.rotateRefresh(first.refreshToken));
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(other.refreshToken));
    await auth.rotateRefresh(stranger.refreshToken);
  });

  it('reuse is reported once, however many present the old token', async () => {
    const { auth, first } = await begin({ gracePeriod: 0 });
    await auth.rotateRefresh(first.refreshToken);
    const heard = listen(auth);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => auth.rotateRefresh(first.refreshToken).catch(({ code }) => code)),
    );
    assert.deepStrictEqual([...new Set(answers)].sort(), ['ERR_REFRESH_REUSED', 'ERR_SESSION_REVOKED']);
    assert.deepStrictEqual(namesOf(heard), ['reuse']);
  });

  it('each refresh extends the idle limit', async () => {
    const { auth, first } = await begin();
    bench().clock.advance(IDLE - 1);
    const second = await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(IDLE - 1);
    await auth.rotateRefresh(second.refreshToken);
  });

  it('a token at its idle limit has expired', async () => {
    const { auth, first } = await begin();
    bench().clock.advance(IDLE);
    await refusedWith('ERR_REFRESH_EXPIRED', auth.rotateRefresh(first.refreshToken));
  });

  it('no refresh extends the absolute limit', async () => {
    const { auth, first } = await begin({ refreshExpiresIn: '2d', sessionExpiresIn: '3d' });
    const end = bench().clock.at / 1000 + 3 * 86400;
    bench().clock.advance(1.5 * 86400);
    const second = await auth.rotateRefresh(first.refreshToken);
    assert.strictEqual(payloadOf(second.refreshToken).exp, end);
    bench().clock.advance(1.5 * 86400 - 1);
    const last = await auth.rotateRefresh(second.refreshToken);
    assert.ok(payloadOf(last.accessToken).exp <= end);
    bench().clock.advance(1);
    await refusedWith('ERR_REFRESH_EXPIRED', auth.rotateRefresh(last.refreshToken));
  });

  it("refuses another user's token if the user is named", async () => {
    const { auth, first } = await begin();
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(first.refreshToken, { userId: '8' }));
    await auth.rotateRefresh(first.refreshToken, { userId: '7' });
  });

  it("refuses a token with another user's sid, even if its signature is valid", async () => {
    const { auth, first } = await begin();
    const other = await auth.login('8');
    const forged = sign({ ...payloadOf(first.refreshToken), sid: other.sessionId }, SECRETS.refreshSecret, {
      header: headerOf(first.refreshToken),
    });
    await refusedWith('ERR_SESSION_UNKNOWN', auth.rotateRefresh(forged));
    await auth.rotateRefresh(other.refreshToken);
    await auth.rotateRefresh(first.refreshToken);
  });

  it('refuses a forged token of the same generation without ending the session', async () => {
    const { auth, first } = await begin();
    const forged = sign({ ...payloadOf(first.refreshToken), jti: 'AAAAAAAAAAAAAAAAAAAAAA' }, SECRETS.refreshSecret, {
      header: headerOf(first.refreshToken),
    });
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(forged));
    await auth.rotateRefresh(first.refreshToken);
  });

  for (const nothing of [undefined, null, '']) {
    it(`says that ${JSON.stringify(nothing)} is missing`, async () => {
      await refusedWith('ERR_TOKEN_MISSING', bench().open().rotateRefresh(nothing));
    });
  }

  for (const rubbish of [42, {}, { $ne: null }, 'x', 'a.b.c', 'ä'.repeat(70000)]) {
    it(`refuses ${JSON.stringify(rubbish).slice(0, 30)}`, async () => {
      await refusedWith('ERR_REFRESH_INVALID', bench().open().rotateRefresh(rubbish));
    });
  }

  it('accepts no other kind of token as a refresh token', async () => {
    const { auth, first } = await begin();
    const own = sign(payloadOf(first.refreshToken), SECRETS.refreshSecret);
    for (const token of [first.accessToken, own]) await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(token));
  });

  it('reports a retry from another user agent', async () => {
    const { auth, first } = await begin();
    const heard = listen(auth);
    const from = (userAgent) => ({ req: { headers: { 'user-agent': userAgent }, ip: '10.0.0.1' } });
    const second = await auth.rotateRefresh(first.refreshToken, from('Firefox'));
    await auth.rotateRefresh(first.refreshToken, from('Firefox'));
    await auth.rotateRefresh(first.refreshToken, from('curl'));
    assert.deepStrictEqual(
      heard.map(([name, event]) => [name, event.userAgentChanged, event.userAgent, event.retries]),
      [
        ['rotate', false, 'Firefox', 0],
        ['retry', false, 'Firefox', 1],
        ['retry', true, 'curl', 2],
      ],
    );
    await auth.rotateRefresh(second.refreshToken);
  });

  it("with onSuspect: 'revoke' such a retry ends the session", async () => {
    const { auth, first } = await begin({ onSuspect: 'revoke' });
    const from = (userAgent) => ({ req: { headers: { 'user-agent': userAgent } } });
    const second = await auth.rotateRefresh(first.refreshToken, from('Firefox'));
    await auth.rotateRefresh(first.refreshToken, from('curl')).then(
      () => assert.fail('accepted'),
      ({ status }) => assert.strictEqual(status, 401),
    );
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(second.refreshToken, from('Firefox')));
  });
});
