/* session_support.h: an auth on a store, and the calls that nearly every test of sessions makes. */
#ifndef SIGNET_TEST_SESSION_SUPPORT_H
#define SIGNET_TEST_SESSION_SUPPORT_H

#include "store_support.h"

#define TEST_ACCESS_SECRET "access-k3J9xQ2mV7pL5tR8wZ1cB4nH6yD0fG"
#define TEST_REFRESH_SECRET "refresh-u8E2sK6vX1qM9bN4jP7hT3aW5rC0"
#define TEST_NEXT_SECRET "next-y5G7dL2zF9kS3oV8xI1uQ6mJ4eB0tA"
#define TEST_LEGACY_SECRET "myRefreshSecretKey"

signet_text text_of(const char *string);

/* 15 minutes, 1 hour idle, 10 hours in all, 30 s of grace, no limit of sessions; one secret each. Static texts. */
signet_auth_config sample_config(void);

signet_auth *auth_of(const signet_auth_config *config);

/* An auth, a store and a scratch, as a test's state. */
typedef struct fixture {
    signet_auth *auth;
    signet_store *store;
    signet_scratch *scratch;
} fixture;
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Puts another configuration in the fixture's auth. */
void fixture_configure(fixture *f, const signet_auth_config *config);

/* Runs one job. */
signet_status run_job(fixture *f, signet_job *job);

/* Logs `user` in at `now_ms`, or fails the test; the refresh token is the caller's to free. `session_id` may be NULL.
 */
char *login_at(fixture *f, const char *user, int64_t now_ms, char *session_id);

/* Presents a token; the job is the caller's to clear. */
signet_status rotate_at(fixture *f, const char *token, int64_t now_ms, signet_job *job);

/* The successor of `token`, or the test fails; the caller's to free. */
char *successor_at(fixture *f, const char *token, int64_t now_ms);

/* Presents a token that must be refused with `expected`; returns the event. */
signet_event refused_at(fixture *f, const char *token, int64_t now_ms, signet_status expected);

/* The payload of a token as text, unverified. Static, one at a time. */
const char *payload_of(const char *token);

/* Signs any payload with any typ and secret, HS256; the caller's to free. */
char *forge(const char *typ, const char *secret, const char *payload);

#endif
