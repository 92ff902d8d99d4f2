# SPDX-License-Identifier: Apache-2.0
# The filters. One line a file.

libpreffilters_la_SOURCES =
libpreffilters_la_SOURCES += filters/filters.h
libpreffilters_la_SOURCES += filters/check.c
libpreffilters_la_SOURCES += filters/dedup.c
libpreffilters_la_SOURCES += filters/dedup_against.c
libpreffilters_la_SOURCES += filters/dedup_against.h
libpreffilters_la_SOURCES += filters/dedup_audit.c
libpreffilters_la_SOURCES += filters/dedup_audit.h
libpreffilters_la_SOURCES += filters/dedup_fields.c
libpreffilters_la_SOURCES += filters/dedup_fields.h
libpreffilters_la_SOURCES += filters/dedup_groups.c
libpreffilters_la_SOURCES += filters/dedup_groups.h
libpreffilters_la_SOURCES += filters/dedup_rows.c
libpreffilters_la_SOURCES += filters/dedup_state.h
libpreffilters_la_SOURCES += filters/dedup_votes.c
libpreffilters_la_SOURCES += filters/dedup_votes.h
libpreffilters_la_SOURCES += filters/flip.c
libpreffilters_la_SOURCES += filters/flipping.c
libpreffilters_la_SOURCES += filters/flipping.h
libpreffilters_la_SOURCES += filters/import.c
libpreffilters_la_SOURCES += filters/judges_expr.c
libpreffilters_la_SOURCES += filters/judges_expr.h
libpreffilters_la_SOURCES += filters/judges_fault.c
libpreffilters_la_SOURCES += filters/judges_fault.h
libpreffilters_la_SOURCES += filters/loo.c
libpreffilters_la_SOURCES += filters/loo_items.c
libpreffilters_la_SOURCES += filters/loo_items.h
libpreffilters_la_SOURCES += filters/loo_oracle.c
libpreffilters_la_SOURCES += filters/loo_oracle.h
libpreffilters_la_SOURCES += filters/loo_order.c
libpreffilters_la_SOURCES += filters/loo_order.h
libpreffilters_la_SOURCES += filters/loo_removed.c
libpreffilters_la_SOURCES += filters/loo_removed.h
libpreffilters_la_SOURCES += filters/loo_rules.c
libpreffilters_la_SOURCES += filters/loo_rules.h
libpreffilters_la_SOURCES += filters/loo_search.c
libpreffilters_la_SOURCES += filters/loo_search.h
libpreffilters_la_SOURCES += filters/strength.c
libpreffilters_la_SOURCES += filters/strength_annotation.c
libpreffilters_la_SOURCES += filters/strength_annotation.h
libpreffilters_la_SOURCES += filters/strength_bands.c
libpreffilters_la_SOURCES += filters/strength_bands.h
libpreffilters_la_SOURCES += filters/strength_measure.c
libpreffilters_la_SOURCES += filters/strength_measure.h
libpreffilters_la_SOURCES += filters/strength_models.c
libpreffilters_la_SOURCES += filters/strength_models.h
libpreffilters_la_SOURCES += filters/strength_rows.c
libpreffilters_la_SOURCES += filters/strength_rows.h
libpreffilters_la_SOURCES += filters/strength_scales.c
libpreffilters_la_SOURCES += filters/strength_scales.h
libpreffilters_la_SOURCES += filters/strength_tally.c
libpreffilters_la_SOURCES += filters/strength_tally.h
libpreffilters_la_SOURCES += filters/vote.c
libpreffilters_la_SOURCES += filters/vote_ballot.c
libpreffilters_la_SOURCES += filters/vote_ballot.h
libpreffilters_la_SOURCES += filters/vote_weights.c
libpreffilters_la_SOURCES += filters/vote_weights.h

# Rule packs: JSON data that is installed.
rulesdir = $(pkgdatadir)/rules
dist_rules_DATA =

noinst_LTLIBRARIES += libpreffilters.la
libpreffilters_la_LDFLAGS =
