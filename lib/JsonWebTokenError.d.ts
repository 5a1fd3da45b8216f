import tokens = require('./jwt/index.js');
export = tokens.JsonWebTokenError;
