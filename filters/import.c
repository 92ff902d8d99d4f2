/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import - records of other schemas become pair records. The one known so far is hh: two whole
 * transcripts, cut where the last turn of the assistant begins. A splice: the strings' own bytes
 * move, so that escapes stay as they were written. pair is no other schema: such records pass as
 * they came, so that one pipeline serves both.
 */
#include "config.h"

#include "filters.h"
#include "lib/json/escape.h"

#include <stddef.h>
#include <string.h>

#define MARKER "\n\nAssistant:"
#define MARKER_LEN (sizeof MARKER - 1)
#define HUMAN "\n\nHuman:"
#define HUMAN_LEN (sizeof HUMAN - 1)

enum { FROM_UNSAID = -1, FROM_HH, FROM_PAIR }; /* in the order of the option's words */

struct import {
    int from;
    const char *prompt_key, *chosen_key, *rejected_key;
    pref_place prompt, chosen, rejected;
    uint64_t humans;
};

/* What commit counts of one record. */
struct found {
    uint8_t human; /* a response goes on with a turn of the other's */
};

static const struct pref_option options[] = {
    {"from", 0, PREF_OPTION_CHOICE, offsetof(struct import, from), "hh|pair",
     "the schema of the records that come"},
    PREF_OPTIONS_END};

static void import_preset(void *state)
{
    struct import *import = state;
    import->from = FROM_UNSAID;
}

/* Each is nowhere if it could not be made, which the shape will tell. */
static int are_three_fields(const struct import *import, struct pref_err *err)
{
    if (import->rejected != PREF_NOWHERE &&
        (import->chosen == import->rejected || import->prompt == import->chosen ||
         import->prompt == import->rejected))
        return pref_usage(err, "--prompt, --chosen and --rejected must name three fields");
    return PREF_OK;
}

static int import_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct import *import = state;
    const struct pref_names *names = &opening->common->names;
    if (import->from == FROM_UNSAID)
        return pref_usage(err, "--from is needed: the schema of the records that come, hh or pair");
    if (import->from == FROM_PAIR) {
        import->prompt = pref_want_text(opening->shape, names->prompt, PREF_OUTSIDE);
        import->chosen = pref_want_text(opening->shape, names->chosen, PREF_OUTSIDE);
        import->rejected = pref_want_text(opening->shape, names->rejected, PREF_OUTSIDE);
        return are_three_fields(import, err);
    }
    if (names->prompt[0] == '/')
        return pref_usage(err, "--prompt: '%s', expected a top-level key", names->prompt);
    import->prompt_key = names->prompt;
    import->chosen_key = names->chosen;
    import->rejected_key = names->rejected;
    import->prompt = pref_shape_field(opening->shape, names->prompt);
    import->chosen = pref_shape_field(opening->shape, names->chosen);
    import->rejected = pref_shape_field(opening->shape, names->rejected);
    pref_shape_demand(opening->shape, import->prompt, PREF_IS_ANY, PREF_NULL_IS_VALUE);
    pref_shape_demand(opening->shape, import->chosen, PREF_IS(PREF_STRING),
                      PREF_REQUIRED | PREF_TEXT);
    pref_shape_demand(opening->shape, import->rejected, PREF_IS(PREF_STRING),
                      PREF_REQUIRED | PREF_TEXT);
    return are_three_fields(import, err);
}

/* The length of the text up to and with its last marker, or 0 where there is none. */
static size_t find_cut(struct pref_span text)
{
    for (size_t end = text.len; end >= MARKER_LEN; end--)
        if (text.ptr[end - 1] == ':' &&
            memcmp(text.ptr + end - MARKER_LEN, MARKER, MARKER_LEN) == 0)
            return end;
    return 0;
}

static int has_human(struct pref_span text)
{
    for (size_t at = 0; at + HUMAN_LEN <= text.len; at++)
        if (text.ptr[at] == '\n' && memcmp(text.ptr + at, HUMAN, HUMAN_LEN) == 0)
            return 1;
    return 0;
}

/* Where in an accepted string, quotes included, the first `decoded` bytes of its text end. The
 * text has no lone surrogate, and no character stands across the place. */
static const char *place_in_string(struct pref_span string, size_t decoded)
{
    const char *p = string.ptr + 1, *const end = string.ptr + string.len - 1;
    char bytes[4];
    while (decoded > 0) {
        size_t plain = decoded < (size_t)(end - p) ? decoded : (size_t)(end - p);
        const char *escape = memchr(p, '\\', plain);
        if (escape == NULL)
            return p + plain;
        decoded -= (size_t)(escape - p);
        p = escape;
        decoded -= pref_escape_decode(&p, bytes);
    }
    return p;
}

/* A transcript, cut. */
struct transcript {
    struct pref_span string;   /* as it stands in the line, with its quotes */
    struct pref_span history;  /* decoded, marker included; empty where there is no marker */
    struct pref_span response; /* decoded */
};

static int read_transcript(struct pref_job *job, pref_place place, struct pref_buf *scratch,
                           struct transcript *transcript)
{
    struct pref_span text;
    transcript->string = pref_hit_span(job->doc, pref_doc_at(job->doc, place));
    if (pref_string_text(transcript->string, scratch, &text) != PREF_OK || scratch->failed)
        return pref_fail_memory(job->err, "a transcript");
    size_t at = find_cut(text);
    transcript->history = (struct pref_span){text.ptr, at};
    transcript->response = (struct pref_span){at == 0 ? text.ptr : text.ptr + at, text.len - at};
    return PREF_OK;
}

/* Take the history out of a transcript: what is left is the response. Returns where it was cut. */
static const char *cut(struct pref_job *job, const struct transcript *transcript)
{
    const char *end = place_in_string(transcript->string, transcript->history.len);
    pref_edit_replace(&job->edits, (uint32_t)(transcript->string.ptr + 1 - job->doc->line),
                      (uint32_t)(end - job->doc->line), pref_span_of(""));
    return end;
}

static void put_prompt(const struct import *import, struct pref_job *job, const char *from,
                       const char *to)
{
    const struct pref_hit *null = pref_doc_at(job->doc, import->prompt);
    struct pref_buf *member = &job->scratch[2];
    uint32_t at = null != NULL ? null->start : job->doc->open + 1;
    pref_buf_clear(member);
    if (null == NULL) {
        pref_buf_add_json(member, pref_span_of(import->prompt_key));
        pref_buf_add_byte(member, ':');
    }
    pref_buf_add(member, from, (size_t)(to - from));
    pref_buf_add_byte(member, '"');
    if (null == NULL)
        pref_buf_add_byte(member, ',');
    pref_edit_replace(&job->edits, at, null != NULL ? null->end : at, pref_buf_span(member));
}

static enum pref_verdict import_map(const void *state, struct pref_job *job, void *note)
{
    const struct import *import = state;
    if (import->from == FROM_PAIR)
        return PREF_PASS;
    const struct pref_hit *prompt = pref_doc_at(job->doc, import->prompt);
    struct found *found = note;
    struct transcript chosen, rejected;
    if (prompt != NULL && prompt->type != PREF_NULL)
        return pref_malformed(job, "field '%s' is there already: not a record of hh",
                              import->prompt_key);
    if (read_transcript(job, import->chosen, &job->scratch[0], &chosen) != PREF_OK ||
        read_transcript(job, import->rejected, &job->scratch[1], &rejected) != PREF_OK)
        return PREF_BROKEN;
    if (chosen.history.len == 0 || rejected.history.len == 0)
        return pref_malformed(job, "field '%s' has no \"\\n\\nAssistant:\": not a transcript of hh",
                              chosen.history.len == 0 ? import->chosen_key
                                                      : import->rejected_key);
    if (!pref_span_equal(chosen.history, rejected.history))
        return pref_reject(job, "histories differ");
    found->human = has_human(chosen.response) || has_human(rejected.response);
    put_prompt(import, job, chosen.string.ptr, cut(job, &chosen));
    cut(job, &rejected);
    return job->scratch[2].failed ? (pref_fail_memory(job->err, "a prompt"), PREF_BROKEN)
                                  : PREF_PASS;
}

static enum pref_verdict import_commit(void *state, struct pref_row *row, void *note)
{
    struct import *import = state;
    import->humans += ((const struct found *)note)->human;
    return row->verdict;
}

static void import_report(const void *state, struct pref_report *report)
{
    const struct import *import = state;
    pref_report_count(report, "human_in_response", import->humans);
}

const struct pref_filter filter_import = {
    .name = "import",
    .brief = "turn records of other schemas into pair records",
    .options = options,
    .traits = PREF_MAKES,
    .self_size = sizeof(struct import),
    .note_size = sizeof(struct found),
    .preset = import_preset,
    .open = import_open,
    .map = import_map,
    .commit = import_commit,
    .report = import_report,
};
