'use strict';
// What holds on this operating system where tests say more than "it works".

const assert = require('node:assert');
const fs = require('node:fs');

const IS_WINDOWS = process.platform === 'win32';

/** Windows has no modes: a file has the permissions of its folder, and Node shows any that it may write to as 0666. */
function assertOwnersOnly(file) {
  assert.strictEqual(fs.statSync(file).mode & 0o777, IS_WINDOWS ? 0o666 : 0o600);
}

module.exports = { IS_WINDOWS, assertOwnersOnly };
