'use strict';

const assert = require('node:assert');

const { createLog } = require('../lib/express/log');
const { runScript } = require('./support/script');

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe("the server's log", () => {
  let time, lines, log;
  beforeEach(() => {
    time = 0;
    lines = [];
    log = createLog({ now: () => time, print: (line) => lines.push(line) });
  });
  const told = () => lines.splice(0).map((line) => line.replace(/^signet-jwt: /, ''));
  const provoke = (n) => {
    for (let i = 0; i < n; i += 1) log.logRequest(`origin ${i}`, `request ${i}`);
  };

  it('reports each kind of request once, and at most fifty per hour: then it says so, and is silent', () => {
    provoke(30);
    provoke(1000);
    const all = told();
    assert.equal(all.length, 51);
    assert.equal(new Set(all).size, 51);
    assert.match(all[50], /refused requests are not logged for the next hour/);
    time = HOUR - 1;
    provoke(1000);
    assert.deepEqual(told(), []);
  });

  it('reports requests again in the next hour, even if somebody used up the budget', () => {
    provoke(1000);
    told();
    time = HOUR;
    log.logRequest('mine', 'the line that my developer waits for');
    assert.deepEqual(told(), ['the line that my developer waits for']);
    provoke(1000);
    assert.equal(told().length, 50);
  });

  it('reports each kind of failure immediately, then once per minute, whatever strangers provoke', () => {
    provoke(1000);
    told();
    for (time = 0; time < 5 * MINUTE; time += 100) {
      log.logFailure('ERR_STORE_TIMEOUT', 'timeout');
      log.logFailure('ERR_BUSY', 'busy');
    }
    assert.deepEqual(told(), Array(5).fill(['timeout', 'busy']).flat());
  });
});

describe('the log of auth.router()', () => {
  // In its own process, because the budget is per process and other tests use the log too.
  it('reports a store that failed, even after many requests from invented origins', async () => {
    const { stdout, stderr } = await runScript(`
      const request = require('supertest');
      const { createAuth } = require('./lib');
      const { JOHN, PAGE, appWith } = require('./test/support/express');
      const auth = createAuth({ ...secrets, store: '/nonexistent/folder/signet.db', claims: () => ({}) });
      const server = appWith(require('express'), auth).listen(0);
      const login = (headers) => request(server).post('/auth/login').set(headers).send(JOHN);
      (async () => {
        const forged = (i) => login({ 'X-Signet': '1', Origin: 'https://a' + i + '.example' }).expect(403);
        for (let i = 0; i < 120; i += 1) await forged(i);
        console.warn('THEN');
        for (let i = 0; i < 3; i += 1) await login(PAGE).expect(500);
        server.close();
        console.log('done');
      })();
    `);
    assert.equal(stdout, 'done\n', stderr);
    const [before, after] = stderr.split('THEN\n');
    assert.equal(before.split('\n').length - 1, 51);
    assert.match(after, /^signet-jwt: ERR_STORE_[^\n]+\n$/);
  });
});
