#!/bin/sh
# One C test under valgrind: clean of leaks, bad reads and writes. Its output comes in one piece, so that several may run at once.
output=$(UNDER_VALGRIND=1 timeout 300 valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect \
  --error-exitcode=99 --suppressions=test/c/valgrind.supp "$1" 2>&1)
status=$?
printf '# valgrind %s\n%s\n' "$1" "$output"
[ "$status" -ne 0 ] && printf '[  FAILED  ] valgrind %s (exit code %s): 1 test(s), listed below:\n' "$1" "$status"
exit "$status"
