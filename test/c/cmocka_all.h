/* cmocka_all.h: cmocka, after the headers that it needs. */
#ifndef SIGNET_TEST_CMOCKA_ALL_H
#define SIGNET_TEST_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#endif
