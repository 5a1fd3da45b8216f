/* key_pkey.c: from OpenSSL's key to ours: its type as Node names it, and contexts ready to work. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

#include "core/fail.h"
#include "core/key.h"

typedef struct type_row {
    const char *openssl_name;
    signet_key_type type;
    const char *node_name;
} type_row;

static const type_row types[] = {
    {"RSA", SIGNET_KEY_RSA, "rsa"},
    {"RSA-PSS", SIGNET_KEY_RSA_PSS, "rsa-pss"},
    {"EC", SIGNET_KEY_EC, "ec"},
    {"ED25519", SIGNET_KEY_ED25519, "ed25519"},
    {"ED448", SIGNET_KEY_ED448, "ed448"},
    {"ML-DSA-44", SIGNET_KEY_ML_DSA, "ml-dsa-44"},
    {"ML-DSA-65", SIGNET_KEY_ML_DSA, "ml-dsa-65"},
    {"ML-DSA-87", SIGNET_KEY_ML_DSA, "ml-dsa-87"},
    {"X25519", SIGNET_KEY_OTHER, "x25519"},
    {"X448", SIGNET_KEY_OTHER, "x448"},
    {"DSA", SIGNET_KEY_OTHER, "dsa"},
    {"DH", SIGNET_KEY_OTHER, "dh"},
    {"DHX", SIGNET_KEY_OTHER, "dh"},
};

static const type_row *type_of(const EVP_PKEY *pkey)
{
    static const type_row unknown = {NULL, SIGNET_KEY_OTHER, "unknown"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (EVP_PKEY_is_a(pkey, types[i].openssl_name))
            return &types[i];
    return &unknown;
}

/* The curve's name in OpenSSL's own static table; NULL for a curve given by its parameters. */
static const char *curve_of(const EVP_PKEY *pkey)
{
    char name[64];
    size_t len = 0;
    if (EVP_PKEY_get_group_name(pkey, name, sizeof name, &len) != 1)
        return NULL;
    const int nid = OBJ_txt2nid(name);
    return nid == NID_undef ? NULL : OBJ_nid2sn(nid);
}

static signet_digest digest_param(const EVP_PKEY *pkey, const char *param)
{
    char name[32];
    if (EVP_PKEY_get_utf8_string_param(pkey, param, name, sizeof name, NULL) != 1)
        return SIGNET_DIGEST_NONE; /* absent: the standard's default, SHA-1 */
    for (int digest = 0; digest < SIGNET_DIGEST_COUNT; digest++) {
        const EVP_MD *md = signet_digest_md((signet_digest)digest);
        if (md && EVP_MD_is_a(md, name))
            return (signet_digest)digest;
    }
    return SIGNET_DIGEST_NONE;
}

/* OpenSSL reports a salt length for every restricted key and for no other. */
static signet_pss_limits pss_limits_of(const EVP_PKEY *pkey)
{
    signet_pss_limits limits = {false, SIGNET_DIGEST_NONE, SIGNET_DIGEST_NONE, 0};
    limits.is_restricted = EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &limits.salt_len) == 1;
    if (limits.is_restricted) {
        limits.digest = digest_param(pkey, OSSL_PKEY_PARAM_RSA_DIGEST);
        limits.mgf1_digest = digest_param(pkey, OSSL_PKEY_PARAM_RSA_MGF1_DIGEST);
    }
    return limits;
}

/* Whether the key can do the arithmetic of the algorithm; whether it should is signet_key_check's to say. */
static bool can_do(const signet_key *key, const signet_alg_row *row)
{
    if (!signet_key_type_does(key->type, row->family))
        return false;
    if (row->family == SIGNET_FAMILY_ECDSA)
        return (key->bits + 7) / 8 == row->coordinate_len;
    return row->family != SIGNET_FAMILY_ML_DSA || EVP_PKEY_is_a(key->pkey, row->name);
}

static signet_status prepare_contexts(signet_key *key)
{
    signet_status status = SIGNET_OK;
    for (unsigned alg = 0; status == SIGNET_OK && alg < SIGNET_ALG_COUNT; alg++) {
        const signet_alg_row *row = signet_alg_row_of((signet_alg)alg);
        if (!can_do(key, row))
            continue;
        status = signet_pkey_context_new(key->pkey, row, SIGNET_VERIFYING, &key->verifier[alg]);
        if (status == SIGNET_OK && key->is_private)
            status = signet_pkey_context_new(key->pkey, row, SIGNET_SIGNING, &key->signer[alg]);
    }
    return status;
}

EVP_PKEY *signet_pkey_from_params(const char *type, OSSL_PARAM *params, bool is_private)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (context && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &pkey, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return pkey;
}

signet_status signet_key_from_pkey(EVP_PKEY *pkey, bool is_private, signet_key **key, signet_error *err)
{
    (void)ERR_set_mark();
    const type_row *type = type_of(pkey);
    signet_key *made = signet_key_new(type->type, type->node_name);
    if (!made) {
        EVP_PKEY_free(pkey);
        (void)ERR_pop_to_mark();
        return signet_fail(err, SIGNET_ERR_MEMORY, NULL);
    }
    made->pkey = pkey;
    made->is_private = is_private;
    made->bits = (size_t)EVP_PKEY_get_bits(pkey);
    made->curve = type->type == SIGNET_KEY_EC       ? curve_of(pkey)
                  : type->type == SIGNET_KEY_ML_DSA ? type->openssl_name
                                                    : NULL;
    if (type->type == SIGNET_KEY_RSA_PSS)
        made->pss = pss_limits_of(pkey);
    const signet_status status = prepare_contexts(made);
    (void)ERR_pop_to_mark();
    if (status != SIGNET_OK) {
        signet_key_free(made);
        return signet_fail(err, status, NULL);
    }
    signet_key_settle_algorithms(made);
    *key = made;
    return SIGNET_OK;
}
