'use strict';
// The package's one entry, for `require` and, by name, for `import`.

const sign = require('./sign');
const verify = require('./verify');
const decode = require('./decode');
const { signAsync, verifyAsync } = require('./promises');
const { createKey } = require('./keys');
const { createAuth, rotateRefresh } = require('./auth');
const { SignetError } = require('./errors');
const JsonWebTokenError = require('./JsonWebTokenError');
const TokenExpiredError = require('./TokenExpiredError');
const NotBeforeError = require('./NotBeforeError');

// Shorthand identifiers only: Node's lexer, which gives ES modules the names, stops at the first that is anything else.
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
