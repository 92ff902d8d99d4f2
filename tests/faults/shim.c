/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim.c - preloaded into a program, makes the N-th call of one kind fail. Built by the tests.
 *
 *   FAULT_CALL    read, write, close, fsync, rename, open, mkstemp, lseek, pipe, poll, spawn, thread,
 *                 malloc (calloc and realloc, too)
 *   FAULT_NTH     which of them, from 1
 *   FAULT_HOW     fail (if nothing is said): with an errno that fits
 *                 kill: the process dies of SIGKILL instead
 *                 every: all of them are as bad as they may be and still do their work: reads give
 *                 a byte, writes take half, and every other of both is interrupted first
 *   FAULT_PAGES   so many pages of memory the machine has
 *   FAULT_COUNTS  a file for how many calls of each kind there were, when the program returns
 *
 * Standard error always works. With NO_MALLOC memory is left alone, as ASan has its own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum how { HOW_UNKNOWN, HOW_OFF, HOW_FAIL, HOW_KILL, HOW_EVERY };

static const char *const names[] = {"open",  "read",    "write", "close", "fsync", "rename", "lseek",
                                    "mkstemp", "pipe", "poll",  "spawn", "thread", "malloc"};
enum { NAMES = sizeof names / sizeof names[0] };
static long calls[NAMES];

static int how;
static long nth;
static const char *call;

/* No constructor: calls come before any would run. Races do no harm, all would write the same. */
static int learn(void)
{
    if (how == HOW_UNKNOWN) {
        const char *number = getenv("FAULT_NTH"), *said = getenv("FAULT_HOW");
        call = getenv("FAULT_CALL");
        nth = number == NULL ? 0 : strtol(number, NULL, 10);
        how = call == NULL                              ? HOW_OFF
            : said != NULL && strcmp(said, "kill") == 0  ? HOW_KILL
            : said != NULL && strcmp(said, "every") == 0 ? HOW_EVERY
                                                         : HOW_FAIL;
    }
    return how;
}

static long count(const char *name)
{
    int i = 0;
    while (strcmp(names[i], name) != 0)
        i++;
    return __atomic_add_fetch(&calls[i], 1, __ATOMIC_SEQ_CST);
}

/* Whether this call is the one to fail. */
static int hit(const char *name, int number)
{
    int now = learn();
    long this = count(name);
    if ((now != HOW_FAIL && now != HOW_KILL) || strcmp(call, name) != 0 || this != nth)
        return 0;
    if (now == HOW_KILL)
        raise(SIGKILL);
    errno = number;
    return 1;
}

__attribute__((destructor)) static void tell_counts(void)
{
    long now[NAMES];
    const char *path = getenv("FAULT_COUNTS");
    memcpy(now, calls, sizeof now);
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    for (int i = 0; file != NULL && i < NAMES; i++)
        fprintf(file, "%s %ld\n", names[i], now[i]);
    if (file != NULL)
        fclose(file);
}

static int interrupted(const char *name)
{
    if (learn() != HOW_EVERY || strcmp(call, name) != 0
        || count(name) % 2 != 0)
        return 0;
    errno = EINTR;
    return 1;
}

static size_t less(const char *name, size_t size, size_t small)
{
    return learn() == HOW_EVERY && strcmp(call, name) == 0 && size > small ? small : size;
}

#define NEXT(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t read(int fd, void *to, size_t size)
{
    if (interrupted("read") || hit("read", EIO))
        return -1;
    return NEXT(ssize_t, "read", int, void *, size_t)(fd, to, less("read", size, 1));
}

/* Both names of functions that have one for large files. */
#define PREAD(name) \
    ssize_t name(int fd, void *to, size_t size, off64_t at) \
    { \
        if (interrupted("read") || hit("read", EIO)) \
            return -1; \
        return NEXT(ssize_t, #name, int, void *, size_t, off64_t)(fd, to, less("read", size, 1), \
                                                                  at); \
    }
PREAD(pread)
PREAD(pread64)

ssize_t write(int fd, const void *from, size_t size)
{
    if (fd != 2 && (interrupted("write") || hit("write", ENOSPC)))
        return -1;
    return NEXT(ssize_t, "write", int, const void *,
                size_t)(fd, from, fd == 2 ? size : less("write", size, (size + 1) / 2));
}

#define PWRITE(name) \
    ssize_t name(int fd, const void *from, size_t size, off64_t at) \
    { \
        if (interrupted("write") || hit("write", ENOSPC)) \
            return -1; \
        return NEXT(ssize_t, #name, int, const void *, size_t, \
                    off64_t)(fd, from, less("write", size, (size + 1) / 2), at); \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

/* A machine of few pages. */
long sysconf(int name)
{
    const char *pages = name == _SC_PHYS_PAGES ? getenv("FAULT_PAGES") : NULL;
    return pages != NULL ? strtol(pages, NULL, 10) : NEXT(long, "sysconf", int)(name);
}

int close(int fd)
{
    int fails = hit("close", EIO);
    int status = NEXT(int, "close", int)(fd);
    return fails ? (errno = EIO, -1) : status;
}

int fsync(int fd)
{
    return hit("fsync", EIO) ? -1 : NEXT(int, "fsync", int)(fd);
}

int rename(const char *from, const char *to)
{
    return hit("rename", EIO) ? -1 : NEXT(int, "rename", const char *, const char *)(from, to);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) \
    { \
        va_list rest; \
        va_start(rest, flags); \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0; \
        va_end(rest); \
        return hit("open", EMFILE) \
                   ? -1 \
                   : NEXT(int, #name, const char *, int, ...)(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define MKSTEMP(name) \
    int name(char *path) \
    { \
        return hit("mkstemp", EACCES) ? -1 : NEXT(int, #name, char *)(path); \
    }
MKSTEMP(mkstemp)
MKSTEMP(mkstemp64)

#define LSEEK(name) \
    off64_t name(int fd, off64_t by, int from) \
    { \
        return hit("lseek", EIO) ? -1 : NEXT(off64_t, #name, int, off64_t, int)(fd, by, from); \
    }
LSEEK(lseek)
LSEEK(lseek64)

int pipe(int fds[2])
{
    return hit("pipe", EMFILE) ? -1 : NEXT(int, "pipe", int *)(fds);
}

int poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
    return hit("poll", ENOMEM) ? -1 : NEXT(int, "poll", struct pollfd *, nfds_t, int)(fds, count,
                                                                                      wait_ms);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
    unsetenv("LD_PRELOAD"); /* the child is not the one under test */
    return hit("spawn", EAGAIN)
               ? EAGAIN
               : NEXT(int, "posix_spawn", pid_t *, const char *,
                      const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const *,
                      char *const *)(pid, path, actions, attributes, argv, envp);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how_made, void *(*body)(void *),
                   void *argument)
{
    return hit("thread", EAGAIN)
               ? EAGAIN
               : NEXT(int, "pthread_create", pthread_t *, const pthread_attr_t *,
                      void *(*)(void *), void *)(thread, how_made, body, argument);
}

#ifndef NO_MALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
    return hit("malloc", ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return hit("malloc", ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return hit("malloc", ENOMEM) ? NULL : __libc_realloc(old, size);
}
#endif
