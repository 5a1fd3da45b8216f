'use strict';
// The numbers and orders that are shared with the addon (src/node/constants.cc): read from it, so that each is written once.

const { constants } = require('./load');

/** Where each name of an order stands. */
const placesOf = (names) => Object.fromEntries(names.map((name, place) => [name, place]));

module.exports = { ...constants, placesOf };
