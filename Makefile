# The C library alone, without Node: a static library, its tests (cmocka) and the same under valgrind.
#   make            build/c/libsignet.a: only what include/ declares is visible
#   make install    that, the shared library, headers and manual (scripts/c-library/install.mk, docs/c-library.md)
#   make check      every test/c/*.test.c, and test/cc/*.test.cc
#   make valgrind   the same, clean of leaks and bad reads
#   make SANITIZE=address,undefined check
#   make fuzz       each fuzz/*.c for FUZZ_SECONDS (60) with clang's libFuzzer; findings and corpus are under build/fuzz
BUILD   := build/c
CC      ?= gcc
OBJCOPY ?= objcopy
# `make format` rewrites, `make format-check` only checks
CLANG_FORMAT ?= clang-format-14

MONGOC  := $(firstword $(foreach m,mongoc2 libmongoc-1.0,$(shell pkg-config --exists $(m) && echo $(m))))
ifneq ($(NO_MONGOC),)
MONGOC  :=
endif

# The pinned SQLite, if `node scripts/sqlite.js` has built it, else the system's
SQLITE  := $(wildcard .cache/sqlite/libsqlite3.a)

CPPFLAGS += $(if $(SQLITE),-I.cache/sqlite) -Iinclude -Isrc -DSIGNET_EXPORTS -D_POSIX_C_SOURCE=200809L
CPPFLAGS += $(if $(MONGOC),-DSIGNET_WITH_MONGOC=1 $(shell pkg-config --cflags $(MONGOC) 2>/dev/null))
CFLAGS  ?= -O2 -g
CFLAGS  += -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
CFLAGS  += -fPIC -pthread
LDLIBS  += $(SQLITE) $(shell pkg-config --libs openssl $(if $(SQLITE),,sqlite3) $(MONGOC)) -lm -pthread

comma   := ,
ifneq ($(SANITIZE),)
BUILD   := build/c-$(subst $(comma),-,$(SANITIZE))
CFLAGS  += -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-format-truncation
LDLIBS  += -fsanitize=$(SANITIZE)
endif

PLATFORM := src/platform/posix.c $(if $(filter Darwin,$(shell uname -s)),src/platform/darwin.c,src/platform/linux.c)
SOURCES := $(wildcard src/core/*.c src/session/*.c src/store/*.c) $(PLATFORM)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
TESTS   := $(patsubst test/c/%.test.c,$(BUILD)/test/%,$(wildcard test/c/*.test.c))
SUPPORT := $(patsubst %.c,$(BUILD)/%.o,$(filter-out %.test.c,$(wildcard test/c/*.c)))

.PHONY: all check valgrind tsan fuzz clean format format-check
.SECONDARY:

all: $(BUILD)/libsignet.a

$(OBJECTS): CFLAGS += -fvisibility=hidden

# One object, in which hidden symbols have become local. It contains the pinned SQLite, if that is used.
$(BUILD)/libsignet.a: $(OBJECTS)
	@rm -f $@
	@$(CC) -r -nostdlib $^ $(SQLITE) -o $(BUILD)/signet.o
	@$(OBJCOPY) --localize-hidden $(BUILD)/signet.o
	@$(AR) rcs $@ $(BUILD)/signet.o

# With all symbols, for tests of internals
$(BUILD)/inside.a: $(OBJECTS)
	@rm -f $@
	@$(AR) rcs $@ $^

$(OBJECTS) $(SUPPORT): $(SQLITE)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/test/%: test/c/%.test.c $(SUPPORT) $(BUILD)/inside.a
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) -Itest/c $(CFLAGS) -MMD -MP $< $(SUPPORT) $(BUILD)/inside.a \
	  $(shell pkg-config --cflags --libs cmocka) $(LDLIBS) -o $@

# Fails allocations in turn: the library's by --wrap, OpenSSL's by its hooks, which only work if no other library that
# uses OpenSSL was initialised first
$(BUILD)/test/memory: SUPPORT := $(BUILD)/test/c/fixture.o
$(BUILD)/test/memory: LDLIBS := $(shell pkg-config --libs libcrypto) -lm -pthread \
                          $(if $(SANITIZE),-fsanitize=$(SANITIZE)) -Wl,--wrap=malloc,--wrap=calloc

$(BUILD)/test/sqlite_file: LDLIBS += -Wl,--wrap=signet_file_remove

# Tests in C++ of src/node's threads and queues
NODE_TESTS := $(patsubst test/cc/%.test.cc,$(BUILD)/test/%,$(wildcard test/cc/*.test.cc))
$(BUILD)/test/pool_memory: WRAP := -Wl,--wrap=malloc,--wrap=calloc
QUEUES := src/node/pool.cc src/node/store_queue.cc src/node/pool.h src/node/store_queue.h
$(NODE_TESTS): $(BUILD)/test/%: test/cc/%.test.cc $(QUEUES) $(BUILD)/inside.a
	@mkdir -p $(@D)
	@echo "  CXX $<"
	@$(CXX) -Iinclude -Isrc -O1 -g -std=c++17 -Wall -Wextra -Werror -pthread \
	  $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all) $(filter %.cc,$^) \
	  $(BUILD)/inside.a $(shell pkg-config --cflags --libs cmocka) $(LDLIBS) $(WRAP) -o $@

include scripts/c-library/install.mk

check: $(TESTS) $(NODE_TESTS)
	@status=0; for t in $(TESTS) $(NODE_TESTS); do echo "# $$t"; $$t || status=1; done; exit $$status

# The two that take longest come first, so that the other core does not wait for them at the end
LONG := $(filter %/memory %/key_check,$(TESTS))
valgrind: $(TESTS)
	@printf '%s\n' $(LONG) $(filter-out $(LONG),$(TESTS)) | xargs -P 2 -n 1 scripts/valgrind.sh

# The threads and queues of src/node, without Node, under ThreadSanitizer. With `setarch -R`, if that is permitted: its
# shadow memory does not always fit into a randomised address space.
tsan:
	@$(MAKE) --no-print-directory SANITIZE=thread build/c-thread/test/pool
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 \
	  $(shell setarch -R true 2>/dev/null && echo setarch -R) build/c-thread/test/pool

# The operations whose instructions bench/callgrind.js counts
$(BUILD)/bench/callgrind: bench/callgrind.c $(BUILD)/libsignet.a
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $< $(BUILD)/libsignet.a $(LDLIBS) -o $@

FUZZ_SECONDS ?= 60
FUZZ_CC      ?= clang-14
FUZZERS      := $(patsubst fuzz/%.c,build/fuzz/%,$(wildcard fuzz/*.c))
build/fuzz/%: fuzz/%.c $(wildcard src/core/*.c src/core/*.h include/*.h) $(PLATFORM)
	@mkdir -p $(@D)
	@echo "  FUZZ_CC $<"
	@$(FUZZ_CC) -Iinclude -Isrc -D_POSIX_C_SOURCE=200809L -std=c11 -O1 -g \
	  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	  $< $(wildcard src/core/*.c) $(PLATFORM) $(shell pkg-config --libs libcrypto) -lm -pthread -o $@

fuzz: $(FUZZERS)
	@node fuzz/seeds.js build/fuzz/corpus
	@status=0; for f in $(FUZZERS); do n=$$(basename $$f); echo "# $$n, $(FUZZ_SECONDS) s"; \
	  $$f -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=5 -rss_limit_mb=1024 -verbosity=0 \
	    -print_final_stats=1 -artifact_prefix=build/fuzz/$$n- build/fuzz/corpus/$$n > build/fuzz/$$n.log 2>&1 \
	    || { tail -40 build/fuzz/$$n.log; status=1; }; \
	  grep number_of_executed_units build/fuzz/$$n.log; done; exit $$status

FORMATTED := $(wildcard include/*.h include/signet/*.h src/*/*.c src/*/*.h src/*/*.cc) \
             $(wildcard test/cc/*.cc test/c/*.c test/c/*.h fuzz/*.c) \
             $(wildcard bench/*.c bench/floors/*.c bench/floors/*.h examples/c/*.c examples/c/*.cc) \
             $(wildcard scripts/prebuild/*.c scripts/prebuild/*/*.c scripts/prebuild/*/*.cc) \
             $(wildcard scripts/prebuild/*/*.h scripts/prebuild/*/*/*.h)
format:
	$(CLANG_FORMAT) -i $(FORMATTED)
format-check: # clang-format leaves comments as they are, so their width is checked here
	$(CLANG_FORMAT) --dry-run -Werror $(FORMATTED)
	@! LC_ALL=C.UTF-8 grep -nHE '^.{121,}' $(filter-out include/signet/status.h,$(FORMATTED))
	@! sed '/^#define SIGNET_STATUS_TABLE/,/clang-format on/d' include/signet/status.h | LC_ALL=C.UTF-8 grep -nE '^.{121,}'

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(TESTS:=.d)
