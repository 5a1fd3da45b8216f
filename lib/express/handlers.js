'use strict';
// The router's routes. A handler gets (req, res, id) and returns [status, body]; responses.js answers what it
// throws.

const { badOption } = require('../native/errors');
const { failure } = require('../native/status');
const { internals } = require('../auth/internals');
const { readBody, readKeys } = require('./body');
const { userOf } = require('./claims');
const { protect } = require('./protect');
const { TRANSPORTS } = require('./transport');

/**
 * Errors which mean that the cookie's session has ended. Not ERR_REFRESH_INVALID: a server that lacks a
 * secret throws that too.
 */
const DEFINITE_ENDS = new Set(['ERR_REFRESH_REUSED', 'ERR_SESSION_UNKNOWN', 'ERR_SESSION_EXPIRED']);

/**
 * Reasons for an end by a login in another tab: a late answer must not clear the cookie that this login
 * set.
 */
const ENDS_BY_LOGIN = new Set(['logout', 'limit']);
const RACE_MS = 60_000;

/** Runs a (req, res, next) middleware as a step that resolves or throws. */
const asStep = (middleware) => (req, res) =>
  new Promise((resolve, reject) => {
    middleware(req, res, (err) => (err ? reject(err) : resolve()));
  });

/** Logins: by the route, and by the app itself (`signIn`). */
function createSignIn(auth, transport) {
  /**
   * The answer to login and refresh. The transport sends the refresh token, which is kept until it
   * expires.
   */
  function give(req, res, tokens, remember) {
    return {
      accessToken: tokens.accessToken,
      expiresIn: tokens.expiresIn,
      user: userOf(tokens.userId, tokens.claims),
      ...transport.give(req, res, tokens.refreshToken, tokens.refreshExpiresIn, remember),
    };
  }

  /**
   * A login ends the session that it replaces. If that fails, the login still succeeds: the old cookie
   * is replaced anyway.
   */
  async function endOld(token) {
    if (token !== undefined) await auth.logout(token).catch(() => false);
  }

  async function signIn(req, res, who) {
    const { userId, claims, label, refreshExpiresIn, since, remember = true } = { __proto__: null, ...who };
    if (userId === undefined) {
      throw badOption('authenticate(req) must return { userId, claims? }, or null for wrong credentials');
    }
    const old = transport.read(req);
    const tokens = await auth.login(userId, { claims, label, refreshExpiresIn, since, req });
    await endOld(old);
    return give(req, res, tokens, remember);
  }

  return { give, signIn };
}

function createRefresh(auth, transport, give) {
  const { refusedSession, now, isSure } = auth[internals];

  /**
   * Whether the error means that this session has ended, and no recent login can have replaced the
   * cookie.
   */
  function isOver(err) {
    if (DEFINITE_ENDS.has(err.code)) return true;
    // Without a record, only the clock of this process says so.
    if (err.code === 'ERR_REFRESH_EXPIRED') return refusedSession(err) !== undefined;
    if (err.code !== 'ERR_SESSION_REVOKED') return false;
    const { revokedFor, revokedAt = 0 } = refusedSession(err) ?? {};
    return revokedAt > 0 && (!ENDS_BY_LOGIN.has(revokedFor) || (isSure() && now() - revokedAt > RACE_MS));
  }

  return async function refresh(req, res) {
    transport.guard(req);
    await transport.prepare(req, res);
    const token = transport.read(req);
    if (token === undefined) throw failure('ERR_TOKEN_MISSING', 'no refresh token: log in');
    const keys = await readKeys(req, res);
    try {
      const tokens = await auth.rotateRefresh(token, { req, ...keys });
      return [200, give(req, res, tokens, transport.remembers(req))];
    } catch (err) {
      if (isOver(err)) transport.take(req, res);
      throw err;
    }
  };
}

function createLogout(auth, transport) {
  return async function logout(req, res) {
    transport.guard(req);
    await transport.prepare(req, res);
    const token = transport.read(req);
    if (token === undefined) {
      if (transport.needsToken) throw failure('ERR_TOKEN_MISSING', 'no refresh token: there is nothing to log out');
      return [204];
    }
    await auth.logout(token).catch((err) => {
      if (err.code !== 'ERR_REFRESH_INVALID') throw err; // the session may be live: the cookie stays
    });
    transport.take(req, res);
    return [204];
  };
}

/**
 * The routes that need an access token. Those that list or end sessions first check in the store that
 * its session is live.
 */
function createTokenRoutes(auth, transport) {
  const onError = (err, req, res, next) => next(err);
  const byToken = asStep(protect(auth, { onError }));
  const byLiveToken = asStep(protect(auth, { onError, live: 0 }));

  return {
    async me(req, res) {
      await byToken(req, res);
      return [200, userOf(req.auth.userId, req.user)];
    },
    async sessions(req, res) {
      await byLiveToken(req, res);
      const list = await auth.sessions(req.auth.userId);
      return [200, list.map((session) => ({ ...session, current: session.id === req.auth.sessionId }))];
    },
    async endSession(req, res, id) {
      await byLiveToken(req, res);
      await auth.revoke(req.auth.userId, id);
      if (id === req.auth.sessionId) transport.take(req, res);
      return [204];
    },
    async logoutAll(req, res) {
      await byLiveToken(req, res);
      await auth.revokeAll(req.auth.userId);
      transport.take(req, res);
      return [204];
    },
  };
}

function createHandlers(auth, options) {
  const transport = TRANSPORTS[options.transport](options);
  const { give, signIn } = createSignIn(auth, transport);
  const { authenticate } = options;

  async function login(req, res) {
    transport.guard(req);
    await readBody(req, res);
    transport.read(req); // refuses two cookies of the name before the password is checked
    const since = auth[internals].moment();
    const who = await authenticate(req);
    if (!who) throw failure('ERR_CREDENTIALS');
    return [200, await signIn(req, res, { since, ...who })];
  }

  return {
    signIn,
    handlers: {
      login: authenticate ? login : undefined,
      refresh: createRefresh(auth, transport, give),
      logout: createLogout(auth, transport),
      ...createTokenRoutes(auth, transport),
    },
  };
}

module.exports = { createHandlers };
