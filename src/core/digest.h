/* digest.h: SHA-2, fetched from OpenSSL once per process, because a fetch per call costs more than the hash. */
#ifndef SIGNET_DIGEST_H
#define SIGNET_DIGEST_H

#include <openssl/evp.h>
#include <stddef.h>

typedef enum signet_digest {
    SIGNET_DIGEST_SHA256,
    SIGNET_DIGEST_SHA384,
    SIGNET_DIGEST_SHA512,
    SIGNET_DIGEST_NONE
} signet_digest;

#define SIGNET_DIGEST_COUNT 3
#define SIGNET_MAX_HASH_LEN 64
#define SIGNET_MAX_BLOCK_LEN 128

/* NULL if OpenSSL does not have it (its provider is not loaded). Never freed by the caller. */
const EVP_MD *signet_digest_md(signet_digest digest);

size_t signet_digest_len(signet_digest digest);
size_t signet_digest_block_len(signet_digest digest);

#endif
