'use strict';
// The floors (floors/*.c) as ways for core.js to time: the loop runs in C.

const native = require('./floors/build/Release/floors.node');

const onText = (handle, text) => (n) => native.run(handle, text, n);

/** HMAC-SHA256 of the signing input, by OpenSSL alone. */
const hmac = (secret, input) => onText(native.hmac(Buffer.from(secret)), input);

/** { sign, verify }: one algorithm with one key, by OpenSSL alone. */
function signature(alg, privatePem, input) {
  const [sign, verify] = [0, 1].map((checks) => onText(native.pkey(alg, Buffer.from(privatePem), checks), input));
  return { sign, verify };
}

let kept;

/** An N-API call that ignores its three arguments. */
function emptyCall(n) {
  for (let i = 0; i < n; i++) kept = native.empty(native, 'token', i);
}

const jsonParse = (text) => (n) => {
  for (let i = 0; i < n; i++) kept = JSON.parse(text);
};

/** Several ways one after another, as one. */
const sum =
  (...ways) =>
  (n) => {
    for (const way of ways) way(n);
  };

/** The compare-and-set of `rows` sessions in a new file of plain SQLite: `(batch, batches)` → nanoseconds. */
function sqlite(file, rows) {
  const handle = native.sqlite(file, rows);
  return (batch, batches) => native.sqliteRun(handle, batch, batches);
}

module.exports = {
  cpuTime: native.cpuTime,
  emptyCall,
  hmac,
  jsonParse,
  kept: () => kept,
  signature,
  sqlite,
  sqliteExec: native.sqliteExec,
  sum,
};
