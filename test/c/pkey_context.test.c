/* A key pair's contexts are reused, by one thread or many, also after failures. */
#include "fixture.h"

#include <openssl/err.h>
#include <pthread.h>
#include <stdlib.h>

#include "core/key.h"

enum { THREADS = 4, ROUNDS = 40, MOST_SIGNATURE_LEN = 512 };

typedef struct pair_row {
    signet_alg alg;
    signet_key *key;
} pair_row;

static pair_row pairs[] = {{SIGNET_RS256, NULL}, {SIGNET_PS384, NULL}, {SIGNET_ES256, NULL}, {SIGNET_EDDSA, NULL}};

static int set_up(void **state)
{
    EVP_PKEY *pkeys[] = {fixture_rsa(), fixture_rsa(), fixture_ec("P-256"), fixture_okp("ED25519")};
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        signet_key *public_key;
        fixture_pair(pkeys[i], &pairs[i].key, &public_key);
        signet_key_free(public_key);
        EVP_PKEY_free(pkeys[i]);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++)
        signet_key_free(pairs[i].key);
    return 0;
}

static bool verified(const signet_key *key, signet_scratch *scratch, const char *token, size_t len)
{
    const signet_verify_options options = {.now_s = 1};
    return signet_verify(key, scratch, token, len, &options, NULL, NULL) == SIGNET_OK;
}

/* Signs, then verifies the token and a changed one in turn. */
static bool works(const pair_row *pair, signet_scratch *scratch, unsigned rounds)
{
    const signet_sign_request request = {.alg = pair->alg, .payload = TEXT("{\"sub\":\"1\"}"), .add_iat = true};
    for (unsigned round = 0; round < rounds; round++) {
        signet_text token;
        char copy[1024];
        if (signet_sign(pair->key, scratch, &request, &token, NULL) != SIGNET_OK || token.len > sizeof copy)
            return false;
        memcpy(copy, token.ptr, token.len);
        if (!verified(pair->key, scratch, copy, token.len))
            return false;
        char *last = copy + token.len - 20; /* of the signature, where every bit counts */
        *last = *last == 'A' ? 'B' : 'A';
        if (verified(pair->key, scratch, copy, token.len))
            return false;
    }
    return true;
}

static void a_context_works_again_after_a_failure(void **state)
{
    signet_scratch *scratch = signet_scratch_new();
    (void)state;
    assert_non_null(scratch);
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_true(works(&pairs[i], scratch, 3));
    assert_queue_empty();
    signet_scratch_free(scratch);
}

static void *work_on_all(void *unused)
{
    signet_scratch *scratch = signet_scratch_new();
    bool all = scratch != NULL;
    for (size_t i = 0; all && i < COUNT(pairs); i++)
        all = works(&pairs[i], scratch, ROUNDS);
    all = all && signet_openssl_queue_is_empty();
    signet_scratch_free(scratch);
    (void)unused;
    return all ? &pairs : NULL;
}

static void threads_share_a_key_pair(void **state)
{
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work_on_all, NULL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *all = NULL;
        assert_int_equal(pthread_join(threads[i], &all), 0);
        assert_non_null(all);
    }
}

/* Signing is passed the size of the buffer, and fails if the signature needs more. */
static void a_signature_never_exceeds_its_room(void **state)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    (void)state;
    assert_non_null(md);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        signet_pkey_context *signer = pairs[i].key->signer[pairs[i].alg];
        uint8_t *signature = malloc(MOST_SIGNATURE_LEN), *exact;
        size_t len = MOST_SIGNATURE_LEN, needed = (size_t)EVP_PKEY_get_size(pairs[i].key->pkey);
        (void)ERR_set_mark();
        assert_true(signet_pkey_sign(signer, md, TEXT("text"), signature, &len));
        exact = malloc(needed);
        len = needed;
        assert_true(signet_pkey_sign(signer, md, TEXT("text"), exact, &len) && len <= needed);
        len = needed / 2;
        assert_false(signet_pkey_sign(signer, md, TEXT("text"), exact, &len));
        len = needed;
        assert_true(signet_pkey_sign(signer, md, TEXT("text"), exact, &len));
        (void)ERR_pop_to_mark();
        free(signature);
        free(exact);
    }
    EVP_MD_CTX_free(md);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_context_works_again_after_a_failure),
        cmocka_unit_test(threads_share_a_key_pair),
        cmocka_unit_test(a_signature_never_exceeds_its_room),
    };
    return cmocka_run_group_tests_name("pkey_context", tests, set_up, tear_down);
}
