'use strict';
// Whether time is the system's, which the addon reads itself, or a test's.

const ORIGINAL_NOW = 'function now() { [native code] }';

/** The native Date.now; undefined if it was faked before this file was loaded. */
const systemNow = Function.prototype.toString.call(Date.now) === ORIGINAL_NOW ? Date.now : undefined;

/** Whether Date.now is the system's clock. */
const isSystemClock = () => Date.now === systemNow;

module.exports = { isSystemClock };
