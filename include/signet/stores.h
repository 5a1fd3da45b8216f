/*
 * stores.h: opening a store, and its clock. Part of signet.h, which includes it.
 */
#ifndef SIGNET_STORES_H
#define SIGNET_STORES_H

/* ------------------------------------------------------------------ stores */

/* A store of session records: embedded SQLite or MongoDB. */
typedef struct signet_store signet_store;

/* Whether this copy of the library has the file open: what copies in one process ask each other before they open one,
 * since POSIX locks belong to the process. Name and arguments stay as they are in every later version. */
int signet_sqlite_holds_v1(uint64_t device, uint64_t inode);

/* Where the sessions are kept. Borrowed for the call. */
typedef struct signet_store_options {
    /* "mongodb://…", "mongodb+srv://…", ":memory:", or the path of a file, which is created with mode 0600 and may be
     * shared by several processes */
    const char *place;
    int64_t timeout_ms; /* SQLite: of waiting for a lock. MongoDB: server selection, connect and socket */
    /* MongoDB only */
    unsigned max_threads;          /* size of the client pool */
    const char *collection;        /* NULL: "refreshsessions" */
    const char *legacy_collection; /* tutorial-style { refreshToken, userId }, to adopt from; NULL: none */
    const char *legacy_token_field, *legacy_user_field; /* of its rows; NULL: "refreshToken", "userId" */
} signet_store_options;

/* SIGNET_ERR_STORE_UNAVAILABLE with the command to run in `detail` if the library was built without the driver that the
 * place needs. */
SIGNET_MUST_CHECK signet_status signet_store_open(const signet_store_options *options, signet_store **store,
                                                  signet_error *err);

/* What a caller must know of a kind of store before it is opened. */
typedef struct signet_store_traits {
    const char *name;      /* "sqlite", "mongodb" */
    bool opens_without_io; /* opening only checks the options: the first call connects */
    bool fails_fast;       /* while it is down, one call at a time should probe it and the others fail at once */
    bool exits_briefly;    /* a process that exits need not wait long for calls under way: a server completes them */
    bool purges_itself;    /* SIGNET_JOB_PURGE has nothing to do */
    bool adopts;           /* takes legacy_collection */
    bool has_clock;        /* signet_store_read_clock: the database may run on another machine */
} signet_store_traits;

/* Of the store that `place` names. Static memory. */
const signet_store_traits *signet_store_traits_of(const char *place);

/* Closes and frees. No call may be running. */
void signet_store_close(signet_store *store);

/* How to drive the store: threads that may use it at once, and jobs per batch. */
unsigned signet_store_max_threads(const signet_store *store);
unsigned signet_store_max_batch(const signet_store *store);

/* ------------------------------------------------------------------ the store's clock */

/*
 * The store's clock. Processes on several machines agree on the time if each adds the offset of its own wall clock from
 * the database's clock. A signet_clock estimates this offset. It reads no clock: each function gets the times of this
 * machine, `wall_ms` since 1970 and `monotonic_ms`, both from the same moment. Zeroed: no reading yet. Not thread-safe.
 */
#define SIGNET_MAX_HOST_LEN 262 /* a name, a colon and a port */
#define SIGNET_CLOCK_HOSTS 8

/* One answer of the database. */
typedef struct signet_clock_reading {
    int64_t clock_ms; /* its time when the answer came: half of the round trip is added; 0: it tells none */
    int64_t error_ms; /* half of the round trip, rounded up */
    char host[SIGNET_MAX_HOST_LEN + 1]; /* which member answered */
} signet_clock_reading;

/* Asks the primary. Only if the store's traits have has_clock; blocks as a job does, and returns a store's errors. */
SIGNET_MUST_CHECK signet_status signet_store_read_clock(signet_store *store, signet_clock_reading *reading,
                                                        signet_error *err);

typedef struct signet_clock_host {
    char host[SIGNET_MAX_HOST_LEN + 1];
    int64_t origin_ms, monotonic_ms;
} signet_clock_host;

typedef struct signet_clock {
    int64_t offset_ms;             /* to be added to the wall clock */
    int64_t settled_ms;            /* the last offset that was not in doubt */
    int64_t error_ms;              /* of the last reading */
    int64_t wall_ms, monotonic_ms; /* when that was */
    bool is_known;                 /* there has been a reading */
    bool is_moved; /* the estimate moved by more than 60 s, and three readings over 30 s have yet to agree */
    /* private */
    bool is_doubted;
    int64_t origin_ms; /* the database's clock minus this machine's monotonic clock */
    int64_t agreeing_n, agreeing_since_ms;
    signet_clock_host hosts[SIGNET_CLOCK_HOSTS];
    size_t hosts_n;
} signet_clock;

/* Whether the offset holds: there has been a reading, and the wall clock has not been set since, by a second or more.
 * Otherwise no job must be run before the next reading. */
bool signet_clock_holds(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms);

/* Whether the clock should be read before the next job: the offset does not hold, or the reading is older than 10 s or
 * was made before signet_clock_doubt. */
bool signet_clock_is_due(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms);

/* Another member may be the primary now. */
void signet_clock_doubt(signet_clock *clock);

/* Takes a reading that was made at these times. */
void signet_clock_learn(signet_clock *clock, const signet_clock_reading *reading, int64_t wall_ms,
                        int64_t monotonic_ms);

/* How far the clocks of the hosts that have answered in the last 10 minutes are apart. */
int64_t signet_clock_spread_ms(const signet_clock *clock);

#endif
