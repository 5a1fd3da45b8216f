'use strict';
// Loads the addon: the binary that node-gyp built here, else a prebuilt one for this platform.
// Every path is a literal `require` in a `try`, so that bundlers and file tracers can follow it.

const { SignetError } = require('./errors');

const BUILD_COMMAND = 'npm rebuild signet-jwt --foreground-scripts';
const OLDEST_NODE = 20;

/** @type {NodeJS.ErrnoException[]} */
const failures = [];

/** The first of the platform's prebuilt binaries that loads, or undefined. On Linux, glibc's before musl's. */
function prebuilt() {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      try {
        return require('../../prebuilds/linux-x64-gnu/signet.node');
      } catch (error) {
        failures.push(error);
      }
      try {
        return require('../../prebuilds/linux-x64-musl/signet.node');
      } catch (error) {
        failures.push(error);
      }
      return undefined;
    case 'linux-arm64':
      try {
        return require('../../prebuilds/linux-arm64-gnu/signet.node');
      } catch (error) {
        failures.push(error);
      }
      try {
        return require('../../prebuilds/linux-arm64-musl/signet.node');
      } catch (error) {
        failures.push(error);
      }
      return undefined;
    case 'darwin-arm64':
      try {
        return require('../../prebuilds/darwin-arm64/signet.node');
      } catch (error) {
        failures.push(error);
      }
      return undefined;
    case 'darwin-x64':
      try {
        return require('../../prebuilds/darwin-x64/signet.node');
      } catch (error) {
        failures.push(error);
      }
      return undefined;
    default:
      return undefined;
  }
}

function built() {
  try {
    return require('../../native/build/Release/signet.node');
  } catch (error) {
    failures.push(error);
  }
  return undefined;
}

/** The errors of binaries that exist and do not load. */
const loadErrors = () => failures.filter((error) => error.code !== 'MODULE_NOT_FOUND');

const platformError = (text, cause) => new SignetError('ERR_PLATFORM', text, { cause });

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

function noBinaryError() {
  const errors = loadErrors();
  const reasons = errors.map((error) => String(error.message).split('\n')[0].replace(/\.$/, ''));
  const why = reasons.length > 0 ? `: ${[...new Set(reasons)].join('; ')}` : '';
  return platformError(
    `signet-jwt has no binary that loads on ${process.platform}-${process.arch}, ` +
      `Node ${process.versions.node}${why}. ` +
      `Build it here with: ${BUILD_COMMAND}`,
    errors[0] ?? failures.at(-1),
  );
}

function load() {
  const { node, openssl = 'none' } = process.versions;
  if (Number.parseInt(node, 10) < OLDEST_NODE) {
    throw platformError(`signet-jwt needs Node ${OLDEST_NODE} or later; this is Node ${node}.`);
  }
  if (!(Number.parseInt(openssl, 10) >= 3)) {
    throw platformError(
      `signet-jwt needs a Node with OpenSSL 3.0 or later; this one has ${openssl}. ` +
        `Use Node ${OLDEST_NODE} or later.`,
    );
  }
  const native = built() ?? prebuilt();
  if (native) {
    if (!native.setErrorClass(SignetError)) throw new SignetError('ERR_MEMORY', 'out of memory');
    return native;
  }
  const noMemory = failures.find((error) => error.code === 'ERR_MEMORY');
  if (noMemory) throw new SignetError('ERR_MEMORY', noMemory.message, { cause: noMemory });
  const disabled = failures.find((error) => error.code === 'ERR_DLOPEN_DISABLED');
  throw disabled ? disabledError(disabled) : noBinaryError();
}

module.exports = load();
