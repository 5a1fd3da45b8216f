/* All jobs except the rotation: login, logout, revoke, list, read, upkeep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session_support.h"

#define T0 TEST_NOW

static signet_session read_session(fixture *f, const char *user, const char *session_id, int64_t now_ms,
                                   signet_status expected)
{
    signet_job job = {
        .kind = SIGNET_JOB_READ, .now_ms = now_ms, .user_id = text_of(user), .session_id = text_of(session_id)};
    assert_string_equal(signet_status_name(run_job(f, &job)), signet_status_name(expected));
    signet_session session = job.session;
    signet_job_clear(&job);
    return session;
}

static size_t count_sessions(fixture *f, const char *user, int64_t now_ms)
{
    signet_job job = {.kind = SIGNET_JOB_LIST, .now_ms = now_ms, .user_id = text_of(user)};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    size_t n = job.sessions_n;
    signet_job_clear(&job);
    return n;
}

/* ------------------------------------------------------------------ login */

static void a_login_returns_both_tokens_and_makes_a_record(void **state)
{
    fixture *f = *state;
    signet_job job = {.kind = SIGNET_JOB_LOGIN,
                      .now_ms = T0 + 7,
                      .user_id = text_of("u1"),
                      .claims = text_of(" { \"id\" : \"1\" } ")};
    signet_token verified;
    job.client = (signet_client){text_of("Firefox"), text_of("192.0.2.7"), text_of("my laptop")};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    assert_int_equal(job.event, SIGNET_EVENT_LOGIN);
    assert_int_equal(job.access_expires_in_s, 900);
    assert_int_equal(signet_access_verify(f->auth, f->scratch, job.access_token, strlen(job.access_token), T0 / 1000.0,
                                          &verified, NULL),
                     SIGNET_OK);
    signet_session stored = read_session(f, "u1", job.session.id, T0, SIGNET_OK);
    assert_same_session(&stored, &job.session);
    assert_int_equal(stored.created_at_ms, T0 + 7);
    assert_int_equal(stored.expires_at_ms, T0 + TEST_HOUR);
    assert_int_equal(stored.ends_at_ms, T0 + 10 * TEST_HOUR);
    assert_string_equal(stored.user_agent, "Firefox");
    assert_string_equal(stored.ip, "192.0.2.7");
    assert_string_equal(stored.label, "my laptop");
    signet_job_clear(&job);
}

static void texts_that_are_too_long_are_cut_between_characters(void **state)
{
    fixture *f = *state;
    char longer[SIGNET_MAX_LABEL_LEN + 8];
    signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1")};
    memset(longer, 'x', sizeof longer);
    memcpy(longer + SIGNET_MAX_LABEL_LEN - 1, "\xe2\x82\xac", 3);
    job.client.label = (signet_text){longer, sizeof longer};
    job.client.ip = (signet_text){"1\0002", 3};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    assert_int_equal(strlen(job.session.label), SIGNET_MAX_LABEL_LEN - 1);
    assert_string_equal(job.session.ip, "1");
    signet_job_clear(&job);
}

static void a_user_id_must_be_a_short_text_without_control_characters(void **state)
{
    fixture *f = *state;
    char longest[SIGNET_MAX_USER_ID_LEN + 1];
    memset(longest, 'u', sizeof longest);
    const signet_text bad[] = {{NULL, 0}, {"", 0}, {"a\0b", 3}, {"a\nb", 3}, {"\xff", 1}, {longest, sizeof longest}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = bad[i]};
        assert_int_equal(run_job(f, &job), SIGNET_ERR_OPTION);
        assert_string_equal(job.error.field, "userId");
        signet_job_clear(&job);
    }
    signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = {longest, sizeof longest - 1}};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    signet_job next = {.kind = SIGNET_JOB_ROTATE};
    assert_int_equal(rotate_at(f, job.refresh_token, T0 + 1, &next), SIGNET_OK);
    signet_job_clear(&next);
    signet_job_clear(&job);
}

static void options_out_of_range_are_refused_before_the_store_is_asked(void **state)
{
    fixture *f = *state;
    signet_job ttl = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1"), .refresh_ttl_s = -1};
    signet_job claims = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0, .user_id = text_of("u1"), .claims = text_of("[1]")};
    signet_job clock = {.kind = SIGNET_JOB_LOGIN, .user_id = text_of("u1")};
    signet_job kind = {.kind = (signet_job_kind)99, .now_ms = T0};
    assert_int_equal(run_job(f, &ttl), SIGNET_ERR_OPTION);
    assert_string_equal(ttl.error.field, "refreshExpiresIn");
    assert_int_equal(run_job(f, &claims), SIGNET_ERR_OPTION);
    assert_string_equal(claims.error.field, "claims");
    assert_int_equal(run_job(f, &clock), SIGNET_ERR_OPTION);
    assert_int_equal(run_job(f, &kind), SIGNET_ERR_OPTION);
    assert_int_equal(count_sessions(f, "u1", T0), 0);
}

static void the_newest_sessions_up_to_the_limit_are_kept(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.max_sessions_per_user = 2;
    fixture_configure(f, &config);
    char *first = login_at(f, "u1", T0, NULL), *second = login_at(f, "u1", T0 + 1, NULL);
    signet_job third = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 2, .user_id = text_of("u1")};
    assert_int_equal(run_job(f, &third), SIGNET_OK);
    assert_int_equal(third.sessions_n, 1);
    assert_string_equal(third.sessions[0].revoked_for, "limit");
    assert_int_equal(third.sessions[0].created_at_ms, T0);
    assert_int_equal(count_sessions(f, "u1", T0 + 3), 2);
    refused_at(f, first, T0 + 3, SIGNET_ERR_SESSION_REVOKED);
    free(successor_at(f, second, T0 + 3));
    signet_job_clear(&third);
    free(first);
    free(second);
}

static void a_login_that_is_the_oldest_over_the_limit_fails(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.max_sessions_per_user = 1;
    fixture_configure(f, &config);
    char *newer = login_at(f, "u1", T0, NULL);
    signet_job job = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 - 1000, .user_id = text_of("u1")};
    assert_int_equal(run_job(f, &job), SIGNET_ERR_SESSION_REVOKED);
    assert_null(job.access_token);
    assert_null(job.refresh_token);
    assert_string_equal(job.session.revoked_for, "limit");
    assert_int_equal(job.event, SIGNET_EVENT_NONE);
    signet_job_clear(&job);
    free(successor_at(f, newer, T0 + 1));
    free(newer);
}

static void a_login_that_began_before_revoke_all_ends_itself(void **state)
{
    fixture *f = *state;
    signet_job all = {.kind = SIGNET_JOB_REVOKE_ALL, .now_ms = T0, .user_id = text_of("u1")};
    signet_job early = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 500, .since_ms = T0 - 1, .user_id = text_of("u1")};
    signet_job late = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 500, .since_ms = T0 + 1, .user_id = text_of("u1")};
    signet_job other = {.kind = SIGNET_JOB_LOGIN, .now_ms = T0 + 500, .since_ms = T0 - 1, .user_id = text_of("u2")};
    assert_int_equal(run_job(f, &all), SIGNET_OK);
    assert_int_equal(run_job(f, &early), SIGNET_ERR_SESSION_REVOKED);
    assert_string_equal(early.session.revoked_for, "revoke-all");
    assert_null(early.refresh_token);
    assert_int_equal(run_job(f, &late), SIGNET_OK);
    assert_int_equal(run_job(f, &other), SIGNET_OK);
    assert_int_equal(count_sessions(f, "u1", T0 + 600), 1);
    signet_job_clear(&all);
    signet_job_clear(&early);
    signet_job_clear(&late);
    signet_job_clear(&other);
}

/* A revokeAll at T0, then a login with these stamps and processes, so much later. */
static signet_status login_after_revoke_all(fixture *f, const char *user, const signet_job *noted,
                                            const signet_job *asked, int64_t later_ms)
{
    signet_job all = {.kind = SIGNET_JOB_REVOKE_ALL,
                      .now_ms = T0,
                      .user_id = text_of(user),
                      .stamp = noted->stamp,
                      .process = noted->process,
                      .clock_error_ms = noted->clock_error_ms};
    signet_job login = {.kind = SIGNET_JOB_LOGIN,
                        .now_ms = T0 + later_ms,
                        .user_id = text_of(user),
                        .stamp = asked->stamp,
                        .process = asked->process,
                        .clock_error_ms = asked->clock_error_ms};
    assert_int_equal(run_job(f, &all), SIGNET_OK);
    const signet_status status = run_job(f, &login);
    assert_int_equal(count_sessions(f, user, T0 + later_ms + 1), status == SIGNET_OK);
    assert_int_equal(login.refresh_token != NULL, status == SIGNET_OK);
    assert_int_equal(login.retry_after_s, status == SIGNET_ERR_LOGIN_UNSURE);
    signet_job_clear(&all);
    signet_job_clear(&login);
    return status;
}

static void login_and_revoke_all_of_one_process_are_ordered_exactly_whatever_the_clock_does(void **state)
{
    const signet_job all = {.process = 1, .stamp = 5, .clock_error_ms = 9};
    const signet_job before = {.process = 1, .stamp = 4, .clock_error_ms = 9};
    const signet_job after = {.process = 1, .stamp = 6, .clock_error_ms = 9};
    static const int64_t later[] = {0, 1000, -1000};
    for (size_t i = 0; i < 3; i++) {
        char user[8];
        snprintf(user, sizeof user, "u%zu", i);
        assert_int_equal(login_after_revoke_all(*state, user, &all, &before, later[i]), SIGNET_ERR_SESSION_REVOKED);
        assert_int_equal(login_after_revoke_all(*state, user, &all, &after, later[i]), SIGNET_OK);
    }
}

static void login_and_revoke_all_of_two_processes_are_ordered_by_time_and_its_error(void **state)
{
    const signet_job all = {.process = 1, .stamp = 5, .clock_error_ms = 3};
    const signet_job asked[] = {{.process = 2, .stamp = 6, .clock_error_ms = 2},
                                {.process = 1, .clock_error_ms = 2}, /* an app's own `since` */
                                {.clock_error_ms = 2}};
    for (size_t i = 0; i < 3; i++) {
        char user[8];
        snprintf(user, sizeof user, "u%zu", i);
        assert_int_equal(login_after_revoke_all(*state, user, &all, &asked[i], -6), SIGNET_ERR_SESSION_REVOKED);
        assert_int_equal(login_after_revoke_all(*state, user, &all, &asked[i], -5), SIGNET_ERR_LOGIN_UNSURE);
        /* An app's own `since` is a time of its process's clock. */
        assert_int_equal(login_after_revoke_all(*state, user, &all, &asked[i], -1), SIGNET_ERR_LOGIN_UNSURE);
        assert_int_equal(login_after_revoke_all(*state, user, &all, &asked[i], 5),
                         i == 1 ? SIGNET_OK : SIGNET_ERR_LOGIN_UNSURE);
        assert_int_equal(login_after_revoke_all(*state, user, &all, &asked[i], 6), SIGNET_OK);
    }
}

/* ------------------------------------------------------------------ logout */

static signet_job logout(fixture *f, const char *token, int64_t now_ms)
{
    signet_refresh_token opened;
    signet_job job = {.kind = SIGNET_JOB_LOGOUT, .now_ms = now_ms, .presented = &opened};
    assert_int_equal(signet_refresh_open(f->auth, f->scratch, token, strlen(token), NULL, now_ms,
                                         SIGNET_REFRESH_EXPIRED, &opened, NULL),
                     SIGNET_OK);
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    return job;
}

static void logout_ends_the_session_once(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_job first = logout(f, token, T0 + 1), second = logout(f, token, T0 + 2);
    assert_int_equal(first.count, 1);
    assert_int_equal(first.event, SIGNET_EVENT_LOGOUT);
    assert_string_equal(first.reason, "logout");
    assert_string_equal(first.session.user_id, "u1");
    assert_int_equal(second.count, 0);
    assert_int_equal(second.event, SIGNET_EVENT_NONE);
    refused_at(f, token, T0 + 3, SIGNET_ERR_SESSION_REVOKED);
    free(token);
}

static void an_old_token_logs_its_session_out_without_being_reuse(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_at(f, token, T0 + 1),
         *grandchild = successor_at(f, child, T0 + 2);
    signet_job job = logout(f, token, T0 + 3);
    assert_int_equal(job.count, 1);
    assert_string_equal(job.session.revoked_for, "logout");
    refused_at(f, grandchild, T0 + 4, SIGNET_ERR_SESSION_REVOKED);
    free(token);
    free(child);
    free(grandchild);
}

static void logout_of_an_expired_session_is_no_error_and_no_event(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL);
    signet_job job = logout(f, token, T0 + 2 * TEST_HOUR);
    assert_int_equal(job.count, 0);
    assert_int_equal(job.event, SIGNET_EVENT_NONE);
    free(token);
}

/* ------------------------------------------------------------------ revoke */

static void revoke_ends_a_users_own_session_only(void **state)
{
    fixture *f = *state;
    char id[SIGNET_SESSION_ID_LEN + 1];
    char *token = login_at(f, "u1", T0, id);
    signet_job other = {
        .kind = SIGNET_JOB_REVOKE, .now_ms = T0 + 1, .user_id = text_of("u2"), .session_id = text_of(id)};
    signet_job none = {
        .kind = SIGNET_JOB_REVOKE, .now_ms = T0 + 1, .user_id = text_of("u1"), .session_id = text_of("not an id")};
    signet_job own = {.kind = SIGNET_JOB_REVOKE, .now_ms = T0 + 1, .user_id = text_of("u1"), .session_id = text_of(id)};
    assert_int_equal(run_job(f, &other), SIGNET_OK);
    assert_int_equal(other.count, 0);
    assert_int_equal(run_job(f, &none), SIGNET_OK);
    assert_int_equal(none.count, 0);
    assert_int_equal(run_job(f, &own), SIGNET_OK);
    assert_int_equal(own.count, 1);
    assert_int_equal(own.event, SIGNET_EVENT_REVOKE);
    assert_string_equal(own.reason, "revoke");
    refused_at(f, token, T0 + 2, SIGNET_ERR_SESSION_REVOKED);
    free(token);
}

static void revoke_all_ends_every_session_but_the_one_to_keep(void **state)
{
    fixture *f = *state;
    char id[SIGNET_SESSION_ID_LEN + 1];
    char *first = login_at(f, "u1", T0, NULL), *second = login_at(f, "u1", T0, NULL), *own = login_at(f, "u1", T0, id),
         *stranger = login_at(f, "u2", T0, NULL);
    signet_job all = {
        .kind = SIGNET_JOB_REVOKE_ALL, .now_ms = T0 + 1, .user_id = text_of("u1"), .session_id = text_of(id)};
    assert_int_equal(run_job(f, &all), SIGNET_OK);
    assert_int_equal(all.count, 2);
    assert_int_equal(all.sessions_n, 2);
    assert_int_equal(all.event, SIGNET_EVENT_REVOKE);
    assert_string_equal(all.reason, "revoke-all");
    assert_string_equal(all.sessions[0].revoked_for, "revoke-all");
    refused_at(f, first, T0 + 2, SIGNET_ERR_SESSION_REVOKED);
    refused_at(f, second, T0 + 2, SIGNET_ERR_SESSION_REVOKED);
    free(successor_at(f, own, T0 + 2));
    free(successor_at(f, stranger, T0 + 2));
    signet_job_clear(&all);
    free(first);
    free(second);
    free(own);
    free(stranger);
}

static void revoke_all_of_a_user_without_sessions_ends_none(void **state)
{
    fixture *f = *state;
    signet_job all = {.kind = SIGNET_JOB_REVOKE_ALL, .now_ms = T0, .user_id = text_of("nobody")};
    assert_int_equal(run_job(f, &all), SIGNET_OK);
    assert_int_equal(all.count, 0);
    assert_int_equal(all.event, SIGNET_EVENT_NONE);
}

/* ------------------------------------------------------------------ list, read, upkeep */

static void the_list_has_what_a_user_may_see(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *other = login_at(f, "u1", T0 + 5, NULL);
    free(successor_at(f, token, T0 + 9));
    signet_job job = {.kind = SIGNET_JOB_LIST, .now_ms = T0 + 10, .user_id = text_of("u1")};
    assert_int_equal(run_job(f, &job), SIGNET_OK);
    assert_int_equal(job.sessions_n, 2);
    assert_int_equal(job.sessions[0].created_at_ms, T0 + 5);
    assert_int_equal(job.sessions[1].rotated_at_ms, T0 + 9);
    signet_job_clear(&job);
    assert_int_equal(count_sessions(f, "u1", T0 + 2 * TEST_HOUR), 0);
    free(token);
    free(other);
}

static void a_read_reports_the_sessions_state(void **state)
{
    fixture *f = *state;
    char id[SIGNET_SESSION_ID_LEN + 1];
    char *token = login_at(f, "u1", T0, id);
    (void)read_session(f, "u1", id, T0 + 1, SIGNET_OK);
    (void)read_session(f, "u2", id, T0 + 1, SIGNET_ERR_SESSION_UNKNOWN);
    (void)read_session(f, "u1", "x", T0 + 1, SIGNET_ERR_SESSION_UNKNOWN);
    (void)read_session(f, "u1", id, T0 + TEST_HOUR, SIGNET_ERR_SESSION_EXPIRED);
    (void)logout(f, token, T0 + 2);
    assert_string_equal(read_session(f, "u1", id, T0 + 3, SIGNET_ERR_SESSION_REVOKED).revoked_for, "logout");
    free(token);
}

static void the_purge_removes_a_session_a_day_after_its_end(void **state)
{
    fixture *f = *state;
    const int64_t day = 24 * TEST_HOUR;
    char id[SIGNET_SESSION_ID_LEN + 1];
    free(login_at(f, "u1", T0, id));
    signet_job early = {.kind = SIGNET_JOB_PURGE, .now_ms = T0 + TEST_HOUR + day},
               due = {.kind = SIGNET_JOB_PURGE, .now_ms = T0 + TEST_HOUR + day + 1};
    assert_int_equal(run_job(f, &early), SIGNET_OK);
    assert_int_equal(early.count, 0);
    assert_int_equal(run_job(f, &due), SIGNET_OK);
    assert_int_equal(due.count, 1);
    (void)read_session(f, "u1", id, T0, SIGNET_ERR_SESSION_UNKNOWN);
}

static void ping_succeeds_and_a_backup_needs_a_path(void **state)
{
    fixture *f = *state;
    signet_job ping = {.kind = SIGNET_JOB_PING, .now_ms = T0}, backup = {.kind = SIGNET_JOB_BACKUP, .now_ms = T0};
    assert_int_equal(run_job(f, &ping), SIGNET_OK);
    assert_int_equal(run_job(f, &backup), SIGNET_ERR_OPTION);
    assert_string_equal(backup.error.field, "path");
}

static void jobs_without_the_token_that_they_need_are_refused(void **state)
{
    fixture *f = *state;
    signet_job out = {.kind = SIGNET_JOB_LOGOUT, .now_ms = T0}, rotate = {.kind = SIGNET_JOB_ROTATE, .now_ms = T0};
    assert_int_equal(run_job(f, &out), SIGNET_ERR_OPTION);
    assert_int_equal(run_job(f, &rotate), SIGNET_ERR_OPTION);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_fixture(a_login_returns_both_tokens_and_makes_a_record),
        with_fixture(texts_that_are_too_long_are_cut_between_characters),
        with_fixture(a_user_id_must_be_a_short_text_without_control_characters),
        with_fixture(options_out_of_range_are_refused_before_the_store_is_asked),
        with_fixture(the_newest_sessions_up_to_the_limit_are_kept),
        with_fixture(a_login_that_is_the_oldest_over_the_limit_fails),
        with_fixture(a_login_that_began_before_revoke_all_ends_itself),
        with_fixture(login_and_revoke_all_of_one_process_are_ordered_exactly_whatever_the_clock_does),
        with_fixture(login_and_revoke_all_of_two_processes_are_ordered_by_time_and_its_error),
        with_fixture(logout_ends_the_session_once),
        with_fixture(an_old_token_logs_its_session_out_without_being_reuse),
        with_fixture(logout_of_an_expired_session_is_no_error_and_no_event),
        with_fixture(revoke_ends_a_users_own_session_only),
        with_fixture(revoke_all_ends_every_session_but_the_one_to_keep),
        with_fixture(revoke_all_of_a_user_without_sessions_ends_none),
        with_fixture(the_list_has_what_a_user_may_see),
        with_fixture(a_read_reports_the_sessions_state),
        with_fixture(the_purge_removes_a_session_a_day_after_its_end),
        with_fixture(ping_succeeds_and_a_backup_needs_a_path),
        with_fixture(jobs_without_the_token_that_they_need_are_refused),
    };
    return cmocka_run_group_tests_name("other_jobs", tests, NULL, NULL);
}
