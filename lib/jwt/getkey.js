'use strict';
// verify with getKey(header, callback), which says later what the key is: the verification then leaves this thread, if the key is half of a key pair.

const native = require('../native/load');
const { answerOf } = require('./callbacks');
const { readExpectations } = require('./verify-options');
const { keyRefusal } = require('./refusals');
const { checkToken, headerOf, verdict, verifyingRequest } = require('./verification');

/** What can be said before getKey is asked; throws what is wrong with options and token. */
function question(token, options) {
  const asked = readExpectations(options || {});
  checkToken(token);
  return { token, header: headerOf(token), asked };
}

/** getKey's first answer: by its callback, or by a promise, whose undefined is none: an async function may answer by its callback too. */
function firstAnswer(getKey, header) {
  return new Promise((resolve, reject) => {
    const returned = getKey(header, (error, key) => (error ? reject(error) : resolve(key)));
    if (typeof returned?.then === 'function') returned.then((key) => { if (key !== undefined) resolve(key); }, reject);
  });
}

/** Resolves with what `verify` returns where the key is known. */
async function answerTo({ token, header, asked }, getKey) {
  const key = await firstAnswer(getKey, header).catch((error) => {
    throw keyRefusal(`error in secret or public key callback: ${error?.message}`);
  });
  return verdictBy(token, key, asked);
}

/** Resolves with the verdict on the token by this key, from a pool thread where the key is half of a key pair. */
function verdictBy(token, key, asked) {
  return answerOf(native.verifyClaimsLater, () => verifyingRequest(token, key, asked), (result) => verdict(result, asked));
}

module.exports = { answerTo, question, verdictBy };
