'use strict';
// The package's one entry, for `require` and, by name, for `import`.

const sign = require('./jwt/sign');
const verify = require('./jwt/verify');
const decode = require('./jwt/decode');
const { signAsync, verifyAsync } = require('./jwt/promises');
const { createKey } = require('./keys/keys');
const { createAuth, rotateRefresh } = require('./auth');
const { JsonWebTokenError, NotBeforeError, TokenExpiredError } = require('./jwt/errors');
const { SignetError } = require('./native/errors');

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
