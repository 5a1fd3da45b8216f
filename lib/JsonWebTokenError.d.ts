import tokens = require('./tokens.js');
export = tokens.JsonWebTokenError;
