'use strict';
// Public-key algorithms against OpenSSL alone, with the same key and the same signing input. The key is PEM text, as an app reads it from a file.

const floors = require('../lib/floors');
const { FOUR, LIFETIME_S, keyPair, signingInput } = require('../lib/inputs');
const { looped } = require('../lib/looped');

const signet = require('../..');

function against(alg, kind) {
  const { privatePem, publicPem } = keyPair(alg);
  const options = { algorithm: alg, expiresIn: LIFETIME_S };
  const token = signet.sign(FOUR, privatePem, options);
  const floor = floors.signature(alg, privatePem, signingInput(token));
  return kind === 'sign'
    ? { ours: looped(() => signet.sign(FOUR, privatePem, options)), peer: floor.sign }
    : { ours: looped(() => signet.verify(token, publicPem, { algorithms: [alg] })), peer: floor.verify };
}

module.exports = Object.fromEntries(
  ['RS256', 'PS256', 'ES256', 'EdDSA'].flatMap((alg) => ['sign', 'verify'].map((kind) => [`${alg.toLowerCase()}-${kind}`, () => against(alg, kind)])),
);
