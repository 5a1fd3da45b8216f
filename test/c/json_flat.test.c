/* Flat payloads: what the short way takes, it takes as the full reader does. */
#include "cmocka_all.h"

#include <string.h>

#include "core/json.h"
#include "core/json_flat.h"
#include "core/scratch.h"

static bool is_flat(const char *text)
{
    signet_flat flat;
    return signet_json_read_flat(text, strlen(text), &flat);
}

static void members_come_with_their_kinds_and_values(void **state)
{
    (void)state;
    static const char text[] =
        "{\"id\":\"1\",\"isAdmin\":true,\"off\":false,\"none\":null,\"iat\":1700000000,\"low\":-12,\"zero\":0,\"\":\"\"}";
    signet_flat flat;
    assert_true(signet_json_read_flat(text, sizeof text - 1, &flat));
    assert_int_equal(flat.members_n, 8);
    assert_memory_equal(flat.members[0].name.ptr, "id", flat.members[0].name.len);
    assert_int_equal(flat.members[0].kind, SIGNET_MEMBER_STRING);
    assert_int_equal(flat.members[0].text.len, 1);
    assert_int_equal(flat.members[1].kind, SIGNET_MEMBER_TRUE);
    assert_int_equal(flat.members[2].kind, SIGNET_MEMBER_FALSE);
    assert_int_equal(flat.members[3].kind, SIGNET_MEMBER_NULL);
    assert_true(flat.members[4].number == 1700000000);
    assert_true(flat.members[5].number == -12);
    assert_true(flat.members[6].number == 0);
    assert_int_equal(flat.members[7].text.len, 0);
}

static void what_is_not_flat_is_left_to_the_full_reader(void **state)
{
    (void)state;
    static const char *const others[] = {
        "{}",
        "{\"a\":{}}",
        "{\"a\":[]}",
        "{\"a\":1.5}",
        "{\"a\":1e3}",
        "{ \"a\":1}",
        "{\"a\": 1}",
        "{\"a\":1 }",
        "{\"a\":1}\n",
        "{\"a\\n\":1}",
        "{\"a\":\"\\u0041\"}",
        "{\"é\":1}",
        "{\"a\":\"é\"}",
        "{\"a\":1234567890123456}",
        "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":1,\"p\":1,"
        "\"q\":1}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(is_flat(others[i]));
}

static void what_is_no_json_is_not_flat(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "{",
        "}",
        "{\"",
        "{\"a",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{\"a\":\"b",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":tru}",
        "{\"a\":1}}",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":1;\"b\":2}",
        "{\"a\":\"\t\"}",
        "{\"a\":--1}",
        "{\"a\":1,\"a\":2}",
        "{\"abcdefgh\":1,\"b\":2,\"abcdefgh\":3}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(is_flat(wrong[i]));
}

/* Every text that differs from a good one in one byte, and every cut of it: flat only where the full reader agrees. */
static void a_changed_byte_is_judged_as_the_full_reader_judges_it(void **state)
{
    (void)state;
    static const char good[] = "{\"id\":\"1\",\"ok\":true,\"n\":null,\"iat\":170,\"exp\":-12}";
    signet_scratch *scratch = signet_scratch_new();
    assert_non_null(scratch);
    char text[sizeof good];
    unsigned taken = 0;
    for (size_t at = 0; at < sizeof good - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            signet_flat flat;
            memcpy(text, good, sizeof good);
            text[at] = (char)byte;
            if (!signet_json_read_flat(text, sizeof good - 1, &flat))
                continue;
            taken++;
            assert_int_equal(signet_json_read_object(text, sizeof good - 1, NULL, 0, &scratch->names, 0, NULL), SIGNET_OK);
        }
        assert_false(signet_json_read_flat(good, at, &(signet_flat){.members_n = 0}));
    }
    assert_true(taken > 1000);
    signet_scratch_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_with_their_kinds_and_values),
        cmocka_unit_test(what_is_not_flat_is_left_to_the_full_reader),
        cmocka_unit_test(what_is_no_json_is_not_flat),
        cmocka_unit_test(a_changed_byte_is_judged_as_the_full_reader_judges_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
