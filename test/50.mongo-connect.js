'use strict';
// Connecting to MongoDB, and the errors if that fails: the cause, the fix, and never the password.
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');

const { createAuth } = require('..');
const { SECRETS, refusedWith } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');

const PASSWORD = 'Secr3t-of-the-tests';
const ROOT = path.join(__dirname, '..');

/** The options of a URI as src/store/mongo_options.c has them: [{ name, fate, why }]. */
function tableInC() {
  const source = fs.readFileSync(path.join(ROOT, 'src/store/mongo_options.c'), 'utf8');
  const texts = new Map([...source.matchAll(/^#define (\w+) "(.*)"$/gm)].map(([, name, text]) => [name, text]));
  return [...source.matchAll(/^ {4}\{"(\w+)", (TAKEN|FORCED|PASSED_OVER|REFUSED),\s+(\w+|".*")\},$/gm)].map(
    ([, name, fate, why]) => ({ name, fate: fate.toLowerCase(), why: texts.get(why) ?? why.slice(1, -1) }),
  );
}

describe('A store in MongoDB', function reaching() {
  let mongo;
  const opened = [];
  before(async function find() {
    mongo = await needMongo.call(this);
  });
  afterEach(() => Promise.all(opened.splice(0).map((auth) => auth.close())));

  function open(store, options = {}) {
    const auth = createAuth({
      ...SECRETS,
      store,
      collection: collectionName('connect'),
      storeTimeout: '700ms',
      ...options,
    });
    opened.push(auth);
    return auth;
  }

  /** Asserts that createAuth throws ERR_OPTION with these words, without the password. */
  function assertNotCreated(store, words) {
    let error;
    assert.throws(
      () => open(store),
      (reason) => {
        error = reason;
        return true;
      },
      store,
    );
    assert.strictEqual(error.code, 'ERR_OPTION', store);
    assert.match(error.message, words);
    assert.ok(!error.stack.includes(PASSWORD) && !JSON.stringify(error).includes(PASSWORD), error.stack);
    return error;
  }

  /** Asserts that ready() fails with this code and these words, without the password. */
  async function assertRefused(store, code, words) {
    const error = await refusedWith(code, open(store).ready());
    assert.match(error.message, words);
    assert.ok(!error.stack.includes(PASSWORD) && !JSON.stringify(error).includes(PASSWORD), error.stack);
    return error;
  }

  it('is ready when the server answers and is writable', async () => {
    await open(mongo.MONGODB_URI).ready();
  });

  it('that does not run is unavailable: is the server running?', async () => {
    const error = await assertRefused(
      `mongodb://u:${PASSWORD}@127.0.0.1:1/db`,
      'ERR_STORE_UNAVAILABLE',
      /is the server running/,
    );
    assert.strictEqual(error.status, 503);
    assert.strictEqual(typeof error.driverCode, 'number');
  });

  it('at a port where something else listens is unavailable', async () => {
    const other = require('node:http').createServer().listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => {
        other.once('listening', resolve);
      });
      await assertRefused(
        `mongodb://u:${PASSWORD}@127.0.0.1:${other.address().port}/db`,
        'ERR_STORE_UNAVAILABLE',
        /is it a MongoDB server|is the server running/,
      );
    } finally {
      other.close();
    }
  });

  it('on an unknown host is unavailable: is the name right?', async () => {
    await assertRefused(
      `mongodb://u:${PASSWORD}@no-such-host.invalid/db`,
      'ERR_STORE_UNAVAILABLE',
      /is the host name right/,
    );
    await assertRefused(
      `mongodb+srv://u:${PASSWORD}@cluster0.no-such-host.invalid/db`,
      'ERR_STORE_UNAVAILABLE',
      /mongodb\+srv/,
    );
  });

  it('with a typing error in its URI names the part', async () => {
    const cases = [
      [`mongodb://u:${PASSWORD}@x@host/db`, /percent-encoded/],
      [`mongodb://u:${PASSWORD}@host:2701x/db`, /port/],
      [`mongodb://u:${PASSWORD}@host/db?tsl=true`, /"tsl"/],
      [`mongodb://u:${PASSWORD}@/db`, /mongodb:\/\/user:password@host:port\/database/],
    ];
    for (const [store, words] of cases) assertNotCreated(store, words);
  });

  it('accepts each option of the Node driver, or says truthfully why not', async () => {
    const { OPTIONS } = require('../node_modules/mongodb/lib/connection_string');
    const known = new Map(tableInC().map(({ name, fate, why }) => [name.toLowerCase(), { fate, why }]));
    const undocumented = ['index', 'name', 'pkFactory', 'runtimeAdapters', '__skipPingOnConnect'];
    assert.deepStrictEqual(
      Object.keys(OPTIONS).filter((name) => !known.has(name.toLowerCase()) && !undocumented.includes(name)),
      [],
    );
    for (const { name, fate, why } of tableInC()) {
      const store = `mongodb://u:${PASSWORD}@127.0.0.1:1/app?${name}=1`;
      if (fate === 'refused')
        assertNotCreated(store, new RegExp(`"${name}": ${why.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
      else if (fate !== 'taken') open(store);
    }
  });

  it('ignores options that do not concern it', async () => {
    const usual =
      'retryWrites=false&w=1&j=true&wtimeout=2000&wtimeoutMS=1&authMechanism=DEFAULT&autoSelectFamily=false' +
      '&maxPoolSize=10&appName=Cluster0&compressors=zlib&ignoreUndefined=true&enableUtf8Validation=false' +
      '&promoteValues=true&readPreference=secondary&serverSelectionTimeoutMS=1&';
    for (const store of [
      `${mongo.MONGODB_URI}?${usual}`,
      `${mongo.MONGODB_URI}?W=majority;J=true`,
      mongo.MONGODB_URI.replace(/(\d)\/\w+$/, '$1?j=true'),
    ]) {
      const auth = open(store, { storeTimeout: '5s' });
      const { refreshToken } = await auth.login('7');
      await auth.rotateRefresh(refreshToken);
    }
  });

  it('says that an option cannot have a value', () => {
    for (const pair of ['tls=perhaps', 'retryWrites=maybe', 'loadBalanced=5', 'authMechanism=MD5']) {
      assertNotCreated(`mongodb://u:${PASSWORD}@host/db?${pair}`, new RegExp(`"${pair.split('=')[0]}"`, 'i'));
    }
  });

  it('with an unsupported kind of login names it', () => {
    assertNotCreated(
      `mongodb://u:${PASSWORD}@host/db?authMechanism=MONGODB-OIDC`,
      /authMechanism=MONGODB-OIDC: mongo-c-driver does not support OIDC authentication/,
    );
    assertNotCreated(`mongodb://u:${PASSWORD}@host/db?authMechanism=MONGODB-CR`, /removed in MongoDB 4\.0/);
    assertNotCreated('mongodb://host/db?authMechanism=MONGODB-X509', /needs tls=true and tlsCertificateKeyFile/);
    assertNotCreated(
      'mongodb://host/db?authMechanism=MONGODB-X509&tls=true',
      /needs tls=true and tlsCertificateKeyFile/,
    );
  });

  it('shows no part of a password that was taken for an option', () => {
    for (const store of [
      `mongodb://u:27017?${'Secret'}x=1@host/db`,
      'mongodb://u:27017/?Secret=1@host/db',
      'mongodb://u:27017/?Secretx@host/db',
      'mongodb://u:1?a=Secret@host',
    ]) {
      assert.ok(!assertNotCreated(store, /percent-encoded|name=value/).message.includes('Secret'), store);
    }
  });

  it('has documented in docs/mongodb.md what becomes of each option', () => {
    const words = { overridden: 'forced', ignored: 'passed_over', used: 'taken', refused: 'refused' };
    const rows = [
      ...fs
        .readFileSync(path.join(ROOT, 'docs/mongodb.md'), 'utf8')
        .matchAll(/^\| (`\w+`(?:, `\w+`)*) \| (overridden|ignored|used|refused) \| (.*) \|$/gm),
    ];
    const documented = rows.flatMap(([, names, fate, why]) =>
      names.match(/\w+/g).map((name) => ({ name, fate: words[fate], why })),
    );
    const byName = (a, b) => (a.name < b.name ? -1 : 1);
    assert.deepStrictEqual(documented.sort(byName), tableInC().sort(byName));
    assert.ok(documented.length > 100);
  });

  it('whose user may only read is refused, and the role readWrite suggested', async () => {
    const proxy = await createProxy(portOf(mongo.MONGODB_URI));
    try {
      const auth = open(through(mongo.MONGODB_URI, proxy));
      await auth.ready();
      proxy.inject('the server refuses: a user who may only read', { every: 1 });
      const { refreshToken } = await auth.login('7');
      const error = await refusedWith('ERR_STORE_REFUSED', auth.rotateRefresh(refreshToken));
      assert.match(error.message, /readWrite/);
      assert.strictEqual(error.driverCode, 13);
      assert.strictEqual(error.status, 500);
      proxy.heal();
      await auth.rotateRefresh(refreshToken);
    } finally {
      await proxy.close();
    }
  });

  it('never passes a text that is no token, or an id that is no string, to a filter', async () => {
    const auth = open(mongo.MONGODB_URI);
    await auth.login('7');
    for (const value of [{ $ne: null }, { $gt: '' }, ['7'], 7, '', null, undefined]) {
      await assert.rejects(
        async () => auth.rotateRefresh(value),
        ({ code }) => /^ERR_(REFRESH_INVALID|TOKEN_MISSING)$/.test(code),
        String(value),
      );
      for (const call of [
        () => auth.login(value),
        () => auth.sessions(value),
        () => auth.revokeAll(value),
        () => auth.revoke(value, 'x'),
      ]) {
        await assert.rejects(
          async () => call(),
          (error) => /^ERR_/.test(error.code),
          String(value),
        );
      }
    }
    assert.strictEqual((await auth.sessions('7')).length, 1);
  });

  describe('that asks for a login', () => {
    before(function needsAuth() {
      if (!mongo.MONGODB_AUTH_URI) this.skip();
    });

    it('accepts a password with ä, @ and %, percent-encoded', async () => {
      assert.match(decodeURIComponent(mongo.MONGODB_AUTH_URI), /ä@ss%/);
      await open(mongo.MONGODB_AUTH_URI, { storeTimeout: '5s' }).ready();
    });

    it('with a wrong or missing password is refused: check user, password and authSource', async () => {
      const wrong = mongo.MONGODB_AUTH_URI.replace(/\/\/(\w+):[^@]*@/, `//$1:${PASSWORD}@`);
      const error = await assertRefused(wrong, 'ERR_STORE_REFUSED', /check user, password and authSource/);
      assert.strictEqual(error.status, 500);
      await assertRefused(mongo.MONGODB_AUTH_URI.replace(/\/\/.*@/, '//'), 'ERR_STORE_REFUSED', /readWrite/);
    });
  });

  describe('that asks for a login in another way', () => {
    before(function needsAuth() {
      if (!mongo.MONGODB_AUTH_URI) this.skip();
    });
    const by = (mechanism) => {
      const uri = mongo.MONGODB_AUTH_URI.replace(/\/\/.*@/, `//u:${PASSWORD}@`).replace('=admin', '=%24external');
      return `${uri}&authMechanism=${mechanism}`;
    };

    it('than the URI names refuses: the server does not offer the authMechanism', async () => {
      const builtWith = (mechanism) => {
        try {
          open(by(mechanism));
          return true;
        } catch {
          return false; // the binaries' driver
        }
      };
      if (builtWith('PLAIN')) await assertRefused(by('PLAIN'), 'ERR_STORE_REFUSED', /does not offer the authMechanism/);
      else assertNotCreated(by('PLAIN'), /this build of mongo-c-driver has no SASL library/);
      if (!builtWith('MONGODB-AWS'))
        return assertNotCreated(by('MONGODB-AWS'), /this build of mongo-c-driver does not support AWS/);
      const error = await assertRefused(by('MONGODB-AWS'), 'ERR_STORE_REFUSED', /does not offer the authMechanism/);
      return assert.strictEqual(error.driverCode, 334);
    });
  });

  describe('that speaks TLS', () => {
    before(function needsTls() {
      if (!mongo.MONGODB_TLS_URI) this.skip();
    });
    const withCa = (ca) => `${mongo.MONGODB_TLS_URI}&tlsCAFile=${ca}`;

    it('can be reached with the right authority', async () => {
      const auth = open(withCa(mongo.MONGODB_TLS_CA), { storeTimeout: '5s' });
      const { refreshToken } = await auth.login('7');
      await auth.rotateRefresh(refreshToken);
    });

    it('cannot be reached with another authority, a missing file, or none', async () => {
      for (const store of [withCa(mongo.MONGODB_TLS_OTHER_CA), withCa('/no/such/file'), mongo.MONGODB_TLS_URI]) {
        await assertRefused(store, 'ERR_STORE_UNAVAILABLE', /tlsCAFile/);
      }
    });

    it('cannot be reached without tls=true, nor a server without TLS with it', async () => {
      await assertRefused(mongo.MONGODB_TLS_URI.replace(/\?.*/, ''), 'ERR_STORE_UNAVAILABLE', /tls=true/);
      await assertRefused(`${mongo.MONGODB_URI}?tls=true`, 'ERR_STORE_UNAVAILABLE', /TLS/);
    });
  });
});
