'use strict';
// Answers every error with JSON { code, message } and the status that Signet or Express gave it. What names the
// server's own files and hosts is in its log only.

/** @type {import('express').ErrorRequestHandler} */
function answerError(err, req, res, next) {
  if (res.headersSent) return next(err);
  const isBodyError = typeof err.type === 'string' && err.type.startsWith('entity.'); // of express.json(): too large, …
  const refusedArgument = err.code === 'ERR_OPTION'; // a user id in the URL that no user can have
  const status = refusedArgument ? 400 : err.status || 500;
  if (status === 503) res.set('Retry-After', '1');
  if (status >= 500) console.error(`${req.method} ${req.path}: ${err.code ?? err.name}: ${err.message}`);
  const code = isBodyError ? 'ERR_BODY' : (err.code ?? (status < 500 ? 'ERR_BODY' : 'ERR_INTERNAL'));
  res.status(status).json({ code, message: status >= 500 ? 'the server cannot answer: see its log' : err.message });
}

module.exports = { answerError };
