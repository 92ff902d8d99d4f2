# SPDX-License-Identifier: Apache-2.0
# The manual pages. One line a page.
dist_man_MANS += man/pref.1
dist_man_MANS += man/pref-check.1
dist_man_MANS += man/pref-dedup.1
dist_man_MANS += man/pref-flip.1
dist_man_MANS += man/pref-help.1
dist_man_MANS += man/pref-record.5
dist_man_MANS += man/pref-fit.5
dist_man_MANS += man/pref-import.1
dist_man_MANS += man/pref-loo.1
dist_man_MANS += man/pref-vote.1
dist_man_MANS += man/pref-oracle.7
dist_man_MANS += man/pref-recipes.7
dist_man_MANS += man/pref-shard.1
dist_man_MANS += man/pref-merge.1
dist_man_MANS += man/pref-strength.1
dist_man_MANS += man/libpref.3
