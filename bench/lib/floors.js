'use strict';
// The floors, as ways that lib/measure.js can time: the loop runs in C.

const native = require('../floors/build/Release/floors.node');

// HMAC-SHA256 of the signing input, by OpenSSL alone.
function hmac(secret, input) {
  const handle = native.hmacNew(Buffer.from(secret));
  return (n) => void native.hmacRun(handle, input, n);
}

// { sign, verify }: one algorithm with one key, by OpenSSL alone.
function signature(alg, privatePem, input) {
  const handle = native.pkeyNew(alg, Buffer.from(privatePem));
  return { sign: (n) => void native.signRun(handle, input, n), verify: (n) => void native.verifyRun(handle, input, n) };
}

let sink;
const sunk = () => sink;

// An N-API call with three arguments that looks at none of them.
function emptyCall(n) {
  for (let i = 0; i < n; i++) sink = native.empty(native, 'token', i);
}

function jsonParse(text) {
  return (n) => {
    for (let i = 0; i < n; i++) sink = JSON.parse(text);
  };
}

// Several ways one after another, as one.
function sum(...ways) {
  return (n) => {
    for (const way of ways) way(n);
  };
}

// The compare-and-set of `rows` sessions in a new file of plain SQLite: `(batch, batches)` → nanoseconds.
function sqlite(file, rows) {
  const handle = native.sqliteNew(file, rows);
  return (batch, batches) => native.sqliteRun(handle, batch, batches);
}

// SQL on a file that nobody has open.
const sqliteExec = (file, sql) => native.sqliteExec(file, sql);

// Nanoseconds that this thread has run.
const cpuTime = () => native.cpuTime();

module.exports = { cpuTime, emptyCall, hmac, jsonParse, signature, sqlite, sqliteExec, sum, sunk };
