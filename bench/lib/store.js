'use strict';
// The two files of figures: results.json (the ratios of goals.js) and measurements.json (everything else, with the machine).

const fs = require('node:fs');
const path = require('node:path');

const RESULTS = path.join(__dirname, '..', 'results.json');
const MEASUREMENTS = path.join(__dirname, '..', 'measurements.json');

const read = (file, otherwise) => (fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : otherwise);
const write = (file, value) => fs.writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

const results = () => read(RESULTS, []);
const writeResults = (rows) => write(RESULTS, rows);
const measurements = () => read(MEASUREMENTS, {});
const addMeasurements = (part) => write(MEASUREMENTS, { ...measurements(), ...part });

module.exports = { addMeasurements, measurements, results, writeResults };
