/* Which answers of a MongoDB server are complete. Needs no server. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

/* { ok: 1, more } as extended JSON. */
static bool is_whole(const char *command, const char *more)
{
    char json[512];
    bson_error_t error;
    snprintf(json, sizeof json, "{%s%s\"ok\": 1.0}", more, *more ? ", " : "");
    bson_t *reply = bson_new_from_json((const uint8_t *)json, -1, &error);
    if (!reply)
        fail_msg("%s: %s", json, error.message);
    const bool result = mongo_reply_is_whole(command, reply);
    bson_destroy(reply);
    return result;
}

typedef struct reply_case {
    const char *command, *members;
} reply_case;

static void an_answer_of_a_real_server_is_complete(void **state)
{
    static const reply_case cases[] = {
        {"findAndModify", "\"value\": null"},
        {"findAndModify", "\"lastErrorObject\": {\"n\": 0}, \"value\": null"},
        {"findAndModify", "\"value\": {\"_id\": \"s1\"}"},
        {"findAndModify", "\"value\": null, \"writeConcernError\": {\"code\": 64}"},
        {"find", "\"cursor\": {\"firstBatch\": [], \"id\": {\"$numberLong\": \"0\"}, \"ns\": \"a.b\"}"},
        {"find", "\"cursor\": {\"id\": 7, \"ns\": \"a.b\", \"firstBatch\": [{\"_id\": \"s1\"}, {\"_id\": 2}]}"},
        {"getMore", "\"cursor\": {\"nextBatch\": [{\"_id\": \"s1\"}], \"id\": {\"$numberLong\": \"0\"}}"},
        {"insert", "\"n\": 1"},
        {"insert", "\"n\": 0, \"writeErrors\": [{\"index\": 0, \"code\": 11000, \"errmsg\": \"\"}]"},
        {"update", "\"n\": 1, \"nModified\": 0, \"upserted\": [{\"index\": 0, \"_id\": 1}]"},
        {"delete", "\"n\": 0"},
        {"ping", ""},
        {"createIndexes", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (!is_whole(cases[i].command, cases[i].members))
            fail_msg("%s: %s", cases[i].command, cases[i].members);
}

static void an_ambiguous_answer_is_not_complete(void **state)
{
    static const reply_case cases[] = {
        {"findAndModify", ""},
        {"findAndModify", "\"value\": {}"},
        {"findAndModify", "\"value\": []"},
        {"findAndModify", "\"value\": [{\"_id\": 1}]"},
        {"findAndModify", "\"value\": 0"},
        {"findAndModify", "\"value\": \"null\""},
        {"findAndModify", "\"value\": {\"$undefined\": true}"},
        {"findAndModify", "\"value\": {\"userId\": {\"_id\": 1}}"},
        {"findAndModify", "\"value\": null, \"writeConcernError\": \"none\""},
        {"find", ""},
        {"find", "\"cursor\": {}"},
        {"find", "\"cursor\": {\"firstBatch\": []}"},
        {"find", "\"cursor\": {\"id\": \"0\", \"firstBatch\": []}"},
        {"find", "\"cursor\": {\"id\": 0, \"nextBatch\": []}"},
        {"find", "\"cursor\": {\"id\": 0, \"firstBatch\": {}}"},
        {"find", "\"cursor\": {\"id\": 0, \"firstBatch\": [{\"_id\": 1}, {}]}"},
        {"find", "\"cursor\": {\"id\": 0, \"firstBatch\": [{\"_id\": 1}, null]}"},
        {"getMore", "\"cursor\": {\"id\": 0, \"firstBatch\": []}"},
        {"insert", ""},
        {"insert", "\"n\": 0"},
        {"insert", "\"n\": \"1\""},
        {"insert", "\"n\": {\"$numberLong\": \"1\"}"},
        {"insert", "\"n\": 1, \"writeErrors\": {}"},
        {"insert", "\"n\": 0, \"writeErrors\": []"},
        {"insert", "\"n\": 0, \"writeErrors\": [{\"index\": 0}]"},
        {"insert", "\"n\": 1, \"writeConcernError\": 0"},
        {"update", "\"n\": 1"},
        {"update", "\"n\": 0, \"nModified\": 0"},
        {"update", "\"n\": 1, \"nModified\": \"1\""},
        {"delete", ""},
        {"delete", "\"n\": -1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (is_whole(cases[i].command, cases[i].members))
            fail_msg("%s: %s", cases[i].command, cases[i].members);
}

static void an_answer_without_ok_is_not_complete(void **state)
{
    bson_t reply = BSON_INITIALIZER;
    (void)state;
    BSON_APPEND_NULL(&reply, "value");
    assert_false(mongo_reply_is_whole("findAndModify", &reply));
    BSON_APPEND_DOUBLE(&reply, "ok", 1);
    assert_true(mongo_reply_is_whole("findAndModify", &reply));
    bson_destroy(&reply);
}

/* Whichever byte is changed, nothing beyond the document is read. */
static void a_damaged_byte_does_no_harm(void **state)
{
    bson_error_t error;
    const char *json = "{\"cursor\": {\"id\": 0, \"firstBatch\": [{\"_id\": \"s1\", \"a\": [1, 2]}]}, \"value\": "
                       "{\"_id\": 1}, \"ok\": 1.0}";
    bson_t *whole = bson_new_from_json((const uint8_t *)json, -1, &error), damaged;
    (void)state;
    assert_non_null(whole);
    for (uint32_t i = 4; i < whole->len - 1; i++)
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t *bytes = malloc(whole->len); /* of the exact size, so that a sanitizer detects a read beyond it */
            assert_non_null(bytes);
            memcpy(bytes, bson_get_data(whole), whole->len);
            bytes[i] = (uint8_t)byte;
            if (bson_init_static(&damaged, bytes, whole->len)) {
                (void)mongo_reply_is_whole("find", &damaged);
                (void)mongo_reply_is_whole("findAndModify", &damaged);
            }
            free(bytes);
        }
    bson_destroy(whole);
}

static void a_truncated_answer_is_not_complete(void **state)
{
    bson_t reply = BSON_INITIALIZER, damaged;
    uint8_t bytes[64];
    (void)state;
    BSON_APPEND_NULL(&reply, "value");
    BSON_APPEND_DOUBLE(&reply, "ok", 1);
    BSON_APPEND_INT32(&reply, "x", 1);
    assert_true(mongo_reply_is_whole("findAndModify", &reply));
    memcpy(bytes, bson_get_data(&reply), reply.len);
    bytes[reply.len - 8] = 0x55; /* the last element's type: not one of BSON's */
    assert_true(bson_init_static(&damaged, bytes, reply.len));
    assert_false(mongo_reply_is_whole("findAndModify", &damaged));
    bson_destroy(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_of_a_real_server_is_complete),
        cmocka_unit_test(an_ambiguous_answer_is_not_complete),
        cmocka_unit_test(an_answer_without_ok_is_not_complete),
        cmocka_unit_test(a_truncated_answer_is_not_complete),
        cmocka_unit_test(a_damaged_byte_does_no_harm),
    };
    return cmocka_run_group_tests_name("mongo_reply", tests, NULL, NULL);
}

#else

int main(void)
{
    return 0; /* the test of a build without the driver is in mongo.test.c */
}

#endif
