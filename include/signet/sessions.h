/*
 * sessions.h: sessions with refresh token rotation: one app's rules and secrets, and jobs for a store. Part of
 * signet.h, which includes it: do not include it directly.
 */
#ifndef SIGNET_SESSIONS_H
#define SIGNET_SESSIONS_H

/* ------------------------------------------------------------------ auth */

/* The rules with one app's secrets and limits. Immutable; threads may share it. */
typedef struct signet_auth signet_auth;

/* What a reuse ends, and what a suspicious retry does: the words of onReuse and of onSuspect, in this order. */
enum { SIGNET_ON_REUSE_SESSION, SIGNET_ON_REUSE_USER };
enum { SIGNET_ON_SUSPECT_TELL, SIGNET_ON_SUSPECT_REVOKE };

typedef struct signet_auth_config {
    const signet_text *access_secrets;
    size_t access_secrets_n; /* the first one signs, all of them verify; at least 32 bytes each */
    const signet_text *refresh_secrets;
    size_t refresh_secrets_n;                   /* the same; none may equal an access secret */
    size_t access_revoked_n, refresh_revoked_n; /* so many at the end of the list have leaked: they verify nothing */
    int64_t now_ms;                             /* when this process received the secrets; 0: unknown */
    signet_text legacy_secret;                  /* of the tutorial-style tokens to adopt; ptr NULL: no adoption */
    /* options: the table below has their names in lib and their limits */
    int64_t access_expires_in_s;
    int64_t refresh_expires_in_s; /* the idle limit, extended by every rotation */
    int64_t session_expires_in_s; /* the absolute limit */
    int64_t grace_period_ms;
    int64_t clock_tolerance_s;      /* of access tokens */
    unsigned max_sessions_per_user; /* 0: no limit */
    signet_text issuer;             /* ptr NULL: neither set nor checked */
    signet_texts audience;          /* set (one: a string, several: an array); checked: one must match */
    unsigned on_reuse;              /* SIGNET_ON_REUSE_* */
    unsigned on_suspect;            /* SIGNET_ON_SUSPECT_* */
    int64_t legacy_until_ms;        /* when adoption ends; 0: never */
    signet_text legacy_user_claim;  /* the claim of a legacy token that names its user; ptr NULL: "id" */
} signet_auth_config;

#define SIGNET_MAX_LIFETIME_S INT64_C(3155760000) /* a hundred years, so that sums of times cannot overflow */

/*
 * The options: X(member, name, kind, limits). signet_auth_new checks and copies them by this table, and lib's
 * createAuth passes them on by it, each under its name. Limits: the least and the most, in the member's unit, or the
 * bytes of a text; for a word, the words in the order of their numbers, and the last number.
 */
/* clang-format off */
#define SIGNET_AUTH_OPTION_TABLE(X) \
    X(access_expires_in_s,   "accessExpiresIn",    seconds,      1, SIGNET_MAX_LIFETIME_S) \
    X(refresh_expires_in_s,  "refreshExpiresIn",   seconds,      1, SIGNET_MAX_LIFETIME_S) \
    X(session_expires_in_s,  "sessionExpiresIn",   seconds,      1, SIGNET_MAX_LIFETIME_S) \
    X(grace_period_ms,       "gracePeriod",        milliseconds, 0, 120000) \
    X(clock_tolerance_s,     "clockTolerance",     seconds,      0, 60) \
    X(max_sessions_per_user, "maxSessionsPerUser", count,        0, 100000) \
    X(issuer,                "issuer",             text,         1, 1024) \
    X(audience,              "audience",           texts,        1, 1024) \
    X(on_reuse,              "onReuse",            word,         "session user", SIGNET_ON_REUSE_USER) \
    X(on_suspect,            "onSuspect",          word,         "tell revoke", SIGNET_ON_SUSPECT_REVOKE) \
    X(legacy_until_ms,       "legacy.until",       milliseconds, INT64_MIN, INT64_MAX) \
    X(legacy_user_claim,     "legacy.userClaim",   text,         1, 1024)
/* clang-format on */

/* Checks the configuration and copies it. Errors: SIGNET_ERR_SECRET (err->field "accessSecret" or "refreshSecret", the
 * reason in err->detail) and SIGNET_ERR_OPTION. */
SIGNET_MUST_CHECK signet_status signet_auth_new(const signet_auth_config *config, signet_auth **auth,
                                                signet_error *err);
void signet_auth_free(signet_auth *auth);

/* New secrets for an auth in use. A list that is NULL is not changed. */
typedef struct signet_secrets_change {
    const signet_text *access_secrets, *refresh_secrets;
    size_t access_secrets_n, refresh_secrets_n, access_revoked_n, refresh_revoked_n;
    int64_t now_ms;
    bool force; /* skip the checks against the previous secrets */
} signet_secrets_change;

/* Makes a new auth with these secrets and everything else as in `auth`. `auth` is not changed: the caller frees it
 * after the last call that began with it. Unless `force`, SIGNET_ERR_SECRET also if the first secret is not known to
 * `auth`, or if a secret is dropped, rather than revoked, while tokens that this process signed or verified with it are
 * still valid. */
SIGNET_MUST_CHECK signet_status signet_auth_with_secrets(const signet_auth *auth, const signet_secrets_change *change,
                                                         signet_auth **changed, signet_error *err);

/* ------------------------------------------------------------------ session tokens */

#define SIGNET_SESSION_ID_LEN 22 /* 128 bits in base64url */
#define SIGNET_MAX_USER_ID_LEN 256
#define SIGNET_MAX_USER_AGENT_LEN 512
#define SIGNET_MAX_IP_LEN 64
#define SIGNET_MAX_LABEL_LEN 256
#define SIGNET_MAX_CLAIMS_LEN 16384 /* the app's claims as JSON text */
#define SIGNET_MIN_IDEMPOTENCY_KEY_LEN 22
#define SIGNET_MAX_IDEMPOTENCY_KEY_LEN 128

/* Verifies an access token: HS256 only, `typ` "at+jwt", with sub, sid, iat and exp, and issuer and audience if
 * configured. `*token` points into the scratch. SIGNET_ERR_KEY_UNKNOWN: no secret has the token's `kid`. */
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
    int64_t idle_s;        /* the idle limit set at login; 0: the configured one */
    int64_t auth_s;        /* when the user logged in (`auth_time`); 0: unknown, the session was adopted */
    unsigned secret_index; /* of the secret in refresh_secrets that verified it */
    bool is_legacy;        /* a tutorial-style token that may be adopted */
} signet_refresh_token;

/* For signet_refresh_open. */
typedef enum signet_refresh_flags {
    SIGNET_REFRESH_EXPIRED = 1, /* accept expired tokens, for a logout */
    SIGNET_REFRESH_UNSURE = 2   /* the clock is unsure: refuse nothing by its time, the store decides */
} signet_refresh_flags;

/*
 * Step 1 of a rotation, without the store: checks the signature, type, claims, issuer and audience, and at `now_ms` the
 * session's absolute limit or a legacy token's `exp`, unless `flags` (signet_refresh_flags) say otherwise. The idle
 * limit is decided later, by the session's record. If `expected_user_id` is not NULL, the token of another user is
 * SIGNET_ERR_REFRESH_INVALID. Errors: SIGNET_ERR_REFRESH_INVALID, SIGNET_ERR_REFRESH_EXPIRED, and
 * SIGNET_ERR_REFRESH_KEY_UNKNOWN: no secret has the token's `kid`, but by its (unverified) times another process may
 * have signed it with a newer secret. The client should then try again; it is not logged out.
 */
SIGNET_MUST_CHECK signet_status signet_refresh_open(const signet_auth *auth, signet_scratch *scratch, const char *jwt,
                                                    size_t jwt_len, const char *expected_user_id, int64_t now_ms,
                                                    unsigned flags, signet_refresh_token *token, signet_error *err);

/* ------------------------------------------------------------------ sessions */

/* Who made a request. Stored in the record and passed to event listeners. Texts over their limit are cut at a UTF-8
 * boundary. */
typedef struct signet_client {
    signet_text user_agent, ip, label;
} signet_client;

/* The claims of an access token that Signet sets: an app's own claims must not contain them. Ends with NULL. Static
 * memory. */
const char *const *signet_reserved_claims(void);

/* What the app's listeners are told: docs/api.md, "Events". */
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

/* A session, as `auth.sessions()` lists it and events report it. */
typedef struct signet_session {
    char id[SIGNET_SESSION_ID_LEN + 1];
    char user_id[SIGNET_MAX_USER_ID_LEN + 1];
    int64_t generation, retries, retries_total;
    int64_t created_at_ms, rotated_at_ms, expires_at_ms, ends_at_ms;
    int64_t revoked_at_ms; /* 0: not revoked */
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
    SIGNET_JOB_PURGE,   /* remove some of the sessions that ended more than a day ago */
    SIGNET_JOB_PING,    /* for `ready()`: check that the store answers and is writable */
    SIGNET_JOB_BACKUP,  /* SQLite: copy the file to `path` */
    SIGNET_JOB_RESTORE, /* SQLite: replace everything in the store with the copy at `path` */
} signet_job_kind;

/*
 * One piece of work for the store. The caller sets the inputs, signet_session_run the results. Inputs are borrowed
 * until the job has run. A job that is zeroed except for `kind` is valid. signet_job_clear frees the results.
 */
typedef struct signet_job {
    signet_job_kind kind;
    /* in */
    const signet_auth *auth; /* the one that opened `presented`, whose secrets and limits apply; NULL: the run's */
    int64_t now_ms;          /* set just before the job runs */
    bool clock_is_unsure;    /* expire no session (SIGNET_ERR_CLOCK_UNSURE instead), and do not PURGE */
    int64_t clock_error_ms;  /* LOGIN, ROTATE, REVOKE_ALL: how far now_ms and since_ms may be from the store's clock */
    int64_t access_shift_s;  /* LOGIN, ROTATE: added to the access token's times, for verifiers with another clock */
    signet_text user_id;     /* LOGIN, REVOKE, REVOKE_ALL, LIST, READ */
    signet_text session_id;  /* REVOKE, READ; REVOKE_ALL: the session to keep, or ptr NULL */
    signet_text claims;      /* LOGIN, ROTATE: the access token's claims, as a JSON object's text; ptr NULL: none */
    const signet_refresh_token *presented; /* ROTATE, LOGOUT */
    signet_text presented_jwt;             /* ROTATE of a legacy token: the token itself */
    signet_client client;                  /* LOGIN, ROTATE, LOGOUT */
    int64_t since_ms; /* LOGIN: when the password check began. REVOKE_ALL: when it was called. 0: now_ms */
    /* LOGIN, ROTATE, REVOKE_ALL: a number of this process that only grows, taken at `since_ms`, and a random number
     * that identifies the process. They order two jobs of one process exactly, whatever the clock does. 0: order by
     * time */
    int64_t stamp, process;
    int64_t refresh_ttl_s; /* LOGIN: this session's own idle limit; 0: the configured one */
    bool strict;           /* ROTATE: as if grace_period_ms were 0 */
    /* ROTATE: the client's keys for this exchange and for the one before; ptr NULL: none. A keyed exchange is repeated
     * only for its key. 22 to 128 visible ASCII characters, else SIGNET_ERR_BODY */
    signet_text idempotency_key, previous_key;
    bool end_session; /* ROTATE: the claims function returned null. SIGNET_ERR_SESSION_REVOKED, `reason` "claims" */
    const char *path; /* BACKUP, RESTORE */
    /* out */
    signet_status status;
    signet_error error;
    signet_event event;      /* to report, whatever the status; only the job that wrote a change reports it */
    const char *reason;      /* static: "reuse", "late-retry", "logout", "limit", ... or NULL */
    bool user_agent_changed; /* event RETRY */
    bool is_late, is_keyed;  /* event RETRY: after the grace period; recognised by its key */
    int64_t retry_after_s;   /* SIGNET_ERR_REFRESH_SUPERSEDED: until the grace period is over. LOGIN_UNSURE: 1 */
    signet_session session;  /* LOGIN, ROTATE, LOGOUT, REVOKE, READ: as the job left it; the event's fields */
    char *access_token;      /* heap, NUL-terminated; LOGIN, ROTATE on success */
    char *refresh_token;
    int64_t access_expires_in_s, refresh_expires_in_s; /* whole seconds from now_ms, rounded up */
    int64_t count; /* LOGOUT, REVOKE: 1 if this job ended a live session, else 0. REVOKE_ALL, PURGE: how many */
    signet_session *sessions; /* heap; LIST: live, newest first. LOGIN: ended by the limit. REVOKE_ALL: ended */
    size_t sessions_n;
} signet_job;

/* Frees and zeroes the results; tokens are wiped. */
void signet_job_clear(signet_job *job);

/*
 * Runs up to signet_store_max_batch jobs, in order; SQLite runs them in one transaction. Sets each job's status. A job
 * succeeds only if its changes are durable. If the commit fails, every job that wrote is SIGNET_ERR_STORE_TIMEOUT: its
 * outcome is unknown. `timeout_ms`: what is left of the earliest deadline. Blocks. The rules: docs/architecture.md.
 */
void signet_session_run(const signet_auth *auth, signet_store *store, signet_scratch *scratch, signet_job *const *jobs,
                        size_t jobs_n, int64_t timeout_ms);

/* A whole rotation: signet_refresh_open, then signet_session_run with one SIGNET_JOB_ROTATE. Sets job->kind and
 * job->presented; the caller sets the other inputs. Returns job->status. */
SIGNET_MUST_CHECK signet_status signet_rotate_refresh(const signet_auth *auth, signet_store *store,
                                                      signet_scratch *scratch, const char *jwt, size_t jwt_len,
                                                      int64_t timeout_ms, signet_job *job);

#endif
