'use strict';
// A page of the version before idempotency keys with a server of this one, and vice versa, as after a deploy: pages
// stay open for days.

const assert = require('node:assert');
const crypto = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');
const path = require('node:path');
const express = require('express');

const { FOLDER, needVersionBefore } = require('./support/version-before');

const VERSIONS = { before: FOLDER, now: path.join(__dirname, '..') };
const PARSERS = { 'no parser': [], 'express.json()': [express.json()] };

describe('A page and a server of different versions', () => {
  let ends;
  before(needVersionBefore);
  beforeEach(() => {
    ends = [];
    globalThis.localStorage = {};
  });
  afterEach(async () => {
    delete globalThis.localStorage;
    for (const end of ends.reverse()) await end();
  });

  /** A server of that version. `lose`: how many answers to refreshes are lost. */
  async function serve(version, transport, parsers) {
    const { createAuth } = require(path.join(VERSIONS[version], 'lib'));
    const secret = () => crypto.randomBytes(32).toString('base64url');
    const auth = createAuth({ accessSecret: secret(), refreshSecret: secret(), store: ':memory:' });
    const told = [];
    for (const type of ['rotate', 'retry', 'reuse']) auth.on(type, () => told.push(type));
    const self = { lose: 0, told };
    const app = express();
    app.use('/auth/refresh', (req, res, next) => {
      if (self.lose-- > 0) res.end = () => req.socket.destroy();
      next();
    });
    app.use(...parsers.concat((req, res, next) => next()));
    app.use('/auth', auth.router({ transport, authenticate: () => ({ userId: '1' }) }));
    app.get('/api', auth.protect(), (req, res) => res.json(req.user.sub));
    const server = http.createServer(app).listen(0, 'localhost');
    await once(server, 'listening');
    self.url = `http://localhost:${server.address().port}`;
    ends.push(async () => {
      server.closeAllConnections();
      server.close();
      await auth.close();
    });
    return self;
  }

  /** A page of that version: its client, with a browser's cookies and headers. */
  async function openPage(version, transport, { url }) {
    const { createClient } = await import(`file://${VERSIONS[version]}/client/index.js`);
    let cookie = '';
    let clock = 0;
    const browse = async (input, init) => {
      const request = new Request(input, init);
      request.headers.set('Sec-Fetch-Site', 'same-origin');
      if (cookie) request.headers.set('Cookie', cookie);
      const response = await fetch(request);
      for (const line of response.headers.getSetCookie()) [cookie] = line.split(';');
      return response;
    };
    const options = { baseUrl: `${url}/auth`, transport, fetch: browse, now: () => clock };
    const client = createClient(options);
    ends.push(() => client.close());
    const call = async () => {
      clock += 901_000; // the token has expired
      return (await client.fetch(`${url}/api`)).status;
    };
    return { client, call };
  }

  for (const [page, server] of [
    ['before', 'now'],
    ['now', 'before'],
  ]) {
    for (const transport of ['cookie', 'body']) {
      for (const [name, parsers] of Object.entries(PARSERS)) {
        it(`keep a session: the page of ${page}, the server of ${server} (${transport}, ${name})`, async () => {
          const there = await serve(server, transport, parsers);
          const { client, call } = await openPage(page, transport, there);
          await client.login({});
          assert.strictEqual(await call(), 200);
          there.lose = 1;
          assert.strictEqual(await call(), 200, 'after an answer that was lost');
          assert.strictEqual(await call(), 200);
          assert.deepStrictEqual(there.told, ['rotate', 'rotate', 'retry', 'rotate']);
          await client.logout();
          assert.deepStrictEqual([client.getState().status, await call()], ['out', 401]);
        });
      }
    }
  }
});
