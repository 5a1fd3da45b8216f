'use strict';
// The parts of MongoDB's wire protocol (OP_MSG) and of BSON that the proxy needs: whole messages from a stream, the
// name of a command, answers of its own.

const { BSON } = require('mongodb');

const OP_MSG = 2013;
const OP_REPLY = 1; // the answer to a first hello, which may still be an OP_QUERY
const REPLY_BODY = 36;
const HEADER = 16;
const BODY = HEADER + 4 + 1; // header, flags, the byte that says "one document"

/** Splits a stream of bytes into messages, and calls `onMessage` with each. */
function messages(onMessage) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length ? Buffer.concat([rest, chunk]) : chunk;
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0);
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}

/** The name of the command in a request ("findAndModify"); '' for what is no OP_MSG. */
function commandName(message) {
  if (message.readInt32LE(12) !== OP_MSG) return '';
  const start = BODY + 4 + 1; // the document's length, the first element's type
  return message.toString('latin1', start, message.indexOf(0, start));
}

const requestId = (message) => message.readInt32LE(4);
const responseTo = (message) => message.readInt32LE(8);

// ---------------------------------------------------------------- BSON, the types that errors are made of

const cstring = (text) => Buffer.from(`${text}\0`, 'utf8');

function int32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function double(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function element(name, value) {
  const typed = (type, bytes) => Buffer.concat([Buffer.from([type]), cstring(name), bytes]);
  if (name === 'ok') return typed(0x01, double(value));
  if (typeof value === 'number') return typed(0x10, int32(value));
  if (typeof value === 'string')
    return typed(0x02, Buffer.concat([int32(Buffer.byteLength(value) + 1), cstring(value)]));
  if (Array.isArray(value)) return typed(0x04, document({ ...value }));
  return typed(0x03, document(value));
}

function document(object) {
  const elements = Buffer.concat(Object.entries(object).map(([name, value]) => element(name, value)));
  return Buffer.concat([int32(elements.length + 5), elements, Buffer.from([0])]);
}

// ---------------------------------------------------------------- answers

const bodyOffset = (answer) => (answer.readInt32LE(12) === OP_REPLY ? REPLY_BODY : BODY);

function message(like, body) {
  const bytes = Buffer.concat([like.subarray(0, bodyOffset(like)), body]);
  bytes.writeInt32LE(bytes.length, 0);
  return bytes;
}

/** The same answer with another document: `{ ok: 0, code, ... }`. */
const withDocument = (answer, object) => message(answer, document(object));

/** The same answer with more members. */
function withMembers(answer, members) {
  const body = answer.subarray(bodyOffset(answer));
  const longer = Buffer.concat([
    body.subarray(0, body.length - 1),
    ...Object.entries(members).map(([name, value]) => element(name, value)),
    Buffer.from([0]),
  ]);
  longer.writeInt32LE(longer.length, 0);
  return message(answer, longer);
}

// Types as received: what a change does not touch is written as it was.
const AS_IT_CAME = { promoteValues: false, promoteBuffers: false, bsonRegExp: true };

/**
 * The same answer with its document as `change` leaves it: an object, or bytes where no BSON library writes what is
 * wanted.
 */
function changed(answer, change) {
  const body = answer.subarray(bodyOffset(answer));
  const after = change(BSON.deserialize(body, AS_IT_CAME), body);
  return message(answer, after instanceof Uint8Array ? after : BSON.serialize(after));
}

/** Whether an answer or a request has this member, at any depth. */
const hasMember = (bytes, name) => bytes.includes(cstring(name), HEADER);

module.exports = { changed, commandName, hasMember, messages, requestId, responseTo, withDocument, withMembers };
