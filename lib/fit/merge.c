/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "pref/fit.h"

#include "text.h"
#include "lib/base/fdio.h"
#include "pref/buf.h"

#include <stdlib.h>
#include <string.h>

/* One fit that is read. */
struct part {
    struct pref_fit_reader *reader;
    struct pref_fit_row row; /* the next one that has not been added */
};

struct merge {
    struct part *parts;
    size_t count;
    size_t *heap; /* parts that have a row, the one of the least key first */
    size_t live;
    struct pref_fit_head head;
    struct pref_fit_writer *writer;
    struct pref_fit_row row; /* the sum so far; its key is `key` */
    struct pref_buf key;
    struct pref_accumulator sum[PREF_FIT_SUMS_MAX];
    int stop_fd;
};

/* Raise the soft limit of open files, if need be, so that all parts can be open together. */
static int allow_files(size_t count, struct pref_err *err)
{
    enum { OTHERS = 32 }; /* files that the process has open besides */
    uint64_t allowed = pref_fd_allow(count + OTHERS);
    if (allowed == count + OTHERS)
        return 0;
    return pref_fail(err,
                     "%zu fits cannot be open together, the limit of open files is %llu: merge "
                     "them in groups, then the results; the outcome is the same",
                     count, (unsigned long long)allowed);
}

static int open_parts(struct merge *m, const char *const *paths, struct pref_err *err)
{
    for (size_t i = 0; i < m->count; i++) {
        struct pref_fit_head head;
        int status = pref_fit_open_until(&m->parts[i].reader, paths[i], m->stop_fd, &head, err);
        if (status != 0)
            return status;
        if (i == 0) {
            m->head = head;
            continue;
        }
        struct pref_err why;
        if (pref_fit_expect(&head, m->head.tool, m->head.format, m->head.options, &why) != PREF_OK)
            return pref_fail(err, "%s: %.900s", pref_fit_name(m->parts[i].reader), why.text);
        if (head.records > UINT64_MAX - m->head.records)
            return pref_fail(err, "%s: too many records to add", paths[i]);
        m->head.records += head.records;
    }
    return 0;
}

static int before(const struct merge *m, size_t a, size_t b)
{
    return pref_span_compare(m->parts[m->heap[a]].row.key, m->parts[m->heap[b]].row.key) < 0;
}

static void swap(struct merge *m, size_t a, size_t b)
{
    size_t part = m->heap[a];
    m->heap[a] = m->heap[b];
    m->heap[b] = part;
}

static void sink_down(struct merge *m, size_t at)
{
    for (;;) {
        size_t least = at, child = 2 * at + 1;
        if (child < m->live && before(m, child, least))
            least = child;
        if (child + 1 < m->live && before(m, child + 1, least))
            least = child + 1;
        if (least == at)
            return;
        swap(m, at, least);
        at = least;
    }
}

static int start_heap(struct merge *m, struct pref_err *err)
{
    for (size_t i = 0; i < m->count; i++) {
        int more;
        int status = pref_fit_next(m->parts[i].reader, &m->parts[i].row, &more, err);
        if (status != 0)
            return status;
        if (more)
            m->heap[m->live++] = i;
    }
    for (size_t i = m->live / 2; i-- > 0;)
        sink_down(m, i);
    return 0;
}

/* Replace the row at the top of the heap by the next of its fit. */
static int advance(struct merge *m, struct pref_err *err)
{
    struct part *part = &m->parts[m->heap[0]];
    int more;
    int status = pref_fit_next(part->reader, &part->row, &more, err);
    if (status != 0)
        return status;
    if (!more)
        m->heap[0] = m->heap[--m->live];
    sink_down(m, 0);
    return 0;
}

/* Begin a sum with the row at the top. */
static int begin_row(struct merge *m, struct pref_err *err)
{
    const struct pref_fit_row *top = &m->parts[m->heap[0]].row;
    pref_buf_clear(&m->key);
    pref_buf_add_span(&m->key, top->key);
    if (m->key.failed)
        return pref_fail_memory(err, "a row of a fit");
    m->row = *top;
    m->row.key = pref_buf_span(&m->key);
    m->row.sum = m->sum;
    memcpy(m->sum, top->sum, top->sums * sizeof *m->sum);
    return 0;
}

/* Add the row at the top, which has the same key. */
static int add_row(struct merge *m, struct pref_err *err)
{
    const struct part *part = &m->parts[m->heap[0]];
    const struct pref_fit_row *top = &part->row;
    if (top->counts != m->row.counts || top->sums != m->row.sums)
        return pref_fail(err, "%s: key '%s' has %u counts and %u sums, expected %u and %u",
                         pref_fit_name(part->reader), pref_fit_show(top->key).text, top->counts,
                         top->sums, m->row.counts, m->row.sums);
    for (unsigned i = 0; i < top->counts; i++) {
        if (top->n[i] > UINT64_MAX - m->row.n[i])
            return pref_fail(err, "%s: a count of key '%s' is too large to add",
                             pref_fit_name(part->reader), pref_fit_show(top->key).text);
        m->row.n[i] += top->n[i];
    }
    for (unsigned i = 0; i < top->sums; i++)
        pref_accumulator_merge(&m->sum[i], &top->sum[i]);
    return 0;
}

static int merge_rows(struct merge *m, struct pref_err *err)
{
    for (uint64_t rows = 0; m->live > 0; rows++) {
        if (rows % 4096 == 0 && pref_fd_wait(-1, 0, m->stop_fd, 0) == PREF_WAIT_STOP)
            return PREF_LATER;
        int status = begin_row(m, err);
        if (status == 0)
            status = advance(m, err);
        while (status == 0 && m->live > 0 &&
               pref_span_equal(m->parts[m->heap[0]].row.key, m->row.key)) {
            status = add_row(m, err);
            if (status == 0)
                status = advance(m, err);
        }
        if (status == 0)
            status = pref_fit_put(m->writer, &m->row, err);
        if (status != 0)
            return status;
    }
    return 0;
}

int pref_fit_merge(const char *const *paths, size_t count, const char *out, int stop_fd,
                   struct pref_err *err)
{
    struct merge m = {.count = count, .stop_fd = stop_fd};
    if (count == 0)
        return pref_usage(err, "no fit to merge");
    int status = allow_files(count, err);
    if (status != 0)
        return status;
    m.parts = calloc(count, sizeof *m.parts);
    m.heap = calloc(count, sizeof *m.heap);
    if (m.parts == NULL || m.heap == NULL)
        status = pref_fail_memory(err, "a merge");
    if (status == 0)
        status = open_parts(&m, paths, err);
    if (status == 0)
        status = start_heap(&m, err);
    if (status == 0)
        status = pref_fit_create(&m.writer, out, &m.head, err);
    if (status == 0)
        status = merge_rows(&m, err);
    for (size_t i = 0; m.parts != NULL && i < count; i++)
        pref_fit_close(m.parts[i].reader);
    free(m.parts);
    free(m.heap);
    pref_buf_release(&m.key);
    if (status != 0) {
        pref_fit_abort(m.writer);
        return status;
    }
    return pref_fit_finish(m.writer, err);
}
