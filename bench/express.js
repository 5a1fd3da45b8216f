'use strict';
// npm run bench:express: a protected route beside the same route without auth, beside one whose middleware sets `req.user` and `req.auth` and looks at no
// token (the floor of any such middleware), and beside express-jwt, under wrk. Prints ratios: rounds alternate between the routes, and the best round of
// each counts, as whatever else the machine does only slows a round down. Two figures a route: requests a second, and the server's own CPU time a
// request, which a busy machine disturbs less. The server has one thread, so on a quiet machine the one is the other's inverse. Then the same apps
// without sockets: requests and answers made by hand, which no network disturbs; and the middleware in a loop.

const { execFileSync, fork } = require('node:child_process');
const { once } = require('node:events');

const { ensure } = require('./lib/ensure');
const { looped } = require('./lib/looped');
const { compare, median } = require('./lib/measure');

const ROUTES = ['open', 'floor', 'protected', 'protected-live', 'express-jwt'];
const GOAL = 0.95; // of the open route's requests
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const CONNECTIONS = 32;
const IN_PROCESS_ROUTES = ['open', 'floor', 'protected', 'protected-live']; // express-jwt's garbage would be collected at the others' cost
const IN_PROCESS_ROUNDS = 400;
const IN_PROCESS_REQUESTS = 100;

// ---------------------------------------------------------------- the server, in a process of its own

/** An app with one route alone: Express tries the routes of an app one after another, so that a later one costs more. */
function appOf(...handlers) {
  const app = require('express')().disable('x-powered-by').disable('etag');
  app.get('/', ...handlers, (req, res) => res.json({ ok: true }));
  return app;
}

/** { apps, auth, own, theirs }: an app a route, and the tokens for ours and for express-jwt. */
async function makeApps() {
  const { expressjwt } = require('express-jwt');
  const { createAuth, sign } = require('..');
  const secret = 'a secret of the benchmark, 32 bytes or more';
  const auth = createAuth({ accessSecret: secret, refreshSecret: `another ${secret}`, store: ':memory:', accessExpiresIn: '1h', claims: () => ({ isAdmin: true }) });
  function floor(req, res, next) {
    req.user = { sub: '1' };
    req.auth = { userId: '1' };
    next();
  }
  const apps = {
    open: appOf(),
    floor: appOf(floor),
    protected: appOf(auth.protect()),
    'protected-live': appOf(auth.protect({ live: true })),
    'express-jwt': appOf(expressjwt({ secret, algorithms: ['HS256'] })),
  };
  const own = (await auth.login('1')).accessToken;
  return { apps, auth, own, theirs: sign({ ...auth.verifyAccess(own) }, secret) };
}

async function serve() {
  const { apps, own, theirs } = await makeApps();
  const ports = {};
  for (const [route, app] of Object.entries(apps)) {
    const server = app.listen(0);
    await once(server, 'listening');
    ports[route] = server.address().port;
  }
  process.on('message', () => process.send({ cpu: process.cpuUsage() }));
  process.send({ ports, own, theirs });
}

// ---------------------------------------------------------------- wrk

async function cpuOf(server) {
  server.send('cpu');
  const [{ cpu }] = await once(server, 'message');
  return cpu.user + cpu.system;
}

/** One round: { rate: requests a second, cpu: microseconds of the server a request }. */
async function round(server, url, token) {
  const before = await cpuOf(server);
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, '-H', `Authorization: Bearer ${token}`, url];
  const output = execFileSync('wrk', args, { encoding: 'utf8' });
  if (/Non-2xx/.test(output)) throw new Error(`${url} did not answer 200:\n${output}`);
  const requests = Number(/(\d+) requests in/.exec(output)[1]);
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)[1]), cpu: (await cpuOf(server) - before) / requests };
}

async function load() {
  const server = fork(__filename, ['serve']);
  const [{ ports, own, theirs }] = await once(server, 'message');
  const best = Object.fromEntries(ROUTES.map((route) => [route, { rate: 0, cpu: Infinity }]));
  for (let i = 0; i <= ROUNDS; i++) {
    for (const route of ROUTES) {
      const { rate, cpu } = await round(server, `http://127.0.0.1:${ports[route]}/`, route === 'express-jwt' ? theirs : own);
      if (i === 0) continue; // warms up
      best[route] = { rate: Math.max(best[route].rate, rate), cpu: Math.min(best[route].cpu, cpu) };
    }
  }
  server.kill();
  return best;
}

// ---------------------------------------------------------------- without sockets

const { IncomingMessage, ServerResponse } = require('node:http');
const { Writable } = require('node:stream');

const sink = Object.assign(new Writable({ write: (bytes, encoding, done) => done() }), { remoteAddress: '127.0.0.1' });

/** A GET of `/`, as node:http makes it, through an app. */
function request(app, token) {
  const headers = ['Host', '127.0.0.1:8800', 'Authorization', `Bearer ${token}`];
  const req = Object.assign(new IncomingMessage(sink), { method: 'GET', url: '/', httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, rawHeaders: headers });
  req._addHeaderLines(headers, headers.length);
  app(req, new ServerResponse(req));
}

/** Microseconds a request by route: the median of many short rounds, the routes in turn. */
async function withoutSockets() {
  const { apps, auth, own } = await makeApps();
  const samples = Object.fromEntries(IN_PROCESS_ROUTES.map((route) => [route, []]));
  for (let round = 0; round < IN_PROCESS_ROUNDS; round++) {
    for (const route of IN_PROCESS_ROUTES) {
      const start = process.hrtime.bigint();
      for (let i = 0; i < IN_PROCESS_REQUESTS; i++) request(apps[route], own);
      await new Promise((done) => { setImmediate(done); });
      samples[route].push(Number(process.hrtime.bigint() - start) / IN_PROCESS_REQUESTS / 1000);
    }
  }
  await auth.close();
  return Object.fromEntries(Object.entries(samples).map(([route, all]) => [route, median(all.slice(IN_PROCESS_ROUNDS / 4))]));
}

/** Microseconds of auth.protect() and of auth.verifyAccess() in a loop, where everything stays in the processor's first caches. */
async function inALoop() {
  const { auth, own } = await makeApps();
  const middleware = auth.protect();
  const req = { method: 'GET', headers: { authorization: `Bearer ${own}` }, rawHeaders: ['Host', 'localhost', 'Authorization', `Bearer ${own}`] };
  const next = () => {};
  const us = await compare({
    protect: looped(() => middleware(req, {}, next)),
    verifyAccess: looped(() => auth.verifyAccess(own)),
  }, { clock: 'cpu' });
  await auth.close();
  return us;
}

async function main() {
  ensure();
  const best = await load();
  const { open, floor, 'express-jwt': peer, protected: own } = best;
  for (const [route, { rate, cpu }] of Object.entries(best)) {
    console.log(`${route.padEnd(15)} ${rate.toFixed(0).padStart(6)} requests/s, ${(rate / open.rate * 100).toFixed(1).padStart(5)} % of the open route; `
      + `${cpu.toFixed(1).padStart(6)} µs of CPU a request, ${(open.cpu / cpu * 100).toFixed(1).padStart(5)} %`);
  }
  console.log(`protected beside the floor: ${(own.rate / floor.rate * 100).toFixed(1)} % of the requests, ${(floor.cpu / own.cpu * 100).toFixed(1)} % by CPU`);
  console.log(`protected beside express-jwt: ${(own.rate / peer.rate).toFixed(2)} times the requests, ${(peer.cpu / own.cpu).toFixed(2)} times by CPU`);
  const reached = Math.max(own.rate / open.rate, open.cpu / own.cpu) >= GOAL;
  console.log(`goal, at least ${GOAL * 100} % of the open route: ${reached ? 'reached' : 'MISSED'}`);
  const alone = await withoutSockets();
  console.log(`without sockets, µs a request: ${IN_PROCESS_ROUTES.map((route) => `${route} ${alone[route].toFixed(1)}`).join(', ')}; `
    + `so auth.protect() takes ${(alone.protected - alone.open).toFixed(1)}, of which any such middleware ${(alone.floor - alone.open).toFixed(1)}`);
  const { protect, verifyAccess } = await inALoop();
  console.log(`in a loop, µs a call: auth.protect() ${protect.toFixed(2)}, of which auth.verifyAccess() ${verifyAccess.toFixed(2)}`);
}

if (process.argv[2] === 'serve') serve();
else main();
