/* What platform.h asks of the operating system and nothing else tests in C. */
#include "cmocka_all.h"

#include "platform/platform.h"

static void functions_of_the_program_and_of_its_libraries_are_found(void **state)
{
    (void)state;
    assert_true(signet_program_has("EVP_PKEY_fromdata"));
    assert_true(signet_program_has("malloc"));
}

static void functions_that_the_program_lacks_are_not_found(void **state)
{
    (void)state;
    assert_false(signet_program_has("EVP_PKEY_fromdata_of_another_runtime"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_of_the_program_and_of_its_libraries_are_found),
        cmocka_unit_test(functions_that_the_program_lacks_are_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
