'use strict';
// The checks of verify, as in jsonwebtoken 9, before and after the signature. C checks everything except
// RegExp audiences.

const fast = require('../native/fast');
const native = require('../native/load');
const { JsonWebTokenError } = require('./errors');
const { NOTHING, algorithmSet, bitOf } = require('./algorithms');
const {
  UNREADABLE_MAX_AGE,
  asksMore,
  audienceMatches,
  firstInsistence,
  optionRefusal,
  readExpectations,
} = require('./verify-options');
const { handleFrom, isPrivateKeyObject, knownHandle } = require('../keys/keys');
const { payloadFrom } = require('./parts');
const { EMPTY, ownValue } = require('../options/plain');
const { keyRefusal, refusal } = require('./refusals');
const { STATUS } = require('../native/status');

const IN_FULL = true;

// ------------------------------------------------------------------ the fast way

/**
 * Verifies with a string or key that was used before and no option except `algorithms`, in one call
 * into C. Returns undefined for all other calls and for refusals: they take the general way.
 * @param {number} [among] the set of algorithms that may be tried
 */
function verifyFast(token, material, options, among = 0) {
  let algorithms = among;
  if (options !== undefined) {
    // Read a property first: V8 then knows the object's map and inlines what would be a runtime call.
    if (asksMore(options) || EMPTY.algorithms !== undefined || Object.getPrototypeOf(options) !== Object.prototype)
      return undefined;
    algorithms = setWithin(algorithmSet(options.algorithms), among);
    if (algorithms === NOTHING) return undefined;
  }
  const handle = knownHandle(material);
  if (handle === undefined || (typeof material === 'object' && isPrivateKeyObject(material))) return undefined;
  return fast.verify(handle, token, algorithms);
}

/** The intersection of both sets (0 is the key's own set); NOTHING if it is empty. */
function setWithin(set, among) {
  if (among === 0) return set;
  return set === 0 ? among : set & among || NOTHING;
}

// ------------------------------------------------------------------ the general way

function checkToken(token) {
  if (!token) throw refusal(STATUS.ERR_TOKEN_MISSING);
  if (typeof token !== 'string') throw new JsonWebTokenError('jwt must be a string');
  if (token.length > native.maxTokenLength) throw refusal(STATUS.ERR_TOKEN_TOO_LARGE);
}

/** The parts of a token that is not verified; throws if it cannot be read. */
function readParts(token) {
  const parts = native.decodeParts(token);
  if (typeof parts === 'number') throw refusal(parts);
  return parts;
}

function headerOf(token) {
  return JSON.parse(readParts(token)[1]);
}

/** The errors that jsonwebtoken throws, after it has read the token, if the key or the signature is missing. */
function checkUnsigned(token, material, asked) {
  readParts(token);
  const isSigned = !token.endsWith('.');
  if (!isSigned && material) throw refusal(STATUS.ERR_TOKEN_UNSIGNED);
  if (isSigned && !material) throw keyRefusal('secret or public key must be provided');
  if (!isSigned && asked.algorithms === 0)
    throw new JsonWebTokenError('please specify "none" in "algorithms" to verify unsigned tokens');
  if (material !== undefined && material !== null && material !== '')
    throw keyRefusal('secretOrPublicKey is not valid key material');
}

const RSA_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const DEFAULTS = { rsa: RSA_ALGORITHMS, 'rsa-pss': RSA_ALGORITHMS, ec: ['ES256', 'ES384', 'ES512'] };

/** jsonwebtoken accepts a private key as PEM and derives the public key, but refuses a private KeyObject. */
function checkPrivateKeyObject(token, handle, asked) {
  const { alg } = headerOf(token);
  const { type, algorithms } = native.describeKey(handle);
  const allowed =
    asked.algorithms || algorithmSet(DEFAULTS[type] ?? (algorithms.length > 0 ? algorithms : RSA_ALGORITHMS));
  if ((allowed & bitOf(alg)) === 0) throw refusal(STATUS.ERR_ALGORITHM);
  if (alg === 'none') return; // the check of the key's type gives the error
  throw keyRefusal(
    `secretOrPublicKey must be ${alg.startsWith('HS') ? 'a symmetric' : 'an asymmetric'} key when using ${alg}`,
  );
}

function verifyingHandle(token, material, asked) {
  if (!material || token.endsWith('.')) {
    checkUnsigned(token, material, asked);
    return undefined;
  }
  const handle = handleFrom(material);
  if (typeof handle === 'number') {
    readParts(token); // errors of the token come first
    throw refusal(handle, asked);
  }
  if (isPrivateKeyObject(material)) checkPrivateKeyObject(token, handle, asked);
  return handle;
}

/** The payload of a token with a valid signature. Checks the claims that C has not checked. */
function checkedPayload(text, header, isObject, asked) {
  if (isObject) {
    const payload = JSON.parse(text);
    if (asked.patterns) checkFromAudience(text, payload, asked);
    if (asked.maxAgeIsUnreadable) throw unreadableMaxAge(payload, asked);
    return payload;
  }
  const payload = plainPayload(text, header);
  const unmet = firstInsistence(asked);
  if (unmet !== undefined) throw refusal(unmet, asked);
  return payload;
}

/**
 * A payload that C has not read as claims. Refuses an object (from JSON in a JSON string): its claims are unchecked.
 */
function plainPayload(text, header) {
  let payload;
  try {
    payload = payloadFrom(text, header);
  } catch {
    throw refusal(STATUS.ERR_TOKEN_INVALID);
  }
  if (typeof payload === 'object' && !Array.isArray(payload)) throw refusal(STATUS.ERR_TOKEN_INVALID);
  return payload;
}

function checkFromAudience(text, payload, asked) {
  if (!audienceMatches(ownValue(payload, 'aud'), asked.options.audience)) throw refusal(STATUS.ERR_AUDIENCE, asked);
  const status = native.checkClaims(text, asked.now, asked.flags, asked.leeway, ...asked.expected);
  if (status !== STATUS.OK) throw refusal(status, asked);
}

function unreadableMaxAge(payload, asked) {
  if (typeof ownValue(payload, 'iat') !== 'number') return refusal(STATUS.ERR_IAT_REQUIRED, asked);
  return optionRefusal(UNREADABLE_MAX_AGE);
}

/** The checks before the signature. @returns the arguments of the addon's verifyClaims */
function verifyingRequest(token, material, asked) {
  const handle = verifyingHandle(token, material, asked);
  return [
    handle,
    token,
    asked.now,
    asked.algorithms,
    asked.flags,
    asked.keyFlags,
    asked.leeway,
    ...asked.expected,
    asked.complete ? IN_FULL : undefined,
  ];
}

/** The checks after the signature. */
function verdict(result, asked) {
  if (typeof result === 'string') return checkedPayload(result, undefined, true, asked);
  if (!Array.isArray(result)) throw refusal(result, asked);
  const header = JSON.parse(result[1]);
  const payload = checkedPayload(result[0], header, result[3], asked);
  return asked.complete ? { header, payload, signature: result[2] } : payload;
}

/** Verifies on this thread. @returns {any} the payload, or { header, payload, signature } with `complete` */
function verifyNow(token, material, options) {
  if (typeof token === 'string' && (options === undefined || (typeof options === 'object' && options !== null))) {
    const payload = verifyFast(token, material, options);
    if (payload !== undefined) return payload;
  }
  const asked = readExpectations(options || {});
  checkToken(token);
  if (typeof material === 'function') {
    readParts(token);
    throw optionRefusal('verify must be called asynchronous if secret or public key is provided as a callback');
  }
  return verdict(native.verifyClaims(...verifyingRequest(token, material, asked)), asked);
}

module.exports = { checkToken, headerOf, verdict, verifyFast, verifyNow, verifyingRequest };
