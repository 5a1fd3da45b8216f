/* The MongoDB store apart from its operations: indexes, damage, threads, the legacy collection. */
#include "cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "mongo_support.h"
#include "store_support.h"

#ifdef SIGNET_WITH_MONGOC

#define LATER (TEST_NOW + 60000)

/* ------------------------------------------------------------------ indexes */

static void the_first_call_makes_the_indexes_and_making_them_again_changes_nothing(void **state)
{
    signet_store *store = *state, *again = mongo_open_again(NULL);
    char command[256];
    bson_t reply;
    assert_int_equal(store->ops->ping(store, NULL), SIGNET_OK);
    assert_int_equal(again->ops->ping(again, NULL), SIGNET_OK);
    signet_store_close(again);
    snprintf(command, sizeof command, "{\"listIndexes\": \"%s\"}", mongo_collection());
    mongo_run(command, &reply);
    char *json = bson_as_relaxed_extended_json(&reply, NULL);
    assert_non_null(strstr(json, "userId_1"));
    assert_non_null(strstr(json, "\"expireAfterSeconds\" : 86400"));
    bson_free(json);
    bson_destroy(&reply);
}

static void an_index_of_the_same_name_that_differs_is_reported_with_the_command_that_drops_it(void **state)
{
    static const char *const others[][2] = {
        {"{\"key\": {\"userId\": 1}, \"name\": \"userId_1\", \"unique\": true}", "userId_1"},
        {"{\"key\": {\"expiresAt\": 1}, \"name\": \"expiresAt_1\", \"expireAfterSeconds\": 5}", "expiresAt_1"},
        {"{\"key\": {\"other\": 1}, \"name\": \"expiresAt_1\"}", "expiresAt_1"},
    };
    for (size_t i = 0; i < 3; i++) {
        signet_store *store = mongo_open_again(NULL);
        signet_error err;
        char command[512];
        snprintf(command, sizeof command, "{\"createIndexes\": \"%s\", \"indexes\": [%s]}", mongo_collection(),
                 others[i][0]);
        mongo_run(command, NULL);
        memset(&err, 0, sizeof err);
        assert_int_equal(store->ops->ping(store, &err), SIGNET_ERR_STORE_REFUSED);
        assert_non_null(strstr(err.detail, "dropIndex("));
        assert_non_null(strstr(err.detail, others[i][1]));
        assert_non_null(strstr(err.detail, mongo_collection()));
        assert_true(err.driver_code == 85 || err.driver_code == 86);
        snprintf(command, sizeof command, "{\"dropIndexes\": \"%s\", \"index\": \"*\"}", mongo_collection());
        mongo_run(command, NULL);
        assert_int_equal(store->ops->ping(store, &err), SIGNET_OK); /* it works again without a restart */
        mongo_run(command, NULL);
        signet_store_close(store);
    }
    (void)state;
}

/* ------------------------------------------------------------------ documents */

static void insert(signet_store *store, const signet_record *record)
{
    bool matched = false;
    assert_int_equal(store->ops->insert(store, record, &matched, NULL), SIGNET_OK);
    assert_true(matched);
}

static void a_document_has_the_documented_fields_and_types(void **state)
{
    static const char *const fields[] = {"\"_id\" : \"s1\"",
                                         "\"userId\" : \"u1\"",
                                         "\"generation\" : { \"$numberLong\" : \"0\" }",
                                         "\"createdAt\" : { \"$date\"",
                                         "\"rotatedAt\" : { \"$date\"",
                                         "\"expiresAt\" : { \"$date\"",
                                         "\"endsAt\" : { \"$date\"",
                                         "\"tokenHash\" : { \"$binary\"",
                                         "\"seed\" : { \"$binary\"",
                                         "\"retries\" : { \"$numberLong\"",
                                         "\"retriesTotal\" : { \"$numberLong\"",
                                         "\"ip\" : \"192.0.2.1\"",
                                         "\"label\" : \"my phone\"",
                                         "\"userAgent\" : \"Firefox"};
    signet_record record = sample_record("s1", "u1");
    char command[256];
    bson_t reply;
    insert(*state, &record);
    snprintf(command, sizeof command, "{\"find\": \"%s\", \"filter\": {\"_id\": \"s1\"}}", mongo_collection());
    mongo_run(command, &reply);
    char *json = bson_as_canonical_extended_json(&reply, NULL);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (!strstr(json, fields[i]))
            fail_msg("no %s in %s", fields[i], json);
    assert_null(strstr(json, "revokedAt"));
    assert_null(strstr(json, "previousHash"));
    bson_free(json);
    bson_destroy(&reply);
}

static void a_document_that_is_no_session_is_reported_by_field(void **state)
{
    static const char *const damage[][2] = {
        {"tokenHash", "{\"$set\": {\"tokenHash\": \"text\"}}"},
        {"tokenHash", "{\"$unset\": {\"tokenHash\": 1}}"},
        {"tokenHash", "{\"$set\": {\"tokenHash\": {\"$binary\": {\"base64\": \"AAAA\", \"subType\": \"00\"}}}}"},
        {"seed", "{\"$unset\": {\"seed\": 1}}"},
        {"generation", "{\"$set\": {\"generation\": \"1\"}}"},
        {"generation", "{\"$set\": {\"generation\": 1.5}}"},
        {"generation", "{\"$set\": {\"generation\": -1}}"},
        {"expiresAt", "{\"$set\": {\"expiresAt\": 1}}"},
        {"revokedAt", "{\"$set\": {\"revokedAt\": \"yesterday\"}}"},
        {"label", "{\"$set\": {\"label\": 5}}"},
        {"ip", "{\"$set\": {\"ip\": \"0123456789012345678901234567890123456789012345678901234567890123456789\"}}"},
    };
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        signet_store *store = *state;
        signet_record record = sample_record("s1", "u1");
        signet_error err;
        bool matched = false;
        char command[256];
        insert(store, &record);
        mongo_damage(damage[i][1]);
        assert_int_equal(store->ops->read(store, "s1", "u1", &record, &matched, &err), SIGNET_ERR_STORE_CORRUPT);
        if (!strstr(err.detail, damage[i][0]))
            fail_msg("%s: %s", damage[i][1], err.detail);
        snprintf(command, sizeof command, "{\"delete\": \"%s\", \"deletes\": [{\"q\": {}, \"limit\": 0}]}",
                 mongo_collection());
        mongo_run(command, NULL);
    }
}

static void what_an_operator_edits_in_mongosh_is_still_a_session(void **state)
{
    signet_record record = sample_record("s1", "u1");
    insert(*state, &record);
    mongo_damage("{\"$set\": {\"generation\": 3.0, \"retries\": 2, \"revokedAt\": null, \"note\": \"an app's own "
                 "field\"}, \"$unset\": "
                 "{\"label\": 1}}");
    record = record_in(*state, "s1", "u1");
    assert_int_equal(record.session.generation, 3);
    assert_int_equal(record.session.retries, 2);
    assert_int_equal(record.session.revoked_at_ms, 0);
    assert_string_equal(record.session.label, "");
}

static void the_note_of_revoke_all_is_no_session(void **state)
{
    signet_store *store = *state;
    signet_session *list = NULL;
    size_t list_n = 1;
    signet_record record;
    bool matched = true;
    const signet_revoke_note note = {LATER, 0, 1, 1};
    assert_int_equal(store->ops->note_revoke_all(store, "u1", &note, NULL), SIGNET_OK);
    assert_int_equal(store->ops->list(store, "u1", TEST_NOW - TEST_HOUR, &list, &list_n, NULL), SIGNET_OK);
    assert_int_equal(list_n, 0);
    assert_int_equal(store->ops->revoke(store, "revoke-all:u1", "u1", "logout", LATER, &record, &matched, NULL),
                     SIGNET_OK);
    assert_false(matched);
}

static void a_foreign_unique_index_is_reported_and_not_mistaken_for_an_existing_id(void **state)
{
    signet_store *store = *state;
    signet_record one = sample_record("s1", "u1"), other = sample_record("s2", "u1");
    char command[256];
    bool matched;
    signet_error err;
    snprintf(command, sizeof command,
             "{\"createIndexes\": \"%s\", \"indexes\": [{\"key\": {\"label\": 1}, \"name\": \"one_label\", \"unique\": "
             "true}]}",
             mongo_collection());
    mongo_run(command, NULL);
    insert(store, &one);
    assert_int_equal(store->ops->insert(store, &other, &matched, &err), SIGNET_ERR_STORE_REFUSED);
    assert_non_null(strstr(err.detail, "unique index"));
    assert_int_equal(err.driver_code, 11000);
}

/* ------------------------------------------------------------------ threads */

#define THREADS 4
#define ROUNDS 50

typedef struct racer {
    pthread_t thread;
    signet_store *store;
    pthread_barrier_t *start;
    char letter;
    unsigned wins[ROUNDS];
    signet_status status;
} racer;

/* In each round, every thread presents the same hash of one session and asks for another successor. */
static void *race(void *argument)
{
    racer *self = argument;
    for (int round = 0; round < ROUNDS && self->status == SIGNET_OK; round++) {
        char id[SIGNET_SESSION_ID_LEN + 1];
        signet_record after;
        bool matched = false;
        snprintf(id, sizeof id, "race-%d", round);
        const signet_rotation rotation = {.session_id = id,
                                          .user_id = "u1",
                                          .presented_hash = sample_hash('a'),
                                          .successor_hash = sample_hash(self->letter),
                                          .seed = sample_hash('t'),
                                          .now_ms = LATER,
                                          .expires_at_ms = LATER + TEST_HOUR};
        (void)pthread_barrier_wait(self->start);
        self->status = self->store->ops->rotate(self->store, &rotation, &after, &matched, NULL);
        self->wins[round] = matched && after.session.generation == 1 &&
                            memcmp(after.token_hash, sample_hash(self->letter), SIGNET_HASH_LEN) == 0;
    }
    return NULL;
}

static void of_several_threads_exactly_one_rotates_a_token(void **state)
{
    racer racers[THREADS];
    pthread_barrier_t start;
    for (char letter = 'a'; letter < 'w' + THREADS; letter++)
        (void)sample_hash(letter); /* filled in before the threads share them */
    for (int round = 0; round < ROUNDS; round++) {
        char id[SIGNET_SESSION_ID_LEN + 1];
        snprintf(id, sizeof id, "race-%d", round);
        signet_record record = sample_record(id, "u1");
        insert(*state, &record);
    }
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    memset(racers, 0, sizeof racers);
    for (int i = 0; i < THREADS; i++) {
        racers[i].store = *state;
        racers[i].start = &start;
        racers[i].letter = (char)('w' + i);
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        assert_int_equal(racers[i].status, SIGNET_OK);
    }
    for (int round = 0; round < ROUNDS; round++) {
        unsigned winners = 0;
        for (int i = 0; i < THREADS; i++)
            winners += racers[i].wins[round];
        assert_int_equal(winners, 1);
    }
    (void)pthread_barrier_destroy(&start);
}

static void *note(void *store)
{
    const signet_revoke_note note = {LATER, 0, 1, 1};
    return ((signet_store *)store)->ops->note_revoke_all(store, "u1", &note, NULL) == SIGNET_OK ? NULL : store;
}

static void simultaneous_first_notes_of_one_user_all_succeed(void **state)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, note, *state), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(note_in(*state, "u1").at_ms, LATER);
}

/* ------------------------------------------------------------------ the legacy collection */

static bool legacy_has(signet_store *store, const char *token, const char *user_id)
{
    bool matched = false;
    assert_int_equal(store->ops->legacy_find(store, (signet_text){token, strlen(token)}, user_id, &matched, NULL),
                     SIGNET_OK);
    return matched;
}

static void a_legacy_row_is_found_by_its_exact_token_and_user_and_removed_with_its_user(void **state)
{
    char legacy[80];
    int64_t removed = 0;
    bool is_removed = true;
    snprintf(legacy, sizeof legacy, "%s_legacy", mongo_collection());
    signet_store_options options = {.legacy_collection = legacy};
    signet_store *store = mongo_open_again(&options), *without = *state;
    mongo_put(legacy, "{\"refreshToken\": \"t1\", \"userId\": \"1\"}, {\"refreshToken\": \"t2\", \"userId\": "
                      "{\"$oid\": \"507f1f77bcf86cd799439011\"}}, "
                      "{\"refreshToken\": \"t3\", \"userId\": \"507f1f77bcf86cd799439011\"}");
    assert_true(legacy_has(store, "t1", "1"));
    assert_false(legacy_has(store, "t1", "2"));
    assert_false(legacy_has(store, "t", "1"));
    assert_true(legacy_has(store, "t2", "507f1f77bcf86cd799439011"));
    assert_true(legacy_has(store, "t3", "507f1f77bcf86cd799439011"));
    assert_int_equal(store->ops->legacy_remove_all(store, "507f1f77bcf86cd799439011", &removed, NULL), SIGNET_OK);
    assert_int_equal(removed, 2);
    assert_true(legacy_has(store, "t1", "1"));
    assert_int_equal(store->ops->legacy_remove(store, (signet_text){"t1", 2}, "2", &is_removed, NULL), SIGNET_OK);
    assert_false(is_removed);
    assert_int_equal(store->ops->legacy_remove(store, (signet_text){"t1", 2}, "1", &is_removed, NULL), SIGNET_OK);
    assert_true(is_removed);
    assert_false(legacy_has(store, "t1", "1"));
    assert_null(without->ops->legacy_find);
    assert_null(without->ops->legacy_remove_all);
    signet_store_close(store);
}

static void the_fields_of_a_legacy_row_can_be_renamed_but_not_to_operators(void **state)
{
    static const char *const names[][2] = {{"$where", "user"}, {"token", "a.b"}, {"", "user"}, {"same", "same"}};
    char legacy[80];
    (void)state;
    snprintf(legacy, sizeof legacy, "%s_legacy", mongo_collection());
    signet_store_options options = {
        .legacy_collection = legacy, .legacy_token_field = "token", .legacy_user_field = "user"};
    signet_store *store = mongo_open_again(&options);
    mongo_put(legacy, "{\"token\": \"t1\", \"user\": 7}, {\"refreshToken\": \"t2\", \"userId\": \"8\"}");
    assert_true(legacy_has(store, "t1", "7"));
    assert_false(legacy_has(store, "t1", "07"));
    assert_false(legacy_has(store, "t2", "8"));
    signet_store_close(store);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        signet_error err;
        options = (signet_store_options){
            .place = "mongodb://localhost", .legacy_token_field = names[i][0], .legacy_user_field = names[i][1]};
        assert_int_equal(signet_store_open(&options, &store, &err), SIGNET_ERR_OPTION);
        assert_string_equal(err.field, "legacy");
    }
}

#define on_server(test) cmocka_unit_test_setup_teardown(test, mongo_setup, mongo_teardown)

int main(void)
{
    const struct CMUnitTest on_mongodb[] = {
        on_server(the_first_call_makes_the_indexes_and_making_them_again_changes_nothing),
        on_server(an_index_of_the_same_name_that_differs_is_reported_with_the_command_that_drops_it),
        on_server(a_document_has_the_documented_fields_and_types),
        on_server(a_document_that_is_no_session_is_reported_by_field),
        on_server(what_an_operator_edits_in_mongosh_is_still_a_session),
        on_server(the_note_of_revoke_all_is_no_session),
        on_server(a_foreign_unique_index_is_reported_and_not_mistaken_for_an_existing_id),
        on_server(of_several_threads_exactly_one_rotates_a_token),
        on_server(simultaneous_first_notes_of_one_user_all_succeed),
        on_server(a_legacy_row_is_found_by_its_exact_token_and_user_and_removed_with_its_user),
        on_server(the_fields_of_a_legacy_row_can_be_renamed_but_not_to_operators),
    };
    return mongo_is_here() ? cmocka_run_group_tests_name("mongo", on_mongodb, NULL, NULL) : 0;
}

#else

static void without_the_driver_the_error_says_what_to_install(void **state)
{
    signet_store_options options = {.place = "mongodb://localhost"};
    signet_store *store = NULL;
    signet_error err;
    (void)state;
    assert_int_equal(signet_store_open(&options, &store, &err), SIGNET_ERR_STORE_UNAVAILABLE);
    assert_non_null(strstr(err.detail, "apt-get install libmongoc-dev"));
    assert_non_null(strstr(err.detail, "npx signet-jwt build"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(without_the_driver_the_error_says_what_to_install)};
    return cmocka_run_group_tests_name("mongo, without the driver", tests, NULL, NULL);
}

#endif
