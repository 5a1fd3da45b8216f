/*
 * sessions.h: sessions with rotating refresh tokens: one app's rules, its secrets, and jobs for a store. Part of
 * signet.h, which includes it.
 */
#ifndef SIGNET_SESSIONS_H
#define SIGNET_SESSIONS_H

/* ------------------------------------------------------------------ auth */

/* Signet's rules with one app's secrets and limits: immutable, shared between threads. */
typedef struct signet_auth signet_auth;

typedef struct signet_auth_config {
    const signet_text *access_secrets;
    size_t access_secrets_n; /* the first signs, all verify; at least 32 bytes each */
    const signet_text *refresh_secrets;
    size_t refresh_secrets_n;       /* the same, and none equal to an access secret */
    int64_t access_ttl_s;           /* accessExpiresIn */
    int64_t refresh_ttl_s;          /* refreshExpiresIn: idle limit, slides */
    int64_t session_ttl_s;          /* sessionExpiresIn: absolute limit */
    int64_t grace_ms;               /* gracePeriod, 0 to 120,000 */
    unsigned max_sessions_per_user; /* 0: no limit */
    signet_text issuer;             /* ptr NULL: neither set nor checked */
    const signet_text *audiences;
    size_t audiences_n;                         /* set (one: string, more: array) and checked (one of them suffices) */
    int64_t clock_tolerance_s;                  /* clockTolerance of access tokens, 0 to 60 */
    bool revoke_user_on_reuse;                  /* onReuse: 'user' */
    bool revoke_on_suspect;                     /* onSuspect: 'revoke' */
    signet_text legacy_secret;                  /* ptr NULL: no adoption */
    int64_t legacy_until_ms;                    /* no adoption from then on; 0: no end */
    signet_text legacy_user_claim;              /* the claim of a legacy token that names its user; ptr NULL: "id" */
    int64_t now_ms;                             /* when the secrets were given to this process; 0: unknown */
    size_t access_revoked_n, refresh_revoked_n; /* the last so many have leaked: they verify nothing */
} signet_auth_config;

/* Checks and copies. SIGNET_ERR_SECRET (field "accessSecret" or "refreshSecret", the reason in `detail`) and
 * SIGNET_ERR_OPTION. */
SIGNET_MUST_CHECK signet_status signet_auth_new(const signet_auth_config *config, signet_auth **auth,
                                                signet_error *err);
void signet_auth_free(signet_auth *auth);

/* Other secrets for an auth that is in use; a list that is NULL stays as it is. */
typedef struct signet_secrets_change {
    const signet_text *access_secrets, *refresh_secrets;
    size_t access_secrets_n, refresh_secrets_n, access_revoked_n, refresh_revoked_n;
    int64_t now_ms;
    bool force; /* skip the checks of the change */
} signet_secrets_change;

/* A new auth with these secrets and everything else as in `auth`, which stays as it is: the caller frees it after the
 * last call that has begun with it. SIGNET_ERR_SECRET also, unless `force`, for a current secret that `auth` does not
 * know, and for the lack of one, not even revoked, whose tokens, as far as this process has signed or verified them,
 * are still valid. */
SIGNET_MUST_CHECK signet_status signet_auth_with_secrets(const signet_auth *auth, const signet_secrets_change *change,
                                                         signet_auth **changed, signet_error *err);

/* ------------------------------------------------------------------ session tokens */

#define SIGNET_SESSION_ID_LEN 22 /* 128 bits in base64url */
#define SIGNET_MAX_USER_ID_LEN 256
#define SIGNET_MAX_USER_AGENT_LEN 512
#define SIGNET_MAX_IP_LEN 64
#define SIGNET_MAX_LABEL_LEN 256
#define SIGNET_MAX_CLAIMS_LEN 16384 /* JSON text of the app's claims */
#define SIGNET_MIN_IDEMPOTENCY_KEY_LEN 22
#define SIGNET_MAX_IDEMPOTENCY_KEY_LEN 128

/* An access token verified: pinned HS256, `typ` "at+jwt", sub, sid, iat and exp present, issuer and audience if
 * configured. `*token` lies in the scratch. SIGNET_ERR_KEY_UNKNOWN: none of the secrets has the token's `kid`. */
SIGNET_MUST_CHECK signet_status signet_access_verify(const signet_auth *auth, signet_scratch *scratch, const char *jwt,
                                                     size_t jwt_len, double now_s, signet_token *token,
                                                     signet_error *err);

/* The contents of a refresh token whose signature and type are valid. */
typedef struct signet_refresh_token {
    char user_id[SIGNET_MAX_USER_ID_LEN + 1];
    char session_id[SIGNET_SESSION_ID_LEN + 1];
    char jwtid[48];
    int64_t generation;
    int64_t iat_s, exp_s, end_s;
    int64_t idle_s;        /* an idle limit given at login, else 0: the configured one */
    int64_t auth_s;        /* when the user logged in (`auth_time`); 0: unknown, a session that was adopted */
    unsigned secret_index; /* which of refresh_secrets verified it */
    bool is_legacy;        /* a tutorial-style token that may be adopted */
} signet_refresh_token;

/* For signet_refresh_open. */
typedef enum signet_refresh_flags {
    SIGNET_REFRESH_EXPIRED = 1, /* expired tokens too, for a logout */
    SIGNET_REFRESH_UNSURE = 2   /* the clock is unsure: nothing is refused by its time, the store decides */
} signet_refresh_flags;

/*
 * Step 1 of a rotation, on the caller's thread, without the store: signature, type, shape, issuer, audience, and
 * (unless `flags` say otherwise, a set of signet_refresh_flags) the absolute limit at `now_ms`; for a legacy token its
 * `exp`. The idle limit is for the session's record to decide. `expected_user_id` not NULL: another user's token
 * is SIGNET_ERR_REFRESH_INVALID. Errors: SIGNET_ERR_REFRESH_INVALID, SIGNET_ERR_REFRESH_EXPIRED, and
 * SIGNET_ERR_REFRESH_KEY_UNKNOWN: none of the secrets has the token's `kid`, and by its (unverified) times another
 * process may have signed it with a newer secret. That is for a retry, not for a logout.
 */
SIGNET_MUST_CHECK signet_status signet_refresh_open(const signet_auth *auth, signet_scratch *scratch, const char *jwt,
                                                    size_t jwt_len, const char *expected_user_id, int64_t now_ms,
                                                    unsigned flags, signet_refresh_token *token, signet_error *err);

/* ------------------------------------------------------------------ sessions */

/* Who made a request: kept in the record and passed to event listeners. Longer texts are cut at a UTF-8 boundary. */
typedef struct signet_client {
    signet_text user_agent, ip, label;
} signet_client;

/* The claims of an access token that Signet sets itself: an app's own claims may hold none of them. Ends with NULL.
 * Static memory. */
const char *const *signet_reserved_claims(void);

/* What happened, for the app's listeners. */
typedef enum signet_event {
    SIGNET_EVENT_NONE,
    SIGNET_EVENT_LOGIN,
    SIGNET_EVENT_ROTATE,
    SIGNET_EVENT_RETRY,
    SIGNET_EVENT_REUSE,
    SIGNET_EVENT_LOGOUT,
    SIGNET_EVENT_REVOKE,
    SIGNET_EVENT_ROLLBACK,
    SIGNET_EVENT_STRAGGLER
} signet_event;

/* One session as `auth.sessions()` lists it, and as events tell of it. */
typedef struct signet_session {
    char id[SIGNET_SESSION_ID_LEN + 1];
    char user_id[SIGNET_MAX_USER_ID_LEN + 1];
    int64_t generation, retries, retries_total;
    int64_t created_at_ms, rotated_at_ms, expires_at_ms, ends_at_ms;
    int64_t revoked_at_ms; /* 0: alive */
    char revoked_for[24];
    char user_agent[SIGNET_MAX_USER_AGENT_LEN + 1];
    char ip[SIGNET_MAX_IP_LEN + 1];
    char label[SIGNET_MAX_LABEL_LEN + 1];
} signet_session;

typedef enum signet_job_kind {
    SIGNET_JOB_LOGIN,
    SIGNET_JOB_ROTATE,
    SIGNET_JOB_LOGOUT,
    SIGNET_JOB_REVOKE,
    SIGNET_JOB_REVOKE_ALL,
    SIGNET_JOB_LIST,
    SIGNET_JOB_READ,    /* one session: for `live` */
    SIGNET_JOB_PURGE,   /* remove what ended more than a day ago, a small step */
    SIGNET_JOB_PING,    /* `ready()`: the store answers and may be written to */
    SIGNET_JOB_BACKUP,  /* SQLite: copy the file to `path` */
    SIGNET_JOB_RESTORE, /* SQLite: put the copy at `path` in the place of all that the store holds */
} signet_job_kind;

/*
 * One piece of work for the store: inputs set by the caller, results by signet_session_run. Texts among the inputs
 * are borrowed until it has run. A zero-initialised job with `kind` set is valid. signet_job_clear frees what the
 * results own.
 */
typedef struct signet_job {
    signet_job_kind kind;
    /* in */
    const signet_auth *auth; /* whose secrets and limits apply: the one that opened `presented`; NULL: the run's */
    int64_t now_ms;          /* stamped by the caller just before the job runs */
    bool clock_is_unsure;    /* no session is found expired (SIGNET_ERR_CLOCK_UNSURE), and PURGE does not run */
    int64_t clock_error_ms;  /* LOGIN, ROTATE, REVOKE_ALL: how far now_ms and since_ms may be from the store's clock */
    int64_t access_shift_s;  /* LOGIN, ROTATE: added to the times of the access token, for verifiers by another clock */
    signet_text user_id;     /* LOGIN, REVOKE, REVOKE_ALL, LIST, READ */
    signet_text session_id;  /* REVOKE, READ; REVOKE_ALL: the one to spare, or ptr NULL */
    signet_text claims;      /* LOGIN, ROTATE: the access token's claims, a JSON object's text; ptr NULL: none */
    const signet_refresh_token *presented; /* ROTATE, LOGOUT */
    signet_text presented_jwt;             /* ROTATE of a legacy token: the token itself */
    signet_client client;                  /* LOGIN, ROTATE, LOGOUT */
    int64_t since_ms; /* LOGIN: when the password check began. REVOKE_ALL: when the app asked. 0: now_ms */
    /* LOGIN, ROTATE, REVOKE_ALL: the place of `since_ms` in the order of this process, a number that only grows, and a
     * random number of the process. Two jobs of one process are ordered by it exactly, whatever the clock does. 0: by
     * time */
    int64_t stamp, process;
    int64_t refresh_ttl_s; /* LOGIN: this session's own idle limit; 0: the configured one */
    bool strict;           /* ROTATE: as grace_ms 0 */
    /* ROTATE: the client's key for this exchange, and the one for the exchange before; ptr NULL: none. A keyed exchange
     * is answered again only to its key. 22 to 128 visible ASCII characters, else SIGNET_ERR_BODY */
    signet_text idempotency_key, previous_key;
    bool end_session; /* ROTATE: the claims function returned null: SIGNET_ERR_SESSION_REVOKED, "claims" */
    const char *path; /* BACKUP, RESTORE */
    /* out */
    signet_status status;
    signet_error error;
    signet_event event;      /* what to tell the listeners, whatever the status; only the writer of a change tells it */
    const char *reason;      /* static: "reuse", "late-retry", "logout", "limit", ... or NULL */
    bool user_agent_changed; /* event RETRY */
    bool is_late, is_keyed;  /* event RETRY: after the grace period; recognised by its key */
    int64_t retry_after_s;   /* SIGNET_ERR_REFRESH_SUPERSEDED: then the grace period is over. ERR_LOGIN_UNSURE: 1 */
    signet_session session;  /* LOGIN, ROTATE, LOGOUT, REVOKE, READ: after the job; event fields come from here */
    char *access_token;      /* heap, NUL-terminated; LOGIN, ROTATE on success */
    char *refresh_token;
    int64_t access_expires_in_s, refresh_expires_in_s; /* whole seconds from now_ms, rounded up */
    int64_t count; /* LOGOUT, REVOKE: 1 if this job ended a live session, else 0. REVOKE_ALL, PURGE: how many */
    signet_session *sessions; /* heap; LIST: alive, newest first. LOGIN: ended by the limit. REVOKE_ALL: ended */
    size_t sessions_n;
} signet_job;

void signet_job_clear(signet_job *job);

/*
 * Runs up to signet_store_max_batch jobs, in order, as one durable unit if the store has such: each job's status
 * is set, and none is a success before what it says is durable. A batch whose commit fails is
 * SIGNET_ERR_STORE_TIMEOUT (unknown) for every job that wrote. `timeout_ms`: what is left of the earliest deadline.
 * Blocks. Rules: docs/architecture.md.
 */
void signet_session_run(const signet_auth *auth, signet_store *store, signet_scratch *scratch, signet_job *const *jobs,
                        size_t jobs_n, int64_t timeout_ms);

/* One rotation from token to tokens: signet_refresh_open, then signet_session_run of one SIGNET_JOB_ROTATE. Sets
 * `presented`; the other inputs are the caller's. Returns job->status. */
SIGNET_MUST_CHECK signet_status signet_rotate_refresh(const signet_auth *auth, signet_store *store,
                                                      signet_scratch *scratch, const char *jwt, size_t jwt_len,
                                                      int64_t timeout_ms, signet_job *job);

#endif
