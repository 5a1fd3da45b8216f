'use strict';
// The outcome of a call, in a form in which two libraries' outcomes can be compared.

/** An error's own properties except the stack, and except `code`, which only Signet adds. */
function ownProperties(error) {
  const own = Object.getOwnPropertyNames(error).filter((name) => !['stack', 'code', 'message', 'name'].includes(name));
  return Object.fromEntries(own.map((name) => [name, error[name]]));
}

const describeError = (error) => ({
  error: error?.constructor?.name ?? String(error),
  name: error?.name,
  message: error?.message,
  own: ownProperties(error),
});

/** @param {() => unknown} call */
function outcomeOf(call) {
  try {
    return { value: call() };
  } catch (error) {
    return describeError(error);
  }
}

module.exports = { describeError, outcomeOf };
