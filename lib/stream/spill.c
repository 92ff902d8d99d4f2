/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "spill.h"

#include "spool.h"
#include "lib/base/fdio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A block is entries, then where the next block of its list stands. */
#define LINK sizeof(uint64_t)
#define BLOCK_MOST ((size_t)64 << 10)
#define BLOCK_LEAST 256

/* A list that is being written: its present block, whose place in the file is known already. */
struct writing {
    struct pref_spill_list list;
    uint64_t at;
    size_t held; /* entries in the block */
};

struct pref_spill {
    int fd;
    size_t entry, per_block, block; /* bytes, entries, bytes */
    uint64_t end;                   /* of the file, blocks that were given a place included */
    struct writing writing[PREF_SPILL_FAN];
    struct {
        uint64_t left, next; /* entries; where the next block stands */
        size_t used, held;   /* entries of the present block */
    } reading;
    char *blocks; /* one for each list, and one to read into */
};

int pref_spill_new(struct pref_spill **spill, size_t entry, size_t memory, struct pref_err *err)
{
    size_t block = memory / (PREF_SPILL_FAN + 1);
    block = block > BLOCK_MOST ? BLOCK_MOST : block < BLOCK_LEAST ? BLOCK_LEAST : block;
    struct pref_spill *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "scratch storage");
    made->entry = entry;
    made->per_block = (block - LINK) / entry;
    made->block = made->per_block * entry + LINK;
    made->fd = -1;
    made->blocks = calloc(PREF_SPILL_FAN + 1, made->block);
    int status = made->blocks == NULL ? pref_fail_memory(err, "scratch storage")
                                      : pref_scratch_open(&made->fd, err);
    if (status != PREF_OK)
        pref_spill_free(made);
    else
        *spill = made;
    return status;
}

void pref_spill_free(struct pref_spill *spill)
{
    if (spill == NULL)
        return;
    if (spill->fd >= 0)
        close(spill->fd);
    free(spill->blocks);
    free(spill);
}

/* Where the next block of a list will stand. */
static uint64_t take_place(struct pref_spill *spill)
{
    uint64_t at = spill->end;
    spill->end += spill->block;
    return at;
}

/* Write so much of a list's block. */
static int put_block(struct pref_spill *spill, unsigned list, size_t len, struct pref_err *err)
{
    struct writing *writing = &spill->writing[list];
    int number =
        pref_fd_write_at(spill->fd, spill->blocks + list * spill->block, len, writing->at);
    return number == 0 ? PREF_OK
                       : pref_fail_errno(err, number, "cannot write a scratch file (TMPDIR names "
                                         "its folder)");
}

int pref_spill_add(struct pref_spill *spill, unsigned list, const void *entry,
                   struct pref_err *err)
{
    struct writing *writing = &spill->writing[list];
    char *block = spill->blocks + list * spill->block;
    if (writing->list.count == 0)
        writing->list.first = writing->at = take_place(spill);
    if (writing->held == spill->per_block) {
        uint64_t next = take_place(spill);
        memcpy(block + spill->block - LINK, &next, LINK);
        int status = put_block(spill, list, spill->block, err);
        if (status != PREF_OK)
            return status;
        writing->at = next;
        writing->held = 0;
    }
    memcpy(block + writing->held * spill->entry, entry, spill->entry);
    writing->held++;
    writing->list.count++;
    return PREF_OK;
}

int pref_spill_end(struct pref_spill *spill, struct pref_spill_list lists[PREF_SPILL_FAN],
                   struct pref_err *err)
{
    int status = PREF_OK;
    for (unsigned i = 0; i < PREF_SPILL_FAN && status == PREF_OK; i++) {
        lists[i] = spill->writing[i].list;
        if (lists[i].count > 0)
            status = put_block(spill, i, spill->writing[i].held * spill->entry, err);
        spill->writing[i] = (struct writing){.at = 0};
    }
    return status;
}

void pref_spill_begin(struct pref_spill *spill, const struct pref_spill_list *list)
{
    spill->reading.left = list->count;
    spill->reading.next = list->first;
    spill->reading.used = spill->reading.held = 0;
}

int pref_spill_next(struct pref_spill *spill, const void **entry, struct pref_err *err)
{
    char *block = spill->blocks + PREF_SPILL_FAN * spill->block;
    *entry = NULL;
    if (spill->reading.left == 0)
        return PREF_OK;
    if (spill->reading.used == spill->reading.held) {
        int is_last = spill->reading.left <= spill->per_block;
        size_t len = is_last ? (size_t)spill->reading.left * spill->entry : spill->block;
        ptrdiff_t n = pref_fd_read_at(spill->fd, block, len, spill->reading.next);
        if (n != (ptrdiff_t)len)
            return pref_fail_errno(err, n < 0 ? errno : EIO, "cannot read a scratch file");
        if (!is_last)
            memcpy(&spill->reading.next, block + spill->block - LINK, LINK);
        spill->reading.held = spill->per_block;
        spill->reading.used = 0;
    }
    spill->reading.left--;
    *entry = block + spill->reading.used++ * spill->entry;
    return PREF_OK;
}
