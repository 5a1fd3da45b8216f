/* alg.c: the one table of algorithms, and what is asked of it by name. */
#include "core/alg.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "platform/platform.h"

#define EC_ROW(name, family, digest, crv, curve, coordinate_len, header)                                               \
    {                                                                                                                  \
        name, sizeof name - 1, SIGNET_FAMILY_##family, SIGNET_DIGEST_##digest, crv, curve, coordinate_len, header,     \
            sizeof header - 1                                                                                          \
    }
#define ROW(name, family, digest, header) EC_ROW(name, family, digest, NULL, NULL, 0, header)

/* The header is spelled out, not computed: a token's first segment is copied from here. A test decodes each. */
static const signet_alg_row rows[SIGNET_ALG_COUNT] = {
    [SIGNET_ALG_NONE] = ROW("none", NONE, NONE, "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0"),
    [SIGNET_HS256] = ROW("HS256", HMAC, SHA256, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_HS384] = ROW("HS384", HMAC, SHA384, "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9"),
    [SIGNET_HS512] = ROW("HS512", HMAC, SHA512, "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_RS256] = ROW("RS256", RSA, SHA256, "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_RS384] = ROW("RS384", RSA, SHA384, "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCJ9"),
    [SIGNET_RS512] = ROW("RS512", RSA, SHA512, "eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_PS256] = ROW("PS256", RSA_PSS, SHA256, "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_PS384] = ROW("PS384", RSA_PSS, SHA384, "eyJhbGciOiJQUzM4NCIsInR5cCI6IkpXVCJ9"),
    [SIGNET_PS512] = ROW("PS512", RSA_PSS, SHA512, "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_ES256] = EC_ROW("ES256", ECDSA, SHA256, "P-256", "prime256v1", 32, "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_ES384] = EC_ROW("ES384", ECDSA, SHA384, "P-384", "secp384r1", 48, "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9"),
    [SIGNET_ES512] = EC_ROW("ES512", ECDSA, SHA512, "P-521", "secp521r1", 66, "eyJhbGciOiJFUzUxMiIsInR5cCI6IkpXVCJ9"),
    [SIGNET_ES256K] =
        EC_ROW("ES256K", ECDSA, SHA256, "secp256k1", "secp256k1", 32, "eyJhbGciOiJFUzI1NksiLCJ0eXAiOiJKV1QifQ"),
    [SIGNET_EDDSA] = ROW("EdDSA", EDDSA, NONE, "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9"),
    [SIGNET_ML_DSA_44] = ROW("ML-DSA-44", ML_DSA, NONE, "eyJhbGciOiJNTC1EU0EtNDQiLCJ0eXAiOiJKV1QifQ"),
    [SIGNET_ML_DSA_65] = ROW("ML-DSA-65", ML_DSA, NONE, "eyJhbGciOiJNTC1EU0EtNjUiLCJ0eXAiOiJKV1QifQ"),
    [SIGNET_ML_DSA_87] = ROW("ML-DSA-87", ML_DSA, NONE, "eyJhbGciOiJNTC1EU0EtODciLCJ0eXAiOiJKV1QifQ"),
};

const signet_alg_row *signet_alg_row_of(signet_alg alg)
{
    return &rows[(unsigned)alg < SIGNET_ALG_COUNT ? alg : SIGNET_ALG_NONE];
}

const char *signet_alg_name(signet_alg alg)
{
    return signet_alg_row_of(alg)->name;
}

signet_alg signet_alg_from_name(const char *name, size_t name_len)
{
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT; alg++)
        if (rows[alg].name_len == name_len && memcmp(rows[alg].name, name, name_len) == 0)
            return (signet_alg)alg;
    return SIGNET_ALG_COUNT;
}

static signet_once ml_dsa_once = SIGNET_ONCE_INIT;
static signet_alg_set ml_dsa_available;

/* By name, because the headers that this is compiled with need not know ML-DSA for the OpenSSL that runs to have it. */
static void look_for_ml_dsa(void)
{
    (void)ERR_set_mark();
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT; alg++) {
        if (rows[alg].family != SIGNET_FAMILY_ML_DSA)
            continue;
        EVP_SIGNATURE *found = EVP_SIGNATURE_fetch(NULL, rows[alg].name, NULL);
        if (found)
            ml_dsa_available |= SIGNET_ALG_BIT(alg);
        EVP_SIGNATURE_free(found);
    }
    (void)ERR_pop_to_mark();
}

bool signet_alg_available(signet_alg alg)
{
    if ((unsigned)alg >= SIGNET_ALG_COUNT)
        return false;
    if (rows[alg].family != SIGNET_FAMILY_ML_DSA)
        return true;
    signet_once_run(&ml_dsa_once, look_for_ml_dsa);
    return (ml_dsa_available & SIGNET_ALG_BIT(alg)) != 0;
}
