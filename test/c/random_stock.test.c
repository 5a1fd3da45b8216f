/* Random bytes, drawn once for a whole batch. */
#include "fixture.h"

#include "session/derive.h"
#include "session/random_stock.h"

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

static void no_bytes_are_returned_twice(void **state)
{
    enum { DRAWS = 100, LEN = 32 };
    uint8_t given[DRAWS][LEN];
    signet_random_stock stock;
    (void)state;
    signet_random_stock_init(&stock);
    stock.jobs_n = DRAWS;
    for (size_t i = 0; i < DRAWS; i++) {
        assert_true(signet_random_stock_take(&stock, given[i], LEN));
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(given[i], given[j], LEN);
    }
    signet_random_stock_clear(&stock);
}

static void bytes_are_wiped_when_taken_and_the_rest_when_the_batch_ends(void **state)
{
    uint8_t given[32];
    signet_random_stock stock;
    (void)state;
    signet_random_stock_init(&stock);
    stock.jobs_n = 4;
    assert_true(signet_random_stock_take(&stock, given, sizeof given));
    assert_int_equal(stock.left, 3 * sizeof given);
    assert_true(is_zero(stock.bytes + stock.left, sizeof given));
    assert_false(is_zero(stock.bytes, stock.left));
    signet_random_stock_clear(&stock);
    assert_true(is_zero(stock.bytes, 4 * sizeof given));
}

static void a_job_alone_draws_what_it_needs(void **state)
{
    uint8_t given[32];
    signet_random_stock stock;
    (void)state;
    signet_random_stock_init(&stock);
    assert_true(signet_random_stock_take(&stock, given, sizeof given));
    assert_int_equal(stock.left, 0);
}

static void more_bytes_than_the_stock_holds_are_refused(void **state)
{
    uint8_t given[sizeof(((signet_random_stock *)0)->bytes) + 1];
    signet_random_stock stock;
    (void)state;
    signet_random_stock_init(&stock);
    assert_false(signet_random_stock_take(&stock, given, sizeof given));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bytes_are_returned_twice),
        cmocka_unit_test(bytes_are_wiped_when_taken_and_the_rest_when_the_batch_ends),
        cmocka_unit_test(a_job_alone_draws_what_it_needs),
        cmocka_unit_test(more_bytes_than_the_stock_holds_are_refused),
    };
    return cmocka_run_group_tests_name("random_stock", tests, NULL, NULL);
}
