'use strict';
// Signet in users' unit tests: under the fake clocks of sinon and Jest, installed before or after it is loaded.

const assert = require('node:assert');
const { execFile } = require('node:child_process');
const path = require('node:path');
const { promisify } = require('node:util');

const { CALLS } = require('./support/calls');

const ROOT = path.join(__dirname, '..');

const loaded = () => Object.keys(require.cache).filter((file) => file.startsWith(path.join(ROOT, 'lib')));

/** Loads lib again, as a test runner does for every file; the addon stays loaded. */
function loadAnew() {
  for (const file of loaded()) delete require.cache[file];
  return require('../lib/index.js');
}

const uncaught = (start) =>
  new Promise((resolve) => {
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', (error) => {
      for (const listener of listeners) process.on('uncaughtException', listener);
      resolve(error.message);
    });
    start();
  });

describe('25 under fake clocks', function () {
  this.timeout(10_000);
  let kept;
  before(() => {
    kept = loaded().map((file) => [file, require.cache[file]]);
  });
  after(() => {
    // the files after this one go on with the lib of the files before it
    for (const file of loaded()) delete require.cache[file];
    for (const [file, module] of kept) require.cache[file] = module;
  });

  for (const name of ['sinon', 'sinon19']) {
    const sinon = require(name);
    const title = `sinon ${require(`${name}/package.json`).version}`;
    let clock;
    afterEach(() => clock?.restore());
    const clocks = {
      'installed before Signet is loaded': () => {
        clock = sinon.useFakeTimers();
        return loadAnew();
      },
      'installed after it': () => {
        const lib = loadAnew();
        clock = sinon.useFakeTimers();
        return lib;
      },
    };
    for (const [when, start] of Object.entries(clocks)) {
      for (const [what, run] of Object.entries(CALLS)) it(`${title}, ${when}: ${what}`, () => run(start()));

      it(`${title}, ${when}: what a callback throws is an uncaught exception`, async () => {
        const { sign } = start();
        assert.strictEqual(
          await uncaught(() =>
            sign({}, 'secret', () => {
              throw new Error('from the callback');
            }),
          ),
          'from the callback',
        );
      });
    }
  }

  /** Jest's command line: each Jest with its own environment, whose fake clock it is. */
  function jestArguments(name) {
    const own = path.dirname(require.resolve(`${name}/package.json`));
    const environment = require.resolve('jest-environment-node', {
      paths: [path.join(own, 'node_modules/@jest/core'), own],
    });
    return [
      path.join(own, 'bin/jest.js'),
      '--rootDir',
      ROOT,
      '--roots',
      path.join(__dirname, 'fixtures/jest'),
      '--testRegex',
      'calls\\.test\\.js$',
      '--testEnvironment',
      environment,
      '--no-cache',
      '--runInBand',
    ];
  }

  for (const name of ['jest', 'jest29', 'jest27']) {
    const { version } = require(`${name}/package.json`);
    it(`Jest ${version}: its resolver finds lib, and every call answers by real and fake clocks`, async function run() {
      this.timeout(120_000);
      const { stderr } = await promisify(execFile)(process.execPath, jestArguments(name), {
        cwd: ROOT,
        env: { ...process.env, JEST_MAJOR: version.split('.')[0] },
      }).catch((error) => assert.fail(error.stdout + error.stderr));
      assert.match(stderr, /Tests: +18 passed, 18 total/);
    });
  }
});
