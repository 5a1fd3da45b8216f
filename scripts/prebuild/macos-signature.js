'use strict';
// Checks a signature of macOS: on arm64, the system ends a process that loads code without one, or with one that does
// not match. Its layout is <kern/cs_blobs.h>'s: big-endian, a list of parts, one of which has a digest per page.

const { createHash } = require('node:crypto');
const fs = require('node:fs');

const LIST = 0xfade0cc0;
const DIRECTORY = 0xfade0c02;
const AD_HOC = 2;
const SHA256 = 2;

/** The part of the list that has the digests. @param {Buffer} signature */
function directoryOf(signature) {
  if (signature.readUInt32BE(0) !== LIST) return undefined;
  const offsets = Array.from({ length: signature.readUInt32BE(8) }, (_, i) => signature.readUInt32BE(16 + 8 * i));
  const found = offsets.find((offset) => signature.readUInt32BE(offset) === DIRECTORY);
  return found === undefined ? undefined : signature.subarray(found);
}

/**
 * @param {string} binary
 * @param {{ offset: number, size: number } | undefined} place
 * @returns {string[]} what is wrong with it; nothing if there is none
 */
function signatureFault(binary, place) {
  if (!place) return [];
  const bytes = fs.readFileSync(binary);
  const directory = directoryOf(bytes.subarray(place.offset, place.offset + place.size));
  if (!directory) return ['its signature has no digests'];
  const digests = directory.readUInt32BE(16);
  const [size, type] = [directory.readUInt8(36), directory.readUInt8(37)];
  const page = 2 ** directory.readUInt8(39);
  const limit = directory.readUInt32BE(32);
  if (!(directory.readUInt32BE(12) & AD_HOC) || type !== SHA256 || limit !== place.offset)
    return ['its signature is of an unknown kind'];
  for (let at = 0, slot = 0; at < limit; at += page, slot++) {
    const digest = createHash('sha256')
      .update(bytes.subarray(at, Math.min(at + page, limit)))
      .digest();
    if (!digest.equals(directory.subarray(digests + slot * size, digests + (slot + 1) * size)))
      return [`its signature does not match page ${slot}`];
  }
  return [];
}

module.exports = { signatureFault };
