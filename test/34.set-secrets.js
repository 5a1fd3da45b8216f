'use strict';
// auth.setSecrets: changing secrets while calls are in flight.

const assert = require('node:assert');
const { Worker } = require('node:worker_threads');

const { KEY_UNKNOWN, SECRETS, headerOf, payloadOf, refusedWith, withBench } = require('./support/auth');
const { ROOT } = require('./support/script');
const { describeStores } = require('./support/stores');

const { accessSecret: ACCESS, refreshSecret: REFRESH } = SECRETS;
const NEW_ACCESS = 'a new access secret of the tests, 48 bytes and more';
const NEW_REFRESH = 'a new refresh secret of the tests, 48 bytes and more';

const NEW = { accessSecret: NEW_ACCESS, refreshSecret: NEW_REFRESH };
const KNOWN = {
  accessSecret: { current: ACCESS, next: NEW_ACCESS },
  refreshSecret: { current: REFRESH, next: NEW_REFRESH },
};
const SIGNING = {
  accessSecret: { current: NEW_ACCESS, previous: ACCESS },
  refreshSecret: { current: NEW_REFRESH, previous: [REFRESH] },
};
const DONE = { accessSecret: NEW_ACCESS, refreshSecret: [NEW_REFRESH] };
const WEEK_S = 7 * 86_400;

const kidsOf = ({ accessToken, refreshToken }) => [headerOf(accessToken).kid, headerOf(refreshToken).kid];

describeStores('auth.setSecrets', (store) => {
  const bench = withBench(store);

  it('makes a secret known, then lets it sign, then drops the old one: nobody is logged out', async () => {
    const auth = bench().open();
    const first = await auth.login('7');
    auth.setSecrets(KNOWN);
    const second = await auth.rotateRefresh(first.refreshToken);
    assert.deepStrictEqual(kidsOf(second), kidsOf(first));
    auth.setSecrets(SIGNING);
    assert.strictEqual(auth.verifyAccess(second.accessToken).sub, '7');
    const third = await auth.rotateRefresh(second.refreshToken);
    kidsOf(third).forEach((kid, i) => assert.notStrictEqual(kid, kidsOf(first)[i]));
    bench().clock.advance(WEEK_S - 1);
    const fourth = await auth.rotateRefresh(third.refreshToken);
    bench().clock.advance(1);
    auth.setSecrets(DONE);
    await auth.rotateRefresh(fourth.refreshToken);
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(first.refreshToken));
  });

  it('changes nothing if one of the two kinds is refused', async () => {
    const auth = bench().open();
    const before = kidsOf(await auth.login('7'));
    for (const [change, code, text] of [
      [{ ...KNOWN, refreshSecret: 'short' }, 'ERR_SECRET', /shorter than 32/],
      [{ accessSecret: { current: REFRESH, previous: ACCESS } }, 'ERR_SECRET', /equal to accessSecret/],
      [{ ...SIGNING, accessSecret: KNOWN.accessSecret }, 'ERR_SECRET', /refreshSecret: .*make it `next` in every/],
      [
        { ...KNOWN, accessSecret: { current: NEW_ACCESS, previous: ACCESS } },
        'ERR_SECRET',
        /^accessSecret: .*not know/,
      ],
      [{ ...KNOWN, refreshSecret: { next: NEW_REFRESH } }, 'ERR_SECRET', /refreshSecret\.current is missing/],
      [{ ...KNOWN, refreshSecrets: REFRESH }, 'ERR_OPTION', /Did you mean "refreshSecret"/],
      [{}, 'ERR_OPTION', /accessSecret, refreshSecret or both/],
      [undefined, 'ERR_OPTION', /accessSecret, refreshSecret or both/],
    ]) {
      assert.throws(
        () => auth.setSecrets(change),
        (error) => {
          assert.strictEqual(error.code, code, error.stack);
          assert.match(error.message, text);
          for (const secret of [ACCESS, REFRESH, NEW_ACCESS, NEW_REFRESH]) assert(!error.message.includes(secret));
          return true;
        },
      );
    }
    assert.throws(() => auth.setSecrets(SIGNING), { code: 'ERR_SECRET' }); // KNOWN has not been taken in part
    assert.deepStrictEqual(kidsOf(await auth.login('7')), before);
  });

  it('refuses to drop a secret whose tokens are still valid, and says until when; force does it', async () => {
    const auth = bench().open();
    const { accessToken, refreshToken } = await auth.login('7');
    auth.setSecrets(KNOWN);
    auth.setSecrets(SIGNING);
    assert.throws(() => auth.setSecrets({ accessSecret: NEW_ACCESS }), { message: /for up to 15 more minutes/ });
    assert.throws(() => auth.setSecrets({ refreshSecret: NEW_REFRESH }), { message: /for up to 7 more days/ });
    assert.throws(() => auth.setSecrets({ refreshSecret: { ...SIGNING.refreshSecret, previous: [] } }), {
      message: new RegExp(`key ID ${headerOf(refreshToken).kid}`),
    });
    auth.verifyAccess(accessToken);
    auth.setSecrets(DONE, { force: true });
    assert.throws(() => auth.verifyAccess(accessToken), { code: 'ERR_KEY_UNKNOWN' });
    await refusedWith(KEY_UNKNOWN, auth.rotateRefresh(refreshToken));
  });

  it('also knows by the tokens that it has verified which secrets are in use', async () => {
    const { accessToken, refreshToken } = await bench().open().login('7');
    const auth = bench().open(SIGNING);
    auth.verifyAccess(accessToken);
    assert.throws(() => auth.setSecrets({ accessSecret: NEW_ACCESS }), { code: 'ERR_SECRET' });
    await auth.rotateRefresh(refreshToken).catch(() => {}); // in memory, the session is not there
    assert.throws(() => auth.setSecrets({ refreshSecret: NEW_REFRESH }), { code: 'ERR_SECRET' });
  });

  it('can go a step back', async () => {
    const auth = bench().open();
    auth.setSecrets(KNOWN);
    auth.setSecrets(SIGNING);
    const { refreshToken } = await auth.login('7');
    const back = { current: REFRESH, next: NEW_REFRESH };
    assert.throws(() => auth.setSecrets({ refreshSecret: REFRESH }), { code: 'ERR_SECRET' });
    auth.setSecrets({ refreshSecret: back });
    const { refreshToken: next } = await auth.rotateRefresh(refreshToken);
    bench().clock.advance(WEEK_S - 1);
    const { refreshToken: last } = await auth.rotateRefresh(next);
    bench().clock.advance(1);
    auth.setSecrets({ refreshSecret: REFRESH });
    await auth.rotateRefresh(last);
  });

  it('accepts revoked secrets: their users must log in again immediately', async () => {
    const claims = () => ({});
    const auth = bench().open({ claims });
    const { accessToken, refreshToken } = await auth.login('7');
    const leaked = (kind) => ({ current: NEW[kind], revoked: [SECRETS[kind]] });
    const change = { accessSecret: leaked('accessSecret'), refreshSecret: leaked('refreshSecret') };
    assert.throws(() => auth.setSecrets(change), { message: /did not know the current secret/ });
    auth.setSecrets(change, { force: true });
    const restarted = bench().open({ ...change, claims });
    for (const each of [auth, restarted]) {
      await refusedWith('ERR_REFRESH_INVALID', each.rotateRefresh(refreshToken));
      await refusedWith('ERR_REFRESH_INVALID', each.logout(refreshToken));
      assert.throws(() => each.verifyAccess(accessToken), { code: 'ERR_TOKEN_INVALID' });
      await each.rotateRefresh((await each.login('7')).refreshToken);
    }
  });

  it('does not answer a retry with a successor whose secret has leaked', async () => {
    const auth = bench().open();
    auth.setSecrets(KNOWN);
    const { refreshToken } = await auth.login('7');
    auth.setSecrets(SIGNING);
    await auth.rotateRefresh(refreshToken);
    auth.setSecrets({ refreshSecret: { current: REFRESH, revoked: NEW_REFRESH } }); // no force: it is named
    await refusedWith('ERR_REFRESH_INVALID', auth.rotateRefresh(refreshToken));
  });

  it('does not affect calls that have begun: each keeps the secrets that it began with', async () => {
    const auth = bench().open();
    auth.setSecrets(KNOWN);
    const { refreshToken } = await auth.login('7');
    const rotating = auth.rotateRefresh(refreshToken); // on its way to the store
    auth.setSecrets(SIGNING); // the order is another: by its index the call would take the other secret
    const login = auth.login('8');
    const rotated = await rotating;
    assert.strictEqual(headerOf(rotated.refreshToken).kid, headerOf(refreshToken).kid);
    assert.notStrictEqual(headerOf((await login).refreshToken).kid, headerOf(refreshToken).kid);
    const retried = await auth.rotateRefresh(refreshToken);
    assert.strictEqual(retried.refreshToken, rotated.refreshToken);
    await auth.rotateRefresh(rotated.refreshToken);
  });

  it('does not affect a refresh that waits for the claims function, even if its secret is dropped', async () => {
    let answer;
    const asked = new Promise((resolve) => {
      answer = resolve;
    });
    const claims = (userId, { generation }) => (generation === undefined ? {} : asked);
    const auth = bench().open({ ...KNOWN, claims });
    const { refreshToken } = await auth.login('7');
    const rotating = auth.rotateRefresh(refreshToken);
    auth.setSecrets(SIGNING);
    auth.setSecrets({ refreshSecret: NEW_REFRESH }, { force: true });
    answer({});
    const rotated = await rotating;
    assert.strictEqual(headerOf(rotated.refreshToken).kid, headerOf(refreshToken).kid);
    await refusedWith(KEY_UNKNOWN, auth.rotateRefresh(rotated.refreshToken));
    auth.setSecrets({ refreshSecret: SIGNING.refreshSecret }); // back: every call of before can be made again
    assert.strictEqual((await auth.rotateRefresh(refreshToken)).refreshToken, rotated.refreshToken);
  });

  it('can be called repeatedly under load: every successor can be derived again', async () => {
    const auth = bench().open();
    auth.setSecrets(KNOWN);
    const sets = [SIGNING, { ...KNOWN }];
    let tokens = await Promise.all(Array.from({ length: 40 }, (_, i) => auth.login(`user-${i}`)));
    for (let round = 0; round < 10; round += 1) {
      const calls = tokens.map(({ refreshToken }, i) => {
        if (i % 3 === 0) auth.setSecrets(sets[(i + round) % 2]);
        return Promise.all([auth.rotateRefresh(refreshToken), auth.rotateRefresh(refreshToken)]);
      });
      const pairs = await Promise.all(calls);
      for (const [one, other] of pairs) assert.strictEqual(one.refreshToken, other.refreshToken);
      tokens = pairs.map(([one]) => one);
    }
    assert(tokens.every(({ refreshToken }) => payloadOf(refreshToken).gen === 10));
  });

  it('has no effect while the auth is being closed, and after', async () => {
    const auth = bench().open();
    auth.setSecrets(KNOWN);
    const { refreshToken, accessToken } = await auth.login('7');
    const rotating = auth.rotateRefresh(refreshToken);
    const closing = auth.close();
    auth.setSecrets(SIGNING);
    await closing;
    auth.setSecrets(SIGNING);
    assert.strictEqual(auth.verifyAccess(accessToken).sub, '7');
    await rotating;
  });
});

describe('auth.setSecrets in a worker', () => {
  it('has its own secrets', async () => {
    const worker = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const { createAuth } = require(workerData.root);
       const auth = createAuth({ ...workerData.secrets, store: ':memory:' });
       parentPort.on('message', async (change) => {
         if (!change) return auth.close().then(() => parentPort.close());
         try { auth.setSecrets(change); parentPort.postMessage(await auth.login('7')); }
         catch (error) { parentPort.postMessage({ code: error.code }); }
       });`,
      { eval: true, workerData: { root: ROOT, secrets: SECRETS } },
    );
    const ask = (change) =>
      new Promise((resolve) => {
        worker.once('message', resolve);
        worker.postMessage(change);
      });
    const { createAuth } = require('..');
    const auth = createAuth({ ...SECRETS, store: ':memory:' });
    auth.setSecrets(KNOWN);
    auth.setSecrets(SIGNING);
    assert.deepStrictEqual(await ask(SIGNING), { code: 'ERR_SECRET' }); // the worker knows of nothing
    const known = await ask(KNOWN);
    assert.strictEqual(auth.verifyAccess(known.accessToken).sub, '7');
    const signing = await ask(SIGNING);
    assert.deepStrictEqual(kidsOf(signing), kidsOf(await auth.login('7')));
    worker.postMessage(null);
    await new Promise((resolve) => worker.once('exit', resolve));
    await auth.close();
  });
});
