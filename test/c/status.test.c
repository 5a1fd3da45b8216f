/* The status table: every row has a name, a code and a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/fail.h"

static void every_status_has_a_code_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < SIGNET_STATUS_COUNT; i++) {
        assert_true(strlen(signet_status_text((signet_status)i)) > 0);
        assert_true(i == SIGNET_OK || strncmp(signet_status_code((signet_status)i), "ERR_", 4) == 0);
    }
}

static void a_status_out_of_range_has_a_text_too(void **state)
{
    (void)state;
    assert_string_equal(signet_status_code((signet_status)9999), "ERR_CRYPTO");
}

static void a_failure_fills_in_the_error_and_truncates_its_detail(void **state)
{
    signet_error err;
    char longer[SIGNET_ERROR_DETAIL_SIZE * 2];
    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    assert_int_equal(signet_fail_detail(&err, SIGNET_ERR_ISSUER, "iss", "%s", longer), SIGNET_ERR_ISSUER);
    assert_int_equal(strlen(err.detail), SIGNET_ERROR_DETAIL_SIZE - 1);
    assert_string_equal(err.field, "iss");
    assert_int_equal(signet_fail(NULL, SIGNET_ERR_ISSUER, "iss"), SIGNET_ERR_ISSUER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_code_and_a_text),
        cmocka_unit_test(a_status_out_of_range_has_a_text_too),
        cmocka_unit_test(a_failure_fills_in_the_error_and_truncates_its_detail),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
