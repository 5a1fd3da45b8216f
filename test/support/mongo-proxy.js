'use strict';
// A TCP proxy between driver and server that injects faults, whatever the server is: it knows the messages of MongoDB's
// protocol, and damages the requests that a fault selects.

const net = require('node:net');
const {
  changed,
  commandName,
  hasMember,
  messages,
  requestId,
  responseTo,
  withDocument,
  withMembers,
} = require('./mongo-wire');

const error = (code, codeName, errmsg, more) => (answer) =>
  withDocument(answer, { ok: 0, code, codeName, errmsg, ...more });

/** The faults of one request: `request` and `answer` get functions to continue, or to break the connection. */
const FAULTS = {
  'the answer is lost after the write was done': { answer: (pass, cut) => cut() },
  'the connection is cut before the request': { request: (pass, cut) => cut() },
  'the connection is cut after the request': {
    request: (pass, cut) => {
      pass();
      setTimeout(cut, 1);
    },
    answer: () => {},
  },
  'half the request arrives': {
    request: (pass, cut, bytes) => {
      pass(bytes.subarray(0, bytes.length >> 1));
      setTimeout(cut, 1);
    },
  },
  'half the answer arrives': {
    answer: (pass, cut, bytes) => {
      pass(bytes.subarray(0, bytes.length >> 1));
      setTimeout(cut, 5);
    },
  },
  'the answer comes later than the timeout': { answer: (pass, cut, bytes, { late }) => setTimeout(pass, late) },
  'the answer is replaced by "not primary"': {
    answer: (pass, cut, bytes) =>
      pass(error(10107, 'NotWritablePrimary', 'not primary', { errorLabels: ['RetryableWriteError'] })(bytes)),
  },
  'the answer is replaced by "not authorized"': {
    answer: (pass, cut, bytes) =>
      pass(
        error(
          13,
          'Unauthorized',
          'not authorized on signet to execute command { findAndModify: "refreshsessions" }',
        )(bytes),
      ),
  },
  'the answer is replaced by a write concern error': {
    answer: (pass, cut, bytes) =>
      pass(
        withMembers(bytes, {
          writeConcernError: { code: 64, codeName: 'WriteConcernTimeout', errmsg: 'waiting for replication timed out' },
        }),
      ),
  },
  'the server refuses: a user who may only read': {
    request: (pass, cut, bytes, { refuse }) =>
      refuse(
        error(13, 'Unauthorized', 'not authorized on signet to execute command { findAndModify: "refreshsessions" }'),
      ),
  },
};

/** Passes messages on in order, each `delay` ms after it arrived. */
function delayed(write, delay) {
  if (!delay()) return write;
  return (bytes) => setTimeout(() => write(bytes), delay());
}

function writer(socket) {
  return (bytes) => {
    if (socket.writable) socket.write(bytes);
  };
}

/** One connection: two sockets, and the faults of the answers that have not arrived yet. */
function connect(client, server, proxy) {
  const injured = new Map(); // the request's id → the fault
  const cut = () => {
    client.destroy();
    server.destroy();
  };
  const toServer = writer(server);
  const toClient = writer(client);

  client.on(
    'data',
    messages((bytes) => {
      if (hasMember(bytes, 'txnNumber')) proxy.retryable += 1;
      const fault = proxy.choose(commandName(bytes));
      const send = delayed(toServer, proxy.delay);
      if (fault?.answer) injured.set(requestId(bytes), fault);
      if (!fault?.request) return send(bytes);
      // A refusal is the server's own answer to a harmless command that replaces the request.
      const refuse = (make) => {
        injured.set(requestId(bytes), { answer: (pass, _, reply) => pass(make(reply)) });
        send(harmless(bytes));
      };
      return fault.request((part = bytes) => send(part), cut, bytes, { ...proxy, refuse });
    }),
  );
  server.on(
    'data',
    messages((answer) => {
      const hello = proxy.asReplicaSet && isHello(answer) ? withMembers(answer, proxy.asReplicaSet()) : answer;
      const named = proxy.hello && isHello(answer) ? withMembers(hello, proxy.hello) : hello;
      const bytes = proxy.clock && isHello(answer) ? changed(named, proxy.clock) : named;
      const fault = injured.get(responseTo(bytes));
      injured.delete(responseTo(bytes));
      const send = delayed(toClient, proxy.delay);
      if (!fault) return send(bytes);
      return fault.answer((part = bytes) => send(part), cut, bytes, proxy);
    }),
  );
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    socket.on('error', cut).on('close', cut);
  }
  return cut;
}

const isHello = (answer) => hasMember(answer, 'isWritablePrimary') || hasMember(answer, 'ismaster');

/** { ping: 1, $db: "admin" } under the same header. */
const harmless = (request) => withDocument(request, { ping: 1, $db: 'admin' });

/**
 * Starts a proxy to a port of this machine. `inject(fault, { command, every })`: the fault strikes each `every`th
 * request of that command. `damage(command, nth, change)`: its nth answer has the document that `change` makes of it.
 * `heal()`: no more. `delay` (ms) holds back each message in both directions. `replicaSet`: a name; the server then
 * seems to be the primary of a set of one, so that drivers write retryably. `down()` and `up()`: nobody listens, then
 * again on the same port.
 */
async function createProxy(target, { replicaSet } = {}) {
  const cuts = new Set();
  let rule;
  let seen = 0;
  let delayMs = 0;
  let struck = 0;
  const state = {
    late: 1000,
    retryable: 0, // requests with a transaction number
    commands: [], // their names, in order of arrival
    asReplicaSet:
      replicaSet &&
      (() => ({
        setName: replicaSet,
        hosts: [`127.0.0.1:${port}`],
        me: `127.0.0.1:${port}`,
        primary: `127.0.0.1:${port}`,
        setVersion: 1,
      })),
    delay: () => delayMs,
    choose(command) {
      state.commands.push(command);
      if (!rule || command !== rule.command || !rule.strikes(++seen)) return undefined;
      struck++;
      return rule.fault;
    },
  };
  const listener = net.createServer((client) => {
    const server = net.connect(target, '127.0.0.1');
    const cut = connect(client, server, state);
    cuts.add(cut);
    client.once('close', () => cuts.delete(cut));
  });
  const listen = (port) =>
    new Promise((resolve, reject) =>
      listener.once('error', reject).listen(port, '127.0.0.1', () => {
        listener.off('error', reject);
        resolve();
      }),
    );
  await listen(0);
  const { port } = listener.address();
  const down = () =>
    new Promise((resolve) => {
      listener.close(() => resolve());
      for (const cut of cuts) cut();
    });
  return {
    port,
    inject(name, { command = 'findAndModify', every = 10, late = 1000 } = {}) {
      if (!FAULTS[name]) throw new Error(`no fault "${name}"`);
      seen = 0;
      struck = 0;
      state.late = late;
      rule = { fault: FAULTS[name], command, strikes: (n) => n % every === 0 };
    },
    damage(command, nth, change) {
      seen = 0;
      struck = 0;
      rule = {
        fault: { answer: (pass, cut, bytes) => pass(changed(bytes, change)) },
        command,
        strikes: (n) => n === nth,
      };
    },
    heal() {
      rule = undefined;
    },
    struck: () => struck,
    retryable: () => state.retryable,
    /** The commands that arrived since the last call. */
    commands: () => state.commands.splice(0),
    setDelay(ms) {
      delayMs = ms;
    },
    /** Makes the server's clock seem so much ahead (ms); `undefined`: the server sends no time. */
    setClock(ms) {
      state.clock = ({ localTime, ...reply }) =>
        ms === undefined ? reply : { ...reply, localTime: new Date(Number(localTime) + ms) };
    },
    /** Adds members to its hello. */
    setHello(members) {
      state.hello = members;
    },
    cutAll() {
      for (const cut of cuts) cut();
    },
    down,
    up: () => listen(port),
    close: () => (listener.listening ? down() : Promise.resolve()),
  };
}

/** The same URI with the proxy's port. */
const through = (uri, proxy) => uri.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${proxy.port}`);

const portOf = (uri) => Number(/127\.0\.0\.1:(\d+)/.exec(uri)[1]);

module.exports = { FAULTS: Object.keys(FAULTS), createProxy, portOf, through };
