'use strict';

const { parseCookie, stringifySetCookie } = require('cookie');
const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');
const { isLoopbackHost, isSecure, isUntrustedHttps } = require('./address');
const { tellOfRequest } = require('./log');
const { originHeader, parseOrigin } = require('./origins');

/*
 * The refresh cookie (RFC 6265bis). Over https it is `__Host-signet`: the browser itself then refuses one that a sibling subdomain, another
 * path or plain http tries to set. On http://localhost it is plain `signet`, as Safari drops Secure cookies there.
 */

/** The value of the request's cookie of that name; undefined where there is none. Two of the name: somebody else has set one, so neither is believed. */
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
 * Whether the cookie may go without Secure: plain http, on the developer's own machine by what both the browser (Origin) and the request (Host) say.
 * A reverse proxy that rewrites Host to localhost is told apart by its https Origin, or, where there is none, by NODE_ENV=production.
 */
function isPlainLocalhost(req) {
  if (isSecure(req) || !isLoopbackHost(ownValue(req.headers, 'host'))) return false;
  const origin = parseOrigin(originHeader(req));
  if (origin !== undefined && /^https?:$/.test(origin.protocol)) return origin.protocol === 'http:' && isLoopbackHost(origin.host);
  return process.env.NODE_ENV !== 'production';
}

/** The cookie of one router. `options`: { name, sameSite, secure } as checked by options.js. */
function createRefreshCookie(options) {
  const isPlain = (req) => (options.secure === undefined ? isPlainLocalhost(req) : !options.secure);
  const nameFor = (plain) => (plain ? options.name : `__Host-${options.name}`);

  function write(req, res, value, maxAge) {
    const plain = isPlain(req);
    if (plain && options.secure === undefined && isUntrustedHttps(req)) {
      tellOfRequest('proxy', 'the refresh cookie goes without Secure: X-Forwarded-Proto says https, and Express does not trust it. '
        + 'If a proxy of yours has set it, add this line: app.set(\'trust proxy\', 1)');
    }
    // SameSite=None without Secure is refused by browsers; on localhost ports do not matter to "site", so Lax does the same there
    const sameSite = plain && options.sameSite === 'none' ? 'lax' : options.sameSite;
    res.appendHeader('Set-Cookie', stringifySetCookie({
      __proto__: null, name: nameFor(plain), value, maxAge, path: '/', httpOnly: true, secure: !plain, sameSite, priority: 'high',
    }));
  }

  return {
    read: (req) => readCookie(req, nameFor(isPlain(req))),
    /** `maxAge` in seconds; undefined: until the browser closes. */
    set: (req, res, token, maxAge) => write(req, res, token, maxAge),
    clear: (req, res) => write(req, res, '', 0),
  };
}

module.exports = { createRefreshCookie, readCookie };
