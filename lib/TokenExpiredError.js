'use strict';
module.exports = require('./jwt/errors').TokenExpiredError;
