'use strict';
// Runs at `npm install`: nothing to do where a prebuilt binary loads, else builds the addon from source.
