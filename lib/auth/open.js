'use strict';
// From createAuth's options to the addon's handle.

const native = require('../native/load');
const { port } = require('../native/port');
const { STATUS, lastFailure } = require('../native/status');

const SECOND = 1000;

const bytes = (text) => (text === undefined ? undefined : Buffer.from(text, 'utf8'));

/** The secrets of both kinds, as the addon reads them; undefined if not given. */
function secretsOf({ accessSecret, refreshSecret }) {
  return {
    accessSecrets: accessSecret?.secrets,
    refreshSecrets: refreshSecret?.secrets,
    accessRevoked: accessSecret?.revoked,
    refreshRevoked: refreshSecret?.revoked,
  };
}

/** The addon has its own copy of the secrets, and wipes it. These are lib's. */
function wipe({ accessSecret, refreshSecret, legacy }) {
  for (const secret of [accessSecret?.secrets, refreshSecret?.secrets, legacy?.secret].flat()) secret?.fill(0);
}

/** Throws ERR_SECRET or ERR_OPTION if the C library refuses the options. */
function open(options) {
  try {
    return openWith(options);
  } finally {
    wipe(options);
  }
}

function openWith(options) {
  const handle = native.createAuth(port, {
    ...secretsOf(options),
    accessTtl: Math.floor(options.accessExpiresIn / SECOND),
    refreshTtl: Math.floor(options.refreshExpiresIn / SECOND),
    sessionTtl: Math.floor(options.sessionExpiresIn / SECOND),
    graceMs: options.gracePeriod,
    clockTolerance: Math.floor(options.clockTolerance / SECOND),
    maxSessionsPerUser: options.maxSessionsPerUser,
    issuer: bytes(options.issuer),
    audiences: (options.audience ?? []).map(bytes),
    revokeUserOnReuse: options.onReuse === 'user',
    revokeOnSuspect: options.onSuspect === 'revoke',
    legacySecret: options.legacy?.secret,
    legacyCollection: options.legacy?.collection,
    legacyUntil: options.legacy?.until ?? 0,
    legacyUserClaim: bytes(options.legacy?.userClaim),
    legacyTokenField: options.legacy?.tokenField,
    legacyUserField: options.legacy?.userField,
    store: options.store,
    collection: options.collection,
    storeTimeoutMs: options.storeTimeout,
    storeThreads: options.storeThreads,
    queueLimit: options.queueLimit,
    clockRuns: options.now === undefined,
    now: (options.now ?? Date.now)(),
  });
  if (typeof handle === 'number') throw lastFailure(handle);
  return handle;
}

/**
 * Replaces the secrets that are given, all or none. Throws ERR_SECRET if the C library refuses them.
 * @param {{ accessSecret?: object, refreshSecret?: object }} secrets as read
 * @param {{ now: number, force: boolean }} how
 */
function setSecrets(handle, secrets, how) {
  try {
    const status = native.setSecrets(handle, { ...secretsOf(secrets), ...how });
    if (status !== STATUS.OK) throw lastFailure(status);
  } finally {
    wipe(secrets);
  }
}

module.exports = { open, setSecrets };
