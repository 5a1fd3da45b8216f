'use strict';
// The port and the secrets: from the environment, else from `.env` at the project's root, which is created at the first
// start, so that a restart logs nobody out.

const crypto = require('node:crypto');
const fs = require('node:fs');
const { parseEnv } = require('node:util');

const NAMES = ['ACCESS_SECRET', 'REFRESH_SECRET'];

/** Appends missing secrets to the file, readable by its owner only. @param {string} file @param {string[]} names */
function addSecrets(file, names) {
  const lines = names.map((name) => `${name}=${crypto.randomBytes(32).toString('base64url')}\n`);
  const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  const text = (before === '' || before.endsWith('\n') ? before : `${before}\n`) + lines.join('');
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
  fs.renameSync(draft, file);
}

/**
 * @param {string} file
 * @returns {NodeJS.ProcessEnv} the file's lines, overridden by the environment; has both secrets
 */
function loadEnv(file) {
  const read = () => (fs.existsSync(file) ? parseEnv(fs.readFileSync(file, 'utf8')) : {});
  const missing = NAMES.filter((name) => !process.env[name] && !read()[name]);
  if (missing.length > 0) addSecrets(file, missing);
  return { ...read(), ...process.env };
}

/** @param {NodeJS.ProcessEnv} env @returns its PORT; 8800 if that is missing or empty */
function portOf({ PORT: text }) {
  if (!text) return 8800;
  if (!/^\d+$/.test(text) || Number(text) > 65_535)
    throw new Error(`PORT must be a number from 0 to 65535 (0: any free port), not "${text}"`);
  return Number(text);
}

module.exports = { loadEnv, portOf };
