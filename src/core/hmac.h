/* hmac.h: HMAC (RFC 2104) from states prepared once a key: a copy costs less than any way OpenSSL has to begin anew. Private to src/core.
 */
#ifndef SIGNET_HMAC_H
#define SIGNET_HMAC_H

#include "core/digest.h"
#include "signet.h"

/* The hash's state behind the key's inner and outer block. Immutable once made: shared between threads. */
typedef struct signet_hmac {
    EVP_MD_CTX *inner, *outer;
} signet_hmac;

SIGNET_MUST_CHECK signet_status signet_hmac_init(signet_hmac *hmac, signet_digest digest, const void *key, size_t key_len);
void signet_hmac_clear(signet_hmac *hmac);

/* `md` is the caller's working context; `mac` takes signet_digest_len bytes. */
SIGNET_MUST_CHECK signet_status signet_hmac_compute(const signet_hmac *hmac, EVP_MD_CTX *md, const void *bytes, size_t len, uint8_t *mac);

#endif
