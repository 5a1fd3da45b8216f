'use strict';
// npm run bench:express: a protected route compared with the same route without auth, with one whose middleware sets
// `req.user` and `req.auth` without a token (the floor of any such middleware), and with express-jwt. Rounds alternate
// between the routes, and the best round of each counts, since other load can only slow a round down. Two figures per
// route: requests per second, and the server's CPU time per request, which is less sensitive to load. Then the
// middleware and auth.verifyAccess() in a loop, with everything in the CPU's caches.

const { fork } = require('node:child_process');
const { once } = require('node:events');

const { compare, ensure, looped, quick, unlessQuick } = require('./core');

const GOAL = 0.95; // of the open route's rate
const ROUNDS = unlessQuick(5, 0);
const SECONDS = unlessQuick(2, 0.1);
const CONNECTIONS = unlessQuick(32, 2);

// ---------------------------------------------------------------- the server, in its own process

/**
 * An app with a single route: Express tries routes in order, so that later ones cost more.
 */
function appOf(...handlers) {
  const app = require('express')().disable('x-powered-by').disable('etag');
  app.get('/', ...handlers, (req, res) => res.json({ ok: true }));
  return app;
}

function floor(req, res, next) {
  req.user = { sub: '1' };
  req.auth = { userId: '1' };
  next();
}

const SECRET = 'a secret of the benchmark, 32 bytes or more';

/** { auth, token }: one of our auths and one of its access tokens. */
async function makeAuth() {
  const options = {
    accessSecret: SECRET,
    refreshSecret: `another ${SECRET}`,
    store: ':memory:',
    accessExpiresIn: '1h',
  };
  const auth = require('..').createAuth({ ...options, claims: () => ({ isAdmin: true }) });
  return { auth, token: (await auth.login('1')).accessToken };
}

/** Sends the parent { port, token } of each route, and the CPU time so far whenever it asks. */
async function serve() {
  const { expressjwt } = require('express-jwt');
  const { auth, token } = await makeAuth();
  const theirs = require('..').sign({ ...auth.verifyAccess(token) }, SECRET);
  const routes = {
    open: [appOf(), token],
    floor: [appOf(floor), token],
    protected: [appOf(auth.protect()), token],
    'protected-live': [appOf(auth.protect({ live: true })), token],
    'express-jwt': [appOf(expressjwt({ secret: SECRET, algorithms: ['HS256'] })), theirs],
  };
  const served = {};
  for (const [route, [app, bearer]] of Object.entries(routes)) {
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    served[route] = { port: server.address().port, token: bearer };
  }
  process.on('message', () => process.send({ cpu: process.cpuUsage() }));
  process.on('disconnect', () => process.exit());
  process.send(served);
}

// ---------------------------------------------------------------- the load

async function cpuOf(server) {
  server.send('cpu');
  const [{ cpu }] = await once(server, 'message');
  return cpu.user + cpu.system;
}

/** One round: { rate: requests per second, cpu: microseconds of the server per request }. */
async function round(server, { port, token }) {
  const before = await cpuOf(server);
  const {
    '2xx': answered,
    non2xx,
    errors,
    duration,
  } = await require('autocannon')({
    url: `http://127.0.0.1:${port}/`,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}` },
  });
  const failed = non2xx + errors;
  if (failed > 0 || answered === 0) throw new Error(`${failed} requests failed, ${answered} were answered`);
  return { rate: answered / duration, cpu: ((await cpuOf(server)) - before) / answered };
}

/** { route: { rate, cpu } }, the best of all rounds except the first, which warms up. */
async function load() {
  const server = fork(__filename, ['serve']);
  const [served] = await once(server, 'message');
  const best = {};
  for (let i = 0; i <= ROUNDS; i++) {
    for (const [route, address] of Object.entries(served)) {
      const { rate, cpu } = await round(server, address);
      const { rate: most, cpu: least } = i > 1 ? best[route] : { rate: 0, cpu: Infinity };
      best[route] = { rate: Math.max(most, rate), cpu: Math.min(least, cpu) };
    }
  }
  server.disconnect();
  return best;
}

// ---------------------------------------------------------------- in a loop

async function inALoop() {
  const { auth, token } = await makeAuth();
  const middleware = auth.protect();
  const authorization = `Bearer ${token}`;
  const req = {
    method: 'GET',
    headers: { authorization },
    rawHeaders: ['Host', 'localhost', 'Authorization', authorization],
  };
  const next = () => {};
  const us = await compare(
    {
      protect: looped(() => middleware(req, {}, next)),
      verifyAccess: looped(() => auth.verifyAccess(token)),
    },
    { clock: 'cpu' },
  );
  await auth.close();
  return us;
}

// ----------------------------------------------------------------

const percent = (part) => `${(part * 100).toFixed(1).padStart(5)} %`;

async function main() {
  await ensure();
  const best = await load();
  const { open, floor: least, 'express-jwt': peer, protected: own } = best;
  for (const [route, { rate, cpu }] of Object.entries(best)) {
    console.log(
      `${route.padEnd(15)} ${rate.toFixed(0).padStart(6)} requests/s, ` +
        `${percent(rate / open.rate)} of the open route; ` +
        `${cpu.toFixed(1).padStart(6)} µs of CPU per request, ${percent(open.cpu / cpu)}`,
    );
  }
  console.log(
    `protected: ${percent(own.rate / least.rate)} of the floor's requests, ${percent(least.cpu / own.cpu)} by CPU; ` +
      `${(own.rate / peer.rate).toFixed(2)} times express-jwt's, ${(peer.cpu / own.cpu).toFixed(2)} times by CPU`,
  );
  console.log(
    `in a server, µs of CPU: auth.protect() ${(own.cpu - open.cpu).toFixed(1)}, ` +
      `of which any such middleware ${(least.cpu - open.cpu).toFixed(1)}`,
  );
  const reached = Math.max(own.rate / open.rate, open.cpu / own.cpu) >= GOAL;
  if (!quick) console.log(`goal, at least ${percent(GOAL)} of the open route: ${reached ? 'reached' : 'MISSED'}`);
  const { protect, verifyAccess } = await inALoop();
  console.log(
    `in a loop, µs per call: auth.protect() ${protect.toFixed(2)}, ` +
      `of which auth.verifyAccess() ${verifyAccess.toFixed(2)}`,
  );
}

if (process.argv[2] === 'serve') serve();
else main();
