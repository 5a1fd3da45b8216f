'use strict';
// A storm on one store: several processes present the same tokens at the same moment, lose answers, steal, revoke;
// some are killed. What the clients wrote down and what the store says at the end is for judge() (history.js).

const { fork } = require('node:child_process');
const path = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');

const { createAuth } = require('../..');
const { internals } = require('../../lib/auth/internals');
const { readHistory } = require('./history');

/** A small generator of pseudo-random numbers, so that a storm can be had again (mulberry32). */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The client processes: `ask(i, order)` resolves with the answer, or { outcome: 'unknown' } where the process dies
 * before it.
 */
function createClients(options, folder) {
  const clients = [];
  let lastId = 0;

  function start() {
    const file = path.join(folder, `history-${clients.length}.jsonl`);
    const child = fork(path.join(__dirname, 'storm-worker.js'), [JSON.stringify({ options, file })]);
    const client = { child, file, waiting: new Map(), alive: true };
    clients.push(client);
    const ended = new Promise((resolve) => {
      child.on('exit', () => {
        client.alive = false;
        for (const settle of client.waiting.values()) settle({ outcome: 'unknown' });
        client.waiting.clear();
        resolve();
      });
    });
    client.ended = ended;
    return new Promise((resolve) => {
      child.on('message', (message) => {
        if (message === 'ready') return resolve();
        client.waiting.get(message.id)?.(message);
        return client.waiting.delete(message.id);
      });
    });
  }

  const living = () => clients.filter(({ alive }) => alive);

  return {
    start,
    files: () => clients.map(({ file }) => file),
    ask(pick, order) {
      const among = living();
      const client = among[pick % among.length];
      lastId += 1;
      const id = lastId;
      return new Promise((resolve) => {
        client.waiting.set(id, resolve);
        client.child.send({ ...order, id }, (error) => error && resolve({ outcome: 'unknown' }));
      });
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
  };
}

/** Counts the rotations, and tells when there are so many. */
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

/** Outcomes after which a client still has its token: what was asked was not done, or nobody knows. */
const mayTryAgain = (outcome) => outcome === 'unknown' || outcome === 'ERR_BUSY' || outcome.startsWith('ERR_STORE_');

/** Logs in; where the store is out of reach just then, a little later. */
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
 * One lane: one session after another, each rotated on and on by racing clients until theft, a revoke, or an unlucky
 * retry ends it.
 */
async function runLane({ lane, auth, clients, random, done, isOver }) {
  const sessions = [];
  const pick = () => Math.floor(random() * 1000);
  while (!isOver()) {
    const user = `user-${lane}`;
    const first = await loginWhenPossible(auth, user);
    sessions.push({ user, session: first.sessionId });
    const past = [];
    let token = first.refreshToken;
    while (token && !isOver()) {
      const dice = random();
      if (dice < 0.01 && past.length > 1) {
        await clients.ask(pick(), { kind: 'rotate', token: past[Math.floor(random() * past.length)] }); // a thief
      }
      const orders = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({ kind: 'rotate', token }));
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

/**
 * @param {{ options: object, folder: string, seed: number, rotations: number, processes?: number, lanes?: number,
 *   kills?: number, own?: object, during?: (done: { n: number }) => Promise<void> }} storm options: of createAuth,
 *   secrets and store; own: those of the storm's own auth, where it sees the store another way than the clients;
 *   kills: processes that are killed on the way, and replaced; during: runs beside the lanes, once the clients are
 *   ready, and is given the count of rotations
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
  const random = createRandom(seed);
  const auth = createAuth(own);
  const clients = createClients(options, folder);
  await Promise.all(Array.from({ length: processes }, () => clients.start()));
  const done = createCount();
  const isOver = () => done.n >= rotations;
  const running = Array.from({ length: lanes }, (_, lane) => runLane({ lane, auth, clients, random, done, isOver }));
  const beside = during?.(done);
  for (let i = 1; i <= kills; i += 1) {
    await done.reached((rotations * i) / (kills + 1));
    await clients.kill();
    await clients.start();
  }
  const sessions = (await Promise.all(running)).flat();
  await beside;
  await clients.end();
  const finals = await Promise.all(
    sessions.map(async ({ user, session }) => {
      const { generation, revokedAt } = await auth[internals].readSession(user, session);
      return { session, generation, revoked: revokedAt !== 0 };
    }),
  );
  await auth.close();
  return { history: clients.files().flatMap(readHistory), finals, done: done.n };
}

module.exports = { runStorm };
