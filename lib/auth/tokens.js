'use strict';
// The methods that issue or verify tokens: login, rotateRefresh, verifyAccess.

const fast = require('../native/fast');
const native = require('../native/load');
const { badOption } = require('../native/errors');
const { createAsker, textOf } = require('./claims');
const { STATUS, failure, lastFailure } = require('../native/status');
const { clientOf, tokenOf, userIdOf } = require('./identity');
const { readOptions } = require('../options/read');
const { LOGIN, ROTATE } = require('./options');
const { createPurge } = require('./purge');
const { ENDS_SESSION, JOB, NOT_GIVEN, ROTATE_UNHEARD, STRICT, submit } = require('./calls');

const SECOND = 1000;

const NO_ACCESS_TOKEN =
  'the token\'s header lacks "typ": "at+jwt": it is a refresh token, or made by sign(). ' +
  'Send the accessToken of auth.login() or auth.rotateRefresh(). ' +
  'While some are still signed by hand: docs/from-jsonwebtoken.md, "Half an app"';

/** The result of login and rotateRefresh. `claims` are the access token's, as they will be read back. */
function tokensOf({ accessToken, refreshToken, expiresIn, refreshExpiresIn, userId, sessionId }, claims) {
  return {
    accessToken,
    refreshToken,
    expiresIn,
    refreshExpiresIn,
    userId,
    sessionId,
    claims: claims === undefined ? {} : JSON.parse(claims),
  };
}

/** The access token's claims: from the call, or from the app's claims function. */
function createClaims({ handle, now, options, wall }) {
  const { claims, claimsTimeout, queueLimit } = options;
  const asker = claims && createAsker(claims, { timeout: claimsTimeout, limit: queueLimit });
  let warned = false;

  // The store does not keep claims given at login: after a refresh they come from the claims function.
  function warnOfLoss() {
    if (warned) return;
    warned = true;
    process.emitWarning(
      'claims were given to login, but createAuth has no claims function: ' +
        'the access token loses them at the first refresh. ' +
        'Give createAuth({ claims: async (userId) => ({ … }) })',
      { type: 'SignetWarning', code: 'SIGNET_CLAIMS' },
    );
  }

  function given(claimsGiven) {
    if (!asker) warnOfLoss();
    return textOf(claimsGiven, 'claims');
  }

  async function atLogin(userId, client) {
    const text = await asker.ask(undefined, userId, { id: undefined, ...client });
    if (text === null) throw failure('ERR_FORBIDDEN', 'the claims function returned null: this user may not log in');
    return text;
  }

  // Runs before the store is used: if the function throws or times out, nothing has changed and the
  // refresh token is still valid.
  async function atRefresh(token, user, client) {
    const start = performance.now();
    const answer = native.openRefresh(handle, token, now(), user);
    if (typeof answer === 'number') throw lastFailure(answer);
    const [opened, userId, sessionId, generation, end] = answer;
    const session = { id: sessionId, generation, endsAt: new Date(end * SECOND), ...client };
    try {
      const text = await asker.ask(token, userId, session);
      return { at: wall(), waited: performance.now() - start, opened, text };
    } catch (error) {
      native.closeRefresh(handle, opened);
      throw error;
    }
  }

  return { asks: asker !== undefined, given, atLogin, atRefresh, running: () => (asker ? asker.size : 0) };
}

function createVerify({ handle, options: { now } }) {
  function refuse(accessToken, number) {
    if (accessToken === undefined || accessToken === null || accessToken === '') throw failure('ERR_TOKEN_MISSING');
    if (number === STATUS.ERR_TYP) throw failure('ERR_TOKEN_INVALID', NO_ACCESS_TOKEN);
    throw typeof accessToken === 'string' ? lastFailure(number) : failure('ERR_TOKEN_INVALID');
  }

  return function verifyAccess(accessToken) {
    const payload = fast.verifyAccess(handle, accessToken, now);
    return typeof payload === 'number' ? refuse(accessToken, payload) : payload;
  };
}

/** @param {ReturnType<typeof import('./context').createContext>} context */
function createTokenMethods(context) {
  const { events, handle, moment, options, run, settle, timesOf, wall } = context;
  const claims = createClaims(context);
  const purge = createPurge(
    () => submit(handle, JOB.purge, { ...NOT_GIVEN, now: wall() }),
    native.storeTraits(options.store).purgesItself,
  );

  async function login(userId, given) {
    const user = userIdOf(userId);
    const { claims: own, req, label, refreshExpiresIn, since = moment() } = readOptions(LOGIN, given, 'login');
    if (refreshExpiresIn > options.sessionExpiresIn)
      throw badOption("refreshExpiresIn of this login is longer than createAuth's sessionExpiresIn: raise that one");
    const client = { ...clientOf(req), label };
    const start = performance.now();
    // Without a claims function there is no await: calls made before auth.close() are queued before it.
    let text = own === undefined ? undefined : claims.given(own);
    if (own === undefined && claims.asks) text = await claims.atLogin(user, client);
    const ttl = refreshExpiresIn === undefined ? 0 : Math.floor(refreshExpiresIn / SECOND);
    const waited = performance.now() - start;
    const times = timesOf(since);
    const outcome = await run(JOB.login, { waited, userId: user, claims: text, ...times, ttl, ...client }, client);
    purge.step();
    return tokensOf(outcome, text);
  }

  async function rotateRefresh(refreshToken, given) {
    const token = tokenOf(refreshToken, 'ERR_REFRESH_INVALID');
    const { userId, req, strict, idempotencyKey, previousKey } = readOptions(ROTATE, given, 'rotateRefresh');
    const user = userId === undefined ? undefined : userIdOf(userId);
    const client = clientOf(req);
    const { at, waited, opened, text } = claims.asks
      ? await claims.atRefresh(token, user, client)
      : { at: wall(), waited: 0, opened: undefined, text: undefined };
    const flags =
      (strict ? STRICT : 0) | (text === null ? ENDS_SESSION : 0) | (events.isHeard('rotate') ? 0 : ROTATE_UNHEARD);
    const { userAgent, ip } = client;
    const call = {
      ...NOT_GIVEN,
      now: at,
      waited,
      token,
      opened,
      userId: user,
      claims: text ?? undefined,
      flags,
      userAgent,
      ip,
      idempotencyKey,
      previousKey,
    };
    const outcome = settle(await submit(handle, JOB.rotate, call), client);
    purge.step();
    return tokensOf(outcome, text ?? undefined);
  }

  // auth.close() waits for the claims function; without one, the job is in the store's queue when the
  // method returns.
  const tracked = claims.asks ? context.track : (method) => method;
  return {
    claimsRunning: claims.running,
    methods: { login: tracked(login), rotateRefresh: tracked(rotateRefresh), verifyAccess: createVerify(context) },
  };
}

module.exports = { createTokenMethods };
