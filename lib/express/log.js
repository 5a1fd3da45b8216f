'use strict';

/*
 * What the developer must read in the server's log. Bounded, so that a hostile client cannot fill a disk; never a token, a cookie or a body.
 */

const MAX_KEYS = 50;
const AGAIN_MS = 60_000;
const told = new Map(); // key → when it was last printed

function tell(key, text, againMs) {
  const last = told.get(key);
  if (last === undefined ? told.size >= MAX_KEYS : Date.now() - last < againMs) return;
  told.set(key, Date.now());
  console.warn(`signet-jwt: ${text}`);
}

/** Prints `text` unless something of the same `key` was printed before. */
const tellOnce = (key, text) => tell(key, text, Infinity);

/** Prints `text` at most once a minute for each `key`. */
const tellAgain = (key, text) => tell(key, text, AGAIN_MS);

module.exports = { tellAgain, tellOnce };
