/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "slots.h"

#include "spool.h"
#include "lib/base/fdio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int pref_slots_open(struct pref_slots *slots, int on_disk, struct pref_err *err)
{
    *slots = (struct pref_slots){0};
    int status = on_disk ? pref_scratch_open(&slots->fd, err) : PREF_OK;
    slots->on_disk = on_disk && status == PREF_OK;
    return status;
}

void pref_slots_release(struct pref_slots *slots)
{
    if (slots->on_disk)
        close(slots->fd);
    free(slots->at);
    *slots = (struct pref_slots){0};
}

/* Room for an index: the array grows by a quarter, so that little of it lies idle. */
static int make_room(struct pref_slots *slots, uint64_t index)
{
    if (index < slots->cap)
        return 0;
    if (index > SIZE_MAX / sizeof *slots->at / 2)
        return -1;
    size_t cap = (size_t)index + (size_t)index / 4 + 1024;
    uint64_t *at = realloc(slots->at, cap * sizeof *at);
    if (at == NULL)
        return -1;
    memset(at + slots->cap, 0, (cap - slots->cap) * sizeof *at);
    slots->at = at;
    slots->cap = cap;
    return 0;
}

int pref_slots_set(struct pref_slots *slots, uint64_t index, uint64_t value, struct pref_err *err)
{
    if (slots->on_disk) {
        int number = pref_fd_write_at(slots->fd, &value, sizeof value, index * sizeof value);
        return number == 0 ? PREF_OK
                           : pref_fail_errno(err, number, "cannot write a scratch file (TMPDIR "
                                             "names its folder)");
    }
    if (make_room(slots, index) != 0)
        return pref_fail_memory(err, "the places of records");
    slots->at[index] = value;
    return PREF_OK;
}

int pref_slots_get(const struct pref_slots *slots, uint64_t index, uint64_t *value,
                   struct pref_err *err)
{
    *value = 0;
    if (!slots->on_disk) {
        if (index < slots->cap)
            *value = slots->at[index];
        return PREF_OK;
    }
    if (pref_fd_read_at(slots->fd, value, sizeof *value, index * sizeof *value) < 0)
        return pref_fail_errno(err, errno, "cannot read a scratch file");
    return PREF_OK;
}
