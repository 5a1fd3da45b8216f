/* base64url: each byte string has exactly one encoding; all others are refused. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/alg.h"
#include "core/base64url.h"

static void encoding_matches_rfc_4648(void **state)
{
    const struct {
        const char *bytes, *text;
    } rows[] = {{"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
                {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[16];
        const size_t n = signet_b64url_encode(rows[i].bytes, strlen(rows[i].bytes), text);
        assert_int_equal(n, strlen(rows[i].text));
        assert_int_equal(n, signet_b64url_encoded_len(strlen(rows[i].bytes)));
        assert_memory_equal(text, rows[i].text, n);
    }
}

/* Every length from 0 to 300, which covers all paths (wide steps, last groups). Heap blocks have the exact size, so
 * that valgrind detects an access beyond them. */
static void decoding_undoes_encoding_at_every_length(void **state)
{
    uint32_t random = 1;
    (void)state;
    for (size_t len = 0; len <= 300; len++) {
        uint8_t *bytes = malloc(len + 1), *back;
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);
        const size_t text_len = signet_b64url_encoded_len(len);
        char *text = malloc(text_len + 1);
        size_t back_len;
        assert_int_equal(signet_b64url_encode(bytes, len, text), text_len);
        assert_int_equal(signet_b64url_decoded_len(text_len), len);
        back = malloc(len + 1);
        assert_true(signet_b64url_decode(text, text_len, back, &back_len));
        assert_int_equal(back_len, len);
        assert_memory_equal(back, bytes, len);
        assert_true(signet_b64url_is_alphabet(text, text_len));
        free(bytes);
        free(text);
        free(back);
    }
}

/* Each of the 256 bytes at each position of a long text. */
static void a_character_outside_the_alphabet_is_refused_at_every_position(void **state)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char text[100];
    uint8_t out[80];
    size_t out_len;
    (void)state;
    for (size_t place = 0; place < sizeof text; place++) {
        memset(text, 'A', sizeof text);
        for (int c = 0; c < 256; c++) {
            const bool legal = c != 0 && strchr(alphabet, c);
            text[place] = (char)c;
            assert_int_equal(signet_b64url_decode(text, sizeof text, out, &out_len), legal);
            assert_int_equal(signet_b64url_is_alphabet(text, sizeof text), legal);
        }
    }
}

static void non_canonical_texts_are_refused(void **state)
{
    const char *bad[] = {
        "A", "AAAAA", "Zh", "Zm9", "Zg==", "Zm8=", "Zm9v=", " Zm9v", "Zm9v\n", "Zm 9v", "+/+/", "AB", "AAB", "AAAAAB"};
    uint8_t out[16];
    size_t len;
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(signet_b64url_decode(bad[i], strlen(bad[i]), out, &len));
}

static void each_algorithms_prebuilt_header_has_its_name(void **state)
{
    (void)state;
    for (int alg = 0; alg < SIGNET_ALG_COUNT; alg++) {
        const signet_alg_row *row = signet_alg_row_of((signet_alg)alg);
        char json[64], expected[64];
        size_t len;
        assert_true(signet_b64url_decode(row->header_b64, row->header_b64_len, json, &len));
        json[len] = 0;
        (void)snprintf(expected, sizeof expected, "{\"alg\":\"%s\",\"typ\":\"JWT\"}", row->name);
        assert_string_equal(json, expected);
        assert_int_equal(signet_alg_from_name(row->name, row->name_len), alg);
        assert_ptr_equal(signet_alg_name((signet_alg)alg), row->name);
    }
    assert_int_equal(signet_alg_from_name("hs256", 5), SIGNET_ALG_COUNT);
    assert_int_equal(signet_alg_from_name("HS2566", 6), SIGNET_ALG_COUNT);
    assert_false(signet_alg_available(SIGNET_ALG_COUNT));
    assert_true(signet_alg_available(SIGNET_HS256));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_matches_rfc_4648),
        cmocka_unit_test(decoding_undoes_encoding_at_every_length),
        cmocka_unit_test(a_character_outside_the_alphabet_is_refused_at_every_position),
        cmocka_unit_test(non_canonical_texts_are_refused),
        cmocka_unit_test(each_algorithms_prebuilt_header_has_its_name),
    };
    return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}
