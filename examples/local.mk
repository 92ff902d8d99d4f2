# SPDX-License-Identifier: Apache-2.0
# What `./bootstrap demo` runs, and programs that show the library.

noinst_PROGRAMS = examples/make-corpus
examples_make_corpus_SOURCES = examples/make-corpus.c examples/corpus.h examples/corpus-json.c \
	examples/corpus-judges.c examples/corpus-record.c examples/corpus-text.c
examples_make_corpus_LDADD =
