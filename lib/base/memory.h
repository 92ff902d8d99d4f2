/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h - how much memory there is, for tables that grow with the input: they stop with advice
 * before the system ends the process without a word; and memory for such tables.
 */
#ifndef PREF_MEMORY_H
#define PREF_MEMORY_H

#include "pref/base.h"

/* Three quarters of the memory that this process may have: the machine's, or its control group's
 * (version 2) where that is less. UINT64_MAX where nothing is known. */
uint64_t pref_memory_most(void);

/* Zeroed memory for a table that is looked into at random, which the caller frees. From
 * PREF_MEMORY_HUGE bytes on, of which `bytes` must be a multiple then, it lies in huge pages where
 * the system has them: a look costs one cache miss, and not a second one to find its page. NULL
 * when memory ran out. */
void *pref_memory_table(size_t bytes);

#define PREF_MEMORY_HUGE ((size_t)2 << 20)

#endif
