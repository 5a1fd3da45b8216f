'use strict';

const assert = require('node:assert');
const { randomBytes } = require('node:crypto');
const http = require('node:http');
const { once } = require('node:events');
const request = require('supertest');

const { sign } = require('../lib');
const { createTestAuth } = require('../lib/testing');
const { EXPRESSES, warnings } = require('./support/express');

for (const [version, express] of EXPRESSES) {
  describe(`auth.protect() on ${version}`, () => {
    let auth;
    before(() => {
      auth = createTestAuth({ accessExpiresIn: '30s' });
    });
    after(() => auth.close());
    const bearer = async (...user) => (await auth.header(...user)).Authorization;

    function appOf(options, handler = (req, res) => res.json({ user: req.user, auth: req.auth })) {
      const app = express();
      app.all('/', auth.protect(options), handler);
      return app;
    }

    const get = (options, header) => {
      const test = request(appOf(options)).get('/');
      return header === undefined ? test : test.set('Authorization', header);
    };

    describe('a good token', () => {
      it('sets req.user to its claims, and req.auth to user and session', async () => {
        const header = await bearer('1', { isAdmin: true });
        const { body } = await get({}, header).expect(200);
        assert.equal(body.user.sub, '1');
        assert.equal(body.user.isAdmin, true);
        assert.deepEqual(body.auth, { userId: '1', sessionId: body.user.sid, token: header.slice('Bearer '.length) });
      });

      it('may come with the scheme in any case, and with more than one space (RFC 9110)', async () => {
        const token = (await bearer('1')).slice('Bearer '.length);
        for (const scheme of ['bearer ', 'BEARER ', 'Bearer   ']) await get({}, scheme + token).expect(200);
      });

      it('opens a route that streams', async () => {
        const app = appOf({}, (req, res) => {
          res.write('one,');
          setImmediate(() => {
            res.write('two,');
            res.end(req.auth.userId);
          });
        });
        const res = await request(app)
          .get('/')
          .set('Authorization', await bearer('7'))
          .expect(200);
        assert.equal(res.text, 'one,two,7');
      });

      it('does not read the request body', async () => {
        const app = express();
        app.post('/', auth.protect(), express.json(), (req, res) => res.json(req.body));
        const res = await request(app)
          .post('/')
          .set('Authorization', await bearer('7'))
          .send({ a: 1 })
          .expect(200);
        assert.deepEqual(res.body, { a: 1 });
      });
    });

    describe('no token', () => {
      it('is 401 ERR_TOKEN_MISSING with a challenge that names no error', async () => {
        const res = await get({}).expect(401);
        assert.equal(res.body.code, 'ERR_TOKEN_MISSING');
        assert.equal(res.headers['www-authenticate'], 'Bearer realm="api"');
        assert.equal(res.headers['cache-control'], 'no-store');
        assert.deepEqual(Object.keys(res.body), ['code', 'message']);
      });

      it('is how credentials of another scheme count', async () => {
        const res = await get({}, 'Basic am9objpzZWNyZXQ=').expect(401);
        assert.equal(res.body.code, 'ERR_TOKEN_MISSING');
      });

      it('passes if the route says optional', async () => {
        const { body } = await get({ optional: true }).expect(200);
        assert.deepEqual(body, {});
      });
    });

    describe('a bad token', () => {
      const bad = async () => {
        const good = await bearer('1');
        const token = good.slice('Bearer '.length);
        return {
          'without its scheme': token,
          'that is missing after the scheme': 'Bearer',
          'that is there twice': `${good} ${token}`,
          'that is there twice, with a comma': `${good}, ${token}`,
          'with a letter changed': `${good.slice(0, -2)}${good.at(-2) === 'A' ? 'B' : 'A'}${good.at(-1)}`,
          'with letters beyond ASCII': `Bearer ${token.slice(0, -1)}\u00e9`,
          'with quotes around it': `Bearer "${token}"`,
          'that says undefined': 'Bearer undefined',
        };
      };

      it('of any kind is 401 invalid_token', async () => {
        for (const [kind, header] of Object.entries(await bad())) {
          const res = await get({}, header);
          assert.equal(res.status, 401, kind);
          assert.equal(res.body.code, 'ERR_TOKEN_INVALID', kind);
          assert.match(
            res.headers['www-authenticate'],
            /^Bearer realm="api", error="invalid_token", error_description="[^"\\]+"$/,
            kind,
          );
        }
      });

      it('is refused even if the route says optional', async () => {
        for (const [kind, header] of Object.entries(await bad()))
          assert.equal((await get({ optional: true }, header)).status, 401, kind);
      });

      it('of 100 kB is refused', async () => {
        const server = http.createServer({ maxHeaderSize: 256 * 1024 }, appOf({})).listen(0);
        await once(server, 'listening');
        const res = await request(server)
          .get('/')
          .set('Authorization', `Bearer ${'a'.repeat(100 * 1024)}`);
        server.close();
        assert.equal(res.status, 401);
        assert.equal(res.body.code, 'ERR_TOKEN_INVALID');
      });

      it('is how two Authorization headers count, even if the first one is good', async () => {
        const good = await bearer('1');
        const server = http.createServer(appOf({})).listen(0);
        await once(server, 'listening');
        const req = http
          .request({
            port: server.address().port,
            headers: ['Host', 'localhost', 'Authorization', good, 'Authorization', 'Bearer x'],
          })
          .end();
        const [res] = await once(req, 'response');
        res.resume();
        server.close();
        assert.equal(res.statusCode, 401);
      });

      it('has its own code if it has only expired: ERR_TOKEN_EXPIRED', async () => {
        const header = await bearer('1');
        auth.advance('31s');
        const res = await get({}, header).expect(401);
        assert.equal(res.body.code, 'ERR_TOKEN_EXPIRED');
        assert.match(res.headers['www-authenticate'], /error="invalid_token"/);
      });

      it('is what a refresh token amounts to, and the answer says so', async () => {
        const { refreshToken } = await auth.login('1');
        const res = await get({}, `Bearer ${refreshToken}`).expect(401);
        assert.equal(res.body.code, 'ERR_TOKEN_INVALID');
        assert.match(res.body.message, /it is a refresh token, .* Send the accessToken/);
      });

      it("that was signed by hand gets an error that says what it lacks: an access token's type", async () => {
        const secrets = { accessSecret: randomBytes(32), refreshSecret: randomBytes(32) };
        const own = createTestAuth(secrets);
        const app = express();
        app.get('/', own.protect(), (req, res) => res.end());
        const handSigned = sign({ sub: '1' }, secrets.accessSecret, { expiresIn: '1h' });
        const res = await request(app).get('/').set('Authorization', `Bearer ${handSigned}`).expect(401);
        await own.close();
        assert.equal(res.body.code, 'ERR_TOKEN_INVALID');
        assert.match(res.body.message, /lacks "typ": "at\+jwt".*docs\/from-jsonwebtoken\.md/);
      });

      it('never appears in the response', async () => {
        for (const header of Object.values(await bad())) {
          const res = await get({}, header);
          const word = header.split(/[ ,"]+/).at(-1);
          if (word.length > 20) assert.ok(!JSON.stringify([res.text, res.headers]).includes(word));
        }
      });
    });

    describe('roles and scopes', () => {
      const statusFor = async (options, claims) => (await get(options, await bearer('1', claims))).status;

      it('accept any of the roles, from the claim "role" or "roles"', async () => {
        assert.equal(await statusFor({ roles: 'admin' }, { role: 'admin' }), 200);
        assert.equal(await statusFor({ roles: ['admin', 'editor'] }, { roles: ['reader', 'editor'] }), 200);
        assert.equal(await statusFor({ roles: ['admin'] }, { roles: 'admin' }), 200);
        assert.equal(await statusFor({ roles: ['admin'] }, { role: 'administrator' }), 403);
        assert.equal(await statusFor({ roles: ['admin'] }, { role: ['admin'] }), 403);
        assert.equal(await statusFor({ roles: ['admin'] }, {}), 403);
      });

      it('require all of the scopes, from the claim "scope" (words) or "scopes"', async () => {
        assert.equal(await statusFor({ scopes: ['read', 'write'] }, { scope: 'write read' }), 200);
        assert.equal(await statusFor({ scopes: ['read', 'write'] }, { scopes: ['write', 'read'] }), 200);
        assert.equal(await statusFor({ scopes: ['read', 'write'] }, { scope: 'read writer' }), 403);
        assert.equal(await statusFor({ scopes: 'read' }, {}), 403);
      });

      it('refuse with 403 ERR_FORBIDDEN and insufficient_scope', async () => {
        const res = await get({ scopes: ['read', 'write'] }, await bearer('1')).expect(403);
        assert.equal(res.body.code, 'ERR_FORBIDDEN');
        assert.match(res.headers['www-authenticate'], /error="insufficient_scope", scope="read write"/);
      });
    });

    describe('maxAuthAge', () => {
      it('refuses a login that is too long ago, which no refresh fixes: ERR_AUTH_AGE (RFC 9470)', async () => {
        const { accessToken, refreshToken } = await auth.login('1');
        await get({ maxAuthAge: '10m' }, `Bearer ${accessToken}`).expect(200);
        auth.advance('9m');
        const later = await auth.rotateRefresh(refreshToken);
        await get({ maxAuthAge: '10m' }, `Bearer ${later.accessToken}`).expect(200);
        auth.advance('61s');
        const last = await auth.rotateRefresh(later.refreshToken);
        const res = await get({ maxAuthAge: '10m' }, `Bearer ${last.accessToken}`).expect(401);
        assert.equal(res.body.code, 'ERR_AUTH_AGE');
        assert.match(res.headers['www-authenticate'], /error="insufficient_user_authentication", max_age="600"/);
      });
    });

    describe('getToken', () => {
      it('finds the token elsewhere, synchronously or not', async () => {
        const token = (await bearer('1')).slice('Bearer '.length);
        for (const getToken of [(req) => req.query.token, async (req) => req.query.token]) {
          await request(appOf({ getToken })).get('/').query({ token }).expect(200);
          await request(appOf({ getToken }))
            .get('/')
            .expect(401, /ERR_TOKEN_MISSING/);
          await request(appOf({ getToken }))
            .get('/')
            .query({ token: ['a', 'b'] })
            .expect(401, /ERR_TOKEN_INVALID/);
        }
      });

      it("that throws is the app's own error", async () => {
        const app = appOf({
          getToken() {
            throw new Error('mine');
          },
        });
        app.use((err, req, res, next) => res.status(500).send(err.message)); // eslint-disable-line no-unused-vars
        await request(app).get('/').expect(500, 'mine');
      });
    });

    describe('cookie', () => {
      const cookie = async () => `token=${(await bearer('1')).slice('Bearer '.length)}`;

      it('takes the token from the cookie of that name', async () => {
        await request(appOf({ cookie: 'token' }))
          .get('/')
          .set('Cookie', await cookie())
          .expect(200);
        await request(appOf({ cookie: 'token' }))
          .get('/')
          .set('Cookie', 'other=1')
          .expect(401, /ERR_TOKEN_MISSING/);
      });

      it("requires proof of the page's origin for requests that change something", async () => {
        await warnings(async () => {
          const post = async () =>
            request(appOf({ cookie: 'token' }))
              .post('/')
              .set('Cookie', await cookie());
          assert.equal((await post()).body.code, 'ERR_ORIGIN');
        });
        await request(appOf({ cookie: 'token' }))
          .post('/')
          .set('Cookie', await cookie())
          .set('X-Signet', '1')
          .set('Sec-Fetch-Site', 'same-origin')
          .expect(200);
      });

      it('requires none if the Authorization header has the token', async () => {
        await request(appOf({ cookie: 'token' }))
          .post('/')
          .set('Cookie', await cookie())
          .set('Authorization', await bearer('1'))
          .expect(200);
      });

      it('does not help if the Authorization header is bad', async () => {
        await request(appOf({ cookie: 'token' }))
          .get('/')
          .set('Cookie', await cookie())
          .set('Authorization', 'Bearer x')
          .expect(401);
      });
    });

    describe('onError', () => {
      it('lets the app write the response; status and headers are set', async () => {
        const app = appOf({
          onError: (err, req, res) =>
            res.status(403).json(err.code === 'ERR_TOKEN_MISSING' ? 'no' : 'Token is not Valid.'),
        });
        const res = await request(app).get('/').expect(403, '"no"');
        assert.equal(res.headers['www-authenticate'], 'Bearer realm="api"');
      });

      it("may pass the error on to the app's error handler", async () => {
        const app = appOf({ onError: (err, req, res, next) => next(err) });
        app.use((err, req, res, next) => res.status(err.status).send(`mine: ${err.code}`));
        await request(app).get('/').expect(401, 'mine: ERR_TOKEN_MISSING');
      });
    });
  });
}

describe("auth.protect()'s options", () => {
  let auth;
  before(() => {
    auth = createTestAuth();
  });
  after(() => auth.close());

  it('are refused at start-up if they cannot be used, with what is accepted', () => {
    const refused = (options, words) =>
      assert.throws(
        () => auth.protect(options),
        (err) => err.code === 'ERR_OPTION' && words.test(err.message),
      );
    refused({ role: 'admin' }, /no option "role".*"roles"/);
    refused({ roles: [] }, /roles must be/);
    refused({ scopes: [1] }, /scopes must be/);
    refused({ optional: 'yes' }, /optional must be/);
    refused({ live: '5' }, /live must be/);
    refused({ maxAuthAge: '10' }, /maxAuthAge must be/);
    refused({ getToken: 'token' }, /getToken must be/);
    refused({ cookie: true }, /cookie must be/);
    refused({ origins: ['https://app.example.com/'] }, /origins must be/);
  });

  it('detect forgotten parentheses', () => {
    const app = require('express')();
    app.get('/', auth.protect, (req, res) => res.end());
    app.use((err, req, res, next) => res.status(500).send(err.message)); // eslint-disable-line no-unused-vars
    return request(app)
      .get('/')
      .expect(500, /with parentheses/);
  });
});
