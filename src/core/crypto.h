/* crypto.h: what src/session and src/store ask of OpenSSL, which only src/core includes. Private to the library.
 * False: out of memory, or OpenSSL failed. */
#ifndef SIGNET_CRYPTO_H
#define SIGNET_CRYPTO_H

#include "signet.h"

#define SIGNET_SHA256_LEN 32

/* SHA-256 (FIPS 180-4). */
SIGNET_MUST_CHECK bool signet_sha256(const void *bytes, size_t len, uint8_t hash[SIGNET_SHA256_LEN]);

/* HMAC-SHA-256 (RFC 2104). `key_len` may be 0. */
SIGNET_MUST_CHECK bool signet_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                                          uint8_t mac[SIGNET_SHA256_LEN]);

/* HKDF with SHA-256 (RFC 5869): extract with `salt` (may be empty), expand to out_len bytes, at most 255 times 32. */
SIGNET_MUST_CHECK bool signet_hkdf_sha256(const void *secret, size_t secret_len, const void *salt, size_t salt_len,
                                          const void *info, size_t info_len, uint8_t *out, size_t out_len);

/* Zeros that no compiler leaves out: at a secret's last use. */
void signet_wipe(void *secret, size_t len);

/* Equality in constant time. */
bool signet_same_secret(const void *one, const void *other, size_t len);

/* Around what may fail in OpenSSL: its queue of errors is as it was before, so that Node's own calls find nothing of
 * ours. */
void signet_openssl_mark(void);
void signet_openssl_pop(void);

/* Random bytes fit for keys and identifiers. */
SIGNET_MUST_CHECK bool signet_random(uint8_t *out, size_t len);

#endif
