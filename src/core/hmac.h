/* hmac.h: HMAC (RFC 2104) from states prepared once per key. Private to src/core. */
#ifndef SIGNET_HMAC_H
#define SIGNET_HMAC_H

#include "core/digest.h"
#include "core/sha2.h"
#include "signet.h"

/* The hash's state after the key's inner and outer block: plain chaining values if OpenSSL has plain functions for
 * them, else EVP contexts to be copied. Immutable once made: shared between threads. */
typedef struct signet_hmac {
    signet_digest digest;
    bool is_plain;
    signet_sha2_state inner_state, outer_state;
    EVP_MD_CTX *inner, *outer;
} signet_hmac;

/* How the states are kept: as is best, or, for tests, as contexts whatever is best. */
typedef enum signet_hmac_way { SIGNET_HMAC_BEST, SIGNET_HMAC_CONTEXTS } signet_hmac_way;

SIGNET_MUST_CHECK signet_status signet_hmac_init(signet_hmac *hmac, signet_digest digest, signet_hmac_way way,
                                                 const void *key, size_t key_len);
void signet_hmac_clear(signet_hmac *hmac);

/* Of the texts one after another. `md` is the caller's working context; `mac` takes signet_digest_len bytes. False:
 * out of memory. */
SIGNET_MUST_CHECK bool signet_hmac_compute(const signet_hmac *hmac, EVP_MD_CTX *md, const signet_text *texts,
                                           size_t texts_n, uint8_t *mac);

#endif
