'use strict';
module.exports = require('./lib/jwt/sign');
