# SPDX-License-Identifier: Apache-2.0
# The program. One line a file.

pref_SOURCES =

pref_LDADD = libpreffilters.la libprefcore.la
