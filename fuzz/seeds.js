'use strict';
// Writes a first corpus for each fuzz target, from the RFCs' vectors: node fuzz/seeds.js <folder>

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const folder = process.argv[2];
const vectors = ['rfc7515', 'rfc7520', 'rfc8037'].flatMap((name) =>
  JSON.parse(fs.readFileSync(path.join(__dirname, '..', 'test', 'vectors', `${name}.json`), 'utf8')),
);
const jwks = vectors.map((vector) => vector.jwk).filter(Boolean);
const pairs = jwks
  .filter((jwk) => jwk.kty !== 'oct')
  .map((jwk) => crypto.createPrivateKey({ key: jwk, format: 'jwk' }));
const privateAs = (format, more) => pairs.map((key) => key.export({ format, type: 'pkcs8', ...more }));
const publicAs = (format) => pairs.map((key) => crypto.createPublicKey(key).export({ format, type: 'spki' }));

const seeds = {
  json: [
    '{}',
    '{"rows":[{"a":1,"b":{"c":1}},{"a":1,"b":{"c":1}},{"b":1,"\\u0061":{"c":1,"d":2}}]}',
    '{"exp":1.5e3,"aud":["a",{"b":null}],"\\u0065":"\\ud83d\\ude00é"}',
    ...vectors.map((vector) => vector.payload),
  ],
  base64url: ['Zm9v', ...vectors.map((vector) => vector.jwt.split('.')[1])],
  token: [
    ...vectors.map((vector) => vector.jwt),
    ...vectors.map(({ alg, payload }) => `{"alg":"${alg}"}\0${payload}`),
    '{"alg":"HS256","typ":"JWT"}\0{"sub":"1","aud":["me"],"iat":1e9,"exp":2000000000,"nbf":0,"a":true}',
    '{"alg":"HS256","kid":"a"}\0{"sub":"1","iat":1000000000,"exp":-1}',
  ],
  keys: [
    ...privateAs('pem'),
    ...privateAs('der'),
    ...privateAs('pem', { cipher: 'aes-128-cbc', passphrase: 'pw' }),
    ...publicAs('pem'),
    ...publicAs('der'),
    ...publicAs('der').map((der) => der.toString('base64')),
    ...jwks.map((jwk) => JSON.stringify(jwk)),
  ],
  jwk: [
    ...jwks.map((jwk) => JSON.stringify(jwk)),
    JSON.stringify({ keys: jwks.map((jwk, i) => ({ ...jwk, kid: String(i) })) }),
  ],
};

for (const [target, texts] of Object.entries(seeds)) {
  fs.mkdirSync(path.join(folder, target), { recursive: true });
  texts.forEach((text, i) => fs.writeFileSync(path.join(folder, target, `seed-${i}`), text));
}
