/* crypto.h: the few primitives that src/session asks for, over OpenSSL. Private to the library. False: out of memory, or OpenSSL failed. */
#ifndef SIGNET_CRYPTO_H
#define SIGNET_CRYPTO_H

#include "signet.h"

#define SIGNET_SHA256_LEN 32

/* SHA-256 (FIPS 180-4). */
SIGNET_MUST_CHECK bool signet_sha256(const void *bytes, size_t len, uint8_t hash[SIGNET_SHA256_LEN]);

/* HMAC-SHA-256 (RFC 2104). `key_len` may be 0. */
SIGNET_MUST_CHECK bool signet_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t mac[SIGNET_SHA256_LEN]);

/* HKDF with SHA-256 (RFC 5869): extract with `salt` (may be empty), expand to out_len bytes, at most 255 times 32. */
SIGNET_MUST_CHECK bool signet_hkdf_sha256(const void *secret, size_t secret_len, const void *salt, size_t salt_len, const void *info,
                                          size_t info_len, uint8_t *out, size_t out_len);

/* Random bytes fit for keys and identifiers. */
SIGNET_MUST_CHECK bool signet_random(uint8_t *out, size_t len);

#endif
