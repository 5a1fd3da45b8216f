'use strict';
// From createAuth's options to the addon's handle.

const native = require('../native/load');
const { port } = require('../native/port');
const { STATUS, lastFailure } = require('../native/status');

/** The addon has its own copy of the secrets, and wipes it. These are lib's. */
function wipe({ accessSecret, refreshSecret, legacy }) {
  for (const secret of [accessSecret?.secrets, refreshSecret?.secrets, legacy?.secret].flat()) secret?.fill(0);
}

/**
 * The addon reads the options by the tables of include/signet/sessions.h and stores.h, under the same names. Throws
 * ERR_SECRET or ERR_OPTION if the C library refuses them.
 * @param {object} options createAuth's, as read
 */
function open(options) {
  try {
    const handle = native.createAuth(port, options, (options.now ?? Date.now)());
    if (typeof handle === 'number') throw lastFailure(handle);
    return handle;
  } finally {
    wipe(options);
  }
}

/**
 * Replaces the secrets that are given, all or none. Throws ERR_SECRET if the C library refuses them.
 * @param {{ accessSecret?: object, refreshSecret?: object }} secrets as read
 * @param {{ now: number, force: boolean }} how
 */
function setSecrets(handle, secrets, { now, force }) {
  try {
    const status = native.setSecrets(handle, secrets, now, force);
    if (status !== STATUS.OK) throw lastFailure(status);
  } finally {
    wipe(secrets);
  }
}

module.exports = { open, setSecrets };
