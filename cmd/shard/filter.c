/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of `pref shard`: map hashes a record's group, commit writes the record into its shard.
 * With --split, and by order with a number of shards, learn collects first what settle needs to
 * find where they part.
 */
#include "config.h"

#include "cmd/shard.h"
#include "lib/base/fdio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_FILES 64 /* descriptors for all but the shards */

struct note {
    struct pref_h128 group, stratum;
    unsigned side;
};

#define AT(member) offsetof(struct shard, member)

static const struct pref_option options[] = {
    {"dir", 'd', PREF_OPTION_TEXT, AT(dir), "DIR", "the folder for the shards; made if need be"},
    {"shards", 'n', PREF_OPTION_TEXT, AT(shards), "N|SPLIT=N,...",
     "so many shards, of each split (with --split: 1)"},
    {"max-bytes", 0, PREF_OPTION_SIZE, AT(limit.bytes), "SIZE",
     "cut in the input's order, before shards are larger, uncompressed"},
    {"max-records", 0, PREF_OPTION_COUNT, AT(limit.records), "N",
     "cut in the input's order, shards of at most N records"},
    {"by", 0, PREF_OPTION_CHOICE, AT(by), "hash|round-robin|order",
     "how a record's shard is chosen (hash; with --max-...: order)"},
    {"group", 0, PREF_OPTION_TEXT, AT(group), "FIELD",
     "records of equal FIELD share a shard and a split (the prompt)"},
    {"split", 0, PREF_OPTION_TEXT, AT(splits), "NAME=SHARE,...",
     "divide the groups into splits, as in train=0.98,test=0.02"},
    {"stratify", 0, PREF_OPTION_TEXT, AT(stratify), "FIELD",
     "the shares of --split hold among the records of each FIELD"},
    {"seed", 0, PREF_OPTION_COUNT, AT(seed), "S", "another seed, another division (0)"},
    {"plain", 0, PREF_OPTION_FLAG, AT(plain), NULL, "do not compress"},
    {"force", 0, PREF_OPTION_FLAG, AT(force), NULL,
     "replace the shards in DIR, made with other options"},
    {"memory", 0, PREF_OPTION_SIZE, AT(memory), "SIZE",
     "stop where --split needs more memory than that"},
    PREF_OPTIONS_END};

static void preset(void *state)
{
    struct shard *shard = state;
    shard->folder.lock = -1;
    shard->by = -1;
    shard->limit = (struct shard_limit){SHARD_NO_LIMIT, SHARD_NO_LIMIT};
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* Ask the system for as many files as shards are open at once. */
static int raise_limit(uint32_t shards, struct pref_err *err)
{
    uint64_t need = (uint64_t)shards + OTHER_FILES, allowed = pref_fd_allow(need);
    if (allowed == need)
        return PREF_OK;
    return pref_usage(err,
                      "--shards: %u shards, but this system allows %llu open files (ulimit -Hn): "
                      "at most %llu shards",
                      shards, (unsigned long long)allowed,
                      (unsigned long long)(allowed > OTHER_FILES ? allowed - OTHER_FILES : 0));
}

static int claim(struct shard *shard, struct pref_err *err)
{
    const struct shard_claim wish = {.plan = &shard->plan,
                                     .packed = !shard->plain,
                                     .options = pref_buf_span(&shard->options),
                                     .force = shard->force};
    if (shard->options.failed)
        return pref_fail_memory(err, "the options");
    return shard_dir_claim(&shard->folder, &wish, err);
}

/* What groups and strata are read from. */
static void open_fields(struct shard *shard, struct pref_opening *opening)
{
    const char *prompt = opening->common->names.prompt;
    shard->field = shard->group == NULL ? prompt : shard->group;
    if (shard->grouped) {
        shard->place = strcmp(shard->field, prompt) == 0
                           ? pref_want_text(opening->shape, prompt, PREF_OUTSIDE)
                           : pref_shape_field(opening->shape, shard->field);
        pref_shape_demand(opening->shape, shard->place, PREF_IS_ANY, PREF_TEXT);
        pref_open_await(opening, shard->place);
    }
    if (shard->stratify != NULL) {
        shard->stratum = pref_shape_field(opening->shape, shard->stratify);
        pref_shape_demand(opening->shape, shard->stratum, PREF_IS_ANY, PREF_TEXT);
        pref_open_await(opening, shard->stratum);
    }
}

static int shard_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct shard *shard = state;
    int status = shard_options_read(shard, err);
    if (status != PREF_OK)
        return status;
    shard->folder.path = shard->dir;
    shard->orders.limit = shard->strata.limit = shard->memory;
    shard->table_seed = opening->common->table_seed;
    shard->writer.press = opening->press;
    opening->learns = shard->learns ? 1 : 0;
    open_fields(shard, opening);
    shard_options_print(shard);
    status = pref_shape_check(opening->shape, err);
    if (status == PREF_OK)
        status = raise_limit(shard->by == SHARD_BY_ORDER ? shard->plan.count : shard->plan.total,
                             err);
    return status == PREF_OK ? claim(shard, err) : status;
}

static int shard_begin(void *state, struct pref_err *err)
{
    struct shard *shard = state;
    return shard_dir_begin(&shard->folder, err);
}

/* ---- Records --------------------------------------------------------------------------------- */

static enum pref_verdict hash_field(struct pref_job *job, pref_place place, const char *field,
                                    uint64_t seed, struct pref_h128 *hash)
{
    const struct pref_hit *hit = pref_doc_at(job->doc, place);
    struct pref_span value = {NULL, 0};
    if (hit != NULL) {
        value = pref_hit_span(job->doc, hit);
    } else {
        enum pref_verdict verdict = pref_missing(job, field);
        if (verdict != PREF_PASS)
            return verdict;
    }
    int status = pref_key_value(job->keys, value, seed, hash, job->err);
    if (status == PREF_USAGE)
        return pref_malformed(job, "field '%s': %s", field, job->err->text);
    return status == PREF_OK ? PREF_PASS : PREF_BROKEN;
}

/* Both phases look at the same fields, so that a record fares the same in both. */
static enum pref_verdict hash_record(const struct shard *shard, struct pref_job *job,
                                     struct note *note)
{
    enum pref_verdict verdict = PREF_PASS;
    if (shard->grouped)
        verdict = hash_field(job, shard->place, shard->field, shard->seed, &note->group);
    if (verdict == PREF_PASS && shard->stratify != NULL)
        verdict = hash_field(job, shard->stratum, shard->stratify, shard->table_seed,
                             &note->stratum);
    return verdict;
}

static enum pref_verdict shard_learn(const void *state, struct pref_job *job, void *note)
{
    enum pref_verdict verdict = hash_record(state, job, note);
    return verdict == PREF_PASS ? PREF_USE : verdict;
}

static enum pref_verdict shard_absorb(void *state, struct pref_row *row, void *note)
{
    struct shard *shard = state;
    const struct note *of = note;
    int status = PREF_OK;
    if (shard->stratify != NULL)
        status = shard_strata_add(&shard->strata, of->group.low, of->stratum, row->err);
    else if (shard->plan.count > 1)
        status = shard_orders_add(&shard->orders, of->group.low, row->err);
    else
        shard->orders.total++;
    return status == PREF_OK ? PREF_USE : PREF_BROKEN;
}

static enum pref_verdict shard_map(const void *state, struct pref_job *job, void *note)
{
    const struct shard *shard = state;
    struct note *of = note;
    enum pref_verdict verdict = hash_record(shard, job, of);
    if (verdict == PREF_PASS)
        of->side = shard->stratify != NULL
                       ? shard_strata_side(&shard->strata, &shard->plan, of->group.low)
                       : shard_plan_side(&shard->plan, of->group.low);
    return verdict;
}

static enum pref_verdict shard_commit(void *state, struct pref_row *row, void *note)
{
    struct shard *shard = state;
    const struct note *of = note;
    if (row->verdict != PREF_PASS)
        return row->verdict;
    int status = shard_writer_add(&shard->writer, of->side, of->group.high, pref_row_text(row),
                                  row->err);
    return status == PREF_OK ? PREF_PASS : PREF_BROKEN;
}

/* ---- Shards ---------------------------------------------------------------------------------- */

static int shard_settle(void *state, struct pref_err *err)
{
    struct shard *shard = state;
    if (shard->stratify != NULL) {
        shard_strata_cut(&shard->strata, &shard->plan);
    } else {
        shard_plan_cut(&shard->plan, &shard->orders);
        shard_orders_release(&shard->orders);
    }
    int status = shard_dir_clean(&shard->folder, err);
    if (status != PREF_OK)
        return status;
    shard->writer.dir = shard->dir;
    shard->writer.plan = &shard->plan;
    shard->writer.by = shard->by;
    shard->writer.plain = shard->plain;
    shard->writer.level = (int)shard->config->level;
    shard->writer.limit = shard->limit;
    return shard_writer_open(&shard->writer, err);
}

/* The manifest comes when all shards are on the disk under their names. */
static int shard_finish(void *state, struct pref_err *err)
{
    struct shard *shard = state;
    int status = shard_writer_finish(&shard->writer, err);
    if (status != PREF_OK)
        return status;
    struct shard_entry *entries = shard_writer_entries(&shard->writer);
    if (entries == NULL)
        return pref_fail_memory(err, "the manifest");
    status = shard_manifest_write(shard->dir, pref_buf_span(&shard->options),
                                  shard->config->program_version, entries, shard->writer.begun,
                                  err);
    free(entries);
    shard->complete = status == PREF_OK;
    return status;
}

static void shard_report(const void *state, struct pref_report *report)
{
    const struct shard *shard = state;
    struct pref_buf json = {0};
    pref_report_count(report, "shards", shard->writer.begun);
    if (shard->stratify != NULL)
        pref_report_count(report, "strata", shard_strata_used(&shard->strata));
    for (unsigned i = 0; shard->plan.named && i < shard->plan.count; i++) {
        pref_buf_add_byte(&json, i == 0 ? '{' : ',');
        pref_buf_add_json(&json, shard->plan.split[i].name);
        pref_buf_add_byte(&json, ':');
        pref_buf_add_u64(&json, shard->writer.set[i].records);
    }
    pref_buf_add_byte(&json, '}');
    if (shard->plan.named)
        pref_report_json(report, "splits", pref_buf_span(&json));
    pref_buf_release(&json);
}

static void shard_close(void *state)
{
    struct shard *shard = state;
    shard_writer_close(&shard->writer);
    shard_orders_release(&shard->orders);
    shard_strata_release(&shard->strata);
    pref_buf_release(&shard->options);
    if (!shard->complete)
        shard_dir_end(&shard->folder, 0);
}

const struct pref_filter filter_shard = {
    .name = "shard",
    .brief = "divide a corpus into shards and splits",
    .options = options,
    .self_size = sizeof(struct shard),
    .note_size = sizeof(struct note),
    .preset = preset,
    .open = shard_open,
    .begin = shard_begin,
    .learn = shard_learn,
    .absorb = shard_absorb,
    .settle = shard_settle,
    .map = shard_map,
    .commit = shard_commit,
    .finish = shard_finish,
    .report = shard_report,
    .close = shard_close,
};
