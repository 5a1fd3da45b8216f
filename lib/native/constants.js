'use strict';
// The numbers and orders that lib shares with the addon. They are read from src/node/constants.cc,
// so that each is written once.

const { constants } = require('./load');

/** The index of each name in a list. */
const placesOf = (names) => Object.fromEntries(names.map((name, place) => [name, place]));

module.exports = { ...constants, placesOf };
