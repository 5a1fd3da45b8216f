'use strict';
const assert = require('node:assert');

const { KEY_UNKNOWN, SECRETS, headerOf, refusedWith, withBench } = require('./support/auth');
const { describeStores } = require('./support/stores');

const NEW = {
  accessSecret: 'a new access secret of the tests, 48 bytes and more',
  refreshSecret: 'a new refresh secret of the tests, 48 bytes and more',
};
const BOTH = {
  accessSecret: [NEW.accessSecret, SECRETS.accessSecret],
  refreshSecret: [NEW.refreshSecret, SECRETS.refreshSecret],
};

describeStores(
  'New secrets',
  (store) => {
    const bench = withBench(store);

    it('in an array: the first signs, and all of them verify', async () => {
      const before = bench().open();
      const { accessToken, refreshToken } = await before.login('7');
      const after = bench().open(BOTH);
      assert.strictEqual(after.verifyAccess(accessToken).sub, '7');
      const next = await after.rotateRefresh(refreshToken);
      const later = bench().open(NEW);
      assert.strictEqual(later.verifyAccess(next.accessToken).sub, '7');
      await later.rotateRefresh(next.refreshToken);
      assert.notStrictEqual(headerOf(next.refreshToken).kid, headerOf(refreshToken).kid);
      assert.throws(() => later.verifyAccess(accessToken), { code: 'ERR_KEY_UNKNOWN', status: 401 });
      await refusedWith(KEY_UNKNOWN, later.rotateRefresh(refreshToken));
    });

    it('between a rotation and its retry change nothing: the retry gets the same successor', async () => {
      const before = bench().open();
      const { refreshToken } = await before.login('7');
      const rotated = await before.rotateRefresh(refreshToken);
      const after = bench().open(BOTH);
      const retried = await after.rotateRefresh(refreshToken);
      const { jti } = JSON.parse(Buffer.from(retried.refreshToken.split('.')[1], 'base64url'));
      assert.strictEqual(jti, JSON.parse(Buffer.from(rotated.refreshToken.split('.')[1], 'base64url')).jti);
      await after.rotateRefresh(retried.refreshToken);
    });

    it("that are all replaced log everybody out except the last hour's, and end no session", async () => {
      const before = bench().open();
      const { refreshToken } = await before.login('7');
      bench().clock.advance(3600);
      await refusedWith(KEY_UNKNOWN, bench().open(NEW).rotateRefresh(refreshToken));
      bench().clock.advance(1);
      const after = bench().open(NEW);
      await refusedWith('ERR_REFRESH_INVALID', after.rotateRefresh(refreshToken));
      await before.rotateRefresh(refreshToken);
    });
  },
  { durable: true },
);
