/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "answers_file.h"

#include "lib/base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEAD "{\"pref_answers\":1}\n"
#define YES "{\"key\":\"................................\",\"ok\":true}\n"  /* a dot: a digit */
#define NO "{\"key\":\"................................\",\"ok\":false}\n"

enum {
    LINE_MAX_LEN = sizeof NO - 1,
    KEY_AT = 8, /* where the key's digits begin */
    KEY_LEN = 32,
    BLOCK = 1 << 16,
    LOCK_MS = 10000, /* how long to wait for the lock, which nobody holds for long */
    SYNC_MS = 5000
};

static int64_t now_ms(void)
{
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* The value of a hexadecimal digit as keys are written, or -1. */
static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Whether `len` bytes are how a line of this form begins (all of it, if they are as many). */
static int begins(const char *form, const char *bytes, size_t len)
{
    if (len > strlen(form))
        return 0;
    for (size_t i = 0; i < len; i++)
        if (form[i] == '.' ? digit(bytes[i]) < 0 : form[i] != bytes[i])
            return 0;
    return 1;
}

static struct pref_h128 read_key(const char *hex)
{
    uint64_t half[2] = {0, 0};
    for (int i = 0; i < KEY_LEN; i++)
        half[i / 16] = half[i / 16] << 4 | (uint64_t)digit(hex[i]);
    return (struct pref_h128){.high = half[0], .low = half[1]};
}

static int fail_line(const struct answers_file *file, struct pref_err *err)
{
    if (file->lines == 0)
        return pref_fail(err, "'%s' is no cache of answers: its first line is not %.*s",
                         file->path, (int)(sizeof HEAD - 2), HEAD);
    return pref_fail(err, "%s:%llu: the line is no answer of a cache", file->path,
                     (unsigned long long)file->lines + 1);
}

/* Take one line, its LF included. */
static int take_line(struct answers_file *file, const char *line, size_t len, struct pref_err *err)
{
    int is_yes = len == sizeof YES - 1 && begins(YES, line, len);
    int status = PREF_OK;
    if (file->lines == 0 ? len != sizeof HEAD - 1 || !begins(HEAD, line, len)
                         : !is_yes && (len != sizeof NO - 1 || !begins(NO, line, len)))
        return fail_line(file, err);
    if (file->lines > 0)
        status = file->told(file->user, read_key(line + KEY_AT), is_yes, err);
    file->lines++;
    file->seen += len;
    return status;
}

/* Whether bytes at the end without an LF are what a write leaves that was cut short. */
static int is_torn(const struct answers_file *file, const char *bytes, size_t len)
{
    return file->lines == 0 ? begins(HEAD, bytes, len)
                            : begins(YES, bytes, len) || begins(NO, bytes, len);
}

/* Read the whole lines there are beyond those seen. Each read begins at the beginning of a line,
 * so that it does not matter what others do meanwhile to the end of the file. */
static int read_on(struct answers_file *file, struct pref_err *err)
{
    for (;;) {
        ssize_t n = pread(file->fd, file->block, BLOCK, (off_t)file->seen);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pref_fail_errno(err, errno, "cannot read '%s'", file->path);
        const char *line = file->block, *end = file->block + n, *lf;
        while ((lf = memchr(line, '\n', (size_t)(end - line))) != NULL) {
            int status = take_line(file, line, (size_t)(lf + 1 - line), err);
            if (status != PREF_OK)
                return status;
            line = lf + 1;
        }
        size_t rest = (size_t)(end - line);
        if (rest > 0 && !is_torn(file, line, rest))
            return fail_line(file, err);
        if (line == file->block)
            return PREF_OK;
    }
}

/* ---- The file -------------------------------------------------------------------------------- */

static int set_lock(const struct answers_file *file, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    return fcntl(file->fd, F_SETLK, &lock);
}

/* Where somebody else holds the lock it is tried again, rather than waited for: the wait ends. */
static int take_lock(const struct answers_file *file, struct pref_err *err)
{
    int64_t end = now_ms() + LOCK_MS;
    while (set_lock(file, F_WRLCK) != 0) {
        struct flock other = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (errno != EAGAIN && errno != EACCES && errno != EINTR)
            return pref_fail_errno(err, errno, "cannot lock '%s'", file->path);
        if (now_ms() < end) {
            if (pref_fd_wait(-1, 0, file->stop_fd, 1) == PREF_WAIT_STOP)
                return PREF_LATER;
            continue;
        }
        if (fcntl(file->fd, F_GETLK, &other) != 0 || other.l_type == F_UNLCK)
            other.l_pid = 0;
        return pref_fail(err, "'%s' is kept locked by process %ld", file->path,
                         (long)other.l_pid);
    }
    return PREF_OK;
}

int answers_file_lock(struct answers_file *file, struct pref_err *err)
{
    struct stat st;
    int status = take_lock(file, err);
    if (status != PREF_OK)
        return status;
    if (fstat(file->fd, &st) != 0)
        return pref_fail_errno(err, errno, "cannot read '%s'", file->path);
    if ((uint64_t)st.st_size < file->seen)
        return pref_fail(err, "'%s' was cut short by somebody else", file->path);
    if ((uint64_t)st.st_size == file->seen)
        return PREF_OK;
    status = read_on(file, err);
    if (status == PREF_OK && (uint64_t)st.st_size > file->seen &&
        ftruncate(file->fd, (off_t)file->seen) != 0)
        return pref_fail_errno(err, errno, "cannot cut '%s'", file->path);
    return status;
}

void answers_file_unlock(struct answers_file *file)
{
    set_lock(file, F_UNLCK);
}

/* Add a line, under the lock. */
static int append(struct answers_file *file, const char *text, size_t len, struct pref_err *err)
{
    int failed = pref_fd_write(file->fd, PREF_FD_PROMPT, -1, text, len);
    if (failed != 0) {
        int ignored = ftruncate(file->fd, (off_t)file->seen); /* else it is cut next time */
        (void)ignored;
        return pref_fail_errno(err, failed, "cannot add to '%s'", file->path);
    }
    file->seen += len;
    file->lines++;
    file->unsynced = 1;
    return PREF_OK;
}

int answers_file_add(struct answers_file *file, struct pref_h128 key, int ok, struct pref_err *err)
{
    char text[LINE_MAX_LEN], hex[KEY_LEN + 1];
    size_t len = ok ? sizeof YES - 1 : sizeof NO - 1;
    memcpy(text, ok ? YES : NO, len);
    pref_h128_hex(key, hex);
    memcpy(text + KEY_AT, hex, KEY_LEN);
    return append(file, text, len, err);
}

/* A file that is new gets its first line, so that it is a cache before it has an answer; unless
 * another run was faster. */
static int begin_file(struct answers_file *file, struct pref_err *err)
{
    int status = answers_file_lock(file, err);
    if (status == PREF_OK && file->lines == 0)
        status = append(file, HEAD, sizeof HEAD - 1, err);
    answers_file_unlock(file);
    return status;
}

int answers_file_open(struct answers_file *file, const char *path, int stop_fd, answers_told *told,
                      void *user, struct pref_err *err)
{
    struct stat st;
    *file = (struct answers_file){
        .fd = -1, .stop_fd = stop_fd, .told = told, .user = user, .synced = now_ms()};
    file->path = strdup(path);
    file->block = malloc(BLOCK);
    if (file->path == NULL || file->block == NULL)
        return pref_fail_memory(err, "a cache of answers");
    file->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
    if (file->fd < 0 || fstat(file->fd, &st) != 0)
        return pref_fail_errno(err, errno, "cannot open '%s'", path);
    if (!S_ISREG(st.st_mode))
        return pref_fail(err, "'%s' is no regular file, which a cache of answers must be", path);
    int status = read_on(file, err);
    return status == PREF_OK && file->lines == 0 ? begin_file(file, err) : status;
}

int answers_file_sync(struct answers_file *file, struct pref_err *err)
{
    if (!file->unsynced)
        return PREF_OK;
    if (fsync(file->fd) != 0)
        return pref_fail_errno(err, errno, "cannot bring '%s' to the disk", file->path);
    file->unsynced = 0;
    file->synced = now_ms();
    return PREF_OK;
}

int answers_file_sync_sometimes(struct answers_file *file, struct pref_err *err)
{
    return now_ms() < file->synced + SYNC_MS ? PREF_OK : answers_file_sync(file, err);
}

void answers_file_close(struct answers_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    free(file->path);
    free(file->block);
    *file = (struct answers_file){.fd = -1};
}
