/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "panel.h"

#include "panel_queue.h"
#include "lib/base/fdio.h"

#include <stdlib.h>
#include <string.h>

#define STOP_EVERY 256 /* cases: each may be in 2^PREF_PANEL_EXHAUSTIVE panels */

enum { NO_LABEL = PREF_PANEL_SIDES };

/* Those that are heard in a case at the moment. */
struct heard {
    int64_t says[PREF_PANEL_SIDES];
    uint32_t votes;
    uint8_t label; /* of all judges, or NO_LABEL */
};

struct search {
    const struct pref_panel_data *data;
    struct pref_panel *panel;
    struct heard *heard; /* a case */
    uint8_t *gone;       /* a judge: what the search tries */
    uint64_t kept;
    int64_t *change;     /* by judge: what happens to `kept` if that one goes, too */
    struct pref_panel_queue queue;
    size_t *first, *in;  /* in[first[j]] to in[first[j + 1] - 1]: the cases of judge j */
    int stopped;
};

/* Whether the search must end, asked at the i-th case of a pass. */
static int is_stopped(struct search *search, size_t i)
{
    if (i % STOP_EVERY == 0 && pref_stop_asked(search->data->stop_fd))
        search->stopped = 1;
    return search->stopped;
}

/* ---- One case -------------------------------------------------------------------------------- */

/* The strict plurality; a tie is a side of its own, and where none leads, it is that. */
static uint8_t label_of(const struct heard *heard)
{
    const int64_t *says = heard->says;
    if (heard->votes == 0)
        return NO_LABEL;
    if (says[0] > says[1] && says[0] > says[2])
        return 0;
    return says[1] > says[0] && says[1] > says[2] ? 1 : 2;
}

static struct heard without(const struct heard *heard, const struct pref_panel_voice *voice)
{
    struct heard left = *heard;
    for (int side = 0; side < PREF_PANEL_SIDES; side++)
        left.says[side] -= voice->says[side];
    left.votes -= voice->votes;
    return left;
}

static int stays(const struct heard *heard)
{
    return label_of(heard) == heard->label;
}

static void hear_all(struct search *search)
{
    const struct pref_panel_data *data = search->data;
    for (size_t i = 0; i < data->count; i++) {
        const struct pref_panel_case *one = &data->cases[i];
        struct heard *heard = &search->heard[i];
        *heard = (struct heard){.says = {data->bias, -data->bias}};
        for (uint32_t v = 0; v < one->voices; v++) {
            const struct pref_panel_voice *voice = &data->voices[one->start + v];
            for (int side = 0; side < PREF_PANEL_SIDES; side++)
                heard->says[side] += voice->says[side];
            heard->votes += voice->votes;
        }
        heard->label = label_of(heard);
        if (heard->label != NO_LABEL)
            search->panel->labels += one->times;
    }
}

/* ---- Leaving out ----------------------------------------------------------------------------- */

/* Add what leaving out each further judge would do in a case, or with `sign` -1, take it back. */
static void add_changes(struct search *search, size_t i, int64_t sign)
{
    const struct pref_panel_case *one = &search->data->cases[i];
    const struct heard *heard = &search->heard[i];
    int now = stays(heard);
    for (uint32_t v = 0; v < one->voices; v++) {
        const struct pref_panel_voice *voice = &search->data->voices[one->start + v];
        if (search->gone[voice->judge])
            continue;
        struct heard left = without(heard, voice);
        int then = stays(&left);
        if (then != now) {
            search->change[voice->judge] += sign * (then - now) * (int64_t)one->times;
            pref_panel_queue_move(&search->queue, voice->judge);
        }
    }
}

static const struct pref_panel_voice *voice_of(const struct search *search, size_t i,
                                               uint32_t judge)
{
    const struct pref_panel_voice *voice = &search->data->voices[search->data->cases[i].start];
    while (voice->judge != judge)
        voice++;
    return voice;
}

static void leave_out(struct search *search, uint32_t judge)
{
    search->gone[judge] = 1;
    for (size_t at = search->first[judge]; at < search->first[judge + 1] && !is_stopped(search, at);
         at++) {
        size_t i = search->in[at];
        struct heard *heard = &search->heard[i];
        int64_t times = (int64_t)search->data->cases[i].times;
        int before = stays(heard);
        add_changes(search, i, -1);
        *heard = without(heard, voice_of(search, i, judge));
        add_changes(search, i, 1);
        search->kept = (uint64_t)((int64_t)search->kept + times * (stays(heard) - before));
    }
}

/* Leave out judge after judge, of those that may go, and write down the steps. */
static void take_steps(struct search *search, const uint8_t *may, uint32_t most)
{
    struct pref_panel *panel = search->panel;
    pref_panel_queue_fill(&search->queue, search->data->judges, may);
    for (panel->removed = 0; panel->removed < most && !search->stopped; panel->removed++) {
        uint32_t judge = pref_panel_queue_take(&search->queue);
        leave_out(search, judge);
        panel->steps[panel->removed] = (struct pref_panel_step){judge, search->kept};
    }
}

/* ---- By elimination -------------------------------------------------------------------------- */

static void eliminate(struct search *search, struct pref_share keep)
{
    struct pref_panel *panel = search->panel;
    uint64_t cost = panel->whole_cost, kept = panel->labels;
    uint32_t taken = 0;
    take_steps(search, NULL, search->data->judges);
    panel->cost = cost;
    for (uint32_t i = 0; i < panel->removed; i++) {
        cost -= search->data->cost[panel->steps[i].judge];
        if (pref_share_at_least(keep, panel->steps[i].kept, panel->labels) &&
            (cost < panel->cost || panel->steps[i].kept >= kept)) {
            panel->cost = cost;
            kept = panel->steps[i].kept;
            taken = i + 1;
        }
    }
    panel->removed = taken;
}

/* ---- All there are --------------------------------------------------------------------------- */

/* Add the times of a case to the count of each panel in which its label stays. The panels, masks of
 * judges, are gone through in Gray's order, in which one judge comes or goes at a time. */
static void count_panels(const struct search *search, size_t i, uint64_t *kept)
{
    const struct pref_panel_data *data = search->data;
    const struct pref_panel_case *one = &data->cases[i];
    const struct pref_panel_voice *of[PREF_PANEL_EXHAUSTIVE] = {NULL};
    struct heard heard = {.says = {data->bias, -data->bias}, .label = search->heard[i].label};
    uint32_t panels = UINT32_C(1) << data->judges, mask = 0;
    int stay = 0; /* in the empty panel nobody is heard */
    for (uint32_t v = 0; v < one->voices; v++)
        of[data->voices[one->start + v].judge] = &data->voices[one->start + v];
    for (uint32_t g = 1; g < panels; g++) {
        uint32_t judge = 0;
        while (!(g >> judge & 1))
            judge++;
        const struct pref_panel_voice *voice = of[judge];
        mask ^= UINT32_C(1) << judge;
        if (voice != NULL) {
            int comes = mask >> judge & 1;
            for (int side = 0; side < PREF_PANEL_SIDES; side++)
                heard.says[side] += comes ? voice->says[side] : -voice->says[side];
            heard.votes = comes ? heard.votes + voice->votes : heard.votes - voice->votes;
            stay = stays(&heard);
        }
        if (stay)
            kept[mask] += one->times;
    }
}

static uint64_t cost_of(const struct pref_panel_data *data, uint32_t mask)
{
    uint64_t cost = 0;
    for (uint32_t j = 0; j < data->judges; j++)
        cost += mask >> j & 1 ? data->cost[j] : 0;
    return cost;
}

static uint32_t size_of(uint32_t mask)
{
    uint32_t size = 0;
    for (; mask != 0; mask &= mask - 1)
        size++;
    return size;
}

/* Of two panels of equal cost, whether `a` is the better one. */
static int is_better(const uint64_t *kept, uint32_t a, uint32_t b)
{
    if (kept[a] != kept[b])
        return kept[a] > kept[b];
    if (size_of(a) != size_of(b))
        return size_of(a) < size_of(b);
    uint32_t differ = a ^ b;
    return (a & differ & -differ) != 0;
}

static int look_at_all(struct search *search, struct pref_share keep, struct pref_err *err)
{
    const struct pref_panel_data *data = search->data;
    struct pref_panel *panel = search->panel;
    uint32_t all = (UINT32_C(1) << data->judges) - 1, best = all;
    uint64_t *kept = calloc((size_t)all + 1, sizeof *kept);
    uint8_t may[PREF_PANEL_EXHAUSTIVE];
    if (kept == NULL)
        return pref_fail_memory(err, "the panels");
    for (size_t i = 0; i < data->count && !is_stopped(search, i); i++)
        if (search->heard[i].label != NO_LABEL)
            count_panels(search, i, kept);
    panel->cost = panel->whole_cost;
    for (uint32_t mask = 0; mask < all; mask++) {
        uint64_t cost = cost_of(data, mask);
        if (pref_share_at_least(keep, kept[mask], panel->labels) &&
            (cost < panel->cost || (cost == panel->cost && is_better(kept, mask, best)))) {
            best = mask;
            panel->cost = cost;
        }
    }
    for (uint32_t j = 0; j < data->judges; j++)
        may[j] = !(best >> j & 1);
    take_steps(search, may, data->judges - size_of(best));
    free(kept);
    return PREF_OK;
}

/* ---- The search ------------------------------------------------------------------------------ */

static int prepare(struct search *search, struct pref_err *err)
{
    const struct pref_panel_data *data = search->data;
    struct pref_panel *panel = search->panel;
    size_t judges = data->judges, voices = 0;
    for (size_t i = 0; i < data->count; i++)
        voices += data->cases[i].voices;
    search->heard = malloc((data->count + 1) * sizeof *search->heard);
    search->gone = calloc(judges + 1, sizeof *search->gone);
    search->change = calloc(judges + 1, sizeof *search->change);
    search->first = calloc(judges + 2, sizeof *search->first);
    search->in = malloc((voices + 1) * sizeof *search->in);
    panel->steps = malloc((judges + 1) * sizeof *panel->steps);
    panel->gone = calloc(judges + 1, sizeof *panel->gone);
    int status = pref_panel_queue_init(&search->queue, data->judges, search->change, data->cost,
                                       err);
    return search->heard == NULL || search->gone == NULL || search->change == NULL ||
                   search->first == NULL || search->in == NULL || panel->steps == NULL ||
                   panel->gone == NULL
               ? pref_fail_memory(err, "the panel")
               : status;
}

/* List the cases of each judge: first[j + 2] counts them, then first[j + 1] is where the next one
 * goes, and in the end where they end. */
static void list_cases(struct search *search)
{
    const struct pref_panel_data *data = search->data;
    for (size_t i = 0; i < data->count; i++)
        for (uint32_t v = 0; v < data->cases[i].voices; v++) {
            uint32_t judge = data->voices[data->cases[i].start + v].judge;
            if (judge + 1 < data->judges)
                search->first[judge + 2]++;
        }
    for (uint32_t j = 2; j <= data->judges; j++)
        search->first[j] += search->first[j - 1];
    for (size_t i = 0; i < data->count; i++)
        for (uint32_t v = 0; v < data->cases[i].voices; v++)
            search->in[search->first[data->voices[data->cases[i].start + v].judge + 1]++] = i;
}

int pref_panel_search(struct pref_panel *panel, const struct pref_panel_data *data,
                      struct pref_share keep, struct pref_err *err)
{
    struct search search = {.data = data, .panel = panel};
    *panel = (struct pref_panel){0};
    int status = prepare(&search, err);
    if (status == PREF_OK) {
        list_cases(&search);
        hear_all(&search);
        for (uint32_t j = 0; j < data->judges; j++)
            panel->whole_cost += data->cost[j];
        for (size_t i = 0; i < data->count && !is_stopped(&search, i); i++)
            if (search.heard[i].label != NO_LABEL)
                add_changes(&search, i, 1);
        search.kept = panel->kept = panel->labels;
        panel->cost = panel->whole_cost;
        if (panel->labels > 0 && data->judges <= PREF_PANEL_EXHAUSTIVE)
            status = look_at_all(&search, keep, err);
        else if (panel->labels > 0)
            eliminate(&search, keep);
        if (panel->removed > 0)
            panel->kept = panel->steps[panel->removed - 1].kept;
        for (uint32_t i = 0; i < panel->removed; i++)
            panel->gone[panel->steps[i].judge] = 1;
    }
    free(search.heard);
    free(search.gone);
    free(search.change);
    free(search.first);
    free(search.in);
    pref_panel_queue_release(&search.queue);
    return status == PREF_OK && search.stopped ? PREF_LATER : status;
}

void pref_panel_release(struct pref_panel *panel)
{
    free(panel->steps);
    free(panel->gone);
    *panel = (struct pref_panel){0};
}
