'use strict';
// Who a call is about, and where it came from.

const { limits } = require('../native/constants');
const { badOption } = require('../native/errors');
const { failure } = require('../native/status');

const LONGEST_USER_ID = limits.USER_ID; // bytes of UTF-8
const SESSION_ID = /^[A-Za-z0-9_-]{22}$/;

/**
 * A user id as the store keeps it. A Mongoose ObjectId becomes its hex form; anything else that is no string is refused, so that no
 * object from a request body (`{ $ne: null }`) ever comes near a query.
 */
function userIdOf(value) {
  const id = isObjectId(value) ? value.toHexString() : value;
  if (typeof id !== 'string' || id === '') throw badOption(`userId should be a string that is not empty, or an ObjectId, and is ${id === '' ? '""' : typeof value}`);
  if (id.includes('\0') || !id.isWellFormed()) throw badOption('userId should be text without NUL and without broken surrogates');
  if (Buffer.byteLength(id) > LONGEST_USER_ID) throw badOption(`userId should have at most ${LONGEST_USER_ID} bytes`);
  return id;
}

// By shape, since an app may hold several copies of bson. `_bsontype` sits on the prototype there: an own one came out of a request body.
function isObjectId(value) {
  return typeof value === 'object' && value !== null && value._bsontype === 'ObjectId' && !Object.hasOwn(value, '_bsontype')
    && typeof value.toHexString === 'function';
}

function sessionIdOf(value) {
  if (typeof value !== 'string') throw badOption(`sessionId should be a string, and is ${value === null ? 'null' : typeof value}`);
  return SESSION_ID.test(value) ? value : null;
}

/** A token as it came in: a string, else the error that says so. */
function tokenOf(value, code) {
  if (value === undefined || value === null || value === '') throw failure('ERR_TOKEN_MISSING');
  if (typeof value !== 'string') throw failure(code);
  return value;
}

/**
 * User agent and address of a request: Express', Node's, or a Fetch API Request.
 * @returns {{ userAgent?: string, ip?: string }}
 */
function originOf(req) {
  if (req === undefined) return { userAgent: undefined, ip: undefined };
  const { headers } = req;
  const userAgent = typeof headers?.get === 'function' ? headers.get('user-agent') : headers?.['user-agent'];
  const ip = req.ip ?? req.socket?.remoteAddress;
  return { userAgent: typeof userAgent === 'string' ? userAgent : undefined, ip: typeof ip === 'string' ? ip : undefined };
}

module.exports = { originOf, sessionIdOf, tokenOf, userIdOf };
