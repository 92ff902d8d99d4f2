/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SLOTS = 256,
    BEFORE = 48, /* room for {"q":N,"record": */
    AFTER = 32,  /* and for ,"repeat":N} and the LF */
    KNOWN_AT_ONCE = 4096
};

/* ---- Asking ---------------------------------------------------------------------------------- */

/* At most half of the slots are taken. */
int oracle_make_slot(struct pref_oracle *oracle)
{
    size_t count = (size_t)oracle->mask + 1;
    if (oracle->slots != NULL && oracle->pending < count / 2)
        return 0;
    size_t more = oracle->slots == NULL ? FIRST_SLOTS : 2 * count;
    struct oracle_question **slots = calloc(more, sizeof *slots);
    if (slots == NULL)
        return -1;
    for (size_t i = 0; oracle->slots != NULL && i < count; i++)
        if (oracle->slots[i] != NULL)
            slots[oracle->slots[i]->q & (more - 1)] = oracle->slots[i];
    free(oracle->slots);
    oracle->slots = slots;
    oracle->mask = more - 1;
    return 0;
}

/* The number of the answer that is asked for next, from 1. */
static unsigned next_repeat(const struct oracle_question *question)
{
    return question->yes + question->no + 1;
}

static int is_decided(const struct pref_oracle *oracle, const struct oracle_question *question)
{
    unsigned most = question->yes > question->no ? question->yes : question->no;
    return most > oracle->config.repeat / 2;
}

/* Write what stands around the record, with a number of its own: one is never used twice, and one
 * whose slot is taken is left out. */
static void frame(struct pref_oracle *oracle, struct oracle_question *question)
{
    char before[BEFORE], *after = question->text + BEFORE + question->record_len;
    do
        question->q = ++oracle->next_q;
    while (oracle->slots[question->q & oracle->mask] != NULL);
    oracle->slots[question->q & oracle->mask] = question;
    int n = snprintf(before, BEFORE, "{\"q\":%llu,\"record\":", (unsigned long long)question->q);
    question->start = BEFORE - (size_t)n;
    memcpy(question->text + question->start, before, (size_t)n);
    int m = oracle->config.repeat == 1
                ? snprintf(after, AFTER, "}\n")
                : snprintf(after, AFTER, ",\"repeat\":%u}\n", next_repeat(question));
    question->len = (size_t)n + question->record_len + (size_t)m;
}

/* Take the answers that the cache has; 1 once they decide. */
static int recall(struct pref_oracle *oracle, struct oracle_question *question)
{
    struct pref_span record = {question->text + BEFORE, question->record_len};
    while (!is_decided(oracle, question)) {
        question->key = pref_answers_key(oracle->answers, record, next_repeat(question));
        int ok = pref_answers_find(oracle->answers, question->key);
        if (ok == PREF_ANSWERS_UNKNOWN)
            return 0;
        question->yes += ok == 1;
        question->no += ok == 0;
    }
    return 1;
}

/* Ask for the next answer, if it is not known; before those that wait, if it is to go `first`. */
static void go_on(struct pref_oracle *oracle, struct oracle_question *question, int first)
{
    struct oracle_list *list = &oracle->waiting;
    if (oracle->answers != NULL && recall(oracle, question))
        list = &oracle->known;
    else
        frame(oracle, question);
    if (first)
        oracle_list_prepend(list, question);
    else
        oracle_list_append(list, question);
}

int pref_oracle_ask(struct pref_oracle *oracle, struct pref_span record, void *tag,
                    struct pref_err *err)
{
    struct oracle_question *question = NULL;
    if (oracle_make_slot(oracle) == 0 && record.len < SIZE_MAX / 2)
        question = malloc(sizeof *question + BEFORE + record.len + AFTER);
    if (question == NULL)
        return pref_fail_memory(err, "a question to the oracle");
    *question = (struct oracle_question){.tag = tag, .record_len = record.len};
    memcpy(question->text + BEFORE, record.ptr, record.len);
    oracle->pending++;
    go_on(oracle, question, oracle->telling);
    return 0;
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* Forget a question and tell its answer. */
static void settle(struct pref_oracle *oracle, struct oracle_question *question,
                   enum pref_answer answer)
{
    void *tag = question->tag;
    unsigned asked = question->yes + question->no + (answer == PREF_ANSWER_NONE);
    oracle->pending--;
    oracle->settled++;
    free(question);
    oracle->telling = 1;
    oracle->told(oracle->user, tag, answer, asked);
    oracle->telling = 0;
}

static void settle_by_majority(struct pref_oracle *oracle, struct oracle_question *question)
{
    settle(oracle, question,
           question->yes > question->no ? PREF_ANSWER_YES : PREF_ANSWER_NO);
}

void oracle_answered(struct pref_oracle *oracle, struct oracle_question *question, int ok)
{
    oracle->slots[question->q & oracle->mask] = NULL;
    oracle->heard = 1;
    if (oracle->answers != NULL && oracle->broken == 0)
        oracle->broken =
            pref_answers_put(oracle->answers, question->key, &ok, &oracle->broken_err);
    question->yes += ok == 1;
    question->no += ok == 0;
    question->tries = 0;
    if (is_decided(oracle, question))
        settle_by_majority(oracle, question);
    else
        go_on(oracle, question, 1);
}

void oracle_charge(struct pref_oracle *oracle, struct oracle_question *question,
                   struct oracle_list *list)
{
    if (question->tries >= oracle->config.retries) {
        oracle->slots[question->q & oracle->mask] = NULL;
        oracle->heard = 1;
        settle(oracle, question, PREF_ANSWER_NONE);
        return;
    }
    question->tries++;
    oracle_list_append(list, question);
}

void oracle_tell_known(struct pref_oracle *oracle)
{
    for (int i = 0; i < KNOWN_AT_ONCE && oracle->known.first != NULL; i++) {
        struct oracle_question *question = oracle->known.first;
        oracle_list_remove(&oracle->known, question);
        settle_by_majority(oracle, question);
    }
}
