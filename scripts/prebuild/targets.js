'use strict';
// The platforms with a prebuilt binary. `triple`: the compiler's name for the platform; glibc 2.28 is what Node 20's
// binaries need. `libraries`: the only shared libraries that the binary may need (musl's libc is a single one).
// `fromLibc`: functions that must come from libc, since the compiler's versions are slower; `sources`: compiled in to
// achieve that.

const GLIBC = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'libresolv.so.2'];
const MUSL = ['libc.so'];
const COPYING = ['memcpy', 'memmove', 'memcmp', 'strlen'];

/**
 * @type {Record<string, { triple: string, processor: string, flags: string[], resolver: string[], libraries:
 *   string[], glibc?: string, sources?: string[], fromLibc?: string[] }>}
 */
const TARGETS = {
  'linux-x64-gnu': {
    triple: 'x86_64-linux-gnu.2.28',
    processor: 'x86_64',
    flags: ['-m64'],
    resolver: ['-lresolv'],
    libraries: [...GLIBC, 'ld-linux-x86-64.so.2'],
    glibc: '2.28',
    sources: ['scripts/prebuild/cpu_model.c'],
    fromLibc: COPYING,
  },
  'linux-arm64-gnu': {
    triple: 'aarch64-linux-gnu.2.28',
    processor: 'aarch64',
    flags: [],
    resolver: ['-lresolv'],
    libraries: [...GLIBC, 'ld-linux-aarch64.so.1'],
    glibc: '2.28',
    fromLibc: COPYING,
  },
  'linux-x64-musl': {
    triple: 'x86_64-linux-musl',
    processor: 'x86_64',
    flags: ['-m64'],
    resolver: [],
    libraries: MUSL,
  },
  'linux-arm64-musl': { triple: 'aarch64-linux-musl', processor: 'aarch64', flags: [], resolver: [], libraries: MUSL },
};

module.exports = { TARGETS };
