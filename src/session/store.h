/*
 * store.h: what the rules of rotation (src/session) need from a database. A store (src/store) knows no more of the
 * rules than this.
 *
 * A store decides nothing: each operation is one conditional write, atomic in the database, or one read.
 *  - Every filter on a session carries both `id` and `user_id` (a collection may be sharded by either).
 *  - "alive at now": revoked_at unset, expires_at > now, ends_at > now.
 *  - `*matched` tells whether the condition held. Not matching is not an error.
 *  - An error is SIGNET_ERR_STORE_UNAVAILABLE (nothing was changed), SIGNET_ERR_STORE_TIMEOUT (the outcome is unknown),
 *    SIGNET_ERR_STORE_REFUSED (authentication, permissions, read-only), SIGNET_ERR_STORE_CORRUPT or SIGNET_ERR_MEMORY,
 *    with the driver's number in err->driver_code.
 *  - Times are milliseconds since the epoch, given by the caller. A store reads only the monotonic clock, to limit how
 *    long it waits.
 *  - Writes are durable when the operation returns or, if the store has batches, when batch_commit returns SIGNET_OK.
 */
#ifndef SIGNET_STORE_H
#define SIGNET_STORE_H

#include "signet.h"

#define SIGNET_HASH_LEN 32
#define SIGNET_SEED_LEN 16

/* Why a session was ended: the values of revoked_for and of an event's reason. */
#define SIGNET_REASON_REUSE "reuse"
#define SIGNET_REASON_LATE_RETRY "late-retry"
#define SIGNET_REASON_LOGOUT "logout"
#define SIGNET_REASON_REVOKE "revoke"
#define SIGNET_REASON_REVOKE_ALL "revoke-all"
#define SIGNET_REASON_LIMIT "limit"
#define SIGNET_REASON_CLAIMS "claims"
#define SIGNET_REASON_SUSPECT "suspect"

/*
 * One session's record. `session` is its public part.
 *
 * "The last exchange" is the rotation that made the current token. It was keyed (the client sent an idempotency key) if
 * key_generation is the session's generation: a process of an older version, which knows no keys, leaves the fields of
 * an earlier exchange behind.
 */
typedef struct signet_record {
    signet_session session;
    uint8_t token_hash[SIGNET_HASH_LEN];        /* SHA-256 of the current refresh token's jti */
    uint8_t previous_hash[SIGNET_HASH_LEN];     /* of its parent's */
    uint8_t seed[SIGNET_SEED_LEN];              /* of the last exchange */
    uint8_t key_hash[SIGNET_HASH_LEN];          /* signet_derive_key_hash of the last keyed exchange */
    int64_t key_generation;                     /* the generation that this exchange made */
    uint8_t previous_key_hash[SIGNET_HASH_LEN]; /* of the exchange before the last one */
    int64_t previous_rotated_at_ms;             /* when that one happened; 0: unknown */
    bool has_previous, has_key, has_previous_key;
} signet_record;

/* The condition of a rotation, and what it sets. */
typedef struct signet_rotation {
    const char *session_id, *user_id;
    const uint8_t *presented_hash; /* must be token_hash */
    const uint8_t *successor_hash; /* becomes token_hash; presented_hash becomes previous_hash */
    const uint8_t *seed;
    const uint8_t *key_hash;    /* NULL: the exchange has no key */
    int64_t now_ms;             /* becomes rotated_at */
    int64_t expires_at_ms;      /* becomes expires_at */
    signet_text user_agent, ip; /* replace those of the record, unless ptr is NULL (already cut to size) */
} signet_rotation;

#define SIGNET_NO_GRACE INT64_MAX

/* A token that is not the current one: what the conditions of `retry` and `revoke_reused` compare with the record. */
typedef struct signet_old_token {
    const char *session_id, *user_id;
    const uint8_t *hash;
    int64_t generation;
    int64_t now_ms;
    int64_t grace_from_ms; /* now - grace: an exchange at or after it is within the grace period */
    /* The hashes of the presented keys with this token: an exchange that has one of them was made by this client */
    uint8_t key_hashes[2][SIGNET_HASH_LEN];
    size_t key_hashes_n;
} signet_old_token;

/* When all of a user's sessions were revoked: at `at_ms`, give or take `error_ms`. Within `process` (0: unknown, or
 * several), `stamp` is exact; both are the job's. */
typedef struct signet_revoke_note {
    int64_t at_ms, error_ms;
    int64_t process, stamp;
} signet_revoke_note;

typedef struct signet_store_ops {
    signet_store_traits traits;
    unsigned max_threads; /* threads that may call into one store at once */
    unsigned max_batch;   /* jobs per batch; 1 if there are no batches */

    /* `*store` begins with a signet_store whose ops are these or a copy of them. */
    signet_status (*open)(const signet_store_options *options, signet_store **store, signet_error *err);
    void (*close)(signet_store *store);

    /* Called before jobs that run without a batch: whether the store is still the one that was opened. (batch_begin
     * checks by itself.) NULL: it always is. */
    signet_status (*check)(signet_store *store, signet_error *err);

    /* A batch: NULL if max_batch is 1. After a failed operation the rules call batch_stands: false means that the
     * database has rolled the whole batch back. If batch_commit fails, the outcome of every write in the batch is
     * unknown, except with SIGNET_ERR_STORE_UNAVAILABLE: then nothing was changed. */
    signet_status (*batch_begin)(signet_store *store, int64_t timeout_ms, signet_error *err);
    bool (*batch_stands)(signet_store *store);
    signet_status (*batch_commit)(signet_store *store, signet_error *err);

    /* Inserts a new session. `*matched` false: that ID exists already. */
    signet_status (*insert)(signet_store *store, const signet_record *record, bool *matched, signet_error *err);

    /* The compare-and-set of a rotation. Condition: alive at now, token_hash = presented_hash. Sets token_hash,
     * previous_hash, seed, rotated_at, expires_at, retries = 0, generation + 1, user agent and ip; previous_rotated_at
     * to the old rotated_at; previous_key_hash to the old key_hash if the last exchange was keyed, else to none;
     * key_hash and key_generation, or removes both. `*after` is the changed record. */
    signet_status (*rotate)(signet_store *store, const signet_rotation *rotation, signet_record *after, bool *matched,
                            signet_error *err);

    /* Counts a retry. Condition: alive at now, previous_hash = hash, and
     *  - the last exchange was keyed, and key_hash is one of key_hashes; or
     *  - it was not keyed, and rotated_at >= grace_from.
     * Sets retries + 1, retries_total + 1. */
    signet_status (*retry)(signet_store *store, const signet_old_token *token, signet_record *after, bool *matched,
                           signet_error *err);

    /* Ends a session whose old token is reused. Condition: alive at now, generation > the token's, token_hash <> hash,
     * and none of
     *  - previous_hash = hash, and rotated_at >= grace_from
     *  - previous_hash = hash, the last exchange was keyed, and key_hash is one of key_hashes
     *  - generation = the token's + 2, and previous_rotated_at >= grace_from
     *  - generation = the token's + 2, and previous_key_hash is one of key_hashes
     * Sets revoked_at = now, and revoked_for to SIGNET_REASON_LATE_RETRY if previous_hash = hash, else to
     * SIGNET_REASON_REUSE. */
    signet_status (*revoke_reused)(signet_store *store, const signet_old_token *token, signet_record *after,
                                   bool *matched, signet_error *err);

    /* Ends one session that is not revoked yet (alive or past its limits): revoked_at = now, revoked_for = reason. */
    signet_status (*revoke)(signet_store *store, const char *session_id, const char *user_id, const char *reason,
                            int64_t now_ms, signet_record *after, bool *matched, signet_error *err);

    /* Reads one record, from the primary. `*matched` false: there is none. */
    signet_status (*read)(signet_store *store, const char *session_id, const char *user_id, signet_record *record,
                          bool *matched, signet_error *err);

    /* The sessions of a user that are alive at now, newest first (created_at, then id, both descending). `*list` is
     * on the heap (free), NULL if n is 0. */
    signet_status (*list)(signet_store *store, const char *user_id, int64_t now_ms, signet_session **list,
                          size_t *list_n, signet_error *err);

    /* revokeAll's note. A second one of the same process makes of each number the greater one. Of two processes, the
     * note that is later for certain stands; if neither is, the greater time and error stand, of process 0.
     * last_revoke_all reads it; zeroed if there is none. What an older Signet noted has no process and no error. */
    signet_status (*note_revoke_all)(signet_store *store, const char *user_id, const signet_revoke_note *note,
                                     signet_error *err);
    signet_status (*last_revoke_all)(signet_store *store, const char *user_id, signet_revoke_note *note,
                                     signet_error *err);

    /* Removes up to `limit` records whose expires_at, and notes whose time, lie before `before_ms`. A store that
     * purges by itself returns 0. */
    signet_status (*purge)(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n,
                           signet_error *err);

    /* The database's clock. NULL if the traits have no has_clock. */
    signet_status (*read_clock)(signet_store *store, signet_clock_reading *reading, signet_error *err);

    /* Whether the store answers and may be written to. */
    signet_status (*ping)(signet_store *store, signet_error *err);

    /* Copies the whole store to a file. NULL if the store cannot. */
    signet_status (*backup)(signet_store *store, const char *path, signet_error *err);

    /* Replaces the whole content of the store by such a copy, in one step. NULL if the store cannot. */
    signet_status (*restore)(signet_store *store, const char *path, signet_error *err);

    /* The tutorial-style collection { refreshToken, userId }; NULL if the store has none. `find`: whether there is a
     * row with exactly this token and user. `remove`: removes that row after its adoption; otherwise it could be
     * adopted again once the session's record is gone. `remove_all`: removes the user's rows, for revokeAll. */
    signet_status (*legacy_find)(signet_store *store, signet_text token, const char *user_id, bool *matched,
                                 signet_error *err);
    signet_status (*legacy_remove)(signet_store *store, signet_text token, const char *user_id, bool *removed,
                                   signet_error *err);
    signet_status (*legacy_remove_all)(signet_store *store, const char *user_id, int64_t *removed_n, signet_error *err);
} signet_store_ops;

/* Every store begins with this. */
struct signet_store {
    const signet_store_ops *ops;
};

#endif
