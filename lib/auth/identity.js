'use strict';
// The user, session and token of a call, and the client that made the request.

const { limits } = require('../native/constants');
const { badOption } = require('../native/errors');
const { failure } = require('../native/status');

const LONGEST_USER_ID = limits.USER_ID; // bytes of UTF-8
const SESSION_ID = /^[A-Za-z0-9_-]{22}$/;

/**
 * A user id as stored. A Mongoose ObjectId becomes its hex form. Anything else than a string is refused, so
 * that no object from a request body (`{ $ne: null }`) gets into a query.
 */
function userIdOf(value) {
  const id = isObjectId(value) ? value.toHexString() : value;
  if (typeof id !== 'string' || id === '') {
    throw badOption(`userId must be a non-empty string or an ObjectId; got ${id === '' ? '""' : typeof value}`);
  }
  if (id.includes('\0') || !id.isWellFormed()) {
    throw badOption('userId must not contain NUL or unpaired surrogates');
  }
  if (Buffer.byteLength(id) > LONGEST_USER_ID) throw badOption(`userId must have at most ${LONGEST_USER_ID} bytes`);
  return id;
}

// By shape, because an app may have several copies of bson. Their `_bsontype` is on the prototype: an
// own one comes from a request body.
function isObjectId(value) {
  return (
    typeof value === 'object' &&
    value !== null &&
    value._bsontype === 'ObjectId' &&
    !Object.hasOwn(value, '_bsontype') &&
    typeof value.toHexString === 'function'
  );
}

function sessionIdOf(value) {
  if (typeof value !== 'string')
    throw badOption(`sessionId must be a string; got ${value === null ? 'null' : typeof value}`);
  return SESSION_ID.test(value) ? value : null;
}

/** A token from the caller. Throws ERR_TOKEN_MISSING, or `code` if it is not a string. */
function tokenOf(value, code) {
  if (value === undefined || value === null || value === '') throw failure('ERR_TOKEN_MISSING');
  if (typeof value !== 'string') throw failure(code);
  return value;
}

/**
 * User agent and address of a request: Express', Node's, or a Fetch API Request.
 * @returns {{ userAgent?: string, ip?: string }}
 */
function clientOf(req) {
  if (req === undefined) return { userAgent: undefined, ip: undefined };
  const { headers } = req;
  const userAgent = typeof headers?.get === 'function' ? headers.get('user-agent') : headers?.['user-agent'];
  const ip = req.ip ?? req.socket?.remoteAddress;
  return {
    userAgent: typeof userAgent === 'string' ? userAgent : undefined,
    ip: typeof ip === 'string' ? ip : undefined,
  };
}

module.exports = { clientOf, sessionIdOf, tokenOf, userIdOf };
