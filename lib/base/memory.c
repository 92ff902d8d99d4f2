/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "memory.h"

#include <stdio.h>
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
