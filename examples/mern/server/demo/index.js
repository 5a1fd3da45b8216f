'use strict';
// The routes behind the page's lessons: they steal a token, set the clock ahead, stop the store. Only in this example,
// and never in production.

const express = require('express');
const { resetItems } = require('../items.js');
const { createClock } = require('./clock.js');
const { createEventStream } = require('./events.js');
const { createMeasurement } = require('./measure.js');
const { openView } = require('./view.js');

const MAX_TURN_S = 300;
const DOWN_MS = 20_000;
const LESSON_MS = 40_000;
const STORE_TIMEOUT = '2s'; // so that a stopped store is noticed while one watches
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

const refuse = (res, message) => res.status(400).json({ code: 'ERR_BODY', message });

/** Loses the next answer to a refresh: the server does the work, but sends no cookie and cuts off the body. */
function createLoser() {
  let isArmed = false;
  const cutOff = (res) => {
    res.removeHeader('Set-Cookie');
    res.set('Content-Length', '999');
    res.write(' ', () => res.destroy());
  };
  return {
    arm(wanted) {
      isArmed = wanted;
    },
    lose(req, res, next) {
      if (isArmed) res.end = () => cutOff(res);
      isArmed = false;
      next();
    },
  };
}

/** Stops the store, for DOWN_MS at most. */
function createBreaker(view) {
  let releasing = null;
  return async (isDown) => {
    clearTimeout(releasing);
    const down = await view.stop(isDown);
    if (down) releasing = setTimeout(() => view.stop(false), DOWN_MS).unref();
    return down;
  };
}

/** One lesson at a time, in all pages together: they turn one clock. `begin` gives a ticket, or null. */
function createTurns(putBack) {
  let ticket = null;
  let timer = null;
  let lastTicket = 0;
  const end = async (of) => {
    if (of !== ticket || ticket === null) return;
    clearTimeout(timer);
    await putBack();
    ticket = null;
  };
  return {
    begin() {
      if (ticket !== null) return null;
      ticket = ++lastTicket;
      timer = setTimeout(end, LESSON_MS, ticket).unref(); // of a page that was closed
      return ticket;
    },
    end,
  };
}

/** A thief copies the refresh token and presents it later. */
function addThief(routes, auth, thief) {
  routes.post('/steal', (req, res) => {
    thief.loot = refreshCookie(req);
    res.status(thief.loot ? 204 : 400).end();
  });

  routes.post('/replay', async (req, res) => {
    if (!thief.loot) return refuse(res, 'nothing was stolen');
    try {
      const { refreshToken } = await auth.rotateRefresh(thief.loot, { req: THIEF });
      return res.json({ status: 200, sameAsYours: refreshToken === refreshCookie(req) });
    } catch ({ status, code, message }) {
      return res.json({ status, code, message });
    }
  });
}

/** What the page shows: users, records, measurements, and what the server says of a token. */
function addViews(routes, { auth, users, clock, view, measurement }) {
  routes.get('/about', (req, res) => {
    const shown = users.map(({ id, username, isAdmin, demoPassword: password }) => ({
      id,
      username,
      isAdmin,
      password,
    }));
    res.json({ users: shown, store: view.kind, cannotStop: view.cannotStop, ahead: clock.ahead() });
  });
  routes.get('/record/:sessionId', async (req, res) => res.json(await view.read(req.params.sessionId)));
  routes.get('/speed', async (req, res) => res.json(await measurement.measure()));
  routes.get('/events', createEventStream(auth, view.read));

  routes.post('/inspect', (req, res) => {
    if (typeof req.body?.token !== 'string') return refuse(res, 'token is missing');
    try {
      return res.json({ claims: auth.verifyAccess(req.body.token) });
    } catch ({ code, message }) {
      return res.json({ code, message });
    }
  });
}

/** The controls of the lessons, each undone by `putBack`. */
function addControls(routes, { auth, users, clock, loser, stopStore }) {
  const roles = users.map(({ isAdmin }) => isAdmin);
  const thief = { loot: null };
  async function putBack() {
    clock.reset();
    loser.arm(false);
    thief.loot = null;
    users.forEach((user, i) => {
      user.isAdmin = roles[i];
    });
    await stopStore(false);
  }
  const turns = createTurns(putBack);

  routes.post('/lesson', async (req, res) => {
    const ticket = turns.begin();
    if (ticket) return res.json({ ticket });
    return res.status(409).json({ code: 'ERR_BUSY', message: 'another lesson is running on this server' });
  });
  routes.post('/lesson/end', async (req, res) => {
    await turns.end(req.body?.ticket);
    res.status(204).end();
  });
  routes.post('/reset', async (req, res) => {
    await putBack();
    resetItems();
    res.status(204).end();
  });

  routes.post('/clock', (req, res) => {
    clock.turn(Math.min(Math.max(Number(req.body?.seconds) || 0, 0), MAX_TURN_S));
    res.json({ ahead: clock.ahead() });
  });
  routes.post('/role', (req, res) => {
    const user = users.find(({ id }) => id === req.body?.userId);
    if (!user) return refuse(res, 'no such user');
    user.isAdmin = req.body.isAdmin === true;
    return res.json({ username: user.username, isAdmin: user.isAdmin });
  });
  routes.post('/lose', (req, res) => {
    loser.arm(true);
    res.status(204).end();
  });
  routes.post('/store', async (req, res) => res.json({ down: await stopStore(req.body?.down === true) }));
  addThief(routes, auth, thief);
}

/**
 * Options for createApp that add the lessons: a clock that can be set ahead, a store that can be stopped, and the
 * routes under /demo. `close()` ends what they have opened.
 * @param {{ users: object[], store: string }} options
 */
async function addDemo({ users, store }) {
  const clock = createClock();
  const loser = createLoser();
  const measurement = createMeasurement();
  const view = await openView(store);
  const stopStore = createBreaker(view);
  const addRoutes = (app, auth) => {
    const routes = express.Router();
    routes.use(ownPageOnly, express.json());
    addViews(routes, { auth, users, clock, view, measurement });
    addControls(routes, { auth, users, clock, loser, stopStore });
    app.use(measurement.note);
    app.use('/auth/refresh', loser.lose); // in front of auth.router()
    app.use('/demo', routes);
  };
  return {
    options: { now: clock.now, store: view.store, storeTimeout: STORE_TIMEOUT, addRoutes },
    close: view.close,
  };
}

module.exports = { addDemo };
