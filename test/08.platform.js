'use strict';
// What `require('signet-jwt')` says if it cannot work here. (.ci/run asks a real Node 18, on which mocha does not run.)

const assert = require('node:assert');
const { runScript } = require('./support/script');

const TELL = `
  try {
    require('.');
    console.log('loaded');
  } catch (error) {
    console.log(error.code + ': ' + error.message);
  }
`;
const NODE_18 = 'Object.defineProperty(process.versions, "node", { value: "18.20.8" });';
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** The one line that a process prints which only loads the package. */
async function told(flags, before = '') {
  const { stdout } = await runScript(before + TELL, flags);
  return stdout.trim();
}

describe('08 platforms', () => {
  const refusal = /^ERR_PLATFORM: signet-jwt needs Node 20 or later; this is Node 18\.\d+\.\d+\.$/;

  it('Node 18 is refused at require, and told what is needed', async () =>
    assert.match(await told([], NODE_18), refusal));

  it("under Node's permission model, says that --allow-addons is missing, and works with it", async () => {
    const text = await told([PERMISSION, '--allow-fs-read=*']);
    assert.match(text, /^ERR_PLATFORM: .*permission model.* add --allow-addons to --permission, and --allow-fs-read/);
    assert.doesNotMatch(text, /rebuild/);
    assert.strictEqual(await told([PERMISSION, '--allow-fs-read=*', '--allow-addons']), 'loaded');
  });

  it('with --no-addons, says so', async () => {
    assert.match(await told(['--no-addons']), /^ERR_PLATFORM: .*start it without --no-addons/);
  });
});
