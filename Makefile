# stele: SQL migrations, compiled into the program that applies them.
# `make help` lists what can be made.

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# Some machines export folders of stub libraries here, which the linker would prefer.
unexport LIBRARY_PATH

# ---------------------------------------------------------------- settings

# All of these may be given on the command line: make CC=clang SANITIZE=address,undefined
CFLAGS   = -O2 -g
WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow
WERROR   = -Werror
SANITIZE =
PREFIX   = /usr/local
DESTDIR  =
JOBS     = $(shell nproc 2>/dev/null || echo 2)

# Each compiler and each sanitizer builds in a folder of its own, so that nothing mixes.
space   := $(subst ,, )
comma   := ,
variant := $(subst $(space),-,$(strip $(subst /,_,$(filter-out cc,$(CC))) $(subst $(comma),+,$(SANITIZE))))
BUILD    = build$(addprefix /,$(variant))

# What was fetched is shared by all of them. PGQUERY=/prefix takes an installed libpg_query.
DEPS     = build/deps
PGQUERY  = $(DEPS)/pg_query

# ------------------------------------------------------- compilers and libraries

# Warnings are for the plain builds: in a sanitizer's code gcc sees faults that aren't there.
all_cflags = -std=c11 $(CFLAGS) $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer,$(WARNINGS) $(WERROR))
cppflags   = -D_POSIX_C_SOURCE=200809L $(CPPFLAGS) $(if $(STELE_NO_LUA),-DSTELE_NO_LUA) $(if $(STELE_NO_CURL),-DSTELE_NO_CURL)

# The libraries are asked for when first needed, and once: `make help` works without any.
pq_cflags = $(eval pq_cflags := $(shell pkg-config --cflags libpq 2>/dev/null || printf -- '-I%s' "`pg_config --includedir`"))$(pq_cflags)
pq_libs   = $(eval pq_libs := $(shell pkg-config --libs libpq 2>/dev/null || printf -- '-L%s -lpq' "`pg_config --libdir`"))$(pq_libs)
# Lua goes by many names; its version 5.4 is what migrations are written in.
lua_package = $(eval lua_package := $(shell for name in lua5.4 lua-5.4 lua54 lua; do \
	pkg-config --exists "$$name >= 5.4 $$name < 5.5" 2>/dev/null && echo $$name && break; done))$(lua_package)
lua_cflags  = $(eval lua_cflags := $(if $(lua_package),$(shell pkg-config --cflags $(lua_package))))$(lua_cflags)
lua_libs    = $(eval lua_libs := $(if $(lua_package),$(shell pkg-config --libs $(lua_package)),-llua5.4))$(lua_libs)
# STELE_NO_LUA=1 builds a runtime that can't run Lua migrations, and says so; stelec needs Lua all the same.
STELE_NO_LUA  = $(findstring -DSTELE_NO_LUA,$(CPPFLAGS))
# STELE_NO_CURL=1 builds one that calls no provider of embeddings over HTTP. A program without jobs isn't linked with it anyway.
STELE_NO_CURL = $(findstring -DSTELE_NO_CURL,$(CPPFLAGS))
curl_cflags   = $(eval curl_cflags := $(shell pkg-config --cflags libcurl 2>/dev/null))$(curl_cflags)
curl_libs     = $(eval curl_libs := $(shell pkg-config --libs libcurl 2>/dev/null || echo -lcurl))$(curl_libs)
runtime_libs  = $(pq_libs) -lcrypto $(if $(STELE_NO_LUA),,$(lua_libs)) -lm $(if $(STELE_NO_CURL),,-Wl$(comma)--as-needed $(curl_libs)) -lpthread
pgquery_library = $(firstword $(wildcard $(PGQUERY)/lib/libpg_query.a $(PGQUERY)/lib/*/libpg_query.a))
generator_libs  = $(pgquery_library) $(lua_libs) -lcrypto -lm -lpthread

# stelec walks PostgreSQL's own trees, so libpg_query's inner headers are found too.
# /usr/include itself can't be named: it would come before the compiler's own folders.
pgquery_include = $(filter-out -isystem/usr/include,-isystem$(PGQUERY)/include) \
	-isystem$(PGQUERY)/include/pg_query -isystem$(PGQUERY)/include/pg_query/postgres

# ------------------------------------------------------------------ sources

# A new file is found, not listed. program.c, the main of a migration program, stays out of the library.
generator_sources = $(wildcard generator/*.c)
runtime_sources   = $(filter-out runtime/cli/program.c,$(wildcard runtime/*.c runtime/job/*.c runtime/cli/*.c))
unit_sources      = $(wildcard tests/unit/*.c)

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
units  = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(unit_sources))

stelec    = $(BUILD)/stelec
library   = $(BUILD)/libstele.a
rooms     = $(BUILD)/libstelec.a
main      = $(call object,runtime/cli/program.c)
reference = $(BUILD)/stele-reference

# ------------------------------------------------------------------ building

## all         build stelec, libstele.a and the program of the reference history
.PHONY: all
all: $(stelec) $(library) $(reference)

.PHONY: help
help:
	@sed -n 's/^## //p' Makefile

# stelec is linked with libstele.a for its checksums, and without libpq: so
# nothing that talks to a server can slip into the generator.
$(stelec): $(call object,generator/main.c) $(rooms) $(library)
	@echo "  link    $@"
	@$(CC) $(all_cflags) $(LDFLAGS) -o $@ $^ $(generator_libs)

$(reference): $(call object,generated/migrations.c) $(main) $(library)
	@echo "  link    $@"
	@$(CC) $(all_cflags) $(LDFLAGS) -o $@ $^ $(runtime_libs)

$(library): $(call object,$(runtime_sources))
$(rooms): $(call object,$(filter-out generator/main.c,$(generator_sources)))
$(library) $(rooms): $(BUILD)/sources
	@echo "  archive $@"
	@rm -f $@
	@$(AR) qc $@ $(filter %.o,$^)
	@$(AR) s $@

$(BUILD)/obj/%.o: %.c $(BUILD)/settings
	@echo "  compile $<"
	@mkdir -p $(@D)
	@$(CC) $(all_cflags) $(cppflags) $(include) -MMD -MP -c -o $@ $<

$(BUILD)/obj/%: include = -Iruntime $(pq_cflags) $(if $(STELE_NO_LUA),,$(lua_cflags)) $(if $(STELE_NO_CURL),,$(curl_cflags))
$(BUILD)/obj/generator/%: include = -Igenerator -Iruntime $(pgquery_include) $(lua_cflags)
$(call object,$(generator_sources)): | pgquery

$(units): $(BUILD)/unit/%: tests/unit/%.c $(rooms) $(library) $(BUILD)/settings
	@echo "  compile $<"
	@mkdir -p $(@D)
	@$(CC) $(all_cflags) $(cppflags) -Itests/unit -Igenerator -Iruntime $(pgquery_include) $(pq_cflags) $(lua_cflags) $(curl_cflags) -MMD -MP \
		-o $@ $< $(LDFLAGS) $(rooms) $(library) $(generator_libs) $(runtime_libs)

# The default prefix is fetched; another is only looked at, for the same major version.
$(DEPS)/pg_query/version:
	@generator/get-libpg-query $(@D)

.PHONY: pgquery
pgquery: $(filter $(DEPS)/pg_query/version,$(PGQUERY)/version)
	@grep -qs '^#define PG_MAJORVERSION "17"' '$(PGQUERY)/include/pg_query.h' && [ -n '$(pgquery_library)' ] || \
		{ echo 'make: there is no libpg_query 17 in PGQUERY=$(PGQUERY)' >&2; exit 1; }

-include $(shell find $(BUILD)/obj $(BUILD)/unit -name '*.d' 2>/dev/null)

# A migration program is placed by the linker, not at its start: a table of 5,000 migrations holds 50,000
# addresses, which would take half a millisecond of every start to relocate.
placed = $(if $(SANITIZE),,-fno-pie -no-pie)

# Objects are stale when the settings change, libraries when a source comes or
# goes. generator/build-program reads the settings too.
define settings
CC='$(CC)'
CFLAGS='$(all_cflags) $(cppflags)'
LDFLAGS='$(LDFLAGS)'
LIBS='$(runtime_libs)'
PLACED='$(placed)'
PGQUERY='$(PGQUERY)'
endef
define sources
$(generator_sources)
$(runtime_sources)
endef

# For the applications: libstele.a needs its libraries in every link, so they aren't private.
define stele_pc
prefix=$(PREFIX)
includedir=$${prefix}/include
libdir=$${prefix}/lib

Name: stele
Description: SQL migrations, compiled into the program that applies them
Version: $(shell sed -n 's/^.define STELE_VERSION "\(.*\)"/\1/p' runtime/stele.h)
Requires: libpq libcrypto $(if $(STELE_NO_LUA),,$(lua_package)) $(if $(STELE_NO_CURL),,libcurl)
Cflags: -I$${includedir}
Libs: -L$${libdir} -lstele -lm -lpthread
endef

$(BUILD)/settings: export text = $(settings)
$(BUILD)/sources: export text = $(sources)
$(BUILD)/stele.pc: export text = $(stele_pc)
$(BUILD)/settings $(BUILD)/sources $(BUILD)/stele.pc: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$text" | cmp -s - $@ || printf '%s\n' "$$text" >$@

.PHONY: FORCE
FORCE:

# ------------------------------------------------------------------ migrating

## migrations  regenerate generated/ from migrations/ and lua/, and seal what is new
.PHONY: migrations
migrations: $(stelec)
	@$(stelec) --cache $(BUILD)/migrations.cache -o generated/migrations.c migrations

## program     MIGRATIONS=dir PROGRAM=path [LAYOUT=name] [LUA=dir] [COMPONENT=name] [DEFINES="name=value ..."]
##             [AMEND="version ..."] [WARN="-Werror ..."]: a complete migration program from any
##             folder of migrations; AMEND seals anew what was edited before any database had it
##             MIGRATIONS="core auth=dir ...": from several, each a history of its own
# Relative paths are seen from where make was called. After -C that isn't where make
# runs, and only its command line tells: PWD alone may be stale.
.PHONY: program
program: export CALLER = $(if $(shell tr '\0' '\n' </proc/$$PPID/cmdline | grep -E '^(-[A-Za-z0-9]*C|--dir)'),$(PWD),$(CURDIR))
program: export STELE_BUILD = $(abspath $(BUILD))
program: $(stelec) $(main) $(library)
	@generator/build-program --from-make

# ------------------------------------------------------------------ checking

## demo        see it work: installs what is missing, and says so
.PHONY: demo
demo: packages
	@BUILD='$(BUILD)' examples/demo/demo

## demo-reembed  see a batch job work: a new embedding model, with workers that are killed
.PHONY: demo-reembed
demo-reembed: packages
	@BUILD='$(BUILD)' examples/demo/demo-reembed

## provider    a provider of embeddings to try jobs with, that of the tests: build/embedding_server
.PHONY: provider
provider: packages
	@$(MAKE) --no-print-directory $(library)
	@$(CC) $(all_cflags) $(cppflags) -Iruntime $(pq_cflags) -o $(BUILD)/embedding_server tests/programs/embedding_server/*.c $(library) $(LDFLAGS) $(runtime_libs) -lssl -lcrypto -lm

## check       run all tests; CHECK=pattern runs those whose file name has it
.PHONY: check
check: packages
	@$(MAKE) --no-print-directory all units
	@BUILD='$(BUILD)' JOBS='$(JOBS)' tests/tools/run-tests '$(CHECK)' $(notdir $(units))

.PHONY: units
units: $(units) ; @:

## check-all   the same with gcc, with clang, and with both under the sanitizers
.PHONY: check-all
check-all:
	@tests/tools/install-packages clang
	@$(MAKE) --no-print-directory check CC=gcc
	@$(MAKE) --no-print-directory check CC=clang
	@$(MAKE) --no-print-directory check CC=gcc SANITIZE=address,undefined
	@$(MAKE) --no-print-directory check CC=clang SANITIZE=address,undefined

## fuzz        [TIME=60] [FUZZ="sql lua ..."]: random and mutated input, under libFuzzer and sanitizers (clang)
TIME = 60
FUZZ =
.PHONY: fuzz
fuzz: packages
	@tests/tools/install-packages clang
	@$(MAKE) --no-print-directory CC=clang SANITIZE=fuzzer-no-link,address,undefined harnesses
	@tests/fuzz/run build/fuzz '$(TIME)' $(FUZZ)

# Only for the sanitizers' variant, which fuzz calls. A harness is found, not listed. It calls stelec's main by another name.
harnesses = $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/*.c))
.PHONY: harnesses
harnesses: $(harnesses)
build/fuzz/%: tests/fuzz/%.c tests/fuzz/folder.h $(BUILD)/fuzz/main.o $(rooms) $(library)
	@echo "  compile $<"
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 $(CFLAGS) $(subst fuzzer-no-link,fuzzer,-fsanitize=$(SANITIZE)) -fno-sanitize-recover=all -Wall -Wextra -Werror -o $@ $< \
		$(pq_cflags) $(filter %.o %.a,$^) $(LDFLAGS) $(generator_libs) $(runtime_libs)
$(BUILD)/fuzz/main.o: generator/main.c $(BUILD)/settings $(wildcard generator/*.h)
	@mkdir -p $(@D)
	@$(CC) $(all_cflags) $(cppflags) -Dmain=stelec_main -Igenerator -Iruntime $(pgquery_include) $(lua_cflags) -c -o $@ $<

## torture     [TORTURE=pattern] [TIME=seconds]: cut, kill, crash, starve and race at every moment; about an hour,
##             or with TIME a random sample for so many seconds of each sweep; a table at the end says what was lost
TORTURE =
.PHONY: torture
torture: packages
	@tests/tools/install-packages pgbouncer
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' JOBS='$(JOBS)' TIME='$(if $(filter command,$(origin TIME)),$(TIME))' tests/torture/run '$(TORTURE)'

## torture-jobs [TORTURE=pattern] [TIME=seconds] [SCALE=rows]: the same for jobs: killed, cut, frozen, starved, under writers, and a million rows
.PHONY: torture-jobs
torture-jobs: packages
	@tests/tools/install-packages pgbouncer
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' JOBS='$(JOBS)' TIME='$(if $(filter command,$(origin TIME)),$(TIME))' SCALE='$(SCALE)' tests/torture/run '$(TORTURE)' jobs-

## regress     compare with psql on PostgreSQL's own regression tests; fetches its source, takes minutes
.PHONY: regress
regress: packages
	@$(MAKE) --no-print-directory all
	@tests/tools/fetch-regress $(DEPS)/regress
	@BUILD='$(BUILD)' STELE_REGRESS='$(abspath $(DEPS)/regress)' tests/tools/run-tests 164-regress

## bench       measure against programs written by hand
.PHONY: bench
bench: packages
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' tests/bench/run

## bench-jobs  [BENCH="name ..."]: measure jobs against COPY, against scripts, and by what they cost others
BENCH =
.PHONY: bench-jobs
bench-jobs: packages
	@tests/tools/install-packages psycopg2
	@$(MAKE) --no-print-directory all
	@BUILD='$(BUILD)' tests/bench/jobs $(BENCH)

## packages    install what building and testing need
.PHONY: packages
packages:
	@tests/tools/install-packages

# ---------------------------------------------------------------- installing

## install     stelec, libstele.a, the headers, stele.pc, the manual and the guides into DESTDIR
##             and PREFIX
.PHONY: install
install: $(stelec) $(library) $(BUILD)/stele.pc
	install -d '$(DESTDIR)$(PREFIX)/bin' '$(DESTDIR)$(PREFIX)/lib/pkgconfig' '$(DESTDIR)$(PREFIX)/include' \
		'$(DESTDIR)$(PREFIX)/share/doc/stele'
	install -m 755 $(stelec) '$(DESTDIR)$(PREFIX)/bin'
	install -m 644 $(library) '$(DESTDIR)$(PREFIX)/lib'
	install -m 644 $(BUILD)/stele.pc '$(DESTDIR)$(PREFIX)/lib/pkgconfig'
	install -m 644 runtime/stele.h runtime/stele_job.h '$(DESTDIR)$(PREFIX)/include'
	install -m 644 docs/guide.md docs/jobs.md docs/ledger.md '$(DESTDIR)$(PREFIX)/share/doc/stele'
	for page in docs/*.[1357]; do \
		[ ! -e "$$page" ] || install -D -m 644 -t '$(DESTDIR)$(PREFIX)/share/man/man'"$${page##*.}" "$$page" || exit 1; \
	done

## clean       remove what was built; distclean removes what was fetched, too
.PHONY: clean distclean
clean:
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +
distclean:
	@rm -rf build
