'use strict';
const assert = require('node:assert');

const { listen, namesOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');

describeStores('Ending sessions', (store) => {
  const bench = withBench(store);

  it('logout ends the session, once', async () => {
    const auth = bench().open();
    const { refreshToken } = await auth.login('7');
    const heard = listen(auth);
    assert.strictEqual(await auth.logout(refreshToken), true);
    assert.strictEqual(await auth.logout(refreshToken), false);
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
    assert.deepStrictEqual(namesOf(heard), ['logout']);
  });

  it('an older token of the session logs out too', async () => {
    const auth = bench().open();
    const first = await auth.login('7');
    const second = await auth.rotateRefresh(first.refreshToken);
    const third = await auth.rotateRefresh(second.refreshToken);
    assert.strictEqual(await auth.logout(first.refreshToken), true);
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(third.refreshToken));
  });

  it('an expired token logs out too', async () => {
    const auth = bench().open();
    const first = await auth.login('7', { refreshExpiresIn: '1h' });
    bench().clock.advance(1800);
    const second = await auth.rotateRefresh(first.refreshToken);
    bench().clock.advance(1801);
    assert.strictEqual(await auth.logout(first.refreshToken), true);
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(second.refreshToken));
  });

  it('logout refuses other values than refresh tokens', async () => {
    const auth = bench().open();
    const { accessToken } = await auth.login('7');
    for (const token of ['x', accessToken, 42, {}]) await refusedWith('ERR_REFRESH_INVALID', auth.logout(token));
    await refusedWith('ERR_TOKEN_MISSING', auth.logout());
  });

  it('revoke ends one session of the user, and none of other users', async () => {
    const auth = bench().open();
    const mine = await auth.login('7');
    const other = await auth.login('7');
    assert.strictEqual(await auth.revoke('8', mine.sessionId), false);
    assert.strictEqual(await auth.revoke('7', mine.sessionId), true);
    assert.strictEqual(await auth.revoke('7', mine.sessionId), false);
    await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(mine.refreshToken));
    await auth.rotateRefresh(other.refreshToken);
  });

  it('revoke finds no session by a malformed ID, and refuses what is no string', async () => {
    const auth = bench().open();
    for (const id of ['', 'x', `${'x'.repeat(22)}'`, '../../etc/passwd'])
      assert.strictEqual(await auth.revoke('7', id), false);
    for (const id of [undefined, null, { $ne: null }, 7]) await refusedWith('ERR_OPTION', auth.revoke('7', id));
  });

  it('revokeAll ends all sessions of the user except the one to keep', async () => {
    const auth = bench().open();
    const [one, two, three] = [await auth.login('7'), await auth.login('7'), await auth.login('7')];
    const stranger = await auth.login('8');
    const heard = listen(auth);
    assert.strictEqual(await auth.revokeAll('7', { except: two.sessionId }), 2);
    for (const { refreshToken } of [one, three])
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(refreshToken));
    assert.deepStrictEqual(
      heard.map(([name, { reason }]) => [name, reason]),
      [
        ['revoke', 'revoke-all'],
        ['revoke', 'revoke-all'],
      ],
    );
    await auth.rotateRefresh(two.refreshToken);
    await auth.rotateRefresh(stranger.refreshToken);
    assert.strictEqual(await auth.revokeAll('9'), 0);
  });

  it('a login whose password check began before revokeAll ends itself', async () => {
    const auth = bench().open();
    const since = bench().clock.at;
    bench().clock.advance(1);
    await auth.revokeAll('7');
    bench().clock.advance(1);
    await refusedWith('ERR_SESSION_REVOKED', auth.login('7', { since }));
    assert.deepStrictEqual(await auth.sessions('7'), []);
    await auth.login('7');
    await auth.login('8', { since });
  });

  it('a login that began after revokeAll was called passes, even if the clock stands still', async () => {
    const auth = bench().open();
    await auth.login('7');
    await auth.revokeAll('7');
    await auth.login('7');
    assert.strictEqual((await auth.sessions('7')).length, 1);
  });

  it('I4: revokeAll racing with logins leaves none alive that began before it', async () => {
    const auth = bench().open();
    const since = bench().clock.at;
    const logins = Array.from({ length: 40 }, (_, i) => {
      const login = auth.login('7', { since });
      if (i !== 20) return [login];
      bench().clock.advance(1);
      return [login, auth.revokeAll('7')];
    }).flat();
    await Promise.allSettled(logins);
    assert.deepStrictEqual(await auth.sessions('7'), []);
  });

  it('I4: revoke racing with rotations leaves no usable token', async () => {
    const auth = bench().open();
    const { refreshToken, sessionId } = await auth.login('7');
    const answers = await Promise.allSettled([
      auth.rotateRefresh(refreshToken),
      auth.rotateRefresh(refreshToken),
      auth.revoke('7', sessionId),
      auth.rotateRefresh(refreshToken),
    ]);
    assert.strictEqual(answers[2].value, true);
    for (const answer of [0, 1, 3].map((i) => answers[i]).filter(({ status }) => status === 'fulfilled')) {
      await refusedWith('ERR_SESSION_REVOKED', auth.rotateRefresh(answer.value.refreshToken));
    }
  });

  it('sessions lists the live ones, newest first', async () => {
    const auth = bench().open();
    const one = await auth.login('7');
    bench().clock.advance(10);
    const two = await auth.login('7', { refreshExpiresIn: '1h' });
    bench().clock.advance(10);
    const three = await auth.login('7');
    await auth.rotateRefresh(one.refreshToken);
    await auth.logout(three.refreshToken);
    const listed = await auth.sessions('7');
    assert.deepStrictEqual(
      listed.map(({ id }) => id),
      [two.sessionId, one.sessionId],
    );
    assert.strictEqual(listed[1].lastUsedAt.getTime(), bench().clock.at);
    assert.strictEqual(listed[1].createdAt.getTime(), bench().clock.at - 20_000);
    bench().clock.advance(3600);
    assert.deepStrictEqual(
      (await auth.sessions('7')).map(({ id }) => id),
      [one.sessionId],
    );
    assert.deepStrictEqual(await auth.sessions('8'), []);
  });
});
