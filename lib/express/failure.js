'use strict';

const { SignetError } = require('../native/errors');
const native = require('../native/load');

/** The text of each code: of the first row of the C table that has it. */
const TEXTS = {};
for (const { code, text } of native.statuses) TEXTS[code] ??= text;

/** A SignetError; `message` where more can be said than the table's own text says. */
function fail(code, message) {
  return new SignetError(code, message ?? TEXTS[code]);
}

module.exports = { TEXTS, fail };
