import tokens = require('./index.js');
declare const sign: typeof tokens.sign;
export = sign;
