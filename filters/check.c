/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check - every field of the pair record, read strictly. The shape says all there is to say: what
 * breaks it is refused by the scanner with its reason, and what is left passes untouched. With
 * --explain, what is odd is counted; with --strip, keys are taken away.
 */
#include "config.h"

#include "filters.h"
#include "filters/common/sides.h"

#include <stddef.h>
#include <string.h>

#define STRIP_MAX 32

struct check {
    int explain;
    const char *strip;
    pref_place stripped[STRIP_MAX];
    unsigned strips;
    pref_place prompt, chosen, rejected;
    struct pref_votes votes;
    uint64_t equal, empty, histories, ties, keys;
};

/* What is odd about one record, and the keys taken away from it. */
struct odd {
    uint8_t equal, empty, histories, ties, keys;
};

static const struct pref_option options[] = {
    {"explain", 0, PREF_OPTION_FLAG, offsetof(struct check, explain), NULL,
     "count equal responses, empty sides, differing histories and ties"},
    {"strip", 0, PREF_OPTION_TEXT, offsetof(struct check, strip), "KEYS",
     "take these top-level keys away, with commas, such as reject,vote"},
    PREF_OPTIONS_END};

static int is_stripped(const struct check *check, pref_place place)
{
    unsigned i = 0;
    while (i < check->strips && check->stripped[i] != place)
        i++;
    return i < check->strips;
}

/* --strip: the places of its keys. A key counts once. What makes a pair stays. */
static int read_strip(struct check *check, struct pref_shape *shape, struct pref_err *err)
{
    const char *word = check->strip;
    for (const char *comma = word; word != NULL; word = comma == NULL ? NULL : comma + 1) {
        comma = strchr(word, ',');
        struct pref_span key = {word, comma == NULL ? strlen(word) : (size_t)(comma - word)};
        if (key.len == 0)
            return pref_usage(err, "--strip: '%s' has an empty key", check->strip);
        pref_place place = pref_shape_key(shape, PREF_ROOT, key);
        if (place == check->prompt || place == check->chosen || place == check->rejected)
            return pref_usage(err, "--strip: a record without '%.*s' is no pair", (int)key.len,
                              key.ptr);
        if (is_stripped(check, place))
            continue;
        if (check->strips == STRIP_MAX)
            return pref_usage(err, "--strip: at most %d keys", STRIP_MAX);
        check->stripped[check->strips++] = place;
    }
    return PREF_OK;
}

static int check_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct check *check = state;
    const struct pref_names *names = &opening->common->names;
    check->prompt = pref_want_text(opening->shape, names->prompt, PREF_INSIDE);
    check->chosen = pref_want_text(opening->shape, names->chosen, PREF_INSIDE);
    check->rejected = pref_want_text(opening->shape, names->rejected, PREF_INSIDE);
    check->votes = pref_want_votes(opening->shape, names->votes, names->scale);
    pref_want_scores(opening->shape, names->scores);
    return read_strip(check, opening->shape, err);
}

/* "" and [] say nothing. */
static int is_empty(const struct pref_doc *doc, const struct pref_hit *side)
{
    struct pref_cursor cursor = pref_cursor_in(pref_hit_span(doc, side));
    struct pref_span element;
    if (side->type == PREF_STRING)
        return side->end - side->start == 2;
    return !pref_cursor_next(&cursor, NULL, &element);
}

static void explain(const struct check *check, struct pref_job *job, struct odd *odd)
{
    const struct pref_hit *chosen = pref_doc_at(job->doc, check->chosen);
    const struct pref_hit *rejected = pref_doc_at(job->doc, check->rejected);
    struct pref_span a = pref_hit_span(job->doc, chosen), b = pref_hit_span(job->doc, rejected);
    struct pref_vote vote;
    odd->equal = sides_equal(job, a, b) == 1;
    odd->empty = is_empty(job->doc, chosen) || is_empty(job->doc, rejected);
    odd->histories = sides_part_early(job, a, b) != 0;
    for (size_t at = pref_votes_begin(&check->votes, job->doc);
         pref_vote_next(&check->votes, job->doc, &at, &vote);)
        odd->ties |= vote.word == PREF_TIE;
}

static enum pref_verdict check_map(const void *state, struct pref_job *job, void *note)
{
    const struct check *check = state;
    struct odd *odd = note;
    if (check->explain)
        explain(check, job, odd);
    for (unsigned i = 0; i < check->strips; i++) {
        const struct pref_hit *hit = pref_doc_at(job->doc, check->stripped[i]);
        /* The engine asks for the null of a reject, to replace it. */
        if (hit != NULL && hit->type != PREF_NULL) {
            pref_edit_drop(&job->edits, hit);
            odd->keys++;
        }
    }
    return PREF_PASS;
}

static enum pref_verdict check_commit(void *state, struct pref_row *row, void *note)
{
    struct check *check = state;
    const struct odd *odd = note;
    check->equal += odd->equal;
    check->empty += odd->empty;
    check->histories += odd->histories;
    check->ties += odd->ties;
    check->keys += odd->keys;
    return row->verdict;
}

static void check_report(const void *state, struct pref_report *report)
{
    const struct check *check = state;
    if (check->strip != NULL)
        pref_report_count(report, "stripped", check->keys);
    if (!check->explain)
        return;
    pref_report_count(report, "equal_responses", check->equal);
    pref_report_count(report, "empty_sides", check->empty);
    pref_report_count(report, "differing_histories", check->histories);
    pref_report_count(report, "with_ties", check->ties);
}

const struct pref_filter filter_check = {
    .name = "check",
    .brief = "read every field of the pair record strictly",
    .options = options,
    .self_size = sizeof(struct check),
    .note_size = sizeof(struct odd),
    .open = check_open,
    .map = check_map,
    .commit = check_commit,
    .report = check_report,
};
