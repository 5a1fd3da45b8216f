'use strict';
// Half of a key pair, in any encoding, is never an HMAC secret: whoever has the public key could sign (RFC 8725 section
// 3.1).

const assert = require('node:assert');
const crypto = require('node:crypto');
const { createAuth, createKey, sign, verify } = require('../lib/index.js');
const { SECRETS } = require('./support/auth');
const { forge } = require('./deviations');
const { PAIRS, encrypted, pem } = require('./support/keys');

/** An OpenSSH line (RFC 8709 section 4) of an Ed25519 key. */
function sshLine(publicKey) {
  const parts = [Buffer.from('ssh-ed25519'), Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url')];
  const lengths = parts.map((part) => Buffer.from([0, 0, 0, part.length]));
  return `ssh-ed25519 ${Buffer.concat([lengths[0], parts[0], lengths[1], parts[1]]).toString('base64')} me@example\n`;
}

const { publicKey, privateKey } = PAIRS.p256();
const der = publicKey.export({ format: 'der', type: 'spki' });
const jwk = publicKey.export({ format: 'jwk' });
const line = sshLine(PAIRS.ed25519().publicKey);

const SPELLINGS = {
  'PEM of a public key': pem(publicKey),
  'PEM of a private key': pem(privateKey),
  'PEM of an encrypted private key': encrypted(privateKey),
  'the first line of a PEM': '-----BEGIN ENCRYPTED PRIVATE KEY-----',
  'PEM with four dashes': pem(publicKey).replaceAll('-----', '----'),
  'PEM in small letters': pem(publicKey).toLowerCase(),
  'PEM with its line breaks as \\n': pem(publicKey).replaceAll('\n', '\\n'),
  'PEM in UTF-16, as PowerShell writes it': Buffer.from(`\ufeff${pem(publicKey)}`, 'utf16le'),
  'UTF-16 that was read as UTF-8': Buffer.from(`\ufeff${pem(publicKey)}`, 'utf16le').toString(),
  'the body of a PEM': pem(publicKey).split('\n').slice(1, -2).join('\n'),
  'the body of a PEM, cut off': pem(publicKey).split('\n')[1],
  'base64 of PEM': Buffer.from(pem(publicKey)).toString('base64'),
  'base64 of base64 of PEM': Buffer.from(Buffer.from(pem(publicKey)).toString('base64')).toString('base64'),
  DER: der,
  'DER and a line break': Buffer.concat([der, Buffer.from('\n')]),
  'DER of a private key': privateKey.export({ format: 'der', type: 'sec1' }),
  'hex of DER': der.toString('hex'),
  'hex with colons': der.toString('hex').replace(/..(?!$)/g, '$&:'),
  'base64url of DER': der.toString('base64url'),
  JWK: JSON.stringify(jwk),
  'JWK of a private key': JSON.stringify(privateKey.export({ format: 'jwk' }), null, 2),
  'JWK Set': JSON.stringify({ keys: [jwk] }),
  'JWK in a JSON string': JSON.stringify(JSON.stringify(jwk)),
  'the point of an EC key': der.subarray(26),
  'base64url of the point, as VAPID has it': der.subarray(26).toString('base64url'),
  'an OpenSSH line': line,
  'the blob of an OpenSSH line': line.split(' ')[1],
  'RFC 4716': `---- BEGIN SSH2 PUBLIC KEY ----\n${line.split(' ')[1]}\n---- END SSH2 PUBLIC KEY ----\n`,
  'an OpenSSH private key':
    '-----BEGIN OPENSSH PRIVATE KEY-----\n' +
    'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB\n-----END OPENSSH PRIVATE KEY-----\n',
  'a PuTTY file': 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me@example\n',
  'an OpenPGP block': '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n',
};

describe('23 keys as secrets', () => {
  for (const [name, key] of Object.entries(SPELLINGS)) {
    for (const material of typeof key === 'string' ? [key, Buffer.from(key)] : [key]) {
      const form = typeof material === 'string' ? 'as text' : 'as bytes';
      it(`sign and verify refuse ${name} ${form}`, () => {
        assert.throws(() => sign({}, material), { name: 'Error', code: 'ERR_KEY' });
        assert.throws(() => verify(forge({ alg: 'HS256' }, { id: 1 }, material), material), {
          name: 'JsonWebTokenError',
          message: /^invalid algorithm$|cannot be used as an HMAC secret|is not valid key/,
        });
        assert.throws(() => verify(forge({ alg: 'HS256' }, { id: 1 }, material), material, { algorithms: ['HS256'] }), {
          code: 'ERR_KEY',
        });
      });

      it(`createAuth refuses ${name} ${form}, as any of its secrets`, () => {
        for (const [option, given] of [
          ['accessSecret', { accessSecret: [SECRETS.accessSecret, material] }],
          ['refreshSecret', { refreshSecret: material }],
          ['legacy.secret', { legacy: { secret: material }, store: 'mongodb://127.0.0.1:1/never' }],
        ]) {
          assert.throws(
            () => createAuth({ ...SECRETS, store: ':memory:', ...given }),
            (error) => {
              assert.strictEqual(error.code, 'ERR_SECRET');
              assert.match(
                error.message,
                new RegExp(`^${option} is .*(key|certificate).*, and sessions need a secret; make one with: node`),
              );
              return true;
            },
          );
        }
      });
    }
  }

  it('a secret KeyObject and an oct JWK that hold a key are refused too', () => {
    for (const material of [crypto.createSecretKey(Buffer.from(line)), { kty: 'oct', k: der.toString('base64url') }]) {
      assert.throws(() => sign({}, material), { code: 'ERR_KEY' });
      assert.throws(() => createKey(material), { code: 'ERR_KEY' });
    }
  });

  it('says what was found and what to do, without revealing any of it', () => {
    assert.throws(() => sign({}, line), {
      message:
        'an SSH key (ssh-keygen -e -m PKCS8 -f FILE writes it as PEM) cannot be used as an HMAC secret: ' +
        'pass a secret, or the key in PEM, as a JWK or as { key, format: "der" } with an asymmetric algorithm',
    });
    assert.throws(() => verify(forge({ alg: 'HS256' }, {}, der), der), {
      message: /^a key or certificate in DER cannot be used/,
    });
  });

  it('secrets of every length, and texts about keys, are still secrets', () => {
    const texts = [
      'begin public hearings',
      'the private end of a public road',
      'ssh-keygen is a program',
      '{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ"}',
      'MIIsomething that is no key at all, in many words',
      'AAAAB3NzaC1yc2 and no more',
    ];
    for (const secret of texts) verify(sign({}, secret), secret);
    for (let length = 1; length < 200; length++) {
      const bytes = crypto.createHash('shake256', { outputLength: length }).update(String(length)).digest();
      for (const first of [0, 4, 0x30]) {
        bytes[0] = first;
        for (const secret of [bytes, bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')])
          verify(sign({}, secret), secret);
      }
    }
  });
});
