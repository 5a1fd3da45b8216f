/* store_support.c: what the tests of stores and sessions share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <dirent.h>
#include <sqlite3.h>

#include <cmocka.h>

#include "store_support.h"

int scratch_folder_setup(void **state)
{
    const char *base = getenv("TMPDIR");
    char *folder = malloc(256);
    if (!folder)
        return -1;
    snprintf(folder, 256, "%s/signet-test-XXXXXX", base && *base ? base : "/tmp");
    *state = folder;
    return mkdtemp(folder) ? 0 : -1;
}

int scratch_folder_teardown(void **state)
{
    DIR *dir = opendir(*state);
    struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            (void)unlink(scratch_path(state, entry->d_name));
    if (dir)
        closedir(dir);
    int failed = rmdir(*state);
    free(*state);
    return failed;
}

const char *scratch_path(void **state, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", (const char *)*state, name);
    return path;
}

const uint8_t *sample_hash(char letter)
{
    static uint8_t hashes[128][SIGNET_HASH_LEN];
    uint8_t *hash = hashes[(unsigned char)letter & 127];
    memset(hash, letter, SIGNET_HASH_LEN);
    return hash;
}

signet_record sample_record(const char *session_id, const char *user_id)
{
    signet_record record;
    memset(&record, 0, sizeof record);
    snprintf(record.session.id, sizeof record.session.id, "%s", session_id);
    snprintf(record.session.user_id, sizeof record.session.user_id, "%s", user_id);
    record.session.created_at_ms = record.session.rotated_at_ms = TEST_NOW;
    record.session.expires_at_ms = TEST_NOW + TEST_HOUR;
    record.session.ends_at_ms = TEST_NOW + 10 * TEST_HOUR;
    snprintf(record.session.user_agent, sizeof record.session.user_agent, "Firefox \xc3\xa4");
    snprintf(record.session.ip, sizeof record.session.ip, "192.0.2.1");
    snprintf(record.session.label, sizeof record.session.label, "my phone");
    memcpy(record.token_hash, sample_hash('a'), SIGNET_HASH_LEN);
    memset(record.seed, 's', SIGNET_SEED_LEN);
    return record;
}

signet_revoke_note note_in(signet_store *store, const char *user_id)
{
    signet_revoke_note note;
    signet_error err;
    assert_int_equal(store->ops->last_revoke_all(store, user_id, &note, &err), SIGNET_OK);
    return note;
}

signet_record record_in(signet_store *store, const char *session_id, const char *user_id)
{
    signet_record record;
    signet_error err;
    bool matched = false;
    memset(&record, 0, sizeof record);
    assert_int_equal(store->ops->read(store, session_id, user_id, &record, &matched, &err), SIGNET_OK);
    assert_true(matched);
    return record;
}

void assert_same_session(const signet_session *one, const signet_session *other)
{
    assert_string_equal(one->id, other->id);
    assert_string_equal(one->user_id, other->user_id);
    assert_int_equal(one->generation, other->generation);
    assert_int_equal(one->retries, other->retries);
    assert_int_equal(one->retries_total, other->retries_total);
    assert_int_equal(one->created_at_ms, other->created_at_ms);
    assert_int_equal(one->rotated_at_ms, other->rotated_at_ms);
    assert_int_equal(one->expires_at_ms, other->expires_at_ms);
    assert_int_equal(one->ends_at_ms, other->ends_at_ms);
    assert_int_equal(one->revoked_at_ms, other->revoked_at_ms);
    assert_string_equal(one->revoked_for, other->revoked_for);
    assert_string_equal(one->user_agent, other->user_agent);
    assert_string_equal(one->ip, other->ip);
    assert_string_equal(one->label, other->label);
}

signet_status try_open_sqlite(const char *path, int64_t timeout_ms, signet_store **store, signet_error *err)
{
    const signet_store_options options = {.place = path, .timeout_ms = timeout_ms};
    return signet_store_open(&options, store, err);
}

signet_store *open_sqlite(const char *path)
{
    signet_store *store = NULL;
    signet_error err;
    memset(&err, 0, sizeof err);
    if (try_open_sqlite(path, 2000, &store, &err) != SIGNET_OK)
        fail_msg("%s does not open: %s", path, err.detail);
    return store;
}

void sql_on_file(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int as_ordinary_user(int (*body)(const char *path), const char *path)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const uid_t nobody = 65534;
        if (geteuid() == 0 && (setgid(nobody) != 0 || setuid(nobody) != 0))
            _exit(254);
        _exit(body(path));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}
