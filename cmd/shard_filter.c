/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The filter of `pref shard`: map hashes a record's group, commit writes the record into its shard.
 * With --split, learn collects the hashes first, and settle finds where the splits part.
 */
#include "config.h"

#include "press.h"
#include "shard.h"
#include "sink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define FRAMES_BYTES ((size_t)512 << 20) /* open frames of all shards, roughly */
#define FRAME_MAX ((size_t)4 << 20)
#define FRAME_MIN ((size_t)64 << 10)
#define GATHERS_BYTES ((size_t)64 << 20) /* the same of plain shards */
#define GATHER_MAX ((size_t)256 << 10)
#define GATHER_MIN ((size_t)4 << 10)
#define OTHER_FILES 64 /* descriptors for all but the shards */

struct note {
    uint64_t order;
    uint32_t shard;
};

#define AT(member) offsetof(struct shard, member)

static const struct pref_option options[] = {
    {"dir", 'd', PREF_OPTION_TEXT, AT(dir), "DIR", "the folder for the shards; made if need be"},
    {"shards", 'n', PREF_OPTION_TEXT, AT(shards), "N|SPLIT=N,...",
     "so many shards, of each split (with --split: 1)"},
    {"by", 0, PREF_OPTION_CHOICE, AT(by), "hash", "how a record's shard is chosen (hash)"},
    {"group", 0, PREF_OPTION_TEXT, AT(group), "FIELD",
     "records of equal FIELD share a shard and a split (the prompt)"},
    {"split", 0, PREF_OPTION_TEXT, AT(splits), "NAME=SHARE,...",
     "divide the groups into splits, as in train=0.98,test=0.02"},
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
}

/* ---- Opening --------------------------------------------------------------------------------- */

/* The options as the manifest holds them: all that decides which record lies where. */
static void print_options(struct shard *shard)
{
    static const char *const ways[] = {"hash"};
    struct pref_buf *json = &shard->options;
    char share[PREF_SHARE_MAX];
    pref_buf_addf(json, "{\"by\":\"%s\",\"group\":", ways[shard->by]);
    pref_buf_add_json(json, pref_span_of(shard->field));
    /* Readers of JSON that know only doubles keep a seed that is a string. */
    pref_buf_addf(json, shard->seed >> 53 == 0 ? ",\"seed\":%llu" : ",\"seed\":\"%llu\"",
                  (unsigned long long)shard->seed);
    pref_buf_addf(json, ",\"plain\":%s", shard->plain ? "true" : "false");
    if (!shard->plan.named)
        pref_buf_addf(json, ",\"shards\":%u}", shard->plan.total);
    for (unsigned i = 0; shard->plan.named && i < shard->plan.count; i++) {
        const struct shard_split *split = &shard->plan.split[i];
        pref_share_print(share, split->share);
        pref_buf_addf(json, "%s{\"split\":\"%.*s\",\"share\":\"%s\",\"shards\":%u}%s",
                      i == 0 ? ",\"splits\":[" : ",", (int)split->name.len, split->name.ptr, share,
                      split->count, i + 1 == shard->plan.count ? "]}" : "");
    }
}

/* Every shard is open at once: ask the system for as many files. */
static int raise_limit(uint32_t shards, struct pref_err *err)
{
    struct rlimit limit;
    rlim_t need = (rlim_t)shards + OTHER_FILES;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return PREF_OK;
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= need)
        return PREF_OK;
    rlim_t allowed = limit.rlim_max;
    if (allowed == RLIM_INFINITY || allowed >= need) {
        limit.rlim_cur = need;
        if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
            return PREF_OK;
        allowed = limit.rlim_cur;
    }
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

static int shard_open(void *state, struct pref_opening *opening, struct pref_err *err)
{
    struct shard *shard = state;
    const char *prompt = opening->common->names.prompt;
    shard->folder.path = shard->dir;
    shard->orders.limit = shard->memory;
    if (shard->dir == NULL)
        return pref_usage(err, "--dir: where are the shards to go?");
    if (shard->shards == NULL && shard->splits == NULL)
        return pref_usage(err, "--shards: how many shards are there to be?");
    int status = shard_plan_read(&shard->plan, shard->splits, shard->shards, err);
    if (status != PREF_OK)
        return status;
    shard->field = shard->group == NULL ? prompt : shard->group;
    shard->required = strcmp(shard->field, prompt) == 0;
    shard->place = shard->required ? pref_want_text(opening->shape, prompt, PREF_OUTSIDE)
                                   : pref_shape_field(opening->shape, shard->field);
    pref_shape_demand(opening->shape, shard->place, PREF_IS_ANY, PREF_TEXT);
    opening->learns = shard->plan.count > 1;
    print_options(shard);
    status = pref_shape_check(opening->shape, err);
    if (status == PREF_OK)
        status = raise_limit(shard->plan.total, err);
    if (status == PREF_OK)
        status = claim(shard, err);
    /* A run of one phase begins when it settles, after all that may still be refused. */
    return status == PREF_OK && opening->learns ? shard_dir_begin(&shard->folder, err) : status;
}

/* ---- Records --------------------------------------------------------------------------------- */

static enum pref_verdict hash_group(const struct shard *shard, struct pref_job *job,
                                    struct pref_h128 *hash)
{
    const struct pref_hit *hit = pref_doc_at(job->doc, shard->place);
    struct pref_span value = {NULL, 0};
    if (hit != NULL) {
        value = pref_hit_span(job->doc, hit);
    } else {
        enum pref_verdict verdict = pref_missing(job, shard->field);
        if (verdict != PREF_PASS)
            return verdict;
    }
    int status = pref_key_value(job->keys, value, shard->seed, hash, job->err);
    if (status == PREF_USAGE)
        return pref_malformed(job, "field '%s': %s", shard->field, job->err->text);
    return status == PREF_OK ? PREF_PASS : PREF_BROKEN;
}

static enum pref_verdict shard_learn(const void *state, struct pref_job *job, void *note)
{
    struct pref_h128 hash;
    enum pref_verdict verdict = hash_group(state, job, &hash);
    if (verdict != PREF_PASS)
        return verdict;
    ((struct note *)note)->order = hash.low;
    return PREF_USE;
}

static enum pref_verdict shard_absorb(void *state, struct pref_row *row, void *note)
{
    struct shard *shard = state;
    const struct note *of = note;
    return shard_orders_add(&shard->orders, of->order, row->err) == PREF_OK ? PREF_USE
                                                                            : PREF_BROKEN;
}

static enum pref_verdict shard_map(const void *state, struct pref_job *job, void *note)
{
    const struct shard *shard = state;
    struct pref_h128 hash;
    enum pref_verdict verdict = hash_group(shard, job, &hash);
    if (verdict == PREF_PASS)
        ((struct note *)note)->shard = shard_plan_place(&shard->plan, hash.high, hash.low);
    return verdict;
}

static enum pref_verdict shard_commit(void *state, struct pref_row *row, void *note)
{
    struct shard *shard = state;
    if (row->verdict != PREF_PASS)
        return row->verdict;
    struct shard_out *out = &shard->out[((const struct note *)note)->shard];
    struct pref_span text = pref_row_text(row);
    pref_hasher_add(out->hasher, text.ptr, text.len);
    pref_hasher_add(out->hasher, "\n", 1);
    out->entry.records++;
    int status = pref_sink_write(out->sink, text.ptr, text.len, row->err);
    if (status == PREF_OK)
        status = pref_sink_write(out->sink, "\n", 1, row->err);
    return status == PREF_OK ? PREF_PASS : PREF_BROKEN;
}

/* ---- Shards ---------------------------------------------------------------------------------- */

static size_t per_shard(size_t all, size_t least, size_t most, uint32_t shards)
{
    size_t each = all / shards;
    return each < least ? least : each > most ? most : each;
}

static int open_shard(struct shard *shard, uint32_t number, struct pref_err *err)
{
    struct shard_out *out = &shard->out[number];
    const struct shard_split *split = shard_plan_holder(&shard->plan, number);
    char name[SHARD_NAME_SIZE];
    out->entry.unnamed = !shard->plan.named;
    out->entry.name = (struct shard_name){.split = split->name,
                                          .index = number - split->first,
                                          .count = split->count,
                                          .packed = !shard->plain};
    shard_name_print(name, split->name, number - split->first, split->count, !shard->plain);
    struct pref_sink_config config = {
        .name = shard_dir_path(&shard->path, shard->dir, name),
        .flags = PREF_SINK_ATOMIC | (shard->plain ? PREF_SINK_PLAIN : 0),
        .level = (int)shard->config->level,
        .frame = per_shard(FRAMES_BYTES, FRAME_MIN, FRAME_MAX, shard->plan.total),
        .gather = per_shard(GATHERS_BYTES, GATHER_MIN, GATHER_MAX, shard->plan.total),
        .stop_fd = -1,
        .press = shard->press};
    out->hasher = pref_hasher_new(0);
    if (config.name == NULL || out->hasher == NULL)
        return pref_fail_memory(err, "a shard");
    return pref_sink_open(&out->sink, &config, err);
}

static int shard_settle(void *state, struct pref_err *err)
{
    struct shard *shard = state;
    uint64_t threads = shard->config->threads;
    shard_plan_cut(&shard->plan, &shard->orders);
    shard_orders_release(&shard->orders);
    int status = shard_dir_begin(&shard->folder, err);
    if (status == PREF_OK)
        status = shard_dir_clean(&shard->folder, err);
    if (status == PREF_OK && !shard->plain)
        status = pref_press_new(&shard->press, threads > 1 ? (unsigned)threads : 0, err);
    if (status != PREF_OK)
        return status;
    shard->out = calloc(shard->plan.total, sizeof *shard->out);
    if (shard->out == NULL)
        return pref_fail_memory(err, "the shards");
    for (uint32_t i = 0; i < shard->plan.total && status == PREF_OK; i++)
        status = open_shard(shard, i, err);
    return status;
}

static int write_manifest(struct shard *shard, struct pref_err *err)
{
    uint32_t total = shard->plan.total;
    struct shard_entry *entries = malloc(total * sizeof *entries);
    if (entries == NULL)
        return pref_fail_memory(err, "the manifest");
    for (uint32_t i = 0; i < total; i++)
        entries[i] = shard->out[i].entry;
    int status = shard_manifest_write(shard->dir, pref_buf_span(&shard->options),
                                      shard->config->program_version, entries, total, err);
    free(entries);
    return status;
}

/* All shards are on the disk before the first has its name, and have their names before the
 * manifest says so. */
static int shard_finish(void *state, struct pref_err *err)
{
    struct shard *shard = state;
    int status = PREF_OK;
    for (uint32_t i = 0; i < shard->plan.total && status == PREF_OK; i++) {
        struct shard_out *out = &shard->out[i];
        status = pref_sink_finish(out->sink, err);
        out->entry.bytes = pref_sink_bytes(out->sink, &out->entry.packed_bytes);
        out->entry.hash = pref_hasher_value(out->hasher);
    }
    for (uint32_t i = 0; i < shard->plan.total && status == PREF_OK; i++) {
        struct pref_sink *sink = shard->out[i].sink;
        shard->out[i].sink = NULL;
        status = pref_sink_publish(sink, err);
    }
    if (status == PREF_OK)
        status = write_manifest(shard, err);
    shard->complete = status == PREF_OK;
    return status;
}

static void shard_report(const void *state, struct pref_report *report)
{
    const struct shard *shard = state;
    struct pref_buf json = {0};
    pref_report_count(report, "shards", shard->plan.total);
    for (unsigned i = 0; shard->plan.named && i < shard->plan.count; i++) {
        const struct shard_split *split = &shard->plan.split[i];
        uint64_t records = 0;
        for (uint32_t k = 0; k < split->count; k++)
            records += shard->out[split->first + k].entry.records;
        pref_buf_add_byte(&json, i == 0 ? '{' : ',');
        pref_buf_add_json(&json, split->name);
        pref_buf_add_byte(&json, ':');
        pref_buf_add_u64(&json, records);
    }
    pref_buf_add_byte(&json, '}');
    struct pref_span none = {NULL, 0};
    if (shard->plan.named)
        pref_report_json(report, "splits", json.failed ? none : pref_buf_span(&json));
    pref_buf_release(&json);
}

static void shard_close(void *state)
{
    struct shard *shard = state;
    for (uint32_t i = 0; shard->out != NULL && i < shard->plan.total; i++) {
        pref_sink_abort(shard->out[i].sink);
        pref_hasher_free(shard->out[i].hasher);
    }
    free(shard->out);
    pref_press_free(shard->press);
    shard_orders_release(&shard->orders);
    pref_buf_release(&shard->options);
    pref_buf_release(&shard->path);
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
    .learn = shard_learn,
    .absorb = shard_absorb,
    .settle = shard_settle,
    .map = shard_map,
    .commit = shard_commit,
    .finish = shard_finish,
    .report = shard_report,
    .close = shard_close,
};
