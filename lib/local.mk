# SPDX-License-Identifier: Apache-2.0
# libpref. One line a file: public headers in the first list, all else in the second.

prefincludedir = $(includedir)/pref
prefinclude_HEADERS =
prefinclude_HEADERS += lib/base.h
prefinclude_HEADERS += lib/number.h
prefinclude_HEADERS += lib/mathfn.h

libprefcore_la_SOURCES =
libprefcore_la_SOURCES += lib/base.c
libprefcore_la_SOURCES += lib/wide.h
libprefcore_la_SOURCES += lib/number.c
libprefcore_la_SOURCES += lib/number_exact.c
libprefcore_la_SOURCES += lib/number_exact.h
libprefcore_la_SOURCES += lib/number_pow10.h
libprefcore_la_SOURCES += lib/number_print.c
libprefcore_la_SOURCES += lib/mathfn.c

# The program and the unit tests link the objects of libprefcore directly, so that they run
# from the build folder without libtool's wrapper scripts. libpref is the same, for others.
noinst_LTLIBRARIES += libprefcore.la
libprefcore_la_LDFLAGS =
libprefcore_la_LIBADD = \
	$(ZSTD_LIBS) $(CJSON_LIBS) $(PCRE2_LIBS) $(XXHASH_LIBS) $(UTF8PROC_LIBS) -lm -lpthread

lib_LTLIBRARIES += libpref.la
libpref_la_SOURCES =
libpref_la_LDFLAGS = $(HARDEN_LDFLAGS) $(SAN_CFLAGS) \
	-export-symbols-regex '^pref_' -version-info 0:0:0
libpref_la_LIBADD = libprefcore.la

pkgconfig_DATA = libpref.pc
