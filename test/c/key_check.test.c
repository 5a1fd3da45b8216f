/* Which key can be used with which algorithm, and the messages of refusals. Signs and verifies with every valid
 * pair. */
#include "fixture.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alg.h"
#include "core/base64url.h"
#include "core/ecdsa.h"

static signet_scratch *scratch;

static int set_up(void **state)
{
    (void)state;
    return (scratch = signet_scratch_new()) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    signet_scratch_free(scratch);
    return 0;
}

/* Signs and verifies, and refuses the signature with one bit changed in each of its bytes. */
static void assert_round_trip(const signet_key *private_key, const signet_key *public_key, signet_alg alg,
                              unsigned flags)
{
    signet_text made;
    signet_token token;
    const signet_sign_request request = {.alg = alg, .payload = TEXT("{\"sub\":\"1\"}"), .key_flags = flags};
    const signet_verify_options options = {.algorithms = SIGNET_ALG_BIT(alg), .key_flags = flags};
    assert_int_equal(signet_sign(private_key, scratch, &request, &made, NULL), SIGNET_OK);
    const size_t len = made.len;
    char *copy = malloc(len);
    memcpy(copy, made.ptr, len);
    assert_int_equal(signet_verify(public_key, scratch, copy, len, &options, &token, NULL), SIGNET_OK);
    const size_t signature_len = token.signature.len;
    for (size_t i = len - signature_len; i + 1 < len; i += 1 + signature_len / 8) {
        const char kept = copy[i];
        copy[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(signet_verify(public_key, scratch, copy, len, &options, NULL, NULL), SIGNET_ERR_SIGNATURE);
        copy[i] = kept;
    }
    assert_int_equal(signet_verify(public_key, scratch, copy, len - 4, &options, NULL, NULL), SIGNET_ERR_SIGNATURE);
    assert_int_equal(signet_verify(public_key, scratch, copy, len, &options, NULL, NULL), SIGNET_OK);
    free(copy);
    assert_queue_empty();
}

static void each_key_works_with_its_algorithms_and_no_others(void **state)
{
    const struct {
        EVP_PKEY *pkey;
        signet_alg_set algorithms;
        const char *curve;
    } rows[] = {{fixture_rsa(), 0x3f0, NULL},
                {fixture_ec("P-256"), SIGNET_ALG_BIT(SIGNET_ES256), "prime256v1"},
                {fixture_ec("P-384"), SIGNET_ALG_BIT(SIGNET_ES384), "secp384r1"},
                {fixture_ec("P-521"), SIGNET_ALG_BIT(SIGNET_ES512), "secp521r1"},
                {fixture_ec("secp256k1"), SIGNET_ALG_BIT(SIGNET_ES256K), "secp256k1"},
                {fixture_okp("ED25519"), SIGNET_ALG_BIT(SIGNET_EDDSA), NULL},
                {fixture_okp("ED448"), SIGNET_ALG_BIT(SIGNET_EDDSA), NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        signet_key *private_key, *public_key;
        signet_key_info info;
        fixture_pair(rows[i].pkey, &private_key, &public_key);
        signet_key_describe(public_key, &info);
        assert_int_equal(info.algorithms, rows[i].algorithms);
        if (rows[i].curve)
            assert_string_equal(info.curve, rows[i].curve);
        for (int alg = SIGNET_HS256; alg < SIGNET_ALG_COUNT; alg++) {
            const bool fits = (rows[i].algorithms & SIGNET_ALG_BIT(alg)) != 0;
            assert_int_equal(signet_key_check(private_key, (signet_alg)alg, SIGNET_KEY_FOR_SIGNING, NULL) == SIGNET_OK,
                             fits);
            if (fits)
                assert_round_trip(private_key, public_key, (signet_alg)alg, 0);
        }
        signet_key_free(private_key);
        signet_key_free(public_key);
        EVP_PKEY_free(rows[i].pkey);
    }
}

/* A new row of src/core/alg.c needs no other line of C. */
static void every_curve_of_the_table_signs_is_read_from_a_jwk_and_is_no_secret(void **state)
{
    int curves = 0;
    (void)state;
    for (int alg = 0; alg < SIGNET_ALG_COUNT; alg++) {
        const signet_alg_row *row = signet_alg_row_of((signet_alg)alg);
        uint8_t point[1 + 2 * SIGNET_ECDSA_MAX_COORDINATE];
        char x[100], y[100], jwk[300];
        size_t len;
        signet_key *private_key, *public_key, *key;
        signet_key_info info;
        if (row->family != SIGNET_FAMILY_ECDSA)
            continue;
        EVP_PKEY *pkey = fixture_ec(row->curve);
        assert_int_equal(EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len), 1);
        assert_int_equal(len, 1 + 2 * row->coordinate_len);
        assert_int_equal(signet_key_from_secret(point, len, &key, NULL), SIGNET_ERR_KEY_PAIR_AS_SECRET);
        x[signet_b64url_encode(point + 1, row->coordinate_len, x)] = 0;
        y[signet_b64url_encode(point + 1 + row->coordinate_len, row->coordinate_len, y)] = 0;
        (void)snprintf(jwk, sizeof jwk, "{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", row->crv, x, y);
        assert_int_equal(signet_key_from_jwk(jwk, strlen(jwk), &key, NULL), SIGNET_OK);
        signet_key_describe(key, &info);
        assert_int_equal(info.algorithms, SIGNET_ALG_BIT(alg));
        fixture_pair(pkey, &private_key, &public_key);
        assert_round_trip(private_key, key, (signet_alg)alg, 0);
        signet_key_free(private_key);
        signet_key_free(public_key);
        signet_key_free(key);
        EVP_PKEY_free(pkey);
        curves++;
    }
    assert_true(curves >= 4);
}

/* Expects a refusal, its two details, and an empty OpenSSL error queue. */
static void assert_refused(const signet_key *key, signet_alg alg, unsigned flags, signet_status status,
                           const char *field, const char *detail)
{
    signet_error err;
    assert_int_equal(signet_key_check(key, alg, flags, &err), status);
    assert_int_equal(err.status, status);
    if (field)
        assert_string_equal(err.field, field);
    assert_string_equal(err.detail, detail);
    assert_queue_empty();
}

static void refusals_have_jsonwebtokens_messages(void **state)
{
    signet_key *secret, *rsa, *rsa_public, *ec, *ec_public, *other, *other_public;
    EVP_PKEY *pkey = fixture_rsa();
    (void)state;
    fixture_pair(pkey, &rsa, &rsa_public);
    EVP_PKEY_free(pkey);
    fixture_pair(pkey = fixture_ec("P-256"), &ec, &ec_public);
    EVP_PKEY_free(pkey);
    fixture_pair(pkey = fixture_okp("X25519"), &other, &other_public);
    EVP_PKEY_free(pkey);
    assert_int_equal(signet_key_from_secret("secret", 6, &secret, NULL), SIGNET_OK);
    assert_refused(rsa, SIGNET_HS256, 0, SIGNET_ERR_KEY_SYMMETRIC, NULL, "HS256");
    assert_refused(rsa_public, SIGNET_HS512, 0, SIGNET_ERR_KEY_SYMMETRIC, NULL, "HS512");
    assert_refused(secret, SIGNET_RS256, 0, SIGNET_ERR_KEY_ASYMMETRIC, NULL, "RS256");
    assert_refused(secret, SIGNET_EDDSA, 0, SIGNET_ERR_KEY_ASYMMETRIC, NULL, "EdDSA");
    assert_refused(rsa_public, SIGNET_PS256, SIGNET_KEY_FOR_SIGNING, SIGNET_ERR_KEY_NOT_PRIVATE, NULL, "PS256");
    assert_refused(rsa_public, SIGNET_ES256, 0, SIGNET_ERR_KEY_ALGORITHM, "rsa",
                   "RS256, PS256, RS384, PS384, RS512, PS512");
    assert_refused(ec, SIGNET_RS256, SIGNET_KEY_FOR_SIGNING, SIGNET_ERR_KEY_ALGORITHM, "ec", "ES256, ES384, ES512");
    assert_refused(ec, SIGNET_ES384, 0, SIGNET_ERR_KEY_CURVE, "ES384", "secp384r1");
    assert_refused(ec_public, SIGNET_ES256K, 0, SIGNET_ERR_KEY_CURVE, "ES256K", "secp256k1");
    assert_refused(other, SIGNET_ES256, 0, SIGNET_ERR_KEY_TYPE, NULL, "x25519");
    assert_refused(rsa, SIGNET_ALG_NONE, 0, SIGNET_ERR_KEY_ALGORITHM, "rsa",
                   "RS256, PS256, RS384, PS384, RS512, PS512");
    assert_refused(secret, SIGNET_ALG_NONE, 0, SIGNET_ERR_ALGORITHM, "alg", "");
    /* even if relaxed, only what the key can do */
    assert_refused(other, SIGNET_ES256, SIGNET_KEY_ALLOW_INVALID_TYPE, SIGNET_ERR_KEY_CANNOT, "x25519", "ES256");
    assert_refused(ec, SIGNET_ES384, SIGNET_KEY_ALLOW_INVALID_TYPE, SIGNET_ERR_KEY_CANNOT, "ec", "ES384");
    assert_round_trip(ec, ec_public, SIGNET_ES256K, SIGNET_KEY_ALLOW_INVALID_TYPE); /* a curve of the same size */
    signet_key *all[] = {secret, rsa, rsa_public, ec, ec_public, other, other_public};
    for (size_t i = 0; i < COUNT(all); i++)
        signet_key_free(all[i]);
}

static void a_small_rsa_key_signs_only_if_allowed(void **state)
{
    EVP_PKEY *pkey = fixture_rsa_of(1024);
    signet_key *private_key, *public_key;
    (void)state;
    fixture_pair(pkey, &private_key, &public_key);
    assert_refused(private_key, SIGNET_RS256, SIGNET_KEY_FOR_SIGNING, SIGNET_ERR_KEY_TOO_SMALL, NULL,
                   "2048 bits for RS256");
    assert_int_equal(signet_key_check(public_key, SIGNET_RS256, 0, NULL), SIGNET_OK);
    assert_round_trip(private_key, public_key, SIGNET_RS256, SIGNET_KEY_ALLOW_INSECURE_SIZE);
    signet_key_free(private_key);
    signet_key_free(public_key);
    EVP_PKEY_free(pkey);
}

/* The padding needs room: a key must have a minimum size, and below it OpenSSL is not even called. */
static void a_small_key_must_still_have_room_for_its_algorithms_padding(void **state)
{
    const struct {
        signet_alg alg;
        unsigned least;
    } rows[] = {
        {SIGNET_PS512, 1034}, {SIGNET_PS384, 778}, {SIGNET_RS512, 745}, {SIGNET_RS384, 617}, {SIGNET_PS256, 522}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char detail[64];
        signet_key *private_key, *public_key;
        EVP_PKEY *enough = fixture_rsa_of(rows[i].least), *too_small = fixture_rsa_of(rows[i].least - 1);
        fixture_pair(enough, &private_key, &public_key);
        assert_round_trip(private_key, public_key, rows[i].alg, SIGNET_KEY_ALLOW_INSECURE_SIZE);
        signet_key_free(private_key);
        signet_key_free(public_key);
        fixture_pair(too_small, &private_key, &public_key);
        snprintf(detail, sizeof detail, "%u bits for %s", rows[i].least, signet_alg_name(rows[i].alg));
        assert_refused(private_key, rows[i].alg, SIGNET_KEY_FOR_SIGNING | SIGNET_KEY_ALLOW_INSECURE_SIZE,
                       SIGNET_ERR_KEY_TOO_SMALL, "alg", detail);
        signet_key_free(private_key);
        signet_key_free(public_key);
        EVP_PKEY_free(enough);
        EVP_PKEY_free(too_small);
    }
}

/* Needs OpenSSL 3.5; else it prints that it is skipped. */
static void ml_dsa_signs_and_verifies_from_pem_and_jwk(void **state)
{
    const char *names[] = {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"};
    (void)state;
    if (!signet_alg_available(SIGNET_ML_DSA_44)) {
        print_message("skipped: the OpenSSL that runs has no ML-DSA (3.5 and later have)\n");
        skip();
    }
    for (size_t i = 0; i < COUNT(names); i++) {
        const signet_alg alg = signet_alg_from_name(names[i], strlen(names[i]));
        EVP_PKEY *pkey = fixture_okp(names[i]);
        signet_key *private_key, *public_key, *from_jwk = NULL;
        uint8_t seed[32], pub[2592];
        size_t seed_len = 0, pub_len = 0;
        char json[5000], *to = json;
        fixture_pair(pkey, &private_key, &public_key);
        assert_round_trip(private_key, public_key, alg, 0);
        for (int other = SIGNET_ML_DSA_44; other <= SIGNET_ML_DSA_87; other++)
            if (other != (int)alg)
                assert_refused(private_key, (signet_alg)other, 0, SIGNET_ERR_KEY_ALGORITHM, NULL, names[i]);
        assert_int_equal(EVP_PKEY_get_octet_string_param(pkey, "seed", seed, sizeof seed, &seed_len), 1);
        assert_int_equal(EVP_PKEY_get_octet_string_param(pkey, "pub", pub, sizeof pub, &pub_len), 1);
        to += sprintf(to, "{\"kty\":\"AKP\",\"alg\":\"%s\",\"pub\":\"", names[i]);
        to += signet_b64url_encode(pub, pub_len, to);
        to += sprintf(to, "\",\"priv\":\"");
        to += signet_b64url_encode(seed, seed_len, to);
        to += sprintf(to, "\"}");
        assert_int_equal(signet_key_from_jwk(json, (size_t)(to - json), &from_jwk, NULL), SIGNET_OK);
        assert_round_trip(from_jwk, public_key, alg, 0);
        to[-3] = to[-3] == 'A' ? 'Q' : 'A'; /* another seed with the same public key */
        signet_key *mismatched = NULL;
        assert_int_equal(signet_key_from_jwk(json, (size_t)(to - json), &mismatched, NULL), SIGNET_ERR_KEY_INVALID);
        signet_key_free(from_jwk);
        signet_key_free(private_key);
        signet_key_free(public_key);
        EVP_PKEY_free(pkey);
    }
}

/* The fixture's RSA key as an RSA-PSS key (generating one takes half a minute under valgrind). `digest` NULL: without
 * parameters. */
static EVP_PKEY *pss_key(const char *digest, const char *mgf1, int salt_len)
{
    EVP_PKEY *rsa = fixture_rsa(), *pkey = NULL;
    const OSSL_PARAM restriction[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_RSA_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_RSA_MGF1_DIGEST, (char *)mgf1, 0),
        OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_RSA_PSS_SALTLEN, &salt_len), OSSL_PARAM_construct_end()};
    OSSL_PARAM *numbers = NULL;
    assert_int_equal(EVP_PKEY_todata(rsa, EVP_PKEY_KEYPAIR, &numbers), 1);
    OSSL_PARAM *all = digest ? OSSL_PARAM_merge(numbers, restriction) : OSSL_PARAM_dup(numbers);
    assert_non_null(all);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, all), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(all);
    OSSL_PARAM_free(numbers);
    EVP_PKEY_free(rsa);
    return pkey;
}

static void an_rsa_pss_key_is_bound_to_its_parameters(void **state)
{
    const struct {
        const char *digest, *mgf1;
        int salt_len;
        signet_status ps256, ps384;
    } rows[] = {{"SHA256", "SHA256", 32, SIGNET_OK, SIGNET_ERR_KEY_PSS_DIGEST},
                {"SHA256", "SHA256", 20, SIGNET_OK, SIGNET_ERR_KEY_PSS_DIGEST},
                {"SHA384", "SHA384", 48, SIGNET_ERR_KEY_PSS_DIGEST, SIGNET_OK},
                {"SHA256", "SHA384", 32, SIGNET_ERR_KEY_PSS_DIGEST, SIGNET_ERR_KEY_PSS_DIGEST},
                {"SHA256", "SHA256", 33, SIGNET_ERR_KEY_PSS_SALT, SIGNET_ERR_KEY_PSS_DIGEST},
                {"SHA1", "SHA1", 20, SIGNET_ERR_KEY_PSS_DIGEST, SIGNET_ERR_KEY_PSS_DIGEST},
                {NULL, NULL, 0, SIGNET_ERR_KEY_PSS_DIGEST, SIGNET_ERR_KEY_PSS_DIGEST}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        EVP_PKEY *pkey = pss_key(rows[i].digest, rows[i].mgf1, rows[i].salt_len);
        signet_key *private_key, *public_key;
        fixture_pair(pkey, &private_key, &public_key);
        assert_int_equal(signet_key_check(public_key, SIGNET_PS256, 0, NULL), rows[i].ps256);
        assert_int_equal(signet_key_check(private_key, SIGNET_PS384, SIGNET_KEY_FOR_SIGNING, NULL), rows[i].ps384);
        assert_refused(private_key, SIGNET_RS256, 0, SIGNET_ERR_KEY_ALGORITHM, "rsa-pss", "PS256, PS384, PS512");
        if (rows[i].ps256 == SIGNET_OK)
            assert_round_trip(private_key, public_key, SIGNET_PS256, 0);
        if (!rows[i].digest)
            assert_round_trip(private_key, public_key, SIGNET_PS512, SIGNET_KEY_ALLOW_INVALID_TYPE);
        signet_key_free(private_key);
        signet_key_free(public_key);
        EVP_PKEY_free(pkey);
    }
}

/* The oldest attack on JWT: a token signed by HMAC with the server's public key. */
static void a_public_key_verifies_no_hmac_whatever_the_caller_allows(void **state)
{
    EVP_PKEY *pkey = fixture_rsa();
    signet_key *private_key, *public_key, *attacker;
    const signet_verify_options options = {.algorithms = SIGNET_ALG_BIT(SIGNET_HS256) | SIGNET_ALG_BIT(SIGNET_RS256)},
                                plain = {.now_s = 0};
    (void)state;
    fixture_pair(pkey, &private_key, &public_key);
    assert_int_equal(signet_key_from_secret("anything", 8, &attacker, NULL), SIGNET_OK);
    char *token = fixture_token(attacker, "{\"alg\":\"HS256\"}", "{}");
    assert_int_equal(signet_verify(public_key, scratch, token, strlen(token), &options, NULL, NULL),
                     SIGNET_ERR_KEY_SYMMETRIC);
    assert_int_equal(signet_verify(public_key, scratch, token, strlen(token), &plain, NULL, NULL),
                     SIGNET_ERR_ALGORITHM);
    free(token);
    signet_key_free(attacker);
    signet_key_free(private_key);
    signet_key_free(public_key);
    EVP_PKEY_free(pkey);
}

/* Psychic signatures (CVE-2022-21449), and other input that must not mislead the DER writer. */
static void an_ecdsa_signature_of_zeros_or_of_another_size_is_refused(void **state)
{
    EVP_PKEY *pkey = fixture_ec("P-256");
    signet_key *private_key, *public_key;
    const signet_verify_options options = {.now_s = 0};
    (void)state;
    fixture_pair(pkey, &private_key, &public_key);
    for (size_t n = 1; n < 200; n++) {
        char token[300] = "eyJhbGciOiJFUzI1NiJ9.e30.";
        const size_t before = strlen(token);
        for (int fill = 0; fill < 2; fill++) {
            memset(token + before, fill ? '_' : 'A', n);
            assert_int_equal(signet_verify(public_key, scratch, token, before + n, &options, NULL, NULL),
                             SIGNET_ERR_SIGNATURE);
        }
    }
    assert_queue_empty();
    signet_key_free(private_key);
    signet_key_free(public_key);
    EVP_PKEY_free(pkey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_key_works_with_its_algorithms_and_no_others),
        cmocka_unit_test(every_curve_of_the_table_signs_is_read_from_a_jwk_and_is_no_secret),
        cmocka_unit_test(refusals_have_jsonwebtokens_messages),
        cmocka_unit_test(a_small_rsa_key_signs_only_if_allowed),
        cmocka_unit_test(a_small_key_must_still_have_room_for_its_algorithms_padding),
        cmocka_unit_test(ml_dsa_signs_and_verifies_from_pem_and_jwk),
        cmocka_unit_test(an_rsa_pss_key_is_bound_to_its_parameters),
        cmocka_unit_test(a_public_key_verifies_no_hmac_whatever_the_caller_allows),
        cmocka_unit_test(an_ecdsa_signature_of_zeros_or_of_another_size_is_refused),
    };
    return cmocka_run_group_tests_name("key_check", tests, set_up, tear_down);
}
