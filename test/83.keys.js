'use strict';

const { needsChromium, openBrowser } = require('./browser/chromium.js');
const { describeKeys } = require('./browser/keys.js');

describeKeys('Chromium', needsChromium, openBrowser);
