'use strict';
// What a call came to, in a form that two libraries' answers can be compared in.

/** An error's own properties but the stack and our `code`, which is an addition. */
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
