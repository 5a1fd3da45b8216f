/* store_support.h: what the tests of stores and sessions share. */
#ifndef SIGNET_TEST_STORE_SUPPORT_H
#define SIGNET_TEST_STORE_SUPPORT_H

#include "session/store.h"

#define TEST_NOW INT64_C(1700000000000)
#define TEST_HOUR INT64_C(3600000)

/* Make and remove a folder for a test's files; `*state` points to its path. Pass both to
 * cmocka_unit_test_setup_teardown. */
int scratch_folder_setup(void **state);
int scratch_folder_teardown(void **state);

/* The path of `name` in the test's folder. Valid until four calls later. */
const char *scratch_path(void **state, const char *name);

/* A session made at TEST_NOW, with an idle limit of one hour and an absolute limit of ten. Its token hash is 32 bytes
 * 'a', its seed 16 bytes 's'. */
signet_record sample_record(const char *session_id, const char *user_id);

/* 32 bytes `letter`. Static, one buffer per letter. */
const uint8_t *sample_hash(char letter);

/* A session's record in the store; fails the test if there is none. */
signet_record record_in(signet_store *store, const char *session_id, const char *user_id);

/* revokeAll's note in the store; zeroed if there is none. */
signet_revoke_note note_in(signet_store *store, const char *user_id);

/* Asserts that all members are equal. */
void assert_same_session(const signet_session *one, const signet_session *other);

/* Opens a file or ":memory:". */
signet_status try_open_sqlite(const char *path, int64_t timeout_ms, signet_store **store, signet_error *err);

/* Opens, or fails the test. */
signet_store *open_sqlite(const char *path);

/* Runs SQL on a file through a new connection, or fails the test. */
void sql_on_file(const char *path, const char *sql);

/* Runs `body` in a child process as a user without privileges. Returns its exit status; 255 if it crashed. */
int as_ordinary_user(int (*body)(const char *path), const char *path);

#endif
