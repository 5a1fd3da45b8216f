'use strict';
// Loads the addon: the binary that this checkout or the project has built, else a prebuilt one for this platform.
// Every path in the package is a literal `require` in a `try`, so that bundlers and file tracers can follow it.

const { SignetError } = require('./errors');
const { projectBuilds } = require('./project');
const { loadError, runtimeError } = require('./refusal');

/** @type {import('./refusal').Failure[]} */
const failures = [];

/** The first of the platform's prebuilt binaries that loads, or undefined. On Linux, glibc's before musl's. */
function prebuilt() {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      try {
        return require('../../prebuilds/linux-x64-gnu/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/linux-x64-gnu/signet.node', error });
      }
      try {
        return require('../../prebuilds/linux-x64-musl/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/linux-x64-musl/signet.node', error });
      }
      return undefined;
    case 'linux-arm64':
      try {
        return require('../../prebuilds/linux-arm64-gnu/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/linux-arm64-gnu/signet.node', error });
      }
      try {
        return require('../../prebuilds/linux-arm64-musl/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/linux-arm64-musl/signet.node', error });
      }
      return undefined;
    case 'darwin-arm64':
      try {
        return require('../../prebuilds/darwin-arm64/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/darwin-arm64/signet.node', error });
      }
      return undefined;
    case 'darwin-x64':
      try {
        return require('../../prebuilds/darwin-x64/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/darwin-x64/signet.node', error });
      }
      return undefined;
    case 'win32-x64':
      try {
        return require('../../prebuilds/win32-x64/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/win32-x64/signet.node', error });
      }
      return undefined;
    case 'win32-arm64':
      try {
        return require('../../prebuilds/win32-arm64/signet.node');
      } catch (error) {
        failures.push({ place: 'prebuilds/win32-arm64/signet.node', error });
      }
      return undefined;
    default:
      return undefined;
  }
}

/** The binary of this checkout, or undefined. */
function built() {
  try {
    return require('../../native/build/Release/signet.node');
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') failures.push({ place: 'native/build/Release/signet.node', error });
    return undefined;
  }
}

/** The first of the project's own builds that loads, or undefined. No bundler has to follow it. */
function builtForProject() {
  for (const file of projectBuilds()) {
    const addon = { exports: {} };
    try {
      process.dlopen(addon, file);
      return addon.exports;
    } catch (error) {
      failures.push({ place: file, error });
    }
  }
  return undefined;
}

function load() {
  const unfit = runtimeError();
  if (unfit) throw unfit;
  const native = built() ?? builtForProject() ?? prebuilt();
  if (!native) throw loadError(failures);
  if (!native.setErrorClass(SignetError)) throw new SignetError('ERR_MEMORY', 'out of memory');
  return native;
}

module.exports = load();
