'use strict';
// A bounded cache from key material, as text, to the addon's key handles, so that `sign(payload, 'secret')`
// in a loop parses the secret once.
//
// Two generations: an entry that is used moves to the young one. If that is full, the old one is dropped
// and the young one becomes the old one. So a hit costs one look-up and moves nothing, and a thousand keys
// in turn cost no more than one. Bounded by number and by size of material.
// Keyed by content, never by the identity of a mutable object.

const native = require('../native/load');

const GENERATION_KEYS = 2048;
const GENERATION_CHARACTERS = 1 << 20;
const LONGEST_MATERIAL = 1 << 16;

let releases = 0;

/** How many times keys have been released: a handle obtained at another count may be invalid. */
const releaseCount = () => releases;

class KeyCache {
  #young = new Map();
  #old = new Map();
  #characters = 0;

  /**
   * @param {string} text
   * @returns {object | undefined} the key handle
   */
  get(text) {
    return this.#young.get(text) ?? this.#promote(text);
  }

  #promote(text) {
    const handle = this.#old.get(text);
    if (handle === undefined) return undefined;
    this.#old.delete(text);
    return this.set(text, handle);
  }

  /** Stores the handle, which the cache then owns and releases. Returns it. */
  set(text, handle) {
    if (text.length > LONGEST_MATERIAL) return handle;
    if (this.#young.size >= GENERATION_KEYS || this.#characters + text.length > GENERATION_CHARACTERS) this.#age();
    this.#young.set(text, handle);
    this.#characters += text.length;
    return handle;
  }

  // Frees the dropped keys immediately. Node runs finalizers only between turns of the event loop, so a
  // loop over a million secrets would keep them all.
  #age() {
    for (const handle of this.#old.values()) native.releaseKey(handle);
    releases++;
    this.#old = this.#young;
    this.#young = new Map();
    this.#characters = 0;
  }

  get size() {
    return this.#young.size + this.#old.size;
  }
}

module.exports = { GENERATION_CHARACTERS, GENERATION_KEYS, KeyCache, releaseCount };
