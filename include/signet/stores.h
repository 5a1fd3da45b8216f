/*
 * stores.h: opening a store, and its clock. Part of signet.h, which includes it: do not include it directly.
 */
#ifndef SIGNET_STORES_H
#define SIGNET_STORES_H

/* ------------------------------------------------------------------ stores */

/* A store of session records: embedded SQLite or MongoDB. */
typedef struct signet_store signet_store;

/* Whether this copy of the library has the file open. Copies of the library in one process ask each other before they
 * open a file, because POSIX locks belong to the process. Name and signature never change, so that all versions can. */
int signet_sqlite_holds_v1(uint64_t device, uint64_t inode);

/* Where the sessions are stored. Texts are borrowed for the call. */
typedef struct signet_store_options {
    /* "mongodb://…", "mongodb+srv://…", ":memory:", or the path of a file. The file is created with mode 0600; several
     * processes may share it. */
    const char *place;
    int64_t timeout_ms; /* SQLite: for a lock. MongoDB: server selection, connect and socket, each */
    /* MongoDB only */
    unsigned max_threads;          /* size of the client pool */
    const char *collection;        /* NULL: "refreshsessions" */
    const char *legacy_collection; /* refresh tokens as tutorials store them, to be adopted; NULL: none */
    const char *legacy_token_field, *legacy_user_field; /* in its documents; NULL: "refreshToken", "userId" */
} signet_store_options;

/* The options by their names in lib's createAuth: X(member, name, kind, least, most), as in SIGNET_AUTH_OPTION_TABLE.
 * 0, 0: the store itself judges it. */
/* clang-format off */
#define SIGNET_STORE_OPTION_TABLE(X) \
    X(place,              "store",             string,       0, 0) \
    X(timeout_ms,         "storeTimeout",      milliseconds, 1, 600000) \
    X(max_threads,        "storeThreads",      count,        1, 256) \
    X(collection,         "collection",        string,       0, 0) \
    X(legacy_collection,  "legacy.collection", string,       0, 0) \
    X(legacy_token_field, "legacy.tokenField", string,       0, 0) \
    X(legacy_user_field,  "legacy.userField",  string,       0, 0)
/* clang-format on */

/* Opens the store; the caller closes it with signet_store_close. If the library was built without the driver that
 * `place` needs: SIGNET_ERR_STORE_UNAVAILABLE, and err->detail has the command to run. */
SIGNET_MUST_CHECK signet_status signet_store_open(const signet_store_options *options, signet_store **store,
                                                  signet_error *err);

/* What a caller must know about a kind of store before opening one. */
typedef struct signet_store_traits {
    const char *name;      /* "sqlite", "mongodb" */
    bool opens_without_io; /* opening only checks the options: the first call connects */
    bool fails_fast;       /* while it is down, calls should fail fast, except for one probe at a time */
    bool exits_briefly;    /* at exit, calls in flight need little waiting: the server completes them */
    bool purges_itself;    /* SIGNET_JOB_PURGE has nothing to do */
    bool adopts;           /* supports legacy_collection */
    bool has_clock;        /* supports signet_store_read_clock: the database may run on another machine */
} signet_store_traits;

/* The traits of the store that `place` names. Static memory. */
const signet_store_traits *signet_store_traits_of(const char *place);

/* What a place may be, for an error's text. Static memory. */
const char *signet_store_places(void);

/* Closes and frees. No call may be running. */
void signet_store_close(signet_store *store);

/* How many threads may use the store at once, and how many jobs signet_session_run takes. */
unsigned signet_store_max_threads(const signet_store *store);
unsigned signet_store_max_batch(const signet_store *store);

/* ------------------------------------------------------------------ the store's clock */

/*
 * The store's clock. Processes on several machines agree on the time if each adds the offset between its own wall clock
 * and the database's clock. A signet_clock estimates this offset. Its functions read no clock: they are passed this
 * machine's `wall_ms` (since 1970) and `monotonic_ms`, taken at the same moment. If zeroed, it has no reading. Not
 * thread-safe.
 */
#define SIGNET_MAX_HOST_LEN 262 /* a name, a colon and a port */
#define SIGNET_CLOCK_HOSTS 8

/* One answer of the database. */
typedef struct signet_clock_reading {
    int64_t
        clock_ms; /* its time when the answer arrived: half of the round trip is added; 0: the server sent no time */
    int64_t error_ms;                   /* half of the round trip, rounded up */
    char host[SIGNET_MAX_HOST_LEN + 1]; /* the member that answered */
} signet_clock_reading;

/* Asks the primary for its time. Only for stores with the trait has_clock. Blocks as a job does; errors: those of a
 * store. */
SIGNET_MUST_CHECK signet_status signet_store_read_clock(signet_store *store, signet_clock_reading *reading,
                                                        signet_error *err);

typedef struct signet_clock_host {
    char host[SIGNET_MAX_HOST_LEN + 1];
    int64_t origin_ms, monotonic_ms;
} signet_clock_host;

typedef struct signet_clock {
    int64_t offset_ms;             /* add it to the wall clock */
    int64_t settled_ms;            /* the last offset that was not in doubt */
    int64_t error_ms;              /* of the last reading */
    int64_t wall_ms, monotonic_ms; /* when the last reading was made */
    bool is_known;                 /* there is a reading */
    bool is_moved; /* the offset moved by more than 60 s, and is not confirmed yet by three readings over 30 s */
    /* private */
    bool is_doubted;
    int64_t origin_ms; /* the database's clock minus this machine's monotonic clock */
    int64_t agreeing_n, agreeing_since_ms;
    signet_clock_host hosts[SIGNET_CLOCK_HOSTS];
    size_t hosts_n;
} signet_clock;

/* Whether the offset holds: there is a reading, and the wall clock was not set since, by a second or more. If not, no
 * job may run before the next reading. */
bool signet_clock_holds(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms);

/* Whether to read the clock before the next job: the offset does not hold, or the reading is older than 10 s or than
 * signet_clock_doubt. */
bool signet_clock_is_due(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms);

/* Makes a reading due: another member may be the primary now. */
void signet_clock_doubt(signet_clock *clock);

/* Updates the estimate from a reading that was made at these times. */
void signet_clock_learn(signet_clock *clock, const signet_clock_reading *reading, int64_t wall_ms,
                        int64_t monotonic_ms);

/* The largest difference between the clocks of the hosts that answered in the last 10 minutes. */
int64_t signet_clock_spread_ms(const signet_clock *clock);

#endif
