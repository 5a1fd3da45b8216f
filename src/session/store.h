/*
 * store.h: what the rules of rotation (src/session) ask of a database, and all that a store (src/store) knows of them.
 *
 * A store decides nothing: each operation is one conditional write, atomic in the database, or one read. The rules
 * put them together.
 *  - Every filter on a session carries both `id` and `user_id` (a collection may be sharded by either).
 *  - "alive at now": revoked_at unset, expires_at > now, ends_at > now.
 *  - `*matched` tells whether the condition held. Not matching is not an error.
 *  - An error is SIGNET_ERR_STORE_UNAVAILABLE (surely nothing was changed), SIGNET_ERR_STORE_TIMEOUT (the outcome is
 *    unknown),
 * SIGNET_ERR_STORE_REFUSED (authentication, permissions, read-only), SIGNET_ERR_STORE_CORRUPT or SIGNET_ERR_MEMORY,
 * with the driver's number in err->driver_code.
 *  - Times are milliseconds since the epoch, given by the caller. A store reads no clock but the monotonic one, for
 *    how long it waits.
 *  - Writes are durable when the operation returns, or, where the store has batches, when batch_commit returns
 *    SIGNET_OK.
 */
#ifndef SIGNET_STORE_H
#define SIGNET_STORE_H

#include "signet.h"

#define SIGNET_HASH_LEN 32
#define SIGNET_SEED_LEN 16

/* One session's record, whole. `session.retries` and its like are the public part. */
typedef struct signet_record {
    signet_session session;
    uint8_t token_hash[SIGNET_HASH_LEN];    /* SHA-256 of the current refresh token's jti */
    uint8_t previous_hash[SIGNET_HASH_LEN]; /* its parent's */
    bool has_previous;                      /* false until the first rotation */
    uint8_t seed[SIGNET_SEED_LEN];          /* the last rotation's */
} signet_record;

/* The condition and the change of a rotation. */
typedef struct signet_rotation {
    const char *session_id, *user_id;
    const uint8_t *presented_hash; /* must be token_hash */
    const uint8_t *successor_hash; /* becomes token_hash; presented_hash becomes previous_hash */
    const uint8_t *seed;
    int64_t now_ms;             /* becomes rotated_at */
    int64_t expires_at_ms;      /* becomes expires_at */
    signet_text user_agent, ip; /* replace the record's where ptr is not NULL (already cut to size) */
} signet_rotation;

/* The condition of a retry. */
typedef struct signet_retry {
    const char *session_id, *user_id;
    const uint8_t *presented_hash; /* must be previous_hash */
    int64_t now_ms;
    int64_t rotated_from_ms; /* rotated_at must be >= this (now - grace) and <= rotated_to_ms (now + 5 s) */
    int64_t rotated_to_ms;
} signet_retry;

typedef struct signet_store_ops {
    signet_store_traits traits;
    unsigned max_threads; /* threads that may call into one store at once */
    unsigned max_batch;   /* jobs a batch; 1 where there are no batches */

    /* `*store` begins with a signet_store whose ops are these or a copy of them. */
    signet_status (*open)(const signet_store_options *options, signet_store **store, signet_error *err);
    void (*close)(signet_store *store);

    /* Before jobs that are run without a batch: whether the store is still what was opened (batch_begin looks for
     * itself). NULL: it is. */
    signet_status (*check)(signet_store *store, signet_error *err);

    /* A batch: NULL where max_batch is 1. After any failed operation the rules ask batch_stands: false means that the
     * database has rolled the whole batch back. batch_commit failing means that every write in it is unknown, but
     * with SIGNET_ERR_STORE_UNAVAILABLE that nothing was changed. */
    signet_status (*batch_begin)(signet_store *store, int64_t timeout_ms, signet_error *err);
    bool (*batch_stands)(signet_store *store);
    signet_status (*batch_commit)(signet_store *store, signet_error *err);

    /* Inserts a new session. `*matched` false: that id exists already. */
    signet_status (*insert)(signet_store *store, const signet_record *record, bool *matched, signet_error *err);

    /* The compare-and-set of a rotation: alive at now and token_hash = presented. Sets token_hash, previous_hash,
     * seed, rotated_at, expires_at, retries = 0, generation + 1, user agent and ip. `*after` is the record as it now
     * stands. */
    signet_status (*rotate)(signet_store *store, const signet_rotation *rotation, signet_record *after, bool *matched,
                            signet_error *err);

    /* The conditional count of a retry: alive at now, previous_hash = presented, rotated_at within the bounds →
     * retries + 1, retries_total + 1. */
    signet_status (*retry)(signet_store *store, const signet_retry *retry, signet_record *after, bool *matched,
                           signet_error *err);

    /* The conditional revoke of a reuse: alive at now, generation > `generation`, token_hash <> presented →
     * revoked_at = now. revoked_for becomes "late-retry" where previous_hash = presented, else "reuse"; both in the
     * one write. */
    signet_status (*revoke_reused)(signet_store *store, const char *session_id, const char *user_id,
                                   const uint8_t *presented_hash, int64_t generation, int64_t now_ms,
                                   signet_record *after, bool *matched, signet_error *err);

    /* Ends one session that is not revoked yet (alive or past its limits): revoked_at = now, revoked_for = reason. */
    signet_status (*revoke)(signet_store *store, const char *session_id, const char *user_id, const char *reason,
                            int64_t now_ms, signet_record *after, bool *matched, signet_error *err);

    /* Reads one record; primary reads. `*matched` false: none. */
    signet_status (*read)(signet_store *store, const char *session_id, const char *user_id, signet_record *record,
                          bool *matched, signet_error *err);

    /* The sessions of a user that are alive at now, newest first (created_at, then id, both descending). `*list` is
     * heap (free), NULL where n is 0. */
    signet_status (*list)(signet_store *store, const char *user_id, int64_t now_ms, signet_session **list,
                          size_t *list_n, signet_error *err);

    /* revokeAll's note: the latest time at which all of a user's sessions were revoked; never goes back.
     * last_revoke_all reads it; 0 if there is none. */
    signet_status (*note_revoke_all)(signet_store *store, const char *user_id, int64_t now_ms, signet_error *err);
    signet_status (*last_revoke_all)(signet_store *store, const char *user_id, int64_t *at_ms, signet_error *err);

    /* Removes up to `limit` records whose expires_at, and notes whose time, lie before `before_ms`. A store that
     * purges by itself returns 0. */
    signet_status (*purge)(signet_store *store, int64_t before_ms, unsigned limit, int64_t *removed_n,
                           signet_error *err);

    /* Whether the store answers and may be written to. */
    signet_status (*ping)(signet_store *store, signet_error *err);

    /* Copies the whole store to a file. NULL where the store cannot. */
    signet_status (*backup)(signet_store *store, const char *path, signet_error *err);

    /* Puts what such a copy holds in the place of all that the store holds, at once. NULL where the store cannot. */
    signet_status (*restore)(signet_store *store, const char *path, signet_error *err);

    /* The tutorial-style collection { refreshToken, userId }; NULL where the store has none. `find`: a row with
     * exactly this token and user; `remove`: that row, once it is adopted, for it may outlive the session's record
     * and would be adopted again; `remove_all`: rows of the user that were not adopted yet, so that revokeAll covers
     * them. */
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
