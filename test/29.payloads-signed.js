'use strict';
// Flat payloads are signed without JSON.stringify (lib/native/fast.js). Their text must be what JSON.stringify would
// have written.

const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { createAuth, decode, sign, verify } = require('..');
const native = require('../lib/native/load');
const { SECRETS } = require('./support/auth');

const SECRET = 'a-secret-of-thirty-two-bytes-or-more';
const OPTIONS = { expiresIn: 60 };

/** In front of the C library: a kernel that refuses CLOCK_REALTIME_COARSE. */
const WITHOUT_COARSE_CLOCK = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <time.h>
int clock_gettime(clockid_t clock, struct timespec *time)
{
    int (*next)(clockid_t, struct timespec *);
    if (clock == CLOCK_REALTIME_COARSE) {
        errno = EINVAL;
        return -1;
    }
    *(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
    return next(clock, time);
}
`;

/** The payload's text in the token. */
const textOf = (token) => Buffer.from(token.split('.')[1], 'base64url').toString();

function textOrRefusal(make) {
  try {
    return textOf(make());
  } catch ({ message }) {
    return message;
  }
}

/** What the token must say: the payload as JSON.stringify writes it, and the two times behind it. */
function expectedText(payload, token) {
  const { iat, exp } = verify(token, SECRET);
  const text = JSON.stringify(payload);
  return `${text.slice(0, -1)}${text.length > 2 ? ',' : ''}"iat":${iat},"exp":${exp}}`;
}

/** Often enough that its shape is learned, and then some. */
function signedAsJson(payload) {
  for (let i = 0; i < 5; i++) {
    const token = sign(payload, SECRET, OPTIONS);
    assert.equal(textOf(token), expectedText(payload, token));
  }
}

const PAYLOADS = [
  { id: '1', isAdmin: true },
  { id: 42, none: null, no: false, yes: true, minus: -0, low: -9007199254740991, high: 9007199254740991 },
  { a: '', b: '', c: 'three strings, ', d: 'one behind ', e: 'the other' },
  { '': 'a name without characters', ' ': 1, '~!@#$%^&*()': 2 },
  { z: 1, 10: 2, 9: 3 },
  { half: 0.5, huge: 1e300, nan: NaN, infinite: -Infinity },
  { name: 'Zoë' },
  { name: 'Ł' },
  { name: '\ud800' },
  { name: '😀', next: 'ab' },
  { a: 'Nguyễn', b: 'plain', c: '東京 😀', d: 7, e: '', f: 'é', g: 'plain again' },
  { first: 'half a pair: \ud83d', second: '\ude00: the other half' },
  { replaced: '\ufffd', next: 'é' },
  { long: 'ế'.repeat(3000), more: '😀'.repeat(600) },
  { name: 'a "b" \\ \n \u0000 \u007f' },
  { Zoë: 1 },
  { 'a"b': 1 },
  { 'a\\b': 1 },
  { 'a\nb': 1 },
  { skipped: undefined, also: () => 1, symbol: Symbol('s'), kept: 1 },
  { nested: { a: [1, 2, { b: null }] }, list: [] },
  { date: new Date(0), boxed: new String('boxed'), number: new Number(5) },
  {},
  Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`m${i}`, i % 3 ? i : `${i}`])),
  Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`m${i}`, i])),
  { long: 'x'.repeat(3000), more: 'y'.repeat(1200) },
  { long: 'x'.repeat(20_000) },
  { ['n'.repeat(200)]: 1, ['m'.repeat(100)]: 2 },
];

describe('29 payloads signed', () => {
  for (const payload of PAYLOADS) {
    it(`${String(JSON.stringify(payload)).slice(0, 70)} is what JSON.stringify writes, the first time and later`, () =>
      signedAsJson(payload));
  }

  it('one shape with values of other kinds each time', () => {
    const values = ['a', 1, null, true, false, 'é', 0.5, undefined, [1], 'plain again', -3];
    for (let round = 0; round < 3; round++) {
      for (const first of values) for (const second of values) signedAsJson({ first, second });
    }
  });

  it('more shapes in turn than are remembered', () => {
    const payloads = Array.from({ length: 40 }, (_, i) => ({ [`name${i}`]: `value ${i}`, [`other${i}`]: i }));
    for (let round = 0; round < 3; round++) payloads.forEach(signedAsJson);
  });

  it('names that are too long to be remembered evict no others', () => {
    const payloads = Array.from({ length: 16 }, (_, i) => ({ [`short${i}`]: i }));
    const long = { ['n'.repeat(200)]: 1, ['m'.repeat(100)]: 2 };
    for (const payload of [...payloads, long]) signedAsJson(payload);
    const { sign: signJson } = native;
    let asJson = 0;
    native.sign = (...given) => {
      asJson++;
      return signJson(...given);
    };
    try {
      payloads.forEach(signedAsJson);
    } finally {
      native.sign = signJson;
    }
    assert.equal(asJson, 0);
  });

  it("names that are another payload's first ones, or go on behind them", () => {
    for (let i = 0; i < 4; i++)
      for (const payload of [{ a: 1, b: 2 }, { a: 1 }, { a: 1, b: 2, c: 3 }, { b: 2, a: 1 }]) signedAsJson(payload);
  });

  it('a getter is called, and may sign something itself', () => {
    const inner = { id: 'inner', isAdmin: true };
    signedAsJson(inner);
    const payload = {
      get id() {
        return sign(inner, SECRET, { expiresIn: 5, algorithm: 'HS512' }).slice(0, 5);
      },
      isAdmin: 'no',
    };
    for (let i = 0; i < 4; i++) {
      const token = sign(payload, SECRET, OPTIONS);
      const { id, isAdmin, iat, exp } = verify(token, SECRET, { algorithms: ['HS256'] });
      assert.deepEqual({ id, isAdmin, lifetime: exp - iat }, { id: 'eyJhb', isAdmin: 'no', lifetime: 60 });
    }
  });

  it('a getter may read a token', () => {
    const inner = sign({ id: 'inner', count: 7 }, SECRET, OPTIONS);
    for (let i = 0; i < 4; i++) decode(inner);
    for (const read of [decode, (token) => verify(token, SECRET)]) {
      const payload = {
        first: 'a',
        count: 1,
        get id() {
          return read(inner).id;
        },
      };
      for (let i = 0; i < 4; i++) {
        const { first, count, id } = verify(sign(payload, SECRET, OPTIONS), SECRET);
        assert.deepEqual({ first, count, id }, { first: 'a', count: 1, id: 'inner' });
      }
    }
  });

  it('a getter that adds a time claim makes no token that has it twice', () => {
    for (let i = 0; i < 4; i++) {
      const payload = {
        get id() {
          this.exp = 5;
          return ['1'];
        },
      };
      const outcome = textOrRefusal(() => sign(payload, SECRET, OPTIONS));
      assert.match(outcome, /^\{"id":\["1"\],"iat":\d+,"exp":\d+\}$|the payload already has an "exp" property/);
    }
  });

  it('a getter may ask an auth with a clock of its own', () => {
    const auth = createAuth({ ...SECRETS, store: ':memory:', now: () => 1_000_000 });
    const payload = {
      id: '1',
      get asked() {
        assert.throws(() => auth.verifyAccess('no token'));
        return true;
      },
    };
    const before = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 4; i++) assert.ok(decode(sign(payload, SECRET)).iat >= before);
  });

  it('properties of Object.prototype are not signed', () => {
    const payload = { id: '1', isAdmin: false };
    signedAsJson(payload);
    Object.prototype.isRoot = true;
    try {
      signedAsJson(payload);
      signedAsJson({ id: '1', isAdmin: false });
    } finally {
      delete Object.prototype.isRoot;
    }
    signedAsJson(payload);
  });

  it('neither a non-enumerable member nor a symbol is signed', () => {
    const payload = Object.defineProperty({ id: '1', [Symbol('s')]: 1 }, 'hidden', { value: 'x', enumerable: false });
    for (let i = 0; i < 4; i++)
      assert.deepEqual(Object.keys(verify(sign(payload, SECRET, OPTIONS), SECRET)), ['id', 'iat', 'exp']);
  });

  it('the clock is Date.now, even if a test replaces it, at any time', () => {
    const original = Date.now;
    const payload = { id: '1', isAdmin: true };
    const iats = [];
    try {
      for (const now of [1_000_000, 2_000_999, 0, NaN]) {
        Date.now = () => now;
        for (let i = 0; i < 3; i++) iats.push(JSON.parse(textOf(sign(payload, SECRET, OPTIONS))).iat);
      }
    } finally {
      Date.now = original;
    }
    assert.deepEqual(iats, [1000, 1000, 1000, 2000, 2000, 2000, 0, 0, 0, null, null, null]);
    const before = Math.floor(Date.now() / 1000);
    const { iat, exp } = verify(sign(payload, SECRET, OPTIONS), SECRET);
    assert.ok(iat >= before && iat <= Date.now() / 1000 && exp === iat + 60);
  });

  const onLinux = process.platform === 'linux' ? it : (name) => it.skip(`${name}: skipped, only Linux has that clock`);
  onLinux('a system without the coarse clock has the time all the same', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-clock-'));
    const library = path.join(folder, 'clock.so');
    const script = `const { decode, sign } = require('.'); console.log(decode(sign({ id: '1' }, 'secret')).iat)`;
    try {
      fs.writeFileSync(path.join(folder, 'clock.c'), WITHOUT_COARSE_CLOCK);
      execFileSync('cc', ['-shared', '-fPIC', '-o', library, path.join(folder, 'clock.c'), '-ldl']);
      const before = Math.floor(Date.now() / 1000);
      const env = { ...process.env, LD_PRELOAD: [process.env.LD_PRELOAD, library].filter(Boolean).join(' ') };
      const iat = execFileSync(process.execPath, ['-e', script], {
        cwd: path.join(__dirname, '..'),
        env,
        encoding: 'utf8',
      });
      assert.ok(Number(iat) >= before, `iat is ${iat.trim()}`);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  it('an expired token is refused by the fake clock, not by the real one', () => {
    const token = sign({ id: '1' }, SECRET, OPTIONS);
    const original = Date.now;
    verify(token, SECRET);
    try {
      Date.now = () => original() + 61_000;
      assert.throws(() => verify(token, SECRET), { name: 'TokenExpiredError' });
    } finally {
      Date.now = original;
    }
    verify(token, SECRET);
  });
});
