/* Names compared by loads that overlap: as memcmp does, at every length and for a difference at every place. */
#include "cmocka_all.h"

#include "core/short_text.h"

static void equal_is_what_memcmp_calls_equal(void **state)
{
    char a[40], b[40];
    (void)state;
    for (size_t n = 0; n < sizeof a; n++) {
        for (size_t i = 0; i < sizeof a; i++)
            a[i] = b[i] = (char)('a' + i % 26);
        if (n < sizeof b)
            b[n] = '!'; /* what is behind does not count */
        assert_true(signet_same_bytes(a, b, n));
        for (size_t at = 0; at < n; at++) {
            b[at] ^= 1;
            assert_false(signet_same_bytes(a, b, n));
            b[at] ^= 1;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_is_what_memcmp_calls_equal)};
    return cmocka_run_group_tests_name("short_text", tests, NULL, NULL);
}
