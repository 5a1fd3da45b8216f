'use strict';

const { describeEngines } = require('./browser/engines.js');
const { describeKeys } = require('./browser/keys.js');

describeEngines('the keys of refreshes', describeKeys);
