/* Duplicate members: in objects whose names are on the stack, in objects whose names have moved to the table, and
 * across nested objects. */
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

/* An object with the members m0, m1, … m(n-1), `inside` as the value of the middle one, and another member `last`. */
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

static void an_objects_names_are_its_own_and_survive_nested_objects(void **state)
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

static void a_name_is_the_same_with_and_without_escapes(void **state)
{
    (void)state;
    assert_int_equal(read_text(object_of(3, "1", "\\u006d1")), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text(object_of(30, "1", "\\u006d1")), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"\\u0061\":1,\"a\":1}"), SIGNET_ERR_TOKEN_INVALID);
    assert_int_equal(read_text("{\"\\u0061\":1,\"\\u0061b\":1}"), SIGNET_OK);
}

static void the_names_of_many_open_objects_are_kept_apart(void **state)
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

/* Rows of a list: each is expected to have the names of the one before. */
static void rows_with_the_same_names_are_checked_as_the_first_is(void **state)
{
    static const char row[] =
        "{\"id\":1,\"na\\u006de\":{\"first\":\"a\",\"last\":\"b\"},\"longer than sixteen bytes\":[{}]}";
    static const struct {
        const char *row;
        signet_status status;
    } rows[] = {
        {row, SIGNET_OK},
        {"{\"id\":1}", SIGNET_OK},
        {"{\"id\":1,\"name\":2}", SIGNET_OK},
        {"{\"id\":1,\"ID\":2,\"longer than sixteen bytes\":3}", SIGNET_OK},
        {"{\"na\\u006de\":1,\"id\":2}", SIGNET_OK},
        {"{\"id\":1,\"na\\u006de\":2,\"longer than sixteen bytes!\":3}", SIGNET_OK},
        {"{\"id\":1,\"id\":2}", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id\":1,\"na\\u006de\":2,\"name\":3}", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id\":1,\"name\":2,\"na\\u006de\":3}", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id\":1,\"na\\u006de\":{\"first\":1,\"first\":2}}", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id\":1,\"na\\u006de\":{},\"longer than sixteen bytes\":[{}],\"id\":1}", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id\"", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id", SIGNET_ERR_TOKEN_INVALID},
        {"{\"id\":1,\"na\\u006de\":{\"fir", SIGNET_ERR_TOKEN_INVALID},
    };
    char text[1024];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(text, sizeof text, "{\"rows\":[%s,%s]}", row, rows[i].row);
        assert_int_equal(read_text(text), rows[i].status);
        (void)snprintf(text, sizeof text, "{\"rows\":[%s,%s,%s]}", row, rows[i].row, row);
        assert_int_equal(read_text(text), rows[i].status);
    }
    assert_int_equal(read_text("{\"rows\":[{\"a\":1,\"b\":2}]}"), SIGNET_OK);
    assert_int_equal(read_text("{\"rows\":[{\"a\":1,\"a\":2}]}"), SIGNET_ERR_TOKEN_INVALID);
}

static uint32_t below(uint32_t limit)
{
    static uint64_t number = 20;
    number = number * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(number >> 33) % limit;
}

enum { MOST_NAMES = 40, DEEPEST = 24 };

/* Makes the names of a row: one of a few sets, often changed a little. False if a name occurs twice. */
static bool choose_names(unsigned *names, unsigned n)
{
    const unsigned first = below(4) ? 0 : below(5);
    for (unsigned i = 0; i < n; i++)
        names[i] = first + i;
    if (below(4) == 0)
        names[below(n)] = 1000 + below(3);
    const unsigned a = below(n), b = below(n), moved = names[a];
    if (below(4) == 0) {
        names[a] = names[b];
        names[b] = moved;
    }
    if (below(60) == 0)
        names[a] = names[b];
    for (unsigned i = 0; i < n; i++)
        for (unsigned j = 0; j < i; j++)
            if (names[i] == names[j])
                return false;
    return true;
}

static char *put_object(char *to, unsigned depth, bool *distinct)
{
    static const char *const written[] = {"\"field%u\":", "\"\\u0066ield%u\":", "\"fiel\\u0064%u\":"};
    static const unsigned sizes[] = {1, 3, 4, 4, 9, 12, 33, MOST_NAMES};
    const unsigned n = depth > 2 ? 1 + below(3) : sizes[below(8)];
    unsigned names[MOST_NAMES];
    *distinct &= choose_names(names, n);
    *to++ = '{';
    for (unsigned i = 0; i < n; i++) {
        to += sprintf(to, written[below(8) ? 0 : below(3)], names[i]);
        if (depth < DEEPEST && below(n) == 0 && below(20) > 0)
            to = put_object(to, depth + 1, distinct);
        else
            to += sprintf(to, "%u", i);
        *to++ = ',';
    }
    to[-1] = '}';
    return to;
}

static void rows_are_refused_exactly_if_a_name_occurs_twice(void **state)
{
    enum { TEXTS = 2000, ROWS = 6 };
    static char text[1 << 20];
    unsigned distinct_n = 0;
    (void)state;
    for (int i = 0; i < TEXTS; i++) {
        bool distinct = true;
        char *to = text + sprintf(text, "{\"rows\":[");
        for (int row = 0; row < ROWS; row++) {
            to = put_object(to, 2, &distinct);
            *to++ = row + 1 < ROWS ? ',' : ']';
        }
        strcpy(to, "}");
        assert_int_equal(read_text(text), distinct ? SIGNET_OK : SIGNET_ERR_TOKEN_INVALID);
        distinct_n += distinct;
    }
    assert_in_range(distinct_n, TEXTS / 10, TEXTS * 9 / 10);
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
        cmocka_unit_test(an_objects_names_are_its_own_and_survive_nested_objects),
        cmocka_unit_test(a_name_is_the_same_with_and_without_escapes),
        cmocka_unit_test(the_names_of_many_open_objects_are_kept_apart),
        cmocka_unit_test(rows_with_the_same_names_are_checked_as_the_first_is),
        cmocka_unit_test(rows_are_refused_exactly_if_a_name_occurs_twice),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
