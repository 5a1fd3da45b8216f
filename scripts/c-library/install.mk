# `make install` and `make uninstall`: headers, libraries, pkg-config file, CMake package, manual (docs/c-library.md).
#   make install DESTDIR=… prefix=/usr libdir=/usr/lib/x86_64-linux-gnu includedir=… mandir=…
VERSION     := $(shell sed -n 's/^\#define SIGNET_VERSION "\(.*\)"/\1/p' include/signet.h)
# A 0.y version may change the ABI with each y, later ones with each x: what the SONAME and CMake's check go by
SOVERSION   := $(shell echo $(VERSION) | sed -E 's/^(0\.[0-9]+|[0-9]+)\..*/\1/')

prefix      ?= /usr/local
exec_prefix ?= $(prefix)
libdir      ?= $(exec_prefix)/lib
includedir  ?= $(prefix)/include
mandir      ?= $(prefix)/share/man
INSTALL     ?= install

SHARED  := libsignet.so.$(VERSION)
STAGE   := $(BUILD)/install
CONFIGS := signet.pc signet-config.cmake signet-config-version.cmake
CMAKE   := $(libdir)/cmake/signet
HEADERS := $(patsubst include/%,%,$(wildcard include/*.h include/signet/*.h))
# Which pkg-config packages a program needs that links the static library
PRIVATE := libcrypto >= 3.0 $(if $(SQLITE),,sqlite3 >= 3.37) $(MONGOC)
MAN      = $(shell node scripts/c-library/man.js)

# Symbols are bound within the library, so that another copy of it in the process is never called instead, and it stays
# loaded (nodelete), because the MongoDB driver keeps the address of a function of it
$(BUILD)/$(SHARED): $(OBJECTS)
	@echo "  LD $(@F)"
	@$(CC) -shared -Wl,-soname,libsignet.so.$(SOVERSION) -Wl,-Bsymbolic -Wl,-z,defs -Wl,-z,now -Wl,-z,nodelete \
	  -Wl,--exclude-libs,ALL -Wl,--as-needed $(CFLAGS) $(LDFLAGS) $^ $(LDLIBS) -o $@

relative = $(shell realpath --canonicalize-missing --no-symlinks --relative-to=$(1) $(2))
.PHONY: install uninstall configs
configs:
	@mkdir -p $(STAGE)
	@for f in $(CONFIGS); do sed -e 's|@PREFIX@|$(prefix)|; s|@LIBDIR@|$(libdir)|; s|@INCLUDEDIR@|$(includedir)|' \
	  -e 's|@TO_LIBDIR@|$(call relative,$(CMAKE),$(libdir))|; s|@TO_INCLUDEDIR@|$(call relative,$(CMAKE),$(includedir))|' \
	  -e 's|@VERSION@|$(VERSION)|; s|@SOVERSION@|$(SOVERSION)|; s|@PRIVATE@|$(strip $(PRIVATE))|' \
	  scripts/c-library/$$f.in >$(STAGE)/$$f || exit 1; done

install: all $(BUILD)/$(SHARED) configs
	@rm -rf $(STAGE)/man && node scripts/c-library/man.js $(STAGE)/man
	@$(INSTALL) -d $(addprefix $(DESTDIR),$(includedir)/signet $(libdir)/pkgconfig $(CMAKE) $(mandir)/man3)
	@for f in $(HEADERS); do $(INSTALL) -m 644 include/$$f $(DESTDIR)$(includedir)/$$f || exit 1; done
	@$(INSTALL) -m 644 $(BUILD)/libsignet.a $(DESTDIR)$(libdir)
	@$(INSTALL) -m 755 $(BUILD)/$(SHARED) $(DESTDIR)$(libdir)
	@ln -sf $(SHARED) $(DESTDIR)$(libdir)/libsignet.so.$(SOVERSION)
	@ln -sf libsignet.so.$(SOVERSION) $(DESTDIR)$(libdir)/libsignet.so
	@$(INSTALL) -m 644 $(STAGE)/signet.pc $(DESTDIR)$(libdir)/pkgconfig
	@$(INSTALL) -m 644 $(addprefix $(STAGE)/,$(filter %.cmake,$(CONFIGS))) $(DESTDIR)$(CMAKE)
	@$(INSTALL) -m 644 $(STAGE)/man/*.3 $(DESTDIR)$(mandir)/man3
	@echo "Signet $(VERSION) is in $(DESTDIR)$(prefix)"

uninstall:
	@rm -f $(addprefix $(DESTDIR)$(includedir)/,$(HEADERS)) $(addprefix $(DESTDIR)$(mandir)/man3/,$(MAN)) \
	  $(addprefix $(DESTDIR)$(libdir)/,libsignet.a libsignet.so libsignet.so.$(SOVERSION) $(SHARED) pkgconfig/signet.pc) \
	  $(addprefix $(DESTDIR)$(CMAKE)/,$(filter %.cmake,$(CONFIGS)))
	@-rmdir $(DESTDIR)$(includedir)/signet $(DESTDIR)$(CMAKE) 2>/dev/null
