'use strict';
// The methods that end, list and read sessions.

const { readOptions } = require('../options/read');
const { clientOf, sessionIdOf, tokenOf, userIdOf } = require('./identity');
const { LOGOUT, REVOKE_ALL } = require('./options');
const { JOB, NOT_GIVEN, submit } = require('./calls');

/** An item of auth.sessions(). */
function listed(session) {
  return {
    id: session.id,
    createdAt: new Date(session.createdAt),
    lastUsedAt: new Date(session.rotatedAt || session.createdAt),
    expiresAt: new Date(session.expiresAt),
    endsAt: new Date(session.endsAt),
    userAgent: session.userAgent,
    ip: session.ip,
    label: session.label,
  };
}

/** @param {ReturnType<typeof import('./context').createContext>} context */
function createSessionMethods({ handle, moment, run, wall }) {
  async function logout(refreshToken, given) {
    const token = tokenOf(refreshToken, 'ERR_REFRESH_INVALID');
    const client = clientOf(readOptions(LOGOUT, given, 'logout').req);
    return (await run(JOB.logout, { token, ...client }, client)).count > 0;
  }

  async function revoke(userId, sessionId) {
    const user = userIdOf(userId);
    const session = sessionIdOf(sessionId);
    return session !== null && (await run(JOB.revoke, { userId: user, sessionId: session })).count > 0;
  }

  async function revokeAll(userId, given) {
    const user = userIdOf(userId);
    const { except } = readOptions(REVOKE_ALL, given, 'revokeAll');
    const spared = except === undefined ? undefined : (sessionIdOf(except) ?? undefined);
    return (await run(JOB.revokeAll, { userId: user, sessionId: spared, ...moment() })).count;
  }

  async function sessions(userId) {
    return (await run(JOB.list, { userId: userIdOf(userId) })).sessions.map(listed);
  }

  async function readSession(userId, sessionId) {
    const outcome = await submit(handle, JOB.read, { ...NOT_GIVEN, now: wall(), userId, sessionId });
    // The record of a session that has ended is returned too, with its reason.
    if (outcome.error && !outcome.session && outcome.error.code !== 'ERR_SESSION_UNKNOWN') throw outcome.error;
    return outcome.session;
  }

  return { methods: { logout, revoke, revokeAll, sessions }, readSession };
}

module.exports = { createSessionMethods };
