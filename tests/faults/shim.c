/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim.c - preloaded into a program, makes the N-th call of one kind fail. Built by the tests.
 *
 *   FAULT_CALL    one of the names below; each stands for all functions of its kind, as malloc for
 *                 calloc and realloc, or stat for lstat
 *   FAULT_NTH     which of them, from 1
 *   FAULT_HOW     fail (if nothing is said): with an errno that fits
 *                 kill: the process dies of SIGKILL instead
 *                 every: all of them are as bad as they may be and still do their work: reads give
 *                 a byte, writes take half, and every other of both, or fsync, is interrupted first
 *   FAULT_PAGES   so many pages of memory the machine has
 *   FAULT_COUNTS  a file for how many calls of each kind there were, when the program returns
 *
 * Standard error always works.
 */
#include <dirent.h>
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
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum how { HOW_OFF, HOW_COUNT, HOW_FAIL, HOW_KILL, HOW_EVERY };

static const char *const names[] = {"open",   "opendir", "readdir", "read",  "write", "writev",
                                    "close",  "fsync",   "rename",  "unlink", "lseek", "truncate",
                                    "stat",   "fstat",   "access",  "mkdir", "fcntl", "pipe",
                                    "poll",   "spawn",   "wait",    "thread", "random", "mmap",
                                    "malloc"};
enum { NAMES = sizeof names / sizeof names[0] };
static long calls[NAMES];

static enum how how;
static long nth;
static const char *call;
static __thread int spared; /* what this thread calls now is not the program's */

/* Calls before this are of the loader, and of a sanitizer that sets itself up: they go through and
 * are not counted. strtol() is the sanitizer's, too, and may not be ready. */
__attribute__((constructor)) static void learn(void)
{
    const char *number = getenv("FAULT_NTH"), *said = getenv("FAULT_HOW");
    call = getenv("FAULT_CALL");
    for (; number != NULL && *number != '\0'; number++)
        nth = nth * 10 + (*number - '0');
    how = call == NULL                              ? HOW_COUNT
        : said != NULL && strcmp(said, "kill") == 0  ? HOW_KILL
        : said != NULL && strcmp(said, "every") == 0 ? HOW_EVERY
                                                     : HOW_FAIL;
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
    if (how == HOW_OFF || spared)
        return 0;
    long this = count(name);
    if ((how != HOW_FAIL && how != HOW_KILL) || strcmp(call, name) != 0 || this != nth)
        return 0;
    if (how == HOW_KILL)
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
    if (how != HOW_EVERY || strcmp(call, name) != 0 || count(name) % 2 != 0)
        return 0;
    errno = EINTR;
    return 1;
}

static size_t less(const char *name, size_t size, size_t small)
{
    return how == HOW_EVERY && strcmp(call, name) == 0 && size > small ? small : size;
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

/* Halved, only the first of the vectors is written, and half of it. */
ssize_t writev(int fd, const struct iovec *from, int count)
{
    struct iovec first = from[0];
    if (interrupted("writev") || hit("writev", ENOSPC))
        return -1;
    first.iov_len = less("writev", first.iov_len, (first.iov_len + 1) / 2);
    int halved = first.iov_len != from[0].iov_len;
    return NEXT(ssize_t, "writev", int, const struct iovec *, int)(fd, halved ? &first : from,
                                                                   halved ? 1 : count);
}

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
    if (interrupted("fsync") || hit("fsync", EIO))
        return -1;
    return NEXT(int, "fsync", int)(fd);
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

/* What open() without a mode is under _FORTIFY_SOURCE. */
#define OPEN_2(name) \
    int name(const char *path, int flags) \
    { \
        return hit("open", EMFILE) ? -1 : NEXT(int, #name, const char *, int)(path, flags); \
    }
OPEN_2(__open_2)
OPEN_2(__open64_2)

#define LSEEK(name) \
    off64_t name(int fd, off64_t by, int from) \
    { \
        return hit("lseek", EIO) ? -1 : NEXT(off64_t, #name, int, off64_t, int)(fd, by, from); \
    }
LSEEK(lseek)
LSEEK(lseek64)

#define TRUNCATE(name, type) \
    int name(type which, off64_t size) \
    { \
        return hit("truncate", EIO) ? -1 : NEXT(int, #name, type, off64_t)(which, size); \
    }
TRUNCATE(truncate, const char *)
TRUNCATE(truncate64, const char *)
TRUNCATE(ftruncate, int)
TRUNCATE(ftruncate64, int)

#define STAT(kind, name, type, info) \
    int name(type which, struct info *to) \
    { \
        return hit(kind, EIO) ? -1 : NEXT(int, #name, type, struct info *)(which, to); \
    }
STAT("stat", stat, const char *, stat)
STAT("stat", stat64, const char *, stat64)
STAT("stat", lstat, const char *, stat)
STAT("stat", lstat64, const char *, stat64)
STAT("fstat", fstat, int, stat)
STAT("fstat", fstat64, int, stat64)

int access(const char *path, int wanted)
{
    return hit("access", EIO) ? -1 : NEXT(int, "access", const char *, int)(path, wanted);
}

int mkdir(const char *path, mode_t mode)
{
    return hit("mkdir", EACCES) ? -1 : NEXT(int, "mkdir", const char *, mode_t)(path, mode);
}

int unlink(const char *path)
{
    return hit("unlink", EIO) ? -1 : NEXT(int, "unlink", const char *)(path);
}

int unlinkat(int dir, const char *path, int flags)
{
    return hit("unlink", EIO) ? -1
                              : NEXT(int, "unlinkat", int, const char *, int)(dir, path, flags);
}

DIR *opendir(const char *path)
{
    return hit("opendir", EMFILE) ? NULL : NEXT(DIR *, "opendir", const char *)(path);
}

#define READDIR(name, entry) \
    struct entry *name(DIR *dir) \
    { \
        return hit("readdir", EIO) ? NULL : NEXT(struct entry *, #name, DIR *)(dir); \
    }
READDIR(readdir, dirent)
READDIR(readdir64, dirent64)

/* Every command's argument, if there is one, fits into a pointer. F_GETFD fails for a closed
 * descriptor only. */
#define FCNTL(name) \
    int name(int fd, int command, ...) \
    { \
        va_list rest; \
        va_start(rest, command); \
        void *argument = va_arg(rest, void *); \
        va_end(rest); \
        return command != F_GETFD && hit("fcntl", EINVAL) \
                   ? -1 : NEXT(int, #name, int, int, ...)(fd, command, argument); \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

#define MMAP(name) \
    void *name(void *at, size_t size, int access, int flags, int fd, off64_t from) \
    { \
        return hit("mmap", ENOMEM) ? MAP_FAILED \
                                   : NEXT(void *, #name, void *, size_t, int, int, int, \
                                          off64_t)(at, size, access, flags, fd, from); \
    }
MMAP(mmap)
MMAP(mmap64)

ssize_t getrandom(void *to, size_t size, unsigned flags)
{
    return hit("random", ENOSYS)
               ? -1
               : NEXT(ssize_t, "getrandom", void *, size_t, unsigned)(to, size, flags);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    return hit("wait", EINTR) ? -1
                              : NEXT(pid_t, "waitpid", pid_t, int *, int)(pid, status, options);
}

int waitid(idtype_t kind, id_t id, siginfo_t *info, int options)
{
    return hit("wait", EINTR) ? -1
                              : NEXT(int, "waitid", idtype_t, id_t, siginfo_t *,
                                     int)(kind, id, info, options);
}

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

/* A sanitizer has a malloc of its own. */
#ifdef SANITIZED
#define __libc_malloc NEXT(void *, "malloc", size_t)
#define __libc_calloc NEXT(void *, "calloc", size_t, size_t)
#define __libc_realloc NEXT(void *, "realloc", void *, size_t)

/* It asks for a thread's stack as that starts, and takes no error. */
int pthread_getattr_np(pthread_t thread, pthread_attr_t *how_made)
{
    spared = 1;
    int status = NEXT(int, "pthread_getattr_np", pthread_t, pthread_attr_t *)(thread, how_made);
    spared = 0;
    return status;
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
#endif

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
