/* jwk_pair.c: asymmetric JWKs to OpenSSL's keys (RFC 7518 section 6.2 and 6.3, RFC 8037, RFC 9964). */
#include <openssl/core_names.h>
#include <string.h>

#include "core/ecdsa.h"
#include "core/fail.h"
#include "core/jwk.h"

static signet_status invalid(signet_error *err, const char *field)
{
    return signet_fail(err, SIGNET_ERR_KEY_INVALID, field);
}

static bool is_absent(const signet_jwk *jwk, enum signet_jwk_member member)
{
    return signet_jwk_member(jwk, member)->kind == SIGNET_JSON_ABSENT;
}

/* A big number as OpenSSL's parameters want it, in the machine's byte order. The bytes are ours to turn. */
static OSSL_PARAM number_param(const char *name, uint8_t *first, size_t len)
{
    const uint16_t probe = 1;
    if (*(const uint8_t *)&probe == 1) {
        for (size_t i = 0; i < len / 2; i++) {
            const uint8_t swapped = first[i];
            first[i] = first[len - 1 - i];
            first[len - 1 - i] = swapped;
        }
    }
    return OSSL_PARAM_construct_BN(name, first, len);
}

typedef struct number_row {
    enum signet_jwk_member member;
    const char *name, *param;
} number_row;

/* RFC 7518 section 6.3: public, then what a private key has all of or (behind d) none of. */
static const number_row rsa_numbers[] = {
    {SIGNET_JWK_N, "n", OSSL_PKEY_PARAM_RSA_N},           {SIGNET_JWK_E, "e", OSSL_PKEY_PARAM_RSA_E},
    {SIGNET_JWK_D, "d", OSSL_PKEY_PARAM_RSA_D},           {SIGNET_JWK_P, "p", OSSL_PKEY_PARAM_RSA_FACTOR1},
    {SIGNET_JWK_Q, "q", OSSL_PKEY_PARAM_RSA_FACTOR2},     {SIGNET_JWK_DP, "dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {SIGNET_JWK_DQ, "dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {SIGNET_JWK_QI, "qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};
/* Whoever publishes a set of keys must not decide what each token costs: 3072 bits of e make one check cost 60 ms. */
enum { RSA_MAX_E_LEN = 4, RSA_MAX_LEN = 8192 / 8 };
enum { RSA_PUBLIC = 2, RSA_D_ONLY = 3, RSA_WHOLE = 8 };

static size_t rsa_numbers_given(const signet_jwk *jwk)
{
    if (is_absent(jwk, SIGNET_JWK_D))
        return RSA_PUBLIC;
    for (size_t i = RSA_D_ONLY; i < RSA_WHOLE; i++)
        if (!is_absent(jwk, rsa_numbers[i].member))
            return RSA_WHOLE;
    return RSA_D_ONLY;
}

static signet_status read_rsa(signet_jwk *jwk, EVP_PKEY **pkey, bool *is_private, signet_error *err)
{
    OSSL_PARAM params[RSA_WHOLE + 1];
    const size_t n = rsa_numbers_given(jwk);
    if (!is_absent(jwk, SIGNET_JWK_OTH))
        return invalid(err, "oth"); /* more than two primes */
    for (size_t i = 0; i < n; i++) {
        uint8_t *bytes;
        size_t len;
        if (!signet_jwk_bytes(jwk, rsa_numbers[i].member, &bytes, &len) || len == 0 || bytes[0] == 0)
            return invalid(err, rsa_numbers[i].name);
        if (len > (rsa_numbers[i].member == SIGNET_JWK_E ? RSA_MAX_E_LEN : RSA_MAX_LEN))
            return signet_fail_detail(err, SIGNET_ERR_KEY_UNREADABLE, rsa_numbers[i].name,
                                      "an RSA key in a JWK has at most 8192 bits, and its e at most 32");
        const bool is_odd = bytes[len - 1] & 1, is_one = len == 1 && bytes[0] == 1;
        if (i < RSA_PUBLIC && (!is_odd || is_one))
            return invalid(err, rsa_numbers[i].name);
        params[i] = number_param(rsa_numbers[i].param, bytes, len);
    }
    params[n] = OSSL_PARAM_construct_end();
    *is_private = n > RSA_PUBLIC;
    *pkey = signet_pkey_from_params("RSA", params, *is_private);
    return *pkey ? SIGNET_OK : invalid(err, "n");
}

/* The row of an algorithm on the JWK's curve. */
static const signet_alg_row *curve_of(const signet_jwk *jwk)
{
    const signet_json *crv = signet_jwk_member(jwk, SIGNET_JWK_CRV);
    for (unsigned alg = 0; alg < SIGNET_ALG_COUNT; alg++) {
        const signet_alg_row *row = signet_alg_row_of((signet_alg)alg);
        if (row->family == SIGNET_FAMILY_ECDSA && signet_json_equals(crv, row->crv, strlen(row->crv)))
            return row;
    }
    return NULL;
}

static signet_status read_ec(signet_jwk *jwk, EVP_PKEY **pkey, bool *is_private, signet_error *err)
{
    uint8_t point[1 + 2 * SIGNET_ECDSA_MAX_COORDINATE] = {4}; /* uncompressed */
    OSSL_PARAM params[4];
    uint8_t *x, *y, *d;
    size_t x_len, y_len, d_len, n = 0;
    const signet_alg_row *curve = curve_of(jwk);
    if (!curve)
        return invalid(err, "crv");
    if (!signet_jwk_bytes(jwk, SIGNET_JWK_X, &x, &x_len) || x_len != curve->coordinate_len)
        return invalid(err, "x");
    if (!signet_jwk_bytes(jwk, SIGNET_JWK_Y, &y, &y_len) || y_len != curve->coordinate_len)
        return invalid(err, "y");
    memcpy(point + 1, x, x_len);
    memcpy(point + 1 + x_len, y, y_len);
    params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)curve->curve, 0);
    params[n++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + x_len + y_len);
    *is_private = !is_absent(jwk, SIGNET_JWK_D);
    if (*is_private) {
        if (!signet_jwk_bytes(jwk, SIGNET_JWK_D, &d, &d_len) || d_len != curve->coordinate_len)
            return invalid(err, "d");
        params[n++] = number_param(OSSL_PKEY_PARAM_PRIV_KEY, d, d_len);
    }
    params[n] = OSSL_PARAM_construct_end();
    *pkey = signet_pkey_from_params("EC", params, *is_private); /* refuses a point that is not on the curve */
    return *pkey ? SIGNET_OK : invalid(err, "x");
}

static signet_status read_okp(signet_jwk *jwk, EVP_PKEY **pkey, bool *is_private, signet_error *err)
{
    const signet_json *crv = signet_jwk_member(jwk, SIGNET_JWK_CRV);
    const bool is_448 = signet_json_equals(crv, "Ed448", 5);
    const char *type = is_448 ? "ED448" : "ED25519";
    const size_t want = is_448 ? 57 : 32;
    uint8_t *x, *d;
    uint8_t derived[57];
    size_t x_len, d_len, derived_len = sizeof derived;
    if (!is_448 && !signet_json_equals(crv, "Ed25519", 7))
        return invalid(err, "crv");
    if (!signet_jwk_bytes(jwk, SIGNET_JWK_X, &x, &x_len) || x_len != want)
        return invalid(err, "x");
    *is_private = !is_absent(jwk, SIGNET_JWK_D);
    if (!*is_private) {
        *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, type, NULL, x, x_len);
        return *pkey ? SIGNET_OK : invalid(err, "x");
    }
    if (!signet_jwk_bytes(jwk, SIGNET_JWK_D, &d, &d_len) || d_len != want)
        return invalid(err, "d");
    *pkey = EVP_PKEY_new_raw_private_key_ex(NULL, type, NULL, d, d_len);
    if (*pkey && EVP_PKEY_get_raw_public_key(*pkey, derived, &derived_len) == 1 && derived_len == x_len &&
        memcmp(derived, x, x_len) == 0)
        return SIGNET_OK;
    EVP_PKEY_free(*pkey);
    *pkey = NULL;
    return invalid(err, "d");
}

/* RFC 9964: `alg` names the parameter set, `priv` is the 32-byte seed. By name: the headers that this is compiled
 * with may not know ML-DSA. */
static signet_status read_akp(signet_jwk *jwk, EVP_PKEY **pkey, bool *is_private, signet_error *err)
{
    char name[32];
    size_t name_len, pub_len, seed_len;
    uint8_t *pub, *seed;
    OSSL_PARAM params[3];
    size_t n = 0;
    if (!signet_json_copy(signet_jwk_member(jwk, SIGNET_JWK_ALG), name, sizeof name, &name_len))
        return invalid(err, "alg");
    const signet_alg alg = signet_alg_from_name(name, name_len);
    if (signet_alg_row_of(alg)->family != SIGNET_FAMILY_ML_DSA)
        return invalid(err, "alg");
    if (!signet_alg_available(alg))
        return signet_fail_detail(err, SIGNET_ERR_ALGORITHM_UNAVAILABLE, "alg", "%s", signet_alg_name(alg));
    if (!signet_jwk_bytes(jwk, SIGNET_JWK_PUB, &pub, &pub_len))
        return invalid(err, "pub");
    params[n++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, pub, pub_len);
    *is_private = !is_absent(jwk, SIGNET_JWK_PRIV);
    if (*is_private) {
        if (!signet_jwk_bytes(jwk, SIGNET_JWK_PRIV, &seed, &seed_len) || seed_len != 32)
            return invalid(err, "priv");
        params[n++] = OSSL_PARAM_construct_octet_string("seed", seed, seed_len);
    }
    params[n] = OSSL_PARAM_construct_end();
    *pkey = signet_pkey_from_params(name, params, *is_private);
    return *pkey ? SIGNET_OK : invalid(err, "pub");
}

signet_jwk_reader *signet_jwk_reader_of(const signet_json *kty)
{
    static const struct {
        const char *kty;
        signet_jwk_reader *read;
    } readers[] = {{"RSA", read_rsa}, {"EC", read_ec}, {"OKP", read_okp}, {"AKP", read_akp}};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (signet_json_equals(kty, readers[i].kty, strlen(readers[i].kty)))
            return readers[i].read;
    return NULL;
}
