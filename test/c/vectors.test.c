/* The RFCs' tokens are verified and, if the algorithm is deterministic, signed to the same text. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

static void check_vector(const fixture_vector *v)
{
    signet_scratch *scratch = signet_scratch_new();
    signet_key *key = NULL;
    signet_token token;
    signet_text signed_text;
    const bool unsigned_token = v->alg == SIGNET_ALG_NONE;
    const signet_verify_options options = {.algorithms = SIGNET_ALG_BIT(v->alg), .now_s = 1300819379};
    if (!unsigned_token)
        assert_int_equal(signet_key_from_jwk(v->jwk, strlen(v->jwk), &key, NULL), SIGNET_OK);
    assert_int_equal(signet_verify(key, scratch, v->jwt, strlen(v->jwt), &options, &token, NULL), SIGNET_OK);
    assert_int_equal(token.alg, v->alg);
    assert_int_equal(token.payload.len, strlen(v->payload));
    assert_memory_equal(token.payload.ptr, v->payload, token.payload.len);
    assert_int_equal(token.payload_is_object, *v->payload == '{');
    char *header = malloc(token.header.len);
    memcpy(header, token.header.ptr, token.header.len);
    const signet_sign_request request = {
        .alg = v->alg, .header = {header, token.header.len}, .payload = {v->payload, strlen(v->payload)}};
    assert_int_equal(signet_sign(key, scratch, &request, &signed_text, NULL), SIGNET_OK);
    if (v->deterministic) {
        assert_int_equal(signed_text.len, strlen(v->jwt));
        assert_memory_equal(signed_text.ptr, v->jwt, signed_text.len);
    }
    char *copy = malloc(signed_text.len);
    const size_t copy_len = signed_text.len;
    memcpy(copy, signed_text.ptr, copy_len);
    assert_int_equal(signet_verify(key, scratch, copy, copy_len, &options, NULL, NULL), SIGNET_OK);
    copy[copy_len / 2] ^= 1; /* inside the payload or the signature */
    if (!unsigned_token)
        assert_int_not_equal(signet_verify(key, scratch, copy, copy_len, &options, NULL, NULL), SIGNET_OK);
    free(copy);
    free(header);
    signet_key_free(key);
    signet_scratch_free(scratch);
    assert_queue_empty();
}

static void check_file(const char *path, size_t expected_n)
{
    fixture_vector vectors[8];
    const size_t n = fixture_vectors(path, vectors, COUNT(vectors));
    assert_int_equal(n, expected_n);
    for (size_t i = 0; i < n; i++) {
        print_message("%s\n", vectors[i].section);
        check_vector(&vectors[i]);
    }
    fixture_vectors_free(vectors, n);
}

static void rfc_7515_appendix_a(void **state)
{
    (void)state;
    check_file("test/vectors/rfc7515.json", 5);
}

static void rfc_7520_section_4(void **state)
{
    (void)state;
    check_file("test/vectors/rfc7520.json", 4);
}

static void rfc_8037_appendix_a(void **state)
{
    (void)state;
    check_file("test/vectors/rfc8037.json", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc_7515_appendix_a),
        cmocka_unit_test(rfc_7520_section_4),
        cmocka_unit_test(rfc_8037_appendix_a),
    };
    return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
