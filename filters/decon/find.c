/* SPDX-License-Identifier: Apache-2.0 */
/* find.c - what a record shares with the items of benchmarks. */
#include "config.h"

#include "state.h"
#include "lib/near/ngram.h"
#include "lib/text/text.h"

#include <stdlib.h>
#include <string.h>

/* A place of an item that the record covers: the n-gram found there, and at each of the words up to
 * `to` (of "a a a a ..." there may be very many). */
struct decon_reach {
    uint32_t item, word, to;
    uint32_t found; /* which of own->found it is */
    uint32_t again; /* 1: the n-gram stands in the item before */
};

void decon_own_free(struct decon_own *own)
{
    pref_words_release(&own->words);
    pref_buf_release(&own->text);
    pref_buf_release(&own->excerpts);
    free(own->sums);
    free(own->seen);
    free(own->found);
    free(own->reach);
    free(own->hit);
    free(own);
}

int decon_text(const struct decon *decon, struct pref_span value, struct pref_buf *scratch,
               struct pref_span *text)
{
    /* The shape asked that every text decode. */
    int status = decon->turns == DECON_TURNS_FIRST ? pref_text_of_first(value, scratch, text)
                                                   : pref_text_of(value, scratch, text);
    return status != PREF_OK || scratch->failed ? -1 : 0;
}

/* Room for one more thing of `size` bytes behind `count`: the list, perhaps elsewhere, or NULL. */
static void *make_room(void *list, size_t *cap, size_t count, size_t size)
{
    if (count < *cap)
        return list;
    size_t wanted = count + count / 2 + 64;
    void *made = realloc(list, wanted * size);
    if (made != NULL)
        *cap = wanted;
    return made;
}

/* ---- n-grams of a record --------------------------------------------------------------------- */

/* An n-gram of the index stands at a word of the field, in `n` words, of which it has to be. The
 * first such place is kept. */
static int add_found(const struct decon *decon, struct decon_own *own, struct decon_found found,
                     size_t n)
{
    const struct pref_ngram_index *index = decon->index;
    uint64_t bit = UINT64_C(1) << found.ngram % 64, *seen = &own->seen[found.ngram / 64];
    if ((*seen & bit) != 0 ||
        pref_ngram_index_length(index, index->place[index->first[found.ngram]].item) != n ||
        (decon->ignored != NULL && decon_bit(decon->ignored, found.ngram)))
        return 0;
    struct decon_found *list =
        make_room(own->found, &own->found_cap, own->found_count, sizeof *list);
    if (list == NULL)
        return -1;
    *seen |= bit;
    own->found = list;
    list[own->found_count++] = found;
    return 0;
}

/* The short items that begin with the words of lead number `lead`, at `word`. */
static int try_lengths(const struct decon *decon, struct decon_own *own, uint32_t field,
                       uint32_t word, uint32_t lead)
{
    const struct pref_ngram_index *index = decon->index;
    uint64_t lengths = index->lengths[lead];
    for (unsigned n = PREF_ITEM_WORDS_MIN; n < index->n && lengths >> n != 0; n++) {
        uint32_t ngram;
        if ((lengths >> n & 1) == 0 || word + n > own->words.count)
            continue;
        uint64_t hash = pref_ngram_at(own->sums, word, n, pref_ngram_power(n));
        if (pref_ngram_table_find(&index->ngrams, hash, &ngram) &&
            add_found(decon, own, (struct decon_found){ngram, word, field}, n) != 0)
            return -1;
    }
    return 0;
}

static int find_in_field(const struct decon *decon, struct decon_own *own, uint32_t field)
{
    const struct pref_ngram_index *index = decon->index;
    const size_t count = own->words.count, least = PREF_ITEM_WORDS_MIN;
    uint64_t power = pref_ngram_power(index->n);
    uint32_t number;
    if (count + 1 > own->sums_cap) {
        free(own->sums);
        own->sums = malloc((count + 1) * 2 * sizeof *own->sums);
        own->sums_cap = own->sums == NULL ? 0 : (count + 1) * 2;
    }
    if (own->sums == NULL)
        return -1;
    pref_ngram_sum(own->words.hash, count, own->sums);
    for (size_t i = 0; i + index->n <= count; i++)
        if (pref_ngram_table_find(&index->ngrams,
                                  pref_ngram_at(own->sums, i, index->n, power), &number) &&
            add_found(decon, own, (struct decon_found){number, (uint32_t)i, field}, index->n) != 0)
            return -1;
    power = pref_ngram_power(least);
    for (size_t i = 0; index->leads.count > 0 && i + least <= count; i++)
        if (pref_ngram_table_find(&index->leads, pref_ngram_at(own->sums, i, least, power),
                                  &number) &&
            try_lengths(decon, own, field, (uint32_t)i, number) != 0)
            return -1;
    return 0;
}

/* Forget the n-grams of the record before. */
static int begin(const struct decon *decon, struct decon_own *own)
{
    if (own->seen == NULL)
        own->seen = calloc(decon->index->ngrams.count / 64 + (size_t)1, sizeof *own->seen);
    if (own->seen == NULL)
        return -1;
    for (size_t i = 0; i < own->found_count; i++)
        own->seen[own->found[i].ngram / 64] = 0;
    own->found_count = own->hit_count = 0;
    return 0;
}

int decon_find(const struct decon *decon, struct pref_job *job)
{
    struct decon_own *own = job->own;
    if (begin(decon, own) != 0)
        return pref_fail_memory(job->err, "the n-grams of a record");
    for (uint32_t field = 0; field < decon->fields.count; field++) {
        const struct pref_hit *hit = pref_doc_at(job->doc, decon->fields.place[field]);
        struct pref_span text;
        if (hit == NULL)
            continue;
        if (decon_text(decon, pref_hit_span(job->doc, hit), &own->text, &text) != 0)
            return pref_fail_memory(job->err, "a record's text");
        int status = pref_words_find(&own->words, text, job->err);
        if (status != PREF_OK)
            return status;
        if (find_in_field(decon, own, field) != 0)
            return pref_fail_memory(job->err, "the n-grams of a record");
    }
    return PREF_OK;
}

/* ---- Items ----------------------------------------------------------------------------------- */

static int compare_reaches(const void *a, const void *b)
{
    const struct decon_reach *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

static int add_reach(struct decon_own *own, struct decon_reach reach)
{
    struct decon_reach *last = own->reach_count == 0 ? NULL : &own->reach[own->reach_count - 1];
    if (last != NULL && last->found == reach.found && last->item == reach.item &&
        last->to + 1 == reach.word) {
        last->to = reach.word;
        return 0;
    }
    struct decon_reach *list =
        make_room(own->reach, &own->reach_cap, own->reach_count, sizeof *list);
    if (list == NULL)
        return -1;
    own->reach = list;
    list[own->reach_count++] = reach;
    return 0;
}

/* All places of the n-grams found. */
static int reach_items(const struct pref_ngram_index *index, struct decon_own *own)
{
    own->reach_count = 0;
    for (size_t i = 0; i < own->found_count; i++) {
        uint32_t first = index->first[own->found[i].ngram];
        uint32_t end = index->first[own->found[i].ngram + 1];
        for (uint32_t k = first; k < end; k++) {
            struct pref_ngram_place place = index->place[k];
            uint32_t again = k > first && index->place[k - 1].item == place.item;
            if (add_reach(own, (struct decon_reach){place.item, place.word, place.word,
                                                    (uint32_t)i, again}) != 0)
                return -1;
        }
    }
    if (own->reach_count > 1)
        qsort(own->reach, own->reach_count, sizeof *own->reach, compare_reaches);
    return 0;
}

/* What the reaches from *at on, of one item, come to; *at moves behind them. */
static struct decon_hit sum_up(const struct pref_ngram_index *index, const struct decon_own *own,
                               size_t *at)
{
    uint32_t item = own->reach[*at].item, covered_to = 0;
    uint32_t length = pref_ngram_index_length(index, item);
    struct decon_hit hit = {.item = item, .first = UINT32_MAX};
    for (; *at < own->reach_count && own->reach[*at].item == item; ++*at) {
        const struct decon_reach *reach = &own->reach[*at];
        uint32_t from = reach->word > covered_to ? reach->word : covered_to;
        if (reach->to + length > from) {
            hit.covered += reach->to + length - from;
            covered_to = reach->to + length;
        }
        hit.matches += !reach->again;
        if (reach->found < hit.first)
            hit.first = reach->found;
    }
    hit.field = own->found[hit.first].field;
    return hit;
}

/* An item that has fewer n-grams than --min-matches asks for must have all of them found. */
static int is_hit(const struct decon *decon, const struct decon_hit *hit)
{
    const struct pref_ngram_item *item = &decon->index->item[hit->item];
    uint64_t needed = decon->left == NULL ? item->ngrams : decon->left[hit->item];
    if (needed > decon->min_matches)
        needed = decon->min_matches;
    return hit->matches >= needed &&
           pref_share_at_least(decon->coverage, hit->covered, item->words);
}

int decon_hits(const struct decon *decon, struct decon_own *own, struct pref_err *err)
{
    if (reach_items(decon->index, own) != 0)
        return pref_fail_memory(err, "the items of a record");
    for (size_t at = 0; at < own->reach_count;) {
        struct decon_hit hit = sum_up(decon->index, own, &at);
        if (!is_hit(decon, &hit))
            continue;
        struct decon_hit *list =
            make_room(own->hit, &own->hit_cap, own->hit_count, sizeof *list);
        if (list == NULL)
            return pref_fail_memory(err, "the items of a record");
        own->hit = list;
        list[own->hit_count++] = hit;
    }
    return PREF_OK;
}
