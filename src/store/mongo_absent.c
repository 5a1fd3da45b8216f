/* mongo_absent.c: a library without mongo-c-driver says what to install when a MongoDB store is asked for. */
#include "core/fail.h"
#include "store/mongo.h"

#ifndef SIGNET_WITH_MONGOC
static signet_status mongo_open(const signet_store_options *options, signet_store **store, signet_error *err)
{
    (void)options;
    (void)store;
    return signet_fail_detail(err, SIGNET_ERR_STORE_UNAVAILABLE, "store",
                              "this build of signet-jwt has no MongoDB driver: apt-get install libmongoc-dev (or your "
                              "system's mongo-c-driver), then npx signet-jwt build");
}

const signet_store_ops mongo_ops = {.traits = MONGO_TRAITS, .open = mongo_open};
#endif
