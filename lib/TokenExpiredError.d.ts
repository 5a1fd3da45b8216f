import tokens = require('./jwt/index.js');
export = tokens.TokenExpiredError;
