/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sink_target.h"
#include "new_file.h"
#include "target_name.h"
#include "pref/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BASE_MAX = 200, /* bytes of the name kept in the temporary one, which may have 255 */
    FIFO_RETRY_MS = 20
};

static const char stdout_name[] = "(standard output)";

/* Close whatever happens; 0 or errno. EINTR counts as closed, as Linux has it. */
static int close_fd(int *fd)
{
    int number = close(*fd) == 0 || errno == EINTR ? 0 : errno;
    *fd = -1;
    return number;
}

static void release(struct pref_target *target)
{
    free(target->name);
    free(target->path);
    free(target->temporary);
    target->name = target->path = target->temporary = NULL;
}

/* Standard output may be a pipe whose reader stalls. Its description is shared with other
 * processes, so O_NONBLOCK is never set on it; a description of our own is opened where the system
 * has a name for it. */
static int open_stdout(struct pref_target *target, struct pref_err *err)
{
    struct stat st;
    if (fstat(STDOUT_FILENO, &st) != 0)
        return pref_fail_errno(err, errno, "%s: cannot write", stdout_name);
    target->is_stdout = 1;
    target->fd = STDOUT_FILENO;
    target->kind = PREF_FD_PROMPT;
    if (target->stop_fd < 0 || S_ISREG(st.st_mode) || S_ISBLK(st.st_mode))
        return 0;
    target->kind = PREF_FD_POLLED;
    if (S_ISFIFO(st.st_mode)) {
        int own = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        if (own >= 0) {
            target->fd = own;
            target->kind = PREF_FD_NONBLOCK;
        }
    }
    return 0;
}

/* A FIFO without a reader cannot be opened O_NONBLOCK: try again until it has one. */
static int open_fifo(struct pref_target *target, const char *name, struct pref_err *err)
{
    int flags = O_WRONLY | O_CLOEXEC | (target->stop_fd >= 0 ? O_NONBLOCK : 0);
    target->kind = target->stop_fd >= 0 ? PREF_FD_NONBLOCK : PREF_FD_PROMPT;
    for (;;) {
        target->fd = open(name, flags);
        if (target->fd >= 0)
            return 0;
        if (errno != EINTR && (errno != ENXIO || target->stop_fd < 0))
            return pref_fail_errno(err, errno, "%s: cannot open", name);
        if (errno == ENXIO
            && pref_fd_wait(-1, 0, target->stop_fd, FIFO_RETRY_MS) == PREF_WAIT_STOP) {
            pref_fail(err, "%s: stopped by a signal while waiting for a reader", name);
            return PREF_LATER;
        }
    }
}

/* Open a file under its own name. */
static int open_direct(struct pref_target *target, const char *name, struct pref_err *err)
{
    struct stat st;
    if (stat(name, &st) == 0 && S_ISFIFO(st.st_mode))
        return open_fifo(target, name, err);
    do
        target->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    while (target->fd < 0 && errno == EINTR);
    if (target->fd < 0 || fstat(target->fd, &st) != 0)
        return pref_fail_errno(err, errno, "%s: cannot create", name);
    target->is_regular = S_ISREG(st.st_mode);
    int prompt = target->is_regular || S_ISBLK(st.st_mode) || target->stop_fd < 0;
    target->kind = prompt ? PREF_FD_PROMPT : PREF_FD_POLLED;
    return 0;
}

/* Make a name of our own in the target's folder, ".NAME.pref-PID-N". */
static int open_temporary(struct pref_target *target, mode_t mode, struct pref_err *err)
{
    struct pref_buf path = {0};
    size_t folder = pref_target_folder(target->path);
    const char *base = target->path + folder;
    size_t base_len = strlen(base);
    if (base_len == 0)
        return pref_fail(err, "%s: is no name of a file", target->name);
    pref_buf_add(&path, target->path, folder);
    pref_buf_add_byte(&path, '.');
    pref_buf_add(&path, base, base_len < BASE_MAX ? base_len : BASE_MAX);
    pref_buf_add_text(&path, ".pref");
    int number = pref_new_file(&target->fd, &path, O_WRONLY, mode);
    if (number != 0) {
        int status = path.failed ? pref_fail_memory(err, target->name)
                                 : pref_fail_errno(err, number, "%s: cannot create a file in its "
                                                   "folder", target->name);
        pref_buf_release(&path);
        return status;
    }
    target->temporary = path.ptr;
    target->kind = PREF_FD_PROMPT;
    target->is_regular = 1;
    return 0;
}

/* What is open already is added to where it stands, as standard output is: a description of our own
 * would begin at the start, over what others wrote and will write. */
static int open_shared(struct pref_target *target, int fd, struct pref_err *err)
{
    target->fd = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (target->fd < 0)
        return pref_fail_errno(err, errno, "%s: cannot open", target->name);
    target->is_regular = 1;
    target->kind = PREF_FD_PROMPT;
    return 0;
}

/* `st` is of what will be replaced; NULL: nothing is there. */
static int open_atomic(struct pref_target *target, const struct stat *st, struct pref_err *err)
{
    /* rename would replace a file that nobody may write to. */
    if (st != NULL && access(target->name, W_OK) != 0)
        return pref_fail_errno(err, errno, "%s: cannot write", target->name);
    int status = open_temporary(target, st != NULL ? st->st_mode & 0777 : 0666, err);
    /* open has let the umask narrow the mode. Where it cannot be widened again (file systems
     * without modes), narrow is the safe side, and no reason to fail. */
    if (status == 0 && st != NULL)
        (void)!fchmod(target->fd, st->st_mode & 0777);
    return status;
}

static int open_named(struct pref_target *target, const char *name, int atomic,
                      struct pref_err *err)
{
    struct stat st;
    int status = pref_target_resolve(&target->path, name, err);
    if (status != 0)
        return status;
    int exists = stat(name, &st) == 0;
    /* What cannot be looked at may be a device, which a rename would replace. */
    if (!exists && errno != ENOENT)
        return pref_fail_errno(err, errno, "%s: cannot create", name);
    int fd = pref_target_descriptor(target->path);
    if (atomic && exists && S_ISDIR(st.st_mode))
        return pref_fail(err, "%s: is a directory, expected a file", name);
    if (exists && !S_ISREG(st.st_mode))
        return open_direct(target, name, err);
    if (exists && fd >= 0)
        return open_shared(target, fd, err);
    return atomic && !pref_target_is_open(target->path)
               ? open_atomic(target, exists ? &st : NULL, err)
               : open_direct(target, name, err);
}

int pref_target_open(struct pref_target *target, const char *name, int atomic, int stop_fd,
                     struct pref_err *err)
{
    int is_stdout = pref_target_is_stdout(name);
    *target = (struct pref_target){.fd = -1, .stop_fd = stop_fd};
    target->name = strdup(is_stdout ? stdout_name : name);
    if (target->name == NULL)
        return pref_fail_memory(err, is_stdout ? stdout_name : name);
    int status = is_stdout ? open_stdout(target, err) : open_named(target, name, atomic, err);
    if (status != 0)
        pref_target_abandon(target);
    return status;
}

int pref_target_write(struct pref_target *target, struct iovec *parts, size_t count,
                      struct pref_err *err)
{
    int number = pref_fd_write_parts(target->fd, target->kind, target->stop_fd, parts, count);
    if (number == 0)
        return 0;
    if (number < 0) {
        pref_fail(err, "%s: stopped by a signal while waiting for the reader", target->name);
        return PREF_LATER;
    }
    pref_fail_errno(err, number, "%s: cannot write", target->name);
    return number == EPIPE ? PREF_PIPE : PREF_FAIL;
}

void pref_target_begin_sync(const struct pref_target *target)
{
    /* The one call of POSIX that starts writing and does not wait: what is being written stays in
     * memory. Where it does nothing, fsync does all. */
    if (target->is_regular && target->fd >= 0)
        (void)!posix_fadvise(target->fd, 0, 0, POSIX_FADV_DONTNEED);
}

/* Fsync; 0 or errno. EINVAL: a file system without it. */
static int sync_fd(int fd)
{
    while (fsync(fd) != 0)
        if (errno != EINTR)
            return errno == EINVAL ? 0 : errno;
    return 0;
}

int pref_target_finish(struct pref_target *target, struct pref_err *err)
{
    if (!target->is_regular)
        return 0;
    int number = sync_fd(target->fd);
    int closing = close_fd(&target->fd);
    if (number == 0)
        number = closing;
    return number == 0 ? 0 : pref_fail_errno(err, number, "%s: cannot write", target->name);
}

int pref_target_rename(struct pref_target *target, const char *name, struct pref_err *err)
{
    char *path = NULL;
    char *shown = strdup(name);
    int status = target->temporary == NULL
                     ? pref_fail(err, "%s: has its name already", target->name)
                 : shown == NULL ? pref_fail_memory(err, name)
                                 : pref_target_resolve(&path, name, err);
    if (status != 0) {
        free(shown);
        return status;
    }
    free(target->name);
    free(target->path);
    target->name = shown;
    target->path = path;
    return 0;
}

/* Open a folder to fsync it: *fd is -1 where it may not be read, and so not be synced either.
 * Returns 0 or errno. */
static int open_folder(int *fd, const char *folder)
{
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd < 0 && errno != EACCES ? errno : 0;
}

/* The same of the folder that a path is in. */
static int open_folder_of(int *fd, const char *path)
{
    struct pref_buf folder = {0};
    pref_buf_add(&folder, path, pref_target_folder(path));
    pref_buf_add(&folder, ".", sizeof ".");
    *fd = -1;
    int number = folder.failed ? ENOMEM : open_folder(fd, folder.ptr);
    pref_buf_release(&folder);
    return number;
}

int pref_target_sync_folder(const char *folder)
{
    int fd;
    int number = open_folder(&fd, folder);
    if (number == 0 && fd >= 0)
        number = sync_fd(fd);
    if (fd >= 0)
        close(fd);
    return number;
}

/* Rename, and make the new name last through a crash. All that can be tried before is: behind the
 * rename only the fsync can fail. What was there before is then gone, and the new file stays: it is
 * whole, and may have cost much. */
static int give_name(const struct pref_target *target, struct pref_err *err)
{
    int folder = -1;
    int number = target->in_group ? 0 : open_folder_of(&folder, target->path);
    if (number == 0 && rename(target->temporary, target->path) != 0)
        number = errno;
    int status = PREF_OK;
    if (number != 0) {
        unlink(target->temporary);
        status = pref_fail_errno(err, number, "%s: cannot create", target->name);
    } else if (folder >= 0 && (number = sync_fd(folder)) != 0) {
        status = pref_fail_errno(err, number, "%s: is whole, but may not survive a crash",
                                 target->name);
    }
    if (folder >= 0)
        close(folder);
    return status;
}

/* Close standard output: both its own number and the description opened beside it. */
static int close_stdout(struct pref_target *target)
{
    int own = target->fd != STDOUT_FILENO ? close_fd(&target->fd) : 0;
    int fd = STDOUT_FILENO;
    int number = close_fd(&fd);
    target->fd = -1;
    return own != 0 ? own : number;
}

int pref_target_publish(struct pref_target *target, struct pref_err *err)
{
    int number = 0;
    if (target->is_stdout)
        number = close_stdout(target);
    else if (target->fd >= 0)
        number = close_fd(&target->fd);
    int status = number == 0 ? PREF_OK
                             : pref_fail_errno(err, number, "%s: cannot close", target->name);
    if (target->temporary != NULL)
        status = give_name(target, err);
    release(target);
    return status;
}

void pref_target_abandon(struct pref_target *target)
{
    if (target->fd >= 0 && target->fd != STDOUT_FILENO)
        close_fd(&target->fd);
    target->fd = -1;
    if (target->temporary != NULL)
        unlink(target->temporary);
    release(target);
}
