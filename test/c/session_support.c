/* session_support.c: an auth with a store, and the calls that most tests of sessions make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session_support.h"

signet_text text_of(const char *string)
{
    return (signet_text){string, strlen(string)};
}

signet_auth_config sample_config(void)
{
    static signet_text access_secret, refresh_secret;
    access_secret = text_of(TEST_ACCESS_SECRET);
    refresh_secret = text_of(TEST_REFRESH_SECRET);
    return (signet_auth_config){.access_secrets = &access_secret,
                                .access_secrets_n = 1,
                                .refresh_secrets = &refresh_secret,
                                .refresh_secrets_n = 1,
                                .access_expires_in_s = 900,
                                .refresh_expires_in_s = 3600,
                                .session_expires_in_s = 36000,
                                .grace_period_ms = 30000};
}

signet_auth *auth_of(const signet_auth_config *config)
{
    signet_auth *auth = NULL;
    signet_error err;
    memset(&err, 0, sizeof err);
    if (signet_auth_new(config, &auth, &err) != SIGNET_OK)
        fail_msg("%s: %s", err.field, err.detail);
    return auth;
}

int fixture_setup(void **state)
{
    const signet_auth_config config = sample_config();
    fixture *f = calloc(1, sizeof *f);
    if (!f)
        return -1;
    f->auth = auth_of(&config);
    f->store = open_sqlite(":memory:");
    f->scratch = signet_scratch_new();
    *state = f;
    return 0;
}

int fixture_teardown(void **state)
{
    fixture *f = *state;
    signet_auth_free(f->auth);
    signet_store_close(f->store);
    signet_scratch_free(f->scratch);
    free(f);
    return 0;
}

void fixture_configure(fixture *f, const signet_auth_config *config)
{
    signet_auth_free(f->auth);
    f->auth = auth_of(config);
}

signet_status run_job(fixture *f, signet_job *job)
{
    signet_session_run(f->auth, f->store, f->scratch, &job, 1, 1000);
    return job->status;
}

char *login_at(fixture *f, const char *user, int64_t now_ms, char *session_id)
{
    signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = now_ms, .user_id = text_of(user)};
    job.client.user_agent = text_of("Firefox");
    if (run_job(f, &job) != SIGNET_OK)
        fail_msg("login: %s %s", signet_status_name(job.status), job.error.detail);
    if (session_id)
        memcpy(session_id, job.session.id, sizeof job.session.id);
    char *token = job.refresh_token;
    job.refresh_token = NULL;
    signet_job_clear(&job);
    return token;
}

signet_status rotate_at(fixture *f, const char *token, int64_t now_ms, signet_job *job)
{
    job->now_ms = now_ms;
    return signet_rotate_refresh(f->auth, f->store, f->scratch, token, strlen(token), 1000, job);
}

char *successor_at(fixture *f, const char *token, int64_t now_ms)
{
    signet_job job = {.kind = SIGNET_JOB_ROTATE};
    if (rotate_at(f, token, now_ms, &job) != SIGNET_OK)
        fail_msg("rotation: %s %s", signet_status_name(job.status), job.error.detail);
    char *successor = job.refresh_token;
    job.refresh_token = NULL;
    signet_job_clear(&job);
    return successor;
}

signet_event refused_at(fixture *f, const char *token, int64_t now_ms, signet_status expected)
{
    signet_job job = {.kind = SIGNET_JOB_ROTATE};
    assert_string_equal(signet_status_name(rotate_at(f, token, now_ms, &job)), signet_status_name(expected));
    assert_int_equal(job.error.status, expected);
    assert_null(job.access_token);
    assert_null(job.refresh_token);
    signet_event event = job.event;
    signet_job_clear(&job);
    return event;
}

const char *payload_of(const char *token)
{
    static char payload[4096];
    signet_scratch *scratch = signet_scratch_new();
    signet_token decoded;
    assert_int_equal(signet_decode(scratch, token, strlen(token), &decoded, NULL), SIGNET_OK);
    snprintf(payload, sizeof payload, "%.*s", (int)decoded.payload.len, decoded.payload.ptr);
    signet_scratch_free(scratch);
    return payload;
}

char *forge(const char *typ, const char *secret, const char *payload)
{
    signet_scratch *scratch = signet_scratch_new();
    signet_key *key = NULL;
    signet_text token;
    const signet_sign_request request = {.alg = SIGNET_HS256, .typ = text_of(typ), .payload = text_of(payload)};
    assert_int_equal(signet_key_from_secret(secret, strlen(secret), &key, NULL), SIGNET_OK);
    assert_int_equal(signet_sign(key, scratch, &request, &token, NULL), SIGNET_OK);
    char *copy = malloc(token.len + 1);
    assert_non_null(copy);
    memcpy(copy, token.ptr, token.len);
    copy[token.len] = 0;
    signet_key_free(key);
    signet_scratch_free(scratch);
    return copy;
}
