/* SPDX-License-Identifier: Apache-2.0 */
/* finish.c - the ends of a run: fits, the summary, and the order in which a run that went
 * well becomes visible: bytes, then the summary, and only then the closing of standard output, so
 * that whoever reads the pipe to its end finds the summary there. */
#include "config.h"

#include "engine.h"
#include "lib/stream/target_name.h"
#include "pref/number.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUMMARY_BEGINS "{\"tool\":"
#define SUMMARY_LIMIT ((size_t)1 << 20) /* bytes of a summary that --after will read */

/* ---- --summary ------------------------------------------------------------------------------- */

/* Remove a file that a failed run must not leave. Only what stands under its own name is unlinked:
 * behind a link it is enough that the file holds nothing. What is written as it is, standard output
 * or an open file, may hold what is not ours, and stays. */
static int take_back(const char *path)
{
    struct stat st;
    if (pref_target_is_stdout(path) || pref_target_in_place(path))
        return 0;
    if (lstat(path, &st) != 0)
        return -1;
    return S_ISREG(st.st_mode) ? unlink(path) : truncate(path, 0);
}

/* Whether a device, such as /dev/null, has nothing to read: a terminal is not asked. */
static int is_empty_device(const char *path)
{
    char byte;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return 0;
    ssize_t n = isatty(fd) ? -1 : read(fd, &byte, sizeof byte);
    close(fd);
    return n == 0;
}

/* Whether what is there may make way: nothing, or one line that begins as a summary does. More than
 * a line is somebody's records, and the bytes of a pipe or a terminal may be waited for by others.
 * 1 or 0, or -1 where it could not be read. *len is what it holds. */
static int is_summary(const char *path, const struct stat *st, size_t *len, struct pref_err *err)
{
    const size_t head = sizeof SUMMARY_BEGINS - 1;
    struct pref_buf text = {0};
    *len = 0;
    if (S_ISCHR(st->st_mode))
        return is_empty_device(path);
    if (!S_ISREG(st->st_mode) || st->st_size > (off_t)SUMMARY_LIMIT)
        return 0;
    int status = pref_file_read(path, SUMMARY_LIMIT, -1, &text, err);
    *len = text.len;
    int is = text.len == 0 || (text.len > head && memcmp(text.ptr, SUMMARY_BEGINS, head) == 0 &&
                               memchr(text.ptr, '\n', text.len) == text.ptr + text.len - 1);
    pref_buf_release(&text);
    return status == PREF_OK ? is : -1;
}

int engine_forget_summary(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    const char *path = config->summary;
    struct stat st = {0};
    size_t len;
    if (path == NULL || pref_target_is_stdout(path) || (stat(path, &st) != 0 && errno == ENOENT))
        return PREF_OK;
    for (size_t i = 0; i < config->inputs.count; i++)
        if (pref_target_is_input(path, config->inputs.text[i]))
            return pref_usage(err, "--summary '%s' is also an input", path);
    if (access(path, R_OK) != 0)
        return pref_fail_errno(err, errno, "cannot read the older '%s'", path);
    int is = is_summary(path, &st, &len, err);
    if (is < 0)
        return PREF_FAIL;
    if (!is)
        return pref_usage(err, "--summary: '%s' is there and is no summary", path);
    if (len > 0 && take_back(path) != 0)
        return pref_fail_errno(err, errno, "cannot remove the older '%s'", path);
    return PREF_OK;
}

static void add_count(struct pref_buf *json, const char *name, uint64_t value)
{
    pref_buf_addf(json, ",\"%s\":%llu", name, (unsigned long long)value);
}

int engine_end_status(const struct engine *engine)
{
    if (engine->later)
        return PREF_LATER;
    if (engine->config->skipped_fail && engine->now.counts->malformed > 0)
        return PREF_FAIL;
    return engine->before;
}

static int write_summary(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    const struct pref_counts *counts = engine->now.counts;
    struct pref_report report = {.warn = config->warn_end, .user = config->warn_user};
    struct pref_buf json = {0};
    await_warn(engine, &report);
    if (engine->filter->report != NULL)
        engine->filter->report(engine->self, &report);
    pref_buf_addf(&json, SUMMARY_BEGINS "\"%s\",\"version\":\"%s\"", engine->filter->name,
                  config->program_version == NULL ? "" : config->program_version);
    add_count(&json, "in", counts->in);
    if (config->fit != NULL)
        add_count(&json, "fitted", counts->fitted);
    if (engine->filter->traits & PREF_MAKES)
        add_count(&json, "used", counts->used);
    add_count(&json, "out", counts->out);
    add_count(&json, "rejected", counts->rejected);
    add_count(&json, "malformed", counts->malformed);
    add_count(&json, "blank", counts->blank);
    add_count(&json, "missing", counts->missing);
    pref_buf_add_span(&json, pref_buf_span(&report.json));
    if (engine_end_status(engine) != PREF_OK)
        add_count(&json, "status", (uint64_t)engine_end_status(engine));
    pref_buf_add_text(&json, "}\n");
    int status = PREF_OK;
    if (json.failed || report.json.failed)
        status = pref_fail_memory(err, "the summary");
    else if (config->summary != NULL)
        status = pref_file_write(config->summary, pref_buf_span(&json), err);
    if (status == PREF_OK && config->summary_text != NULL)
        pref_buf_add(config->summary_text, json.ptr, json.len - 1);
    pref_buf_release(&json);
    pref_buf_release(&report.json);
    return status;
}

/* ---- --after --------------------------------------------------------------------------------- */

/* What --after wants to know of the stage before. */
struct ending {
    uint64_t out, status;
};

/* Take the scanned members of a summary; one without a status is of a run that ended with 0. */
static int take_ending(const struct pref_hit *out, const struct pref_hit *status,
                       const struct pref_doc *doc, const char *path, struct ending *ending,
                       struct pref_err *err)
{
    if (pref_u64_parse(pref_hit_span(doc, out), &ending->out) != PREF_OK)
        return pref_fail(err, "--after: '%s': \"out\" is no count", path);
    ending->status = PREF_OK;
    if (status == NULL)
        return PREF_OK;
    if (pref_u64_parse(pref_hit_span(doc, status), &ending->status) != PREF_OK ||
        (ending->status != PREF_OK && ending->status != PREF_FAIL && ending->status != PREF_LATER))
        return pref_fail(err, "--after: '%s': \"status\" is none of %d, %d and %d", path, PREF_OK,
                         PREF_FAIL, PREF_LATER);
    return PREF_OK;
}

static int read_ending(struct pref_span text, const char *path, struct ending *ending,
                       struct pref_err *err)
{
    struct pref_doc doc;
    struct pref_fault fault;
    struct pref_shape *shape = pref_shape_new();
    if (shape == NULL)
        return pref_fail_memory(err, "a summary");
    pref_place out = pref_shape_field(shape, "out"), ended = pref_shape_field(shape, "status");
    pref_shape_demand(shape, out, PREF_IS(PREF_NUMBER), PREF_REQUIRED);
    pref_shape_demand(shape, ended, PREF_IS(PREF_NUMBER), 0);
    int status = pref_shape_check(shape, err);
    struct pref_scanner *scanner = status == PREF_OK ? pref_scanner_new(shape) : NULL;
    if (status == PREF_OK && scanner == NULL)
        status = pref_fail_memory(err, "a summary");
    if (status == PREF_OK && pref_scan(scanner, text.ptr, text.len, &doc, &fault) != 0) {
        struct pref_err why;
        pref_fault_text(shape, &fault, &why);
        status = pref_fail(err, "--after: '%s' is no summary: %s", path, why.text);
    }
    if (status == PREF_OK)
        status = take_ending(pref_doc_at(&doc, out), pref_doc_at(&doc, ended), &doc, path, ending,
                             err);
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    return status;
}

int engine_check_after(struct engine *engine, struct pref_err *err)
{
    const char *path = engine->config->after;
    struct pref_buf text = {0};
    struct ending ending = {0};
    if (path == NULL)
        return PREF_OK;
    if (access(path, F_OK) != 0)
        return pref_fail(err, "--after: there is no '%s': the stage before did not end well", path);
    int status = pref_file_read(path, SUMMARY_LIMIT, engine->config->stop_fd, &text, err);
    if (status == PREF_OK && pref_buf_reserve(&text, PREF_PAD) == NULL)
        status = pref_fail_memory(err, "a summary");
    if (status == PREF_OK)
        status = read_ending(pref_buf_span(&text), path, &ending, err);
    if (status == PREF_OK && ending.out != engine->now.counts->in)
        status = pref_fail(err, "--after: %llu records came, '%s' says that %llu were sent",
                           (unsigned long long)engine->now.counts->in, path,
                           (unsigned long long)ending.out);
    engine->before = (int)ending.status;
    pref_buf_release(&text);
    return status;
}

/* ---- Fits ------------------------------------------------------------------------------------ */

static int fit_options(const struct engine *engine, struct pref_buf *json, struct pref_err *err)
{
    if (engine->filter->fit_options != NULL)
        engine->filter->fit_options(engine->self, json);
    else
        pref_buf_add_text(json, "{}");
    pref_buf_add_byte(json, '\0');
    return json->failed ? pref_fail_memory(err, "a fit") : PREF_OK;
}

int engine_save_fit(struct engine *engine, struct pref_err *err)
{
    const struct pref_filter *filter = engine->filter;
    struct pref_fit_writer *writer = NULL;
    struct pref_buf options = {0};
    int status = fit_options(engine, &options, err);
    if (status == PREF_OK) {
        struct pref_fit_head head = {.tool = filter->name,
                                     .format = filter->fit_format,
                                     .options = options.ptr,
                                     .records = engine->now.counts->fitted};
        status = pref_fit_create(&writer, engine->config->fit, &head, err);
    }
    if (status == PREF_OK) {
        status = filter->save(engine->self, writer, err);
        if (status == PREF_OK)
            status = pref_fit_finish(writer, err);
        else
            pref_fit_abort(writer);
    }
    pref_buf_release(&options);
    return status;
}

/* A fit that a run is told to use. */
struct loading {
    struct engine *engine;
    struct pref_buf options; /* that it must have been made with */
};

static int expect_head(void *self, const struct pref_fit_head *head, struct pref_err *err)
{
    struct loading *loading = self;
    const struct pref_filter *filter = loading->engine->filter;
    return pref_fit_expect(head, filter->name, filter->fit_format, loading->options.ptr, err);
}

static int load_row(void *self, const struct pref_fit_row *row, struct pref_err *err)
{
    struct loading *loading = self;
    return loading->engine->filter->load(loading->engine->self, row, err);
}

int engine_load_fit(struct engine *engine, const char *path, struct pref_err *err)
{
    static const struct pref_fit_taker into_filter = {expect_head, load_row};
    struct loading loading = {.engine = engine};
    int status = fit_options(engine, &loading.options, err);
    if (status == PREF_OK)
        status = pref_fit_take(path, engine->config->stop_fd, &into_filter, &loading, err);
    pref_buf_release(&loading.options);
    return status;
}

/* ---- The end --------------------------------------------------------------------------------- */

static int publish(struct pref_sink **sink, struct pref_err *err)
{
    struct pref_sink *leaving = *sink;
    *sink = NULL;
    if (leaving == NULL)
        return PREF_OK;
    int status = pref_sink_finish(leaving, err);
    if (status != PREF_OK) {
        pref_sink_abort(leaving);
        return status;
    }
    return pref_sink_publish(leaving, err);
}

/* What leaves behind the last record. */
static int write_tail(struct engine *engine, struct pref_err *err)
{
    struct pref_buf text = {0};
    if (engine->filter->tail == NULL || engine->out == NULL)
        return PREF_OK;
    int status = engine->filter->tail(engine->self, &text, err);
    if (status == PREF_OK && text.failed)
        status = pref_fail_memory(err, "what follows the records");
    if (status == PREF_OK && text.len > 0)
        status = pref_sink_write(engine->out, text.ptr, text.len, err);
    pref_buf_release(&text);
    return status;
}

static int finish(struct engine *engine, struct pref_err *err)
{
    const struct pref_config *config = engine->config;
    int status = engine->oracle == NULL ? PREF_OK : pref_oracle_flush(engine->oracle, err);
    if (status == PREF_OK)
        status = publish(&engine->rejects, err);
    if (status == PREF_OK)
        status = publish(&engine->malformed, err);
    for (struct pref_side *side = engine->sides; side != NULL && status == PREF_OK;
         side = side->next)
        status = publish(&side->sink, err);
    if (status == PREF_OK)
        status = write_tail(engine, err);
    if (status == PREF_OK && engine->out != NULL)
        status = pref_sink_finish(engine->out, err);
    if (status == PREF_OK && engine->filter->finish != NULL)
        status = engine->filter->finish(engine->self, err);
    if (status == PREF_OK && config->fit != NULL)
        status = engine_save_fit(engine, err);
    if (status == PREF_OK) {
        status = write_summary(engine, err);
        if (status != PREF_OK && config->summary != NULL)
            take_back(config->summary);
        if (status != PREF_OK && config->fit != NULL)
            take_back(config->fit);
    }
    if (status == PREF_OK && engine->out != NULL) {
        struct pref_sink *out = engine->out;
        engine->out = NULL;
        status = pref_sink_publish(out, err);
        if (status != PREF_OK && config->summary != NULL)
            take_back(config->summary);
    }
    return status;
}

static void *serve(void *worker)
{
    pref_crew_serve(pref_press_crew(((struct worker *)worker)->engine->press));
    return NULL;
}

/* A filter with files of its own may have many open frames: all threads compress them. */
int engine_finish(struct engine *engine, struct pref_err *err)
{
    pthread_t threads[PREF_THREADS_MAX];
    unsigned spawned = engine->filter->finish != NULL ? engine_spawn(engine, threads, serve) : 0;
    int status = finish(engine, err);
    pref_crew_dismiss(pref_press_crew(engine->press));
    for (unsigned i = 0; i < spawned; i++)
        pthread_join(threads[i], NULL);
    return status;
}
