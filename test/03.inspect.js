'use strict';
// What scripts/prebuild/inspect.js refuses: each test spoils a binary, or what it is compared with, in one way.

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { faults } = require('../scripts/prebuild/inspect');
const { unfit } = require('../scripts/prebuild/made-of');
const { nodeExports } = require('../scripts/prebuild/nodes');
const { TARGETS } = require('../scripts/prebuild/targets');
const { zig } = require('../scripts/prebuild/zig');

const ROOT = path.join(__dirname, '..');
const CACHE = path.join(ROOT, '.cache', 'prebuild');
const inFile = (target) => path.join(ROOT, 'prebuilds', target, 'signet.node');

const missing = new Map(Object.keys(TARGETS).map((name) => [name, unfit(name)]));

/** Runs `body` once per target whose binary is built, on a copy of it. */
function onEach(targets, title, body) {
  for (const name of targets.filter((target) => !missing.get(target))) {
    it(`${name} ${title}`, () => {
      const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'signet-inspect-'));
      try {
        const copy = path.join(folder, 'signet.node');
        fs.copyFileSync(inFile(name), copy);
        const target = { name, ...TARGETS[name] };
        body({ copy, target, given: { nodes: nodeExports(CACHE, target), compiler: zig(CACHE) } });
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    });
  }
}

/** Changes one byte in the middle of a file's first part, which is code or read before it. */
function spoil(file) {
  const bytes = fs.readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  fs.writeFileSync(file, bytes);
}

describe('03 the inspection of binaries', function inspection() {
  this.timeout(60_000);
  const names = Object.keys(TARGETS);
  const onNode = names.filter((name) => TARGETS[name].nodes);
  for (const [name, reason] of missing) if (reason) it.skip(`${name}: skipped, ${reason}`);

  onEach(names, 'is refused for nothing as it is', ({ copy, target, given }) => {
    assert.deepStrictEqual(faults(copy, target, given), []);
  });

  onEach(names, 'is refused with a path of this machine in it', ({ copy, target, given }) => {
    fs.appendFileSync(copy, `${ROOT}/src/core/sign.c`);
    assert.match(faults(copy, target, given).join('; '), /it has paths of this machine, in /);
  });

  onEach(names, 'is refused with one library more than its system has', ({ copy, target, given }) => {
    const [first, ...others] = target.libraries.filter((name) => fs.readFileSync(copy).includes(name));
    const told = faults(copy, { ...target, libraries: others }, given).join('; ');
    assert.ok(told.includes(`it needs ${first}`), told);
  });

  onEach(onNode, 'is refused if a version of Node does not export what it asks for', ({ copy, target, given }) => {
    const [oldest] = given.nodes.keys();
    const poorer = new Set(given.nodes.get(oldest));
    poorer.delete('napi_create_function');
    const nodes = new Map([...given.nodes, [oldest, poorer]]);
    assert.deepStrictEqual(faults(copy, target, { ...given, nodes }), [`Node ${oldest} has no napi_create_function`]);
  });

  onEach(['darwin-arm64'], 'is refused if it was changed after it was signed', ({ copy, target, given }) => {
    spoil(copy);
    assert.match(faults(copy, target, given).join('; '), /its signature does not match page \d+/);
  });
});
