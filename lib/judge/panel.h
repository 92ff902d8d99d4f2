/* SPDX-License-Identifier: Apache-2.0 */
/*
 * panel.h - which judges can be left out of a panel while most labels stay. A label is the strict
 * plurality of what the judges say; records in which all say the same are one *case* with a number
 * of times, so that the work follows the distinct cases and not the corpus.
 *
 * Called by loo's --panel. The caller owns the data; a panel that was found owns its steps.
 */
#ifndef PREF_PANEL_H
#define PREF_PANEL_H

#include "pref/share.h"

/* Up to so many judges every panel there is is looked at. */
#define PREF_PANEL_EXHAUSTIVE 12

/* Between what is the plurality: chosen, rejected, tie. */
enum { PREF_PANEL_SIDES = 3 };

/* What one judge says in one case: what its votes weigh for each side, in any unit, also below 0.
 * All sums of one case stay below 2^62. */
struct pref_panel_voice {
    uint32_t judge, votes; /* votes: not 0 */
    int64_t says[PREF_PANEL_SIDES];
};

/* The voices of a case are of different judges. */
struct pref_panel_case {
    uint64_t times; /* their sum is below 2^53 */
    size_t start;   /* of its voices */
    uint32_t voices;
};

struct pref_panel_data {
    const struct pref_panel_voice *voices;
    const struct pref_panel_case *cases;
    size_t count;
    uint32_t judges;
    int64_t bias;         /* for chosen and against rejected, before anybody is heard */
    const uint64_t *cost; /* of each judge, in any unit; their sum is below 2^63 */
    const int *stop_fd;   /* readable once the search must end; NULL: none */
};

struct pref_panel_step {
    uint32_t judge; /* who is left out */
    uint64_t kept;  /* labels that stay then */
};

struct pref_panel {
    uint64_t labels; /* records in which somebody was heard: each has a label, tie being one */
    uint64_t kept;   /* of them, those that stay */
    uint64_t whole_cost, cost; /* of all judges, and of those that stay */
    struct pref_panel_step *steps; /* in the order in which judges go */
    uint32_t removed;
    uint8_t *gone; /* by judge */
};

/*
 * Find the panel of least cost of those in which at least the share `keep` of the labels stays. The
 * label of a record in which none of the panel is heard does not stay. Where there is no label at
 * all, all judges stay.
 *
 * Up to PREF_PANEL_EXHAUSTIVE judges, all 2^n panels are counted: time in proportion to 2^n times
 * the cases. Of equal cost, the panel wins that keeps more labels, then the smaller one, then the
 * one that has the first judge (by number) in which they differ.
 *
 * Else by backward elimination: of all judges, the one goes whose loss costs the fewest labels for
 * what it saves, and so on to the last; of the panels on that way, all of which were counted, the
 * cheapest that suffices is taken, of equal cost the one that keeps most. Who goes: before all
 * others those without whom no label is lost, of these the most costly; then by labels lost for the
 * cost; of equals the one without whom most labels stay, then the last by number. Counts are kept
 * from step to step, and a step touches only the cases in which its judge is heard: time in
 * proportion to the sum over the cases of the square of their voices, at most times the logarithm
 * of the judges. Memory: 8 bytes a voice and 32 a case, beside the data.
 *
 * The steps are in the order of that rule, also where all panels were counted. PREF_FAIL when
 * memory ran out, PREF_LATER when stop_fd became readable; release the panel in any case.
 */
int pref_panel_search(struct pref_panel *panel, const struct pref_panel_data *data,
                      struct pref_share keep, struct pref_err *err);
void pref_panel_release(struct pref_panel *panel);

#endif
