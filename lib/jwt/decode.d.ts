import tokens = require('./index.js');
declare const decode: typeof tokens.decode;
export = decode;
