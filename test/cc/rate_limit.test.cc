// rate_limit.test.cc: at most so many per second, with a clock that is passed in.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

#include <thread>
#include <vector>

#include "node/rate_limit.h"

namespace {

using signet_node::RateLimit;

int passed(RateLimit<5, 1000> &limit, int64_t now_ms, int asked)
{
    int n = 0;
    for (int i = 0; i < asked; i++)
        n += limit.take(now_ms);
    return n;
}

void five_pass_at_once_and_five_more_a_second_later(void **)
{
    RateLimit<5, 1000> limit;
    assert_int_equal(passed(limit, 10, 100), 5);
    assert_int_equal(passed(limit, 1009, 100), 0);
    assert_int_equal(passed(limit, 1010, 100), 5);
    assert_int_equal(passed(limit, 100000, 3), 3);
    assert_int_equal(passed(limit, 100500, 100), 2);
    assert_int_equal(passed(limit, 101000, 100), 3);
}

void no_second_lets_more_than_five_pass_wherever_it_begins(void **)
{
    RateLimit<5, 1000> limit;
    std::vector<int64_t> times;
    for (int64_t now_ms = 1; now_ms < 20000; now_ms += 37)
        for (int i = 0; i < 3; i++)
            if (limit.take(now_ms))
                times.push_back(now_ms);
    assert_true(times.size() >= 90);
    for (size_t i = 5; i < times.size(); i++)
        assert_true(times[i] - times[i - 5] >= 1000);
}

void threads_share_the_five(void **)
{
    RateLimit<5, 1000> limit;
    std::atomic<int> n{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([&] { n += passed(limit, 1, 1000); });
    for (auto &thread : threads)
        thread.join();
    assert_int_equal(n, 5);
}

} // namespace

int main()
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_pass_at_once_and_five_more_a_second_later),
        cmocka_unit_test(no_second_lets_more_than_five_pass_wherever_it_begins),
        cmocka_unit_test(threads_share_the_five),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
