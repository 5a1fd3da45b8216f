/* Keys: every form that is accepted, and every one that is refused. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base64url.h"

static EVP_PKEY *rsa, *ec, *ed;

static int set_up(void **state)
{
    (void)state;
    rsa = fixture_rsa();
    ec = fixture_ec("P-256");
    ed = fixture_okp("ED25519");
    return rsa && ec && ed ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);
    return 0;
}

/* Makes the key, describes it and frees it. */
static signet_status make(signet_status (*maker)(const void *, size_t, const signet_text *, signet_key **,
                                                 signet_error *),
                          const char *bytes, size_t len, const char *passphrase, signet_key_info *info)
{
    signet_key *key = NULL;
    signet_error err = {.status = SIGNET_OK};
    const signet_text lent = {passphrase, passphrase ? strlen(passphrase) : 0};
    const signet_status status = maker(bytes, len, passphrase ? &lent : NULL, &key, &err);
    assert_int_equal(err.status, status);
    assert_queue_empty();
    if (status == SIGNET_OK && info)
        signet_key_describe(key, info);
    assert_int_equal(key != NULL, status == SIGNET_OK);
    signet_key_free(key);
    return status;
}

static signet_status make_jwk(const char *json, signet_error *err)
{
    signet_key *key = NULL;
    const signet_status status = signet_key_from_jwk(json, strlen(json), &key, err);
    assert_int_equal(key != NULL, status == SIGNET_OK);
    signet_key_free(key);
    assert_queue_empty();
    return status;
}

static void private_and_public_keys_are_read_from_pem_and_der(void **state)
{
    const struct {
        EVP_PKEY *pkey;
        const char *type;
        size_t bits;
    } rows[] = {{rsa, "rsa", 2048}, {ec, "ec", 256}, {ed, "ed25519", 256}};
    const struct {
        int selection;
        const char *structure;
        bool is_private;
    } forms[] = {{EVP_PKEY_KEYPAIR, "PrivateKeyInfo", true},
                 {EVP_PKEY_PUBLIC_KEY, "SubjectPublicKeyInfo", false},
                 {EVP_PKEY_KEYPAIR, "type-specific", true},
                 {EVP_PKEY_PUBLIC_KEY, "type-specific", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t j = 0; j < COUNT(forms); j++) {
            if ((j >= 2 && rows[i].pkey == ed) || (j == 3 && rows[i].pkey == ec))
                continue; /* there is no such structure */
            for (int der = 0; der < 2; der++) {
                size_t len;
                signet_key_info info;
                char *bytes = fixture_encode(rows[i].pkey, forms[j].selection, der ? "DER" : "PEM", forms[j].structure,
                                             NULL, &len);
                assert_int_equal(make(der ? signet_key_from_der : signet_key_from_pem, bytes, len, NULL, &info),
                                 SIGNET_OK);
                assert_string_equal(info.type_name, rows[i].type);
                assert_int_equal(info.bits, rows[i].bits);
                assert_int_equal(info.is_private, forms[j].is_private);
                if (der) /* to the last byte, and not one more */
                    assert_int_not_equal(make(signet_key_from_der, bytes, len - 1, NULL, NULL), SIGNET_OK);
                bytes[len] = 0;
                if (der)
                    assert_int_not_equal(make(signet_key_from_der, bytes, len + 1, NULL, NULL), SIGNET_OK);
                free(bytes);
            }
        }
    }
}

static void a_certificate_gives_its_public_key(void **state)
{
    size_t len;
    signet_key_info info;
    char *pem = fixture_certificate_pem(rsa, &len);
    (void)state;
    assert_int_equal(make(signet_key_from_pem, pem, len, NULL, &info), SIGNET_OK);
    assert_string_equal(info.type_name, "rsa");
    assert_false(info.is_private);
    free(pem);
}

static void a_private_key_wins_over_others_in_the_same_pem(void **state)
{
    size_t certificate_len, key_len;
    signet_key_info info;
    char *certificate = fixture_certificate_pem(rsa, &certificate_len);
    char *key = fixture_encode(rsa, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo", NULL, &key_len);
    char *both = malloc(certificate_len + key_len + 40);
    (void)state;
    const size_t len = (size_t)sprintf(both, "Subject: CN=signet\n%s\n%s", certificate, key);
    assert_int_equal(make(signet_key_from_pem, both, len, NULL, &info), SIGNET_OK);
    assert_true(info.is_private);
    free(certificate);
    free(key);
    free(both);
}

static void an_encrypted_key_needs_its_passphrase(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        size_t len;
        const char *structure = i == 2 ? "type-specific" : "EncryptedPrivateKeyInfo", *format = i == 1 ? "DER" : "PEM";
        char *bytes = fixture_encode(rsa, EVP_PKEY_KEYPAIR, format, structure, "open sesame", &len);
        signet_status (*maker)(const void *, size_t, const signet_text *, signet_key **, signet_error *) =
            i == 1 ? signet_key_from_der : signet_key_from_pem;
        assert_int_equal(make(maker, bytes, len, "open sesame", NULL), SIGNET_OK);
        assert_int_equal(make(maker, bytes, len, "open barley", NULL), SIGNET_ERR_KEY_PASSPHRASE);
        assert_int_equal(make(maker, bytes, len, "", NULL), SIGNET_ERR_KEY_PASSPHRASE);
        assert_int_equal(make(maker, bytes, len, NULL, NULL), SIGNET_ERR_KEY_PASSPHRASE);
        free(bytes);
    }
}

/* Decrypting with the wrong one seems to work once in 256 times, by the padding; what comes out is no key. */
static void no_wrong_passphrase_makes_an_encrypted_key_an_invalid_one(void **state)
{
    (void)state;
    size_t len;
    char *pem = fixture_encode(rsa, EVP_PKEY_KEYPAIR, "PEM", "type-specific", "open sesame", &len);
    for (int i = 0; i < 2000; i++) {
        char wrong[16];
        (void)snprintf(wrong, sizeof wrong, "open %d", i);
        assert_int_equal(make(signet_key_from_pem, pem, len, wrong, NULL), SIGNET_ERR_KEY_PASSPHRASE);
    }
    free(pem);
}

static void texts_that_are_no_key_are_refused(void **state)
{
    const char *bad[] = {"-----BEGIN",
                         "-----BEGIN PRIVATE KEY-----",
                         "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                         "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                         "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n",
                         "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n",
                         "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                         "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: NONE,00\n\nAAAA\n-----END "
                         "RSA PRIVATE KEY-----\n",
                         "no pem"};
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        const signet_status as_pem = i == 1 ? SIGNET_ERR_KEY_UNREADABLE : SIGNET_ERR_KEY_INVALID;
        assert_int_equal(make(signet_key_from_pem, bad[i], strlen(bad[i]), NULL, NULL), as_pem);
        assert_int_equal(make(signet_key_from_der, bad[i], strlen(bad[i]), NULL, NULL), SIGNET_ERR_KEY_INVALID);
    }
    assert_int_equal(make(signet_key_from_material, bad[2], strlen(bad[2]), NULL, NULL), SIGNET_ERR_KEY_INVALID);
    assert_int_equal(make(signet_key_from_pem, NULL, 0, NULL, NULL), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(make(signet_key_from_der, "", 0, NULL, NULL), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(make(signet_key_from_material, "", 0, NULL, NULL), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(make(signet_key_from_material, NULL, 0, NULL, NULL), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(make(signet_key_from_material, "secret", 6, NULL, NULL), SIGNET_OK);
}

#define EC_X "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\""
#define EC_Y "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
#define EC_D "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\""
#define EC_256 "{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X "," EC_Y
#define ED_X "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define ED_D "\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\""
#define RSA_N                                                                                                          \
    "\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-"   \
    "SFd2lZS-pCgNMsD1W_"                                                                                               \
    "YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-"                            \
    "UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"                      \
    "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\""

static void valid_jwks_are_accepted(void **state)
{
    const char *good[] = {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}",
                          EC_256 "}",
                          EC_256 "," EC_D "}",
                          EC_256 ",\"use\":\"sig\",\"key_ops\":[\"verify\"],\"alg\":\"ES256\",\"kid\":\"1\"}",
                          "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," ED_X "}",
                          "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," ED_X "," ED_D "}",
                          "{\"kty\":\"RSA\",\"e\":\"AQAB\"," RSA_N "}",
                          "{\"\\u006bty\":\"o\\u0063t\",\"k\":\"c2VjcmV0\"}",
                          "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"x5c\":[\"?\"]}"};
    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_int_equal(make_jwk(good[i], NULL), SIGNET_OK);
}

static void invalid_jwks_are_refused_and_the_error_names_the_member(void **state)
{
    const struct {
        const char *json, *field;
    } rows[] = {
        {"[]", NULL},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"k\":\"eHh4eHh4\"}", NULL},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"\\u006b\":\"eHh4eHh4\"}", NULL},
        {"{}", "kty"},
        {"{\"kty\":\"OCT\",\"k\":\"c2VjcmV0\"}", "kty"},
        {"{\"kty\":1}", "kty"},
        {"{\"kty\":\"oct\"}", "k"},
        {"{\"kty\":\"oct\",\"k\":1}", "k"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0=\"}", "k"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV\"}", "k"},
        {"{\"kty\":\"oct\",\"k\":\"c2V+\"}", "k"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"use\":\"enc\"}", "use"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"key_ops\":[\"encrypt\"]}", "key_ops"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"key_ops\":[]}", "key_ops"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"key_ops\":\"verify\"}", "key_ops"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":\"A128KW\"}", "alg"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":\"RS256\"}", "alg"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":1}", "alg"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":1}", "kid"},
        {"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"\\ud800\"}", "kid"},
        {"{\"kty\":\"EC\",\"crv\":\"P-192\"," EC_X "," EC_Y "}", "crv"},
        {"{\"kty\":\"EC\"," EC_X "," EC_Y "}", "crv"},
        {"{\"kty\":\"EC\",\"crv\":\"P-384\"," EC_X "," EC_Y "}", "x"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X "}", "y"},
        {"{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X ",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1\"}",
         "y"}, /* not canonical */
        {"{\"kty\":\"EC\",\"crv\":\"P-256\"," EC_X ",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aw\"}",
         "x"}, /* not on the curve */
        {"{\"kty\":\"EC\",\"crv\":\"secp256k1\"," EC_X "," EC_Y "}", "x"},
        {EC_256 ",\"d\":\"AQAB\"}", "d"},
        {EC_256 ",\"d\":\"kpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}", "d"}, /* another's */
        {EC_256 "," EC_D ",\"alg\":\"ES384\"}", "alg"},
        {"{\"kty\":\"OKP\",\"crv\":\"X25519\"," ED_X "}", "crv"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed448\"," ED_X "}", "x"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," ED_X ",\"d\":\"AAAA\"}", "d"},
        {"{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," ED_X ",\"d\":\"mWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}", "d"},
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\"}", "n"},
        {"{\"kty\":\"RSA\"," RSA_N "}", "e"},
        {"{\"kty\":\"RSA\",\"e\":\"AQ\"," RSA_N "}", "e"},
        {"{\"kty\":\"RSA\",\"e\":\"AAEAAQ\"," RSA_N "}", "e"}, /* a leading zero */
        {"{\"kty\":\"RSA\",\"e\":\"AQAC\"," RSA_N "}", "e"},   /* even */
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"oth\":[]," RSA_N "}", "oth"},
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"d\":\"AQAB\",\"p\":\"AQAB\"," RSA_N "}", "q"},
        {"{\"kty\":\"RSA\",\"e\":\"AQAB\",\"d\":\"AQAB\"," RSA_N "}", "d"}, /* not its private exponent */
        {"{\"kty\":\"AKP\",\"pub\":\"AAAA\"}", "alg"},
        {"{\"kty\":\"AKP\",\"pub\":\"AAAA\",\"alg\":\"HS256\"}", "alg"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        signet_error err;
        const signet_status status = make_jwk(rows[i].json, &err);
        if (status != SIGNET_ERR_KEY_INVALID)
            print_message("%s\n", rows[i].json);
        assert_int_equal(status, SIGNET_ERR_KEY_INVALID);
        assert_int_equal(err.status, SIGNET_ERR_KEY_INVALID);
        if (rows[i].field)
            assert_string_equal(err.field, rows[i].field);
    }
    assert_int_equal(make_jwk("", NULL), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(make_jwk("{\"kty\":\"oct\",\"k\":\"\"}", NULL), SIGNET_ERR_KEY_EMPTY);
}

static void ml_dsa_works_or_is_reported_as_unavailable(void **state)
{
    signet_error err;
    (void)state;
    const signet_status status = make_jwk("{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"}", &err);
    if (signet_alg_available(SIGNET_ML_DSA_44)) {
        assert_int_equal(status, SIGNET_ERR_KEY_INVALID);
        return;
    }
    assert_int_equal(status, SIGNET_ERR_ALGORITHM_UNAVAILABLE);
    assert_string_equal(err.detail, "ML-DSA-44");
    signet_scratch *scratch = signet_scratch_new();
    signet_text token;
    const signet_sign_request request = {.alg = SIGNET_ML_DSA_65, .payload = TEXT("{}")};
    assert_int_equal(signet_sign(NULL, scratch, &request, &token, &err), SIGNET_ERR_ALGORITHM_UNAVAILABLE);
    signet_scratch_free(scratch);
}

static void a_jwk_keeps_its_kid_and_its_alg(void **state)
{
    const char json[] =
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":\"HS384\",\"kid\":\"a\\u00e9\",\"key_ops\":[\"verify\"]}";
    signet_key *key;
    signet_key_info info;
    signet_error err;
    (void)state;
    assert_int_equal(signet_key_from_jwk(json, sizeof json - 1, &key, NULL), SIGNET_OK);
    signet_key_describe(key, &info);
    assert_int_equal(info.kid.len, 3);
    assert_memory_equal(info.kid.ptr, "a\xC3\xA9", 3);
    assert_int_equal(info.algorithms, SIGNET_ALG_BIT(SIGNET_HS384));
    assert_int_equal(info.bits, 48);
    assert_int_equal(signet_key_check(key, SIGNET_HS384, 0, NULL), SIGNET_OK);
    assert_int_equal(signet_key_check(key, SIGNET_HS256, 0, &err), SIGNET_ERR_KEY_ALGORITHM);
    assert_string_equal(err.field, "secret");
    assert_string_equal(err.detail, "HS384");
    assert_int_equal(signet_key_check(key, SIGNET_HS384, SIGNET_KEY_FOR_SIGNING, &err), SIGNET_ERR_KEY_NOT_PRIVATE);
    signet_key *second = signet_key_ref(key);
    assert_ptr_equal(second, key);
    signet_key_free(key);
    assert_int_equal(signet_key_check(second, SIGNET_HS384, 0, NULL), SIGNET_OK); /* the second reference keeps it */
    signet_key_free(second);
    signet_key_free(NULL);
}

static signet_status pick(const char *json, const char *kid, bool *is_secret)
{
    signet_key *key = NULL;
    const signet_text text = {kid, kid ? strlen(kid) : 0};
    const signet_status status = signet_key_from_jwks(json, strlen(json), kid ? &text : NULL, &key, NULL);
    if (status == SIGNET_OK) {
        signet_key_info info;
        signet_key_describe(key, &info);
        *is_secret = info.type == SIGNET_KEY_SECRET;
    }
    signet_key_free(key);
    return status;
}

static void a_jwk_set_returns_the_key_that_was_asked_for(void **state)
{
    const char set[] =
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"a\"}," EC_256
        ",\"kid\":\"b\"},{\"kty\":\"new\",\"kid\":\"c\"},1,"
        "{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"d\"},{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"kid\":\"d\"}]}";
    bool is_secret = false;
    (void)state;
    assert_int_equal(pick(set, "a", &is_secret), SIGNET_OK);
    assert_true(is_secret);
    assert_int_equal(pick(set, "b", &is_secret), SIGNET_OK);
    assert_false(is_secret);
    const char *bad[] = {"d", "e", ""};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_int_equal(pick(set, bad[i], &is_secret), SIGNET_ERR_KEY_UNREADABLE);
    assert_int_equal(pick(set, NULL, &is_secret), SIGNET_ERR_KEY_UNREADABLE);
    assert_int_equal(pick("{\"keys\":[{\"kty\":\"new\"},{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", NULL, &is_secret),
                     SIGNET_OK);
    assert_int_equal(pick("{\"keys\":[]}", NULL, &is_secret), SIGNET_ERR_KEY_UNREADABLE);
    assert_int_equal(pick("{\"keys\":{}}", NULL, &is_secret), SIGNET_ERR_KEY_INVALID);
    assert_int_equal(pick("{}", NULL, &is_secret), SIGNET_ERR_KEY_INVALID);
    assert_int_equal(pick("[]", NULL, &is_secret), SIGNET_ERR_KEY_INVALID);
    assert_int_equal(pick("", NULL, &is_secret), SIGNET_ERR_KEY_EMPTY);
    assert_int_equal(pick("{\"keys\":[{\"kty\":\"oct\",\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}", NULL, &is_secret),
                     SIGNET_ERR_KEY_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_and_public_keys_are_read_from_pem_and_der),
        cmocka_unit_test(a_certificate_gives_its_public_key),
        cmocka_unit_test(a_private_key_wins_over_others_in_the_same_pem),
        cmocka_unit_test(an_encrypted_key_needs_its_passphrase),
        cmocka_unit_test(no_wrong_passphrase_makes_an_encrypted_key_an_invalid_one),
        cmocka_unit_test(texts_that_are_no_key_are_refused),
        cmocka_unit_test(valid_jwks_are_accepted),
        cmocka_unit_test(invalid_jwks_are_refused_and_the_error_names_the_member),
        cmocka_unit_test(ml_dsa_works_or_is_reported_as_unavailable),
        cmocka_unit_test(a_jwk_keeps_its_kid_and_its_alg),
        cmocka_unit_test(a_jwk_set_returns_the_key_that_was_asked_for),
    };
    return cmocka_run_group_tests_name("keys", tests, set_up, tear_down);
}
