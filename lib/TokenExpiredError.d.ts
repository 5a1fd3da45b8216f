import tokens = require('./tokens.js');
export = tokens.TokenExpiredError;
