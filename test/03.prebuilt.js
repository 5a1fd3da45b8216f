'use strict';
// What `npm pack` packs, installed where install scripts do not run (npm 12, pnpm 10), without a compiler.

const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { unfit } = require('../scripts/prebuild/made-of');

const ROOT = path.join(__dirname, '..');
const { glibcVersionRuntime } = process.report.getReport().header;
const LIBC = process.platform === 'linux' ? (glibcVersionRuntime ? '-gnu' : '-musl') : '';
const PLATFORM = `${process.platform}-${process.arch}${LIBC}`;
const BINARY = `prebuilds/${PLATFORM}/signet.node`;

const USE = `
const jwt = require('signet-jwt');
const secret = 'a secret of the test';
const auth = jwt.createAuth({
  accessSecret: 'a'.repeat(20) + Math.random(),
  refreshSecret: 'r'.repeat(20) + Math.random(),
  store: './sessions.db',
  claims: async () => ({}),
});
(async () => {
  const first = await auth.login('user');
  const second = await auth.rotateRefresh(first.refreshToken);
  const { sub } = auth.verifyAccess(second.accessToken);
  await auth.close();
  const binary = Object.keys(require.cache).find((file) => file.endsWith('.node'));
  const { id } = jwt.verify(jwt.sign({ id: '1' }, secret), secret);
  console.log(JSON.stringify({ id, sub, rotated: second.refreshToken !== first.refreshToken, binary }));
})();
`;

describe('A prebuilt binary', function prebuilt() {
  this.timeout(120_000);
  const missing = unfit(PLATFORM);
  if (missing) {
    it.skip(`skipped: ${missing}`);
    return;
  }

  it('comes with the package, and works if no install script runs', () => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'signet-prebuilt-')));
    try {
      const pack = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      const [{ filename }] = JSON.parse(pack);
      fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "user", "private": true }');
      execFileSync(
        'npm',
        ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', `./${filename}`],
        { cwd: folder, stdio: 'pipe' },
      );
      fs.writeFileSync(path.join(folder, 'use.js'), USE);
      const told = JSON.parse(execFileSync(process.execPath, ['use.js'], { cwd: folder, encoding: 'utf8' }));
      assert.deepStrictEqual(told, {
        id: '1',
        sub: 'user',
        rotated: true,
        binary: path.join(folder, 'node_modules', 'signet-jwt', BINARY),
      });
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
