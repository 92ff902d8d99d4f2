/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    VECTORS = 64, /* questions in one write */
    FIRST_BLOCK = 1 << 17,
    READS = 16,    /* in one turn, so that no process keeps the others waiting */
    DEAF_MS = 1000 /* a process that closed its input may still say so much longer */
};

/* Gather what is not written yet. */
static int gather(const struct oracle_job *job, struct iovec *vectors)
{
    int n = 0;
    size_t offset = job->offset;
    for (struct oracle_question *q = job->unsent; q != NULL && n < VECTORS; q = q->after, n++) {
        vectors[n].iov_base = q->text + q->start + offset;
        vectors[n].iov_len = q->len - offset;
        offset = 0;
    }
    return n;
}

/* Note that `n` more bytes are written. */
static void advance(struct oracle_job *job, size_t n)
{
    int64_t now = oracle_now();
    while (n > 0) {
        struct oracle_question *question = job->unsent;
        size_t rest = question->len - job->offset;
        if (n < rest) {
            job->offset += n;
            return;
        }
        n -= rest;
        question->sent = 1;
        question->since = now;
        job->unsent = question->after;
        job->offset = 0;
    }
}

void oracle_job_write(struct pref_oracle *oracle, struct oracle_job *job)
{
    struct iovec vectors[VECTORS];
    while (job->unsent != NULL && job->in >= 0) {
        ssize_t n = writev(job->in, vectors, gather(job, vectors));
        if (n >= 0) {
            advance(job, (size_t)n);
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        /* It takes no more questions. What it has said is read before it goes. */
        pref_fail_errno(&oracle->trouble, errno, "does not read its input");
        close(job->in);
        job->in = -1;
        job->kill_at = oracle_now() + DEAF_MS;
    }
}

/* The number of a question: digits alone. Anything else gives a number that none has. */
static uint64_t parse_q(struct pref_span text)
{
    uint64_t value = 0;
    if (text.len == 0 || text.len > 16)
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return 0;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
    }
    return value;
}

/* Bytes of a line for a message. */
static int shown(size_t len)
{
    return len > 100 ? 100 : (int)len;
}

/* Take one line: 0, or PREF_FAIL with the process's trouble noted, or PREF_LATER out of memory. */
static int take_line(struct pref_oracle *oracle, struct oracle_job *job, const char *line,
                     size_t len)
{
    struct pref_doc doc;
    struct pref_fault fault;
    if (pref_scan(oracle->scanner, line, len, &doc, &fault) != 0) {
        struct pref_err why;
        if (fault.kind == PREF_FAULT_MEMORY)
            return PREF_LATER;
        pref_fault_text(oracle->shape, &fault, &why);
        return pref_fail(&oracle->trouble, "gave a line that is no answer: %.300s", why.text);
    }
    const struct pref_hit *error = pref_doc_at(&doc, oracle->place_error);
    const struct pref_hit *ok = pref_doc_at(&doc, oracle->place_ok);
    struct pref_span text = pref_hit_span(&doc, pref_doc_at(&doc, oracle->place_q));
    uint64_t q = parse_q(text);
    struct oracle_question *question = oracle->slots[q & oracle->mask];
    if (question == NULL || question->q != q || question->job != job || !question->sent)
        return pref_fail(&oracle->trouble, "answered question %.*s, which it was not asked",
                         shown(text.len), text.ptr);
    if (ok == NULL && error == NULL)
        return pref_fail(&oracle->trouble, "gave an answer with neither 'ok' nor 'error'");
    oracle_list_remove(&job->flight, question);
    question->job = NULL;
    if (--job->flying == 0)
        job->alone = 0;
    job->answers++;
    oracle->proven = 1;
    oracle->misses = 0;
    if (error == NULL) {
        oracle_answered(oracle, question, ok->type == PREF_TRUE);
        return 0;
    }
    text = pref_hit_span(&doc, error);
    pref_fail(&oracle->trouble, "answered with the error %.*s", shown(text.len), text.ptr);
    oracle_charge(oracle, question, &oracle->waiting);
    return 0;
}

/* Take the whole lines of the block; `fresh` bytes at its end are new. */
static int take_lines(struct pref_oracle *oracle, struct oracle_job *job, size_t fresh)
{
    char *start = job->block, *end = job->block + job->held, *from = end - fresh, *lf;
    while (from < end && (lf = memchr(from, '\n', (size_t)(end - from))) != NULL) {
        if ((size_t)(lf - start) > PREF_ORACLE_LINE_MAX)
            break;
        int status = take_line(oracle, job, start, (size_t)(lf - start));
        if (status != 0)
            return status;
        start = from = lf + 1;
    }
    job->held = (size_t)(end - start);
    if (job->held > PREF_ORACLE_LINE_MAX)
        return pref_fail(&oracle->trouble, "gave an answer of more than %zu bytes",
                         PREF_ORACLE_LINE_MAX);
    if (start != job->block && job->held > 0)
        memmove(job->block, start, job->held);
    return 0;
}

/* Room for more bytes in the block. */
static int make_room(struct oracle_job *job, struct pref_err *err)
{
    if (job->held < job->cap)
        return 0;
    size_t cap = job->cap == 0 ? FIRST_BLOCK : 2 * job->cap;
    char *block = realloc(job->block, cap + PREF_PAD);
    if (block == NULL)
        return pref_fail_memory(err, "an oracle's answer");
    memset(block + job->cap, 0, cap + PREF_PAD - job->cap);
    job->block = block;
    job->cap = cap;
    return 0;
}

int oracle_job_read(struct pref_oracle *oracle, struct oracle_job *job, struct pref_err *err)
{
    for (int i = 0; i < READS; i++) {
        int status = make_room(job, err);
        if (status != 0)
            return status;
        ssize_t n = read(job->out, job->block + job->held, job->cap - job->held);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        if (n <= 0) {
            pref_fail(&oracle->trouble, "closed its output");
            oracle_job_ended(job);
            return 0;
        }
        uint64_t answers = job->answers;
        job->held += (size_t)n;
        status = take_lines(oracle, job, (size_t)n);
        if (job->answers != answers) /* bytes that are no answer do not put off its end */
            job->last_answer = oracle_now();
        if (status == PREF_LATER)
            return pref_fail_memory(err, "an oracle's answer");
        if (status != 0) {
            oracle_job_kill(job);
            return 0;
        }
    }
    return 0;
}
