/* session_support.h: an auth with a store, and the calls that most tests of sessions make. */
#ifndef SIGNET_TEST_SESSION_SUPPORT_H
#define SIGNET_TEST_SESSION_SUPPORT_H

#include "store_support.h"

#define TEST_ACCESS_SECRET "access-k3J9xQ2mV7pL5tR8wZ1cB4nH6yD0fG"
#define TEST_REFRESH_SECRET "refresh-u8E2sK6vX1qM9bN4jP7hT3aW5rC0"
#define TEST_NEXT_SECRET "next-y5G7dL2zF9kS3oV8xI1uQ6mJ4eB0tA"
#define TEST_LEGACY_SECRET "myRefreshSecretKey"

signet_text text_of(const char *string);

/* Access tokens of 15 minutes, idle limit 1 hour, absolute limit 10 hours, grace period 30 s, no limit of sessions, one
 * secret of each kind. Static texts. */
signet_auth_config sample_config(void);

signet_auth *auth_of(const signet_auth_config *config);

/* A test's state: an auth, a store and a scratch. */
typedef struct fixture {
    signet_auth *auth;
    signet_store *store;
    signet_scratch *scratch;
} fixture;
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Replaces the fixture's auth by one with this configuration. */
void fixture_configure(fixture *f, const signet_auth_config *config);

/* Runs one job. */
signet_status run_job(fixture *f, signet_job *job);

/* Logs `user` in at `now_ms`, or fails the test. The caller frees the refresh token. `session_id` may be NULL. */
char *login_at(fixture *f, const char *user, int64_t now_ms, char *session_id);

/* Presents a token; the caller clears the job. */
signet_status rotate_at(fixture *f, const char *token, int64_t now_ms, signet_job *job);

/* The successor of `token`; the caller frees it. Fails the test if there is none. */
char *successor_at(fixture *f, const char *token, int64_t now_ms);

/* Presents a token that must be refused with `expected`; returns the event. */
signet_event refused_at(fixture *f, const char *token, int64_t now_ms, signet_status expected);

/* The payload of a token as text, unverified. Static: valid until the next call. */
const char *payload_of(const char *token);

/* Signs any payload with any typ and secret, by HS256. The caller frees the token. */
char *forge(const char *typ, const char *secret, const char *payload);

#endif
