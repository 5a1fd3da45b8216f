/* mongo_support.c: a real MongoDB server for the tests of the store. */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mongo_support.h"

#define TEST_TIMEOUT_MS 5000

static char collection[64];

const char *mongo_collection(void)
{
    return collection;
}

#ifdef SIGNET_WITH_MONGOC

const char *mongo_uri_named(const char *variable)
{
    const char *uri = getenv(variable);
    if (uri && *uri)
        return uri;
    printf("# skipped: %s is not set: node scripts/mongo-server.js up --auth --tls prints it\n", variable);
    return NULL;
}

bool mongo_is_here(void)
{
    return mongo_uri_named("MONGODB_URI") != NULL;
}

signet_store *mongo_open_again(const signet_store_options *changes)
{
    signet_store_options options = changes ? *changes : (signet_store_options){0};
    signet_store *store = NULL;
    signet_error err = {0};
    if (!options.place)
        options.place = getenv("MONGODB_URI");
    if (!options.collection)
        options.collection = collection;
    if (!options.timeout_ms)
        options.timeout_ms = TEST_TIMEOUT_MS;
    if (!options.max_threads)
        options.max_threads = 4;
    if (signet_store_open(&options, &store, &err) != SIGNET_OK)
        fail_msg("the store does not open: %s", err.detail);
    return store;
}

int mongo_setup(void **state)
{
    static unsigned count;
    snprintf(collection, sizeof collection, "c_test_%ld_%u", (long)getpid(), count++);
    *state = mongo_open_again(NULL);
    return 0;
}

static mongoc_client_t *client(void)
{
    mongoc_client_t *self = mongoc_client_new(getenv("MONGODB_URI"));
    assert_non_null(self);
    (void)mongoc_client_set_error_api(self, MONGOC_ERROR_API_VERSION_2);
    return self;
}

/* The URI's database, as in the store: any name, or none. */
static const char *database_of(const mongoc_client_t *self)
{
    const char *name = mongoc_uri_get_database(mongoc_client_get_uri(self));
    return name ? name : "test";
}

static void drop(mongoc_client_t *self, const char *name)
{
    mongoc_collection_t *one = mongoc_client_get_collection(self, database_of(self), name);
    bson_error_t error;
    (void)mongoc_collection_drop(one, &error);
    mongoc_collection_destroy(one);
}

int mongo_teardown(void **state)
{
    mongoc_client_t *self = client();
    char legacy[sizeof collection + 8];
    snprintf(legacy, sizeof legacy, "%s_legacy", collection);
    drop(self, collection);
    drop(self, legacy);
    mongoc_client_destroy(self);
    signet_store_close(*state);
    return 0;
}

static bson_t *parsed(const char *json)
{
    bson_error_t error;
    bson_t *document = bson_new_from_json((const uint8_t *)json, -1, &error);
    if (!document)
        fail_msg("%s: %s", json, error.message);
    return document;
}

void mongo_run(const char *json, bson_t *reply)
{
    mongoc_client_t *self = client();
    bson_t *command = parsed(json), ignored;
    bson_error_t error;
    if (!mongoc_client_command_simple(self, database_of(self), command, NULL, reply ? reply : &ignored, &error))
        fail_msg("%s: %s", json, error.message);
    if (!reply)
        bson_destroy(&ignored);
    bson_destroy(command);
    mongoc_client_destroy(self);
}

void mongo_put(const char *name, const char *json)
{
    char command[2048];
    snprintf(command, sizeof command, "{\"insert\": \"%s\", \"documents\": [%s]}", name, json);
    mongo_run(command, NULL);
}

void mongo_damage(const char *update_json)
{
    char command[2048];
    snprintf(command, sizeof command, "{\"update\": \"%s\", \"updates\": [{\"q\": {}, \"u\": %s, \"multi\": true}]}",
             collection, update_json);
    mongo_run(command, NULL);
}

#else

const char *mongo_uri_named(const char *variable)
{
    (void)variable;
    printf("# skipped: the library is built without mongo-c-driver: apt-get install libmongoc-dev\n");
    return NULL;
}

bool mongo_is_here(void)
{
    return mongo_uri_named("MONGODB_URI") != NULL;
}

signet_store *mongo_open_again(const signet_store_options *changes)
{
    (void)changes;
    return NULL;
}

int mongo_setup(void **state)
{
    (void)state;
    return -1;
}

int mongo_teardown(void **state)
{
    (void)state;
    return -1;
}

#endif
