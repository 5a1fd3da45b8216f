/* The estimate of the database's clock, from readings with given times. */
#include <stdio.h>

#include "cmocka_all.h"

#include "signet.h"

#define WALL INT64_C(1700000000000)
#define MONOTONIC INT64_C(5000000)
#define SECOND 1000
#define MINUTE (60 * SECOND)

static signet_clock clock_of;
static int64_t wall_ms, monotonic_ms;

static int set_up(void **state)
{
    (void)state;
    memset(&clock_of, 0, sizeof clock_of);
    wall_ms = WALL;
    monotonic_ms = MONOTONIC;
    return 0;
}

static void pass(int64_t ms)
{
    wall_ms += ms;
    monotonic_ms += ms;
}

/* A reading of a database that is `ahead_ms` ahead of the true time, which advances with the monotonic clock. */
static void read_from(const char *host, int64_t ahead_ms)
{
    signet_clock_reading reading = {.clock_ms = WALL + (monotonic_ms - MONOTONIC) + ahead_ms, .error_ms = 2};
    (void)snprintf(reading.host, sizeof reading.host, "%s", host);
    signet_clock_learn(&clock_of, &reading, wall_ms, monotonic_ms);
}

static bool is_due(void)
{
    return signet_clock_is_due(&clock_of, wall_ms, monotonic_ms);
}

static void a_reading_is_due_at_first_after_10_s_after_a_doubt_and_after_a_step(void **state)
{
    (void)state;
    assert_true(is_due());
    read_from("a:1", 0);
    assert_false(is_due());
    pass(10 * SECOND);
    assert_false(is_due());
    pass(1);
    assert_true(is_due());
    read_from("a:1", 0);
    signet_clock_doubt(&clock_of);
    assert_true(is_due());
    read_from("a:1", 0);
    wall_ms += SECOND - 1;
    assert_false(is_due());
    wall_ms += 1;
    assert_true(is_due());
    wall_ms -= 2 * SECOND;
    assert_true(is_due());
}

static bool holds(void)
{
    return signet_clock_holds(&clock_of, wall_ms, monotonic_ms);
}

static void the_offset_holds_whatever_its_age_until_the_wall_clock_is_set(void **state)
{
    (void)state;
    assert_false(holds());
    read_from("a:1", 0);
    signet_clock_doubt(&clock_of);
    pass(3600 * SECOND);
    assert_true(holds());
    wall_ms -= SECOND;
    assert_false(holds());
    read_from("a:1", 0);
    assert_true(holds());
    wall_ms += SECOND;
    assert_false(holds());
}

static void the_offset_is_what_the_wall_clock_is_behind(void **state)
{
    (void)state;
    read_from("a:1", 5 * SECOND);
    assert_int_equal(clock_of.offset_ms, 5 * SECOND);
    assert_int_equal(clock_of.error_ms, 2);
    wall_ms += 3 * SECOND; /* this machine's clock was set */
    read_from("a:1", 5 * SECOND);
    assert_int_equal(clock_of.offset_ms, 2 * SECOND);
    assert_int_equal(clock_of.settled_ms, 2 * SECOND);
    assert_false(clock_of.is_moved);
}

static void a_step_of_the_wall_clock_alone_does_not_move_the_database(void **state)
{
    (void)state;
    read_from("a:1", 0);
    wall_ms -= 8 * 24 * 60 * MINUTE;
    read_from("a:1", 0);
    assert_false(clock_of.is_moved);
    assert_int_equal(clock_of.offset_ms, 8 * INT64_C(24) * 60 * MINUTE);
}

static void a_machine_that_was_suspended_sees_no_move(void **state)
{
    (void)state;
    read_from("a:1", 0);
    wall_ms += 3600 * SECOND; /* the monotonic clock stood still */
    signet_clock_reading reading = {.clock_ms = wall_ms, .error_ms = 2, .host = "a:1"};
    signet_clock_learn(&clock_of, &reading, wall_ms, monotonic_ms);
    assert_false(clock_of.is_moved);
    assert_int_equal(clock_of.offset_ms, 0);
}

static void a_move_of_over_a_minute_is_accepted_after_three_readings_over_30_s(void **state)
{
    (void)state;
    read_from("a:1", 0);
    pass(SECOND);
    read_from("a:1", MINUTE);
    assert_false(clock_of.is_moved); /* exactly a minute is not over a minute */
    pass(SECOND);
    read_from("a:1", 2 * MINUTE + 1);
    assert_true(clock_of.is_moved);
    assert_int_equal(clock_of.settled_ms, MINUTE);
    pass(15 * SECOND);
    read_from("a:1", 2 * MINUTE);
    assert_true(clock_of.is_moved);
    pass(15 * SECOND - 1);
    read_from("a:1", 2 * MINUTE);
    assert_true(clock_of.is_moved); /* three readings, but within 30 s */
    pass(1);
    read_from("a:1", 2 * MINUTE);
    assert_false(clock_of.is_moved);
    assert_int_equal(clock_of.settled_ms, 2 * MINUTE);
}

static void readings_that_disagree_restart_the_30_s(void **state)
{
    (void)state;
    read_from("a:1", 0);
    for (int i = 0; i < 10; i++) {
        pass(10 * SECOND);
        read_from("a:1", (i % 2 ? 5 : 10) * MINUTE);
        assert_true(clock_of.is_moved);
    }
    for (int i = 0; i < 3; i++) {
        assert_true(clock_of.is_moved);
        pass(10 * SECOND);
        read_from("a:1", 5 * MINUTE);
    }
    assert_false(clock_of.is_moved);
}

static void two_readings_over_30_s_do_not_suffice(void **state)
{
    (void)state;
    read_from("a:1", 0);
    pass(SECOND);
    read_from("a:1", 5 * MINUTE);
    pass(60 * SECOND);
    read_from("a:1", 5 * MINUTE);
    assert_true(clock_of.is_moved);
    pass(SECOND);
    read_from("a:1", 5 * MINUTE);
    assert_false(clock_of.is_moved);
}

static void the_spread_covers_the_hosts_of_the_last_ten_minutes(void **state)
{
    (void)state;
    read_from("a:1", 0);
    assert_int_equal(signet_clock_spread_ms(&clock_of), 0);
    read_from("b:1", 400);
    read_from("c:1", -100);
    assert_int_equal(signet_clock_spread_ms(&clock_of), 500);
    pass(10 * MINUTE + 1);
    read_from("a:1", 0);
    assert_int_equal(signet_clock_spread_ms(&clock_of), 0);
    for (int i = 0; i < 3 * SIGNET_CLOCK_HOSTS; i++) { /* more hosts than it has room for */
        char host[16];
        (void)snprintf(host, sizeof host, "h%d:1", i);
        pass(1);
        read_from(host, i);
    }
    assert_int_equal(clock_of.hosts_n, SIGNET_CLOCK_HOSTS);
    assert_int_equal(signet_clock_spread_ms(&clock_of), SIGNET_CLOCK_HOSTS - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_reading_is_due_at_first_after_10_s_after_a_doubt_and_after_a_step, set_up),
        cmocka_unit_test_setup(the_offset_holds_whatever_its_age_until_the_wall_clock_is_set, set_up),
        cmocka_unit_test_setup(the_offset_is_what_the_wall_clock_is_behind, set_up),
        cmocka_unit_test_setup(a_step_of_the_wall_clock_alone_does_not_move_the_database, set_up),
        cmocka_unit_test_setup(a_machine_that_was_suspended_sees_no_move, set_up),
        cmocka_unit_test_setup(a_move_of_over_a_minute_is_accepted_after_three_readings_over_30_s, set_up),
        cmocka_unit_test_setup(readings_that_disagree_restart_the_30_s, set_up),
        cmocka_unit_test_setup(two_readings_over_30_s_do_not_suffice, set_up),
        cmocka_unit_test_setup(the_spread_covers_the_hosts_of_the_last_ten_minutes, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
