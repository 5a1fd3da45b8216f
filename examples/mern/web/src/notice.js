// Why the session has ended, in a sentence: by what the server told, unless it was done here.

const SAYS = {
  reuse: 'Your session was ended: its refresh token was used twice, so someone else may have a copy. Log in again.',
  'revoke-all': 'Your session was ended: someone signed out all devices of this user.',
  revoke: 'Your session was ended from another device.',
};

let own = null;

/** @param {string} text said instead of what the next end would be told as */
export function endingIsOwn(text) {
  own = text;
}

/** @param {{ type: string, reason?: string }} event @returns a sentence, or undefined if it ended nothing */
export function noticeOf({ type, reason }) {
  const said = SAYS[reason] ?? SAYS[type];
  return said && (own ?? said);
}

export function beginAnew() {
  own = null;
}
