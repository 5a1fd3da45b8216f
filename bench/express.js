'use strict';
// npm run bench:express: a protected route beside the same route without auth, beside one whose middleware sets `req.user` and `req.auth` and looks at no
// token (the floor of any such middleware), and beside express-jwt, under wrk; and what auth.protect() itself adds to auth.verifyAccess(). Prints ratios: rounds alternate between the routes, and the best round of each counts, as whatever else the machine does only
// slows a round down. Two figures a route: requests a second, and the server's own CPU time a request, which a busy machine disturbs less. The
// server has one thread, so on a quiet machine the one is the other's inverse.

const { execFileSync, fork } = require('node:child_process');
const { once } = require('node:events');

const { ensure } = require('./lib/ensure');

const ROUTES = ['open', 'floor', 'protected', 'protected-live', 'express-jwt'];
const GOAL = 0.95; // of the open route's requests
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
const CONNECTIONS = 32;

// ---------------------------------------------------------------- the server, in a process of its own

async function serve() {
  const express = require('express');
  const { expressjwt } = require('express-jwt');
  const { createTestAuth } = require('../lib/testing');
  const { sign } = require('..');
  const secret = 'a secret of the benchmark, 32 bytes or more';
  const auth = createTestAuth({ accessExpiresIn: '1h' });
  const app = express().disable('x-powered-by').disable('etag');
  const answer = (req, res) => res.json({ ok: true });
  app.get('/open', answer);
  app.get('/floor', (req, res, next) => {
    req.user = { sub: '1' };
    req.auth = { userId: '1' };
    next();
  }, answer);
  app.get('/protected', auth.protect(), answer);
  app.get('/protected-live', auth.protect({ live: true }), answer);
  app.get('/express-jwt', expressjwt({ secret, algorithms: ['HS256'] }), answer);
  const server = app.listen(0);
  await once(server, 'listening');
  const own = (await auth.login('1', { claims: { isAdmin: true } })).accessToken;
  process.on('message', () => process.send({ cpu: process.cpuUsage() }));
  process.send({ port: server.address().port, own, theirs: sign({ ...auth.verifyAccess(own) }, secret) });
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
  const [{ port, own, theirs }] = await once(server, 'message');
  const best = Object.fromEntries(ROUTES.map((route) => [route, { rate: 0, cpu: Infinity }]));
  for (let i = 0; i <= ROUNDS; i++) {
    for (const route of ROUTES) {
      const { rate, cpu } = await round(server, `http://127.0.0.1:${port}/${route}`, route === 'express-jwt' ? theirs : own);
      if (i === 0) continue; // warms up
      best[route] = { rate: Math.max(best[route].rate, rate), cpu: Math.min(best[route].cpu, cpu) };
    }
  }
  server.kill();
  return best;
}

// ---------------------------------------------------------------- the middleware alone

function nanoseconds(call, count = 50_000) {
  let best = Infinity;
  for (let round = 0; round < 7; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++) call();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / count);
  }
  return best;
}

/** What one request costs in protect() and in verifyAccess() alone, in nanoseconds. */
async function overhead() {
  const { createTestAuth } = require('../lib/testing');
  const auth = createTestAuth({ accessExpiresIn: '1h' });
  const headers = await auth.header('1', { isAdmin: true });
  const token = headers.Authorization.slice('Bearer '.length);
  const raw = ['Host', 'localhost', 'User-Agent', 'curl/8', 'Accept', '*/*', 'Accept-Encoding', 'gzip', 'Connection', 'keep-alive', 'Authorization', headers.Authorization];
  const req = { method: 'GET', headers: { authorization: headers.Authorization }, rawHeaders: raw };
  const next = () => {};
  const middleware = auth.protect();
  const verify = nanoseconds(() => auth.verifyAccess(token));
  const whole = nanoseconds(() => middleware(req, {}, next));
  await auth.close();
  return { verify, whole };
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
  const { verify, whole } = await overhead();
  console.log(`auth.protect() ${(whole / 1000).toFixed(2)} µs a request, of which auth.verifyAccess() ${(verify / 1000).toFixed(2)} µs and the rest ${((whole - verify) / 1000).toFixed(2)} µs`);
}

if (process.argv[2] === 'serve') serve();
else main();
