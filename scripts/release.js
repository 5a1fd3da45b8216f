'use strict';
// What must be true before a version is published and what no test of the code sees. Prints what is missing:
//   node scripts/release.js v0.1.0     (the tag; docs/releasing.md)

const fs = require('node:fs');
const path = require('node:path');
const { BILL, staleBill } = require('./bill.js');
const { fixedReleases, lackedBy, lookedAt } = require('./prebuild/advisories.js');
const { TARGETS } = require('./prebuild/targets.js');
const { unfit } = require('./prebuild/made-of.js');

const ROOT = path.join(__dirname, '..');

const DAY_MS = 86_400_000;
const LOOK_AGAIN_DAYS = 30;

const hasContact = (text) => /[\w.+-]+@[\w-]+\.\w|https:\/\/\S+\/security\/advisories/.test(text);

/**
 * @param {{ tag?: string, manifest: Record<string, any>, changelog: string, security: string, readme: string,
 *   repository?: string, bill?: { components: { name: string, version?: string }[] }, binaries: string[],
 *   nowMs: number }} release
 *   `repository`: owner/name on GitHub, where the release is made there; `binaries`: what is wrong with them
 * @returns {string[]} what is missing
 */
function faults({ tag, manifest, changelog, security, readme, repository, bill, binaries, nowMs }) {
  const { version, author, repository: { url = '' } = {}, bugs } = manifest;
  const driver = bill?.components.find(({ name }) => name === 'mongo-c-driver')?.version;
  const rows = [
    [tag !== `v${version}`, `the tag is ${tag ?? 'not given'}, and the version in package.json ${version}`],
    [
      !changelog.includes(`\n## [${version}] - 2`),
      `CHANGELOG.md has no date for ${version}: ## [${version}] - YYYY-MM-DD`,
    ],
    [!url, 'package.json has no "repository", which npm compares with the provenance'],
    [
      url && repository && !url.replace(/\.git$/, '').endsWith(`/${repository}`),
      `"repository" in package.json is ${url}, and this is ${repository}`,
    ],
    [!author, 'package.json has no "author"'],
    [!bugs, 'package.json has no "bugs", where to report one'],
    [!hasContact(security), 'SECURITY.md names no address for a private report'],
    [/not published yet/.test(readme), 'README.md says that the package is not published yet'],
    [
      driver && lackedBy(driver).length > 0,
      `the binaries contain mongo-c-driver ${driver}; publish ${fixedReleases().join(' or ')} or later`,
    ],
    [
      nowMs - Date.parse(lookedAt) > LOOK_AGAIN_DAYS * DAY_MS,
      `mongo-c-driver's advisories were looked at on ${lookedAt}: look again (scripts/prebuild/driver.json)`,
    ],
  ];
  return [...rows.filter(([isMissing]) => isMissing).map(([, text]) => text), ...binaries];
}

function main() {
  const read = (file) => fs.readFileSync(path.join(ROOT, file), 'utf8');
  const missing = faults({
    tag: process.argv[2],
    manifest: JSON.parse(read('package.json')),
    changelog: read('CHANGELOG.md'),
    security: read('SECURITY.md'),
    readme: read('README.md'),
    repository: process.env.GITHUB_REPOSITORY,
    bill: fs.existsSync(BILL) ? JSON.parse(fs.readFileSync(BILL, 'utf8')) : undefined,
    nowMs: Date.now(),
    binaries: [...Object.keys(TARGETS).map(unfit), staleBill()].filter(Boolean),
  });
  console.log(missing.length > 0 ? missing.map((text) => `- ${text}`).join('\n') : 'ready to publish');
  process.exitCode = missing.length > 0 ? 1 : 0;
}

module.exports = { faults };

if (require.main === module) main();
