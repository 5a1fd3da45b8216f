'use strict';
// sign(payload, secretOrPrivateKey, [options, callback]), as jsonwebtoken 9 has it.

const fast = require('../native/fast');
const native = require('../native/load');
const { ALGORITHMS, HMAC } = require('./algorithms');
const { answerOf, tell } = require('./callbacks');
const { keyFlags } = require('../native/constants');
const { withCode } = require('../native/errors');
const { releaseCount } = require('../keys/cache');
const { handleFrom, knownHandle } = require('../keys/keys');
const { CLAIM_OPTIONS, checkPayloadObject, checkSignOptions, optionError } = require('./sign-options');
const { EMPTY, ownOptions, ownValue } = require('../options/plain');
const { failure, STATUS, statusCode, statusOf, statusText } = require('../native/status');
const { momentAfter, secondsOf } = require('./timespan');

const HS256 = ALGORITHMS.get('HS256');
const NONE = ALGORITHMS.get('none');
const ANY_ALGORITHM = -1; // as a set
const { FOR_SIGNING, ALLOW_INSECURE_SIZE, ALLOW_INVALID_TYPE } = keyFlags;

/** Key errors that jsonwebtoken throws before it checks the payload; all other key errors come after that check. */
const EARLY_KEY_STATUSES = new Set([
  STATUS.ERR_KEY_SYMMETRIC,
  STATUS.ERR_KEY_ASYMMETRIC,
  STATUS.ERR_KEY_NOT_PRIVATE,
  STATUS.ERR_KEY_TOO_SMALL,
]);

/** All but `none`, which has its own rules. */
const FAST_ALGORITHMS = new Map([...ALGORITHMS].filter(([name]) => name !== 'none'));

/** A key error with the text that `sign` uses. */
function keyError(result) {
  const code = statusCode(statusOf(result));
  return code === 'ERR_MEMORY' ? failure(code) : withCode(new Error(statusText(result)), code);
}

// ------------------------------------------------------------------ the fast way

/**
 * Signs a plain payload without its own time claims, with a string or key that was used before, and
 * no options except `algorithm` and `expiresIn`. Returns undefined for all other calls and for errors:
 * they take the general way.
 * @param {number} [among] the set of algorithms that may be tried
 * @returns {string | undefined}
 */
function signFast(payload, material, options, among = ANY_ALGORITHM) {
  let alg = HS256;
  let lifetime = NaN;
  if (options !== undefined) {
    // Read a property first: V8 then knows the object's map and inlines what would be a runtime call.
    const { algorithm, expiresIn } = options; // even if not enumerable: the token must not lack its `exp`
    if (EMPTY.algorithm !== undefined || EMPTY.expiresIn !== undefined) return undefined; // possibly inherited
    if (Object.getPrototypeOf(options) !== Object.prototype || asksMore(options)) return undefined;
    for (const name in options) {
      if ((name !== 'expiresIn' && name !== 'algorithm') || options[name] === undefined) return undefined;
    }
    if (expiresIn !== undefined) lifetime = wholeSeconds(expiresIn);
    if (algorithm !== undefined) alg = FAST_ALGORITHMS.get(algorithm);
    if (alg === undefined || lifetime === Infinity || (among & (1 << alg)) === 0) return undefined;
  }
  const handle = knownHandle(material);
  return handle === undefined ? undefined : fast.sign(handle, payload, alg, lifetime);
}

/** Reads each option by name: non-enumerable properties and a Proxy's answers are options too. */
function asksMore({
  notBefore,
  audience,
  header,
  encoding,
  issuer,
  subject,
  jwtid,
  noTimestamp,
  keyid,
  mutatePayload,
  allowInsecureKeySizes,
  allowInvalidAsymmetricKeyTypes,
}) {
  return (
    notBefore !== undefined ||
    audience !== undefined ||
    header !== undefined ||
    encoding !== undefined ||
    issuer !== undefined ||
    subject !== undefined ||
    jwtid !== undefined ||
    noTimestamp !== undefined ||
    keyid !== undefined ||
    mutatePayload !== undefined ||
    allowInsecureKeySizes !== undefined ||
    allowInvalidAsymmetricKeyTypes !== undefined
  );
}

/** `expiresIn` in seconds if `iat` plus it is a whole number; otherwise Infinity. */
function wholeSeconds(span) {
  const seconds = typeof span === 'string' ? Math.floor(secondsOf(span) ?? Infinity) : span;
  return Number.isSafeInteger(seconds) && seconds < 1e15 && seconds > -1e15 ? seconds : Infinity;
}

// ------------------------------------------------------------------ the general way

/**
 * The key's handle; undefined for an empty secret, and for no key if the option `algorithm` is `none`.
 * Throws the errors that jsonwebtoken throws first.
 */
function signingHandle(material, options) {
  if (!material) {
    if (options.algorithm !== 'none') throw keyError(STATUS.ERR_KEY_EMPTY);
    if (material !== undefined && material !== null && material !== '') throw keyError(STATUS.ERR_KEY_INVALID);
    return undefined;
  }
  const handle = handleFrom(material);
  if (typeof handle !== 'number') return handle;
  if (handle === STATUS.ERR_KEY_EMPTY) return undefined;
  if (handle === STATUS.ERR_KEY_PASSPHRASE) throw keyError(STATUS.ERR_KEY_INVALID);
  throw keyError(handle);
}

/** The error if the key does not fit this algorithm; `early` if it comes before the checks of payload and options. */
function objectionTo(handle, alg, flags) {
  if (alg === undefined || (handle === undefined && alg === NONE)) return undefined;
  if (handle === undefined) return emptyKeyObjection(alg);
  const status = native.checkKey(handle, alg, flags | FOR_SIGNING);
  const isNone = status === STATUS.ERR_ALGORITHM; // a secret that is not used
  if (status === STATUS.OK || isNone || (alg === NONE && flags & ALLOW_INVALID_TYPE)) return undefined;
  return { error: keyError(status), early: EARLY_KEY_STATUSES.has(status) };
}

/** jsonwebtoken says at once that an empty secret is no key pair, and would sign with it by HMAC: refused last. */
function emptyKeyObjection(alg) {
  if (HMAC & (1 << alg)) return { error: keyError(STATUS.ERR_KEY_EMPTY), early: false };
  const [name] = [...ALGORITHMS].find(([, number]) => number === alg);
  return { error: keyError({ status: STATUS.ERR_KEY_ASYMMETRIC, detail: name }), early: true };
}

/** Adds the claims given by options to the payload, in jsonwebtoken's order. */
function addClaims(payload, options) {
  const iat = ownValue(payload, 'iat') || Math.floor(Date.now() / 1000);
  if (options.noTimestamp) delete payload.iat;
  else payload.iat = iat;
  addMoment(payload, 'nbf', 'notBefore', options, iat);
  addMoment(payload, 'exp', 'expiresIn', options, iat);
  addClaim(payload, 'aud', 'audience', options);
  addClaim(payload, 'iss', 'issuer', options);
  addClaim(payload, 'sub', 'subject', options);
  addClaim(payload, 'jti', 'jwtid', options);
}

function addMoment(payload, claim, option, options, iat) {
  const span = options[option];
  if (span === undefined) return;
  payload[claim] = momentAfter(span, iat);
  if (payload[claim] === undefined) {
    throw optionError(
      `"${option}" should be a number of seconds or string representing a timespan eg: "1d", "20h", 60`,
    );
  }
}

function addClaim(payload, claim, option, options) {
  if (options[option] === undefined) return;
  if (ownValue(payload, claim) !== undefined)
    throw optionError(`Bad "options.${option}" option. The payload already has an "${claim}" property.`);
  payload[claim] = options[option];
}

/** Object.assign is twice as fast, but would set the prototype if the payload has an own `__proto__` member. */
const copyOf = (payload) => (Object.hasOwn(payload, '__proto__') ? { ...payload } : Object.assign({}, payload));

function checkPayload(payload, isObject, options) {
  if (payload === undefined) throw optionError('payload is required');
  if (isObject) return checkPayloadObject(payload);
  const given = CLAIM_OPTIONS.filter((name) => options[name] !== undefined);
  if (given.length > 0) throw optionError(`invalid ${given.join(',')} option for ${typeof payload} payload`);
}

function checkNotTwice(payload, claim, option, options) {
  if (isObject(payload) && ownValue(payload, claim) !== undefined && options[option] !== undefined) {
    throw optionError(`Bad "options.${option}" option the payload already has an "${claim}" property.`);
  }
}

function textOf(payload) {
  if (typeof payload === 'string') return payload;
  return typeof payload === 'number' || Buffer.isBuffer(payload) ? payload.toString() : JSON.stringify(payload);
}

/** The payload as text, or as a Buffer if the encoding is not UTF-8. */
function payloadBytes(payload, encoding = 'utf8') {
  const text = textOf(payload);
  if (text === undefined)
    throw new TypeError('The payload cannot be serialized as JSON: expected an object, a string or a Buffer.');
  return encoding === 'utf8' ? text : Buffer.from(text, encoding);
}

/**
 * Everything that `sign` decides before the signature.
 * @returns {() => [handle: object | undefined, header: string, payload: string | Buffer, alg: number, flags: number]}
 *   makes the addon's arguments; throws if the payload cannot be serialized as JSON. jsonwebtoken passes
 *   that error to the callback later, and the errors thrown here at once.
 */
function signingRequest(payload, material, given) {
  const options = ownOptions(given);
  const isObject = typeof payload === 'object' && !Buffer.isBuffer(payload);
  const header = {
    alg: options.algorithm || 'HS256',
    typ: isObject ? 'JWT' : undefined,
    kid: options.keyid,
    ...options.header,
  };
  const releases = releaseCount();
  const handle = signingHandle(material, options);
  const alg = ALGORITHMS.get(header.alg);
  const flags =
    (options.allowInsecureKeySizes ? ALLOW_INSECURE_SIZE : 0) |
    (options.allowInvalidAsymmetricKeyTypes ? ALLOW_INVALID_TYPE : 0);
  const objection = objectionTo(handle, alg, flags);
  if (objection?.early) throw objection.error;
  checkPayload(payload, isObject, options);
  let claims = payload;
  if (isObject && !options.mutatePayload) claims = copyOf(payload);
  checkNotTwice(claims, 'exp', 'expiresIn', options);
  checkNotTwice(claims, 'nbf', 'notBefore', options);
  checkSignOptions(options);
  if (alg === undefined) throw optionError(`"${header.alg}" is not a valid algorithm.`);
  if (objection) throw objection.error;
  if (isObject) addClaims(claims, options);
  return () => {
    const bytes = payloadBytes(claims, options.encoding);
    const headerText = JSON.stringify(header);
    // A toJSON in payload or header may have signed with so many keys that the cache has dropped this one.
    return [releases === releaseCount() ? handle : signingHandle(material, options), headerText, bytes, alg, flags];
  };
}

/** The token; throws if signing failed. */
function tokenFrom(result) {
  if (typeof result === 'string') return result;
  throw keyError(result);
}

/**
 * Signs a payload: JWS Compact Serialization, HS256 by default.
 * @param {string | object | Buffer} payload
 * @param {unknown} secretOrPrivateKey
 * @param {object} [options]
 * @param {(error: Error | null, token?: string) => void} [callback] called once: synchronously if the call
 *   is refused, otherwise from a microtask. With it, RSA, EC and EdDSA run on another thread.
 * @returns {string} the token; with a callback, nothing, or what the callback returned for a refusal
 */
function sign(payload, secretOrPrivateKey, options, callback) {
  if (typeof options === 'function') return signLater(payload, secretOrPrivateKey, undefined, options);
  if (callback) return signLater(payload, secretOrPrivateKey, options, callback);
  const token = tryFast(payload, secretOrPrivateKey, options);
  if (token !== undefined) return token;
  return tokenFrom(native.signParts(...signingRequest(payload, secretOrPrivateKey, options || {})()));
}

/** `sign` with a callback, which gets every error. HMAC runs on this thread: handing it to another costs more. */
function signLater(payload, material, options, callback) {
  const token = tryFast(payload, material, options, HMAC);
  if (token !== undefined) return tell(callback, token);
  let write;
  try {
    write = signingRequest(payload, material, options || {});
  } catch (error) {
    return callback(error);
  }
  return tell(callback, answerOf(native.signPartsLater, write, tokenFrom));
}

const isObject = (value) => typeof value === 'object' && value !== null;

/** Ignores what a getter or JSON.stringify throws: the general way throws it again, after it has checked the key. */
function tryFast(payload, material, options, among) {
  if (!isObject(payload) || (options !== undefined && !isObject(options))) return undefined;
  try {
    return signFast(payload, material, options, among);
  } catch {
    return undefined;
  }
}

module.exports = sign;
