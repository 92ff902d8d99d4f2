/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oracle.h - the language of loo's --oracle, and the options that go with it. Read once, when
 * loo opens; the texts are the options' own and are not copied.
 */
#ifndef FILTERS_LOO_ORACLE_H
#define FILTERS_LOO_ORACLE_H

#include "pref/oracle.h"
#include "pref/share.h"

enum loo_kind { LOO_MAJORITY, LOO_POSTERIOR, LOO_STRENGTH, LOO_EXEC };

struct loo_oracle {
    enum loo_kind kind;
    uint64_t lead;                   /* majority:M, at least 1 */
    struct pref_share posterior;     /* posterior:P, at least 1/2 */
    double z;                        /* strength:Z, finite, not negative */
    uint64_t jobs, timeout, retries, repeat, budget; /* as the options gave them */
    const char *cache, *salt;
};

/* Before the options are read: which of them were given will be known. */
void loo_oracle_preset(struct loo_oracle *oracle);

/* Read `text` (NULL: not given): majority[:M], posterior[:P], strength[:Z] or
 * exec:COMMAND. For exec, fills *config but for its window and stop_fd; `budget` is then 0 where
 * there is none. PREF_USAGE with a sentence for anything else, and for an option of exec with
 * another oracle. */
int loo_oracle_read(struct loo_oracle *oracle, const char *text, struct pref_oracle_config *config,
                    struct pref_err *err);

#endif
