/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make-corpus: what judges and reward models say of a pair.
 *
 * Judges err independently of each other and of the pair; their accuracies are the table below,
 * except where a fault fixes the votes. A contradiction is a second round of labels for the same
 * pair: the models' scores are the same, turned; the votes are new, and the first voter is the one
 * who gave the wrong label.
 */
#include "config.h"

#include "corpus.h"

enum { JUDGES = 5, MODELS = 10 };

/* accuracy: share of a judge's definite votes that are right, in hundredths. */
static const struct {
    const char *name;
    uint32_t accuracy;
    bool machine;
} judges[JUDGES] = {
    {"annotator-a", 92, false}, {"annotator-b", 86, false}, {"annotator-c", 78, false},
    {"llm-judge", 84, true},    {"best-rm", 80, true},
};

/* Scale and noise of each reward model, in tenths and hundredths of the hidden strength's unit. */
static const struct {
    int scale, noise;
} models[MODELS] = {
    {10, 50}, {7, 60}, {14, 45}, {40, 90}, {5, 70}, {22, 60}, {10, 80}, {3, 50}, {18, 90}, {30, 60},
};

enum word { W_CHOSEN, W_REJECTED, W_TIE, W_BOTH_BAD };

/* What the judges say, in words about the record's order. */
struct ballot {
    unsigned n;
    unsigned judge[JUDGES];
    enum word word[JUDGES];
};

static enum word draw_word(struct corpus_rng *r, unsigned judge, bool exchanged)
{
    uint32_t dice = corpus_rng_below(r, 1000);
    if (dice < 40)
        return W_TIE;
    if (dice < 50)
        return W_BOTH_BAD;
    bool right = corpus_rng_below(r, 100) < judges[judge].accuracy;
    return right != exchanged ? W_CHOSEN : W_REJECTED;
}

/* Where a fault fixes the votes: their number, and how many of them say "chosen". */
static bool fixed_votes(const struct corpus_shape *s, struct corpus_rng *r, unsigned *n,
                        unsigned *chosen)
{
    if (s->fault == CORPUS_AMBIGUOUS) {
        *n = s->hard ? 3 : 4;
        *chosen = s->hard ? 1 + corpus_rng_below(r, 2) : 2;
        return true;
    }
    if (s->fault == CORPUS_WRONG) {
        if (s->hard)
            *n = 3;
        *chosen = s->hard || (*n > 3 && corpus_rng_below(r, 2) == 0) ? 1 : 0;
        return true;
    }
    return false;
}

static void draw_ballot(const struct corpus_shape *s, struct corpus_rng *r, bool second_round,
                        struct ballot *v)
{
    static const unsigned sizes[10] = {3, 3, 3, 3, 3, 4, 4, 4, 5, 5};
    unsigned chosen = 0;
    v->n = sizes[corpus_rng_below(r, 10)];
    bool fixed = fixed_votes(s, r, &v->n, &chosen);
    /* Selection sampling keeps the judges in their usual order. */
    unsigned k = 0;
    for (unsigned j = 0; j < JUDGES && k < v->n; j++) {
        if (corpus_rng_below(r, JUDGES - j) < v->n - k)
            v->judge[k++] = j;
    }
    for (k = 0; k < v->n; k++) {
        if (fixed) {
            bool up = corpus_rng_below(r, v->n - k) < chosen;
            v->word[k] = up ? W_CHOSEN : W_REJECTED;
            chosen -= up;
        } else {
            v->word[k] = draw_word(r, v->judge[k], s->exchanged);
        }
    }
    if (second_round)
        v->word[0] = W_CHOSEN;
}

void corpus_votes_write(const struct corpus_spec *c, const struct corpus_plan *p,
                        const struct corpus_shape *s, struct corpus_buf *b)
{
    static const char *const words[] = {"chosen", "rejected", "tie", "both_bad"};
    const struct corpus_layout *l = &s->layout;
    bool second_round = p->fault == CORPUS_CONTRADICTION;
    uint64_t round = second_round ? p->index : p->origin;
    struct corpus_rng r = corpus_rng_for(c->seed, round, CORPUS_P_VOTES);
    struct ballot v;
    draw_ballot(s, &r, second_round, &v);
    corpus_buf_put(b, "[", 1);
    for (unsigned k = 0; k < v.n; k++) {
        corpus_buf_puts(b, k == 0 ? "{" : l->comma);
        if (k > 0)
            corpus_buf_put(b, "{", 1);
        corpus_word_write(b, l, "judge", judges[v.judge[k]].name);
        corpus_buf_puts(b, l->comma);
        corpus_word_write(b, l, "vote", words[v.word[k]]);
        uint32_t dice = corpus_rng_below(&r, 100);
        if (judges[v.judge[k]].machine && dice < 50) {
            corpus_buf_puts(b, l->comma);
            corpus_key_write(b, l, "swapped");
            corpus_buf_puts(b, dice < 25 ? "true" : "false");
        } else if (dice < 20) {
            corpus_buf_puts(b, l->comma);
            corpus_key_write(b, l, "confidence");
            corpus_buf_fixed(b, 5000 + 100 * (int64_t)corpus_rng_below(&r, 51));
        }
        corpus_buf_put(b, "}", 1);
    }
    corpus_buf_put(b, "]", 1);
}

/* The hidden strength, in ten-thousandths. */
static int64_t strength_of(const struct corpus_spec *c, uint64_t index,
                           const struct corpus_shape *s)
{
    struct corpus_rng r = corpus_rng_for(c->seed, index, CORPUS_P_TRUTH);
    int64_t u = corpus_rng_below(&r, 10001), w = corpus_rng_below(&r, 10001);
    if (s->fault == CORPUS_AMBIGUOUS)
        return 0;
    if (s->fault == CORPUS_WRONG)
        return s->hard ? 2500 + u * 35 / 100 : 12000 + u * 3;
    return 4000 + u * w / 10000 * 46 / 10;
}

/* About Gaussian, sd 1, in ten-thousandths: a sum of four uniforms of 16 bits. */
static int64_t noise(struct corpus_rng *r)
{
    uint64_t x = corpus_rng_next(r);
    int64_t sum = (int64_t)((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) + (x >> 48));
    return (sum - 131070) * 10000 / 37837;
}

void corpus_scores_write(const struct corpus_spec *c, const struct corpus_plan *p,
                         const struct corpus_shape *s, struct corpus_buf *b)
{
    const struct corpus_layout *l = &s->layout;
    struct corpus_rng r = corpus_rng_for(c->seed, p->origin, CORPUS_P_SCORES);
    int64_t truth = strength_of(c, p->origin, s);
    int64_t shared = noise(&r) / 10;
    /* Where there is nothing to tell apart, models differ less. */
    int64_t calm = s->fault == CORPUS_AMBIGUOUS ? 2 : 1;
    corpus_buf_put(b, "[", 1);
    for (unsigned m = 0; m < s->models; m++) {
        int64_t d = truth + (shared + noise(&r) * models[m].noise / 100) / calm;
        d = d * models[m].scale / 10;
        int64_t better = noise(&r) * models[m].scale / 10 + d / 2;
        int64_t worse = better - d;
        corpus_buf_puts(b, m == 0 ? "" : l->comma);
        corpus_buf_put(b, "{", 1);
        corpus_key_write(b, l, "model");
        corpus_buf_puts(b, "\"rm-");
        corpus_buf_uint(b, m + 1, 1);
        corpus_buf_put(b, "\"", 1);
        corpus_buf_puts(b, l->comma);
        corpus_key_write(b, l, "chosen");
        corpus_buf_fixed(b, s->exchanged ? worse : better);
        corpus_buf_puts(b, l->comma);
        corpus_key_write(b, l, "rejected");
        corpus_buf_fixed(b, s->exchanged ? better : worse);
        corpus_buf_put(b, "}", 1);
    }
    corpus_buf_put(b, "]", 1);
}
