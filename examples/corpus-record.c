/* SPDX-License-Identifier: Apache-2.0 */
/* make-corpus: what each record is, and its line. */
#include "config.h"

#include <string.h>

#include "corpus.h"

enum { TURNS = 4 };

/* The members of a record, in their usual order. */
enum { F_ID, F_PROMPT, F_CHOSEN, F_REJECTED, F_VOTES, F_SCORES, F_SOURCE, F_TASK, F_META };

static const char *const sources[] = {"forum", "web", "handbook", "chat-logs", "caf\xc3\xa9"};
static const char *const tasks[] = {"chat", "explain", "plan", "rewrite", "code", "safety"};

static bool chance(const struct corpus_spec *c, uint64_t index, enum corpus_purpose what,
                   uint32_t rate)
{
    struct corpus_rng r = corpus_rng_for(c->seed, index, what);
    return corpus_rng_below(&r, CORPUS_MILLION) < rate;
}

static enum corpus_fault fault_of(const struct corpus_spec *c, uint64_t index)
{
    struct corpus_rng r = corpus_rng_for(c->seed, index, CORPUS_P_FAULT);
    uint32_t at = corpus_rng_below(&r, CORPUS_MILLION);
    /* The first record is good, so that every copy finds an original. */
    for (int f = CORPUS_GOOD + 1; f < CORPUS_MALFORMED && index > 0; f++) {
        if (at < c->rate[f])
            return (enum corpus_fault)f;
        at -= c->rate[f];
    }
    return CORPUS_GOOD;
}

static bool is_copy(enum corpus_fault f)
{
    return f == CORPUS_DUPLICATE || f == CORPUS_NEAR || f == CORPUS_CONTRADICTION;
}

struct corpus_plan corpus_plan_make(const struct corpus_spec *c, uint64_t index)
{
    struct corpus_plan p = {index, index, index, 'p', fault_of(c, index), false};
    p.hard = p.fault != CORPUS_GOOD && chance(c, index, CORPUS_P_HARD, c->hard[p.fault]);
    if (is_copy(p.fault)) {
        struct corpus_rng r = corpus_rng_for(c->seed, index, CORPUS_P_TARGET);
        p.origin = corpus_rng_next(&r) % index;
        while (fault_of(c, p.origin) != CORPUS_GOOD)
            p.origin--;
    }
    return p;
}

/* A few records come from writers with other habits; hard copies always do. */
static void layout_make(struct corpus_layout *l, struct corpus_rng *r, bool odd)
{
    uint32_t dice = corpus_rng_below(r, 100);
    l->escapes = corpus_rng_below(r, 4) == 0 ? CORPUS_ESC_ASCII : CORPUS_ESC_UTF8;
    l->colon = dice < 10 ? ": " : ":";
    l->comma = dice < 10 ? ", " : ",";
    l->role_last = odd;
    for (unsigned i = 0; i < CORPUS_FIELDS; i++)
        l->order[i] = (unsigned char)i;
    if (odd) {
        l->escapes = CORPUS_ESC_ODD;
        l->colon = " :\t";
        l->comma = " , ";
    }
    for (unsigned i = CORPUS_FIELDS - 1; i > 0 && (odd || dice < 3); i--) {
        uint32_t k = corpus_rng_below(r, i + 1);
        unsigned char was = l->order[i];
        l->order[i] = l->order[k];
        l->order[k] = was;
    }
}

static struct corpus_shape shape_of(const struct corpus_spec *c, const struct corpus_plan *p)
{
    static const unsigned panels[10] = {4, 4, 4, 4, 4, 4, 5, 5, 7, 10};
    struct corpus_rng r = corpus_rng_for(c->seed, p->origin, CORPUS_P_SHAPE);
    struct corpus_shape s = {
        .texts = p->origin, .prompt = p->origin, .fault = p->fault, .hard = p->hard};
    if (is_copy(p->fault))
        s.fault = CORPUS_GOOD;
    s.exchanged = p->fault == CORPUS_WRONG || p->fault == CORPUS_CONTRADICTION;
    /* One record in six takes up an earlier prompt, as corpora do. */
    uint64_t back = 1 + corpus_rng_below(&r, 1000);
    if (corpus_rng_below(&r, 6) == 0 && back <= p->origin)
        s.prompt -= back;
    s.models = panels[corpus_rng_below(&r, 10)];
    s.source = corpus_rng_below(&r, sizeof sources / sizeof *sources);
    s.task = corpus_rng_below(&r, sizeof tasks / sizeof *tasks);
    s.meta = corpus_rng_below(&r, 10) == 0;
    s.null = corpus_rng_below(&r, 2) == 0;
    s.votes = !(s.fault == CORPUS_MISSING && !s.hard);
    s.scores = !(s.fault == CORPUS_MISSING && s.hard);
    layout_make(&s.layout, &r, false);
    if (p->hard && (p->fault == CORPUS_DUPLICATE || p->fault == CORPUS_CONTRADICTION)) {
        struct corpus_rng odd = corpus_rng_for(c->seed, p->index, CORPUS_P_ODD);
        layout_make(&s.layout, &odd, true);
    }
    /* The prompt's form belongs to the prompt, so that equal prompts are equal values. */
    struct corpus_rng q = corpus_rng_for(c->seed, s.prompt, CORPUS_P_SHAPE);
    q.s = ~q.s;
    s.turns = corpus_rng_below(&q, 4) == 0 ? 1 + corpus_rng_below(&q, TURNS) : 0;
    s.messages = s.turns > 0 && corpus_rng_below(&q, 2) == 0;
    return s;
}

void corpus_id_write(struct corpus_buf *b, char kind, uint64_t id)
{
    char head[3] = {'"', kind, '-'};
    corpus_buf_put(b, head, sizeof head);
    corpus_buf_uint(b, id, 7);
    corpus_buf_put(b, "\"", 1);
}

/* "key":"value", for values that need no escape but that of é. */
static void put_pair(struct corpus_buf *b, const struct corpus_layout *l, const char *key,
                     const char *v)
{
    struct corpus_text t;
    struct corpus_rng none = {0};
    t.n = strlen(v);
    memcpy(t.s, v, t.n);
    corpus_key_write(b, l, key);
    corpus_buf_text(b, &t, l->escapes == CORPUS_ESC_ODD ? CORPUS_ESC_ASCII : l->escapes, &none);
}

static void put_message(struct corpus_buf *b, const struct corpus_layout *l, const char *role,
                        const struct corpus_text *t, struct corpus_rng *odd)
{
    corpus_buf_put(b, "{", 1);
    if (!l->role_last) {
        put_pair(b, l, "role", role);
        corpus_buf_puts(b, l->comma);
    }
    corpus_key_write(b, l, "content");
    corpus_buf_text(b, t, l->escapes, odd);
    if (l->role_last) {
        corpus_buf_puts(b, l->comma);
        put_pair(b, l, "role", role);
    }
    corpus_buf_put(b, "}", 1);
}

/* The prompt: a string, or earlier turns and the question as messages. */
static void put_prompt(const struct corpus_spec *c, const struct corpus_shape *s,
                       struct corpus_buf *b, struct corpus_rng *odd)
{
    struct corpus_text t;
    if (s->turns == 0) {
        corpus_text_prompt(c, s->prompt, 0, &t);
        corpus_buf_text(b, &t, s->layout.escapes, odd);
        return;
    }
    corpus_buf_put(b, "[", 1);
    for (unsigned turn = s->turns; turn-- > 0;) {
        /* With an even number of turns the first is the system's. */
        const char *role = turn % 2 == 0 ? "user" : turn + 1 == s->turns ? "system" : "assistant";
        corpus_text_prompt(c, s->prompt, turn, &t);
        put_message(b, &s->layout, role, &t, odd);
        if (turn > 0)
            corpus_buf_puts(b, s->layout.comma);
    }
    corpus_buf_put(b, "]", 1);
}

static void put_response(const struct corpus_spec *c, const struct corpus_plan *p,
                         const struct corpus_shape *s, bool chosen, struct corpus_buf *b,
                         struct corpus_rng *odd)
{
    struct corpus_text t;
    corpus_text_response(c, s->texts, s->prompt, chosen == s->exchanged, &t);
    if (p->fault == CORPUS_NEAR && (chosen || p->hard)) {
        struct corpus_rng r = corpus_rng_for(c->seed, p->index, CORPUS_P_ODD);
        corpus_text_change(c, &r, chosen ? 1 : 2, &t);
    }
    if (!s->messages) {
        corpus_buf_text(b, &t, s->layout.escapes, odd);
        return;
    }
    corpus_buf_put(b, "[", 1);
    put_message(b, &s->layout, "assistant", &t, odd);
    corpus_buf_put(b, "]", 1);
}

static bool has_field(const struct corpus_shape *s, unsigned field)
{
    if (field == F_VOTES)
        return s->votes || s->null;
    if (field == F_SCORES)
        return s->scores || s->null;
    return field != F_META || s->meta;
}

static void put_field(const struct corpus_spec *c, const struct corpus_plan *p,
                      const struct corpus_shape *s, unsigned field, struct corpus_buf *b,
                      struct corpus_rng *odd)
{
    static const char *const names[CORPUS_FIELDS] = {
        "id", "prompt", "chosen", "rejected", "votes", "scores", "source", "task", "meta"};
    /* No tool reads it; only bytes passed through keep its number and escapes as they are. */
    static const char meta[] = "{\"rev\":[1,2.50e1],\"mark\":\"\\u2713 \\/\"}";
    const struct corpus_layout *l = &s->layout;
    if (field == F_SOURCE) {
        put_pair(b, l, names[field], sources[s->source]);
        return;
    }
    if (field == F_TASK) {
        put_pair(b, l, names[field], tasks[s->task]);
        return;
    }
    corpus_key_write(b, l, names[field]);
    if (field == F_ID)
        corpus_id_write(b, p->kind, p->id);
    else if (field == F_PROMPT)
        put_prompt(c, s, b, odd);
    else if (field == F_CHOSEN || field == F_REJECTED)
        put_response(c, p, s, field == F_CHOSEN, b, odd);
    else if (field == F_VOTES && s->votes)
        corpus_votes_write(c, p, s, b);
    else if (field == F_SCORES && s->scores)
        corpus_scores_write(c, p, s, b);
    else
        corpus_buf_puts(b, field == F_META ? meta : "null");
}

void corpus_record_write(const struct corpus_spec *c, const struct corpus_plan *p,
                         struct corpus_buf *b)
{
    struct corpus_shape s = shape_of(c, p);
    struct corpus_rng odd = corpus_rng_for(c->seed, ~p->index, CORPUS_P_ODD);
    bool first = true;
    corpus_buf_put(b, "{", 1);
    for (unsigned i = 0; i < CORPUS_FIELDS; i++) {
        unsigned field = s.layout.order[i];
        if (!has_field(&s, field))
            continue;
        if (!first)
            corpus_buf_puts(b, s.layout.comma);
        first = false;
        put_field(c, p, &s, field, b, &odd);
    }
    corpus_buf_put(b, "}\n", 2);
}

bool corpus_malformed_write(const struct corpus_spec *c, uint64_t index, struct corpus_buf *b)
{
    /* Whole lines to a careless reader: a byte of Latin-1, a key that comes twice, a bare TAB. */
    static const char *const tails[] = {",\"note\":\"caf\xe9\"}\n", ",\"\\u0063hosen\":\"Yes.\"}\n",
                                        ",\"note\":\"one\ttwo\"}\n"};
    struct corpus_rng r = corpus_rng_for(c->seed, index, CORPUS_P_BREAK);
    bool hard = corpus_rng_below(&r, CORPUS_MILLION) < c->hard[CORPUS_MALFORMED];
    /* No record has such a number, so the text is a new one. */
    struct corpus_plan p = {~index, ~index, index, 'm', CORPUS_GOOD, false};
    size_t start = b->n;
    corpus_record_write(c, &p, b);
    if (b->failed)
        return hard;
    if (hard) {
        b->n -= 2;
        corpus_buf_puts(b, tails[corpus_rng_below(&r, sizeof tails / sizeof *tails)]);
    } else {
        b->n = start + (b->n - start) * (30 + corpus_rng_below(&r, 60)) / 100;
        corpus_buf_put(b, "\n", 1);
    }
    return hard;
}
