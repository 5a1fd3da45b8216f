import tokens = require('./tokens.js');
declare const verify: typeof tokens.verify;
export = verify;
