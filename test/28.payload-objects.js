'use strict';
// verify and decode return the objects that JSON.parse would return, although flat payloads are built without it
// (lib/native/fast.js).

const assert = require('node:assert/strict');

const { decode, sign, verify } = require('..');

const SECRET = 'a-secret-of-thirty-two-bytes-or-more';

/** Signs a payload's text unchanged. */
const tokenOf = (text) => sign(text, SECRET, { header: { typ: 'JWT' } });

const TEXTS = [
  '{"id":"1","isAdmin":true,"iat":1700000000}',
  '{"a":null,"b":false,"c":-5,"d":"","e":"a text of more than thirteen characters",' +
    '"zero":0,"minus":-0,"long":123456789012345}',
  '{"z":1,"10":2,"9":3}',
  '{"__proto__":"own","b":1}',
  '{"constructor":"own","toString":null,"hasOwnProperty":1}',
  '{"a":1.5,"b":1e3}',
  '{"nested":{"a":[1,2,{"b":null}]},"list":[]}',
  '{"name":"Zoë","quoted":"a \\"b\\" \\u00e9"}',
  '{"a":"Nguyễn 😀 Văn","b":"plain","c":"é","d":1,"e":"東京","f":"� 😀","g":"plain again"}',
  '{}',
  '{ "spaced" : 1 }',
  `{${Array.from({ length: 40 }, (_, i) => `"m${i}":${i}`).join(',')}}`,
  '{"":"a name without characters"}',
];

describe('28 payload objects', () => {
  for (const text of TEXTS) {
    it(`${text.slice(0, 60)} is read as JSON.parse reads it, the first time and later`, () => {
      const token = tokenOf(text);
      for (let i = 0; i < 4; i++) {
        for (const object of [verify(token, SECRET), decode(token)]) {
          assert.deepEqual(object, JSON.parse(text));
          assert.equal(JSON.stringify(object), JSON.stringify(JSON.parse(text)));
          assert.equal(Object.getPrototypeOf(object), Object.prototype);
        }
      }
    });
  }

  it('more shapes than are remembered, in turn, keep their own names and values', () => {
    const texts = Array.from(
      { length: 50 },
      (_, i) => `{"n${i}":${i},"s":"${i}","${i % 2 ? 'yes' : 'no'}":${i % 2 === 1}}`,
    );
    const tokens = texts.map(tokenOf);
    for (let round = 0; round < 5; round++)
      tokens.forEach((token, i) => assert.deepEqual(verify(token, SECRET), JSON.parse(texts[i])));
  });

  it('objects of one shape are separate: changing one changes no other', () => {
    const token = tokenOf('{"id":"1","roles":"admin"}');
    for (let i = 0; i < 4; i++) {
      const object = verify(token, SECRET);
      assert.equal(object.id, '1');
      object.id = 'changed';
      delete object.roles;
    }
    assert.deepEqual(verify(token, SECRET), { id: '1', roles: 'admin' });
  });

  it('a setter on Object.prototype never receives a claim', () => {
    const seen = [];
    Object.defineProperty(Object.prototype, 'leaked', { configurable: true, set: (value) => seen.push(value) });
    try {
      const token = tokenOf('{"leaked":"claim","id":"1"}');
      for (let i = 0; i < 4; i++)
        assert.equal(Object.getOwnPropertyDescriptor(verify(token, SECRET), 'leaked').value, 'claim');
      assert.deepEqual(seen, []);
    } finally {
      delete Object.prototype.leaked;
    }
  });
});
