/* key.h: what a signet_key holds. Private to src/core. */
#ifndef SIGNET_KEY_H
#define SIGNET_KEY_H

#include <openssl/evp.h>
#include <stdatomic.h>

#include "core/alg.h"
#include "core/hmac.h"
#include "signet.h"

/* Immutable once its maker has returned it; only `references` changes. */
struct signet_key {
    atomic_uint references;
    signet_key_type type;
    const char *type_name;
    bool is_private;
    bool may_sign; /* its JWK's key_ops do not forbid it */
    size_t bits;
    const char *curve;
    signet_alg_set algorithms;
    char *kid;
    size_t kid_len;
    signet_hmac hmac[SIGNET_DIGEST_COUNT]; /* of a secret */
    EVP_PKEY *pkey;                        /* of any other key */
};

/* A key with one reference and nothing else set; NULL: out of memory. */
signet_key *signet_key_new(signet_key_type type, const char *type_name);

/* The algorithms that `verify` allows where the caller named none. */
signet_alg_set signet_key_default_algorithms(const signet_key *key);

/* Whether the bytes are what anyone may know: a public key or a certificate in PEM, DER, JWK or base64 of one of these. */
bool signet_is_public_material(const void *bytes, size_t len);

#endif
