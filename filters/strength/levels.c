/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "levels.h"

#include "lib/number/put.h"

/* Which of `parts` equal parts of a scale a mean level is in, from 1: of the levels 1 to 9 in three
 * parts, what would be rounded to 1, 2 or 3 is in the first. */
static uint32_t part_of(double mean, size_t levels, uint32_t parts)
{
    double part = (mean - 0.5) * (double)parts / (double)levels;
    if (!(part > 0))
        return 1;
    return part < (double)parts ? (uint32_t)part + 1 : parts;
}

void strength_levels_add(struct strength_levels *of, const struct pref_levels *row, uint32_t parts)
{
    of->n++;
    of->sum.above += row->above;
    of->sum.below += row->below;
    of->sum.equal += row->equal;
    for (int side = 0; side < 2; side++) {
        of->sum.mean[side] += row->mean[side];
        of->sum.variance[side] += row->variance[side];
    }
    if (parts == 0 || of->part[0] != 0)
        return;
    uint32_t chosen = part_of(row->mean[0], row->count, parts);
    uint32_t rejected = part_of(row->mean[1], row->count, parts);
    if (chosen <= rejected) {
        of->part[0] = chosen;
        of->part[1] = rejected;
    }
}

double strength_levels_win(const struct pref_levels *row)
{
    return (row->above + row->equal / 2) / (row->above + row->equal + row->below);
}

static void exchange(double *a, double *b)
{
    double was = *a;
    *a = *b;
    *b = was;
}

void strength_levels_turn(struct strength_levels *of)
{
    exchange(&of->sum.above, &of->sum.below);
    exchange(&of->sum.mean[0], &of->sum.mean[1]);
    exchange(&of->sum.variance[0], &of->sum.variance[1]);
}

char *strength_levels_put(char *at, const struct strength_levels *of)
{
    const struct {
        const char *key;
        double sum;
    } all[] = {{",\"p\":", of->sum.above},
               {",\"equal\":", of->sum.equal},
               {",\"chosen\":", of->sum.mean[0]},
               {",\"rejected\":", of->sum.mean[1]},
               {",\"chosen_variance\":", of->sum.variance[0]},
               {",\"rejected_variance\":", of->sum.variance[1]}};
    if (of->n == 0)
        return at;
    at = pref_put_u64(pref_put_text(at, ",\"levels\":{\"n\":"), of->n);
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        at = pref_put_double(pref_put_text(at, all[i].key), all[i].sum / (double)of->n);
    return pref_put_text(at, "}");
}
