/* SPDX-License-Identifier: Apache-2.0 */
/* say.c - what was found, as reasons, annotations, evidence and counts. */
#include "config.h"

#include "state.h"

#include "filters/common/audit.h"

#define EXCERPT 1000 /* bytes of a record's words in evidence */

/* covered / words to 5 digits, rounded half up. */
static double coverage_of(const struct decon *decon, const struct decon_hit *hit)
{
    uint64_t words = decon->index->item[hit->item].words;
    return (double)((hit->covered * UINT64_C(200000) + words) / (2 * words)) / 1e5;
}

static struct pref_span name_of(const struct decon *decon, uint32_t benchmark)
{
    const struct pref_ngram_benchmark *of = &decon->index->benchmark[benchmark];
    return (struct pref_span){decon->index->texts.ptr + of->name, of->name_len};
}

/* The item's id as it stood in its file, or null. */
static struct pref_span id_of(const struct decon *decon, const struct decon_hit *hit)
{
    const struct pref_ngram_item *item = &decon->index->item[hit->item];
    return item->id_len == 0 ? pref_span_of("null")
                             : (struct pref_span){decon->index->texts.ptr + item->id, item->id_len};
}

/* Append "benchmark":...,"id":... */
static void add_item(const struct decon *decon, const struct decon_hit *hit, struct pref_buf *out)
{
    pref_buf_add_text(out, "\"benchmark\":");
    pref_buf_add_json(out, name_of(decon, decon->index->item[hit->item].benchmark));
    pref_buf_add_text(out, ",\"id\":");
    pref_buf_add_span(out, id_of(decon, hit));
}

/* ---- Excerpts -------------------------------------------------------------------------------- */

/* Append a word, or what of it `left` bytes hold. Returns 0 where it was cut. */
static int add_word(struct pref_buf *out, struct pref_span word, size_t left)
{
    size_t len = word.len <= left ? word.len : left;
    while (len < word.len && len > 0 && ((unsigned char)word.ptr[len] & 0xc0) == 0x80)
        len--;
    pref_buf_add(out, word.ptr, len);
    return len == word.len;
}

/* The words of the record from number `first` on, `count` of them, with blanks between them. */
static void add_excerpt(struct decon_own *own, struct pref_span text, uint32_t first,
                        uint32_t count, struct decon_hit *hit)
{
    struct pref_buf *out = &own->excerpts;
    hit->at = out->len;
    for (uint32_t i = first; i < first + count && out->len - hit->at < EXCERPT; i++) {
        struct pref_word_place place = own->words.place[i];
        struct pref_span word = {text.ptr + place.start, place.end - place.start};
        if (i > first)
            pref_buf_add_byte(out, ' ');
        if (!add_word(out, word, EXCERPT - (out->len - hit->at)))
            break;
    }
    hit->len = out->len - hit->at;
}

int decon_excerpts(const struct decon *decon, struct pref_job *job)
{
    struct decon_own *own = job->own;
    pref_buf_clear(&own->excerpts);
    for (uint32_t field = 0; field < decon->fields.count; field++) {
        struct pref_span text;
        int ready = 0; /* the field's words are at hand */
        for (size_t i = 0; i < own->hit_count; i++) {
            const struct decon_found *found = &own->found[own->hit[i].first];
            if (own->hit[i].field != field)
                continue;
            const struct pref_hit *hit = pref_doc_at(job->doc, decon->fields.place[field]);
            if (!ready &&
                (decon_text(decon, pref_hit_span(job->doc, hit), &own->text, &text) != 0 ||
                 pref_words_find_places(&own->words, text, job->err) != PREF_OK))
                return pref_fail_memory(job->err, "a record's text");
            ready = 1;
            add_excerpt(own, text, found->word,
                        pref_ngram_index_length(decon->index, own->hit[i].item), &own->hit[i]);
        }
    }
    return own->excerpts.failed ? pref_fail_memory(job->err, "evidence") : PREF_OK;
}

/* ---- Sentences ------------------------------------------------------------------------------- */

/* The hit of the highest coverage, of equals the first. */
static const struct decon_hit *best_of(const struct decon *decon, const struct decon_own *own)
{
    const struct decon_hit *best = &own->hit[0];
    for (size_t i = 1; i < own->hit_count; i++) {
        uint64_t words = decon->index->item[own->hit[i].item].words;
        uint64_t best_words = decon->index->item[best->item].words;
        if (own->hit[i].covered * best_words > best->covered * words)
            best = &own->hit[i];
    }
    return best;
}

void decon_why(const struct decon *decon, const struct decon_own *own, struct pref_buf *why)
{
    const struct decon_hit *best = best_of(decon, own);
    const struct pref_ngram_item *item = &decon->index->item[best->item];
    pref_buf_clear(why);
    if (item->words < decon->index->n) {
        pref_buf_addf(why, "has all %u words of item ", (unsigned)item->words);
    } else {
        pref_buf_addf(why, "shares %u of %u n-grams of %u words (coverage ",
                      (unsigned)best->matches, (unsigned)item->ngrams, decon->index->n);
        pref_buf_add_double(why, coverage_of(decon, best));
        pref_buf_add_text(why, ") with item ");
    }
    pref_buf_add_span(why, id_of(decon, best));
    pref_buf_add_text(why, " of ");
    pref_buf_add_span(why, name_of(decon, item->benchmark));
    if (own->hit_count > 1)
        pref_buf_addf(why, ", and hits %zu more", own->hit_count - 1);
}

void decon_annotation(const struct decon *decon, const struct decon_own *own, struct pref_buf *json)
{
    pref_buf_clear(json);
    pref_buf_addf(json, "{\"items\":%zu", own->hit_count);
    if (own->hit_count > 0) {
        const struct decon_hit *best = best_of(decon, own);
        pref_buf_add_byte(json, ',');
        add_item(decon, best, json);
        pref_buf_add_text(json, ",\"coverage\":");
        pref_buf_add_double(json, coverage_of(decon, best));
    }
    pref_buf_add_byte(json, '}');
}

int decon_evidence(struct decon *decon, struct pref_row *row, const struct decon_note *note,
                   const struct decon_hit *hit)
{
    struct pref_buf *line = &decon->line;
    struct audit_place place = {row->file, row->number, {row->line.ptr + note->id, note->id_len}};
    pref_buf_clear(line);
    pref_buf_add_text(line, "{\"record\":");
    audit_add_place(line, &place);
    pref_buf_add_text(line, ",\"item\":{");
    add_item(decon, hit, line);
    pref_buf_add_text(line, "},\"field\":");
    pref_buf_add_json(line, pref_span_of(decon->fields.name[hit->field]));
    pref_buf_addf(line, ",\"matches\":%u,\"ngrams\":%u,\"coverage\":", (unsigned)hit->matches,
                  (unsigned)decon->index->item[hit->item].ngrams);
    pref_buf_add_double(line, coverage_of(decon, hit));
    pref_buf_add_text(line, ",\"ngram\":");
    pref_buf_add_json(line, (struct pref_span){note->text.ptr + hit->at, hit->len});
    pref_buf_add_byte(line, '}');
    return line->failed ? pref_fail_memory(row->err, "evidence")
                        : pref_side_write(decon->evidence, pref_buf_span(line), row->err);
}

/* ---- Counts ---------------------------------------------------------------------------------- */

static void warn_of(const struct decon *decon, uint32_t benchmark, struct pref_report *report)
{
    const struct pref_ngram_benchmark *of = &decon->index->benchmark[benchmark];
    struct pref_buf name = {0};
    /* As JSON, so that it is one line whatever is in it. */
    pref_buf_add_json(&name, name_of(decon, benchmark));
    int len = (int)(name.len < 200 ? name.len : 200);
    if (of->items == 0)
        pref_report_warn(report, "benchmark %.*s has no item of %d words or more", len, name.ptr,
                         PREF_ITEM_WORDS_MIN);
    else if (decon->tally[benchmark].hits == 0)
        pref_report_warn(report, "no record hits benchmark %.*s (items: %lu)", len, name.ptr,
                         (unsigned long)of->items);
    pref_buf_release(&name);
}

static void report_benchmarks(const struct decon *decon, struct pref_report *report)
{
    const struct pref_ngram_index *index = decon->index;
    struct pref_span nothing = {NULL, 0};
    struct pref_buf json = {0};
    for (uint32_t i = 0; i < index->benchmarks; i++) {
        const struct decon_tally *tally = &decon->tally[i];
        pref_buf_add_byte(&json, i == 0 ? '{' : ',');
        pref_buf_add_json(&json, name_of(decon, i));
        pref_buf_addf(&json, ":{\"items\":%lu,\"skipped\":%lu,\"matched\":%llu,\"hits\":%llu}",
                      (unsigned long)index->benchmark[i].items,
                      (unsigned long)index->benchmark[i].skipped,
                      (unsigned long long)tally->matched, (unsigned long long)tally->hits);
        warn_of(decon, i, report);
    }
    pref_buf_add_text(&json, index->benchmarks == 0 ? "{}" : "}");
    pref_report_json(report, "benchmarks", json.failed ? nothing : pref_buf_span(&json));
    pref_buf_release(&json);
}

void decon_report(const void *state, struct pref_report *report)
{
    const struct decon *decon = state;
    pref_report_count(report, "ngrams", decon->index->ngrams.count);
    if (!decon->judges)
        return;
    if (decon->ignored != NULL)
        pref_report_count(report, "ignored", decon->ignored_count);
    pref_report_count(report, "hits", decon->hits);
    report_benchmarks(decon, report);
}
