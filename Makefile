# keytrail: build/keytrail explains, build/libkeytrail.so records.
#
#   make [all]    build both
#   make test     everything that can be tested here; ends with one line of counts
#   make check-long  what takes longer: other versions of Node, other projects' own
#                 tests; counts as well. PART=1/4 takes a share
#   make check    layers between folders, symbols of the recorder, format of C files,
#                 words of comments that point in place of naming
#   make quick    the cases of the rules, in seconds; PATTERN=kt201 for other tests
#   make demo     a failing service, and the report that says why
#   make bench    what tracing costs, beside a bare run; FIGURES=FILE for JSON
#   make install  PREFIX=/usr/local, DESTDIR=; make uninstall takes the same
#   make clean
#
# CC=clang builds with another compiler, SAN=1 with ASan and UBSan (the
# analyzer only: the recorder is a guest and brings no runtime). Each wants a
# BUILD directory of its own; SAN=1 takes build/san. V=1 shows whole commands.

MAKEFLAGS += --no-builtin-rules
VERSION := 0.1.0
PREFIX  ?= /usr/local
BUILD   ?= build$(if $(SAN),/san)
LIBDIR   = $(PREFIX)/lib/keytrail

DIALECT  = -std=gnu11 -D_GNU_SOURCE -Iinclude -Isrc
WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
DEPS     = -MMD -MP
SANITIZE = $(if $(SAN),-fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS  ?= -O2 -g
COMPILE  = $(CC) $(DIALECT) $(WARNINGS) $(DEPS) -DKEYTRAIL_VERSION='"$(VERSION)"' \
	$(if $(demangler),-DHAS_LIBIBERTY)

# ---- the recorder: freestanding, no import that a host could lack -----------
# Unwind tables stay: a cancelled thread unwinds through our frames. No inline
# functions of libc: older headers have some that return a double. No relro:
# what the loader writes and what we write lie in one page then, with no call to
# protect it (7 us a start); no function of a host is called through it. No unloading:
# libc calls our handler at the end of the program.
RECORDER_CFLAGS  = -O2 -g -fPIC -ffunction-sections -fvisibility=hidden -ffreestanding \
	-fno-stack-protector -U_FORTIFY_SOURCE -ftls-model=initial-exec \
	-mgeneral-regs-only -D__NO_INLINE__
RECORDER_LDFLAGS = -shared -nostdlib -nostartfiles -Wl,-soname,libkeytrail.so \
	-Wl,-z,now,-z,norelro,-z,noexecstack,-z,nodelete,-z,noseparate-code,--build-id \
	$(addprefix -Wl$(comma)--version-script=,$(wildcard src/recorder/exports.map))
comma           := ,

# Objects lie as their sources do, however deep: in obj/ for ordinary programs, in
# pic/ for the recorder. What lies in src/shared is compiled into both.
files         = $(sort $(shell find $(wildcard $(1)) -name '$(2)'))
recorder.src := $(call files,src/recorder src/shared,*.c) $(call files,src/recorder,*.S)
recorder.gen  = $(BUILD)/pic/programs.o $(BUILD)/pic/blooms.o
# A program without http=1 has no hook on its sockets: these are in a library of their own,
# http/libkeytrail.so, which has all the rest, too.
http.hooks    = $(filter src/recorder/http_hooks/%,$(recorder.src))
http.obj      = $(recorder.src:src/%=$(BUILD)/pic/%.o) $(recorder.gen)
recorder.obj  = $(filter-out $(http.hooks:src/%=$(BUILD)/pic/%.o),$(http.obj))

# Code that a repeated read does not pass through is built small: it runs beside system
# calls, or once for an event that is new.
small         = start hooks/asan hooks/exec hooks/exit_wait hooks/fork hooks/kill hooks/limits hooks/mlockall hooks/setenv hooks/abort runtimes/cxx runtimes/program runtimes/rust runtimes/v8/v8_source process/change_event http/ http_hooks/libssl http_hooks/gnutls http_hooks/scope runtimes/http_place runtimes/interpreter_ \
	hooks/spawn runtimes/bash runtimes/observed_event runtimes/node runtimes/perl runtimes/exit_place runtimes/ruby/ruby_ends runtimes/python process/env_state process/exe_path runtimes/php/php_ runtimes/ruby/ruby_ \
	process/exec_ process/fold process/image process/preload_ process/redact process/session process/npm_script process/source_pos process/callers process/place_walk process/raise_event process/copy_event process/language_copy state/places state/parent_settings \
	trace/ state/settings lib/elf_ lib/memory_map lib/clock lib/env_entry lib/host_errno state/env_hashes state/watched_values
small.shared  = $(filter-out %/credential_name.c %/fingerprint.c %/key_prefix.c %/siphash.c %/value_shape.c,$(wildcard src/shared/*.c))
$(foreach part,$(small),$(BUILD)/pic/recorder/$(part)%.o): RECORDER_CFLAGS += -Os
$(small.shared:src/%=$(BUILD)/pic/%.o): RECORDER_CFLAGS += -Os
# No function of a host is called while a command line is redacted: nothing unwinds there.
$(BUILD)/pic/recorder/process/redact%.o $(BUILD)/pic/recorder/trace/redact_name%.o \
$(BUILD)/pic/recorder/secrets/classify_text%.o $(BUILD)/pic/programs.o: RECORDER_CFLAGS += -Os -fno-asynchronous-unwind-tables

# ---- the analyzer: all of src/ that is not the recorder ---------------------
analyzer.src := $(call files,$(filter-out src/recorder,$(wildcard src/*)),*.c)
registries    = $(addprefix $(BUILD)/gen/,rules.c formats.c pages.c)
generated     = $(registries) $(addprefix $(BUILD)/gen/,programs.c blooms.c)
# Names of C++ and Rust as they were written; without it they stay as linked.
demangler    := $(filter /%,$(shell $(CC) -print-file-name=libiberty.a 2>/dev/null))
analyzer.lib  = $(demangler) -ldl $(LDLIBS)
analyzer.obj  = $(analyzer.src:src/%=$(BUILD)/obj/%.o) $(registries:.c=.o) $(BUILD)/gen/blooms.o

# ---- unit tests: one program per file ---------------------------------------
# recorder_* link the recorder compiled as an ordinary program's part, less
# what only makes sense inside a host: hooks, assembly, start-up, mem.c for libc.
HOST_ONLY     = $(filter-out hooks/real.c,$(patsubst src/recorder/%,%,$(wildcard src/recorder/hooks/*.c src/recorder/http_hooks/*.c))) \
	start.c lib/mem.c
unit.src     := $(wildcard tests/unit/*.c)
unit          = $(unit.src:tests/unit/%.c=$(BUILD)/unit/%)
unit.recorder = $(filter $(BUILD)/unit/recorder_%,$(unit))
tested.src    = $(filter-out $(addprefix src/recorder/,$(HOST_ONLY)),$(filter %.c,$(recorder.src)))
tested.obj    = $(tested.src:src/%=$(BUILD)/obj/%.o) $(addprefix $(BUILD)/gen/,programs.o blooms.o)
tested.analyzer = $(filter-out %/commands/main.c.o,$(analyzer.obj))

# ---- what is shown: `  CC  recorder/start.c`; V=1: the command; -s: nothing ---
silent = $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
show   = $(if $(V)$(silent),,@printf '  %-4s%s\n' '$(1)' '$(2)')
hidden = $(if $(V),,@)

libraries     = $(BUILD)/libkeytrail.so $(BUILD)/http/libkeytrail.so
http.adapter  = $(BUILD)/http/node.cjs

all: $(BUILD)/keytrail $(libraries) $(http.adapter)

$(http.adapter): src/recorder/runtimes/node/http_adapter.cjs
	@mkdir -p $(@D)
	$(hidden)cp $< $@

$(BUILD)/libkeytrail.so: $(recorder.obj)
$(BUILD)/http/libkeytrail.so: $(http.obj)
$(libraries): src/recorder/layout.ld $(wildcard src/recorder/exports.map)
	$(call show,LD,$(@:$(BUILD)/%=%))
	@mkdir -p $(@D)
	$(hidden)$(CC) $(RECORDER_CFLAGS) $(RECORDER_LDFLAGS) -o $@ $(filter %.o,$^) -Wl,-T,src/recorder/layout.ld

$(BUILD)/keytrail: $(analyzer.obj)
	$(call show,LD,$(@F))
	$(hidden)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $(analyzer.obj) $(analyzer.lib)

$(BUILD)/pic/%.o: src/%
	$(call show,CC,$*)
	@mkdir -p $(@D)
	$(hidden)$(COMPILE) $(RECORDER_CFLAGS) -c -o $@ $<

$(BUILD)/obj/%.o: src/%
	$(call show,CC,$*)
	@mkdir -p $(@D)
	$(hidden)$(COMPILE) $(CFLAGS) $(SANITIZE) -c -o $@ $<

# Registries are written anew each time, and touched only when they differ: a
# file that was added or deleted is noticed, and nothing is built in vain.
$(generated): $(BUILD)/gen/%.c: FORCE
	@mkdir -p $(@D)
	@new=$@.$$$$; scripts/registry $* >$$new && \
	if cmp -s $$new $@; then rm $$new; else \
		$(if $(silent),,printf '  %-4s%s\n' GEN $*.c;) mv $$new $@; fi

$(BUILD)/pic/%.o: $(BUILD)/gen/%.c
	$(call show,CC,gen/$*.c)
	@mkdir -p $(@D)
	$(hidden)$(COMPILE) $(RECORDER_CFLAGS) -c -o $@ $<

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c
	$(call show,CC,gen/$*.c)
	$(hidden)$(COMPILE) $(CFLAGS) $(SANITIZE) -c -o $@ $<

$(unit.recorder): $(BUILD)/unit/%: tests/unit/%.c $(tested.obj)
	$(call show,CC,$<)
	@mkdir -p $(@D)
	$(hidden)$(COMPILE) $(CFLAGS) $(SANITIZE) -Itests -o $@ $< $(tested.obj) -lcmocka

$(filter-out $(unit.recorder),$(unit)): $(BUILD)/unit/%: tests/unit/%.c $(tested.analyzer)
	$(call show,CC,$<)
	@mkdir -p $(@D)
	$(hidden)$(COMPILE) $(CFLAGS) $(SANITIZE) -Itests -o $@ $< $(tested.analyzer) $(analyzer.lib) -lcmocka

unit: $(unit)

# As many compilers as processors, unless -j says how many.
jobs = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

test:
	@scripts/setup test
	@$(MAKE) $(jobs) all
	@tests/run

# PART=K/N: one of N shares, the same tests each time.
check-long:
	@scripts/setup long
	@$(MAKE) $(jobs) all
	@tests/run --long $(if $(PART),--part $(PART))

PATTERN ?= unit/rules_cases
quick: all
	@tests/run --quick '$(PATTERN)'

contributors.pages = CONTRIBUTING.md $(addprefix docs/,adding.md architecture.md glossary.md)
check: all
	scripts/check-layers . $(BUILD)/obj $(BUILD)/pic
	scripts/check-recorder $(BUILD)/libkeytrail.so
	scripts/check-recorder $(BUILD)/http/libkeytrail.so src/recorder/hooks/hooks.def src/recorder/http_hooks/http_hooks.def
	scripts/check-format
	scripts/measure-comments 4% src include
	scripts/measure-comments 5% $(contributors.pages)

demo:
	@scripts/setup demo
	@$(MAKE) -s $(jobs) all
	@KEYTRAIL_COMMAND=$(abspath $(BUILD))/keytrail demo/run

bench:
	@scripts/setup bench
	@$(MAKE) -s $(jobs) all
	@tests/bench/run $(if $(FIGURES),-o $(FIGURES))

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/http
	install -m 755 $(BUILD)/keytrail $(DESTDIR)$(PREFIX)/bin/keytrail
	install -m 755 $(BUILD)/libkeytrail.so scripts/with-keytrail $(DESTDIR)$(LIBDIR)
	install -m 755 $(BUILD)/http/libkeytrail.so $(DESTDIR)$(LIBDIR)/http
	install -m 644 $(http.adapter) $(DESTDIR)$(LIBDIR)/http

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/keytrail $(addprefix $(DESTDIR)$(LIBDIR)/,libkeytrail.so with-keytrail http/libkeytrail.so http/node.cjs)
	[ ! -d $(DESTDIR)$(LIBDIR)/http ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(LIBDIR)/http
	[ ! -d $(DESTDIR)$(LIBDIR) ] || rmdir --ignore-fail-on-non-empty $(DESTDIR)$(LIBDIR)

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all unit test check check-long quick demo bench install uninstall clean FORCE
.DELETE_ON_ERROR:
