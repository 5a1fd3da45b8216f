'use strict';
// Loads a binary without asking the package whether it may: prints why it does not load.
// Usage: node load.cjs prebuilds/…/signet.node

try {
  process.dlopen({ exports: {} }, process.argv[2]);
} catch ({ message }) {
  console.log(message);
}
