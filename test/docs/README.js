'use strict';

const assert = require('node:assert');
const request = require('supertest');

const users = [{ id: '1', isAdmin: true }];

module.exports = {
  blocks: {
    'instead-of-jsonwebtoken': {
      check({ token, user }) {
        assert.strictEqual(token.split('.').length, 3);
        assert.deepStrictEqual([user.id, user.isAdmin, user.exp - user.iat], ['1', true, 900]);
      },
    },
    sessions: {
      given: {
        userId: '1',
        User: { findById: async (id) => users.find((user) => user.id === id) ?? null },
        Order: { find: async ({ owner }) => [`an order of ${owner}`] },
        authenticate: async (req) => (req.body.password === 'right' ? { userId: '1' } : null),
      },
      async check({ app, auth, accessToken, refreshToken, next }) {
        assert.notStrictEqual(next.refreshToken, refreshToken);
        assert.strictEqual(auth.verifyAccess(accessToken).isAdmin, true);
        await request(app)
          .get('/orders')
          .set('Authorization', `Bearer ${next.accessToken}`)
          .expect(200, ['an order of 1']);
        await request(app).get('/orders').expect(401);
        const page = { 'X-Signet': '1', 'Sec-Fetch-Site': 'same-origin' };
        await request(app).post('/auth/login').set(page).send({ password: 'right' }).expect(200);
        users.length = 0; // the user is deleted: the session ends, and nothing throws
        await assert.rejects(auth.rotateRefresh(next.refreshToken), { status: 401, code: 'ERR_SESSION_REVOKED' });
      },
    },
  },
};
