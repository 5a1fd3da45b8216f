import tokens = require('./tokens.js');
declare const decode: typeof tokens.decode;
export = decode;
