/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "spool.h"
#include "new_file.h"
#include "zstd_out.h"
#include "lib/base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Scratch data is written once and read once or twice: speed counts, not size. */
#define SPOOL_LEVEL 1

/* Plain bytes a frame: large enough to compress well, small beside the engine's blocks. */
#define SPOOL_FRAME ((size_t)1 << 20)

struct pref_spool {
    int fd;
    int packed;
    uint64_t from, at;         /* of the present input, and the file's length */
    struct pref_buf gathered;  /* up to SPOOL_FRAME bytes, plain or packed */
    struct pref_buf frame;
    struct pref_zstd_out *zstd;
};

static const char *scratch_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* The name is in use for no longer than it takes to unlink it. */
int pref_scratch_open(int *fd, struct pref_err *err)
{
    const char *folder = scratch_folder();
    struct pref_buf path = {0};
    int made;
    pref_buf_add_text(&path, folder);
    pref_buf_add_text(&path, "/pref");
    int number = pref_new_file(&made, &path, O_RDWR, 0600);
    if (number == 0 && unlink(path.ptr) != 0) {
        number = errno;
        close(made);
    }
    int no_name = path.failed;
    pref_buf_release(&path);
    if (no_name)
        return pref_fail_memory(err, "the name of a scratch file");
    if (number != 0)
        return pref_fail_errno(err, number, "cannot make a scratch file in %s (TMPDIR)", folder);
    *fd = made;
    return 0;
}

int pref_spool_new(struct pref_spool **spool, struct pref_err *err)
{
    struct pref_spool *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a scratch file");
    made->fd = -1;
    made->zstd = pref_zstd_out_new();
    int status = made->zstd == NULL ? pref_fail_memory(err, "a zstd compressor")
                                    : pref_scratch_open(&made->fd, err);
    if (status != 0) {
        pref_spool_free(made);
        return status;
    }
    *spool = made;
    return 0;
}

void pref_spool_free(struct pref_spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->fd >= 0)
        close(spool->fd);
    pref_buf_release(&spool->gathered);
    pref_buf_release(&spool->frame);
    pref_zstd_out_free(spool->zstd);
    free(spool);
}

void pref_spool_begin(struct pref_spool *spool, int packed)
{
    spool->packed = packed;
    spool->from = spool->at;
    pref_buf_clear(&spool->gathered);
}

static int put(struct pref_spool *spool, const char *bytes, size_t len, struct pref_err *err)
{
    int number = pref_fd_write(spool->fd, PREF_FD_PROMPT, -1, bytes, len);
    if (number != 0)
        return pref_fail_errno(err, number, "cannot write a scratch file in %s (TMPDIR names the "
                               "folder)", scratch_folder());
    spool->at += len;
    return 0;
}

/* Write what was gathered, as a zstd frame unless it is packed already. */
static int put_gathered(struct pref_spool *spool, struct pref_err *err)
{
    if (spool->gathered.len == 0)
        return 0;
    struct pref_span bytes = pref_buf_span(&spool->gathered);
    if (!spool->packed) {
        pref_buf_clear(&spool->frame);
        int status = pref_zstd_out_frame(spool->zstd, SPOOL_LEVEL, bytes, &spool->frame, err);
        if (status != 0)
            return status;
        bytes = pref_buf_span(&spool->frame);
    }
    int status = put(spool, bytes.ptr, bytes.len, err);
    pref_buf_clear(&spool->gathered);
    return status;
}

int pref_spool_add(struct pref_spool *spool, const char *bytes, size_t len, struct pref_err *err)
{
    while (len > 0) {
        size_t room = SPOOL_FRAME - spool->gathered.len;
        size_t n = len < room ? len : room;
        pref_buf_add(&spool->gathered, bytes, n);
        if (spool->gathered.failed)
            return pref_fail_memory(err, "a scratch file");
        bytes += n;
        len -= n;
        if (spool->gathered.len == SPOOL_FRAME) {
            int status = put_gathered(spool, err);
            if (status != 0)
                return status;
        }
    }
    return 0;
}

int pref_spool_end(struct pref_spool *spool, struct pref_extent *extent, struct pref_err *err)
{
    int status = put_gathered(spool, err);
    extent->from = spool->from;
    extent->to = spool->at;
    return status;
}

int pref_spool_fd(const struct pref_spool *spool)
{
    return spool->fd;
}
