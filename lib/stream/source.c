/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "source_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char stdin_name[] = "(standard input)";

static const char *path_of(const struct pref_source *source, size_t index)
{
    return source->inputs[index].is_stdin ? NULL : source->config.names[index];
}

/* Look at one name before the run begins; its size is added to the total. */
static int check_input(struct pref_source *source, size_t index, struct pref_err *err)
{
    struct pref_source_input *input = &source->inputs[index];
    const char *path = path_of(source, index);
    int status = pref_identity_get(&input->identity, path, STDIN_FILENO,
                                   pref_source_name(source, index), err);
    if (status != 0)
        return status;
    if (path != NULL && access(path, R_OK) != 0)
        return pref_fail_errno(err, errno, "%s: cannot open", path);
    if (path == NULL && input->identity.regular) {
        input->start = lseek(STDIN_FILENO, 0, SEEK_CUR);
        if (input->start < 0)
            return pref_fail_errno(err, errno, "%s: cannot seek", stdin_name);
    }
    return 0;
}

static int check_inputs(struct pref_source *source, struct pref_err *err)
{
    int all_regular = 1;
    int stdins = 0;
    for (size_t i = 0; i < source->count; i++) {
        struct pref_source_input *input = &source->inputs[i];
        input->is_stdin = source->config.count == 0 || strcmp(source->config.names[i], "-") == 0;
        stdins += input->is_stdin;
        if (stdins > 1)
            return pref_usage(err, "'-' (standard input) is named twice");
        int status = check_input(source, i, err);
        if (status != 0)
            return status;
        all_regular &= input->identity.regular;
        if (input->identity.size > input->start)
            source->total += (uint64_t)(input->identity.size - input->start);
    }
    if (!all_regular)
        source->total = 0;
    return 0;
}

int pref_source_open(struct pref_source **source, const struct pref_source_config *config,
                     struct pref_err *err)
{
    *source = NULL;
    struct pref_source *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "the input");
    made->config = *config;
    made->count = config->count == 0 ? 1 : config->count;
    made->file.fd = -1;
    made->inputs = calloc(made->count, sizeof *made->inputs);
    made->raw = malloc(PREF_SOURCE_RAW);
    int status = made->inputs == NULL || made->raw == NULL ? pref_fail_memory(err, "the input")
                                                           : check_inputs(made, err);
    if (status != 0) {
        pref_source_close(made);
        return status;
    }
    *source = made;
    return 0;
}

void pref_source_close(struct pref_source *source)
{
    if (source == NULL)
        return;
    pref_source_file_close(&source->file);
    pref_decoder_free(source->zstd);
    pref_decoder_free(source->gzip);
    pref_spool_free(source->spool);
    pref_hasher_free(source->hasher);
    free(source->inputs);
    free(source->raw);
    free(source);
}

const struct pref_expected *pref_source_expected(const struct pref_source *source)
{
    const struct pref_expected *expected = source->config.expected;
    return expected == NULL || !expected[source->index].known ? NULL : &expected[source->index];
}

static int begin_hash(struct pref_source *source, struct pref_err *err)
{
    if (pref_source_expected(source) == NULL)
        return 0;
    if (source->hasher == NULL)
        source->hasher = pref_hasher_new(0);
    if (source->hasher == NULL)
        return pref_fail_memory(err, "a checksum");
    pref_hasher_reset(source->hasher);
    return 0;
}

static int check_hash(const struct pref_source *source, struct pref_err *err)
{
    const struct pref_expected *expected = pref_source_expected(source);
    if (expected == NULL)
        return 0;
    struct pref_h128 hash = pref_hasher_value(source->hasher);
    if (source->plain == expected->bytes && hash.low == expected->hash.low
        && hash.high == expected->hash.high)
        return 0;
    return pref_fail(err, "%s: holds other bytes than its manifest says",
                     pref_source_name(source, source->index));
}

static int fail_changed(const struct pref_source *source, struct pref_err *err)
{
    return pref_fail(err, "%s: has changed while it was being read",
                     pref_source_name(source, source->index));
}

/* Note what the open file is, or under replay compare it with what it was. */
static int identify(struct pref_source *source, struct pref_err *err)
{
    struct pref_source_input *input = &source->inputs[source->index];
    struct pref_identity now;
    int status = pref_identity_get(&now, NULL, source->file.fd,
                                   pref_source_name(source, source->index), err);
    if (status != 0)
        return status;
    if (source->replaying && !pref_identity_unchanged(&now, &input->identity))
        return fail_changed(source, err);
    input->identity = now;
    source->file.regular = now.regular;
    return 0;
}

static int begin_spool(struct pref_source *source, struct pref_err *err)
{
    if (source->spool == NULL) {
        int status = pref_spool_new(&source->spool, err);
        if (status != 0)
            return status;
    }
    source->inputs[source->index].is_spooled = 1;
    source->spooling = 1;
    return 0;
}

int pref_source_begin(struct pref_source *source, struct pref_err *err)
{
    struct pref_source_input *input = &source->inputs[source->index];
    source->form = PREF_SOURCE_UNKNOWN;
    int status = begin_hash(source, err);
    if (status != 0)
        return status;
    if (source->replaying && input->is_spooled) {
        source->file = (struct pref_source_file){
            .fd = pref_spool_fd(source->spool),
            .regular = 1,
            .in_extent = 1,
            .extent = input->spooled,
        };
        source->opened = 1;
        return 0;
    }
    if (input->is_stdin)
        source->file = (struct pref_source_file){.fd = STDIN_FILENO};
    else
        status = pref_source_file_open(&source->file, path_of(source, source->index), err);
    if (status == 0)
        status = identify(source, err);
    if (status == 0 && source->replaying && input->is_stdin
        && lseek(STDIN_FILENO, input->start, SEEK_SET) < 0)
        status = pref_fail_errno(err, errno, "%s: cannot seek", stdin_name);
    if (status == 0 && source->config.replay && !source->file.regular)
        status = begin_spool(source, err);
    if (status != 0)
        pref_source_file_close(&source->file);
    source->opened = status == 0;
    return status;
}

int pref_source_finish(struct pref_source *source, struct pref_err *err)
{
    struct pref_source_input *input = &source->inputs[source->index];
    int status = 0;
    if (source->form == PREF_SOURCE_PACKED)
        status = pref_decoder_end(source->decoder, pref_source_name(source, source->index), err);
    if (status == 0 && source->spooling)
        status = pref_spool_end(source->spool, &input->spooled, err);
    if (status == 0 && source->config.replay && source->file.regular && !source->file.in_extent) {
        struct pref_identity now;
        status = pref_identity_get(&now, NULL, source->file.fd,
                                   pref_source_name(source, source->index), err);
        if (status == 0 && !pref_identity_unchanged(&now, &input->identity))
            status = fail_changed(source, err);
    }
    if (status == 0 && source->replaying && source->plain != input->plain)
        status = fail_changed(source, err);
    if (status == 0)
        status = check_hash(source, err);
    input->plain = source->plain;
    source->spooling = 0;
    pref_source_file_close(&source->file);
    source->ended = status == 0;
    return status;
}

/* Stand before input `index`, which is opened when it is first read. */
static void stand_before(struct pref_source *source, size_t index)
{
    source->index = index;
    source->opened = 0;
    source->ended = 0;
    source->raw_ended = 0;
    source->raw_status = 0;
    source->in = (struct pref_span){NULL, 0};
    source->plain = 0;
}

int pref_source_next(struct pref_source *source, int *more, struct pref_err *err)
{
    *more = 0;
    if (!source->ended)
        return pref_usage(err, "%s: left before its end",
                          pref_source_name(source, source->index));
    if (source->index + 1 < source->count) {
        stand_before(source, source->index + 1);
        *more = 1;
    }
    return 0;
}

int pref_source_rewind(struct pref_source *source, struct pref_err *err)
{
    if (!source->config.replay || source->index + 1 != source->count || !source->ended)
        return pref_usage(err, "the input can be read again only after it was read to its end");
    source->replaying = 1;
    atomic_store_explicit(&source->bytes, 0, memory_order_relaxed);
    stand_before(source, 0);
    return 0;
}

size_t pref_source_index(const struct pref_source *source)
{
    return source->index;
}

const char *pref_source_name(const struct pref_source *source, size_t index)
{
    if (index >= source->count)
        return "";
    return source->inputs[index].is_stdin ? stdin_name : source->config.names[index];
}

uint64_t pref_source_given(const struct pref_source *source)
{
    return source->plain;
}

uint64_t pref_source_place(const struct pref_source *source, size_t index, uint64_t at, size_t len)
{
    const struct pref_source_input *input = &source->inputs[index];
    return input->reread == 0 ? 0
                              : pref_rereads_place(source->config.rereads, input->reread,
                                                   (uint64_t)input->start + at, len);
}

uint64_t pref_source_bytes(const struct pref_source *source, uint64_t *total)
{
    if (total != NULL)
        *total = source->total;
    return atomic_load_explicit(&source->bytes, memory_order_relaxed);
}

int pref_source_is_input(const struct pref_source *source, const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return 0;
    struct pref_identity other = {.dev = st.st_dev, .ino = st.st_ino};
    for (size_t i = 0; i < source->count; i++) {
        if (pref_identity_same(&source->inputs[i].identity, &other))
            return 1;
    }
    return 0;
}
