'use strict';
// A storm on one store: several processes present the same tokens at the same moment, lose answers, steal and revoke;
// some are killed. judge() (judge.js) checks what the clients recorded and the final state of the store.

const { fork } = require('node:child_process');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { createAuth } = require('../..');
const { internals } = require('../../lib/auth/internals');
const { mayTryAgain } = require('./browsers');
const { runHome } = require('./homes');
const { readHistory } = require('./judge');
const { randomFrom } = require('./random');

const ORDINARY = { launch: () => ({ time: { kind: 'system' } }), stamped: (_, order) => order, ended() {} };

const processes = new Set(); // of all storms

/** Ends the processes of storms that are over, for whatever reason. */
async function endStorms() {
  await Promise.all(
    [...processes].map(({ child, ended }) => {
      child.kill('SIGKILL');
      return ended;
    }),
  );
}
// A test that timed out does not end its storm.
if (typeof afterEach === 'function') afterEach(endStorms);

/**
 * The processes: `ask(i, order)` resolves with the answer, or { outcome: 'unknown' } if the process dies before it.
 * `time`: one of clocks.js.
 */
function createClients(options, folder, time = ORDINARY) {
  const clients = [];
  let lastId = 0;

  function start() {
    const number = clients.length;
    const file = path.join(folder, `history-${number}.jsonl`);
    const { env, time: its } = time.launch(number);
    const child = fork(path.join(__dirname, 'storm-worker.js'), [JSON.stringify({ options, file, time: its })], {
      env,
    });
    const client = { number, child, file, waiting: new Map(), alive: true };
    clients.push(client);
    processes.add(client);
    const ended = new Promise((resolve) => {
      child.on('exit', () => {
        client.alive = false;
        processes.delete(client);
        time.ended(child.pid);
        for (const settle of client.waiting.values()) settle({ outcome: 'unknown' });
        client.waiting.clear();
        resolve();
      });
    });
    client.ended = ended;
    return new Promise((resolve, reject) => {
      ended.then(() => reject(new Error('a process of the storm has ended before it was ready')));
      child.on('message', (message) => {
        if (message === 'ready') return resolve();
        client.waiting.get(message.id)?.(message);
        return client.waiting.delete(message.id);
      });
    });
  }

  const living = () => clients.filter(({ alive }) => alive);

  function askOne(client, order) {
    lastId += 1;
    const id = lastId;
    return new Promise((resolve) => {
      client.waiting.set(id, resolve);
      client.child.send({ ...order, id }, (error) => error && resolve({ outcome: 'unknown' }));
    });
  }

  return {
    start,
    files: () => clients.map(({ file }) => file),
    pids: () => clients.map(({ child }) => child.pid),
    ask(pick, order) {
      const among = living();
      if (among.length === 0) throw new Error('all processes of the storm have ended');
      const client = among[pick % among.length];
      return askOne(client, time.stamped(client.number, order));
    },
    /** Each process in turn. */
    async askAll(order, isFor = () => true) {
      for (const client of living().filter((_, i) => isFor(i))) {
        const { outcome } = await askOne(client, order);
        if (outcome !== 'ok') throw new Error(`${order.kind}: ${outcome}`);
      }
    },
    kill() {
      const [client] = living();
      client.child.kill('SIGKILL');
      return client.ended;
    },
    async end() {
      for (const { child } of living()) child.send('end');
      await Promise.all(clients.map(({ ended }) => ended));
    },
    async abort() {
      for (const { child } of living()) child.kill('SIGKILL');
      await Promise.all(clients.map(({ ended }) => ended));
    },
  };
}

/** Counts the rotations, and resolves at a number of them. */
function createCount() {
  const waiting = [];
  const count = {
    n: 0,
    add(more) {
      count.n += more;
      while (waiting.length > 0 && waiting[0].n <= count.n) waiting.shift().resolve();
    },
    reached: (n) =>
      new Promise((resolve) => {
        waiting.push({ n, resolve });
      }),
  };
  return count;
}

/** Logs in through one of the processes, as soon as one can. */
async function loginBy(ask, user, now) {
  for (;;) {
    const answer = await ask({ kind: 'login', user, now });
    if (answer.outcome === 'ok') return answer;
    if (!mayTryAgain(answer.outcome)) throw new Error(`login: ${answer.outcome}`);
    await delay(100);
  }
}

/** Logs in; if the store cannot be reached, tries again a little later. */
async function loginWhenPossible(auth, user) {
  for (;;) {
    try {
      return await auth.login(user);
    } catch (error) {
      if (!mayTryAgain(error.code)) throw error;
      await delay(100);
    }
  }
}

/**
 * One lane: one session after another. Racing clients rotate each until theft, a revoke or an unlucky retry ends it.
 */
async function runLane({ lane, auth, clients, random, done, isOver }) {
  const sessions = [];
  const pick = () => random.below(1000);
  while (!isOver()) {
    const user = `user-${lane}`;
    const first = await loginWhenPossible(auth, user);
    sessions.push({ user, session: first.sessionId });
    const past = [];
    let token = first.refreshToken;
    while (token && !isOver()) {
      const dice = random.unit();
      if (dice < 0.01 && past.length > 1) {
        await clients.ask(pick(), { kind: 'rotate', token: random.pick(past), actor: 'thief' });
      }
      const orders = Array.from({ length: 1 + random.below(4) }, () => ({ kind: 'rotate', token }));
      if (dice > 0.99) orders.push({ kind: 'revoke', user, session: first.sessionId });
      const answers = await Promise.all(orders.map((order) => clients.ask(pick(), order)));
      const rotated = answers.filter((answer) => answer.token);
      done.add(rotated.length);
      past.push(token);
      // An unknown outcome is tried again with the same token, as a client does; a session that has ended makes room
      // for the next.
      if (rotated.length > 0) [{ token }] = rotated;
      else if (answers.some(({ outcome }) => mayTryAgain(outcome))) await delay(10);
      else token = undefined;
    }
  }
  return sessions;
}

/** Kills processes at regular intervals of the remaining rotations, and starts others. */
async function killSome(clients, kills, done, all, from = 0) {
  for (let i = 1; i <= kills; i += 1) {
    await done.reached(all * (from + ((1 - from) * i) / (kills + 1)));
    await clients.kill();
    await clients.start();
  }
}

/**
 * A new refresh secret under traffic, by docs/keys.md: known everywhere, then signing. One process is left out of the
 * first step, so for a while it does not know the secret of the tokens that it gets.
 */
async function rollSecrets(clients, { options, done, all }) {
  const old = options.refreshSecret;
  const fresh = `${old} and another one`;
  const known = { current: old, next: fresh };
  const signing = { current: fresh, previous: old };
  const tell = (refreshSecret, isFor, force) => clients.askAll({ kind: 'secrets', refreshSecret, force }, isFor);
  await done.reached(all * 0.2);
  await tell(known, (i) => i > 0);
  for (const n of [0, 1, 2]) {
    await done.reached(all * (0.3 + n / 20));
    await tell(signing, (i) => i > 0 && i % 3 === n);
  }
  await done.reached(all * 0.5);
  await tell(signing, (i) => i === 0, true);
  options.refreshSecret = signing; // for processes that start from now on
}

/** The records after the storm. */
const finalsOf = (auth, sessions) =>
  Promise.all(
    sessions.map(async ({ user, session }) => {
      const { generation, revokedAt, retriesTotal } = await auth[internals].readSession(user, session);
      return { session, generation, revoked: revokedAt !== 0, retries: retriesTotal };
    }),
  );

/**
 * Starts the processes, runs `body` and ends them in any case. Resolves with the history, the final records
 * and the sessions, in which `body` resolves.
 * @param {{ clients: object, processes: number, done: object, auth: object }} storm auth: it reads the records
 * @param {() => Promise<object[]>} body
 */
async function withProcesses({ clients, processes, done, auth }, body) {
  try {
    await Promise.all(Array.from({ length: processes }, () => clients.start()));
    const sessions = await body();
    await clients.end();
    return { history: clients.files().flatMap(readHistory), finals: await finalsOf(auth, sessions), sessions };
  } finally {
    done.add(Infinity); // no waiter remains
    await clients.abort();
    await auth.close();
  }
}

/**
 * @param {{ options: object, folder: string, seed: number, rotations: number, processes?: number, lanes?: number,
 *   kills?: number, own?: object, during?: (done: { n: number }, pids: number[]) => Promise<void> }} storm
 *   options: of createAuth, secrets and store; own: those of the storm's own auth, if they differ from the clients';
 *   kills: how many processes are killed and replaced; during: runs next to the lanes once the clients are ready, with
 *   the count of rotations and the process IDs
 * @returns {Promise<{ history: object[], finals: object[], done: number }>}
 */
async function runStorm({
  options,
  folder,
  seed,
  rotations,
  processes = 4,
  lanes = 16,
  kills = 0,
  own = options,
  during,
}) {
  const random = randomFrom(seed);
  const auth = createAuth(own);
  const clients = createClients(options, folder);
  const done = createCount();
  let acknowledged;
  const lane = (_, n) => runLane({ lane: n, auth, clients, random, done, isOver: () => done.n >= rotations });
  const storm = await withProcesses({ clients, processes, done, auth }, async () => {
    const running = Promise.all(Array.from({ length: lanes }, lane));
    const [sessions] = await Promise.all([
      running,
      killSome(clients, kills, done, rotations),
      during?.(done, clients.pids()),
    ]);
    acknowledged = done.n;
    return sessions.flat();
  });
  return { ...storm, done: acknowledged };
}

/**
 * Honest browsers and thieves (homes.js). Their time is the storm's own, so that a week passes in a minute.
 * @param {{ options: object, folder: string, seed: number, refreshes: number, grace: number,
 *   timeOf: (storm: { random: object, lanes: number }) => object, processes?: number, lanes?: number,
 *   kills?: number }} storm
 *   timeOf: the storm's time, one of clocks.js; kills: how many processes are killed and replaced
 * @returns {Promise<{ history: object[], finals: object[], sessions: object[] }>}
 */
async function runHonestStorm({
  options,
  folder,
  seed,
  refreshes,
  grace,
  timeOf,
  processes = 8,
  lanes = 48,
  kills = 1,
}) {
  const random = randomFrom(seed);
  const time = timeOf({ random, lanes });
  const current = { ...options };
  const clients = createClients(current, folder, time);
  const done = createCount();
  const ask = (order) => clients.ask(random.below(1000), order);
  const home = async (_, lane) => {
    const { newClock } = time;
    const user = `user-${lane}`;
    const isOver = () => done.n >= refreshes;
    const sessions = await runHome({
      login: (who, now) => loginBy(ask, who, now),
      ask,
      random,
      grace,
      user,
      newClock,
      isOver,
      done: done.add,
    });
    time.leave();
    return sessions;
  };
  return withProcesses({ clients, processes, done, auth: createAuth(options) }, async () => {
    const running = Promise.all(Array.from({ length: lanes }, home));
    const changes = rollSecrets(clients, { options: current, done, all: refreshes }).then(() =>
      killSome(clients, kills, done, refreshes, 0.5),
    );
    const [sessions] = await Promise.all([running, changes]);
    return sessions.flat();
  });
}

module.exports = { endStorms, runHonestStorm, runStorm };
