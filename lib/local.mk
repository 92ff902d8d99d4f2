# SPDX-License-Identifier: Apache-2.0
# libpref. One line a file: public headers in the first list, all else in the second.

prefincludedir = $(includedir)/pref
prefinclude_HEADERS =
prefinclude_HEADERS += lib/base.h
prefinclude_HEADERS += lib/buf.h
prefinclude_HEADERS += lib/number.h
prefinclude_HEADERS += lib/mathfn.h
prefinclude_HEADERS += lib/share.h
prefinclude_HEADERS += lib/hash.h
prefinclude_HEADERS += lib/key.h
prefinclude_HEADERS += lib/keyset.h
prefinclude_HEADERS += lib/words.h
prefinclude_HEADERS += lib/shingle.h
prefinclude_HEADERS += lib/shingle_set.h
prefinclude_HEADERS += lib/shape.h
prefinclude_HEADERS += lib/scan.h
prefinclude_HEADERS += lib/option.h
prefinclude_HEADERS += lib/edit.h
prefinclude_HEADERS += lib/flip.h
prefinclude_HEADERS += lib/grade.h
prefinclude_HEADERS += lib/score.h
prefinclude_HEADERS += lib/record.h
prefinclude_HEADERS += lib/filter.h
prefinclude_HEADERS += lib/run.h
prefinclude_HEADERS += lib/oracle.h
prefinclude_HEADERS += lib/fit.h
prefinclude_HEADERS += lib/source.h
prefinclude_HEADERS += lib/sink.h
prefinclude_HEADERS += lib/accumulator.h
prefinclude_HEADERS += lib/correlation.h
prefinclude_HEADERS += lib/buckets.h
prefinclude_HEADERS += lib/consensus.h
prefinclude_HEADERS += lib/dawid_skene.h
prefinclude_HEADERS += lib/logistic.h
prefinclude_HEADERS += lib/pref.h

libprefcore_la_SOURCES =
libprefcore_la_SOURCES += lib/base.c
libprefcore_la_SOURCES += lib/buf.c
libprefcore_la_SOURCES += lib/wide.h
libprefcore_la_SOURCES += lib/put.h
libprefcore_la_SOURCES += lib/number.c
libprefcore_la_SOURCES += lib/number_exact.c
libprefcore_la_SOURCES += lib/number_exact.h
libprefcore_la_SOURCES += lib/number_pow10.h
libprefcore_la_SOURCES += lib/number_print.c
libprefcore_la_SOURCES += lib/mathfn.c
libprefcore_la_SOURCES += lib/fdio.c
libprefcore_la_SOURCES += lib/fdio.h
libprefcore_la_SOURCES += lib/file.c
libprefcore_la_SOURCES += lib/magic.c
libprefcore_la_SOURCES += lib/magic.h
libprefcore_la_SOURCES += lib/ahead.c
libprefcore_la_SOURCES += lib/ahead.h
libprefcore_la_SOURCES += lib/crew.c
libprefcore_la_SOURCES += lib/crew.h
libprefcore_la_SOURCES += lib/decoder.c
libprefcore_la_SOURCES += lib/decoder.h
libprefcore_la_SOURCES += lib/gzip_in.c
libprefcore_la_SOURCES += lib/gzip_in.h
libprefcore_la_SOURCES += lib/press.c
libprefcore_la_SOURCES += lib/press.h
libprefcore_la_SOURCES += lib/sink.c
libprefcore_la_SOURCES += lib/sink_target.c
libprefcore_la_SOURCES += lib/sink_target.h
libprefcore_la_SOURCES += lib/source.c
libprefcore_la_SOURCES += lib/source_ahead.c
libprefcore_la_SOURCES += lib/source_file.c
libprefcore_la_SOURCES += lib/source_file.h
libprefcore_la_SOURCES += lib/source_read.c
libprefcore_la_SOURCES += lib/source_state.h
libprefcore_la_SOURCES += lib/spool.c
libprefcore_la_SOURCES += lib/spool.h
libprefcore_la_SOURCES += lib/zstd_in.c
libprefcore_la_SOURCES += lib/zstd_in.h
libprefcore_la_SOURCES += lib/zstd_out.c
libprefcore_la_SOURCES += lib/zstd_out.h
libprefcore_la_SOURCES += lib/share.c
libprefcore_la_SOURCES += lib/hash.c
libprefcore_la_SOURCES += lib/hash_avx2.c
libprefcore_la_SOURCES += lib/hash_own.h
libprefcore_la_SOURCES += lib/key.c
libprefcore_la_SOURCES += lib/key_sort.c
libprefcore_la_SOURCES += lib/key_sort.h
libprefcore_la_SOURCES += lib/keyset.c
libprefcore_la_SOURCES += lib/memory.c
libprefcore_la_SOURCES += lib/memory.h
libprefcore_la_SOURCES += lib/minhash.c
libprefcore_la_SOURCES += lib/minhash.h
libprefcore_la_SOURCES += lib/minhash_avx2.c
libprefcore_la_SOURCES += lib/lsh.c
libprefcore_la_SOURCES += lib/lsh.h
libprefcore_la_SOURCES += lib/scratch.c
libprefcore_la_SOURCES += lib/scratch.h
libprefcore_la_SOURCES += lib/store.c
libprefcore_la_SOURCES += lib/store.h
libprefcore_la_SOURCES += lib/slots.c
libprefcore_la_SOURCES += lib/slots.h
libprefcore_la_SOURCES += lib/spill.c
libprefcore_la_SOURCES += lib/spill.h
libprefcore_la_SOURCES += lib/answers.c
libprefcore_la_SOURCES += lib/answers.h
libprefcore_la_SOURCES += lib/answers_file.c
libprefcore_la_SOURCES += lib/answers_file.h
libprefcore_la_SOURCES += lib/budget.c
libprefcore_la_SOURCES += lib/budget.h
libprefcore_la_SOURCES += lib/oracle.c
libprefcore_la_SOURCES += lib/oracle_life.c
libprefcore_la_SOURCES += lib/oracle_question.c
libprefcore_la_SOURCES += lib/oracle_state.h
libprefcore_la_SOURCES += lib/oracle_talk.c
libprefcore_la_SOURCES += lib/fit_field.c
libprefcore_la_SOURCES += lib/fit_field.h
libprefcore_la_SOURCES += lib/fit_lines.c
libprefcore_la_SOURCES += lib/fit_lines.h
libprefcore_la_SOURCES += lib/fit_merge.c
libprefcore_la_SOURCES += lib/fit_read.c
libprefcore_la_SOURCES += lib/fit_text.h
libprefcore_la_SOURCES += lib/fit_write.c
libprefcore_la_SOURCES += lib/cold_json.c
libprefcore_la_SOURCES += lib/cold_json.h
libprefcore_la_SOURCES += lib/cpu.c
libprefcore_la_SOURCES += lib/cpu.h
libprefcore_la_SOURCES += lib/cursor.c
libprefcore_la_SOURCES += lib/escape.h
libprefcore_la_SOURCES += lib/scan.c
libprefcore_la_SOURCES += lib/scan_avx2.c
libprefcore_la_SOURCES += lib/scan_avx2.h
libprefcore_la_SOURCES += lib/scan_exact.c
libprefcore_la_SOURCES += lib/scan_fault.c
libprefcore_la_SOURCES += lib/scan_impl.h
libprefcore_la_SOURCES += lib/scan_match.c
libprefcore_la_SOURCES += lib/scan_plan.c
libprefcore_la_SOURCES += lib/scan_portable.c
libprefcore_la_SOURCES += lib/scan_tokens.inc
libprefcore_la_SOURCES += lib/scan_walk.inc
libprefcore_la_SOURCES += lib/shape.c
libprefcore_la_SOURCES += lib/string.c
libprefcore_la_SOURCES += lib/string_avx2.c
libprefcore_la_SOURCES += lib/string_run.h
libprefcore_la_SOURCES += lib/unicode.c
libprefcore_la_SOURCES += lib/unicode.h
libprefcore_la_SOURCES += lib/utf8.c
libprefcore_la_SOURCES += lib/utf8.h
libprefcore_la_SOURCES += lib/utf8_avx2.c
libprefcore_la_SOURCES += lib/words.c
libprefcore_la_SOURCES += lib/words_avx2.c
libprefcore_la_SOURCES += lib/words_map.c
libprefcore_la_SOURCES += lib/words_map.h
libprefcore_la_SOURCES += lib/words_own.h
libprefcore_la_SOURCES += lib/words_runs.inc
libprefcore_la_SOURCES += lib/words_split.c
libprefcore_la_SOURCES += lib/shingle.c
libprefcore_la_SOURCES += lib/shingle_set.c
libprefcore_la_SOURCES += lib/ngram.h
libprefcore_la_SOURCES += lib/ngram_index.c
libprefcore_la_SOURCES += lib/ngram_index.h
libprefcore_la_SOURCES += lib/ngram_parts.h
libprefcore_la_SOURCES += lib/ngram_read.c
libprefcore_la_SOURCES += lib/ngram_table.c
libprefcore_la_SOURCES += lib/ngram_table.h
libprefcore_la_SOURCES += lib/ngram_write.c
libprefcore_la_SOURCES += lib/option.c
libprefcore_la_SOURCES += lib/needles.c
libprefcore_la_SOURCES += lib/needles.h
libprefcore_la_SOURCES += lib/needles_pattern.c
libprefcore_la_SOURCES += lib/regex.c
libprefcore_la_SOURCES += lib/regex.h
libprefcore_la_SOURCES += lib/text.c
libprefcore_la_SOURCES += lib/text.h
libprefcore_la_SOURCES += lib/edit.c
libprefcore_la_SOURCES += lib/flip.c
libprefcore_la_SOURCES += lib/grade.c
libprefcore_la_SOURCES += lib/score.c
libprefcore_la_SOURCES += lib/record.c
libprefcore_la_SOURCES += lib/engine.c
libprefcore_la_SOURCES += lib/engine_ask.c
libprefcore_la_SOURCES += lib/engine_batch.c
libprefcore_la_SOURCES += lib/engine_commit.c
libprefcore_la_SOURCES += lib/engine_fill.c
libprefcore_la_SOURCES += lib/engine_finish.c
libprefcore_la_SOURCES += lib/engine_job.c
libprefcore_la_SOURCES += lib/engine_map.c
libprefcore_la_SOURCES += lib/engine_open.c
libprefcore_la_SOURCES += lib/engine_targets.c
libprefcore_la_SOURCES += lib/engine_side.c
libprefcore_la_SOURCES += lib/run.c
libprefcore_la_SOURCES += lib/threads.c
libprefcore_la_SOURCES += lib/engine.h
libprefcore_la_SOURCES += lib/accumulator.c
libprefcore_la_SOURCES += lib/accumulator_limbs.h
libprefcore_la_SOURCES += lib/accumulator_moment.c
libprefcore_la_SOURCES += lib/correlation.c
libprefcore_la_SOURCES += lib/narrow_sum.c
libprefcore_la_SOURCES += lib/narrow_sum.h
libprefcore_la_SOURCES += lib/name_table.c
libprefcore_la_SOURCES += lib/name_table.h
libprefcore_la_SOURCES += lib/buckets.c
libprefcore_la_SOURCES += lib/consensus.c
libprefcore_la_SOURCES += lib/dawid_skene.c
libprefcore_la_SOURCES += lib/panel.c
libprefcore_la_SOURCES += lib/panel.h
libprefcore_la_SOURCES += lib/logistic.c

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
	$(AM_V_GEN)$(MKDIR_P) lib && $(CC) -E -P $(srcdir)/lib/pref.h >$@.i
	$(AM_V_at)sed '/^typedef/d' $@.i | tr -cs 'a-z0-9_[(' '\n' | \
	  sed -n 's/^\(pref_[a-z0-9_]*\)[[(].*/\1/p' | LC_ALL=C sort -u >$@.new
	$(AM_V_at)test -s $@.new && rm -f $@.i && mv -f $@.new $@
CLEANFILES += lib/libpref.sym

pkgconfig_DATA = libpref.pc

# The public headers as they will be installed: pkg-config finds them through
# libpref-uninstalled.pc, so that programs can be built against a build.
all-local: include/pref/.stamp
include/pref/.stamp: $(prefinclude_HEADERS) lib/local.mk
	$(AM_V_GEN)$(MKDIR_P) include/pref && rm -f include/pref/*.h && \
	  for h in $(prefinclude_HEADERS); do \
	    $(LN_S) $(abs_srcdir)/$$h include/pref/ || exit 1; done && : >$@
CLEANFILES += include/pref/*.h include/pref/.stamp
