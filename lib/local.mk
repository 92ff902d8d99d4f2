# SPDX-License-Identifier: Apache-2.0
# libpref. One line a file: public headers, which are in include/pref/, in the first list, all else in the
# second, from the ground up: each folder uses those above it.

prefincludedir = $(includedir)/pref
prefinclude_HEADERS =
prefinclude_HEADERS += include/pref/accumulator.h
prefinclude_HEADERS += include/pref/base.h
prefinclude_HEADERS += include/pref/buckets.h
prefinclude_HEADERS += include/pref/buf.h
prefinclude_HEADERS += include/pref/consensus.h
prefinclude_HEADERS += include/pref/correlation.h
prefinclude_HEADERS += include/pref/dawid_skene.h
prefinclude_HEADERS += include/pref/edit.h
prefinclude_HEADERS += include/pref/filter.h
prefinclude_HEADERS += include/pref/fit.h
prefinclude_HEADERS += include/pref/flip.h
prefinclude_HEADERS += include/pref/grade.h
prefinclude_HEADERS += include/pref/hash.h
prefinclude_HEADERS += include/pref/key.h
prefinclude_HEADERS += include/pref/keyset.h
prefinclude_HEADERS += include/pref/logistic.h
prefinclude_HEADERS += include/pref/mathfn.h
prefinclude_HEADERS += include/pref/number.h
prefinclude_HEADERS += include/pref/option.h
prefinclude_HEADERS += include/pref/oracle.h
prefinclude_HEADERS += include/pref/pref.h
prefinclude_HEADERS += include/pref/record.h
prefinclude_HEADERS += include/pref/reread.h
prefinclude_HEADERS += include/pref/run.h
prefinclude_HEADERS += include/pref/scan.h
prefinclude_HEADERS += include/pref/score.h
prefinclude_HEADERS += include/pref/shape.h
prefinclude_HEADERS += include/pref/share.h
prefinclude_HEADERS += include/pref/shingle.h
prefinclude_HEADERS += include/pref/shingle_set.h
prefinclude_HEADERS += include/pref/sink.h
prefinclude_HEADERS += include/pref/source.h
prefinclude_HEADERS += include/pref/words.h

libprefcore_la_SOURCES =

# What everyone speaks
libprefcore_la_SOURCES += lib/base/base.c
libprefcore_la_SOURCES += lib/base/cpu.c
libprefcore_la_SOURCES += lib/base/cpu.h
libprefcore_la_SOURCES += lib/base/fdio.c
libprefcore_la_SOURCES += lib/base/fdio.h
libprefcore_la_SOURCES += lib/base/memory.c
libprefcore_la_SOURCES += lib/base/memory.h
libprefcore_la_SOURCES += lib/base/wide.h

# Numbers: their text, functions, exact sums, counts behind quantiles
libprefcore_la_SOURCES += lib/number/accumulator.c
libprefcore_la_SOURCES += lib/number/accumulator_limbs.h
libprefcore_la_SOURCES += lib/number/accumulator_moment.c
libprefcore_la_SOURCES += lib/number/buckets.c
libprefcore_la_SOURCES += lib/number/correlation.c
libprefcore_la_SOURCES += lib/number/mathfn.c
libprefcore_la_SOURCES += lib/number/narrow_sum.c
libprefcore_la_SOURCES += lib/number/narrow_sum.h
libprefcore_la_SOURCES += lib/number/number.c
libprefcore_la_SOURCES += lib/number/number_exact.c
libprefcore_la_SOURCES += lib/number/number_exact.h
libprefcore_la_SOURCES += lib/number/number_pow10.h
libprefcore_la_SOURCES += lib/number/number_print.c
libprefcore_la_SOURCES += lib/number/put.h
libprefcore_la_SOURCES += lib/number/share.c

# Records: what is wanted of them, the one strict pass, strings, text in the making
libprefcore_la_SOURCES += lib/json/buf.c
libprefcore_la_SOURCES += lib/json/cursor.c
libprefcore_la_SOURCES += lib/json/blank.h
libprefcore_la_SOURCES += lib/json/escape.h
libprefcore_la_SOURCES += lib/json/scan.c
libprefcore_la_SOURCES += lib/json/scan_avx2.c
libprefcore_la_SOURCES += lib/json/scan_avx2.h
libprefcore_la_SOURCES += lib/json/scan_exact.c
libprefcore_la_SOURCES += lib/json/scan_fault.c
libprefcore_la_SOURCES += lib/json/scan_impl.h
libprefcore_la_SOURCES += lib/json/scan_match.c
libprefcore_la_SOURCES += lib/json/scan_plan.c
libprefcore_la_SOURCES += lib/json/scan_portable.c
libprefcore_la_SOURCES += lib/json/scan_tokens.inc
libprefcore_la_SOURCES += lib/json/scan_walk.inc
libprefcore_la_SOURCES += lib/json/shape.c
libprefcore_la_SOURCES += lib/json/string.c
libprefcore_la_SOURCES += lib/json/string_avx2.c
libprefcore_la_SOURCES += lib/json/string_run.h
libprefcore_la_SOURCES += lib/json/utf8.c
libprefcore_la_SOURCES += lib/json/utf8.h
libprefcore_la_SOURCES += lib/json/utf8_avx2.c

# Texts, patterns in them, foldings, small JSON files of people
libprefcore_la_SOURCES += lib/text/cold_json.c
libprefcore_la_SOURCES += lib/text/cold_json.h
libprefcore_la_SOURCES += lib/text/needles.c
libprefcore_la_SOURCES += lib/text/needles.h
libprefcore_la_SOURCES += lib/text/needles_pattern.c
libprefcore_la_SOURCES += lib/text/regex.c
libprefcore_la_SOURCES += lib/text/regex.h
libprefcore_la_SOURCES += lib/text/regex_steps.c
libprefcore_la_SOURCES += lib/text/regex_steps.h
libprefcore_la_SOURCES += lib/text/text.c
libprefcore_la_SOURCES += lib/text/text.h
libprefcore_la_SOURCES += lib/text/unicode.c
libprefcore_la_SOURCES += lib/text/unicode.h
libprefcore_la_SOURCES += lib/text/white_space.h

# The pair record: its fields, changes, flipping, votes
libprefcore_la_SOURCES += lib/pair/consensus.c
libprefcore_la_SOURCES += lib/pair/edit.c
libprefcore_la_SOURCES += lib/pair/flip.c
libprefcore_la_SOURCES += lib/pair/grade.c
libprefcore_la_SOURCES += lib/pair/record.c
libprefcore_la_SOURCES += lib/pair/score.c

# The reliability of judges, panels of them
libprefcore_la_SOURCES += lib/judge/dawid_skene.c
libprefcore_la_SOURCES += lib/judge/logistic.c
libprefcore_la_SOURCES += lib/judge/panel.c
libprefcore_la_SOURCES += lib/judge/panel.h
libprefcore_la_SOURCES += lib/judge/panel_queue.c
libprefcore_la_SOURCES += lib/judge/panel_queue.h

# Identity: hashes, keys, the set of keys, names by number
libprefcore_la_SOURCES += lib/key/hash.c
libprefcore_la_SOURCES += lib/key/hash_avx2.c
libprefcore_la_SOURCES += lib/key/hash_own.h
libprefcore_la_SOURCES += lib/key/key.c
libprefcore_la_SOURCES += lib/key/key_peek.c
libprefcore_la_SOURCES += lib/key/key_peek.h
libprefcore_la_SOURCES += lib/key/key_sort.c
libprefcore_la_SOURCES += lib/key/key_sort.h
libprefcore_la_SOURCES += lib/key/keyset.c
libprefcore_la_SOURCES += lib/key/name_table.c
libprefcore_la_SOURCES += lib/key/name_table.h

# Input and output, compression, what is put on disk
libprefcore_la_SOURCES += lib/stream/ahead.c
libprefcore_la_SOURCES += lib/stream/ahead.h
libprefcore_la_SOURCES += lib/stream/crew.c
libprefcore_la_SOURCES += lib/stream/crew.h
libprefcore_la_SOURCES += lib/stream/decoder.c
libprefcore_la_SOURCES += lib/stream/decoder.h
libprefcore_la_SOURCES += lib/stream/file.c
libprefcore_la_SOURCES += lib/stream/gzip_in.c
libprefcore_la_SOURCES += lib/stream/gzip_in.h
libprefcore_la_SOURCES += lib/stream/magic.c
libprefcore_la_SOURCES += lib/stream/magic.h
libprefcore_la_SOURCES += lib/stream/new_file.c
libprefcore_la_SOURCES += lib/stream/new_file.h
libprefcore_la_SOURCES += lib/stream/press.c
libprefcore_la_SOURCES += lib/stream/press.h
libprefcore_la_SOURCES += lib/stream/reread.c
libprefcore_la_SOURCES += lib/stream/scratch.c
libprefcore_la_SOURCES += lib/stream/scratch.h
libprefcore_la_SOURCES += lib/stream/sink.c
libprefcore_la_SOURCES += lib/stream/sink_target.c
libprefcore_la_SOURCES += lib/stream/sink_target.h
libprefcore_la_SOURCES += lib/stream/slots.c
libprefcore_la_SOURCES += lib/stream/slots.h
libprefcore_la_SOURCES += lib/stream/source.c
libprefcore_la_SOURCES += lib/stream/source_ahead.c
libprefcore_la_SOURCES += lib/stream/source_file.c
libprefcore_la_SOURCES += lib/stream/source_file.h
libprefcore_la_SOURCES += lib/stream/source_read.c
libprefcore_la_SOURCES += lib/stream/source_state.h
libprefcore_la_SOURCES += lib/stream/spill.c
libprefcore_la_SOURCES += lib/stream/spill.h
libprefcore_la_SOURCES += lib/stream/spool.c
libprefcore_la_SOURCES += lib/stream/spool.h
libprefcore_la_SOURCES += lib/stream/store.c
libprefcore_la_SOURCES += lib/stream/store.h
libprefcore_la_SOURCES += lib/stream/target_name.c
libprefcore_la_SOURCES += lib/stream/target_name.h
libprefcore_la_SOURCES += lib/stream/zstd_in.c
libprefcore_la_SOURCES += lib/stream/zstd_in.h
libprefcore_la_SOURCES += lib/stream/zstd_out.c
libprefcore_la_SOURCES += lib/stream/zstd_out.h

# Texts as words and words in a row, sets of these that may be near
libprefcore_la_SOURCES += lib/near/lsh.c
libprefcore_la_SOURCES += lib/near/lsh.h
libprefcore_la_SOURCES += lib/near/minhash.c
libprefcore_la_SOURCES += lib/near/minhash.h
libprefcore_la_SOURCES += lib/near/minhash_avx2.c
libprefcore_la_SOURCES += lib/near/ngram.h
libprefcore_la_SOURCES += lib/near/ngram_index.c
libprefcore_la_SOURCES += lib/near/ngram_index.h
libprefcore_la_SOURCES += lib/near/ngram_parts.h
libprefcore_la_SOURCES += lib/near/ngram_read.c
libprefcore_la_SOURCES += lib/near/ngram_table.c
libprefcore_la_SOURCES += lib/near/ngram_table.h
libprefcore_la_SOURCES += lib/near/ngram_write.c
libprefcore_la_SOURCES += lib/near/shingle.c
libprefcore_la_SOURCES += lib/near/shingle_set.c
libprefcore_la_SOURCES += lib/near/words.c
libprefcore_la_SOURCES += lib/near/words_avx2.c
libprefcore_la_SOURCES += lib/near/words_map.c
libprefcore_la_SOURCES += lib/near/words_map.h
libprefcore_la_SOURCES += lib/near/words_own.h
libprefcore_la_SOURCES += lib/near/words_runs.inc
libprefcore_la_SOURCES += lib/near/words_split.c

# What was learnt, as files
libprefcore_la_SOURCES += lib/fit/field.c
libprefcore_la_SOURCES += lib/fit/field.h
libprefcore_la_SOURCES += lib/fit/lines.c
libprefcore_la_SOURCES += lib/fit/lines.h
libprefcore_la_SOURCES += lib/fit/merge.c
libprefcore_la_SOURCES += lib/fit/read.c
libprefcore_la_SOURCES += lib/fit/take.c
libprefcore_la_SOURCES += lib/fit/text.h
libprefcore_la_SOURCES += lib/fit/write.c

# Questions to co-processes
libprefcore_la_SOURCES += lib/oracle/answers.c
libprefcore_la_SOURCES += lib/oracle/answers.h
libprefcore_la_SOURCES += lib/oracle/answers_file.c
libprefcore_la_SOURCES += lib/oracle/answers_file.h
libprefcore_la_SOURCES += lib/oracle/budget.c
libprefcore_la_SOURCES += lib/oracle/budget.h
libprefcore_la_SOURCES += lib/oracle/life.c
libprefcore_la_SOURCES += lib/oracle/oracle.c
libprefcore_la_SOURCES += lib/oracle/question.c
libprefcore_la_SOURCES += lib/oracle/state.h
libprefcore_la_SOURCES += lib/oracle/talk.c

# The contract of a filter, and the engine behind it
libprefcore_la_SOURCES += lib/engine/ask.c
libprefcore_la_SOURCES += lib/engine/await.c
libprefcore_la_SOURCES += lib/engine/batch.c
libprefcore_la_SOURCES += lib/engine/commit.c
libprefcore_la_SOURCES += lib/engine/engine.c
libprefcore_la_SOURCES += lib/engine/engine.h
libprefcore_la_SOURCES += lib/engine/fill.c
libprefcore_la_SOURCES += lib/engine/finish.c
libprefcore_la_SOURCES += lib/engine/job.c
libprefcore_la_SOURCES += lib/engine/map.c
libprefcore_la_SOURCES += lib/engine/open.c
libprefcore_la_SOURCES += lib/engine/option.c
libprefcore_la_SOURCES += lib/engine/run.c
libprefcore_la_SOURCES += lib/engine/side.c
libprefcore_la_SOURCES += lib/engine/targets.c
libprefcore_la_SOURCES += lib/engine/threads.c

# The program and the unit tests link the objects of libprefcore directly, so that they run
# from the build folder without libtool's wrapper scripts. libpref is the same, for others.
noinst_LTLIBRARIES += libprefcore.la
libprefcore_la_LDFLAGS =
libprefcore_la_LIBADD = \
	$(ZSTD_LIBS) $(ZLIB_LIBS) $(CJSON_LIBS) $(PCRE2_LIBS) $(XXHASH_LIBS) $(UTF8PROC_LIBS) -lm -lpthread

lib_LTLIBRARIES += libpref.la
libpref_la_SOURCES =
libpref_la_LDFLAGS = $(HARDEN_LDFLAGS) $(DEFS_LDFLAGS) $(SAN_CFLAGS) \
	-export-symbols lib/libpref.sym -version-info 0:0:0
libpref_la_LIBADD = libprefcore.la
EXTRA_libpref_la_DEPENDENCIES = lib/libpref.sym

# What libpref exports is what pref.h declares.
lib/libpref.sym: $(prefinclude_HEADERS)
	$(AM_V_GEN)$(MKDIR_P) lib && $(CC) -E -P $(srcdir)/include/pref/pref.h >$@.i
	$(AM_V_at)sed '/^typedef/d' $@.i | tr -cs 'a-z0-9_[(' '\n' | \
	  sed -n 's/^\(pref_[a-z0-9_]*\)[[(].*/\1/p' | LC_ALL=C sort -u >$@.new
	$(AM_V_at)test -s $@.new && rm -f $@.i && mv -f $@.new $@
CLEANFILES += lib/libpref.sym

pkgconfig_DATA = libpref.pc
