'use strict';
const assert = require('node:assert');
const { decode, sign } = require('../lib/index.js');
const { forge } = require('./deviations');

describe('12 decode', () => {
  it('returns the payload and checks nothing', () => {
    assert.strictEqual(decode(sign({ id: 1, exp: 5 }, 'secret')).id, 1);
    assert.strictEqual(decode(sign({ id: 1 }, 'secret').replace(/.{5}$/, 'AAAAA'))?.id, 1);
  });

  it('returns header, payload and signature with `complete`', () => {
    const token = sign('text', 'secret');
    assert.deepStrictEqual(decode(token, { complete: true }), {
      header: { alg: 'HS256' },
      payload: 'text',
      signature: token.split('.')[2],
    });
  });

  it('parses a string payload that is a JSON object, and returns other strings unchanged', () => {
    assert.deepStrictEqual(decode(sign('{"a":1}', 'secret')), { a: 1 });
    assert.deepStrictEqual(decode(sign('[1]', 'secret')), [1]);
    for (const text of ['5', 'null', '"x"', 'text']) assert.strictEqual(decode(sign(text, 'secret')), text);
  });

  it('parses any JSON with `json`, as if typ were JWT', () => {
    assert.strictEqual(decode(sign('5', 'secret'), { json: true }), 5);
    assert.strictEqual(decode(forge({ alg: 'HS256', typ: 'JWT' }, '"x"')), 'x');
  });

  for (const hostile of [
    undefined,
    null,
    5,
    {},
    [],
    () => 1,
    Symbol('s'),
    '',
    '.',
    '..',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    'Ł.Ł.Ł',
    '\0',
    `${'a'.repeat(70_000)}.b.c`,
    new Date(),
    true,
    forge({ alg: 'HS256', typ: 'JWT' }, '{"a":'),
    forge('x', '{}'),
    `${sign({}, 's')}\n`,
    ` ${sign({}, 's')}`,
    sign({}, 's').replace('.', '=.'),
  ]) {
    const shown = String(hostile).slice(0, 40).replaceAll('\n', '\\n').replaceAll('\0', '\\0');
    it(`returns null for ${shown} (${typeof hostile})`, () => {
      assert.strictEqual(decode(hostile), null);
      assert.strictEqual(decode(hostile, { complete: true, json: true }), null);
    });
  }

  it('reads a token in a Buffer', () => {
    assert.strictEqual(decode(Buffer.from(sign({ id: 1 }, 'secret'))).id, 1);
  });
});
