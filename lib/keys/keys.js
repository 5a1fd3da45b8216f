'use strict';
// From key material (every kind that jsonwebtoken takes, and JWKs) to key handles. A handle is the addon's
// External. A number in its place is the status of the failure. Node's `crypto` is not loaded here: with a string or a
// Buffer as secret nothing needs it, and it costs 3 MB.

const { types } = require('util');

/** @typedef {import('crypto').KeyObject} KeyObject */

const native = require('../native/load');
const { keyMaterial } = require('../native/constants');
const { STATUS, failure, statusCode, statusText } = require('../native/status');
const { ownOptions, ownValue } = require('../options/plain');
const { KeyCache } = require('./cache');

const { SECRET, PEM, DER, JWK, JWKS, ANY } = keyMaterial;

const strings = new KeyCache();
/** By kind and material, so that one kind's material is never used as another's. */
const others = new KeyCache();

/** KeyObjects are immutable, so they are cached by identity. @type {WeakMap<KeyObject, object>} */
const keyObjects = new WeakMap();

/** A key parsed once, for `sign` and `verify`. Opaque: the key cannot be read from it. */
class SignetKey {
  #handle;

  constructor(handle) {
    const { type, algorithms, kid } = native.describeKey(handle);
    this.#handle = handle;
    this.type = type;
    this.algorithms = Object.freeze(algorithms);
    if (kid !== undefined) this.kid = kid;
    Object.freeze(this);
  }

  static handleOf(key) {
    return key.#handle;
  }

  static is(value) {
    return #handle in value;
  }
}
const { handleOf } = SignetKey;
const isSignetKey = SignetKey.is;
delete SignetKey.handleOf;
delete SignetKey.is;

function bufferOf(bytes) {
  if (Buffer.isBuffer(bytes)) return bytes;
  return ArrayBuffer.isView(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.from(bytes);
}

const isBytes = (value) => ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value);

/**
 * Bytes as text. The cache's name and the key are both made from this one copy, because another thread
 * may write to the bytes.
 */
const textOf = (bytes) => (Buffer.isBuffer(bytes) ? latin1Slice.call(bytes) : bytes);
const bytesOf = (text, given) => (Buffer.isBuffer(given) ? Buffer.from(text, 'latin1') : text);
const { latin1Slice } = Buffer.prototype;

/** The handle of parsed material, from the cache if possible. `extra` is a passphrase or a key ID. */
function cached(kind, material, extra) {
  const text = textOf(material);
  const extraText = textOf(extra);
  const extraName = extraText === undefined ? '' : `${extraText.length}:${extraText}`;
  const name = `${kind}:${extraName}:${typeof material === 'string' ? '' : 'b:'}${text}`;
  const found = others.get(name);
  if (found !== undefined) return found;
  const handle = native.newKey(kind, bytesOf(text, material), bytesOf(extraText, extra));
  return typeof handle === 'number' ? handle : others.set(name, handle);
}

/** Parses material; `cached` or, for createKey, `uncached`. @typedef {typeof cached} Parse */
function uncached(kind, material, extra) {
  return native.newKey(kind, bytesOf(textOf(material), material), bytesOf(textOf(extra), extra));
}

function fromKeyObject(key) {
  const known = keyObjects.get(key);
  if (known !== undefined) return known;
  const handle =
    key.type === 'secret'
      ? native.newKey(SECRET, key.export())
      : native.newKey(DER, key.export({ format: 'der', type: key.type === 'private' ? 'pkcs8' : 'spki' }));
  if (typeof handle !== 'number') keyObjects.set(key, handle);
  return handle;
}

/**
 * The handle of an object as crypto.createPrivateKey accepts it.
 * @param {{ key?: any, format?: string, passphrase?: any, encoding?: any }} description
 * @param {Parse} parse
 */
function fromDescription(description, parse) {
  const { key, format = 'pem', passphrase, encoding } = ownOptions(description);
  if (types.isKeyObject(key) || types.isCryptoKey(key)) return fromObject(key, parse);
  if (format === 'jwk') {
    return typeof key === 'object' && key !== null ? parse(JWK, JSON.stringify(key)) : STATUS.ERR_KEY_INVALID;
  }
  if (typeof key !== 'string' && !isBytes(key)) return STATUS.ERR_KEY_INVALID;
  if (format !== 'pem' && format !== 'der') return STATUS.ERR_KEY_INVALID;
  const bytes = typeof key === 'string' ? Buffer.from(key, encoding ?? 'utf8') : bufferOf(key);
  const isText = typeof passphrase === 'string';
  const secret = isText ? Buffer.from(passphrase) : isBytes(passphrase) ? bufferOf(passphrase) : undefined;
  return parse(format === 'der' ? DER : PEM, bytes, secret);
}

function fromObject(material, parse) {
  if (isSignetKey(material)) return handleOf(material);
  if (isBytes(material)) return parse(ANY, bufferOf(material));
  if (types.isKeyObject(material)) return fromKeyObject(material);
  if (types.isCryptoKey(material)) return fromKeyObject(require('crypto').KeyObject.from(material));
  if (typeof ownValue(material, 'kty') === 'string') return parse(JWK, JSON.stringify(material));
  return fromDescription(material, parse);
}

/** @returns {object | number} the handle of a string's key, or the status of the failure */
function handleOfString(text) {
  const found = strings.get(text);
  if (found !== undefined) return found;
  const handle = native.newKey(ANY, text);
  return typeof handle === 'number' ? handle : strings.set(text, handle);
}

/**
 * The handle of material that needs no parsing: a string (parsed at its first use), a key from createKey,
 * a KeyObject that was used before.
 * @param {unknown} material
 * @returns {object | undefined}
 */
function knownHandle(material) {
  if (typeof material === 'string') {
    const handle = handleOfString(material);
    return typeof handle === 'number' ? undefined : handle;
  }
  if (typeof material !== 'object' || material === null) return undefined;
  return isSignetKey(material) ? handleOf(material) : keyObjects.get(/** @type {KeyObject} */ (material));
}

/**
 * @param {unknown} material
 * @returns {object | number} the key handle, or the status of the failure
 */
function handleFrom(material) {
  if (typeof material === 'string') return handleOfString(material);
  if (typeof material !== 'object' || material === null) return STATUS.ERR_KEY_INVALID;
  try {
    return fromObject(material, cached);
  } catch (error) {
    if (error?.code === 'ERR_MEMORY') throw error;
    return STATUS.ERR_KEY_INVALID; // a JWK that cannot be serialized, an unknown encoding, a detached buffer
  }
}

/**
 * Parses a key once: a secret, PEM, DER, a JWK, a JWK Set or a KeyObject.
 * @param {unknown} material
 * @param {{ passphrase?: string | Buffer, format?: 'pem' | 'der' | 'jwk', kid?: string }} [options] `kid` selects
 *   a key of a JWK Set
 * @returns {SignetKey}
 * @throws {SignetError} ERR_KEY, with the reason; ERR_PLATFORM if this Node's OpenSSL lacks its algorithm
 */
function createKey(material, options = {}) {
  const handle = newHandle(material, options);
  if (typeof handle === 'number') {
    throw failure(statusCode(handle), statusText(handle).replace('secretOrPrivateKey', 'the key'));
  }
  return new SignetKey(handle);
}

/** @param {any} material @param {{ passphrase?: string | Buffer, format?: string, kid?: string }} options */
function newHandle(material, options) {
  const { passphrase, format, kid } = ownOptions(options);
  if (typeof material === 'object' && material !== null && Array.isArray(ownValue(material, 'keys'))) {
    return uncached(JWKS, JSON.stringify(material), kid === undefined ? undefined : String(kid));
  }
  if (passphrase !== undefined || format !== undefined) {
    return fromDescription({ key: material, format, passphrase }, uncached);
  }
  if (typeof material === 'string') return uncached(ANY, material);
  return typeof material === 'object' && material !== null ? fromObject(material, uncached) : STATUS.ERR_KEY_INVALID;
}

const isPrivateKeyObject = (material) => material?.type === 'private' && types.isKeyObject(material);

module.exports = { SignetKey, createKey, handleFrom, isPrivateKeyObject, knownHandle };
