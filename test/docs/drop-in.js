'use strict';

module.exports = { blocks: {} };
