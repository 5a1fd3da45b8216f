/*
 * clock.c: how far a database's clock is from this machine's, from readings of it.
 *
 * A step of this machine's wall clock changes the offset and not the difference to the monotonic clock; a machine that
 * was asleep changes that difference and not the offset. The estimate has moved only if both have changed.
 */
#include <string.h>

#include "signet.h"

#define MAX_AGE_MS 10000      /* a reading is good for that long */
#define MAX_STEP_MS 1000      /* a wall clock that moved this far against the monotonic one was set */
#define MAX_MOVE_MS 60000     /* what an estimate may move by without being doubted */
#define AGREE_MS 1000         /* readings that differ by less, and by their errors, agree */
#define AGREE_N 3             /* that many readings, */
#define AGREE_FOR_MS 30000    /* over that long, settle an estimate that moved */
#define FORGET_HOST_MS 600000 /* a host that has not answered for that long does not count any more */

static int64_t distance(int64_t one, int64_t other)
{
    return one < other ? other - one : one - other;
}

static int64_t smaller(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

bool signet_clock_holds(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms)
{
    return clock->is_known && distance(wall_ms - clock->wall_ms, monotonic_ms - clock->monotonic_ms) < MAX_STEP_MS;
}

bool signet_clock_is_due(const signet_clock *clock, int64_t wall_ms, int64_t monotonic_ms)
{
    return clock->is_doubted || !signet_clock_holds(clock, wall_ms, monotonic_ms) ||
           monotonic_ms - clock->monotonic_ms > MAX_AGE_MS;
}

void signet_clock_doubt(signet_clock *clock)
{
    clock->is_doubted = true;
}

/* The host's row: its own, a free one, or the one that was read longest ago. */
static signet_clock_host *row_of(signet_clock *clock, const char *host)
{
    signet_clock_host *oldest = &clock->hosts[0];
    for (size_t i = 0; i < clock->hosts_n; i++) {
        if (strcmp(clock->hosts[i].host, host) == 0)
            return &clock->hosts[i];
        if (clock->hosts[i].monotonic_ms < oldest->monotonic_ms)
            oldest = &clock->hosts[i];
    }
    return clock->hosts_n < SIGNET_CLOCK_HOSTS ? &clock->hosts[clock->hosts_n++] : oldest;
}

static void note_host(signet_clock *clock, const signet_clock_reading *reading, int64_t origin_ms, int64_t monotonic_ms)
{
    signet_clock_host *const row = row_of(clock, reading->host);
    memcpy(row->host, reading->host, sizeof row->host);
    row->origin_ms = origin_ms;
    row->monotonic_ms = monotonic_ms;
}

/* Whether the estimate is settled, by how far this reading has moved it. */
static void settle(signet_clock *clock, int64_t moved_ms, int64_t errors_ms, int64_t monotonic_ms)
{
    if (!clock->is_moved && moved_ms <= MAX_MOVE_MS)
        return;
    if (!clock->is_moved || moved_ms > AGREE_MS + errors_ms) {
        clock->agreeing_n = 0;
        clock->agreeing_since_ms = monotonic_ms;
    }
    clock->agreeing_n++;
    clock->is_moved = clock->agreeing_n < AGREE_N || monotonic_ms - clock->agreeing_since_ms < AGREE_FOR_MS;
}

void signet_clock_learn(signet_clock *clock, const signet_clock_reading *reading, int64_t wall_ms, int64_t monotonic_ms)
{
    const int64_t origin_ms = reading->clock_ms - monotonic_ms, offset_ms = reading->clock_ms - wall_ms;
    if (clock->is_known)
        settle(clock, smaller(distance(offset_ms, clock->offset_ms), distance(origin_ms, clock->origin_ms)),
               reading->error_ms + clock->error_ms, monotonic_ms);
    note_host(clock, reading, origin_ms, monotonic_ms);
    clock->is_known = true;
    clock->is_doubted = false;
    clock->origin_ms = origin_ms;
    clock->offset_ms = offset_ms;
    if (!clock->is_moved)
        clock->settled_ms = offset_ms;
    clock->error_ms = reading->error_ms;
    clock->wall_ms = wall_ms;
    clock->monotonic_ms = monotonic_ms;
}

int64_t signet_clock_spread_ms(const signet_clock *clock)
{
    int64_t least = clock->origin_ms, most = clock->origin_ms;
    for (size_t i = 0; i < clock->hosts_n; i++) {
        const signet_clock_host *const row = &clock->hosts[i];
        if (clock->monotonic_ms - row->monotonic_ms > FORGET_HOST_MS)
            continue;
        least = smaller(least, row->origin_ms);
        most = most < row->origin_ms ? row->origin_ms : most;
    }
    return most - least;
}
