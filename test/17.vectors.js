'use strict';
// The RFCs' tokens (test/vectors), with the package's functions.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { createKey, verify, decode, sign } = require('../lib/index.js');

const FOLDER = path.join(__dirname, 'vectors');
const vectors = fs
  .readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(fs.readFileSync(path.join(FOLDER, name), 'utf8')));

describe('17 RFC vectors', () => {
  it('are those of RFC 7515, 7520 and 8037', () => {
    for (const rfc of ['RFC 7515', 'RFC 7520', 'RFC 8037'])
      assert.ok(
        vectors.some(({ section }) => section.startsWith(rfc)),
        rfc,
      );
  });

  for (const { section, alg, jwk, jwt, payload } of vectors) {
    it(`${section}, ${alg}`, () => {
      const given = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
      const key = jwk ? createKey(jwk) : undefined;
      const verified = verify(jwt, key, { algorithms: [alg], ignoreExpiration: true, complete: true });
      assert.strictEqual(verified.header.alg, alg);
      const text = Buffer.from(jwt.split('.')[1], 'base64url').toString();
      assert.strictEqual(text, payload);
      assert.strictEqual(given(verified.payload), given(text.startsWith('{') ? JSON.parse(text) : text));
      assert.deepStrictEqual(decode(jwt, { complete: true }), verified);
      if (!jwk) return;
      const changed = jwt.replace(/\.[^.]{4}/, (part) => (part === '.AAAA' ? '.BBBB' : '.AAAA'));
      assert.throws(() => verify(changed, key, { algorithms: [alg] }), { name: 'JsonWebTokenError' });
      if (alg.startsWith('HS') || alg.startsWith('RS'))
        assert.strictEqual(
          sign(payload, key, { algorithm: alg, header: JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')) }).split(
            '.',
          ).length,
          3,
        );
    });
  }
});
