'use strict';
// The ERR_PLATFORM of a process in which no binary loads: what was tried, and how to get one.

const fs = require('fs');
const path = require('path');
const { SignetError } = require('./errors');
const { projectFolders } = require('./project');

const OLDEST_NODE = 20;
const OTHER_RUNTIMES = { bun: 'Bun', deno: 'Deno', electron: 'Electron', nw: 'NW.js' };

const INSTALLER_OF = {
  'package-lock.json': 'npm',
  'npm-shrinkwrap.json': 'npm',
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
};
const RUN = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' };

/** The installer that runs this process; undefined if it was started without one. */
const runningInstaller = () => /^[a-z]+/.exec(process.env.npm_config_user_agent ?? '')?.[0];

/** The installers whose lock files are in the nearest folder that has any. @returns {string[]} */
function lockingInstallers() {
  for (const folder of projectFolders()) {
    const names = Object.keys(INSTALLER_OF).filter((name) => fs.existsSync(path.join(folder, name)));
    if (names.length > 0) return names.map((name) => INSTALLER_OF[name]);
  }
  return [];
}

/** The line that builds the addon under the project's installer. */
function buildCommand() {
  const running = runningInstaller();
  const locking = lockingInstallers();
  const installer = locking.length === 0 || locking.includes(running) ? running : locking[0];
  return `${RUN[installer] ?? RUN.npm} signet-jwt build`;
}

const platformError = (text, cause) => new SignetError('ERR_PLATFORM', text, { cause });

/** Why no binary can load in this runtime; undefined if it is a Node that suits. */
function runtimeError(versions = process.versions) {
  const { node = 'unknown', openssl } = versions;
  const other = Object.keys(OTHER_RUNTIMES).find((name) => versions[name]);
  if (other) {
    return platformError(
      `signet-jwt needs Node and its OpenSSL; this is ${OTHER_RUNTIMES[other]} ${versions[other]}. ` +
        `Run the server with Node ${OLDEST_NODE} or later.`,
    );
  }
  if (!(Number.parseInt(node, 10) >= OLDEST_NODE))
    return platformError(`signet-jwt needs Node ${OLDEST_NODE} or later; this is Node ${node}.`);
  if (Number.parseInt(openssl, 10) >= 3) return undefined;
  return platformError(
    `signet-jwt needs a Node with OpenSSL 3.0 or later; this one has ${openssl || 'none'}. ` +
      `Use Node ${OLDEST_NODE} or later.`,
  );
}

/** Node was started with options that forbid addons: no binary would load. */
function disabledError(cause) {
  return platformError(
    process.permission
      ? "signet-jwt is an addon, and Node's permission model forbids addons: add --allow-addons to --permission, " +
          "and --allow-fs-read for the app's folder"
      : 'signet-jwt is an addon, and this Node forbids addons: start it without --no-addons (check NODE_OPTIONS too)',
    cause,
  );
}

/** Whether a binary is for the other libc than this Linux machine's. */
function isForOtherLibc({ place }) {
  if (process.platform !== 'linux') return false;
  const isGlibc = Boolean(process.report.getReport().header.glibcVersionRuntime);
  return place.includes(isGlibc ? '-musl/' : '-gnu/');
}

/** @typedef {{ place: string, error: NodeJS.ErrnoException }} Failure */

/** @param {Failure} failure */
function inWords({ place, error }) {
  if (error.code === 'MODULE_NOT_FOUND') return `${place} is not there`;
  return `${place}: ${String(error.message).split('\n')[0].replace(/\.$/, '')}`;
}

/** @param {Failure[]} failures in the order of the attempts */
function noBinaryError(failures) {
  const others = failures.filter(isForOtherLibc);
  const tried = [...failures.filter((failure) => !others.includes(failure)), ...others];
  const { platform, arch, versions } = process;
  const why = tried.length > 0 ? `Tried: ${tried.map(inWords).join('; ')}.` : 'The package has none for it.';
  return platformError(
    `signet-jwt has no binary that loads on ${platform}-${arch}, Node ${versions.node}. ${why} ` +
      `Build it for this project with: ${buildCommand()}`,
    tried[0]?.error,
  );
}

/** @param {Failure[]} failures */
function loadError(failures) {
  const errorOf = (code) => failures.find(({ error }) => error.code === code)?.error;
  const noMemory = errorOf('ERR_MEMORY');
  if (noMemory) return new SignetError('ERR_MEMORY', noMemory.message, { cause: noMemory });
  const disabled = errorOf('ERR_DLOPEN_DISABLED');
  return disabled ? disabledError(disabled) : noBinaryError(failures);
}

module.exports = { loadError, runtimeError };
