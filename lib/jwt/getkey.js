'use strict';
// verify with getKey(header, callback), which supplies the key asynchronously. With a key of a key
// pair, the verification then runs on a pool thread.

const native = require('../native/load');
const { answerOf } = require('./callbacks');
const { readExpectations } = require('./verify-options');
const { keyRefusal } = require('./refusals');
const { checkToken, headerOf, verdict, verifyingRequest } = require('./verification');

/** Checks options and token before getKey is called. */
function question(token, options) {
  const asked = readExpectations(options || {});
  checkToken(token);
  return { token, header: headerOf(token), asked };
}

/**
 * getKey's first answer: through its callback or its promise. A promise of undefined is not an answer: an
 * async function may use the callback.
 */
function firstAnswer(getKey, header) {
  return new Promise((resolve, reject) => {
    const returned = getKey(header, (error, key) => (error ? reject(error) : resolve(key)));
    if (typeof returned?.then === 'function')
      returned.then((key) => {
        if (key !== undefined) resolve(key);
      }, reject);
  });
}

/** Resolves with the result of `verify` for getKey's key. */
async function answerTo({ token, header, asked }, getKey) {
  const key = await firstAnswer(getKey, header).catch((error) => {
    throw keyRefusal(`error in secret or public key callback: ${error?.message}`);
  });
  return verdictBy(token, key, asked);
}

/** Resolves with the result of `verify`, from a pool thread if the key is part of a key pair. */
function verdictBy(token, key, asked) {
  return answerOf(
    native.verifyClaimsLater,
    () => verifyingRequest(token, key, asked),
    (result) => verdict(result, asked),
  );
}

module.exports = { answerTo, question, verdictBy };
