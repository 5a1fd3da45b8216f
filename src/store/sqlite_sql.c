/* sqlite_sql.c: every statement, prepared once when the store is opened. */
#include "store/sqlite.h"

static const char *const statements[SQLITE_STMT_COUNT] = {
#define STATEMENT_SQL(name, sql) sql,
    SQLITE_STATEMENTS(STATEMENT_SQL)
#undef STATEMENT_SQL
};

signet_status sqlite_prepare_all(sqlite_store *store, signet_error *err)
{
    for (size_t i = 0; i < SQLITE_STMT_COUNT; i++) {
        int rc =
            sqlite3_prepare_v3(store->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i], NULL);
        if (rc != SQLITE_OK)
            return sqlite_fail(store, rc, err);
    }
    return SIGNET_OK;
}

void sqlite_finalize_all(sqlite_store *store)
{
    for (size_t i = 0; i < SQLITE_STMT_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
}

signet_status sqlite_run(sqlite_store *store, sqlite_statement which, signet_error *err)
{
    int rc = sqlite3_step(store->statements[which]);
    /* The result code of the reset is that of the step. */
    (void)sqlite3_reset(store->statements[which]);
    return rc == SQLITE_DONE ? SIGNET_OK : sqlite_fail(store, rc, err);
}
