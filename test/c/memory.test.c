/* Out of memory: each allocation, Signet's and OpenSSL's, fails in turn. The result is an error status: nothing
 * crashes, leaks, or passes that should not. */
#include "fixture.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

/* Under valgrind, only one allocation in 37 fails: all of the thousands would take half an hour. */
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define STRIDE (RUNNING_ON_VALGRIND ? 37 : 1)
#endif
#endif
#ifndef STRIDE
#define STRIDE 1
#endif

/* Allocations until one fails; negative: none fails. Counted in malloc and calloc below and in OpenSSL's hooks. */
static long left = -1;

static bool must_fail(void)
{
    return left >= 0 && left-- == 0;
}

/* Linked instead of the library's calls (-Wl,--wrap). */
void *__real_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t n, size_t len);

void *__wrap_malloc(size_t len)
{
    return must_fail() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t n, size_t len)
{
    return must_fail() ? NULL : __real_calloc(n, len);
}

static void *counted_malloc(size_t len, const char *file, int line)
{
    (void)file, (void)line;
    return must_fail() ? NULL : __real_malloc(len);
}

static void *counted_realloc(void *old, size_t len, const char *file, int line)
{
    (void)file, (void)line;
    return must_fail() ? NULL : realloc(old, len);
}

static void plain_free(void *old, const char *file, int line)
{
    (void)file, (void)line;
    free(old);
}

static char *rsa_pem, *rsa_sealed, *ec_jwk, *certificate, *ec_token, *ed_token, *rsa_token, *big_token, *fresh_token;
static size_t rsa_pem_len, rsa_sealed_len, certificate_len;
static signet_key *secret, *ec_key, *ed_key, *rsa_key;
static signet_scratch *scratch;

static char *signed_copy(const signet_key *key, signet_alg alg)
{
    signet_text token;
    const signet_sign_request request = {.alg = alg, .payload = TEXT("{\"sub\":[1]}")};
    assert_int_equal(signet_sign(key, scratch, &request, &token, NULL), SIGNET_OK);
    char *copy = malloc(token.len + 1);
    memcpy(copy, token.ptr, token.len);
    copy[token.len] = 0;
    return copy;
}

/* More names than the scratch holds, so that its set grows, and a text longer than its buffer. */
static char *big_payload(void)
{
    char *text = malloc(40000), *to = text;
    for (int i = 0; i < 1000; i++)
        to += sprintf(to, "%c\"member%d\":[%d]", i ? ',' : '{', i, i);
    (void)sprintf(to, "}");
    return text;
}

static int set_up(void **state)
{
    fixture_vector vectors[8];
    EVP_PKEY *rsa = fixture_rsa(), *ec = fixture_ec("P-256"), *ed = fixture_okp("ED25519");
    signet_key *unused;
    (void)state;
    const size_t n = fixture_vectors("test/vectors/rfc7515.json", vectors, COUNT(vectors));
    scratch = signet_scratch_new();
    ec_jwk = strdup(vectors[2].jwk);
    fixture_vectors_free(vectors, n);
    rsa_pem = fixture_encode(rsa, EVP_PKEY_KEYPAIR, "PEM", "PrivateKeyInfo", NULL, &rsa_pem_len);
    rsa_sealed = fixture_encode(rsa, EVP_PKEY_KEYPAIR, "PEM", "EncryptedPrivateKeyInfo", "pw", &rsa_sealed_len);
    certificate = fixture_certificate_pem(ec, &certificate_len);
    fixture_pair(rsa, &rsa_key, &unused);
    signet_key_free(unused);
    fixture_pair(ec, &ec_key, &unused);
    signet_key_free(unused);
    fixture_pair(ed, &ed_key, &unused);
    signet_key_free(unused);
    assert_int_equal(signet_key_from_secret("secret", 6, &secret, NULL), SIGNET_OK);
    char *payload = big_payload();
    big_token = fixture_token(secret, "{\"alg\":\"HS256\"}", payload);
    free(payload);
    rsa_token = signed_copy(rsa_key, SIGNET_PS256);
    ec_token = signed_copy(ec_key, SIGNET_ES256);
    ed_token = signed_copy(ed_key, SIGNET_EDDSA);
    assert_int_equal(signet_key_from_jwk(ec_jwk, strlen(ec_jwk), &unused, NULL), SIGNET_OK);
    fresh_token = signed_copy(unused, SIGNET_ES256);
    signet_key_free(unused);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);
    return 0;
}

static int tear_down(void **state)
{
    char *texts[] = {rsa_pem, rsa_sealed, ec_jwk, certificate, ec_token, ed_token, rsa_token, big_token, fresh_token};
    signet_key *keys[] = {secret, ec_key, ed_key, rsa_key};
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++)
        free(texts[i]);
    for (size_t i = 0; i < COUNT(keys); i++)
        signet_key_free(keys[i]);
    signet_scratch_free(scratch);
    return 0;
}

static signet_status keep_or_drop(signet_status status, signet_key *key)
{
    signet_key_free(key);
    return status;
}

static signet_status make_scratch(void)
{
    signet_scratch *made = signet_scratch_new();
    signet_scratch_free(made);
    return made ? SIGNET_OK : SIGNET_ERR_MEMORY;
}

static signet_status make_secret(void)
{
    signet_key *key = NULL;
    const signet_status status =
        signet_key_from_secret("a secret that is long enough to be looked at as base64", 54, &key, NULL);
    return keep_or_drop(status, key);
}

static signet_status make_pem(void)
{
    signet_key *key = NULL;
    const signet_status status = signet_key_from_pem(rsa_pem, rsa_pem_len, NULL, &key, NULL);
    return keep_or_drop(status, key);
}

static signet_status make_sealed(void)
{
    signet_key *key = NULL;
    const signet_text passphrase = TEXT("pw");
    const signet_status status = signet_key_from_pem(rsa_sealed, rsa_sealed_len, &passphrase, &key, NULL);
    return keep_or_drop(status, key);
}

static signet_status make_certificate(void)
{
    signet_key *key = NULL;
    const signet_status status = signet_key_from_pem(certificate, certificate_len, NULL, &key, NULL);
    return keep_or_drop(status, key);
}

static signet_status make_jwk(void)
{
    signet_key *key = NULL;
    const signet_status status = signet_key_from_jwk(ec_jwk, strlen(ec_jwk), &key, NULL);
    return keep_or_drop(status, key);
}

static signet_status sign_with(const signet_key *key, signet_alg alg)
{
    signet_text token;
    const signet_sign_request request = {.alg = alg, .payload = TEXT("{}"), .add_iat = true};
    return signet_sign(key, scratch, &request, &token, NULL);
}

static signet_status sign_hmac(void)
{
    return sign_with(secret, SIGNET_HS512);
}

static signet_status sign_rsa(void)
{
    return sign_with(rsa_key, SIGNET_PS256);
}

static signet_status sign_ec(void)
{
    return sign_with(ec_key, SIGNET_ES256);
}

static signet_status sign_ed(void)
{
    return sign_with(ed_key, SIGNET_EDDSA);
}

static signet_status verify_with(const signet_key *key, const char *token)
{
    const signet_verify_options options = {.now_s = 1};
    return signet_verify(key, scratch, token, strlen(token), &options, NULL, NULL);
}

/* With a new scratch, so that nothing has grown yet. */
static signet_status verify_big(void)
{
    const signet_verify_options options = {.now_s = 1};
    const long kept = left;
    left = -1;
    signet_scratch *fresh = signet_scratch_new();
    left = kept;
    const signet_status status = signet_verify(secret, fresh, big_token, strlen(big_token), &options, NULL, NULL);
    signet_scratch_free(fresh);
    return status;
}

static signet_status verify_rsa(void)
{
    return verify_with(rsa_key, rsa_token);
}

/* With a new key, whose contexts were never used. */
static signet_status with_fresh_ec(signet_status (*call)(const signet_key *key))
{
    signet_key *fresh = NULL;
    const long kept = left;
    left = -1;
    assert_int_equal(signet_key_from_jwk(ec_jwk, strlen(ec_jwk), &fresh, NULL), SIGNET_OK);
    left = kept;
    const signet_status status = call(fresh);
    signet_key_free(fresh);
    return status;
}

static signet_status sign_es256(const signet_key *key)
{
    return sign_with(key, SIGNET_ES256);
}

static signet_status verify_es256(const signet_key *key)
{
    return verify_with(key, fresh_token);
}

static signet_status sign_first(void)
{
    return with_fresh_ec(sign_es256);
}

static signet_status verify_first(void)
{
    return with_fresh_ec(verify_es256);
}

static signet_status verify_ec(void)
{
    return verify_with(ec_key, ec_token);
}

static signet_status verify_ed(void)
{
    return verify_with(ed_key, ed_token);
}

/* Fails the first allocation, then the second, and so on, until the call succeeds without a failure. */
static void fail_each(signet_status (*call)(void), signet_status otherwise, signet_status or_else)
{
    long failed_n = 0, passed_n = 0;
    assert_int_equal(call(), SIGNET_OK); /* from here on, what is fetched once per process is there */
    for (long n = 0;; n += n < 10 ? 1 : STRIDE) {
        left = n;
        const signet_status status = call();
        const bool was_reached = left < 0;
        left = -1;
        assert_queue_empty();
        if (!was_reached) {
            assert_int_equal(status, SIGNET_OK);
            break;
        }
        if (status == SIGNET_OK)
            passed_n++; /* OpenSSL did not need it (a cache, a name in an error) */
        else if (status != otherwise && status != or_else)
            assert_string_equal(signet_status_name(status), "ERR_MEMORY");
        failed_n++;
        assert_true(failed_n < 20000);
    }
    assert_true(failed_n == 0 || failed_n > passed_n); /* some versions of OpenSSL copy a hash without the heap */
    assert_int_equal(call(), SIGNET_OK);
}

static void a_scratch_is_made_completely_or_not_at_all(void **state)
{
    (void)state;
    fail_each(make_scratch, SIGNET_ERR_MEMORY, SIGNET_ERR_MEMORY);
}

static void a_key_is_made_completely_or_not_at_all(void **state)
{
    (void)state;
    fail_each(make_secret, SIGNET_ERR_MEMORY, SIGNET_ERR_MEMORY);
    /* OpenSSL does not say whether a parser failed for lack of memory */
    fail_each(make_pem, SIGNET_ERR_KEY_INVALID, SIGNET_ERR_KEY_INVALID);
    fail_each(make_sealed, SIGNET_ERR_KEY_PASSPHRASE, SIGNET_ERR_KEY_INVALID);
    fail_each(make_certificate, SIGNET_ERR_KEY_INVALID, SIGNET_ERR_KEY_INVALID);
    fail_each(make_jwk, SIGNET_ERR_KEY_INVALID, SIGNET_ERR_KEY_INVALID);
}

static void signing_fails_cleanly(void **state)
{
    (void)state;
    fail_each(sign_hmac, SIGNET_ERR_MEMORY, SIGNET_ERR_MEMORY);
    fail_each(sign_rsa, SIGNET_ERR_CRYPTO, SIGNET_ERR_CRYPTO);
    fail_each(sign_ec, SIGNET_ERR_CRYPTO, SIGNET_ERR_CRYPTO);
    fail_each(sign_first, SIGNET_ERR_CRYPTO, SIGNET_ERR_CRYPTO);
    fail_each(sign_ed, SIGNET_ERR_CRYPTO, SIGNET_ERR_CRYPTO);
}

static void verifying_fails_cleanly(void **state)
{
    (void)state;
    fail_each(verify_big, SIGNET_ERR_MEMORY, SIGNET_ERR_MEMORY);
    fail_each(verify_rsa, SIGNET_ERR_SIGNATURE, SIGNET_ERR_SIGNATURE);
    fail_each(verify_ec, SIGNET_ERR_SIGNATURE, SIGNET_ERR_SIGNATURE);
    fail_each(verify_first, SIGNET_ERR_SIGNATURE, SIGNET_ERR_SIGNATURE);
    fail_each(verify_ed, SIGNET_ERR_SIGNATURE, SIGNET_ERR_SIGNATURE);
}

/* signet.h promises: for a token under 4 KiB, calls allocate nothing beyond the scratch. */
static void a_small_token_needs_no_heap_memory(void **state)
{
    char *payload = malloc(2900), *token;
    const signet_verify_options options = {.now_s = 1};
    signet_text made;
    (void)state;
    memset(payload, 'x', 2900);
    memcpy(payload, "{\"a\":\"", 6);
    memcpy(payload + 2897, "\"}", 3);
    token = fixture_token(secret, "{\"alg\":\"HS256\",\"typ\":\"JWT\"}", payload);
    const signet_sign_request request = {
        .alg = SIGNET_HS256, .payload = {payload, strlen(payload)}, .add_iat = true, .add_exp = true};
    assert_true(strlen(token) > 3900 && strlen(token) < 4096);
    signet_scratch *fresh = signet_scratch_new();
    assert_non_null(fresh);
    const char *begin = (const char *)fresh;
    assert_int_equal(signet_verify(secret, fresh, token, strlen(token), &options, NULL, NULL), SIGNET_OK);
    assert_int_equal(signet_sign(secret, fresh, &request, &made, NULL), SIGNET_OK);
    assert_true(made.ptr > begin && made.ptr < begin + 65536); /* inside the scratch itself */
    free(payload);
    free(token);
    signet_scratch_free(fresh);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scratch_is_made_completely_or_not_at_all),
        cmocka_unit_test(a_key_is_made_completely_or_not_at_all),
        cmocka_unit_test(signing_fails_cleanly),
        cmocka_unit_test(verifying_fails_cleanly),
        cmocka_unit_test(a_small_token_needs_no_heap_memory),
    };
    if (CRYPTO_set_mem_functions(counted_malloc, counted_realloc, plain_free) != 1) {
        print_error("a library that this test is linked with has used OpenSSL's memory before\n");
        return 1;
    }
    return cmocka_run_group_tests_name("memory", tests, set_up, tear_down);
}
