'use strict';
// The routes behind the page's lessons: they steal a token, set the clock ahead, stop the store. Only in this example,
// and never in production.

const express = require('express');
const { createClock } = require('./clock.js');
const { createEventStream } = require('./events.js');
const { measure } = require('./measure.js');
const { openOtherProcess } = require('./other-process.js');

const MAX_TURN_S = 300;
const DOWN_MS = 20_000;
const THIEF = {
  headers: { 'user-agent': "the thief's laptop" },
  ip: '203.0.113.66',
  socket: { remoteAddress: '203.0.113.66' },
};

/** The refresh token in the request's cookie: what a thief would copy from the browser's disk. */
const refreshCookie = (req) => /(?:^|;\s*)(?:__Host-)?signet=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? null;

/** A page of another site cannot set this header without a preflight, which is refused. */
function ownPageOnly(req, res, next) {
  if (req.method === 'GET' || req.headers['x-demo'] === '1') return next();
  return res.status(403).json({ code: 'ERR_ORIGIN', message: 'the demo only answers its own page' });
}

/**
 * @param {{ auth: import('signet-jwt').Auth, users: object[], clock: ReturnType<import('./clock.js').createClock>,
 *   store: string, loser: ReturnType<createLoser> }} options
 */
function demoRoutes({ auth, users, clock, store, loser }) {
  const other = openOtherProcess(store);
  const routes = express.Router();
  routes.use(ownPageOnly, express.json());

  routes.get('/about', (req, res) => {
    const shown = users.map(({ id, username, isAdmin, demoPassword }) => ({
      id,
      username,
      isAdmin,
      password: demoPassword,
    }));
    res.json({
      users: shown,
      store: store.startsWith('mongodb') ? 'MongoDB' : 'SQLite',
      hasOtherProcess: other.isThere(),
      ahead: clock.ahead(),
    });
  });
  routes.get('/speed', (req, res) => res.json(measure()));
  routes.get('/events', createEventStream(auth, other.read));

  routes.post('/clock', (req, res) => {
    clock.turn(Math.min(Math.max(Number(req.body?.seconds) || 0, 0), MAX_TURN_S));
    res.json({ ahead: clock.ahead() });
  });

  routes.post('/role', (req, res) => {
    const user = users.find(({ id }) => id === req.body?.userId);
    if (!user) return res.status(400).json({ code: 'ERR_BODY', message: 'no such user' });
    user.isAdmin = req.body.isAdmin === true;
    return res.json({ username: user.username, isAdmin: user.isAdmin });
  });

  routes.post('/lose', (req, res) => {
    loser.arm();
    res.status(204).end();
  });

  addThief(routes, auth);
  addBreaker(routes, other);
  return routes;
}

function cutOff(res) {
  res.removeHeader('Set-Cookie');
  res.set('Content-Length', '999');
  res.write(' ', () => res.destroy());
}

/**
 * Loses the next answer to a refresh: the server does the work, but sends no cookie and cuts off the body.
 */
function createLoser() {
  let isArmed = false;
  return {
    arm: () => {
      isArmed = true;
    },
    lose(req, res, next) {
      if (isArmed) res.end = () => cutOff(res);
      isArmed = false;
      next();
    },
  };
}

/** A thief copies the refresh token and presents it later. */
function addThief(routes, auth) {
  let stolen = null;

  routes.post('/steal', (req, res) => {
    stolen = refreshCookie(req);
    res.status(stolen ? 204 : 400).end();
  });

  routes.post('/replay', async (req, res) => {
    if (!stolen) return res.status(400).json({ code: 'ERR_BODY', message: 'nothing was stolen' });
    try {
      const { refreshToken } = await auth.rotateRefresh(stolen, { req: THIEF });
      return res.json({ status: 200, sameAsYours: refreshToken === refreshCookie(req) });
    } catch ({ status, code, message }) {
      return res.json({ status, code, message });
    }
  });
}

/** Stops the store: the other process takes its write lock, and releases it after DOWN_MS in any case. */
function addBreaker(routes, other) {
  let releasing = null;

  routes.post('/store', async (req, res) => {
    clearTimeout(releasing);
    const down = await other.lock(req.body?.down === true);
    if (down) releasing = setTimeout(() => other.lock(false), DOWN_MS).unref();
    res.json({ down });
  });
}

/** Options for createApp that add the lessons: a clock that can be set ahead, and the routes under /demo. */
function addDemo({ users, store }) {
  const clock = createClock();
  const loser = createLoser();
  const addRoutes = (app, auth) => {
    app.use('/auth/refresh', loser.lose); // in front of auth.router()
    app.use('/demo', demoRoutes({ auth, users, clock, store, loser }));
  };
  return { now: clock.now, addRoutes };
}

module.exports = { addDemo };
