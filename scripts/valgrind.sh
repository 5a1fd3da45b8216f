#!/bin/sh
# Runs one C test under valgrind: no leaks, no bad reads or writes. Prints its output at the end, so that several can
# run at once.
# shellcheck disable=SC3045 # dash and bash have it
ulimit -t 300 # seconds of CPU: a busy machine fails no test
output=$(UNDER_VALGRIND=1 timeout 1800 valgrind --quiet --leak-check=full \
  --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
  --error-exitcode=99 --suppressions=test/c/valgrind.supp "$1" 2>&1)
status=$?
printf '# valgrind %s\n%s\n' "$1" "$output"
[ "$status" -ne 0 ] && printf '[  FAILED  ] valgrind %s (exit code %s): 1 test(s), listed below:\n' "$1" "$status"
exit "$status"
