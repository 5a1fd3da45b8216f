/* The embedded store: damaged records. */
#include "cmocka_all.h"

#include "store_support.h"

#define LATER (TEST_NOW + 60000)

static void a_column_of_the_wrong_size_is_reported_by_name(void **state)
{
    static const char *const damage[][2] = {
        {"token_hash", "UPDATE sessions SET token_hash = x'00'"},
        {"previous_hash", "UPDATE sessions SET previous_hash = x'00'"},
        {"seed", "UPDATE sessions SET seed = zeroblob(17)"},
        {"user_agent", "UPDATE sessions SET user_agent = hex(zeroblob(257))"},
        {"ip", "UPDATE sessions SET ip = hex(zeroblob(33))"},
        {"label", "UPDATE sessions SET label = hex(zeroblob(129))"},
        {"revoked_for", "UPDATE sessions SET revoked_for = hex(zeroblob(12))"},
    };
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        const char *path = scratch_path(state, "s.db");
        signet_record record = sample_record("s1", "u1");
        signet_session *list = NULL;
        size_t list_n = 0;
        bool matched;
        signet_error err;
        signet_store *store = open_sqlite(path);
        assert_int_equal(store->ops->insert(store, &record, &matched, NULL), SIGNET_OK);
        sql_on_file(path, damage[i][1]);
        assert_int_equal(store->ops->read(store, "s1", "u1", &record, &matched, &err), SIGNET_ERR_STORE_CORRUPT);
        assert_non_null(strstr(err.detail, damage[i][0]));
        assert_int_equal(store->ops->list(store, "u1", LATER, &list, &list_n, &err), SIGNET_ERR_STORE_CORRUPT);
        signet_store_close(store);
        sql_on_file(path, "DELETE FROM sessions");
    }
}

static void missing_tables_are_reported(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_record record;
    bool matched;
    signet_revoke_note note;
    signet_error err;
    sql_on_file(scratch_path(state, "s.db"), "DROP TABLE sessions; DROP TABLE revoked_users");
    assert_int_equal(store->ops->read(store, "s1", "u1", &record, &matched, &err), SIGNET_ERR_STORE_CORRUPT);
    assert_int_equal(store->ops->last_revoke_all(store, "u1", &note, &err), SIGNET_ERR_STORE_CORRUPT);
    signet_store_close(store);
}

/* To treat it as "not matched" would lead to reuse. */
static void a_session_that_vanishes_right_after_its_rotation_is_corruption_and_not_another_token(void **state)
{
    signet_store *store = open_sqlite(scratch_path(state, "s.db"));
    signet_record record = sample_record("s1", "u1"), after;
    bool matched = false;
    signet_error err;
    const signet_rotation rotation = {.session_id = "s1",
                                      .user_id = "u1",
                                      .presented_hash = sample_hash('a'),
                                      .successor_hash = sample_hash('b'),
                                      .seed = sample_hash('t'),
                                      .now_ms = LATER,
                                      .expires_at_ms = LATER + TEST_HOUR};
    assert_int_equal(store->ops->insert(store, &record, &matched, NULL), SIGNET_OK);
    sql_on_file(scratch_path(state, "s.db"),
                "CREATE TRIGGER lost AFTER UPDATE ON sessions BEGIN DELETE FROM sessions WHERE id = old.id; END");
    assert_int_equal(store->ops->rotate(store, &rotation, &after, &matched, &err), SIGNET_ERR_STORE_CORRUPT);
    signet_store_close(store);
}

#define with_folder(test) cmocka_unit_test_setup_teardown(test, scratch_folder_setup, scratch_folder_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(a_column_of_the_wrong_size_is_reported_by_name),
        with_folder(missing_tables_are_reported),
        with_folder(a_session_that_vanishes_right_after_its_rotation_is_corruption_and_not_another_token),
    };
    return cmocka_run_group_tests_name("sqlite_row", tests, NULL, NULL);
}
