'use strict';
module.exports = require('./create');
