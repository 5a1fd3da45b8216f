'use strict';
// For the Express tests: Express 4 and 5, an app with an auth, a user list, and the contents of cookies.

const EXPRESSES = [
  ['Express 4', require('express4')],
  ['Express 5', require('express')],
];

/** The headers that identify a page of the app's own origin. */
const PAGE = { 'X-Signet': '1', 'Sec-Fetch-Site': 'same-origin' };

const USERS = {
  john: { userId: '1', password: 'john-demo-password', claims: { role: 'admin', isAdmin: true } },
  jane: { userId: '2', password: 'jane-demo-password', claims: { role: 'user', isAdmin: false } },
};

async function authenticate(req) {
  const { username, password } = req.body;
  const user = Object.hasOwn(USERS, username) ? USERS[username] : undefined;
  return user && user.password === password ? { userId: user.userId, claims: user.claims } : null;
}

const JOHN = { username: 'john', password: USERS.john.password };

/** createAuth's claims function for the same users, so that a refresh keeps them. */
const claims = async (userId) => Object.values(USERS).find((user) => user.userId === userId)?.claims ?? {};

/** An app with the router on /auth; `before` may add to it first. */
function appWith(express, auth, options = {}, before = () => {}) {
  const app = express();
  before(app);
  app.use('/auth', auth.router({ authenticate, ...options }));
  app.use((err, req, res, next) => {
    res.status(500).json({ fromTheApp: err.message });
  });
  return app;
}

/** The Set-Cookie headers of a response: [{ name, value, attributes }]; attribute names are in lower case. */
function cookiesOf(res) {
  return (res.headers['set-cookie'] ?? []).map((line) => {
    const [pair, ...rest] = line.split('; ');
    const equals = pair.indexOf('=');
    const attributes = {};
    for (const part of rest) {
      const [name, value = true] = part.split('=');
      attributes[name.toLowerCase()] = value;
    }
    return { name: pair.slice(0, equals), value: pair.slice(equals + 1), attributes };
  });
}

/** The Cookie header that a browser would send after this response. */
const cookieHeader = (res) =>
  cookiesOf(res)
    .map(({ name, value }) => `${name}=${value}`)
    .join('; ');

/** Collects what is printed by console.warn while `action` runs. */
async function warnings(action) {
  const { warn } = console;
  const lines = [];
  console.warn = (line) => lines.push(line);
  try {
    await action();
  } finally {
    console.warn = warn;
  }
  return lines;
}

module.exports = { EXPRESSES, JOHN, PAGE, USERS, appWith, authenticate, claims, cookieHeader, cookiesOf, warnings };
