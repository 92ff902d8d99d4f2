/* SPDX-License-Identifier: Apache-2.0 */
/*
 * panel.h - loo's --panel: which judges can be left out of a whole corpus. A filter of its own
 * beside loo's, which the program runs in its place; it counts the patterns of votes, or reads them
 * from a fit of vote, searches (lib/judge/panel.h), and leaves a report instead of records.
 *
 * panel.c has the options and the run, panel_cases.c makes of patterns what is searched,
 * panel_print.c the report.
 */
#ifndef FILTERS_LOO_PANEL_H
#define FILTERS_LOO_PANEL_H

#include "filters/vote/model.h"
#include "lib/judge/panel.h"
#include "pref/consensus.h"

enum loo_panel_method { LOO_PANEL_MAJORITY, LOO_PANEL_DAWID_SKENE };
enum loo_panel_format { LOO_PANEL_TEXT, LOO_PANEL_JSON };

struct loo_panel {
    int on;                 /* --panel */
    struct pref_share keep; /* its den is 0 where it was not given */
    const char *cost_text, *use;
    int method, ties, both_bad, format; /* enum loo_panel_method, pref_ties, ... */
    struct ballot_plan plan;
    struct vote_model model; /* for its patterns */
    struct vote_weights costs;
    const char *field; /* that the votes come from */
    uint64_t seed;
    struct pref_panel found;
};

/* What is searched; the owner of its lists. */
struct loo_panel_cases {
    struct pref_panel_data data;
    struct pref_panel_voice *voices;
    struct pref_panel_case *cases;
    uint64_t *cost;
};

extern const struct pref_filter filter_loo_panel;

/* Its options, and those of them that loo's own do not have, which loo's --help lists, too: the
 * others stand first. */
extern const struct pref_option loo_panel_options[];
#define LOO_PANEL_OWN_OPTIONS (loo_panel_options + 2)

/* The name of an option that was given though --panel was not, or NULL. */
const char *loo_panel_stray(const struct loo_panel *panel);

/* Make cases of the settled patterns: what each judge says in each, as the options count votes. For
 * dawid-skene the model is fitted first. PREF_FAIL when memory ran out, PREF_LATER where the
 * run must end; release them in any case. */
int loo_panel_cases_make(struct loo_panel_cases *cases, const struct loo_panel *panel,
                         struct pref_err *err);
void loo_panel_cases_release(struct loo_panel_cases *cases);

/* Append the report on what was found. Out of memory shows in out->failed. */
void loo_panel_print(const struct loo_panel *panel, const uint64_t *cost, struct pref_buf *out);

#endif
