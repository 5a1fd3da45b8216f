'use strict';
// Keys of every kind, made once per run.

const crypto = require('node:crypto');

const once = (make) => {
  let made;
  return () => (made ??= make());
};

const pem = (key, type = key.type === 'private' ? 'pkcs8' : 'spki') => key.export({ format: 'pem', type });
const pair = (type, options) => once(() => crypto.generateKeyPairSync(type, options));

const PAIRS = {
  rsa: pair('rsa', { modulusLength: 2048 }),
  smallRsa: pair('rsa', { modulusLength: 1024 }),
  pss: pair('rsa-pss', { modulusLength: 2048, hashAlgorithm: 'sha256', mgf1HashAlgorithm: 'sha256', saltLength: 32 }),
  pssLongSalt: pair('rsa-pss', {
    modulusLength: 2048,
    hashAlgorithm: 'sha256',
    mgf1HashAlgorithm: 'sha256',
    saltLength: 64,
  }),
  pssFree: pair('rsa-pss', { modulusLength: 2048 }),
  p256: pair('ec', { namedCurve: 'prime256v1' }),
  p384: pair('ec', { namedCurve: 'secp384r1' }),
  p521: pair('ec', { namedCurve: 'secp521r1' }),
  k256: pair('ec', { namedCurve: 'secp256k1' }),
  ed25519: pair('ed25519'),
  ed448: pair('ed448'),
  x25519: pair('x25519'),
};

const PASSPHRASE = 'open sesame';
const encrypted = (key) => key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: PASSPHRASE });

module.exports = { PAIRS, PASSPHRASE, encrypted, once, pem };
