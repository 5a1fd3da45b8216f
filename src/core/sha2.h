/* sha2.h: continues SHA-2 from the state after its first block, without an OpenSSL context. Private to src/core.
 */
#ifndef SIGNET_SHA2_H
#define SIGNET_SHA2_H

#include "core/digest.h"
#include "signet.h"

/* The chaining value after the first block (FIPS 180-4 section 6): all there is of a digest at that point, so that
 * two of them are a key of HMAC. As secret as the block was. */
typedef union signet_sha2_state {
    uint32_t words[8];      /* SHA-256 */
    uint64_t long_words[8]; /* SHA-384, SHA-512 */
} signet_sha2_state;

/* Whether OpenSSL's plain functions of this digest are there, and are what EVP would call: not if another provider
 * (FIPS, say) is in charge. */
bool signet_sha2_available(signet_digest digest);

/* Takes one block of signet_digest_block_len bytes. */
void signet_sha2_begin(signet_digest digest, const uint8_t *block, signet_sha2_state *state);

/* The digest of that block and the texts behind it, to `out`: signet_digest_len bytes. */
void signet_sha2_finish(signet_digest digest, const signet_sha2_state *state, const signet_text *texts, size_t texts_n,
                        uint8_t *out);

#endif
