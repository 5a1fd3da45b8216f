'use strict';

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const path = require('node:path');

const { createTestAuth } = require('../lib/testing');

describe('signet-jwt/testing', () => {
  let auth;
  before(() => {
    auth = createTestAuth({ accessExpiresIn: '30s' });
  });
  after(() => auth.close());

  it("header() is the header of a user's request", async () => {
    const headers = await auth.header('1', { isAdmin: true });
    assert.deepEqual(Object.keys(headers), ['Authorization']);
    const claims = auth.verifyAccess(headers.Authorization.replace(/^Bearer /, ''));
    assert.deepEqual([claims.sub, claims.isAdmin], ['1', true]);
  });

  it('advance() moves the clock, and nothing waits', async () => {
    const token = (await auth.login('1')).accessToken;
    auth.advance(29);
    auth.verifyAccess(token);
    auth.advance('2s');
    assert.throws(() => auth.verifyAccess(token), { code: 'ERR_TOKEN_EXPIRED' });
    assert.throws(() => auth.advance('31'), { code: 'ERR_OPTION' });
  });

  it('two of them are independent', async () => {
    const other = createTestAuth();
    const { refreshToken } = await other.login('1');
    await assert.rejects(auth.rotateRefresh(refreshToken), { code: /^ERR_REFRESH_KEY_/ });
    await other.close();
  });

  it("accepts createAuth's options", async () => {
    const own = createTestAuth({ claims: async (userId) => ({ name: `user ${userId}` }), issuer: 'me' });
    const { accessToken } = await own.login('7');
    const { name, iss } = own.verifyAccess(accessToken);
    assert.deepEqual([name, iss], ['user 7', 'me']);
    await own.close();
  });

  it('close() lets the process exit', async () => {
    const script = `const { createTestAuth } = require(${JSON.stringify(path.join(__dirname, '../lib/testing'))});
      const auth = createTestAuth(); auth.header('1').then(() => auth.close());`;
    await promisify(execFile)(process.execPath, ['-e', script], { timeout: 20_000 });
  });
});
