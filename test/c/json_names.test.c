/* Duplicate members, where an object's names lie in the stack, where they have moved to the table, and across nested objects. */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/json_names.h"
#include "core/scratch.h"

static signet_scratch *scratch;

static signet_status read_text(const char *text)
{
    return signet_json_read_object(text, strlen(text), NULL, 0, signet_scratch_names(scratch), 0, NULL);
}

/* An object of `n` members m0, m1, … with `inside` as the value of the one in the middle, and `last` as one more name. */
static const char *object_of(unsigned n, const char *inside, const char *last)
{
    static char text[65536];
    size_t len = (size_t)sprintf(text, "{");
    for (unsigned i = 0; i < n; i++)
        len += (size_t)sprintf(text + len, "\"m%u\":%s,", i, i == n / 2 ? inside : "1");
    sprintf(text + len, "\"%s\":1}", last);
    return text;
}

static void a_duplicate_is_found_at_every_number_of_members(void **state)
{
    (void)state;
    char last[16];
    for (unsigned n = 1; n <= 80; n++) {
        for (unsigned of = 0; of < n; of++) {
            sprintf(last, "m%u", of);
            assert_int_equal(read_text(object_of(n, "1", last)), SIGNET_ERR_TOKEN_INVALID);
        }
        assert_int_equal(read_text(object_of(n, "1", "other")), SIGNET_OK);
    }
}

static void an_objects_names_are_its_own_and_outlive_what_is_nested_in_it(void **state)
{
    (void)state;
    static const char nested[] = "{\"m0\":{\"m0\":{\"m1\":1,\"m0\":2}},\"m1\":[{\"m0\":1},{\"m0\":1}]}";
    char last[16];
    for (unsigned n = 1; n <= 40; n++) {
        assert_int_equal(read_text(object_of(n, nested, "other")), SIGNET_OK);
        for (unsigned of = 0; of < n; of++) {
            sprintf(last, "m%u", of);
            assert_int_equal(read_text(object_of(n, nested, last)), SIGNET_ERR_TOKEN_INVALID);
        }
    }
    assert_int_equal(read_text("{\"a\":{\"b\":{\"c\":1,\"c\":1}}}"), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"a\":{\"b\":{\"c\":1},\"b\":1}}"), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"a\":[{\"b\":1},{\"b\":1,\"b\":1}]}"), SIGNET_ERR_TOKEN_INVALID);
}

static void a_name_is_the_same_however_it_is_escaped(void **state)
{
    (void)state;
    assert_int_equal(read_text(object_of(3, "1", "\\u006d1")), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text(object_of(30, "1", "\\u006d1")), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"\\u0061\":1,\"a\":1}"), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"\\u0061\":1,\"\\u0061b\":1}"), SIGNET_OK);
}

static void many_objects_open_at_once_are_told_apart(void **state)
{
    (void)state;
    char text[4096] = "";
    for (int i = 0; i < 60; i++)
        strcat(text, "{\"a\":1,\"b\":2,\"c\":");
    strcat(text, "0");
    for (int i = 0; i < 60; i++)
        strcat(text, ",\"d\":3}");
    assert_int_equal(read_text(text), SIGNET_OK);
    char *outermost = strrchr(text, 'd');
    *outermost = 'a';
    assert_int_equal(read_text(text), SIGNET_ERR_TOKEN_INVALID);
}

static int set_up(void **state)
{
    (void)state;
    scratch = signet_scratch_new();
    return scratch ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    signet_scratch_free(scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duplicate_is_found_at_every_number_of_members),
        cmocka_unit_test(an_objects_names_are_its_own_and_outlive_what_is_nested_in_it),
        cmocka_unit_test(a_name_is_the_same_however_it_is_escaped),
        cmocka_unit_test(many_objects_open_at_once_are_told_apart),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
