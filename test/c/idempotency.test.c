/* Idempotency keys in the C API: what a job reports of a retry and a straggler, and which keys are refused. */
#include "cmocka_all.h"

#include "session/derive.h"
#include "session_support.h"

#define T0 TEST_NOW
#define GRACE 30000
#define KEY "0123456789-key-of-this-exchange"
#define OTHER "0123456789-key-of-somebody-else"

static signet_job keyed_job(const char *key)
{
    return (signet_job){.kind = SIGNET_JOB_ROTATE, .idempotency_key = text_of(key)};
}

/* The successor of `token` in an exchange with this key; the caller frees it. */
static char *successor_by(fixture *f, const char *token, int64_t now_ms, const char *key)
{
    signet_job job = keyed_job(key);
    assert_int_equal(rotate_at(f, token, now_ms, &job), SIGNET_OK);
    char *successor = job.refresh_token;
    job.refresh_token = NULL;
    signet_job_clear(&job);
    return successor;
}

static void the_hash_of_a_key_depends_on_the_token_and_on_where_each_text_ends(void **state)
{
    static const char *const pairs[][2] = {
        {"jti", "key"}, {"jtik", "ey"}, {"jt", "ikey"}, {"jtj", "key"}, {"jti", "kez"}};
    uint8_t hashes[5][SIGNET_HASH_LEN], again[SIGNET_HASH_LEN];
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_true(signet_derive_key_hash(pairs[i][0], text_of(pairs[i][1]), hashes[i]));
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(hashes[i], hashes[j], SIGNET_HASH_LEN);
    }
    assert_true(signet_derive_key_hash("jti", text_of("key"), again));
    assert_memory_equal(again, hashes[0], SIGNET_HASH_LEN);
    assert_true(signet_derive_hash("jti", again));
    assert_memory_not_equal(again, hashes[0], SIGNET_HASH_LEN);
}

static void a_retry_reports_whether_it_is_keyed_and_late(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_by(f, token, T0 + 1000, KEY);
    for (int64_t age_ms = 0; age_ms <= TEST_HOUR - 2000; age_ms += GRACE + 1) {
        signet_job job = keyed_job(age_ms % 2 ? OTHER : KEY);
        job.previous_key = age_ms % 2 ? text_of(KEY) : (signet_text){NULL, 0};
        assert_int_equal(rotate_at(f, token, T0 + 1000 + age_ms, &job), SIGNET_OK);
        assert_int_equal(job.event, SIGNET_EVENT_RETRY);
        assert_true(job.is_keyed);
        assert_int_equal(job.is_late, age_ms > GRACE);
        assert_string_equal(job.refresh_token, child);
        signet_job_clear(&job);
    }
    free(successor_by(f, child, T0 + TEST_HOUR - 1, KEY));
    free(child);
    free(token);
}

static int64_t superseded_at(fixture *f, const char *token, int64_t now_ms, const char *key)
{
    signet_job job = keyed_job(key);
    assert_int_equal(rotate_at(f, token, now_ms, &job), SIGNET_ERR_REFRESH_SUPERSEDED);
    assert_int_equal(job.event, SIGNET_EVENT_STRAGGLER);
    assert_true(!job.refresh_token && !job.access_token && !job.is_keyed && !job.is_late);
    assert_int_equal(job.session.revoked_at_ms, 0);
    const int64_t retry_after_s = job.retry_after_s;
    signet_job_clear(&job);
    return retry_after_s;
}

static void a_straggler_must_wait_for_the_rest_of_the_grace_period_and_a_second(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_by(f, token, T0, KEY);
    assert_int_equal(superseded_at(f, token, T0, OTHER), 31);
    assert_int_equal(superseded_at(f, token, T0 + 1, OTHER), 31);
    assert_int_equal(superseded_at(f, token, T0 + 29001, OTHER), 2);
    assert_int_equal(superseded_at(f, token, T0 + GRACE, OTHER), 1);
    char *grandchild = successor_by(f, child, T0 + 10000, OTHER);
    assert_int_equal(superseded_at(f, token, T0 + 20000, OTHER), 11);
    assert_int_equal(superseded_at(f, token, T0 + GRACE + 1, KEY), 1);
    refused_at(f, token, T0 + GRACE + 1, SIGNET_ERR_REFRESH_REUSED);
    free(grandchild);
    free(child);
    free(token);
}

/* However far behind the clock that decides is. */
static void nobody_must_wait_longer_than_the_longest_grace_period_and_a_second(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.grace_period_ms = 120000;
    fixture_configure(f, &config);
    char *token = login_at(f, "u1", T0, NULL), *child = successor_by(f, token, T0 + TEST_HOUR - 1, KEY);
    assert_int_equal(superseded_at(f, token, T0 + 1, OTHER), 121);
    free(child);
    free(token);
}

/* There is no store to ask. */
static void a_malformed_key_is_refused_before_the_store_and_changes_nothing(void **state)
{
    fixture *f = *state;
    char longest[SIGNET_MAX_IDEMPOTENCY_KEY_LEN + 2];
    memset(longest, 'k', sizeof longest);
    const signet_text bad[] = {{"", 0},
                               {KEY, 21},
                               {longest, sizeof longest},
                               {"0123456789 012345678901", 23},
                               {"0123456789\0012345678901", 22},
                               {"0123456789\x7f"
                                "012345678901",
                                23},
                               {"0123456789\xc3\xa4"
                                "012345678901",
                                24}};
    const signet_store_ops *const whole = f->store->ops;
    signet_store_ops none = {.traits = whole->traits, .max_threads = 1, .max_batch = 1};
    char *token = login_at(f, "u1", T0, NULL);
    f->store->ops = &none;
    for (size_t i = 0; i < 2 * (sizeof bad / sizeof bad[0]); i++) {
        signet_job job = {.kind = SIGNET_JOB_ROTATE};
        *(i % 2 ? &job.previous_key : &job.idempotency_key) = bad[i / 2];
        assert_int_equal(rotate_at(f, token, T0 + 1, &job), SIGNET_ERR_BODY);
        assert_string_equal(job.error.field, i % 2 ? "previousKey" : "idempotencyKey");
        assert_non_null(strstr(job.error.detail, "22 to 128 visible ASCII characters"));
        assert_null(strstr(job.error.detail, "0123456789"));
        signet_job_clear(&job);
    }
    f->store->ops = whole;
    longest[SIGNET_MAX_IDEMPOTENCY_KEY_LEN] = 0;
    char *child = successor_by(f, token, T0 + 2, longest),
         *grandchild = successor_by(f, child, T0 + 2, "!\"#$%&'()*+,-./0~0~0~0");
    free(grandchild);
    free(child);
    free(token);
}

static void a_retry_by_key_may_come_from_another_user_agent(void **state)
{
    fixture *f = *state;
    signet_auth_config config = sample_config();
    config.on_suspect = SIGNET_ON_SUSPECT_REVOKE;
    fixture_configure(f, &config);
    char *token = login_at(f, "u1", T0, NULL), *child = successor_by(f, token, T0 + 1, KEY);
    signet_job job = keyed_job(KEY);
    job.client.user_agent = text_of("Firefox, updated overnight");
    assert_int_equal(rotate_at(f, token, T0 + 2, &job), SIGNET_OK);
    assert_true(job.user_agent_changed);
    assert_string_equal(job.refresh_token, child);
    signet_job_clear(&job);
    free(child);
    free(token);
}

/* The app's claims function returned null. A straggler is not told, and ends nothing. */
static void null_claims_end_the_session_of_a_retry_but_not_of_a_straggler(void **state)
{
    fixture *f = *state;
    char *token = login_at(f, "u1", T0, NULL), *child = successor_by(f, token, T0 + 1, KEY);
    signet_job other = keyed_job(OTHER), own = keyed_job(KEY);
    other.end_session = own.end_session = true;
    assert_int_equal(rotate_at(f, token, T0 + 2, &other), SIGNET_ERR_REFRESH_SUPERSEDED);
    assert_int_equal(rotate_at(f, token, T0 + 3, &own), SIGNET_ERR_SESSION_REVOKED);
    assert_string_equal(own.reason, "claims");
    signet_job_clear(&other);
    signet_job_clear(&own);
    free(child);
    free(token);
}

#define with_fixture(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_of_a_key_depends_on_the_token_and_on_where_each_text_ends),
        with_fixture(a_retry_reports_whether_it_is_keyed_and_late),
        with_fixture(a_straggler_must_wait_for_the_rest_of_the_grace_period_and_a_second),
        with_fixture(nobody_must_wait_longer_than_the_longest_grace_period_and_a_second),
        with_fixture(a_malformed_key_is_refused_before_the_store_and_changes_nothing),
        with_fixture(a_retry_by_key_may_come_from_another_user_agent),
        with_fixture(null_claims_end_the_session_of_a_retry_but_not_of_a_straggler),
    };
    return cmocka_run_group_tests_name("idempotency", tests, NULL, NULL);
}
