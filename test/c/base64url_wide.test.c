/* base64url at every length and with every wrong character, so that the change from wide steps to the narrow end
 * happens at each position. */
#include "cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#include "core/base64url.h"

enum { LONGEST = 600 };
static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* RFC 4648 section 4, bit by bit. */
static size_t plain_encode(const uint8_t *bytes, size_t n, char *out)
{
    size_t len = 0;
    for (size_t bit = 0; bit < 8 * n; bit += 6) {
        unsigned value = 0;
        for (size_t i = bit; i < bit + 6; i++)
            value = value << 1 | (i < 8 * n ? bytes[i / 8] >> (7 - i % 8) & 1u : 0);
        out[len++] = alphabet[value];
    }
    return len;
}

/* Memory of exactly `n` bytes, so that valgrind and the sanitizers detect an access beyond it. */
static void *exactly(size_t n)
{
    void *room = malloc(n ? n : 1);
    assert_non_null(room);
    return room;
}

static void every_length_encodes_as_in_the_rfc_and_decodes_back(void **state)
{
    (void)state;
    char expected[2 * LONGEST];
    for (size_t n = 0; n <= LONGEST; n++) {
        uint8_t *bytes = exactly(n), *back = exactly(n);
        char *text = exactly(signet_b64url_encoded_len(n));
        size_t back_len = 0;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(i * 151 + n * 31 + (i * i >> 3));
        const size_t len = signet_b64url_encode(bytes, n, text);
        assert_int_equal(len, plain_encode(bytes, n, expected));
        assert_memory_equal(text, expected, len);
        assert_true(signet_b64url_decode(text, len, back, &back_len));
        assert_int_equal(back_len, n);
        assert_memory_equal(back, bytes, n);
        free(bytes);
        free(back);
        free(text);
    }
}

static void a_character_outside_the_alphabet_is_refused_at_every_position(void **state)
{
    (void)state;
    enum { LEN = 64, LONG = 384 }; /* the second needs every kind of step */
    static const size_t lens[] = {LEN, LONG};
    uint8_t out[LONG];
    size_t out_len;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (size_t at = 0; at < lens[i]; at++) {
            for (unsigned c = 0; c < 256; c++) {
                char text[LONG];
                memset(text, 'x', sizeof text);
                text[at] = (char)c;
                const bool is_known = c != 0 && strchr(alphabet, (int)c) != NULL;
                assert_int_equal(signet_b64url_decode(text, lens[i], out, &out_len), is_known);
            }
        }
    }
}

/* A long text decodes as a short one does, which is decoded character by character. */
static void every_character_has_its_value_at_every_position(void **state)
{
    (void)state;
    enum { LEN = 384 };
    uint8_t out[LEN];
    size_t out_len;
    for (size_t at = 0; at < LEN; at++) {
        for (unsigned value = 0; value < 64; value++) {
            char text[LEN];
            memset(text, 'A', sizeof text);
            text[at] = alphabet[value];
            assert_true(signet_b64url_decode(text, LEN, out, &out_len));
            const uint8_t *group = out + at / 4 * 3;
            const uint32_t bits = (uint32_t)group[0] << 16 | (uint32_t)group[1] << 8 | group[2];
            assert_int_equal(bits, value << (18 - 6 * (at % 4)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_encodes_as_in_the_rfc_and_decodes_back),
        cmocka_unit_test(a_character_outside_the_alphabet_is_refused_at_every_position),
        cmocka_unit_test(every_character_has_its_value_at_every_position),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
