/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An expression of any bytes, and weights of any bytes. The first eight bytes say which judges are
 * seen, the next eight which of them say chosen. What is taken must hold or not, its program must
 * leave one truth whatever is asked, and what is refused must say why.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filters/common/judges_expr.h"
#include "filters/vote/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

/* Every step has the truths that it takes, and one is left. */
static void check_program(const struct judges_expr *expr, unsigned judges)
{
    unsigned truths = 0;
    for (unsigned i = 0; i < expr->count; i++) {
        const struct judges_op *op = &expr->op[i];
        unsigned takes = op->code == JUDGES_COUNT ? op->a
                         : op->code == JUDGES_NOT ? 1
                         : op->code >= JUDGES_AND ? 2
                                                  : 0;
        require(takes <= truths);
        require(takes > 0 || op->a < judges);
        require(op->code != JUDGES_COUNT || (op->b >= 1 && op->b <= op->a));
        truths += 1 - takes;
        require(truths <= JUDGES_STACK_MAX);
    }
    require(truths == 1);
}

static void weigh(const char *text)
{
    struct vote_weights weights = {0};
    struct pref_err err = {""};
    if (vote_weights_parse(&weights, "--weights", text, &err) == PREF_OK)
        require(vote_weights_of(&weights, pref_span_of("a")) <=
                (uint64_t)VOTE_WEIGHT_MOST * VOTE_WEIGHT_ONE);
    else
        require(err.text[0] == '-');
    vote_weights_release(&weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct judges_expr expr;
    struct judges judges = {.count = 0};
    struct pref_err err = {""};
    uint64_t seen, chosen;
    if (size < 16)
        return 0;
    memcpy(&seen, data, 8);
    memcpy(&chosen, data + 8, 8);
    char *text = malloc(size - 15);
    require(text != NULL);
    memcpy(text, data + 16, size - 16);
    text[size - 16] = '\0';
    if (judges_expr_parse(&expr, &judges, "--accept", text, &err) == PREF_OK) {
        check_program(&expr, judges.count);
        int holds = judges_expr_holds(&expr, seen, seen & chosen);
        require(holds == 0 || holds == 1);
    } else {
        require(memcmp(err.text, "--accept: ", 10) == 0);
    }
    judges_release(&judges);
    weigh(text);
    free(text);
    return 0;
}
