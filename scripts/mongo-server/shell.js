'use strict';
// Runs other programs: to completion, with their output in a log, or as servers that outlive this process and are found
// again by their pid files.

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');

class Unavailable extends Error {} // the test server cannot be had on this machine; the message says why and what to do

const say = (line) => process.stderr.write(`mongo-server: ${line}\n`);

/** Runs a program to completion, appending its output to `log`; if it fails, the error has the last lines. */
function run(command, args, { log, cwd, env = process.env }) {
  return new Promise((resolve, reject) => {
    const out = fs.openSync(log, 'a');
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', out, out] });
    fs.closeSync(out);
    child.once('error', (cause) => reject(new Unavailable(`${command} cannot be run: ${cause.message}`)));
    child.once('exit', (code, signal) => {
      if (code === 0) return resolve();
      const tail = fs.readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ');
      return reject(new Unavailable(`${command} failed (${signal ?? `exit status ${code}`}), see ${log}\n  ${tail}`));
    });
  });
}

/** A program's output; null if it fails or does not exist. */
function output(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return status === 0 ? stdout.trim() : null;
}

/**
 * The command line that runs a program in the Debian folder, in a separate mount namespace, so that no mount is left
 * behind.
 */
function inside(root, ...command) {
  const script = 'mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"';
  return ['unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, root, ...command]];
}

/** The same as the user `postgres`, which PostgreSQL requires. */
const insideAsPostgres = (root, ...command) =>
  inside(root, 'setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', ...command);

/** Starts a server in the background and notes its pid. */
function serve(command, args, { log, pidFile, env }) {
  const out = fs.openSync(log, 'a');
  const child = spawn(command, args, { cwd: '/', detached: true, env, stdio: ['ignore', out, out] });
  fs.closeSync(out);
  if (!child.pid) throw new Unavailable(`${command} cannot be run`);
  child.unref();
  fs.writeFileSync(pidFile, `${child.pid} ${startTime(child.pid)}\n`);
  return child.pid;
}

/**
 * When a process started, in clock ticks since boot: together with the pid it identifies a process, even if the pid is
 * reused.
 */
function startTime(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : fields[19];
  } catch {
    return null;
  }
}

/** The pid in a pid file if that same process still runs, else null. */
function running(pidFile) {
  try {
    const [pid, started] = fs.readFileSync(pidFile, 'utf8').trim().split(' ');
    return startTime(pid) === started ? Number(pid) : null;
  } catch {
    return null;
  }
}

/** Kills a process that may have ended meanwhile. @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** The direct children of a process: [pid, when it started]. */
const childrenOf = (pid) =>
  fs
    .readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map((child) => [Number(child), startTime(child)]);

/**
 * Stops the process of a pid file and waits until it is gone. SIGKILL is sent to its children too: otherwise they find
 * out in their own time that it has gone (pg_cron may never), and until then PostgreSQL does not start again.
 */
async function stop(pidFile, signal = 'SIGTERM') {
  const pid = running(pidFile);
  if (pid !== null) {
    const children = signal === 'SIGKILL' ? childrenOf(pid) : [];
    const left = () => children.filter(([child, started]) => started !== null && startTime(child) === started);
    process.kill(pid, signal);
    for (const [child] of left()) kill(child);
    for (let waited = 0; running(pidFile) !== null || left().length > 0; waited += 20) {
      if (waited === 10_000) kill(pid);
      if (waited >= 20_000) throw new Error(`process ${pid} of ${pidFile} does not end`);
      await delay(20);
    }
  }
  fs.rmSync(pidFile, { force: true });
}

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket
      .once('connect', () => resolve(true))
      .once('error', () => resolve(false))
      .once('close', () => socket.destroy());
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('connect', () => socket.end());
  });

/** Waits until `ready()` is true; gives up if the process of the pid file ends or after `limit` ms. */
async function until(ready, { pidFile, log, limit = 60_000 }) {
  for (const end = Date.now() + limit; Date.now() < end; await delay(50)) {
    if (await ready()) return;
    if (running(pidFile) === null) break;
  }
  const tail = fs.readFileSync(log, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ');
  throw new Error(`a server did not start, see ${log}\n  ${tail}`);
}

/** A free port: `wanted` if it is free. */
function freePort(wanted = 0) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', (error) => (wanted ? resolve(freePort()) : reject(error)));
    server.listen(wanted, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

module.exports = {
  Unavailable,
  accepts,
  freePort,
  inside,
  insideAsPostgres,
  output,
  run,
  running,
  say,
  serve,
  stop,
  until,
};
