/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "panel.h"

#include "lib/fit/field.h"

enum { NAME_LEAST = 8, NAME_MOST = 40 };

static double share(uint64_t part, uint64_t whole)
{
    return (double)part / (double)whole;
}

/* The name of a judge, escaped as in fits: no line and no column breaks in it. */
static struct pref_span name_of(const struct loo_panel *panel, uint32_t judge)
{
    return vote_patterns_name(&panel->model.patterns, judge);
}

/* ---- To read --------------------------------------------------------------------------------- */

/* The characters of a name, which in most scripts are its columns. */
static size_t width_of(struct pref_span name)
{
    size_t width = 0;
    for (size_t i = 0; i < name.len; i++)
        width += ((unsigned char)name.ptr[i] & 0xc0) != 0x80;
    return width;
}

static void add_name(struct pref_buf *out, struct pref_span name, size_t to)
{
    pref_buf_add_span(out, name);
    for (size_t width = width_of(name); width < to; width++)
        pref_buf_add_byte(out, ' ');
}

static void add_cost(struct pref_buf *out, uint64_t cost)
{
    pref_buf_add_double(out, share(cost, VOTE_WEIGHT_ONE));
}

/* A line a judge that goes: labels lost by that step, and the share of those that are left. */
static void add_steps(const struct loo_panel *panel, const uint64_t *cost, struct pref_buf *out)
{
    const struct pref_panel *found = &panel->found;
    size_t names = NAME_LEAST;
    uint64_t before = found->labels;
    for (uint32_t i = 0; i < found->removed; i++) {
        size_t width = width_of(name_of(panel, found->steps[i].judge));
        if (width > names)
            names = width < NAME_MOST ? width : NAME_MOST;
    }
    add_name(out, pref_span_of("left out"), names);
    pref_buf_add_text(out, "      lost    kept");
    pref_buf_add_text(out, panel->cost_text == NULL ? "\n" : "  cost\n");
    for (uint32_t i = 0; i < found->removed; i++) {
        const struct pref_panel_step *step = &found->steps[i];
        add_name(out, name_of(panel, step->judge), names);
        pref_buf_addf(out, "%10lld  %.4f", (long long)before - (long long)step->kept,
                      share(step->kept, found->labels));
        if (panel->cost_text != NULL) {
            pref_buf_add_text(out, "  ");
            add_cost(out, cost[step->judge]);
        }
        pref_buf_add_byte(out, '\n');
        before = step->kept;
    }
    pref_buf_add_byte(out, '\n');
}

static void print_text(const struct loo_panel *panel, const uint64_t *cost, struct pref_buf *out)
{
    const struct pref_panel *found = &panel->found;
    uint32_t judges = (uint32_t)panel->model.patterns.judge_count;
    if (found->removed > 0)
        add_steps(panel, cost, out);
    pref_buf_addf(out, "a panel of %u of %u judges keeps %llu of %llu labels",
                  judges - found->removed, judges, (unsigned long long)found->kept,
                  (unsigned long long)found->labels);
    if (panel->cost_text != NULL) {
        pref_buf_add_text(out, " and costs ");
        add_cost(out, found->cost);
        pref_buf_add_text(out, " of ");
        add_cost(out, found->whole_cost);
    }
    pref_buf_add_text(out, ":\n");
    for (uint32_t j = 0; j < judges; j++)
        if (!found->gone[j]) {
            pref_buf_add_text(out, "  ");
            pref_buf_add_span(out, name_of(panel, j));
            pref_buf_add_byte(out, '\n');
        }
}

/* ---- For programs ---------------------------------------------------------------------------- */

static void add_json_name(const struct loo_panel *panel, uint32_t judge, struct pref_buf *out)
{
    struct pref_buf name = {0};
    (void)pref_fit_field_unescape(name_of(panel, judge), &name); /* what was escaped can be */
    pref_buf_add_json(out, pref_buf_span(&name));
    out->failed |= name.failed;
    pref_buf_release(&name);
}

static void add_kept(const struct loo_panel *panel, uint64_t kept, struct pref_buf *out)
{
    pref_buf_add_text(out, ",\"kept\":");
    if (panel->found.labels == 0)
        pref_buf_add_text(out, "null");
    else
        pref_buf_add_double(out, share(kept, panel->found.labels));
    pref_buf_add_text(out, "}\n");
}

static void print_json(const struct loo_panel *panel, struct pref_buf *out)
{
    const struct pref_panel *found = &panel->found;
    int any = 0;
    for (uint32_t i = 0; i < found->removed; i++) {
        pref_buf_add_text(out, "{\"judge\":");
        add_json_name(panel, found->steps[i].judge, out);
        add_kept(panel, found->steps[i].kept, out);
    }
    pref_buf_add_text(out, "{\"panel\":[");
    for (uint32_t j = 0; j < panel->model.patterns.judge_count; j++)
        if (!found->gone[j]) {
            pref_buf_add_text(out, any ? "," : "");
            add_json_name(panel, j, out);
            any = 1;
        }
    pref_buf_add_byte(out, ']');
    add_kept(panel, found->kept, out);
}

void loo_panel_print(const struct loo_panel *panel, const uint64_t *cost, struct pref_buf *out)
{
    if (panel->format == LOO_PANEL_JSON)
        print_json(panel, out);
    else
        print_text(panel, cost, out);
}
