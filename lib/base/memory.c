/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE 1 /* madvise */
#endif
#include "config.h"

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t of_machine(void)
{
#ifdef _SC_PHYS_PAGES
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    if (pages > 0 && size > 0)
        return (uint64_t)pages * (uint64_t)size;
#endif
    return UINT64_MAX;
}

/* As the control group's own folder shows it; "max" where there is no limit. */
static uint64_t of_group(void)
{
    unsigned long long most = 0;
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "r");
    if (file == NULL)
        return UINT64_MAX;
    int read = fscanf(file, "%llu", &most);
    fclose(file);
    return read == 1 && most > 0 ? most : UINT64_MAX;
}

uint64_t pref_memory_most(void)
{
    uint64_t machine = of_machine(), group = of_group();
    uint64_t most = machine < group ? machine : group;
    return most == UINT64_MAX ? most : most / 4 * 3;
}

void *pref_memory_table(size_t bytes)
{
    void *table;
    if (bytes < PREF_MEMORY_HUGE)
        return calloc(1, bytes);
    if (posix_memalign(&table, PREF_MEMORY_HUGE, bytes) != 0)
        return NULL;
#ifdef MADV_HUGEPAGE
    madvise(table, bytes, MADV_HUGEPAGE); /* without it, it is as good, but slower */
#endif
    return memset(table, 0, bytes);
}
