'use strict';
// A secret is replaced in one process after another, by a restart or by setSecrets, while clients use all of them.

const assert = require('node:assert');
const { fork } = require('node:child_process');
const path = require('node:path');

const { KEY_UNKNOWN, SECRETS, createClock, headerOf } = require('./support/auth');
const { describeStores } = require('./support/stores');

const WORKER = path.join(__dirname, 'support', 'deploy-worker.js');
const N = 3;
const TIMEOUT_MS = 120_000; // up to fifteen processes are started
const DAY_S = 86_400;
const LIFETIMES = { accessExpiresIn: '15m', refreshExpiresIn: '1d', sessionExpiresIn: '30d' };

const NEW = {
  accessSecret: 'a new access secret of the tests, 48 bytes and more',
  refreshSecret: 'a new refresh secret of the tests, 48 bytes and more',
};
const both = (make) => ({
  accessSecret: make(SECRETS.accessSecret, NEW.accessSecret),
  refreshSecret: make(SECRETS.refreshSecret, NEW.refreshSecret),
});
const OLD = both((old) => ({ current: old }));
const KNOWN = both((old, next) => ({ current: old, next }));
const SIGNING = both((old, next) => ({ current: next, previous: old }));
const DONE = both((old, next) => ({ current: next }));

/** A process with an auth: `call(method, ...args)` resolves with { result } or { code }. */
async function startProcess(options, clock) {
  const child = fork(WORKER, [JSON.stringify(options)]);
  const waiting = new Map();
  let calls = 0;
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
    child.on('message', (message) => {
      if (message === 'ready') return resolve();
      waiting.get(message.id)(message);
      return waiting.delete(message.id);
    });
  });
  const call = (method, ...args) =>
    new Promise((resolve) => {
      calls += 1;
      waiting.set(calls, resolve);
      child.send({ id: calls, now: clock(), method, args });
    });
  return { call, end: () => call('close') };
}

describeStores(
  'A new secret, in processes that get it one after another',
  (store) => {
    let clock, place, processes, clients, logins;
    const start = (secrets) => startProcess({ ...LIFETIMES, ...secrets, ...place.options }, clock);
    beforeEach(async () => {
      clock = createClock(Date.now()); // MongoDB removes by its own clock what has expired
      place = store.make();
      logins = 0;
      processes = await Promise.all(Array.from({ length: N }, () => start(OLD)));
      clients = [];
    });
    afterEach(async () => {
      await Promise.all(processes.map((each) => each.end()));
      place.clean();
    });

    async function succeeds(process, ...call) {
      const { result, code } = await process.call(...call);
      assert.strictEqual(code, undefined, `${call[0]} by process ${processes.indexOf(process)}`);
      return result;
    }

    /** Every client at every process: nothing is refused, and a retry elsewhere gets the same successor. */
    async function traffic() {
      for (const process of processes) {
        clients.push(await succeeds(process, 'login', `user-${logins++ % 5}`));
        if (clients.length > 5) clients.splice(logins % 5, 1);
        const other = processes[(processes.indexOf(process) + 1) % N];
        for (const client of clients) {
          const rotated = await succeeds(process, 'rotateRefresh', client.refreshToken);
          const retried = await succeeds(other, 'rotateRefresh', client.refreshToken);
          assert.strictEqual(retried.refreshToken, rotated.refreshToken);
          for (const each of processes) await succeeds(each, 'verifyAccess', rotated.accessToken);
          Object.assign(client, rotated);
        }
      }
    }

    const restart = async (i, secrets) => {
      await processes[i].end();
      processes[i] = await start(secrets);
    };
    const tell = (i, secrets) => succeeds(processes[i], 'setSecrets', secrets);

    async function deploy(change, secrets) {
      for (let i = 0; i < N; i += 1) {
        await change(i, secrets);
        await traffic();
      }
    }

    async function live(seconds) {
      for (let passed = 0; passed < seconds; passed += DAY_S / 2) {
        clock.advance(Math.min(DAY_S / 2, seconds - passed));
        await traffic();
      }
    }

    for (const [how, change] of [
      ['by restarts', restart],
      ['by setSecrets', tell],
    ]) {
      it(`is known everywhere, then signs, then is the only one: no call is refused (${how})`, async () => {
        await traffic();
        await deploy(change, KNOWN);
        await deploy(change, SIGNING);
        await live(DAY_S);
        await deploy(change, DONE);
        const kids = new Set(clients.map(({ refreshToken }) => headerOf(refreshToken).kid));
        assert.strictEqual(kids.size, 1);
      }).timeout(TIMEOUT_MS);

      it(`goes back from half a deploy, and from a whole one, without a refusal (${how})`, async () => {
        await deploy(change, KNOWN);
        await change(0, SIGNING);
        await traffic();
        await deploy(change, KNOWN);
        await deploy(change, SIGNING);
        await deploy(change, KNOWN);
        await live(DAY_S);
        await deploy(change, OLD);
      }).timeout(TIMEOUT_MS);
    }

    /** One call each, of any process: what one of them does not know yet, another does, and no session ends. */
    async function tryEach() {
      const refused = new Set();
      for (const client of clients) {
        const answers = [];
        for (const process of processes) answers.push(await process.call('rotateRefresh', client.refreshToken));
        const given = answers.filter(({ result }) => result);
        for (const { code } of answers) if (code) refused.add(code);
        assert(given.length > 0, JSON.stringify(answers));
        assert.strictEqual(new Set(given.map(({ result }) => result.refreshToken)).size, 1);
        Object.assign(client, given[0].result);
      }
      return [...refused];
    }

    it('that is not made known first causes retries, and logs nobody out', async () => {
      await traffic();
      await restart(0, SIGNING);
      const refused = (await Promise.all([tryEach(), tryEach()])).flat();
      assert(refused.length > 0 && refused.every((code) => KEY_UNKNOWN.includes(code)), `${refused}`);
      const { result: fresh } = await processes[0].call('login', 'user-0');
      assert.strictEqual((await processes[1].call('verifyAccess', fresh.accessToken)).code, 'ERR_KEY_UNKNOWN');
      clients.push(fresh);
      for (let i = 1; i < N; i += 1) await restart(i, SIGNING);
      await traffic();
    });

    it('that a restarted process has without the old one logs nobody out while another has both', async () => {
      for (let i = 0; i < N; i += 1) await restart(i, SIGNING);
      await traffic();
      await restart(1, KNOWN);
      clients.push(await succeeds(processes[1], 'login', 'user-1')); // signed with the old one
      await restart(1, DONE);
      const refused = await tryEach();
      assert(refused.every((code) => KEY_UNKNOWN.includes(code)) && refused.length > 0, `${refused}`);
      await restart(1, SIGNING);
      await traffic();
    });
  },
  { durable: true },
);
