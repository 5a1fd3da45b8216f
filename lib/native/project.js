'use strict';
// Where the project keeps its own build of the addon: `signet-jwt build` (native/build.js) writes it to the project's
// node_modules/.signet, since the package's folder may be read-only, or shared by several projects.

const fs = require('fs');
const path = require('path');
const { version } = require('../../package.json');

/** One build for each version of the package, platform and ABI. */
const PLACE = path.join(
  'node_modules',
  '.signet',
  version,
  `${process.platform}-${process.arch}-${process.versions.modules}`,
  'signet.node',
);

/**
 * The folder of the program, from which Node looks for its packages too. Not the current folder, unless Node does so
 * as well: a binary that somebody put there would be loaded.
 */
function programFolder() {
  const { _eval, argv } = process;
  return _eval === undefined && argv[1] ? path.dirname(argv[1]) : process.cwd();
}

/** A folder and those that it is in. @param {string} folder @returns {string[]} */
function ancestors(folder) {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}

/** The folders that may be the project's, nearest first: pnpm can keep the package outside the project. */
const projectFolders = () => [...new Set([__dirname, programFolder()].flatMap(ancestors))];

/** Builds for this version and platform, nearest first. @returns {string[]} */
function projectBuilds() {
  try {
    return projectFolders()
      .map((folder) => path.join(folder, PLACE))
      .filter((file) => fs.existsSync(file));
  } catch {
    return []; // Node's permission model may forbid to look
  }
}

module.exports = { PLACE, ancestors, projectBuilds, projectFolders };
