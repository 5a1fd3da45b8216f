'use strict';
// What the figures were taken on: named in every plot and every file of figures.

const os = require('node:os');

function machine() {
  const cpus = os.cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: (cpus[0]?.model ?? 'unknown CPU').replace(/\s+/g, ' ').trim(),
    cores: cpus.length,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform} ${process.arch}`,
  };
}

const caption = (m) => `${m.date} · ${m.cpu}, ${m.cores} cores · Node ${m.node} · OpenSSL ${m.openssl}`;

module.exports = { caption, machine };
