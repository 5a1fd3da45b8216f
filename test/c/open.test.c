/* Which store a place selects, and what is known about it before it is opened. */
#include <string.h>

#include "cmocka_all.h"
#include "signet.h"

static void the_place_selects_the_store(void **state)
{
    static const char *const cases[][2] = {
        {"mongodb://h/db", "mongodb"}, {"mongodb+srv://h/db", "mongodb"}, {":memory:", "sqlite"},
        {"./signet.db", "sqlite"},     {"mongodb.db", "sqlite"},          {"MongoDB://h", "mongodb"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(signet_store_traits_of(cases[i][0])->name, cases[i][1]);
}

static void only_a_server_fails_fast_purges_itself_and_adopts(void **state)
{
    const signet_store_traits *const file = signet_store_traits_of("signet.db"), *const server = signet_store_traits_of(
                                                                                     "mongodb://h");
    (void)state;
    assert_false(file->opens_without_io || file->fails_fast || file->exits_briefly || file->purges_itself ||
                 file->adopts);
    assert_true(server->opens_without_io && server->fails_fast && server->exits_briefly && server->purges_itself &&
                server->adopts);
}

static void an_unknown_scheme_is_an_option_error_and_makes_no_file(void **state)
{
    static const char *const places[] = {"redis://h", "file:x.db", "mongodb:x", "postgres+ssl://h", "", NULL};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        const signet_store_options options = {.place = places[i], .timeout_ms = 10};
        signet_store *store = NULL;
        signet_error err;
        assert_int_equal(signet_store_open(&options, &store, &err), SIGNET_ERR_OPTION);
        assert_string_equal(err.field, "store");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_place_selects_the_store),
        cmocka_unit_test(only_a_server_fails_fast_purges_itself_and_adopts),
        cmocka_unit_test(an_unknown_scheme_is_an_option_error_and_makes_no_file),
    };
    return cmocka_run_group_tests_name("open", tests, NULL, NULL);
}
