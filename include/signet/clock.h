/*
 * clock.h: the store's clock. Processes on several machines agree on the time if each adds the offset of its own wall
 * clock from the database's clock. A signet_clock estimates this offset. It reads no clock: each function gets the
 * times of this machine, `wall_ms` since 1970 and `monotonic_ms`, both from the same moment. Zeroed: no reading yet. Not
 * thread-safe. Part of signet.h, which includes it.
 */
#ifndef SIGNET_CLOCK_H
#define SIGNET_CLOCK_H

#define SIGNET_MAX_HOST_LEN 262 /* a name, a colon and a port */
#define SIGNET_CLOCK_HOSTS 8

/* One answer of the database. */
typedef struct signet_clock_reading {
    int64_t clock_ms;                   /* its time when the answer came: half of the round trip is added */
    int64_t error_ms;                   /* half of the round trip, rounded up */
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

/* Whether the clock should be read before the next job: no reading yet, one that is older than 10 s or was made before
 * signet_clock_doubt, or a wall clock that has been set since, by a second or more. */
bool signet_clock_is_due(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms);

/* Another member may be the primary now. */
void signet_clock_doubt(signet_clock *clock);

void signet_clock_learn(signet_clock *clock, const signet_clock_reading *reading, int64_t wall_ms,
                        int64_t monotonic_ms);

/* How far the clocks of the hosts that have answered in the last 10 minutes are apart. */
int64_t signet_clock_spread_ms(const signet_clock *clock);

#endif
