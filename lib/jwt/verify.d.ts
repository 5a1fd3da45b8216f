import tokens = require('./index.js');
declare const verify: typeof tokens.verify;
export = verify;
