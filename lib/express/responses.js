'use strict';

/*
 * How this package answers a request: JSON that no cache keeps, errors as `{ code, message }` with the headers of RFC 6750 section 3.
 * Only node:http is used, so that Express 4, Express 5 and plain connect are served alike.
 */

const { TEXTS } = require('../native/status');
const { tellOfFailure } = require('./log');

const RETRY_AFTER_S = 1;

/** Writes one answer; `body` undefined: none. An answer that somebody has begun already is left alone. */
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

// RFC 6750 section 3 and RFC 9110 section 5.6.4: what may stand between the quotes of an auth-param
const quotable = (text) => String(text).replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '\'');

/** One row for each code whose challenge names an error; the others carry the realm alone. RFC 6750 section 3.1, RFC 9470 section 3. */
const CHALLENGES = {
  ERR_TOKEN_INVALID: () => ({ error: 'invalid_token' }),
  ERR_TOKEN_EXPIRED: () => ({ error: 'invalid_token' }),
  ERR_SESSION_UNKNOWN: () => ({ error: 'invalid_token' }),
  ERR_SESSION_EXPIRED: () => ({ error: 'invalid_token' }),
  ERR_SESSION_REVOKED: () => ({ error: 'invalid_token' }),
  ERR_FORBIDDEN: ({ scopes }) => ({ error: 'insufficient_scope', scope: scopes?.join(' ') }),
  ERR_AUTH_AGE: ({ maxAuthAge }) => ({ error: 'insufficient_user_authentication', max_age: maxAuthAge }),
};

/** The WWW-Authenticate header for an error. `needs`: what the route asked for (`realm`, `scopes`, `maxAuthAge` in seconds). */
function challenge(err, needs) {
  const row = CHALLENGES[err.code];
  const params = row === undefined ? {} : { ...row(needs), error_description: err.message };
  let text = `Bearer realm="${quotable(needs.realm)}"`;
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) text += `, ${name}="${quotable(value)}"`;
  }
  return text;
}

/** What a client may read of an error: of the server's own troubles (hosts, drivers' words) the log tells, not the answer. */
function publicText(err) {
  return err.status >= 500 ? TEXTS[err.code] ?? 'the server failed: its log says why' : err.message;
}

/** Whether `err` is one that a client may be told of, by its code and text. Everything else belongs to the app's own error handler. */
function isAnswerable(err) {
  return err !== null && typeof err === 'object' && err.name === 'SignetError' && err.status >= 400;
}

/** The headers that an error brings with it, and its status; `onError` handlers find them set and may change them. */
function setErrorHead(res, err, needs) {
  if (res.headersSent) return;
  res.statusCode = err.status;
  res.setHeader('Cache-Control', 'no-store');
  if (err.status === 401 || (err.status === 403 && CHALLENGES[err.code])) res.setHeader('WWW-Authenticate', challenge(err, needs));
  if (err.status === 503) res.setHeader('Retry-After', String(RETRY_AFTER_S));
}

/**
 * Ends a request with an error: by the app's `onError` where there is one, else as `{ code, message }`. What is no answer to a client (a mistake
 * in the app, a failure of its own functions) goes to `next`.
 */
function answerError(err, req, res, next, needs) {
  if (!isAnswerable(err)) {
    next(err);
    return;
  }
  setErrorHead(res, err, needs);
  if (err.status >= 500) tellOfFailure(err.code, `${err.code}: ${err.message}`);
  if (needs.onError) {
    needs.onError(err, req, res, next);
    return;
  }
  answer(res, err.status, { code: err.code, message: publicText(err) });
}

module.exports = { answer, answerError };
