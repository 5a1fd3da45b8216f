'use strict';
// The router: one table of routes and a plain (req, res, next) function, which can be mounted in Express 4,
// Express 5 and connect without loading Express.

const { answer, answerError } = require('./responses');
const { answerCors } = require('./cors');
const { readRouterOptions } = require('./options');
const { createHandlers } = require('./handlers');

const SESSION_ID = /^\/sessions\/([A-Za-z0-9_-]{1,64})$/;

/** Method, path (a string, or a RegExp whose group is the session id), name of the handler. */
const ROUTES = [
  ['POST', '/login', 'login'],
  ['POST', '/refresh', 'refresh'],
  ['POST', '/logout', 'logout'],
  ['POST', '/logout-all', 'logoutAll'],
  ['GET', '/me', 'me'],
  ['GET', '/sessions', 'sessions'],
  ['DELETE', SESSION_ID, 'endSession'],
];

/** The path below the mount point, without query and trailing slash. */
function pathOf(req) {
  const end = req.url.indexOf('?');
  const path = end === -1 ? req.url : req.url.slice(0, end);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** The match of a route's path: its group, '' if it has none, undefined if it does not match. */
function match(pattern, path) {
  if (typeof pattern === 'string') return pattern === path ? '' : undefined;
  return pattern.exec(path)?.[1];
}

/**
 * The routes of docs/express.md as a handler to mount: `app.use('/auth', auth.router({ authenticate }))`.
 * It has `signIn(req, res, { userId, claims })` for other logins (OAuth, passport).
 */
function createRouter(auth, given) {
  const options = readRouterOptions(given);
  const { handlers, signIn } = createHandlers(auth, options);
  const routes = ROUTES.filter(([, , name]) => handlers[name] !== undefined);

  async function run(name, id, req, res, next) {
    try {
      const [status, body] = await handlers[name](req, res, id);
      answer(res, status, body);
    } catch (err) {
      answerError(err, req, res, next, options);
    }
  }

  function router(req, res, next) {
    const path = pathOf(req);
    const here = routes.filter(([, pattern]) => match(pattern, path) !== undefined);
    if (here.length === 0) {
      next();
      return;
    }
    if (
      answerCors(
        req,
        res,
        options.origins,
        here.map(([method]) => method),
      )
    ) {
      answer(res, 204);
      return;
    }
    const route = here.find(([method]) => method === req.method || (method === 'GET' && req.method === 'HEAD'));
    if (route === undefined) next();
    else run(route[2], match(route[1], path), req, res, next);
  }

  router.signIn = signIn;
  return router;
}

module.exports = { createRouter };
