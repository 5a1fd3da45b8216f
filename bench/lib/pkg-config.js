'use strict';
// The system's libraries, as flags for the compiler.

const { execFileSync } = require('node:child_process');

const { mongoPackage } = require('../../scripts/native-flags');

const PACKAGES = ['openssl', 'sqlite3', mongoPackage()].filter(Boolean);

const pkgConfigFlags = (packages) =>
  execFileSync('pkg-config', ['--cflags', '--libs', ...packages], { encoding: 'utf8' }).trim().split(/\s+/).filter(Boolean);

module.exports = { PACKAGES, pkgConfigFlags };
