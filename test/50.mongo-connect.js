'use strict';
// Reaching MongoDB, and what is said where it cannot be reached: the cause, the fix, and never the password.
const assert = require('node:assert');

const { createAuth } = require('..');
const { SECRETS, refusedWith } = require('./support/auth');
const { collectionName, needMongo } = require('./support/mongo');
const { createProxy, portOf, through } = require('./support/mongo-proxy');

const PASSWORD = 'Secr3t-of-the-tests';

describe('A store in MongoDB', function reaching() {
  let mongo;
  const opened = [];
  before(async function find() { mongo = await needMongo.call(this); });
  afterEach(() => Promise.all(opened.splice(0).map((auth) => auth.close())));

  function open(store, options = {}) {
    const auth = createAuth({ ...SECRETS, store, collection: collectionName('connect'), storeTimeout: '700ms', ...options });
    opened.push(auth);
    return auth;
  }

  /** Asserts that ready() fails with this code and these words, without the password. */
  async function assertRefused(store, code, words) {
    const error = await refusedWith(code, open(store).ready());
    assert.match(error.message, words);
    assert.ok(!error.stack.includes(PASSWORD) && !JSON.stringify(error).includes(PASSWORD), error.stack);
    return error;
  }

  it('is ready when the server answers and may be written to', async () => {
    await open(mongo.MONGODB_URI).ready();
  });

  it('that is not there is unavailable: is the server running?', async () => {
    const error = await assertRefused(`mongodb://u:${PASSWORD}@127.0.0.1:1/db`, 'ERR_STORE_UNAVAILABLE', /is the server running/);
    assert.strictEqual(error.status, 503);
    assert.strictEqual(typeof error.driverCode, 'number');
  });

  it('at a port where something else listens is unavailable', async () => {
    const other = require('node:http').createServer().listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => { other.once('listening', resolve); });
      await assertRefused(`mongodb://u:${PASSWORD}@127.0.0.1:${other.address().port}/db`, 'ERR_STORE_UNAVAILABLE', /is it a MongoDB server|is the server running/);
    } finally {
      other.close();
    }
  });

  it('on a host that is not known is unavailable: is the name right?', async () => {
    await assertRefused(`mongodb://u:${PASSWORD}@no-such-host.invalid/db`, 'ERR_STORE_UNAVAILABLE', /is the host name right/);
    await assertRefused(`mongodb+srv://u:${PASSWORD}@cluster0.no-such-host.invalid/db`, 'ERR_STORE_UNAVAILABLE', /mongodb\+srv/);
  });

  it('with a typing error in its URI is told which part', async () => {
    const cases = [
      [`mongodb://u:${PASSWORD}@x@host/db`, /percent-encoded/],
      [`mongodb://u:${PASSWORD}@host:2701x/db`, /port/],
      [`mongodb://u:${PASSWORD}@host/db?tsl=true`, /"tsl"/],
      [`mongodb://u:${PASSWORD}@/db`, /mongodb:\/\/user:password@host:port\/database/],
    ];
    for (const [store, words] of cases) await assertRefused(store, 'ERR_OPTION', words);
  });

  it('whose user may only read is refused: the role readWrite', async () => {
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

  it('never hands text that is no token, nor an id that is no string, to a filter', async () => {
    const auth = open(mongo.MONGODB_URI);
    await auth.login('7');
    for (const value of [{ $ne: null }, { $gt: '' }, ['7'], 7, '', null, undefined]) {
      await assert.rejects(async () => auth.rotateRefresh(value), ({ code }) => /^ERR_(REFRESH_INVALID|TOKEN_MISSING)$/.test(code), String(value));
      for (const call of [() => auth.login(value), () => auth.sessions(value), () => auth.revokeAll(value), () => auth.revoke(value, 'x')]) {
        await assert.rejects(async () => call(), (error) => /^ERR_/.test(error.code), String(value));
      }
    }
    assert.strictEqual((await auth.sessions('7')).length, 1);
  });

  describe('that asks for a login', () => {
    before(function needsAuth() { if (!mongo.MONGODB_AUTH_URI) this.skip(); });

    it('takes a password with ä, @ and %, percent-encoded', async () => {
      assert.match(decodeURIComponent(mongo.MONGODB_AUTH_URI), /ä@ss%/);
      await open(mongo.MONGODB_AUTH_URI, { storeTimeout: '5s' }).ready();
    });

    it('with a wrong password or with none is refused: check user, password and authSource', async () => {
      const wrong = mongo.MONGODB_AUTH_URI.replace(/\/\/(\w+):[^@]*@/, `//$1:${PASSWORD}@`);
      const error = await assertRefused(wrong, 'ERR_STORE_REFUSED', /check user, password and authSource/);
      assert.strictEqual(error.status, 500);
      await assertRefused(mongo.MONGODB_AUTH_URI.replace(/\/\/.*@/, '//'), 'ERR_STORE_REFUSED', /readWrite/);
    });
  });

  describe('that speaks TLS', () => {
    before(function needsTls() { if (!mongo.MONGODB_TLS_URI) this.skip(); });
    const withCa = (ca) => `${mongo.MONGODB_TLS_URI}&tlsCAFile=${ca}`;

    it('is reached with the right authority', async () => {
      const auth = open(withCa(mongo.MONGODB_TLS_CA), { storeTimeout: '5s' });
      const { refreshToken } = await auth.login('7');
      await auth.rotateRefresh(refreshToken);
    });

    it('is not reached with another authority, with a file that is not there, or with none', async () => {
      for (const store of [withCa(mongo.MONGODB_TLS_OTHER_CA), withCa('/no/such/file'), mongo.MONGODB_TLS_URI]) {
        await assertRefused(store, 'ERR_STORE_UNAVAILABLE', /tlsCAFile/);
      }
    });

    it('is not reached without tls=true, and the other way round', async () => {
      await assertRefused(mongo.MONGODB_TLS_URI.replace(/\?.*/, ''), 'ERR_STORE_UNAVAILABLE', /tls=true/);
      await assertRefused(`${mongo.MONGODB_URI}?tls=true`, 'ERR_STORE_UNAVAILABLE', /TLS/);
    });
  });
});
