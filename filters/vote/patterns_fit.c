/* SPDX-License-Identifier: Apache-2.0 */
/* patterns_fit.c - patterns of votes as rows of a fit, and back. */
#include "config.h"

#include "patterns.h"
#include "lib/fit/field.h"

/* A vote is its order, then its word; both ascend as enum vote_order and enum pref_word do. */
static const char order_signs[] = "<>";
static const char word_letters[] = "crtx";
static const char label_letters[] = "cru";

/* ---- Saving ---------------------------------------------------------------------------------- */

static void print_key(const struct vote_patterns *patterns, const struct pref_ds_pattern *pattern,
                      const uint32_t *cells, struct pref_buf *key)
{
    uint32_t votes = pattern->votes;
    uint32_t last = VOTE_NO_JUDGE;
    pref_buf_clear(key);
    if (patterns->labelled) {
        pref_buf_add_byte(key, label_letters[pattern->label]);
        pref_buf_add_byte(key, '\t');
    }
    for (uint32_t v = 0; v < votes; v++) {
        uint32_t source = cells[v] / PREF_WORDS, judge = source / VOTE_ORDERS;
        uint32_t order = source % VOTE_ORDERS;
        if (judge != last) {
            if (v > 0)
                pref_buf_add_byte(key, '\t');
            pref_buf_add_span(key, vote_patterns_name(patterns, judge));
            pref_buf_add_byte(key, '\t');
        }
        last = judge;
        if (order != VOTE_ORDER_UNKNOWN)
            pref_buf_add_byte(key, order_signs[order]);
        pref_buf_add_byte(key, word_letters[cells[v] % PREF_WORDS]);
    }
}

int vote_patterns_save(const struct vote_patterns *patterns, struct pref_fit_writer *writer,
                       struct pref_err *err)
{
    struct pref_ds_data data = vote_patterns_data(patterns);
    struct pref_buf key = {0};
    int status = PREF_OK;
    for (size_t i = 0; i < data.count && status == PREF_OK; i++) {
        const struct pref_ds_pattern *pattern = &data.patterns[i];
        print_key(patterns, pattern, data.cells + pattern->start, &key);
        struct pref_fit_row row = {.key = pref_buf_span(&key), .n = {pattern->times}, .counts = 1};
        status = key.failed ? pref_fail_memory(err, "a fit") : pref_fit_put(writer, &row, err);
    }
    pref_buf_release(&key);
    return status;
}

/* ---- Loading --------------------------------------------------------------------------------- */

/* The vote at *at of a judge's votes, as order * PREF_WORDS + word; PREF_FAIL where there is
 * none. */
static int read_vote(struct pref_span votes, size_t *at, struct vote_cast *cast)
{
    cast->order = VOTE_ORDER_UNKNOWN;
    for (unsigned i = 0; i < VOTE_ORDER_UNKNOWN; i++)
        if (votes.ptr[*at] == order_signs[i])
            cast->order = (enum vote_order)i;
    *at += cast->order != VOTE_ORDER_UNKNOWN;
    for (unsigned i = 0; *at < votes.len && i < PREF_WORDS; i++)
        if (votes.ptr[*at] == word_letters[i]) {
            cast->word = (enum pref_word)i;
            ++*at;
            return PREF_OK;
        }
    return PREF_FAIL;
}

/* Read a judge's votes: into the key of the pattern, or where `fresh`, into the pattern. */
static int read_votes(struct vote_patterns *patterns, struct pref_span judge,
                      struct pref_span votes, struct vote_pattern_key *key, int fresh,
                      struct pref_err *err)
{
    unsigned least = 0;
    for (size_t at = 0; at < votes.len;) {
        struct vote_cast cast = {.judge = judge};
        if (read_vote(votes, &at, &cast) != PREF_OK)
            return PREF_USAGE;
        unsigned place = (unsigned)cast.order * PREF_WORDS + (unsigned)cast.word;
        if (place < least)
            return PREF_USAGE;
        least = place;
        if (fresh) {
            if (vote_patterns_vote(patterns, &cast, err) != PREF_OK)
                return PREF_FAIL;
            continue;
        }
        if (key->votes >= PREF_HITS_MAX) /* a record has fewer, and sums rely on it */
            return PREF_USAGE;
        vote_pattern_key_add(patterns, key, &cast);
    }
    return votes.len == 0 ? PREF_USAGE : PREF_OK;
}

/* Read a row's key, once for the pattern's own and once more where that is new. PREF_USAGE where it
 * is no pattern as it would be written. */
static int read_key(struct vote_patterns *patterns, struct pref_span text, int fresh,
                    struct vote_pattern_key *key, struct pref_err *err)
{
    struct pref_buf name = {0};
    struct pref_span before = {NULL, 0};
    int status = PREF_OK;
    for (size_t at = 0; at < text.len && status == PREF_OK;) {
        struct pref_span escaped = pref_fit_field_next(text, &at);
        if (at >= text.len || (before.ptr != NULL && pref_span_compare(before, escaped) >= 0))
            status = PREF_USAGE;
        pref_buf_clear(&name);
        if (status == PREF_OK && pref_fit_field_unescape(escaped, &name) != PREF_OK)
            status = PREF_USAGE;
        if (name.failed)
            status = pref_fail_memory(err, "the names of judges");
        if (status == PREF_OK) {
            struct pref_span votes = pref_fit_field_next(text, &at);
            status = read_votes(patterns, pref_buf_span(&name), votes, key, fresh, err);
        }
        if (at == text.len) /* a TAB ends it */
            status = status == PREF_OK ? PREF_USAGE : status;
        before = escaped;
    }
    pref_buf_release(&name);
    return status;
}

/* The label before the votes, which are then what is left. */
static int read_label(struct pref_span *votes, struct vote_pattern_key *key)
{
    for (unsigned label = PREF_CHOSEN; label <= VOTE_UNLABELLED; label++)
        if (votes->len > 2 && votes->ptr[0] == label_letters[label] && votes->ptr[1] == '\t') {
            vote_pattern_key_label(key, (enum pref_word)label);
            *votes = (struct pref_span){votes->ptr + 2, votes->len - 2};
            return PREF_OK;
        }
    return PREF_USAGE;
}

int vote_patterns_load(struct vote_patterns *patterns, const struct pref_fit_row *row,
                       struct pref_err *err)
{
    struct vote_pattern_key key = {.votes = 0};
    struct pref_span votes = row->key;
    int fresh = 0, status = PREF_OK;
    if (patterns->labelled)
        status = read_label(&votes, &key);
    if (row->counts != 1 || row->sums != 0 || row->n[0] == 0 || votes.len == 0)
        status = PREF_USAGE;
    if (status == PREF_OK)
        status = read_key(patterns, votes, 0, &key, err);
    if (status == PREF_USAGE)
        return pref_fail(err, "row '%s' is no pattern of votes with one count",
                         pref_fit_show(row->key).text);
    if (status == PREF_OK)
        status = vote_patterns_count(patterns, &key, row->n[0], &fresh, err);
    if (status == PREF_OK && fresh)
        status = read_key(patterns, votes, 1, &key, err);
    return status == PREF_OK && fresh ? vote_patterns_close(patterns, err) : status;
}
