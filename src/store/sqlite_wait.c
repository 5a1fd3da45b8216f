/* sqlite_wait.c: waiting for other processes' locks. */
#include "platform/platform.h"
#include "store/sqlite.h"

/* A wait is measured by the clock, because a sleep may take several times as long as requested. */
static int64_t clock_ms(void)
{
    return signet_monotonic_us() / 1000;
}

/* SQLite's own handler sleeps up to 100 ms between two tries. In that time other processes commit many batches, and the
 * process that has waited longest would go on waiting. Short steps keep the wait close to the length of one batch. */
static int wait_for_lock(void *context, int calls)
{
    sqlite_store *store = context;
    const int64_t now_ms = clock_ms(), step_ms = calls < 8 ? 1 : calls < 32 ? 2 : 5;
    if (calls == 0)
        store->wait_until_ms = store->deadline_ms ? store->deadline_ms : now_ms + store->busy_timeout_ms;
    const int64_t left_ms = store->wait_until_ms - now_ms;
    if (left_ms <= 0)
        return 0;
    (void)sqlite3_sleep((int)(left_ms < step_ms ? left_ms : step_ms));
    return 1;
}

int sqlite_wait_install(sqlite_store *store)
{
    return sqlite3_busy_handler(store->db, wait_for_lock, store);
}

void sqlite_wait_limit(sqlite_store *store, int64_t timeout_ms)
{
    store->deadline_ms = clock_ms() + (timeout_ms < store->busy_timeout_ms ? timeout_ms : store->busy_timeout_ms);
}

void sqlite_wait_unlimit(sqlite_store *store)
{
    store->deadline_ms = 0;
}

bool sqlite_wait_once_more(const sqlite_store *store)
{
    if (clock_ms() >= store->deadline_ms)
        return false;
    (void)sqlite3_sleep(5);
    return true;
}
