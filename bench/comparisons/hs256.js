'use strict';
// HS256: the tutorial's token, with the key as an app has it.

const crypto = require('node:crypto');

const floors = require('../lib/floors');
const { FOUR, LIFETIME_S, SECRET, signingInput } = require('../lib/inputs');
const { looped } = require('../lib/looped');

const signet = require('../..');

const OPTIONS = { expiresIn: LIFETIME_S };

const peers = {
  jsonwebtoken: () => require('jsonwebtoken'),
  fastjwt: () => require('fast-jwt'),
  noders: () => require('@node-rs/jsonwebtoken'),
};

const signed = (key) => looped(() => signet.sign(FOUR, key, OPTIONS));
const verified = (key, token) => looped(() => signet.verify(token, key));

const keyObject = () => crypto.createSecretKey(Buffer.from(SECRET));
const token = () => signet.sign(FOUR, SECRET, OPTIONS);

function againstJsonwebtoken(kind, key) {
  const { sign, verify } = peers.jsonwebtoken();
  const t = token();
  return kind === 'sign'
    ? { ours: signed(key), peer: looped(() => sign(FOUR, key, OPTIONS)) }
    : { ours: verified(key, t), peer: looped(() => verify(t, key)) };
}

function againstFastJwt(kind, cache) {
  const { createSigner, createVerifier } = peers.fastjwt();
  if (kind === 'sign') {
    const sign = createSigner({ key: SECRET, expiresIn: LIFETIME_S * 1000 });
    return { ours: signed(SECRET), peer: looped(() => sign(FOUR)) };
  }
  const t = token();
  const verify = createVerifier({ key: SECRET, cache });
  return { ours: verified(SECRET, t), peer: looped(() => verify(t)) };
}

function againstNodeRs(kind) {
  const { signSync, verifySync } = peers.noders();
  const t = token();
  // It adds no time claims by itself: an app does what `expiresIn` does here.
  const claims = () => {
    const iat = Math.floor(Date.now() / 1000);
    return { ...FOUR, iat, exp: iat + LIFETIME_S };
  };
  return kind === 'sign'
    ? { ours: signed(SECRET), peer: looped(() => signSync(claims(), SECRET)) }
    : { ours: verified(SECRET, t), peer: looped(() => verifySync(t, SECRET)) };
}

function againstFloor() {
  const t = token();
  const payload = Buffer.from(t.split('.')[1], 'base64url').toString();
  return {
    ours: verified(signet.createKey(SECRET), t),
    peer: floors.sum(floors.jsonParse(payload), floors.hmac(SECRET, signingInput(t)), floors.emptyCall),
  };
}

module.exports = {
  'hs256-sign-string': () => againstJsonwebtoken('sign', SECRET),
  'hs256-verify-string': () => againstJsonwebtoken('verify', SECRET),
  'hs256-sign-keyobject': () => againstJsonwebtoken('sign', keyObject()),
  'hs256-verify-keyobject': () => againstJsonwebtoken('verify', keyObject()),
  'hs256-sign-fastjwt': () => againstFastJwt('sign'),
  'hs256-verify-fastjwt': () => againstFastJwt('verify', false),
  'hs256-verify-fastjwt-cached': () => againstFastJwt('verify', true),
  'hs256-sign-noders': () => againstNodeRs('sign'),
  'hs256-verify-noders': () => againstNodeRs('verify'),
  'hs256-verify-floor': againstFloor,
};
