/* key.c: a key's life, its description, and whether it fits an algorithm. */
#include "core/key.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

signet_key *signet_key_new(signet_key_type type, const char *type_name)
{
    signet_key *key = calloc(1, sizeof *key);
    if (key) {
        atomic_init(&key->references, 1);
        key->type = type;
        key->type_name = type_name;
        key->may_sign = true;
        key->allowed = ~(signet_alg_set)0;
    }
    return key;
}

signet_key *signet_key_ref(signet_key *key)
{
    if (key)
        (void)atomic_fetch_add_explicit(&key->references, 1, memory_order_relaxed);
    return key;
}

void signet_key_free(signet_key *key)
{
    if (!key || atomic_fetch_sub_explicit(&key->references, 1, memory_order_acq_rel) > 1)
        return;
    for (int i = 0; i < SIGNET_DIGEST_COUNT; i++)
        signet_hmac_clear(&key->hmac[i]);
    for (int alg = 0; alg < SIGNET_ALG_COUNT; alg++) {
        signet_pkey_context_free(key->signer[alg]);
        signet_pkey_context_free(key->verifier[alg]);
    }
    EVP_PKEY_free(key->pkey);
    free(key->kid);
    OPENSSL_cleanse(key, sizeof *key);
    free(key);
}

void signet_key_describe(const signet_key *key, signet_key_info *info)
{
    *info = (signet_key_info){
        .type = key->type,
        .type_name = key->type_name,
        .is_private = key->is_private,
        .bits = key->bits,
        .curve = key->curve,
        .algorithms = key->algorithms,
        .kid = {key->kid, key->kid_len},
    };
}

signet_alg_set signet_key_default_algorithms(const signet_key *key)
{
    switch (key->type) {
    case SIGNET_KEY_SECRET:
        return SIGNET_HS_ALGS;
    case SIGNET_KEY_RSA:
    case SIGNET_KEY_RSA_PSS:
    case SIGNET_KEY_OTHER: /* as jsonwebtoken has it: the key's type is looked at next, and refused by name */
        return SIGNET_RS_ALGS | SIGNET_PS_ALGS;
    case SIGNET_KEY_EC:
        return SIGNET_ES_ALGS;
    default:
        return key->algorithms;
    }
}
