'use strict';
// The JSON body of a request to the router, if the app has no express.json() before it. Small bodies only:
// a login or a token.

const { failure } = require('../native/status');
const { ownValue } = require('../options/plain');

const MAX_BODY_LEN = 16 * 1024;
/** Read of a body that is too large, so that its sender gets the answer. */
const MAX_DRAINED_LEN = 1024 * 1024;

/** Reads to the end. Resolves with the bytes, or with undefined if there are more than MAX_BODY_LEN. */
function readBytes(req, res) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let length = 0;
    req.on('data', (chunk) => {
      length += chunk.length;
      if (length <= MAX_BODY_LEN) chunks.push(chunk);
      else chunks.length = 0;
      if (length <= MAX_DRAINED_LEN) return;
      req.pause();
      if (!res.headersSent) res.setHeader('Connection', 'close');
      resolve(undefined);
    });
    req.on('end', () => resolve(length > MAX_BODY_LEN ? undefined : Buffer.concat(chunks)));
    const aborted = () => reject(failure('ERR_BODY', 'the request was aborted'));
    req.on('error', aborted);
    req.on('close', aborted); // no effect after 'end'
  });
}

function parseJson(bytes) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw failure('ERR_BODY', 'the request body is not JSON in UTF-8');
  }
}

const isJson = (type) => /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type ?? '');

const isEmpty = (headers) => headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;

async function bodyOf(req, res) {
  const headers = { __proto__: null, ...req.headers };
  if (isEmpty(headers)) return {};
  if (!isJson(headers['content-type'])) {
    throw failure('ERR_BODY', 'the request body must be JSON: send Content-Type: application/json');
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw failure('ERR_BODY', 'the request body must not be compressed');
  }
  if (req.readableEnded) {
    throw failure(
      'ERR_BODY',
      'the request body was read before this router: mount express.json() before it, ' + 'or do not read the body',
    );
  }
  const bytes = await readBytes(req, res);
  if (bytes === undefined) throw failure('ERR_BODY', `the request body is larger than ${MAX_BODY_LEN / 1024} kB`);
  req._body = true; // body-parser's own mark: a parser after this router must not wait for the stream again
  return parseJson(bytes);
}

/**
 * Makes sure that `req.body` is an object: the result of a parser before the router, else the JSON that is
 * read here; `{}` for a request without a body. Throws ERR_BODY for a body that is too large, of another
 * type, compressed, or not an object (`authenticate` reads members by name).
 */
async function readBody(req, res) {
  if (req.body === undefined) req.body = await bodyOf(req, res);
  const { body } = req;
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body);
  if (!isObject) throw failure('ERR_BODY', 'the request body must be a JSON object');
}

/**
 * The idempotency keys of a refresh, as rotateRefresh takes and checks them: `idempotencyKey` and `previousKey` of the
 * JSON body, or the first from the header Idempotency-Key. A body of another type has none, and is left alone.
 */
async function readKeys(req, res) {
  const isOurs = req.body === undefined && !req.readableEnded && isJson(ownValue(req.headers, 'content-type'));
  if (isOurs) req.body = await bodyOf(req, res);
  const member = (name) => ownValue(req.body ?? {}, name) ?? undefined;
  const inBody = member('idempotencyKey');
  const inHeader = ownValue(req.headers, 'idempotency-key');
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader) {
    throw failure('ERR_BODY', 'the header Idempotency-Key differs from "idempotencyKey" in the body: send one of them');
  }
  return { idempotencyKey: inBody ?? inHeader, previousKey: member('previousKey') };
}

module.exports = { readBody, readKeys };
