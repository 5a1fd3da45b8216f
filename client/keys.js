// The keys of refreshes. Whoever shows the key of an exchange gets its answer again, however late; nobody else does.
// A place holds "PENDING PREVIOUS": the key of a request without an answer yet, and that of the last exchange.

const TEXT = /^([!-~]{22,128})? ([!-~]{22,128})?$/;

export const randomText = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24))));

/**
 * @param {{ get, set, remove } | undefined} place null or undefined: no key is sent. A key must outlive its page as the
 *   refresh token does: the server would refuse the same token without its key.
 */
export function openKeys(place) {
  const read = async () => {
    const [, idempotencyKey, previousKey] = TEXT.exec(await place?.get()) ?? [];
    return { idempotencyKey, previousKey };
  };
  const write = (pending = '', previous = '') => place?.set(`${pending} ${previous}`);
  /**
   * A text that cannot be written (full, locked) or made (no `crypto`: React Native) is left: what stands there counts.
   */
  const tryTo = async (work) => {
    try {
      await work();
    } catch {}
  };
  return {
    /** The keys to send: a pending one of any tab again, or a fresh one, stored before it is sent. */
    async take() {
      const keys = await read();
      if (!place || keys.idempotencyKey) return keys;
      await tryTo(() => write(randomText(), keys.previousKey));
      return read(); // another tab may have written at the same time: both send what stands there
    },
    /** After an answer to `key`. `previous`: the key of the last exchange. */
    settle: (key, previous) =>
      tryTo(async () => {
        const { idempotencyKey: pending } = await read();
        await write(pending === key ? '' : pending, previous);
      }),
    drop: () => tryTo(() => place?.remove()),
  };
}
