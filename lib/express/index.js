'use strict';
// Express 4 and 5 (and connect): docs/express.md. `auth.protect(options)` is `protect(auth, options)`, and
// `auth.router(options)` is `createRouter(auth, options)`. In TypeScript, importing this module types
// `req.user` and `req.auth`.

const { protect } = require('./protect');
const { createRouter } = require('./router');

module.exports = { protect, createRouter };
