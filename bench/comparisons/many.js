'use strict';
// Many keys, and a large payload.

const floors = require('../lib/floors');
const { FOUR, LIFETIME_S, PAYLOADS, SECRET, secretOf, signingInput } = require('../lib/inputs');
const { looped } = require('../lib/looped');

const signet = require('../..');

const KEYS = 1000;

// A sign and a verify with each key in turn (a tenant each, say), against the same with one.
function keysInTurn() {
  const options = { expiresIn: LIFETIME_S };
  const both = (secrets) => {
    const tokens = secrets.map((secret) => signet.sign(FOUR, secret, options));
    let i = 0;
    return looped(() => {
      i = i + 1 === secrets.length ? 0 : i + 1;
      signet.sign(FOUR, secrets[i], options);
      return signet.verify(tokens[i], secrets[i]);
    });
  };
  return { ours: both(Array.from({ length: KEYS }, (_, i) => secretOf(i))), peer: both([secretOf(0)]) };
}

function largePayload() {
  const token = signet.sign(PAYLOADS['16 kB'], SECRET, { expiresIn: LIFETIME_S });
  const payload = Buffer.from(token.split('.')[1], 'base64url').toString();
  return {
    ours: looped(() => signet.verify(token, SECRET)),
    peer: floors.sum(floors.jsonParse(payload), floors.hmac(SECRET, signingInput(token))),
  };
}

module.exports = { 'hs256-1000-keys': keysInTurn, 'verify-16k': largePayload };
