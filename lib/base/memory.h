/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memory.h - how much memory there is, for tables that grow with the input: they stop with advice
 * before the system ends the process without a word.
 */
#ifndef PREF_MEMORY_H
#define PREF_MEMORY_H

#include "pref/base.h"

/* Three quarters of the memory that this process may have: the machine's, or its control group's
 * (version 2) where that is less. UINT64_MAX where nothing is known. */
uint64_t pref_memory_most(void);

#endif
