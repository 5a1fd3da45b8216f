/* mongo_clock.c: the clock of the primary (of the mongos that answers, in a sharded cluster), from its hello. */
#include "store/mongo.h"

#ifdef SIGNET_WITH_MONGOC

#include <string.h>

#include "core/fail.h"

#define COMMAND_NOT_FOUND 59
#define GOOD_TRIP_US 20000 /* a trip that took longer may have included the connection's handshake */

/* The server's time; 0 if it does not tell one. */
static int64_t local_time_of(const bson_t *reply)
{
    bson_iter_t iter;
    return bson_iter_init_find(&iter, reply, "localTime") && BSON_ITER_HOLDS_DATE_TIME(&iter)
               ? bson_iter_date_time(&iter)
               : 0;
}

static signet_status say_hello(const mongo_call *call, uint32_t server, signet_clock_reading *reading, int64_t *trip_us,
                               signet_error *err)
{
    bson_t command = BSON_INITIALIZER, options = BSON_INITIALIZER, reply;
    bson_error_t error;
    signet_status status = SIGNET_OK;
    BSON_APPEND_INT32(&command, "hello", 1);
    BSON_APPEND_INT64(&options, "serverId", server);
    const int64_t from_us = signet_monotonic_us();
    const bool is_done = mongoc_client_read_command_with_opts(call->client, "admin", &command, call->store->primary,
                                                              &options, &reply, &error);
    *trip_us = signet_monotonic_us() - from_us;
    /* MongoDB knows hello since 4.2.10; what only speaks its protocol may tell no time. */
    if (!is_done && error.code != COMMAND_NOT_FOUND)
        status = mongo_fail(call->store, &error, &reply, MONGO_READS, err);
    const int64_t told_ms = is_done ? local_time_of(&reply) : 0;
    reading->error_ms = (*trip_us / 2 + 999) / 1000;
    reading->clock_ms = told_ms > 0 ? told_ms + *trip_us / 2000 : 0;
    bson_destroy(&reply);
    bson_destroy(&options);
    bson_destroy(&command);
    return status;
}

static signet_status read_primary(const mongo_call *call, signet_clock_reading *reading, signet_error *err)
{
    bson_error_t error;
    int64_t trip_us;
    mongoc_server_description_t *server = mongoc_client_select_server(call->client, true, NULL, &error);
    if (!server)
        return mongo_fail(call->store, &error, NULL, MONGO_READS, err);
    const uint32_t id = mongoc_server_description_id(server);
    bson_strncpy(reading->host, mongoc_server_description_host(server)->host_and_port, sizeof reading->host);
    mongoc_server_description_destroy(server);
    signet_status status = say_hello(call, id, reading, &trip_us, err);
    return status == SIGNET_OK && trip_us > GOOD_TRIP_US ? say_hello(call, id, reading, &trip_us, err) : status;
}

signet_status mongo_read_clock(signet_store *store, signet_clock_reading *reading, signet_error *err)
{
    mongo_call call;
    memset(reading, 0, sizeof *reading);
    signet_status status = mongo_call_begin(store, &call, err);
    if (status != SIGNET_OK)
        return status;
    return mongo_call_end(&call, read_primary(&call, reading, err), err);
}

#endif
