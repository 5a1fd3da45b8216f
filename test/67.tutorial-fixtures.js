'use strict';

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const request = require('supertest');

/*
 * The tutorial's server twice: only its `require` changed, and on createAuth. One end-to-end test for both, on MongoDB.
 */

const URI = process.env.MONGODB_URI;
const WHY_NOT = 'MONGODB_URI is not set: node scripts/mongo-server.js up';

/** The server's address with a database of its own. */
function ownDatabase() {
  const url = new URL(URI);
  url.pathname = `/tutorial_${randomBytes(4).toString('hex')}`;
  return url.href;
}

const SECRETS = {
  accessSecret: randomBytes(32).toString('base64url'),
  refreshSecret: randomBytes(32).toString('base64url'),
};
const JOHN = { username: 'john', password: 'john-demo-password' };

/** Runs `action` with the clock `seconds` ahead, as an app's fake timers do. */
async function later(seconds, action) {
  const { now } = Date;
  Date.now = () => now() + seconds * 1000;
  try {
    return await action();
  } finally {
    Date.now = now;
  }
}

for (const name of ['tutorial-drop-in', 'tutorial-create-auth']) {
  describe(`test/fixtures/${name}`, () => {
    const createServer = require(`./fixtures/${name}/server`);
    const mongoose = require('mongoose');
    let server;

    if (!URI) {
      it.skip(`skipped: ${WHY_NOT}`);
      return;
    }

    before(() => {
      server = createServer({ uri: ownDatabase(), mongoose, ...SECRETS });
      return server.ready();
    });
    after(() => server.close());

    const post = (path, body, token) => {
      const test = request(server.app).post(`/api${path}`);
      return (token ? test.set('Authorization', `Bearer ${token}`) : test).send(body);
    };
    const me = (header) => {
      const test = request(server.app).get('/api/me');
      return header === undefined ? test : test.set('Authorization', header);
    };
    const login = async () => (await post('/login', JOHN).expect(200)).body;

    it('POST /api/login returns the user and both tokens', async () => {
      const body = await login();
      assert.deepEqual(Object.keys(body), ['username', 'isAdmin', 'access_token', 'refresh_token']);
      assert.deepEqual([body.username, body.isAdmin], ['john', true]);
    });

    it('POST /api/login with a wrong password is 400', async () => {
      await post('/login', { username: 'john', password: 'no' }).expect(400, '"Username or password is incorrect"');
    });

    it('verify lets a good token pass and sets the user', async () => {
      const { access_token: token } = await login();
      const { body } = await me(`Bearer ${token}`).expect(200);
      assert.deepEqual([body.id, body.isAdmin, body.exp - body.iat], ['1', true, 30]);
    });

    it('verify answers 401 without a token, and 403 to anything else, expiry included', async () => {
      const { access_token: token, refresh_token: refresh } = await login();
      await me().expect(401, '"You are not authenticated"');
      for (const header of ['Bearer x', 'Bearer', `Bearer ${token}x`, `Bearer ${refresh}`])
        await me(header).expect(403, '"Token is not Valid."');
      await later(31, () => me(`Bearer ${token}`).expect(403, '"Token is not Valid."'));
    });

    it('POST /api/refresh/:id rotates the refresh token for a new pair', async () => {
      const { refresh_token: token } = await login();
      const { body } = await later(31, () => post('/refresh/1', { token }).expect(200));
      assert.deepEqual(Object.keys(body).sort(), ['accessToken', 'refreshToken']);
      assert.notEqual(body.refreshToken, token);
      await later(31, () => me(`Bearer ${body.accessToken}`).expect(200));
      await post('/refresh/1', { token: body.refreshToken }).expect(200);
    });

    it('POST /api/refresh/:id refuses a token that was rotated before', async () => {
      const { refresh_token: token } = await login();
      await post('/refresh/1', { token }).expect(200);
      await post('/refresh/1', { token }).expect(403, '"Refresh token is not valid!"');
    });

    it('POST /api/refresh/:id gives one of two simultaneous requests the new pair', async () => {
      const { refresh_token: token } = await login();
      const answers = await Promise.all([1, 2, 3, 4].map(() => post('/refresh/1', { token })));
      assert.equal(answers.filter(({ status }) => status === 200).length, 1);
      for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
        assert.equal(status, 403);
        assert.match(body, /^Refresh token is not (valid|Generated)!$/);
      }
    });

    it("POST /api/refresh/:id refuses an older login's token, another user's, and other values", async () => {
      const first = await login();
      const jane = (await post('/login', { username: 'jane', password: 'jane-demo-password' }).expect(200)).body;
      await login();
      for (const token of [first.refresh_token, jane.refresh_token, 'x', '', undefined, { $ne: null }]) {
        await post('/refresh/1', { token }).expect(403, '"Refresh token is not valid!"');
      }
    });

    it('POST /api/logout ends it: no refresh token is left', async () => {
      const { access_token: access, refresh_token: token } = await login();
      await post('/logout', {}, access).expect(204);
      await post('/refresh/1', { token }).expect(403, '"Refresh token is not Generated!"');
    });

    it('answers 503 instead of 403 while the database is down', async () => {
      const away = createServer({ uri: 'mongodb://127.0.0.1:1/none', mongoose, ...SECRETS });
      const { refresh_token: token } = await login();
      await request(away.app).post('/api/refresh/1').send({ token }).expect(503);
      await away.close();
    });
  });
}
