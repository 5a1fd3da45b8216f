/* key_check.c: whether a key fits an algorithm, as jsonwebtoken judges it, and beyond the algorithms that it knows. */
#include <stdio.h>
#include <string.h>

#include "core/fail.h"
#include "core/key.h"

#define FAMILY_BIT(family) (1u << (family))

/* What each type of key may do. `names` is exactly the list of jsonwebtoken's message, which does not know ES256K. */
typedef struct type_row {
    unsigned families;
    const char *names;
} type_row;

static const type_row types[] = {
    [SIGNET_KEY_SECRET] = {FAMILY_BIT(SIGNET_FAMILY_HMAC), "HS256, HS384, HS512"},
    [SIGNET_KEY_RSA] = {FAMILY_BIT(SIGNET_FAMILY_RSA) | FAMILY_BIT(SIGNET_FAMILY_RSA_PSS),
                        "RS256, PS256, RS384, PS384, RS512, PS512"},
    [SIGNET_KEY_RSA_PSS] = {FAMILY_BIT(SIGNET_FAMILY_RSA_PSS), "PS256, PS384, PS512"},
    [SIGNET_KEY_EC] = {FAMILY_BIT(SIGNET_FAMILY_ECDSA), "ES256, ES384, ES512"},
    [SIGNET_KEY_ED25519] = {FAMILY_BIT(SIGNET_FAMILY_EDDSA), "EdDSA"},
    [SIGNET_KEY_ED448] = {FAMILY_BIT(SIGNET_FAMILY_EDDSA), "EdDSA"},
    [SIGNET_KEY_ML_DSA] = {FAMILY_BIT(SIGNET_FAMILY_ML_DSA), NULL},
    [SIGNET_KEY_OTHER] = {0, NULL},
};

bool signet_key_type_does(signet_key_type type, signet_family family)
{
    return (types[type].families & FAMILY_BIT(family)) != 0;
}

/* HMAC wants a secret, everything else a key pair's half, and signing the private one. */
static signet_status check_symmetry(const signet_key *key, const signet_alg_row *row, unsigned flags, signet_error *err)
{
    if (row->family == SIGNET_FAMILY_HMAC)
        return key->type == SIGNET_KEY_SECRET
                   ? SIGNET_OK
                   : signet_fail_detail(err, SIGNET_ERR_KEY_SYMMETRIC, "alg", "%s", row->name);
    if (key->type == SIGNET_KEY_SECRET)
        return signet_fail_detail(err, SIGNET_ERR_KEY_ASYMMETRIC, "alg", "%s", row->name);
    if ((flags & SIGNET_KEY_FOR_SIGNING) && !key->is_private)
        return signet_fail_detail(err, SIGNET_ERR_KEY_NOT_PRIVATE, "alg", "%s", row->name);
    return SIGNET_OK;
}

/* The bits that an RSA modulus must have to sign: 2048, or, of keys that may be insecure, as many as the padding of
 * this hash takes (RFC 8017 sections 9.1.1 and 9.2). */
static size_t least_bits(const signet_alg_row *row, unsigned flags)
{
    const size_t hash_len = signet_digest_len(row->digest);
    if (!(flags & SIGNET_KEY_ALLOW_INSECURE_SIZE))
        return 2048;
    return row->family == SIGNET_FAMILY_RSA ? 8 * (hash_len + 29) + 1 : 8 * (2 * hash_len + 1) + 2;
}

static signet_status check_size(const signet_key *key, const signet_alg_row *row, unsigned flags, signet_error *err)
{
    const bool is_rsa = row->family == SIGNET_FAMILY_RSA || row->family == SIGNET_FAMILY_RSA_PSS;
    const bool has_modulus = key->type == SIGNET_KEY_RSA || key->type == SIGNET_KEY_RSA_PSS;
    if (!is_rsa || !has_modulus || !(flags & SIGNET_KEY_FOR_SIGNING) || key->bits >= least_bits(row, flags))
        return SIGNET_OK;
    return signet_fail_detail(err, SIGNET_ERR_KEY_TOO_SMALL, "alg", "%zu bits for %s", least_bits(row, flags),
                              row->name);
}

/* jsonwebtoken refuses an RSA-PSS key without parameters too: it wants the hash named in the key. */
static signet_status check_pss(const signet_key *key, const signet_alg_row *row, signet_error *err)
{
    if (!key->pss.is_restricted || key->pss.digest != row->digest || key->pss.mgf1_digest != row->digest)
        return signet_fail_detail(err, SIGNET_ERR_KEY_PSS_DIGEST, "alg", "%s", row->name);
    if (key->pss.salt_len > (int)signet_digest_len(row->digest))
        return signet_fail_detail(err, SIGNET_ERR_KEY_PSS_SALT, "alg", "%s", row->name);
    return SIGNET_OK;
}

static signet_status check_type(const signet_key *key, const signet_alg_row *row, signet_error *err)
{
    const type_row *type = &types[key->type];
    if (type->families == 0)
        return signet_fail_detail(err, SIGNET_ERR_KEY_TYPE, key->type_name, "%s", key->type_name);
    if (!signet_key_type_does(key->type, row->family))
        return signet_fail_detail(err, SIGNET_ERR_KEY_ALGORITHM, key->type_name, "%s",
                                  type->names ? type->names : key->curve);
    if (key->type == SIGNET_KEY_EC && (!key->curve || strcmp(key->curve, row->curve) != 0))
        return signet_fail_detail(err, SIGNET_ERR_KEY_CURVE, row->name, "%s", row->curve);
    if (key->type == SIGNET_KEY_RSA_PSS)
        return check_pss(key, row, err);
    if (key->type == SIGNET_KEY_ML_DSA && strcmp(key->curve, row->name) != 0)
        return signet_fail_detail(err, SIGNET_ERR_KEY_ALGORITHM, key->type_name, "%s", key->curve);
    return SIGNET_OK;
}

static signet_status fail_not_allowed(const signet_key *key, signet_error *err)
{
    char names[SIGNET_ERROR_DETAIL_SIZE] = "";
    size_t used = 0;
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT && used < sizeof names; alg++)
        if (key->algorithms & SIGNET_ALG_BIT(alg))
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                     signet_alg_name((signet_alg)alg));
    return signet_fail_detail(err, SIGNET_ERR_KEY_ALGORITHM, key->type_name, "%s", names);
}

signet_status signet_key_check(const signet_key *key, signet_alg alg, unsigned flags, signet_error *err)
{
    const signet_alg_row *row = signet_alg_row_of(alg);
    signet_status status;
    if (row->family == SIGNET_FAMILY_NONE) /* `none` with half of a key pair: the error says what the key is for */
        return key->type == SIGNET_KEY_SECRET ? signet_fail(err, SIGNET_ERR_ALGORITHM, "alg")
                                              : check_type(key, row, err);
    if ((status = check_symmetry(key, row, flags, err)) != SIGNET_OK)
        return status;
    if ((status = check_size(key, row, flags, err)) != SIGNET_OK)
        return status;
    if (!(flags & SIGNET_KEY_ALLOW_INVALID_TYPE) && (status = check_type(key, row, err)) != SIGNET_OK)
        return status;
    if (!(key->allowed & SIGNET_ALG_BIT(alg)))
        return fail_not_allowed(key, err);
    if (key->type != SIGNET_KEY_SECRET && !key->verifier[alg])
        return signet_fail_detail(err, SIGNET_ERR_KEY_CANNOT, key->type_name, "%s", row->name);
    if ((flags & SIGNET_KEY_FOR_SIGNING) && !key->may_sign)
        return signet_fail_detail(err, SIGNET_ERR_KEY_NOT_PRIVATE, "key_ops", "%s", row->name);
    return SIGNET_OK;
}

void signet_key_settle_algorithms(signet_key *key)
{
    key->algorithms = 0;
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT; alg++)
        if (signet_key_check(key, (signet_alg)alg, 0, NULL) == SIGNET_OK)
            key->algorithms |= SIGNET_ALG_BIT(alg);
}
