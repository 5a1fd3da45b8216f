'use strict';
// The refresh cookie (RFC 6265bis). Over https it is `__Host-signet`: the browser then rejects one that a
// sibling subdomain, another path or plain http tries to set. On http://localhost it is `signet`, because
// Safari drops Secure cookies there.

const { parseCookie, stringifySetCookie } = require('cookie');
const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { isLoopbackHost, isSecure, isUntrustedHttps } = require('./address');
const { logRequest } = require('./log');
const { originHeader, parseOrigin } = require('./origins');

/**
 * The value of the request's cookie of that name, or undefined. Two cookies of the name are refused:
 * one of them was set by somebody else.
 */
function readCookie(req, name) {
  const header = ownValue(req.headers, 'cookie');
  if (header === undefined || !header.includes(name)) return undefined;
  let seen = 0;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && pair.slice(0, equals).trim() === name) seen += 1;
  }
  if (seen > 1) throw failure('ERR_BODY', `the request has ${seen} cookies named ${name}: clear the site's cookies`);
  return seen === 0 ? undefined : parseCookie(header)[name];
}

/**
 * Whether the cookie may be set without Secure: plain http on the developer's machine, according to both
 * Origin and Host. A reverse proxy that rewrites Host to localhost is recognized by the https Origin or, if
 * there is none, by NODE_ENV=production.
 */
function isPlainLocalhost(req) {
  if (isSecure(req) || !isLoopbackHost(ownValue(req.headers, 'host'))) return false;
  const origin = parseOrigin(originHeader(req));
  if (origin !== undefined && /^https?:$/.test(origin.protocol)) {
    return origin.protocol === 'http:' && isLoopbackHost(origin.host);
  }
  return process.env.NODE_ENV !== 'production';
}

/** The cookie of one router. `options`: { name, sameSite, secure } as checked by options.js. */
function createRefreshCookie(options) {
  const isPlain = (req) => (options.secure === undefined ? isPlainLocalhost(req) : !options.secure);
  const nameFor = (plain) => (plain ? options.name : `__Host-${options.name}`);

  function write(req, res, value, maxAge) {
    const plain = isPlain(req);
    if (plain && options.secure === undefined && isUntrustedHttps(req)) {
      logRequest(
        'proxy',
        'the refresh cookie is sent without Secure: X-Forwarded-Proto is https, but Express does not ' +
          "trust it. If your proxy set it, add this line: app.set('trust proxy', 1)",
      );
    }
    // Browsers reject SameSite=None without Secure. On localhost all ports are the same site, so Lax is
    // equivalent there.
    const sameSite = plain && options.sameSite === 'none' ? 'lax' : options.sameSite;
    res.appendHeader(
      'Set-Cookie',
      stringifySetCookie({
        __proto__: null,
        name: nameFor(plain),
        value,
        maxAge,
        path: '/',
        httpOnly: true,
        secure: !plain,
        sameSite,
        priority: 'high',
      }),
    );
  }

  return {
    read: (req) => readCookie(req, nameFor(isPlain(req))),
    /** `maxAge` in seconds; undefined: until the browser closes. */
    set: (req, res, token, maxAge) => write(req, res, token, maxAge),
    clear: (req, res) => write(req, res, '', 0),
  };
}

module.exports = { createRefreshCookie, readCookie };
