'use strict';
// The origin and the target of a request. `Host` and `X-Forwarded-*` are trusted only as far as the app's
// `trust proxy` setting allows.

const { ownValue } = require('../options/plain');

const LOOPBACK_HOST = /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/** Whether a Host header's value (or URL.host) names the local machine. */
function isLoopbackHost(host) {
  return host !== undefined && LOOPBACK_HOST.test(host);
}

/**
 * Whether the request came over https: according to Express, which follows `trust proxy`, else to the
 * socket.
 */
function isSecure(req) {
  return req.secure === true || req.socket?.encrypted === true;
}

/** Whether X-Forwarded-Proto is https, but Express does not trust it. */
function isUntrustedHttps(req) {
  return !isSecure(req) && /^https\b/i.test(ownValue(req.headers, 'x-forwarded-proto'));
}

/** The request's own origin as forwarded by a proxy that the app trusts; else undefined. */
function trustedOwnOrigin(req) {
  const app = req.app;
  if (!app || typeof app.get !== 'function' || !app.get('trust proxy')) return undefined;
  const trusts = app.get('trust proxy fn');
  if (typeof trusts !== 'function' || !trusts(req.socket.remoteAddress, 0)) return undefined;
  const forwarded = ownValue(req.headers, 'x-forwarded-host');
  const host = forwarded === undefined ? ownValue(req.headers, 'host') : forwarded.split(',')[0].trim();
  return host ? `${req.protocol}://${host}` : undefined;
}

/**
 * Whether `text` is the origin of this server as a browser on the same machine sees it: a loopback
 * connection to the same port. Read from the socket, not from Host. Development only.
 */
function isOwnLoopback(req, text) {
  if (process.env.NODE_ENV === 'production' || !LOOPBACK_ADDRESS.test(req.socket.remoteAddress)) return false;
  const scheme = req.socket.encrypted ? 'https:' : 'http:';
  const origin = new URL(text);
  const port = Number(origin.port || (scheme === 'https:' ? 443 : 80));
  return origin.protocol === scheme && isLoopbackHost(origin.host) && port === req.socket.localPort;
}

module.exports = { isLoopbackHost, isOwnLoopback, isSecure, isUntrustedHttps, trustedOwnOrigin };
