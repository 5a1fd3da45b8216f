'use strict';

const { ownValue } = require('../options/plain');

/*
 * Where a request says that it comes from and goes to. `Host` and `X-Forwarded-*` are believed only as far as the app's own `trust proxy`
 * setting says; none of this reads a guess as proof.
 */

const LOOPBACK_HOST = /^(?:localhost|[a-z0-9.-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;
const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/** Whether a Host header's value (or URL.host) names this machine itself. */
function isLoopbackHost(host) {
  return host !== undefined && LOOPBACK_HOST.test(host);
}

/** Whether the request came over https: by Express, which follows `trust proxy`, else by the socket. */
function isSecure(req) {
  return req.secure === true || req.socket?.encrypted === true;
}

/** Whether a proxy says that the page is on https, and Express has not been told to believe it. */
function isUntrustedHttps(req) {
  return !isSecure(req) && /^https\b/i.test(ownValue(req.headers, 'x-forwarded-proto'));
}

/** The request's own origin as a proxy tells it, where the app has said that it trusts this one; else undefined. */
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
 * Whether `origin` is this server as its own machine's browser sees it: the connection is a loopback one and the port is the one it came in by.
 * Read from the socket, not from Host; development only.
 */
function isOwnLoopback(req, text) {
  if (process.env.NODE_ENV === 'production' || !LOOPBACK_ADDRESS.test(req.socket.remoteAddress)) return false;
  const scheme = req.socket.encrypted ? 'https:' : 'http:';
  const origin = new URL(text);
  const port = Number(origin.port || (scheme === 'https:' ? 443 : 80));
  return origin.protocol === scheme && isLoopbackHost(origin.host) && port === req.socket.localPort;
}

module.exports = { isLoopbackHost, isOwnLoopback, isSecure, isUntrustedHttps, trustedOwnOrigin };
