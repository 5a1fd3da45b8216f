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
        return SIGNET_RS_ALGS | SIGNET_PS_ALGS;
    case SIGNET_KEY_EC:
        return SIGNET_ES_ALGS;
    default:
        return key->algorithms;
    }
}

/* HMAC wants a secret, everything else a key pair's half. */
static signet_status check_symmetry(const signet_key *key, const signet_alg_row *row, unsigned flags, signet_error *err)
{
    if (row->family == SIGNET_FAMILY_HMAC)
        return key->type == SIGNET_KEY_SECRET ? SIGNET_OK : signet_fail_detail(err, SIGNET_ERR_KEY_SYMMETRIC, "alg", "%s", row->name);
    if (key->type == SIGNET_KEY_SECRET)
        return signet_fail_detail(err, SIGNET_ERR_KEY_ASYMMETRIC, "alg", "%s", row->name);
    if ((flags & SIGNET_KEY_FOR_SIGNING) && !key->is_private)
        return signet_fail_detail(err, SIGNET_ERR_KEY_NOT_PRIVATE, "alg", "%s", row->name);
    return SIGNET_OK;
}

signet_status signet_key_check(const signet_key *key, signet_alg alg, unsigned flags, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    if (row->family == SIGNET_FAMILY_NONE)
        return signet_fail(err, SIGNET_ERR_ALGORITHM, "alg");
    const signet_status status = check_symmetry(key, row, flags, err);
    if (status != SIGNET_OK)
        return status;
    if (!(key->algorithms & SIGNET_ALG_BIT(alg)))
        return signet_fail_detail(err, SIGNET_ERR_KEY_ALGORITHM, key->type_name, "%s", row->name);
    return SIGNET_OK;
}
