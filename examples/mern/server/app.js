'use strict';
// The tutorial's server (login, verify, refresh), block by block, with Signet.

const path = require('node:path');
const express = require('express');
const { createAuth } = require('signet-jwt');
const { itemRoutes } = require('./items.js');
const { users, findByPassword } = require('./users.js');
const { answerError } = require('./errors.js');

const PAGE = path.join(__dirname, '..', 'dist');

/**
 * @param {{ accessSecret: string, refreshSecret: string, store: string, now?: () => number,
 *   addRoutes?: (app: import('express').Express, auth: object) => void }} options
 */
function createApp({ addRoutes, ...options }) {
  const { now = Date.now } = options;
  const auth = createAuth({
    ...options,
    accessExpiresIn: '30s',
    claims: (userId) => {
      const user = users.find((u) => u.id === userId);
      return user ? { id: user.id, isAdmin: user.isAdmin } : null;
    },
  });

  const app = express();
  app.disable('x-powered-by');
  app.use(express.json());

  app.post('/api/login', async (req, res) => {
    const since = now();
    const user = await findByPassword(req.body?.username, req.body?.password);
    if (!user) return res.status(400).json('Username or password is incorrect');
    const { accessToken, refreshToken } = await auth.login(user.id, { req, since });
    res.json({
      username: user.username,
      isAdmin: user.isAdmin,
      access_token: accessToken,
      refresh_token: refreshToken,
    });
  });

  const verify = auth.protect({
    onError: (err, req, res) => {
      if (!req.headers.authorization) return res.status(401).json('You are not authenticated');
      res.status(403).json('Token is not Valid.');
    },
  });

  app.get('/api/me', verify, (req, res) => res.json(req.user));

  app.post('/api/refresh/:id', async (req, res) => {
    const userId = req.params.id;
    const live = await auth.sessions(userId);
    if (live.length === 0) return res.status(403).json('Refresh token is not Generated!');
    try {
      const { accessToken, refreshToken } = await auth.rotateRefresh(req.body?.token, { userId, req, strict: true });
      res.json({ accessToken, refreshToken });
    } catch (err) {
      if (err.status !== 401) throw err; // a store that is down is a 503, never "not valid"
      res.status(403).json('Refresh token is not valid!');
    }
  });

  app.post('/api/logout', verify, async (req, res) => {
    await auth.revoke(req.auth.userId, req.auth.sessionId);
    res.status(204).end();
  });

  addRoutes?.(app, auth);

  // For the page: the same sessions, with the refresh token in a cookie that no script can read.
  app.use(
    '/auth',
    auth.router({
      authenticate: async (req) => {
        const user = await findByPassword(req.body?.username, req.body?.password);
        return user && { userId: user.id };
      },
    }),
  );
  app.use('/api/items', itemRoutes(auth));

  app.use(express.static(PAGE));
  app.use(answerError);
  return { app, auth };
}

module.exports = { createApp };
