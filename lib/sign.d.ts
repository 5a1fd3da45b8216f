import tokens = require('./tokens.js');
declare const sign: typeof tokens.sign;
export = sign;
