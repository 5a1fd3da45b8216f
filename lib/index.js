'use strict';
// The package's main entry, for `require` and, by name, for `import`. Joins the auth and its Express part.

const sign = require('./jwt/sign');
const verify = require('./jwt/verify');
const decode = require('./jwt/decode');
const { signAsync, verifyAsync } = require('./jwt/promises');
const { createKey } = require('./keys/keys');
const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = require('./jwt/errors');
const { SignetError } = require('./native/errors');

// Loaded at the first use: an app that only signs and verifies tokens needs no sessions and no routes.
const sessions = () => require('./auth/create');
const express = () => require('./express');

/**
 * @param {import('.').AuthOptions} options
 * @returns {import('.').Auth}
 */
function createAuth(options) {
  const auth = sessions().createAuth(options);
  return Object.assign(auth, {
    protect: (protectOptions) => express().protect(auth, protectOptions),
    router: (routerOptions) => express().createRouter(auth, routerOptions),
  });
}

/** The same as the method: `rotateRefresh(auth, token, options)`. */
const rotateRefresh = (auth, refreshToken, options) => auth.rotateRefresh(refreshToken, options);

// Shorthand identifiers only: Node's lexer, which finds the names for ES modules,
// stops at the first property of any other kind.
module.exports = {
  sign,
  verify,
  decode,
  signAsync,
  verifyAsync,
  createKey,
  createAuth,
  rotateRefresh,
  JsonWebTokenError,
  TokenExpiredError,
  NotBeforeError,
  SignetError,
};
