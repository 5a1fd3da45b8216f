/* mongo_support.h: a real MongoDB server for the tests of the store, named by the environment variable MONGODB_URI. */
#ifndef SIGNET_TEST_MONGO_SUPPORT_H
#define SIGNET_TEST_MONGO_SUPPORT_H

#include "session/store.h"

/* Whether tests on MongoDB can run; if not, prints the reason. */
bool mongo_is_here(void);

/* The URI in the environment variable; NULL, and the reason printed, if there is none. */
const char *mongo_uri_named(const char *variable);

/* Opens a store on a new collection, which mongo_teardown drops; `*state` is the signet_store. Pass both to
 * cmocka_unit_test_setup_teardown. */
int mongo_setup(void **state);
int mongo_teardown(void **state);

/* The collection of the last mongo_setup. */
const char *mongo_collection(void);

/* Opens another store on the same collection, or fails the test. */
signet_store *mongo_open_again(const signet_store_options *changes);

#ifdef SIGNET_WITH_MONGOC
#include "store/mongo_compat.h"

/* Runs a command (JSON) on the test's database, or fails the test. The caller destroys `*reply`; NULL: not needed. */
void mongo_run(const char *json, bson_t *reply);

/* Inserts the document (JSON) into the collection. */
void mongo_put(const char *collection, const char *json);

/* Applies an update (JSON) to every document of the test's collection. */
void mongo_damage(const char *update_json);
#endif
#endif
