'use strict';
// What binaries of other systems export and need, read by LLVM's tools.

const fs = require('node:fs');
const path = require('node:path');
const { run, hasProgram } = require('../console.js');

/** @param {string} name of a tool of LLVM's: Debian's have the version in their name */
function llvm(name) {
  const names = [name, ...['14', '15', '16', '17', '18', '19', '20'].map((version) => `${name}-${version}`)];
  const found = names.find(hasProgram);
  if (!found) throw new Error(`${name} is not installed: apt-get install llvm-14`);
  return found;
}

const ask = (tool, ...args) => run(llvm(tool), args, { stdio: 'pipe' });
const all = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];

/** The C names that a binary exports. @param {string} binary @param {string} platform @returns {string[]} */
function exportsOf(binary, platform) {
  if (platform === 'win32')
    return all(ask('llvm-readobj', '--coff-exports', binary), /^ {2}Name: ([A-Za-z_]\w*)$/gm).sort();
  // macOS puts an underscore before each name of C
  return all(ask('llvm-nm', '--extern-only', '--defined-only', binary), / [A-TV-Z] _([A-Za-z_]\w*)$/gm).sort();
}

/** What a DLL imports. @returns {Map<string, string[]>} by library */
function windowsImports(binary) {
  const sections = ask('llvm-readobj', '--coff-imports', binary).split(/^(?:Delay)?Import \{$/m);
  return new Map(
    sections
      .slice(1)
      .map((section) => [/Name: (.+)/.exec(section)[1], all(section, /^ {2}Symbol: (\S+)(?: \(\d+\))?$/gm)]),
  );
}

/**
 * What the loader of macOS reads.
 * @returns {{ undefinedNames: string[], libraries: string[], id?: string, oldest?: string, paths: string[],
 *   signature?: { offset: number, size: number } }}
 */
function macosNeeds(binary) {
  const commands = ask('llvm-objdump', '--macho', '--private-headers', binary).split(/^Load command \d+$/m);
  const of = (kind) => commands.filter((command) => new RegExp(`cmd ${kind}$`, 'm').test(command));
  const value = (command, name) => new RegExp(`^ *${name} (\\S+)`, 'm').exec(command ?? '')?.[1];
  const [signature] = of('LC_CODE_SIGNATURE');
  return {
    undefinedNames: all(ask('llvm-nm', '--undefined-only', binary), /^ *(?:U )?_(\S+)$/gm),
    libraries: of('LC_LOAD(?:_WEAK)?_DYLIB').map((command) => value(command, 'name')),
    id: value(of('LC_ID_DYLIB')[0], 'name'),
    oldest: value(of('LC_BUILD_VERSION')[0], 'minos') ?? value(of('LC_VERSION_MIN_MACOSX')[0], 'version'),
    paths: of('LC_RPATH').map((command) => value(command, 'path')),
    signature: signature && {
      offset: Number(value(signature, 'dataoff')),
      size: Number(value(signature, 'datasize')),
    },
  };
}

/** The C names in stubs of macOS's libraries (.tbd files). @param {string[]} files */
const stubNames = (files) =>
  new Set(files.flatMap((file) => all(fs.readFileSync(file, 'utf8'), /[[,\s]'?_([A-Za-z_][\w$]*)'?(?=[\s,\]])/g)));

/** The stubs that the linker is given. @param {string} compiler the path of Zig */
const macosStubs = (compiler) => [
  path.join(path.dirname(compiler), 'lib', 'libc', 'darwin', 'libSystem.tbd'),
  path.join(__dirname, 'darwin', 'libresolv.tbd'),
];

module.exports = { exportsOf, windowsImports, macosNeeds, stubNames, macosStubs };
