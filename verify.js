'use strict';
// jsonwebtoken's path to this, for resolvers that do not know "exports" in package.json.
module.exports = require('./lib/jwt/verify');
