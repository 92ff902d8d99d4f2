# SPDX-License-Identifier: Apache-2.0
# The tests. One line each.

# A unit: a program of cmocka cases, whose one source has its name with .c.
unit_tests =
unit_tests += tests/unit/test_buf
unit_tests += tests/unit/test_option
unit_tests += tests/unit/test_record
unit_tests += tests/unit/test_edit
unit_tests += tests/unit/test_flip
unit_tests += tests/unit/test_key
unit_tests += tests/unit/test_keyset
unit_tests += tests/unit/test_key_peek
unit_tests += tests/unit/test_minhash
unit_tests += tests/unit/test_lsh
unit_tests += tests/unit/test_near_sets
unit_tests += tests/unit/test_near_recent
unit_tests += tests/unit/test_scratch
unit_tests += tests/unit/test_store
unit_tests += tests/unit/test_spill
unit_tests += tests/unit/test_fit
unit_tests += tests/unit/test_oracle
unit_tests += tests/unit/test_answers
unit_tests += tests/unit/test_budget
unit_tests += tests/unit/test_number
unit_tests += tests/unit/test_mathfn
unit_tests += tests/unit/test_share
unit_tests += tests/unit/test_accumulator
unit_tests += tests/unit/test_correlation
unit_tests += tests/unit/test_narrow_sum
unit_tests += tests/unit/test_buckets
unit_tests += tests/unit/test_consensus
unit_tests += tests/unit/test_strength
unit_tests += tests/unit/test_judges_expr
unit_tests += tests/unit/test_vote_weights
unit_tests += tests/unit/test_dawid_skene
unit_tests += tests/unit/test_logistic
unit_tests += tests/unit/test_panel
unit_tests += tests/unit/test_vote_patterns
unit_tests += tests/unit/test_loo_search
unit_tests += tests/unit/test_loo_rules
unit_tests += tests/unit/test_source
unit_tests += tests/unit/test_reread
unit_tests += tests/unit/test_sink
unit_tests += tests/unit/test_zstd
unit_tests += tests/unit/test_gzip
unit_tests += tests/unit/test_ahead
unit_tests += tests/unit/test_file
unit_tests += tests/unit/test_hash
unit_tests += tests/unit/test_shape
unit_tests += tests/unit/test_scan
unit_tests += tests/unit/test_scan_kernels
unit_tests += tests/unit/test_utf8
unit_tests += tests/unit/test_unicode
unit_tests += tests/unit/test_needles
unit_tests += tests/unit/test_regex
unit_tests += tests/unit/test_regex_steps
unit_tests += tests/unit/test_text
unit_tests += tests/unit/test_string
unit_tests += tests/unit/test_words
unit_tests += tests/unit/test_shingle
unit_tests += tests/unit/test_ngram_index
unit_tests += tests/unit/test_cursor
unit_tests += tests/unit/test_run
unit_tests += tests/unit/test_run_own
unit_tests += tests/unit/test_side

# Units of the program: they compile the files of cmd/ that they test.
unit_tests += tests/unit/test_shard_split
tests_unit_test_shard_split_SOURCES = tests/unit/test_shard_split.c
tests_unit_test_shard_split_SOURCES += cmd/shard/names.c
tests_unit_test_shard_split_SOURCES += cmd/shard/split.c
tests_unit_test_shard_split_SOURCES += cmd/shard/cut.c
tests_unit_test_shard_split_SOURCES += cmd/shard/strata.c

# The same, held against a suite of others that is found through PREF_SHARED.
unit_tests += tests/conformance/json_suite

# What several units share: sources and headers that are no units themselves.
tests_unit_libhelp_a_SOURCES =
tests_unit_libhelp_a_SOURCES += tests/unit/stream_help.c
tests_unit_libhelp_a_SOURCES += tests/unit/stream_help.h
tests_unit_libhelp_a_SOURCES += tests/unit/record_help.c
tests_unit_libhelp_a_SOURCES += tests/unit/record_help.h
tests_unit_libhelp_a_SOURCES += tests/unit/scan_help.c
tests_unit_libhelp_a_SOURCES += tests/unit/scan_help.h

# A fuzz target: a source with LLVMFuzzerTestOneInput. `make check` replays the inputs of
# tests/fuzz/corpus/NAME through it; `make fuzz` looks for new ones.
fuzz_targets =
fuzz_targets += tests/fuzz/fuzz_answers
fuzz_targets += tests/fuzz/fuzz_expr
fuzz_targets += tests/fuzz/fuzz_fit
fuzz_targets += tests/fuzz/fuzz_ngrams
fuzz_targets += tests/fuzz/fuzz_oracle
fuzz_targets += tests/fuzz/fuzz_pattern
fuzz_targets += tests/fuzz/fuzz_rules
fuzz_targets += tests/fuzz/fuzz_gzip
fuzz_targets += tests/fuzz/fuzz_zstd
fuzz_targets += tests/fuzz/fuzz_scan
fuzz_targets += tests/fuzz/fuzz_edit
fuzz_targets += tests/fuzz/fuzz_text
fuzz_targets += tests/fuzz/fuzz_table
tests_fuzz_fuzz_table_SOURCES = tests/fuzz/fuzz_table.c
tests_fuzz_fuzz_table_SOURCES += cmd/columns.c
tests_fuzz_fuzz_table_SOURCES += cmd/judges/measure.c
tests_fuzz_fuzz_table_SOURCES += cmd/judges/print.c
tests_fuzz_fuzz_table_SOURCES += cmd/models/groups.c
tests_fuzz_fuzz_table_SOURCES += cmd/models/groups_print.c
tests_fuzz_fuzz_table_SOURCES += cmd/models/load.c
tests_fuzz_fuzz_table_SOURCES += cmd/models/measure.c
tests_fuzz_fuzz_table_SOURCES += cmd/models/print.c
tests_fuzz_fuzz_table_SOURCES += cmd/one_fit.c
fuzz_targets += tests/fuzz/fuzz_filter
fuzz_targets += tests/fuzz/fuzz_index
fuzz_targets += tests/fuzz/fuzz_manifest
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c
tests_fuzz_fuzz_manifest_SOURCES += cmd/shard/manifest.c
tests_fuzz_fuzz_manifest_SOURCES += cmd/shard/names.c
tests_fuzz_fuzz_manifest_SOURCES += cmd/shard/split.c

# Other tests: scripts that print TAP, or that only have an exit status (77: skipped, the last
# line of output says why).
script_tests =
script_tests += tests/files
script_tests += tests/floors
script_tests += tests/tap
script_tests += tests/api/symbols
script_tests += tests/api/headers
script_tests += tests/api/ten-minutes
script_tests += tests/man/lint
script_tests += tests/man/options
script_tests += tests/man/completion
script_tests += tests/man/examples
script_tests += tests/golden/run
script_tests += tests/conformance/mutations.py
script_tests += tests/laws/conservation
script_tests += tests/laws/pipe
script_tests += tests/faults/oracle
script_tests += tests/faults/endings
script_tests += tests/faults/injection
script_tests += tests/faults/hostile
script_tests += tests/faults/pipeline
script_tests += tests/faults/spill.py
script_tests += tests/faults/cache.py
script_tests += tests/independent/words.py
script_tests += tests/independent/decon.py
script_tests += tests/independent/dedup.py
script_tests += tests/independent/dedup_learnt.py
script_tests += tests/independent/dedup_memory.py
script_tests += tests/independent/near.py
script_tests += tests/independent/near_again.py
script_tests += tests/independent/near_index.py
script_tests += tests/independent/near_chinese.py
script_tests += tests/independent/filter.py
script_tests += tests/independent/import_hh.py
script_tests += tests/independent/vote.py
script_tests += tests/independent/grades.py
script_tests += tests/independent/dawid_skene.py
script_tests += tests/independent/calibrated.py
script_tests += tests/independent/loo.py
script_tests += tests/independent/loo_asks.py
script_tests += tests/independent/loo_groups.py
script_tests += tests/independent/loo_posterior.py
script_tests += tests/independent/panel.py
script_tests += tests/independent/scores.py
script_tests += tests/independent/strength.py
script_tests += tests/independent/strength_planted.py
script_tests += tests/independent/strength_scales.py
script_tests += tests/independent/strength_strata.py
script_tests += tests/examples/chat
script_tests += tests/independent/models.py
script_tests += tests/real/curate
script_tests += tests/independent/shard.py
script_tests += tests/faults/shard.py
script_tests += tests/slurm/local
script_tests += tests/slurm/one-machine

# Helpers that tests run (the default source is the name with .c, as for units).
test_helpers =
test_helpers += tests/bench/calm
test_helpers += tests/bench/scan_speed
test_helpers += tests/bench/timed
test_helpers += tests/bench/words_speed

check_PROGRAMS += $(unit_tests) $(fuzz_targets) $(test_helpers)
TESTS = $(unit_tests) $(fuzz_targets) $(script_tests)

check_LIBRARIES = tests/unit/libhelp.a

# In a build with libFuzzer its library holds main(), elsewhere this one does.
if ENABLE_FUZZ
FUZZ_MAIN = $(LIB_FUZZING_ENGINE)
else
check_LIBRARIES += tests/fuzz/libreplay.a
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c
FUZZ_MAIN = tests/fuzz/libreplay.a
endif

LOG_DRIVER = $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/tap-run

# An environment of our own: what the caller has set must not change a result.
AM_TESTS_ENVIRONMENT = \
	PATH="$(abs_top_builddir):$$PATH"; LC_ALL=C; TZ=UTC0; CMOCKA_MESSAGE_OUTPUT=TAP; \
	CC="$(CC)"; PREF_CPPFLAGS="$(CJSON_CFLAGS) $(UTF8PROC_CFLAGS)"; \
	PREF_SRCDIR="$(abs_top_srcdir)"; PREF_BUILD="$(abs_top_builddir)"; \
	PREF_RULES_DIR="$(abs_top_srcdir)/filters/rules"; \
	PREF_SHARED="$${PREF_SHARED-$(abs_top_srcdir)/../shared}"; \
	PYTHONDONTWRITEBYTECODE=1; \
	ASAN_OPTIONS="$${ASAN_OPTIONS-detect_stack_use_after_return=1}"; \
	UBSAN_OPTIONS="$${UBSAN_OPTIONS-print_stacktrace=1}"; \
	TSAN_OPTIONS="$${TSAN_OPTIONS-halt_on_error=1}"; \
	export PATH LC_ALL TZ CMOCKA_MESSAGE_OUTPUT CC PREF_CPPFLAGS PREF_SRCDIR PREF_BUILD \
	PREF_RULES_DIR PREF_SHARED PYTHONDONTWRITEBYTECODE ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS;

# The whole suite again under sanitizers and Valgrind, each in a build folder of its own inside
# this one. There everything takes so many times as long.
again = env MAKE="$(MAKE)" $(SHELL) $(srcdir)/tests/again
configure = $(abs_top_srcdir)/configure CC="$(CC)"

check-san:
	+$(AM_V_at)PREF_PATIENCE=6 $(again) san $(configure) --enable-asan

# TSan wants its memory in certain places, which random addresses may take from it.
check-tsan:
	+$(AM_V_at)fixed=$$(setarch -R echo setarch -R 2>/dev/null); \
	  PREF_PATIENCE=12 $$fixed $(again) tsan $(configure) --enable-tsan

check-valgrind:
	+$(AM_V_at)PREF_PATIENCE=40 PREF_UNDER="$(abs_top_srcdir)/tests/memcheck" \
	  $(again) memcheck $(configure)

# FUZZ_SECONDS for each target; what is found stays in fuzzing/.
FUZZ_CC = clang
FUZZ_SECONDS = 60
fuzz:
	$(AM_V_at)$(MKDIR_P) fuzzing && cd fuzzing && \
	  { test -f Makefile || $(abs_top_srcdir)/configure -q CC="$(FUZZ_CC)" --enable-fuzz; } && \
	  $(MAKE) fuzz-run FUZZ_SECONDS=$(FUZZ_SECONDS)
fuzz-run: $(fuzz_targets)
	$(AM_V_at)$(SHELL) $(srcdir)/tests/fuzz/run $(srcdir)/tests/fuzz/corpus $(FUZZ_SECONDS) \
	  $(fuzz_targets)

bench: all tests/bench/timed$(EXEEXT) tests/bench/calm$(EXEEXT) examples/make-corpus$(EXEEXT)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) $(srcdir)/tests/bench/run $(BENCH_ARGS)

.PHONY: check-san check-tsan check-valgrind fuzz fuzz-run bench

# Tests and examples are released whole: folders found by their place need no list. tar, because
# the same folders in the build hold objects and logs.
dist-hook:
	(cd $(srcdir) && tar -cf - --exclude='*.o' --exclude='*.log' --exclude='*.trs' \
	  --exclude=.deps --exclude=.libs --exclude=.dirstamp --exclude=__pycache__ \
	  tests examples) | (cd $(distdir) && tar -xf -)

distclean-local:
	rm -rf san tsan memcheck fuzzing
