'use strict';
// The responses of auth.router() as a test of the client needs them: delayed, lost, refused. Not a server: the client
// is passed this `fetch`.

const BASE = 'http://app.test';

const token = (sid, n) => ['e30', Buffer.from(JSON.stringify({ sid, n })).toString('base64url'), 'c2ln'].join('.');

const reply = (status, body, headers = {}) =>
  new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });

/**
 * One browser profile's view of the server: the cookie is shared by all clients that are given the same one.
 * `requests` lists what has arrived, as 'METHOD path'; `next[path]` is a list of functions (request, answer) →
 * Response for the coming answers.
 */
function createRoutes({ expiresIn = 30, refusal = 401 } = {}) {
  const self = {
    cookie: null,
    sid: 0,
    n: 0,
    valid: new Set(),
    requests: [],
    bodies: [],
    tokens: [],
    next: {},
    user: { name: 'john' },
  };

  const issue = (body) => {
    const accessToken = token(self.cookie, ++self.n);
    self.valid = new Set([accessToken]);
    const refreshToken = 'refreshToken' in body || body.transport === 'body' ? `r${self.n}` : undefined;
    return reply(200, { accessToken, expiresIn, user: self.user, refreshToken });
  };
  const routes = {
    '/auth/login': (body) => {
      if (body.password !== 'right')
        return reply(401, { code: 'ERR_CREDENTIALS', message: 'the user name or the password is wrong' });
      self.cookie = `s${++self.sid}`;
      return issue(body);
    },
    '/auth/refresh': (body) =>
      self.cookie ? issue(body) : reply(401, { code: 'ERR_SESSION_REVOKED', message: 'ended' }),
    '/auth/logout': () => {
      self.cookie = null;
      return reply(204);
    },
  };
  const api = (request) => {
    const sent = request.headers.get('Authorization')?.slice('Bearer '.length) ?? null;
    self.tokens.push(sent);
    return sent !== null && self.valid.has(sent)
      ? reply(200, { ok: true })
      : reply(refusal, { code: 'ERR_TOKEN_EXPIRED' });
  };

  self.fetch = async (input, init) => {
    const request = input instanceof Request ? input : new Request(input, init);
    const { pathname } = new URL(request.url);
    self.requests.push(`${request.method} ${pathname}`);
    const text = await request.text();
    self.bodies.push(text);
    const answer = async () => (routes[pathname] ? routes[pathname](JSON.parse(text)) : api(request));
    const scripted = self.next[pathname]?.shift();
    const response = await (scripted ? scripted(request, answer) : answer());
    request.signal.throwIfAborted();
    return response;
  };
  self.count = (path) => self.requests.filter((line) => line.endsWith(path)).length;
  return self;
}

/** Responses to script: the request never arrives, or it is done but its response is lost. */
const cut = () => {
  throw new TypeError('fetch failed');
};
const lost = async (request, answer) => {
  await answer();
  throw new TypeError('fetch failed');
};
/** A response that waits for `open()`. */
function gate() {
  let open;
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  let arrive;
  const arrived = new Promise((resolve) => {
    arrive = resolve;
  });
  return {
    open,
    arrived,
    script: async (request, answer) => {
      const response = await answer();
      arrive();
      await opened;
      return response;
    },
  };
}

module.exports = { BASE, createRoutes, reply, cut, lost, gate };
