'use strict';
// Each library, used as its documentation says: { sign, verify, decode, signAsync, verifyAsync }, each `(subject) =>
// call | null`. A call does the operation once; null: the library does not have it. What can be prepared once per key
// is prepared once. Subjects come from subjects.js.

const { promisify } = require('node:util');

const fastJwt = require('fast-jwt');
const jsonwebtoken = require('jsonwebtoken');
const noders = require('@node-rs/jsonwebtoken');

const signet = require('..');

const signing = (s) => ({ ...(s.bare ? {} : { algorithm: s.alg }), expiresIn: s.expiresIn_s });
const checking = (s) => (s.bare ? undefined : { algorithms: [s.alg] });

/** A library with jsonwebtoken's functions. */
const likeTheOriginal = ({ sign, verify, decode, signAsync, verifyAsync }, knows, [signingKey, checkingKey]) => {
  const signed = (call) => (s) => {
    const options = signing(s);
    return knows(s) && (() => call(s.payload, s.keys[signingKey], options));
  };
  const checked = (call) => (s) => {
    const options = checking(s);
    return knows(s) && (() => call(s.token, s.keys[checkingKey], options));
  };
  return {
    sign: signed(sign),
    verify: checked(verify),
    decode: decode && ((s) => () => decode(s.token)),
    signAsync: signAsync && signed(signAsync),
    verifyAsync: verifyAsync && checked(verifyAsync),
  };
};

const TEXT = ['signing', 'checking'];
const OBJECT = ['signingObject', 'checkingObject'];
const noEdDSA = (s) => s.alg !== 'EdDSA';
const { sign, verify, decode } = jsonwebtoken;
const promised = { sign, verify, decode, signAsync: promisify(sign), verifyAsync: promisify(verify) };

const fastSigner = (s, key) => {
  const make = fastJwt.createSigner({ key, algorithm: s.alg, expiresIn: s.expiresIn_s * 1000 });
  return () => make(s.payload);
};
const fastVerifier = (s, key, cache) => {
  const check = fastJwt.createVerifier({ key, ...checking(s), cache });
  return () => check(s.token);
};
const fastDecoder = (s) => {
  const read = fastJwt.createDecoder();
  return () => read(s.token);
};

// jose only has promises: in sequential runs, each call is awaited.
const joseSign = async (s) => {
  const { SignJWT } = await import('jose');
  const header = { alg: s.alg, typ: 'JWT' };
  const [key, lifetime] = [s.keys.signingObject, `${s.expiresIn_s}s`];
  return () => new SignJWT(s.payload).setProtectedHeader(header).setIssuedAt().setExpirationTime(lifetime).sign(key);
};
const joseVerify = async (s) => {
  const { jwtVerify } = await import('jose');
  return () => jwtVerify(s.token, s.keys.checkingObject, checking(s));
};
const joseDecode = async (s) => {
  const { decodeJwt } = await import('jose');
  return () => decodeJwt(s.token);
};

// @node-rs/jsonwebtoken adds no time claims: the app has to do what `expiresIn` does here.
function claimsOf(s) {
  const iat = Math.floor(Date.now() / 1000);
  return { ...s.payload, iat, exp: iat + s.expiresIn_s };
}
const rustSign = (call) => (s) => {
  const header = s.bare ? undefined : { algorithm: s.alg };
  return () => call(claimsOf(s), s.keys.signing, header);
};
const rustVerify = (call) => (s) => {
  const options = checking(s);
  return () => call(s.token, s.keys.checking, options);
};

const CONTENDERS = {
  signet: likeTheOriginal(signet, () => true, TEXT),
  jsonwebtoken: likeTheOriginal(promised, noEdDSA, TEXT),
  'jsonwebtoken, KeyObject': likeTheOriginal({ sign, verify }, noEdDSA, OBJECT),
  'fast-jwt': {
    sign: (s) => fastSigner(s, s.keys.signing),
    verify: (s) => fastVerifier(s, s.keys.checking, false),
    decode: fastDecoder,
    signAsync: (s) => fastSigner(s, async () => s.keys.signing),
    verifyAsync: (s) => fastVerifier(s, async () => s.keys.checking, false),
  },
  'fast-jwt, cached': { verify: (s) => fastVerifier(s, s.keys.checking, true) },
  jose: {
    promises: true,
    sign: joseSign,
    verify: joseVerify,
    decode: joseDecode,
    signAsync: joseSign,
    verifyAsync: joseVerify,
  },
  '@node-rs/jsonwebtoken': {
    sign: rustSign(noders.signSync),
    verify: rustVerify(noders.verifySync),
    signAsync: rustSign(noders.sign),
    verifyAsync: rustVerify(noders.verify),
  },
};

module.exports = { CONTENDERS };
