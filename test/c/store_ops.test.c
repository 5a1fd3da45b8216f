/* The operations of store.h: each condition and each change. The same tests run on both stores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mongo_support.h"
#include "store/sqlite.h"
#include "store_support.h"

#define LATER (TEST_NOW + 60000)

static int memory_store(void **state)
{
    *state = open_sqlite(":memory:");
    return 0;
}

static int close_store(void **state)
{
    signet_store_close(*state);
    return 0;
}

static void insert(signet_store *store, const signet_record *record)
{
    bool matched = false;
    assert_int_equal(store->ops->insert(store, record, &matched, NULL), SIGNET_OK);
    assert_true(matched);
}

static signet_rotation rotation_of(const char *id, const char *user, char presented, char successor)
{
    signet_rotation rotation = {.session_id = id,
                                .user_id = user,
                                .presented_hash = sample_hash(presented),
                                .successor_hash = sample_hash(successor),
                                .seed = sample_hash('t'),
                                .now_ms = LATER,
                                .expires_at_ms = LATER + TEST_HOUR};
    return rotation;
}

static bool rotated(signet_store *store, const signet_rotation *rotation)
{
    signet_record after;
    bool matched = false;
    assert_int_equal(store->ops->rotate(store, rotation, &after, &matched, NULL), SIGNET_OK);
    return matched;
}

static signet_old_token old_token(const char *id, char presented, int64_t generation, int64_t now_ms)
{
    signet_old_token token = {.session_id = id,
                              .user_id = "u1",
                              .hash = sample_hash(presented),
                              .generation = generation,
                              .now_ms = now_ms,
                              .grace_from_ms = now_ms - 30000};
    return token;
}

static signet_old_token with_key(signet_old_token token, char key)
{
    memcpy(token.key_hashes[token.key_hashes_n++], sample_hash(key), SIGNET_HASH_LEN);
    return token;
}

static signet_old_token without_grace(signet_old_token token)
{
    token.grace_from_ms = SIGNET_NO_GRACE;
    return token;
}

static bool retried(signet_store *store, const signet_old_token *token)
{
    signet_record after;
    bool matched = false;
    assert_int_equal(store->ops->retry(store, token, &after, &matched, NULL), SIGNET_OK);
    return matched;
}

/* ------------------------------------------------------------------ insert and read */

static void a_record_is_read_as_it_was_inserted(void **state)
{
    signet_record in = sample_record("s1", "u1");
    in.session.generation = 7;
    in.session.retries = 2;
    in.session.retries_total = 9;
    in.has_previous = true;
    memcpy(in.previous_hash, sample_hash('p'), SIGNET_HASH_LEN);
    insert(*state, &in);
    signet_record out = record_in(*state, "s1", "u1");
    assert_same_session(&out.session, &in.session);
    assert_memory_equal(out.token_hash, in.token_hash, SIGNET_HASH_LEN);
    assert_memory_equal(out.previous_hash, in.previous_hash, SIGNET_HASH_LEN);
    assert_memory_equal(out.seed, in.seed, SIGNET_SEED_LEN);
    assert_true(out.has_previous);
}

static void texts_of_the_maximum_length_are_stored_completely(void **state)
{
    signet_record in = sample_record("0123456789012345678901", "u");
    memset(in.session.user_id, 'u', SIGNET_MAX_USER_ID_LEN);
    memset(in.session.user_agent, 'a', SIGNET_MAX_USER_AGENT_LEN);
    memset(in.session.ip, 'i', SIGNET_MAX_IP_LEN);
    memset(in.session.label, 'l', SIGNET_MAX_LABEL_LEN);
    insert(*state, &in);
    signet_record out = record_in(*state, in.session.id, in.session.user_id);
    assert_same_session(&out.session, &in.session);
}

static void an_existing_id_is_not_inserted_again(void **state)
{
    signet_record record = sample_record("s1", "u1"), other = sample_record("s1", "u2");
    signet_store *store = *state;
    bool matched = true;
    insert(store, &record);
    assert_int_equal(store->ops->insert(store, &other, &matched, NULL), SIGNET_OK);
    assert_false(matched);
    record_in(store, "s1", "u1");
}

static void a_session_is_found_only_with_its_own_user(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_store *store = *state;
    bool matched = true;
    insert(store, &record);
    assert_int_equal(store->ops->read(store, "s1", "u2", &record, &matched, NULL), SIGNET_OK);
    assert_false(matched);
}

/* ------------------------------------------------------------------ rotation */

static void a_rotation_replaces_the_hash_and_keeps_the_parents(void **state)
{
    signet_record record = sample_record("s1", "u1"), after;
    signet_store *store = *state;
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    bool matched = false;
    record.session.retries = 3;
    record.session.retries_total = 3;
    insert(store, &record);
    assert_int_equal(store->ops->rotate(store, &rotation, &after, &matched, NULL), SIGNET_OK);
    assert_true(matched);
    assert_memory_equal(after.token_hash, sample_hash('b'), SIGNET_HASH_LEN);
    assert_memory_equal(after.previous_hash, sample_hash('a'), SIGNET_HASH_LEN);
    assert_memory_equal(after.seed, sample_hash('t'), SIGNET_SEED_LEN);
    assert_true(after.has_previous);
    assert_int_equal(after.session.generation, 1);
    assert_int_equal(after.session.retries, 0);
    assert_int_equal(after.session.retries_total, 3);
    assert_int_equal(after.session.rotated_at_ms, LATER);
    assert_int_equal(after.session.expires_at_ms, LATER + TEST_HOUR);
    assert_int_equal(after.session.created_at_ms, TEST_NOW);
    assert_string_equal(after.session.user_agent, record.session.user_agent);
    signet_record stored = record_in(store, "s1", "u1");
    assert_same_session(&stored.session, &after.session);
}

static void a_rotation_keeps_the_newest_user_agent_and_address(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    rotation.user_agent = (signet_text){"Chromium and more", 8};
    rotation.ip = (signet_text){"", 0};
    insert(*state, &record);
    assert_true(rotated(*state, &rotation));
    record = record_in(*state, "s1", "u1");
    assert_string_equal(record.session.user_agent, "Chromium");
    assert_string_equal(record.session.ip, "");
}

static void a_rotation_needs_the_current_hash_and_the_right_user(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation other_hash = rotation_of("s1", "u1", 'x', 'b'), other_user = rotation_of("s1", "u2", 'a', 'b'),
                    other_session = rotation_of("s2", "u1", 'a', 'b'), good = rotation_of("s1", "u1", 'a', 'b');
    insert(*state, &record);
    assert_false(rotated(*state, &other_hash));
    assert_false(rotated(*state, &other_user));
    assert_false(rotated(*state, &other_session));
    assert_true(rotated(*state, &good));
    assert_false(rotated(*state, &good));
}

static void a_rotation_stops_at_both_limits(void **state)
{
    signet_record idle = sample_record("s1", "u1"), ended = sample_record("s2", "u1");
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    idle.session.expires_at_ms = LATER;
    insert(*state, &idle);
    assert_false(rotated(*state, &rotation));
    rotation.now_ms = LATER - 1;
    assert_true(rotated(*state, &rotation));

    ended.session.ends_at_ms = LATER;
    rotation = rotation_of("s2", "u1", 'a', 'b');
    insert(*state, &ended);
    assert_false(rotated(*state, &rotation));
    rotation.now_ms = LATER - 1;
    assert_true(rotated(*state, &rotation));
}

/* ------------------------------------------------------------------ retry */

static void a_retry_is_counted_and_changes_nothing_else(void **state)
{
    signet_record record = sample_record("s1", "u1"), after;
    signet_store *store = *state;
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    signet_old_token retry = old_token("s1", 'a', 0, LATER);
    bool matched = false;
    insert(store, &record);
    assert_true(rotated(store, &rotation));
    record = record_in(store, "s1", "u1");
    assert_true(retried(store, &retry));
    assert_int_equal(store->ops->retry(store, &retry, &after, &matched, NULL), SIGNET_OK);
    assert_true(matched);
    assert_int_equal(after.session.retries, 2);
    assert_int_equal(after.session.retries_total, 2);
    after.session.retries = after.session.retries_total = 0;
    assert_same_session(&after.session, &record.session);
    assert_memory_equal(after.token_hash, sample_hash('b'), SIGNET_HASH_LEN);
}

/* For a process whose clock is behind, an exchange in the future has age 0, however far ahead it is. */
static void a_retry_is_in_time_until_the_last_millisecond_and_before_the_exchange(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    signet_old_token at_end = old_token("s1", 'a', 0, LATER + 30000),
                     after_end = old_token("s1", 'a', 0, LATER + 30001),
                     before = old_token("s1", 'a', 0, LATER - TEST_HOUR), strict = without_grace(at_end);
    insert(*state, &record);
    assert_true(rotated(*state, &rotation));
    assert_true(retried(*state, &at_end));
    assert_false(retried(*state, &after_end));
    assert_true(retried(*state, &before));
    assert_false(retried(*state, &strict));
}

static void a_keyed_exchange_is_retried_only_with_its_key(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    const signet_old_token none = old_token("s1", 'a', 0, LATER), other = with_key(none, 'L'),
                           own = with_key(none, 'K'), as_previous = with_key(other, 'K'),
                           late = with_key(old_token("s1", 'a', 0, LATER + TEST_HOUR - 1), 'K'),
                           strict = without_grace(own), grandparent = with_key(old_token("s1", 'x', 0, LATER), 'K');
    rotation.key_hash = sample_hash('K');
    insert(*state, &record);
    assert_true(rotated(*state, &rotation));
    assert_false(retried(*state, &none));
    assert_false(retried(*state, &other));
    assert_false(retried(*state, &grandparent));
    assert_true(retried(*state, &own));
    assert_true(retried(*state, &as_previous));
    assert_true(retried(*state, &late));
    assert_true(retried(*state, &strict));
}

static void a_key_is_forgotten_by_the_exchange_after_next(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation first = rotation_of("s1", "u1", 'a', 'b'), second = rotation_of("s1", "u1", 'b', 'c'),
                    third = rotation_of("s1", "u1", 'c', 'd');
    signet_old_token parent = old_token("s1", 'b', 1, LATER);
    first.key_hash = sample_hash('K');
    first.now_ms = LATER - 1;
    insert(*state, &record);
    assert_true(rotated(*state, &first));
    record = record_in(*state, "s1", "u1");
    assert_true(record.has_key);
    assert_false(record.has_previous_key);
    assert_int_equal(record.key_generation, 1);
    assert_int_equal(record.previous_rotated_at_ms, TEST_NOW);
    assert_true(rotated(*state, &second));
    record = record_in(*state, "s1", "u1");
    assert_false(record.has_key);
    assert_true(record.has_previous_key);
    assert_memory_equal(record.previous_key_hash, sample_hash('K'), SIGNET_HASH_LEN);
    assert_int_equal(record.previous_rotated_at_ms, LATER - 1);
    assert_true(retried(*state, &parent)); /* its exchange had no key */
    assert_true(rotated(*state, &third));
    assert_false(record_in(*state, "s1", "u1").has_previous_key);
}

/* An older version increments the generation and does not know keys. */
static void a_key_left_behind_by_an_older_version_is_ignored(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation rotation = rotation_of("s1", "u1", 'b', 'c');
    signet_old_token parent = old_token("s1", 'a', 4, LATER), late = with_key(parent, 'K');
    record.session.generation = 5;
    record.session.rotated_at_ms = LATER;
    record.has_previous = record.has_key = true;
    record.key_generation = 4;
    memcpy(record.previous_hash, sample_hash('a'), SIGNET_HASH_LEN);
    memcpy(record.token_hash, sample_hash('b'), SIGNET_HASH_LEN);
    memcpy(record.key_hash, sample_hash('K'), SIGNET_HASH_LEN);
    late.grace_from_ms = LATER + 1;
    insert(*state, &record);
    assert_true(retried(*state, &parent));
    assert_false(retried(*state, &late));
    assert_true(rotated(*state, &rotation));
    assert_false(record_in(*state, "s1", "u1").has_previous_key);
}

/* On MongoDB the write is a pipeline, where a bare "$tokenHash" is a field. */
static void a_text_that_looks_like_an_expression_is_stored_literally(void **state)
{
    static const char *const texts[] = {"$tokenHash", "$$ROOT", "$$REMOVE", "{ \"$literal\": 1 }", "$", "$$NOW"};
    signet_record record = sample_record("s1", "u1");
    char presented = 'a';
    insert(*state, &record);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++, presented++) {
        signet_rotation rotation = rotation_of("s1", "u1", presented, (char)(presented + 1));
        rotation.user_agent = rotation.ip = (signet_text){texts[i], strlen(texts[i])};
        assert_true(rotated(*state, &rotation));
        record = record_in(*state, "s1", "u1");
        assert_string_equal(record.session.user_agent, texts[i]);
        assert_string_equal(record.session.ip, texts[i]);
    }
}

static void only_the_parent_is_a_retry_and_only_of_a_live_session(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_store *store = *state;
    signet_rotation first = rotation_of("s1", "u1", 'a', 'b'), second = rotation_of("s1", "u1", 'b', 'c');
    signet_old_token grandparent = old_token("s1", 'a', 0, LATER), current = old_token("s1", 'c', 2, LATER),
                     parent = old_token("s1", 'b', 1, LATER);
    bool matched;
    insert(store, &record);
    assert_false(retried(store, &grandparent)); /* never rotated: no parent */
    assert_true(rotated(store, &first));
    assert_true(rotated(store, &second));
    assert_false(retried(store, &grandparent));
    assert_false(retried(store, &current));
    assert_int_equal(store->ops->revoke(store, "s1", "u1", "logout", LATER, &record, &matched, NULL), SIGNET_OK);
    assert_false(retried(store, &parent));
}

/* ------------------------------------------------------------------ revoke */

static bool revoked(signet_store *store, const signet_old_token *token, char *reason)
{
    signet_record after;
    bool matched = false;
    assert_int_equal(store->ops->revoke_reused(store, token, &after, &matched, NULL), SIGNET_OK);
    if (matched && reason)
        memcpy(reason, after.session.revoked_for, sizeof after.session.revoked_for);
    return matched;
}

static bool revoked_as_reused(signet_store *store, const char *id, char presented, int64_t generation, char *reason)
{
    const signet_old_token token = without_grace(old_token(id, presented, generation, LATER));
    return revoked(store, &token, reason);
}

/* A session whose tokens 'a', 'b' and 'c' were exchanged at LATER - 2 s, - 1 s and LATER; 'd' is current. */
static void insert_chain(signet_store *store, const char *id, const char *keys)
{
    signet_record record = sample_record(id, "u1");
    insert(store, &record);
    for (int i = 0; i < 3; i++) {
        signet_rotation rotation = rotation_of(id, "u1", (char)('a' + i), (char)('b' + i));
        rotation.now_ms = LATER - 2000 + i * 1000;
        rotation.key_hash = keys[i] == '-' ? NULL : sample_hash(keys[i]);
        assert_true(rotated(store, &rotation));
    }
}

/* Each row: what is presented, when, and whether that is reuse. */
static void what_is_a_retry_or_a_straggler_is_not_reused(void **state)
{
    static const struct {
        const char *keys; /* of the three exchanges */
        char presented, key;
        int64_t now_ms;
        bool strict, is_reuse;
    } rows[] = {
        /* the parent: a retry or a straggler within the grace period, later only with the exchange's key */
        {"---", 'c', '-', LATER + 30000, false, false},
        {"---", 'c', '-', LATER + 30001, false, true},
        {"---", 'c', 'K', LATER + 30001, false, true},
        {"---", 'c', '-', LATER, true, true},
        {"--K", 'c', '-', LATER + 30000, false, false},
        {"--K", 'c', '-', LATER + 30001, false, true},
        {"--K", 'c', 'L', LATER + 30001, false, true},
        {"--K", 'c', 'K', LATER + TEST_HOUR - 1, false, false},
        {"--K", 'c', 'K', LATER, true, false},
        {"--K", 'c', 'L', LATER, true, true},
        {"---", 'c', '-', LATER - TEST_HOUR, false, false},
        /* the grandparent */
        {"---", 'b', '-', LATER - 1000 + 30000, false, false},
        {"---", 'b', '-', LATER - 1000 + 30001, false, true},
        {"---", 'b', '-', LATER, true, true},
        {"-K-", 'b', 'K', LATER + TEST_HOUR - 1, false, false},
        {"-K-", 'b', 'K', LATER, true, false},
        {"-K-", 'b', 'L', LATER + 30000, false, true},
        {"--K", 'b', 'K', LATER + 30000, false, true},
        {"---", 'b', '-', LATER - TEST_HOUR, false, false},
        /* older tokens */
        {"---", 'a', '-', LATER, false, true},
        {"KKK", 'a', 'K', LATER, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%zu", i);
        signet_old_token token = old_token(id, rows[i].presented, rows[i].presented - 'a', rows[i].now_ms);
        if (rows[i].key != '-')
            token = with_key(token, rows[i].key);
        if (rows[i].strict)
            token = without_grace(token);
        insert_chain(*state, id, rows[i].keys);
        if (revoked(*state, &token, NULL) != rows[i].is_reuse)
            fail_msg("row %zu: %s", i, rows[i].is_reuse ? "not revoked" : "revoked");
    }
}

static void a_late_parent_and_an_older_token_are_distinguished(void **state)
{
    signet_record record = sample_record("s1", "u1"), other = sample_record("s2", "u1");
    signet_rotation first = rotation_of("s1", "u1", 'a', 'b'), other_first = rotation_of("s2", "u1", 'a', 'b'),
                    other_second = rotation_of("s2", "u1", 'b', 'c');
    char reason[24] = "";
    insert(*state, &record);
    insert(*state, &other);
    assert_true(rotated(*state, &first));
    assert_true(revoked_as_reused(*state, "s1", 'a', 0, reason));
    assert_string_equal(reason, "late-retry");
    assert_true(rotated(*state, &other_first));
    assert_true(rotated(*state, &other_second));
    assert_true(revoked_as_reused(*state, "s2", 'a', 0, reason));
    assert_string_equal(reason, "reuse");
    assert_int_equal(record_in(*state, "s2", "u1").session.revoked_at_ms, LATER);
    assert_false(revoked_as_reused(*state, "s2", 'a', 0, reason)); /* once */
}

static void the_current_token_and_one_from_the_future_are_no_reuse(void **state)
{
    signet_record record = sample_record("s1", "u1");
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    char reason[24];
    insert(*state, &record);
    assert_false(
        revoked_as_reused(*state, "s1", 'x', 0, reason)); /* same generation, another hash: forged, not reused */
    assert_true(rotated(*state, &rotation));
    assert_false(revoked_as_reused(*state, "s1", 'b', 0, reason));
    assert_false(revoked_as_reused(*state, "s1", 'a', 1, reason));
    assert_false(revoked_as_reused(*state, "s1", 'a', 2, reason));
    assert_int_equal(record_in(*state, "s1", "u1").session.revoked_at_ms, 0);
}

static void a_revoke_happens_once_even_past_the_limits(void **state)
{
    signet_record record = sample_record("s1", "u1"), after;
    signet_store *store = *state;
    bool matched = false;
    record.session.expires_at_ms = TEST_NOW;
    insert(store, &record);
    assert_int_equal(store->ops->revoke(store, "s1", "u2", "logout", LATER, &after, &matched, NULL), SIGNET_OK);
    assert_false(matched);
    assert_int_equal(store->ops->revoke(store, "s1", "u1", "logout", LATER, &after, &matched, NULL), SIGNET_OK);
    assert_true(matched);
    assert_int_equal(after.session.revoked_at_ms, LATER);
    assert_string_equal(after.session.revoked_for, "logout");
    assert_int_equal(store->ops->revoke(store, "s1", "u1", "limit", LATER + 1, &after, &matched, NULL), SIGNET_OK);
    assert_false(matched);
    assert_string_equal(record_in(store, "s1", "u1").session.revoked_for, "logout");
}

static void a_revoked_session_is_never_rotated(void **state)
{
    signet_record record = sample_record("s1", "u1"), after;
    signet_store *store = *state;
    signet_rotation rotation = rotation_of("s1", "u1", 'a', 'b');
    bool matched;
    insert(store, &record);
    assert_int_equal(store->ops->revoke(store, "s1", "u1", "logout", LATER, &after, &matched, NULL), SIGNET_OK);
    assert_false(rotated(store, &rotation));
}

/* ------------------------------------------------------------------ list, notes */

static void the_list_has_the_live_sessions_newest_first(void **state)
{
    static const char *const ids[] = {"s-old", "s-a", "s-b", "s-gone", "s-idle", "s-ended", "s-other"};
    signet_store *store = *state;
    signet_session *list = NULL;
    size_t list_n = 0;
    bool matched;
    for (size_t i = 0; i < 7; i++) {
        signet_record record = sample_record(ids[i], i == 6 ? "u2" : "u1");
        record.session.created_at_ms = TEST_NOW + (i == 0 ? -1 : 0);
        if (i == 4)
            record.session.expires_at_ms = LATER;
        if (i == 5)
            record.session.ends_at_ms = LATER;
        insert(store, &record);
    }
    signet_record gone;
    assert_int_equal(store->ops->revoke(store, "s-gone", "u1", "logout", LATER, &gone, &matched, NULL), SIGNET_OK);
    assert_int_equal(store->ops->list(store, "u1", LATER, &list, &list_n, NULL), SIGNET_OK);
    assert_int_equal(list_n, 3);
    assert_string_equal(list[0].id, "s-b");
    assert_string_equal(list[1].id, "s-a");
    assert_string_equal(list[2].id, "s-old");
    assert_string_equal(list[2].label, "my phone");
    free(list);
}

static void a_user_without_sessions_has_an_empty_list(void **state)
{
    signet_store *store = *state;
    signet_session *list = NULL;
    size_t list_n = 1;
    assert_int_equal(store->ops->list(store, "nobody", LATER, &list, &list_n, NULL), SIGNET_OK);
    assert_int_equal(list_n, 0);
    assert_null(list);
}

static void a_long_list_is_complete(void **state)
{
    signet_store *store = *state;
    signet_session *list = NULL;
    size_t list_n = 0;
    for (int i = 0; i < 100; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%03d", i);
        signet_record record = sample_record(id, "u1");
        insert(store, &record);
    }
    assert_int_equal(store->ops->list(store, "u1", LATER, &list, &list_n, NULL), SIGNET_OK);
    assert_int_equal(list_n, 100);
    assert_string_equal(list[99].id, "s000");
    free(list);
}

#define P INT64_C(0x7123456789abcdef) /* two processes */
#define Q INT64_C(3)

/* The stored note after `note` was written too. */
static signet_revoke_note noted(signet_store *store, signet_revoke_note note)
{
    assert_int_equal(store->ops->note_revoke_all(store, "u1", &note, NULL), SIGNET_OK);
    return note_in(store, "u1");
}

static void assert_note(signet_revoke_note note, int64_t at_ms, int64_t error_ms, int64_t process, int64_t stamp)
{
    assert_int_equal(note.at_ms, at_ms);
    assert_int_equal(note.error_ms, error_ms);
    assert_int_equal(note.process, process);
    if (process != 0)
        assert_int_equal(note.stamp, stamp);
}

static void the_note_of_revoke_all_never_goes_back_in_time(void **state)
{
    signet_store *store = *state;
    assert_note(note_in(store, "u1"), 0, 0, 0, 0);
    assert_note(noted(store, (signet_revoke_note){LATER, 5, P, 7}), LATER, 5, P, 7);
    assert_note(noted(store, (signet_revoke_note){TEST_NOW, 2, Q, 9}), LATER, 5, P, 7);
    assert_note(note_in(store, "u2"), 0, 0, 0, 0);
}

static void notes_of_one_process_merge_to_the_greatest_of_each_number(void **state)
{
    signet_store *store = *state;
    (void)noted(store, (signet_revoke_note){LATER, 1, P, 7});
    assert_note(noted(store, (signet_revoke_note){TEST_NOW, 3, P, 8}), LATER, 3, P, 8); /* its clock was set back */
    assert_note(noted(store, (signet_revoke_note){LATER + 9, 2, P, 6}), LATER + 9, 3, P, 8);
}

static void of_two_processes_notes_the_one_that_is_certainly_later_is_kept(void **state)
{
    signet_store *store = *state;
    (void)noted(store, (signet_revoke_note){LATER, 2, P, 7});
    assert_note(noted(store, (signet_revoke_note){LATER + 6, 3, Q, 1}), LATER + 6, 3, Q, 1);
    assert_note(noted(store, (signet_revoke_note){LATER + 1, 1, P, 8}), LATER + 6, 3, Q, 1);
    assert_note(noted(store, (signet_revoke_note){LATER + 2, 1, P, 9}), LATER + 6, 3, 0, 0);
    assert_note(noted(store, (signet_revoke_note){LATER + 10, 0, P, 10}), LATER + 10, 0, P, 10);
    assert_note(noted(store, (signet_revoke_note){LATER + 10, 0, Q, 11}), LATER + 10, 0, 0, 0); /* the same moment */
    assert_note(noted(store, (signet_revoke_note){LATER + 11, 2, Q, 12}), LATER + 11, 2, 0, 0);
}

/* revokeAll's note as versions without stamps write it. */
static void note_as_before(signet_store *store, const char *user_id, int64_t at_ms)
{
    char command[512];
    if (store->ops->batch_begin) {
        snprintf(command, sizeof command,
                 "INSERT INTO revoked_users (user_id, revoked_at) VALUES ('%s', %lld) ON CONFLICT (user_id) DO UPDATE "
                 "SET revoked_at = max(revoked_at, excluded.revoked_at)",
                 user_id, (long long)at_ms);
        assert_int_equal(sqlite3_exec(((sqlite_store *)store)->db, command, NULL, NULL, NULL), SQLITE_OK);
        return;
    }
#ifdef SIGNET_WITH_MONGOC
    snprintf(command, sizeof command,
             "{\"update\": \"%s\", \"updates\": [{\"q\": {\"_id\": \"revoke-all:%s\", \"userId\": \"%s\"}, \"u\": "
             "{\"$max\": {\"revokedAt\": {\"$date\": {\"$numberLong\": \"%lld\"}}}}, \"upsert\": true}]}",
             mongo_collection(), user_id, user_id, (long long)at_ms);
    mongo_run(command, NULL);
#endif
}

static void a_note_that_an_older_signet_wrote_last_has_no_process(void **state)
{
    signet_store *store = *state;
    note_as_before(store, "u1", LATER);
    assert_note(note_in(store, "u1"), LATER, 0, 0, 0);
    (void)noted(store, (signet_revoke_note){TEST_NOW, 0, P, 1});
    assert_note(note_in(store, "u1"), LATER, 0, 0, 0);
    assert_note(noted(store, (signet_revoke_note){LATER + 3, 2, P, 2}), LATER + 3, 2, P, 2);
    note_as_before(store, "u1", LATER);
    assert_note(note_in(store, "u1"), LATER + 3, 2, P, 2);
    note_as_before(store, "u1", LATER + 4);
    assert_note(note_in(store, "u1"), LATER + 4, 0, 0, 0);
    assert_note(noted(store, (signet_revoke_note){LATER + 3, 0, P, 3}), LATER + 4, 0, 0, 0);
    assert_note(noted(store, (signet_revoke_note){LATER + 4, 1, P, 4}), LATER + 4, 1, 0, 0);
}

/* ------------------------------------------------------------------ the table of stores */

/* clang-format off */
#define TESTS(X, open, close) \
    X(a_record_is_read_as_it_was_inserted, open, close) \
    X(texts_of_the_maximum_length_are_stored_completely, open, close) \
    X(an_existing_id_is_not_inserted_again, open, close) \
    X(a_session_is_found_only_with_its_own_user, open, close) \
    X(a_rotation_replaces_the_hash_and_keeps_the_parents, open, close) \
    X(a_rotation_keeps_the_newest_user_agent_and_address, open, close) \
    X(a_rotation_needs_the_current_hash_and_the_right_user, open, close) \
    X(a_rotation_stops_at_both_limits, open, close) \
    X(a_retry_is_counted_and_changes_nothing_else, open, close) \
    X(a_retry_is_in_time_until_the_last_millisecond_and_before_the_exchange, open, close) \
    X(a_keyed_exchange_is_retried_only_with_its_key, open, close) \
    X(a_key_is_forgotten_by_the_exchange_after_next, open, close) \
    X(a_key_left_behind_by_an_older_version_is_ignored, open, close) \
    X(a_text_that_looks_like_an_expression_is_stored_literally, open, close) \
    X(what_is_a_retry_or_a_straggler_is_not_reused, open, close) \
    X(only_the_parent_is_a_retry_and_only_of_a_live_session, open, close) \
    X(a_late_parent_and_an_older_token_are_distinguished, open, close) \
    X(the_current_token_and_one_from_the_future_are_no_reuse, open, close) \
    X(a_revoke_happens_once_even_past_the_limits, open, close) \
    X(a_revoked_session_is_never_rotated, open, close) \
    X(the_list_has_the_live_sessions_newest_first, open, close) \
    X(a_user_without_sessions_has_an_empty_list, open, close) \
    X(a_long_list_is_complete, open, close) \
    X(the_note_of_revoke_all_never_goes_back_in_time, open, close) \
    X(notes_of_one_process_merge_to_the_greatest_of_each_number, open, close) \
    X(of_two_processes_notes_the_one_that_is_certainly_later_is_kept, open, close) \
/* clang-format on */

/* Of the stores that an older Signet may have written to. */
#define TESTS_OF_OLDER(X, open, close) X(a_note_that_an_older_signet_wrote_last_has_no_process, open, close)

int main(void)
{
#define ENTRY(test, open, close) cmocka_unit_test_setup_teardown(test, open, close),
    const struct CMUnitTest on_sqlite[] = {TESTS(ENTRY, memory_store, close_store)
                                               TESTS_OF_OLDER(ENTRY, memory_store, close_store)};
    const struct CMUnitTest on_mongodb[] = {TESTS(ENTRY, mongo_setup, mongo_teardown)
                                                TESTS_OF_OLDER(ENTRY, mongo_setup, mongo_teardown)};
    int failed = cmocka_run_group_tests_name("store_ops, SQLite", on_sqlite, NULL, NULL);
    if (mongo_is_here())
        failed += cmocka_run_group_tests_name("store_ops, MongoDB", on_mongodb, NULL, NULL);
    return failed;
}
