/*
 * mongo.h: the MongoDB store, private to src/store/mongo*.c.
 *
 *   mongo.c          the table of operations; opening and closing
 *   mongo_call.c     every call borrows a client of the pool; the first one makes the pool
 *   mongo_absent.c   the same function in a library built without mongo-c-driver
 *   mongo_uri.c      reading the URI, and what is forced whatever it says
 *   mongo_options.c  its options: which are taken, overruled, passed over, refused
 *   mongo_index.c    the indexes, made by the first call
 *   mongo_bson.c     records to documents and back
 *   mongo_ops.c      the operations of store.h that change one session
 *   mongo_user.c     the operations of store.h that concern all of a user's sessions
 *   mongo_legacy.c   the tutorial-style collection that is adopted from
 *   mongo_error.c    the driver's errors to ours
 *   mongo_reply.c    replies that are none
 *
 * A record is one document; field names are in mongo_bson.c. revokeAll's note is a document of the same collection,
 * so that one permission, one TTL index and one shard key serve both: `_id` "revoke-all:" and the user, `revokedAt`
 * the time. No filter on sessions can meet it: a session's id has no colon, and what is alive has no `revokedAt`.
 */
#ifndef SIGNET_STORE_MONGO_H
#define SIGNET_STORE_MONGO_H

#include "store/open.h"

#define MONGO_DEFAULT_COLLECTION "refreshsessions"
#define MONGO_DEFAULT_DATABASE "test" /* as the official drivers have it */

#define MONGO_TRAITS                                                                                                   \
    {                                                                                                                  \
        .name = "mongodb", .opens_without_io = true, .fails_fast = true, .exits_briefly = true, .purges_itself = true, \
        .has_clock = true, .adopts = true                                                                              \
    }

#ifdef SIGNET_WITH_MONGOC

#include <stdatomic.h>

#include "platform/platform.h"
#include "store/mongo_compat.h"

typedef struct mongo_store {
    signet_store base;
    signet_store_ops ops; /* of this store: its own number of threads */
    mongoc_uri_t *uri;
    char *database, *collection, *legacy_collection; /* legacy: NULL if there is none */
    char *legacy_token_field, *legacy_user_field;
    int32_t timeout_ms; /* server selection, connect and socket */
    int32_t server_ms;  /* what the server is given: less, so that its answer comes before the socket is given up */
    mongoc_write_concern_t *durable; /* majority, journal, wtimeout */
    mongoc_read_prefs_t *primary;
    atomic_bool is_ready; /* the pool stands and the indexes are made */
    signet_mutex opening;
    unsigned attempts;         /* under `opening` */
    signet_error last_failure; /* under `opening`: of the last attempt */
    mongoc_client_pool_t *pool;
} mongo_store;

/* One operation's client and collection. */
typedef struct mongo_call {
    mongo_store *store;
    mongoc_client_t *client;
    mongoc_collection_t *sessions;
} mongo_call;

/* What an operation that failed may have done. */
typedef enum mongo_purpose { MONGO_READS, MONGO_WRITES } mongo_purpose;

/* ------------------------------------------------------------------ mongo_call.c */

/* Borrows a client; makes the pool and the indexes if that has not been done yet. Each successful one needs its
 * mongo_call_end, which returns what the operation came to: `status`, unless a reply could not be read, for then
 * nobody knows. */
SIGNET_MUST_CHECK signet_status mongo_call_begin(signet_store *store, mongo_call *call, signet_error *err);
SIGNET_MUST_CHECK signet_status mongo_call_end(mongo_call *call, signet_status status, signet_error *err);

/* The document of `collection` that fits `filter`, by a primary read: a copy in `found`, empty where `*matched` is
 * false. The caller destroys it in either case. */
SIGNET_MUST_CHECK signet_status mongo_find_one(const mongo_call *call, mongoc_collection_t *collection,
                                               const bson_t *filter, bson_t *found, bool *matched, signet_error *err);

/* ------------------------------------------------------------------ mongo_uri.c */

/* Reads and checks `options`, fills the store's uri, names, timeouts and concerns. Texts name what is wrong, never a
 * part of the URI that could be a credential. SIGNET_ERR_OPTION. */
SIGNET_MUST_CHECK signet_status mongo_configure(mongo_store *store, const signet_store_options *options,
                                                signet_error *err);

/* Options of a write: { writeConcern }. Of a read: { maxTimeMS }. To be destroyed by bson_destroy. */
void mongo_write_options(const mongo_store *store, bson_t *options);
void mongo_read_options(const mongo_store *store, bson_t *options);

/* Starts the driver once a process, and keeps it from writing to the app's stderr. */
void mongo_driver_start(void);

/* ------------------------------------------------------------------ mongo_options.c */

#define MONGO_ENCODE_ADVICE                                                                                            \
    "the user name or the password holds a character that must be percent-encoded (encodeURIComponent(password))"
#define MONGO_LOGIN_ADVICE "check user, password and authSource in the URI; is the password percent-encoded?"

/* Writes those of a URI's options ("?name=value&…", or "") that the driver is to read to `kept`, which has room for
 * all. SIGNET_ERR_OPTION where one is not known, or cannot be done. */
SIGNET_MUST_CHECK signet_status mongo_uri_filter(const char *options, char *kept, signet_error *err);

/* The option that a text of the driver's is about, or NULL. */
const char *mongo_option_named_in(const char *text);

/* What to check if a login fails. `uri` may be NULL. */
const char *mongo_login_advice(const mongoc_uri_t *uri);

/* ------------------------------------------------------------------ mongo_counters.c */

/* Takes the name of the driver's counters in shared memory away. */
void mongo_drop_counters(void);

/* ------------------------------------------------------------------ mongo_index.c */

SIGNET_MUST_CHECK signet_status mongo_make_indexes(mongo_store *store, mongoc_client_t *client, signet_error *err);

/* ------------------------------------------------------------------ mongo_bson.c */

void mongo_append_hash(bson_t *document, const char *name, const uint8_t *hash);

/* { _id, userId }: begins every filter on a session. */
void mongo_append_session(bson_t *filter, const char *session_id, const char *user_id);

/* Adds "alive at now" to a filter: no revokedAt, expiresAt > now, endsAt > now. */
void mongo_append_alive(bson_t *filter, int64_t now_ms);

/* { name: { op: value } } */
void mongo_append_date_condition(bson_t *filter, const char *name, const char *op, int64_t value_ms);

void mongo_append_record(bson_t *document, const signet_record *record);

/* SIGNET_ERR_STORE_CORRUPT with the field's name if the document is no session. */
SIGNET_MUST_CHECK signet_status mongo_read_record(const bson_t *document, signet_record *record, signet_error *err);

/* ------------------------------------------------------------------ mongo_error.c */

/* The status for an error of the driver. `reply` may be NULL. */
signet_status mongo_fail(const mongo_store *store, const bson_error_t *error, const bson_t *reply,
                         mongo_purpose purpose, signet_error *err);

/* Whether a reply that is "ok" carries a writeConcernError: then the outcome is unknown, and `err` says so. */
signet_status mongo_check_write_concern(const mongo_store *store, const bson_t *reply, signet_error *err);

/* ------------------------------------------------------------------ mongo_reply.c */

/* Whether the reply to a command that succeeded says all that an operation needs to know. True for commands that no
 * session depends on. */
bool mongo_reply_is_whole(const char *command, const bson_t *reply);

/* Has every reply to a client of the pool looked at. Between the other two, on one thread: an operation. `_end`
 * returns `status`, or SIGNET_ERR_STORE_TIMEOUT if a reply could not be read. */
SIGNET_MUST_CHECK bool mongo_watch_replies(mongoc_client_pool_t *pool);
void mongo_replies_begin(void);
SIGNET_MUST_CHECK signet_status mongo_replies_end(signet_status status, signet_error *err);

/* ------------------------------------------------------------------ mongo_ops.c, mongo_user.c, mongo_legacy.c */

signet_status mongo_insert(signet_store *store, const signet_record *record, bool *matched, signet_error *err);
signet_status mongo_rotate(signet_store *store, const signet_rotation *rotation, signet_record *after, bool *matched,
                           signet_error *err);
signet_status mongo_retry(signet_store *store, const signet_old_token *token, signet_record *after, bool *matched,
                          signet_error *err);
signet_status mongo_revoke_reused(signet_store *store, const signet_old_token *token, signet_record *after,
                                  bool *matched, signet_error *err);
signet_status mongo_revoke(signet_store *store, const char *session_id, const char *user_id, const char *reason,
                           int64_t now_ms, signet_record *after, bool *matched, signet_error *err);
signet_status mongo_read(signet_store *store, const char *session_id, const char *user_id, signet_record *record,
                         bool *matched, signet_error *err);
signet_status mongo_ping(signet_store *store, signet_error *err);
signet_status mongo_list(signet_store *store, const char *user_id, int64_t now_ms, signet_session **list,
                         size_t *list_n, signet_error *err);
signet_status mongo_note_revoke_all(signet_store *store, const char *user_id, const signet_revoke_note *note,
                                    signet_error *err);
signet_status mongo_last_revoke_all(signet_store *store, const char *user_id, signet_revoke_note *note,
                                    signet_error *err);
signet_status mongo_purge(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n,
                          signet_error *err);
signet_status mongo_legacy_find(signet_store *store, signet_text token, const char *user_id, bool *matched,
                                signet_error *err);
signet_status mongo_legacy_remove(signet_store *store, signet_text token, const char *user_id, bool *removed,
                                  signet_error *err);
signet_status mongo_legacy_remove_all(signet_store *store, const char *user_id, int64_t *removed_n, signet_error *err);

/* ------------------------------------------------------------------ mongo_clock.c */

signet_status mongo_read_clock(signet_store *store, signet_clock_reading *reading, signet_error *err);

#endif
#endif
