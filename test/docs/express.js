'use strict';

const assert = require('node:assert');
const { once } = require('node:events');
const argon2 = require('@node-rs/argon2');
const passport = require('passport');
const request = require('supertest');
const { WebSocket } = require('ws');

const { LOGIN, PAGE, createGiven } = require('../support/docs-given');

/** A passport strategy that knows the user as soon as it is asked. */
class KnownUser extends passport.Strategy {
  name = 'github';

  authenticate() {
    this.success({ id: '1' });
  }
}

const users = [{ id: '1', role: 'admin' }];

module.exports = {
  given: createGiven,
  blocks: {
    express: {
      given: {
        User: {
          findById: async (id) => users.find((user) => user.id === id) ?? null,
          findByPassword: async (username, password) => (password === 'right' ? users[0] : null),
        },
        Order: { find: async ({ owner }) => [`an order of ${owner}`] },
      },
      async check({ app }) {
        await request(app)
          .post('/auth/login')
          .set(PAGE)
          .send({ ...LOGIN, password: 'wrong' })
          .expect(401);
        const { body, headers } = await request(app).post('/auth/login').set(PAGE).send(LOGIN).expect(200);
        const bearer = { Authorization: `Bearer ${body.accessToken}` };
        await request(app).get('/orders').set(bearer).expect(200, ['an order of 1']);
        await request(app).get('/admin').set(bearer).expect(200, '"hello, admin"');
        const [cookie] = headers['set-cookie'][0].split(';');
        users.length = 0; // deleted: the session ends; it is no error of the server's
        await request(app).post('/auth/refresh').set(PAGE).set('Cookie', cookie).expect(401);
        await request(app).get('/admin').set(bearer).expect(401);
      },
    },
    authprotectoptions: {
      async check({ app, auth, verify }) {
        app.get('/x', verify, (req, res) => res.json('in'));
        await request(app).get('/x').expect(401, '"You are not authenticated"');
        await request(app).get('/x').set('Authorization', 'Bearer x').expect(403, '"Token is not Valid."');
        await request(app)
          .get('/x')
          .set(await auth.header('1'))
          .expect(200);
      },
    },
    authrouteroptions: {
      given: async () => {
        const john = { id: '1', passwordHash: await argon2.hash('right') };
        return { User: { findOne: async ({ username }) => (username === 'john' ? john : null) } };
      },
      async check({ authenticate }) {
        assert.deepStrictEqual(await authenticate({ body: LOGIN }), { userId: '1' });
        for (const body of [
          { ...LOGIN, password: 'wrong' },
          { ...LOGIN, username: 'nobody' },
          { username: 'nobody', password: 'the password of nobody' },
          {},
        ]) {
          assert.strictEqual(await authenticate({ body }), null);
        }
      },
    },
    'limiting-login-attempts': {
      async check({ app }) {
        const attempt = () =>
          request(app)
            .post('/auth/login')
            .set(PAGE)
            .send({ ...LOGIN, password: 'wrong' });
        for (let n = 0; n < 20; n += 1) await attempt().expect(401);
        await attempt().expect(429);
      },
    },
    'other-ways-to-log-in': {
      before: () => passport.use(new KnownUser()),
      async check({ app }) {
        const { headers } = await request(app).get('/oauth/callback').expect(302);
        assert.match(headers['set-cookie'][0], /^signet=/);
        await request(app).post('/auth/login').set(PAGE).send(LOGIN).expect(404);
      },
    },
    'cookies-and-forged-requests': {
      async check({ auth, server, wss }) {
        server.listen(0, 'localhost');
        await once(server, 'listening');
        const { accessToken } = await auth.login('1');
        const connect = (origin, token) =>
          new WebSocket(`ws://localhost:${server.address().port}`, { origin, headers: { Cookie: `access=${token}` } });
        const [
          [
            ,
            {
              auth: { userId },
            },
          ],
        ] = await Promise.all([once(wss, 'connection'), once(connect('https://app.example.com', accessToken), 'open')]);
        assert.strictEqual(userId, '1');
        const refused = async (socket) => (await once(socket, 'unexpected-response'))[1].statusCode;
        assert.strictEqual(await refused(connect('https://app.example.com', 'x')), 401);
        assert.strictEqual(await refused(connect('https://evil.example.com', accessToken)), 403);
      },
    },
  },
};
