'use strict';

const assert = require('node:assert');
const http = require('node:http');
const { once } = require('node:events');
const { rateLimit } = require('express-rate-limit');
const request = require('supertest');

const { createTestAuth } = require('../lib/testing');
const { EXPRESSES, JOHN, PAGE, appWith, claims, cookieHeader, cookiesOf, warnings } = require('./support/express');

/** A promise with its resolve outside. */
function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

for (const [version, express] of EXPRESSES) {
  describe(`auth.router() on ${version}`, () => {
    let auth, app;
    beforeEach(() => {
      auth = createTestAuth({ claims });
      app = appWith(express, auth);
    });
    afterEach(() => auth.close());

    const post = (path, cookie, on = app) => {
      const test = request(on).post(`/auth${path}`).set(PAGE);
      return cookie ? test.set('Cookie', cookie) : test;
    };
    const login = async (on = app) => {
      const res = await post('/login', undefined, on).send(JOHN).expect(200);
      return { res, cookie: cookieHeader(res), bearer: `Bearer ${res.body.accessToken}` };
    };

    describe('POST /login', () => {
      it('returns the access token, its lifetime in seconds and the user, and sets the refresh cookie', async () => {
        const { res } = await login();
        assert.deepEqual(Object.keys(res.body).sort(), ['accessToken', 'expiresIn', 'user']);
        assert.equal(res.body.expiresIn, 900);
        assert.deepEqual(res.body.user, { id: '1', role: 'admin', isAdmin: true });
        assert.equal(auth.verifyAccess(res.body.accessToken).sub, '1');
        assert.equal(cookiesOf(res).length, 1);
        assert.ok(!res.text.includes(cookiesOf(res)[0].value));
        assert.equal(res.headers['cache-control'], 'no-store');
      });

      it('refuses wrong credentials: 401 ERR_CREDENTIALS, and no cookie', async () => {
        const res = await post('/login').send({ username: 'john', password: 'wrong' }).expect(401);
        assert.equal(res.body.code, 'ERR_CREDENTIALS');
        assert.equal(res.headers['set-cookie'], undefined);
        assert.equal(res.headers['cache-control'], 'no-store');
      });

      it('works behind express.json(), too', async () => {
        await login(appWith(express, auth, {}, (a) => a.use(express.json())));
      });

      it('does not make a later parser wait', async () => {
        const later = appWith(express, auth, {
          async authenticate(req) {
            return new Promise((resolve, reject) => {
              express.json()(req, {}, (err) => (err ? reject(err) : resolve({ userId: req.body.username })));
            });
          },
        });
        await post('/login', undefined, later).send(JOHN).expect(200);
      });

      it('refuses a body that is no JSON object, of another type, compressed or over 16 kB: 400 ERR_BODY', async () => {
        const bodies = [
          ['application/json', '{"username":'],
          ['application/json', '"text"'],
          ['application/json', 'null'],
          ['application/x-www-form-urlencoded', 'username=john'],
          ['text/plain', JSON.stringify(JOHN)],
          ['application/json', Buffer.from([0x7b, 0xff, 0x7d])],
          ['application/json', JSON.stringify({ username: 'x'.repeat(17_000) })],
          ['application/json', JSON.stringify({ username: 'x'.repeat(2_000_000) })],
        ];
        for (const [type, body] of bodies) {
          const res = await post('/login')
            .set('Content-Type', type)
            .serialize((x) => x)
            .send(body)
            .catch((err) => err.response ?? { status: err.code });
          // The connection may be closed before a client that is still sending reads the answer
          if (body.length > 1_000_000 && res.status !== 400) continue;
          assert.equal(res.status, 400, `${type} ${String(body).slice(0, 20)}`);
          assert.equal(res.body.code, 'ERR_BODY');
        }
        await post('/login')
          .set('Content-Encoding', 'gzip')
          .send(JOHN)
          .expect(400, /ERR_BODY/);
      });

      it('refuses what is no object, with any parser, on each route that reads a body', async () => {
        const parsers = {
          none: () => {},
          json: (a) => a.use(express.json({ strict: false })),
          text: (a) => a.use(express.text({ type: '*/*' })),
          raw: (a) => a.use(express.raw({ type: '*/*' })),
        };
        const reached = [];
        const spy = { authenticate: (req) => reached.push(req.body) && null };
        const read = { cookie: ['/login'], body: ['/login', '/refresh', '/logout'] };
        for (const [transport, paths] of Object.entries(read)) {
          for (const [name, parser] of Object.entries(parsers)) {
            const on = appWith(express, auth, { ...spy, transport }, parser);
            for (const path of paths) {
              for (const body of [
                '[1,2]',
                '[]',
                '"text"',
                '7',
                'null',
                'true',
                ...(name === 'text' || name === 'raw' ? ['{}'] : []),
              ]) {
                const test = post(path, undefined, on)
                  .set('Content-Type', 'application/json')
                  .serialize((x) => x)
                  .send(body);
                const res = await test.expect(400);
                assert.equal(res.body.code, 'ERR_BODY', `${transport} ${name} ${path} ${body}`);
              }
            }
          }
        }
        assert.deepEqual(reached, []);
      });

      it('passes authenticate an empty body if there is none', async () => {
        await post('/login').expect(401, /ERR_CREDENTIALS/);
      });

      it("passes what authenticate throws to the app's error handler", async () => {
        const broken = appWith(express, auth, {
          async authenticate() {
            throw new Error('the user database is down');
          },
        });
        await post('/login', undefined, broken).send(JOHN).expect(500, { fromTheApp: 'the user database is down' });
      });

      it('tells the developer what authenticate should return', async () => {
        const wrong = appWith(express, auth, { authenticate: () => ({ _id: '1' }) });
        const res = await post('/login', undefined, wrong).send(JOHN).expect(500);
        assert.match(res.body.fromTheApp, /must return \{ userId, claims\? \}/);
      });

      it('refuses a userId that came out of a request body as an object', async () => {
        const wrong = appWith(express, auth, { authenticate: (req) => ({ userId: req.body.username }) });
        const res = await post('/login', undefined, wrong)
          .send({ username: { $ne: null } })
          .expect(500);
        assert.match(res.body.fromTheApp, /userId must be a non-empty string/);
      });

      it('ends a live session that it replaces', async () => {
        const first = await login();
        const again = await post('/login', first.cookie).send(JOHN).expect(200);
        assert.notEqual(cookieHeader(again), first.cookie);
        assert.equal((await auth.sessions('1')).length, 1);
        await post('/refresh', cookieHeader(again)).expect(200);
      });

      it('with wrong credentials does not end the live session', async () => {
        const first = await login();
        await post('/login', first.cookie).send({ username: 'john', password: 'no' }).expect(401);
        await post('/refresh', first.cookie).expect(200);
      });

      it('is refused for a moment by express-rate-limit, mounted in front', async () => {
        const limited = appWith(express, auth, {}, (a) =>
          a.use('/auth/login', rateLimit({ windowMs: 60_000, limit: 2, standardHeaders: 'draft-8' })),
        );
        const server = limited.listen(0);
        for (const status of [200, 200, 429]) await post('/login', undefined, server).send(JOHN).expect(status);
        server.close();
      });
    });

    describe('POST /refresh', () => {
      it('rotates the cookie, and responds as login does', async () => {
        const { cookie } = await login();
        const res = await post('/refresh', cookie).expect(200);
        assert.deepEqual(res.body.user, { id: '1', role: 'admin', isAdmin: true });
        assert.equal(cookiesOf(res)[0].name, 'signet');
        assert.notEqual(cookieHeader(res), cookie);
        assert.equal(res.headers['cache-control'], 'no-store');
      });

      it('without a cookie is 401 ERR_TOKEN_MISSING', async () => {
        await post('/refresh').expect(401, /ERR_TOKEN_MISSING/);
      });

      it('twice at the same time gives both the same successor', async () => {
        const { cookie } = await login();
        const [a, b] = await Promise.all([post('/refresh', cookie), post('/refresh', cookie)]);
        assert.deepEqual([a.status, b.status], [200, 200]);
        assert.equal(cookieHeader(a), cookieHeader(b));
      });

      it('whose response is lost can be sent again: the cookie still works within the grace period', async () => {
        const { cookie } = await login();
        const server = app.listen(0);
        await once(server, 'listening');
        const req = http.request({
          port: server.address().port,
          path: '/auth/refresh',
          method: 'POST',
          headers: { ...PAGE, Cookie: cookie },
        });
        auth.on('rotate', () => req.destroy());
        req.end();
        await once(req, 'error');
        const retried = new Promise((resolve) => {
          auth.on('retry', resolve);
        });
        const res = await post('/refresh', cookie, server).expect(200);
        assert.equal((await retried).retries, 1);
        await post('/refresh', cookieHeader(res), server).expect(200);
        server.close();
      });

      it('with a cookie that was rotated long ago ends the session and clears the cookie', async () => {
        const { cookie } = await login();
        const next = cookieHeader(await post('/refresh', cookie).expect(200));
        auth.advance('31s');
        const res = await post('/refresh', cookie).expect(401);
        assert.equal(res.body.code, 'ERR_REFRESH_REUSED');
        assert.deepEqual(cookiesOf(res)[0], { ...cookiesOf(res)[0], name: 'signet', value: '' });
        assert.equal(cookiesOf(res)[0].attributes['max-age'], '0');
        await post('/refresh', next).expect(401, /ERR_SESSION_REVOKED/);
      });

      it('clears the cookie of a session that was ended by revoke, and of one that is past its limit', async () => {
        const first = await login();
        await auth.revokeAll('1');
        const revoked = await post('/refresh', first.cookie).expect(401);
        assert.equal(revoked.body.code, 'ERR_SESSION_REVOKED');
        assert.equal(cookiesOf(revoked)[0].value, '');
        auth.advance('1s');
        const second = await login();
        auth.advance('8d');
        const expired = await post('/refresh', second.cookie).expect(401);
        assert.match(expired.body.code, /EXPIRED/);
        assert.equal(cookiesOf(expired)[0].value, '');
      });

      it("that another tab's login has overtaken does not clear that login's cookie", async () => {
        const hold = gate(),
          reached = gate();
        let held = false;
        const slow = createTestAuth({
          async claims(userId, session) {
            if (session.id !== undefined && !held) {
              held = true;
              reached.open();
              await hold.opened;
            }
            return claims(userId);
          },
        });
        const on = appWith(express, slow);
        const { cookie } = await login(on);
        const refresh = post('/refresh', cookie, on).then((res) => res);
        await reached.opened;
        const other = await post('/login', cookie, on).send(JOHN).expect(200);
        hold.open();
        const late = await refresh;
        assert.equal(late.status, 401);
        assert.equal(late.body.code, 'ERR_SESSION_REVOKED');
        assert.equal(late.headers['set-cookie'], undefined);
        await post('/refresh', cookieHeader(other), on).expect(200);
        slow.advance('2m');
        assert.equal(cookiesOf(await post('/refresh', cookie, on).expect(401))[0].value, '', 'later it is cleared');
        await slow.close();
      });

      it('with a claims function that hangs is 503 with Retry-After, and the cookie stays', async () => {
        let isSlow = false;
        const late = gate();
        const slow = createTestAuth({
          claimsTimeout: 0.05,
          claims: () => (isSlow ? late.opened.then(() => ({})) : {}),
        });
        const on = appWith(express, slow);
        const { cookie } = await login(on);
        isSlow = true;
        await warnings(async () => {
          const res = await post('/refresh', cookie, on).expect(503);
          assert.equal(res.body.code, 'ERR_CLAIMS_TIMEOUT');
          assert.equal(res.headers['retry-after'], '1');
          assert.equal(res.headers['set-cookie'], undefined);
        });
        isSlow = false;
        late.open();
        await post('/refresh', cookie, on).expect(200);
        await slow.close();
      });

      it('while the store is down is 503, and the cookie stays', async () => {
        const { cookie } = await login();
        await auth.close();
        await warnings(async () => {
          for (const path of ['/refresh', '/logout']) {
            const res = await post(path, cookie).expect(503);
            assert.equal(res.body.code, 'ERR_STORE_UNAVAILABLE');
            assert.equal(res.headers['set-cookie'], undefined);
          }
        });
      });

      it('answers 401 to a cookie that it cannot verify and keeps it: another server may know its secret', async () => {
        const elsewhere = createTestAuth();
        const { refreshToken } = await elsewhere.login('1');
        auth.advance('25h'); // no deploy lasts so long
        const res = await post('/refresh', `signet=${refreshToken}`).expect(401);
        assert.equal(res.body.code, 'ERR_REFRESH_INVALID');
        assert.equal(res.headers['set-cookie'], undefined);
        await elsewhere.close();
      });

      it('gives a demoted user the new claims, and no token if the claims function returns null', async () => {
        let role = 'admin';
        const own = createTestAuth({ claims: async () => role && { role } });
        const on = appWith(express, own, { authenticate: () => ({ userId: '1' }) });
        const { cookie } = await login(on);
        role = 'user';
        const res = await post('/refresh', cookie, on).expect(200);
        assert.equal(res.body.user.role, 'user');
        role = null;
        const last = await post('/refresh', cookieHeader(res), on).expect(401);
        assert.equal(last.body.code, 'ERR_SESSION_REVOKED');
        assert.equal(cookiesOf(last)[0].value, '');
        await own.close();
      });
    });

    describe('POST /logout', () => {
      it('ends the session and clears the cookie', async () => {
        const { cookie } = await login();
        const res = await post('/logout', cookie).expect(204);
        assert.equal(res.text, '');
        assert.equal(res.headers['cache-control'], 'no-store');
        assert.equal(cookiesOf(res)[0].value, '');
        assert.equal((await auth.sessions('1')).length, 0);
      });

      it('without a cookie, or with an invalid one, is 204 too', async () => {
        await post('/logout').expect(204);
        assert.equal(cookiesOf(await post('/logout', 'signet=rubbish').expect(204))[0].value, '');
      });

      it('with an older token of the session ends it too', async () => {
        const { cookie } = await login();
        await post('/refresh', cookie).expect(200);
        await post('/logout', cookie).expect(204);
        assert.equal((await auth.sessions('1')).length, 0);
      });
    });

    describe('the routes that an access token opens', () => {
      const send = (method, path, bearer) => request(app)[method](`/auth${path}`).set('Authorization', bearer);

      it('GET /me returns the user', async () => {
        const { bearer } = await login();
        const res = await send('get', '/me', bearer).expect(200, { id: '1', role: 'admin', isAdmin: true });
        assert.equal(res.headers['cache-control'], 'no-store');
        await request(app).head('/auth/me').set('Authorization', bearer).expect(200);
      });

      it('GET /sessions lists the sessions, and marks the current one', async () => {
        const mine = await login();
        auth.advance('1s');
        await auth.login('1', { label: 'phone' });
        const { body } = await send('get', '/sessions', mine.bearer).expect(200);
        assert.deepEqual(
          body.map(({ current, label }) => [current, label]),
          [
            [false, 'phone'],
            [true, undefined],
          ],
        );
        assert.ok(
          body.every(({ id, createdAt, endsAt }) => id.length === 22 && Date.parse(createdAt) < Date.parse(endsAt)),
        );
      });

      it("DELETE /sessions/:id ends one of the user's own sessions, and is 204 for any other id", async () => {
        const mine = await login();
        const phone = await auth.login('1');
        const jane = await auth.login('2');
        const res = await send('delete', `/sessions/${phone.sessionId}`, mine.bearer).expect(204);
        assert.equal(res.headers['set-cookie'], undefined);
        await send('delete', `/sessions/${jane.sessionId}`, mine.bearer).expect(204);
        await send('delete', '/sessions/nonsense', mine.bearer).expect(204);
        assert.deepEqual([(await auth.sessions('1')).length, (await auth.sessions('2')).length], [1, 1]);
      });

      it('DELETE of the current session clears the cookie', async () => {
        const { bearer, res } = await login();
        const { sid } = auth.verifyAccess(res.body.accessToken);
        assert.equal(cookiesOf(await send('delete', `/sessions/${sid}`, bearer).expect(204))[0].value, '');
      });

      it('POST /logout-all ends every session of the user and clears the cookie', async () => {
        const { bearer } = await login();
        await auth.login('1');
        const res = await send('post', '/logout-all', bearer).expect(204);
        assert.equal(cookiesOf(res)[0].value, '');
        assert.equal((await auth.sessions('1')).length, 0);
      });

      it('refuse a missing token and a bad one', async () => {
        for (const [method, path] of [
          ['get', '/me'],
          ['get', '/sessions'],
          ['delete', '/sessions/abc'],
          ['post', '/logout-all'],
        ]) {
          await request(app)
            [method](`/auth${path}`)
            .expect(401, /ERR_TOKEN_MISSING/);
          const res = await send(method, path, 'Bearer x').expect(401);
          assert.equal(res.body.code, 'ERR_TOKEN_INVALID');
          assert.match(res.headers['www-authenticate'], /invalid_token/);
          assert.equal(res.headers['cache-control'], 'no-store');
        }
      });

      it('that list or end sessions refuse a token whose own session has ended', async () => {
        const { bearer, cookie } = await login();
        await post('/logout', cookie).expect(204);
        for (const [method, path] of [
          ['get', '/sessions'],
          ['delete', '/sessions/abc'],
          ['post', '/logout-all'],
        ]) {
          await send(method, path, bearer).expect(401, /ERR_SESSION_REVOKED/);
        }
      });
    });

    describe('transport: body', () => {
      beforeEach(() => {
        app = appWith(express, auth, { transport: 'body' });
      });
      const send = (path, body) => request(app).post(`/auth${path}`).send(body);

      it('has the refresh token in the bodies, requires no proof of origin, and sets no cookie', async () => {
        const first = await send('/login', JOHN).expect(200);
        assert.equal(first.headers['set-cookie'], undefined);
        const second = await send('/refresh', { refreshToken: first.body.refreshToken }).expect(200);
        assert.notEqual(second.body.refreshToken, first.body.refreshToken);
        assert.equal(second.headers['set-cookie'], undefined);
        await send('/logout', { refreshToken: second.body.refreshToken }).expect(204);
        await send('/refresh', { refreshToken: second.body.refreshToken }).expect(401, /ERR_SESSION_REVOKED/);
      });

      it('refuses a token that is missing (401) or no string (400)', async () => {
        for (const path of ['/refresh', '/logout']) {
          await send(path, {}).expect(401, /ERR_TOKEN_MISSING/);
          await send(path, { refreshToken: { $ne: null } }).expect(400, /ERR_BODY/);
        }
      });

      it('ignores cookies', async () => {
        const { refreshToken } = await auth.login('1');
        await send('/refresh', {})
          .set('Cookie', `signet=${refreshToken}`)
          .set(PAGE)
          .expect(401, /ERR_TOKEN_MISSING/);
      });
    });

    describe('the mount', () => {
      it('leaves every other path and method to the app', async () => {
        app = appWith(express, auth, {}, (a) => a.get('/auth/login', (req, res) => res.send('the login page')));
        await request(app).get('/auth/login').expect(200, 'the login page');
        for (const path of ['/auth', '/auth/', '/auth/none', '/auth/sessions/a/b', '/login'])
          await request(app).post(path).expect(404);
      });

      it('accepts a path with a query or a slash at the end', async () => {
        await request(app).post('/auth/login/?next=%2F').set(PAGE).send(JOHN).expect(200);
      });

      it('works at the root, inside an express.Router, and on plain node:http', async () => {
        const nested = express();
        nested.use('/api', express.Router().use('/v1', auth.router({ authenticate: () => ({ userId: '9' }) })));
        await request(nested).post('/api/v1/login').set(PAGE).expect(200);
        const handler = auth.router({ authenticate: () => ({ userId: '9' }) });
        const plain = http.createServer((req, res) => handler(req, res, () => res.writeHead(404).end()));
        await request(plain).post('/login').set(PAGE).expect(200);
      });

      it('without authenticate is refused at start-up; false leaves POST /login to the app', async () => {
        assert.throws(() => auth.router({}), { code: 'ERR_OPTION', message: /authenticate/ });
        assert.throws(() => auth.router(), { code: 'ERR_OPTION' });
        const bare = express();
        bare.use('/auth', auth.router({ authenticate: false }));
        await request(bare).post('/auth/login').set(PAGE).expect(404);
      });
    });

    describe('router.signIn', () => {
      it('logs in a user whom the app has authenticated itself, as after an OAuth callback', async () => {
        const routes = auth.router({ authenticate: false });
        app = express();
        app.use('/auth', routes);
        app.get('/callback', async (req, res, next) => {
          try {
            await routes.signIn(req, res, { userId: '1' });
            res.redirect('/');
          } catch (err) {
            next(err);
          }
        });
        const res = await request(app).get('/callback').expect(302);
        await post('/refresh', cookieHeader(res)).expect(200, /"role":"admin"/);
      });
    });

    describe('onError', () => {
      it('can change body and texts', async () => {
        app = appWith(express, auth, { onError: (err, req, res) => res.json({ error: err.code }) });
        await post('/login').send({}).expect(401, { error: 'ERR_CREDENTIALS' });
        await request(app).get('/auth/me').expect(401, { error: 'ERR_TOKEN_MISSING' });
      });
    });
  });
}
