'use strict';
// `npm run format`: rewrites all files as their formatters have them, biome (JavaScript, TypeScript, JSX, CSS, JSON)
// and clang-format (C, C++).

const { spawnSync } = require('node:child_process');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const BIOME = require.resolve('@biomejs/biome/bin/biome');

for (const [command, ...args] of [
  [process.execPath, BIOME, 'format', '--write'],
  ['make', '--no-print-directory', 'format'],
]) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exitCode = 1;
}
