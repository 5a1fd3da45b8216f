'use strict';
// Answers to requests: JSON that is not cached, and errors as `{ code, message }` with the headers of
// RFC 6750 section 3. Uses only node:http, so that it works with Express 4, Express 5 and connect.

const { TEXTS } = require('../native/status');
const { logFailure, logRequest } = require('./log');

const RETRY_AFTER_S = 1;

const UNKNOWN_ACCESS_KEY =
  'ERR_KEY_UNKNOWN: an access token is signed with a secret that this process does not know: ' +
  'give every process the same access secrets, a new one as `next` first: docs/keys.md';

/**
 * Writes the answer, without a body if `body` is undefined. Does nothing if an answer has been started.
 */
function answer(res, status, body) {
  if (res.headersSent) return;
  res.statusCode = status;
  res.setHeader('Cache-Control', 'no-store');
  if (body === undefined) {
    res.end();
    return;
  }
  const text = JSON.stringify(body);
  res.setHeader('Content-Type', 'application/json; charset=utf-8');
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.end(text);
}

// The characters allowed in the quotes of an auth-param: RFC 6750 section 3, RFC 9110 section 5.6.4
const quotable = (text) => String(text).replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'");

/**
 * The codes whose challenge has an error (RFC 6750 section 3.1, RFC 9470 section 3). The others have
 * only a realm.
 */
const CHALLENGES = {
  ERR_TOKEN_INVALID: () => ({ error: 'invalid_token' }),
  ERR_TOKEN_EXPIRED: () => ({ error: 'invalid_token' }),
  ERR_KEY_UNKNOWN: () => ({ error: 'invalid_token' }),
  ERR_SESSION_UNKNOWN: () => ({ error: 'invalid_token' }),
  ERR_SESSION_EXPIRED: () => ({ error: 'invalid_token' }),
  ERR_SESSION_REVOKED: () => ({ error: 'invalid_token' }),
  ERR_FORBIDDEN: ({ scopes }) => ({ error: 'insufficient_scope', scope: scopes?.join(' ') }),
  ERR_AUTH_AGE: ({ maxAuthAge }) => ({ error: 'insufficient_user_authentication', max_age: maxAuthAge }),
};

/**
 * The WWW-Authenticate header of an error. `needs`: the route's `realm`, `scopes` and `maxAuthAge`
 * (seconds).
 */
function challenge(err, needs) {
  const row = CHALLENGES[err.code];
  const params = row === undefined ? {} : { ...row(needs), error_description: err.message };
  let text = `Bearer realm="${quotable(needs.realm)}"`;
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) text += `, ${name}="${quotable(value)}"`;
  }
  return text;
}

/**
 * The text for clients. Details of the server's own failures (hosts, drivers' texts) are only in the
 * log.
 */
function publicText(err) {
  return err.status >= 500 ? (TEXTS[err.code] ?? 'the server failed: see its log') : err.message;
}

/** Whether clients get this error's code and text. All others go to the app's error handler. */
function isAnswerable(err) {
  return err !== null && typeof err === 'object' && err.name === 'SignetError' && err.status >= 400;
}

/** Sets an error's status and headers. `onError` is called after this and may change them. */
function setErrorHead(res, err, needs) {
  if (res.headersSent) return;
  res.statusCode = err.status;
  res.setHeader('Cache-Control', 'no-store');
  if (err.status === 401 || (err.status === 403 && CHALLENGES[err.code])) {
    res.setHeader('WWW-Authenticate', challenge(err, needs));
  }
  const passes = err.status === 503 || err.status === 429;
  const retryAfter = err.retryAfter ?? (passes ? RETRY_AFTER_S : undefined);
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter));
}

/**
 * Answers a request with an error: through the app's `onError` if there is one, else as `{ code, message }`.
 * Errors that are not for clients (a mistake in the app, an error of its functions) go to `next`.
 */
function answerError(err, req, res, next, needs) {
  if (!isAnswerable(err)) {
    next(err);
    return;
  }
  setErrorHead(res, err, needs);
  if (err.status >= 500) logFailure(err.code, `${err.code}: ${err.message}`);
  if (err.code === 'ERR_KEY_UNKNOWN') logRequest(err.code, UNKNOWN_ACCESS_KEY);
  if (needs.onError) {
    needs.onError(err, req, res, next);
    return;
  }
  answer(res, err.status, { code: err.code, message: publicText(err) });
}

module.exports = { answer, answerError };
