'use strict';
// Each library as its documentation says to use it: { name, sign, verify, decode, signAsync, verifyAsync }, each `(subject) => call | null`, where a
// call does the thing once and null says that the library cannot. Preparation that a library allows once a key is done once.
//
// A subject: { alg, payload, keys: { signing, checking, signingObject, checkingObject }, token, expiresIn_s }; `signing` is what an app holds: text.

const signet = require('..');
const jsonwebtoken = require('jsonwebtoken');
const fastJwt = require('fast-jwt');
const noders = require('@node-rs/jsonwebtoken');
const { promisify } = require('node:util');

const signNow = (s) => ({ algorithm: s.alg, expiresIn: s.expiresIn_s });
const only = (s) => ({ algorithms: [s.alg] });

const ours = {
  name: 'signet',
  sign: (s) => () => signet.sign(s.payload, s.keys.signing, signNow(s)),
  verify: (s) => () => signet.verify(s.token, s.keys.checking, only(s)),
  decode: (s) => () => signet.decode(s.token),
  signAsync: (s) => () => signet.signAsync(s.payload, s.keys.signing, signNow(s)),
  verifyAsync: (s) => () => signet.verifyAsync(s.token, s.keys.checking, only(s)),
};

const signByCallback = promisify(jsonwebtoken.sign);
const verifyByCallback = promisify(jsonwebtoken.verify);
const known = (s) => s.alg !== 'EdDSA'; // jsonwebtoken has no EdDSA

const theOriginal = {
  name: 'jsonwebtoken',
  sign: (s) => known(s) && (() => jsonwebtoken.sign(s.payload, s.keys.signing, signNow(s))),
  verify: (s) => known(s) && (() => jsonwebtoken.verify(s.token, s.keys.checking, only(s))),
  decode: (s) => () => jsonwebtoken.decode(s.token),
  signAsync: (s) => known(s) && (() => signByCallback(s.payload, s.keys.signing, signNow(s))),
  verifyAsync: (s) => known(s) && (() => verifyByCallback(s.token, s.keys.checking, only(s))),
};

const theOriginalWithKeyObject = {
  name: 'jsonwebtoken, KeyObject',
  sign: (s) => known(s) && (() => jsonwebtoken.sign(s.payload, s.keys.signingObject, signNow(s))),
  verify: (s) => known(s) && (() => jsonwebtoken.verify(s.token, s.keys.checkingObject, only(s))),
};

const fast = {
  name: 'fast-jwt',
  sign: (s) => {
    const sign = fastJwt.createSigner({ key: s.keys.signing, algorithm: s.alg, expiresIn: s.expiresIn_s * 1000 });
    return () => sign(s.payload);
  },
  verify: (s) => {
    const verify = fastJwt.createVerifier({ key: s.keys.checking, algorithms: [s.alg], cache: false });
    return () => verify(s.token);
  },
  decode: (s) => {
    const decode = fastJwt.createDecoder();
    return () => decode(s.token);
  },
  signAsync: (s) => {
    const sign = fastJwt.createSigner({ key: async () => s.keys.signing, algorithm: s.alg, expiresIn: s.expiresIn_s * 1000 });
    return () => sign(s.payload);
  },
  verifyAsync: (s) => {
    const verify = fastJwt.createVerifier({ key: async () => s.keys.checking, algorithms: [s.alg], cache: false });
    return () => verify(s.token);
  },
};

const fastCached = {
  name: 'fast-jwt, cached',
  verify: (s) => {
    const verify = fastJwt.createVerifier({ key: s.keys.checking, algorithms: [s.alg], cache: true });
    return () => verify(s.token);
  },
};

// jose has promises only: where calls are made one after another, each is awaited.
const joseSign = async (s) => {
  const { SignJWT } = await import('jose');
  const key = s.keys.signingObject;
  return () => new SignJWT(s.payload).setProtectedHeader({ alg: s.alg, typ: 'JWT' }).setIssuedAt().setExpirationTime(`${s.expiresIn_s}s`).sign(key);
};
const joseVerify = async (s) => {
  const { jwtVerify } = await import('jose');
  return () => jwtVerify(s.token, s.keys.checkingObject, only(s));
};

const jose = {
  name: 'jose',
  promises: true,
  sign: joseSign,
  verify: joseVerify,
  decode: async (s) => {
    const { decodeJwt } = await import('jose');
    return () => decodeJwt(s.token);
  },
  signAsync: joseSign,
  verifyAsync: joseVerify,
};

// It adds no time claims by itself: an app does what `expiresIn` does here.
function claimsOf(s) {
  const iat = Math.floor(Date.now() / 1000);
  return { ...s.payload, iat, exp: iat + s.expiresIn_s };
}
const onlyRust = (s) => ({ algorithms: [s.alg] });

const rust = {
  name: '@node-rs/jsonwebtoken',
  sign: (s) => () => noders.signSync(claimsOf(s), s.keys.signing, { algorithm: s.alg }),
  verify: (s) => () => noders.verifySync(s.token, s.keys.checking, onlyRust(s)),
  signAsync: (s) => () => noders.sign(claimsOf(s), s.keys.signing, { algorithm: s.alg }),
  verifyAsync: (s) => () => noders.verify(s.token, s.keys.checking, onlyRust(s)),
};

module.exports = { contenders: [ours, theOriginal, theOriginalWithKeyObject, fast, fastCached, jose, rust] };
