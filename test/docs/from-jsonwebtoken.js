'use strict';

const assert = require('node:assert');
const express = require('express');
const request = require('supertest');
const { createTestAuth } = require('signet-jwt/testing');

const JOHN = { username: 'john', password: 'right' };

/** The tutorial's answers, whichever code is behind them. */
async function checkTutorial({ app, verify }) {
  app.get('/api/me', verify, (req, res) => res.json([req.user.id, req.user.isAdmin]));
  await request(app)
    .post('/api/login')
    .send({ ...JOHN, password: 'wrong' })
    .expect(400, '"Username or password is incorrect"');
  const { body } = await request(app).post('/api/login').send(JOHN).expect(200);
  assert.deepStrictEqual(Object.keys(body), ['username', 'isAdmin', 'access_token', 'refresh_token']);
  await request(app).get('/api/me').expect(401, '"You are not authenticated"');
  await request(app).get('/api/me').set('Authorization', 'Bearer x').expect(403, '"Token is not Valid."');
  await request(app).get('/api/me').set('Authorization', `Bearer ${body.access_token}`).expect(200, ['1', true]);
  await request(app)
    .post('/api/refresh/2')
    .send({ token: body.refresh_token })
    .expect(403, '"Refresh token is not Generated!"');
  await request(app).post('/api/refresh/1').send({ token: 'x' }).expect(403, '"Refresh token is not valid!"');
  const { body: next } = await request(app).post('/api/refresh/1').send({ token: body.refresh_token }).expect(200);
  assert.deepStrictEqual(Object.keys(next), ['accessToken', 'refreshToken']);
  await request(app).get('/api/me').set('Authorization', `Bearer ${next.accessToken}`).expect(200, ['1', true]);
}

module.exports = {
  given: () => ({ app: express().use(express.json()), users: [{ id: '1', isAdmin: true, ...JOHN }] }),
  blocks: {
    '2-the-tutorials-code-before-and-after': {
      needsMongo: true,
      before: () => require('mongoose').connect(process.env.MONGODB_URI),
      check: checkTutorial,
    },
    '2-the-tutorials-code-before-and-after-2': { check: checkTutorial },
    'migrating-one-login-at-a-time': {
      given: () => {
        process.env.OLD_ACCESS_SECRET = "a secret of the tutorial's kind";
        return { auth: createTestAuth({ accessSecret: process.env.ACCESS_SECRET }) };
      },
      async check({ app, auth, jwt, verify }) {
        app.get('/', verify, (req, res) => res.json(req.user.id ?? req.user.sub));
        const get = (token) => request(app).get('/').set('Authorization', `Bearer ${token}`);
        const { accessToken } = await auth.login('new');
        await get(accessToken).expect(200, '"new"');
        await get(jwt.sign({ id: 'old' }, process.env.OLD_ACCESS_SECRET)).expect(200, '"old"');
        await get(jwt.sign({ id: 'forged' }, 'another secret')).expect(403);
        await get(jwt.sign({ id: 'forged' }, process.env.OLD_ACCESS_SECRET, { header: { typ: 'at+jwt' } })).expect(401);
        await request(app)
          .get('/')
          .expect(401, /ERR_TOKEN_MISSING/);
        assert.strictEqual(jwt.verify(accessToken, process.env.ACCESS_SECRET).sub, 'new');
      },
    },
  },
};
