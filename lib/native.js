'use strict';
// Finds the addon's binary: the one that node-gyp built here, since somebody asked for it; else a prebuilt one for this platform.
// Every path is a literal `require` in a `try`, so that bundlers and file tracers can follow it.

const { SignetError } = require('./errors');

const BUILD_COMMAND = 'npm rebuild signet-jwt --foreground-scripts';

/** @type {NodeJS.ErrnoException[]} */
const failures = [];

/** The first of a platform's prebuilt binaries that loads; undefined where there is none. On Linux, glibc's before musl's. */
function prebuilt() {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      try { return require('../prebuilds/linux-x64-gnu/signet.node'); } catch (error) { failures.push(error); }
      try { return require('../prebuilds/linux-x64-musl/signet.node'); } catch (error) { failures.push(error); }
      return undefined;
    case 'linux-arm64':
      try { return require('../prebuilds/linux-arm64-gnu/signet.node'); } catch (error) { failures.push(error); }
      try { return require('../prebuilds/linux-arm64-musl/signet.node'); } catch (error) { failures.push(error); }
      return undefined;
    case 'darwin-arm64':
      try { return require('../prebuilds/darwin-arm64/signet.node'); } catch (error) { failures.push(error); }
      return undefined;
    case 'darwin-x64':
      try { return require('../prebuilds/darwin-x64/signet.node'); } catch (error) { failures.push(error); }
      return undefined;
    default:
      return undefined;
  }
}

function built() {
  try { return require('../build/Release/signet.node'); } catch (error) { failures.push(error); }
  return undefined;
}

/** A file that is not there is no news; why one that is there does not load is. */
function reasons() {
  const told = failures.filter((error) => error.code !== 'MODULE_NOT_FOUND').map((error) => String(error.message).split('\n')[0]);
  return told.length > 0 ? `: ${[...new Set(told)].join('; ')}` : '';
}

function load() {
  const openssl = process.versions.openssl ?? 'none';
  if (!(Number.parseInt(openssl, 10) >= 3)) {
    throw new SignetError('ERR_PLATFORM', `signet-jwt needs a Node with OpenSSL 3.0 or later; this one has ${openssl}. Use Node 20 or later.`);
  }
  const native = built() ?? prebuilt();
  if (native) return native;
  throw new SignetError('ERR_PLATFORM',
    `signet-jwt has no binary that loads on ${process.platform}-${process.arch}, Node ${process.versions.node}${reasons()}. `
    + `Build it here with: ${BUILD_COMMAND}`, { cause: failures.at(-1) });
}

module.exports = load();
