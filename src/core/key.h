/* key.h: what a signet_key holds. Private to src/core. */
#ifndef SIGNET_KEY_H
#define SIGNET_KEY_H

#include <openssl/evp.h>
#include <stdatomic.h>

#include "core/alg.h"
#include "core/hmac.h"
#include "core/pkey_context.h"
#include "signet.h"

/* The restrictions inside an RSA-PSS key (RFC 4055): which hash it may be used with, and the shortest salt. */
typedef struct signet_pss_limits {
    bool is_restricted;
    signet_digest digest, mgf1_digest; /* SIGNET_DIGEST_NONE: none of ours */
    int salt_len;
} signet_pss_limits;

/* Immutable once its maker has returned it; only `references` changes, and what its contexts keep to themselves. */
struct signet_key {
    atomic_uint references;
    signet_key_type type;
    const char *type_name;
    bool is_private;
    bool may_sign; /* its JWK's key_ops do not forbid it */
    size_t bits;
    const char *curve;
    signet_alg_set algorithms; /* what it fits, `allowed` applied */
    signet_alg_set allowed;    /* by its JWK's alg; all bits if it has none */
    char *kid;
    size_t kid_len;
    signet_hmac hmac[SIGNET_DIGEST_COUNT]; /* of a secret */
    EVP_PKEY *pkey;                        /* of any other key, and what follows with it: */
    signet_pss_limits pss;
    /* Ready to sign and verify: to begin anew costs 2.5 us more. NULL if the key cannot do that algorithm. */
    signet_pkey_context *signer[SIGNET_ALG_COUNT], *verifier[SIGNET_ALG_COUNT];
};

/* A key with one reference and nothing else set; NULL: out of memory. */
signet_key *signet_key_new(signet_key_type type, const char *type_name);

/* Makes a key of what OpenSSL has parsed. Takes `pkey`, on failure too. */
SIGNET_MUST_CHECK signet_status signet_key_from_pkey(EVP_PKEY *pkey, bool is_private, signet_key **key,
                                                     signet_error *err);

/* OpenSSL's key of these parameters; NULL: they are not a key. */
EVP_PKEY *signet_pkey_from_params(const char *type, OSSL_PARAM *params, bool is_private);

/* Whether keys of this type do the arithmetic of this family. */
bool signet_key_type_does(signet_key_type type, signet_family family);

/* Works out `algorithms` from all the rest. */
void signet_key_settle_algorithms(signet_key *key);

/* The algorithms that `verify` allows if the caller named none. */
signet_alg_set signet_key_default_algorithms(const signet_key *key);

/* SIGNET_ERR_KEY_PAIR_AS_SECRET: the bytes are half of a key pair or a certificate, in PEM, DER, JWK, OpenSSH's or
 * another's format, or base64, hex or UTF-16 of one of these; err->detail names it. */
SIGNET_MUST_CHECK signet_status signet_refuse_pair_material(const void *bytes, size_t len, signet_error *err);

/* The first place of `word`, or NULL. */
const char *signet_text_find(const char *text, size_t len, const char *word);

#endif
