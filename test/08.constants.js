'use strict';
// What lib and the addon share is written once, in C and C++, and exported as native.constants.

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { createAuth, sign, verify } = require('..');
const native = require('../lib/native/load');
const { SECRETS } = require('./support/auth');

const { constants } = native;
const SECRET = 'a secret';
const ROOT = path.join(__dirname, '..');
const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');
const header = [read('include/signet.h'), read('include/signet/sessions.h')].join('\n').replace(/\/\*[^]*?\*\//g, '');
const lib = fs
  .readdirSync(path.join(ROOT, 'lib'), { recursive: true })
  .filter((file) => file.endsWith('.js'))
  .map((file) => `lib/${file}`);

/** The enumerators of an enum of signet.h in lib's spelling: SIGNET_JOB_REVOKE_ALL is revokeAll. */
function enumerators(type, prefix) {
  const [, body] = new RegExp(`typedef enum ${type} \\{([^}]*)\\}`).exec(header);
  return body.match(/SIGNET_\w+/g).map((name) =>
    name
      .slice(prefix.length)
      .toLowerCase()
      .replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
  );
}

describe('08 constants', () => {
  it('every kind of job and every event of signet.h is exported with its number', () => {
    const kinds = enumerators('signet_job_kind', 'SIGNET_JOB_');
    assert.deepStrictEqual(constants.jobs, Object.fromEntries(kinds.map((name, number) => [name, number])));
    assert.deepStrictEqual(constants.events, enumerators('signet_event', 'SIGNET_EVENT_'));
  });

  it('lib asks only for kinds of job that exist', () => {
    const asked = lib.flatMap((file) => [...read(file).matchAll(/\bJOB\.(\w+)/g)].map(([, name]) => name));
    assert.ok(asked.length > 5);
    assert.deepStrictEqual(
      asked.filter((name) => !(name in constants.jobs)),
      [],
    );
  });

  it('every claim check in C is an option of verify, for payloads that are objects and others', () => {
    const tokens = [sign({}, SECRET, { noTimestamp: true }), sign('text', SECRET)];
    assert.ok(constants.claimChecks.length > 5);
    for (const [option, status] of constants.claimChecks) {
      const [beginning, rest] = native.statuses[status].text.split('%s');
      for (const token of tokens) {
        assert.throws(() => verify(token, SECRET, { [option]: '1' }), {
          name: 'JsonWebTokenError',
          message: rest === undefined ? beginning : `${beginning}1`,
        });
      }
    }
  });

  it('lib does not define any of these numbers', () => {
    const names = ['callFlags', 'exchange', 'keyFlags', 'keyMaterial', 'limits', 'verifyFlags'].flatMap((table) =>
      Object.keys(constants[table]),
    );
    assert.ok(names.length > 20);
    const given = new RegExp(`\\b(${names.join('|')}) = -?\\d`);
    assert.deepStrictEqual(
      lib.filter((file) => given.test(read(file))),
      [],
    );
  });

  it("lib passes submit its arguments in the addon's order", () => {
    const [, given] = /native\.submit\(([^)]*)\)/.exec(read('lib/auth/calls.js'));
    const names = given
      .replace(/,\s*$/, '')
      .split(',')
      .map((argument) =>
        argument
          .trim()
          .replace(/^call\./, '')
          .replace(/^handle$/, 'auth'),
      );
    assert.deepStrictEqual(names, constants.submitArguments);
  });

  it('the flags of a table are distinct bits', () => {
    for (const table of ['callFlags', 'keyFlags', 'verifyFlags']) {
      const bits = Object.values(constants[table]);
      assert.strictEqual(
        bits.reduce((sum, bit) => sum + bit, 0),
        bits.reduce((set, bit) => set | bit, 0),
        table,
      );
      for (const bit of bits) assert.ok(bit > 0 && (bit & (bit - 1)) === 0, table);
    }
  });

  it('an app can set no reserved claim, and docs/api.md lists them all', async () => {
    const auth = createAuth({ ...SECRETS, store: ':memory:', claims: () => ({}) });
    for (const name of constants.reservedClaims)
      await assert.rejects(auth.login('7', { claims: { [name]: 'x' } }), {
        code: 'ERR_OPTION',
        message: new RegExp(`must not set "${name}"`),
      });
    await auth.close();
    const [, list] = /It must not set ((?:`\w+`(?:, )?)+)/.exec(read('docs/api.md'));
    assert.deepStrictEqual(list.match(/\w+/g), constants.reservedClaims);
  });
});
