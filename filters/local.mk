# SPDX-License-Identifier: Apache-2.0
# The filters. One line a file.

libpreffilters_la_SOURCES =

# Rule packs: JSON data that is installed.
rulesdir = $(pkgdatadir)/rules
dist_rules_DATA =

noinst_LTLIBRARIES += libpreffilters.la
libpreffilters_la_LDFLAGS =
