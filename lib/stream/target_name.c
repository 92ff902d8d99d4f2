/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "target_name.h"
#include "pref/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LINKS_MAX = 40, /* as many symbolic links as Linux follows */
    LINK_SIZE = 4096,
    DIGITS_MAX = 9  /* of a descriptor's number, which is then an int */
};

int pref_target_is_stdout(const char *name)
{
    return name == NULL || strcmp(name, "-") == 0 || strcmp(name, "/dev/stdout") == 0;
}

const char *pref_target_show(const char *name)
{
    return pref_target_is_stdout(name) ? "standard output" : name;
}

size_t pref_target_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path) + 1;
}

int pref_target_is_open(const char *path)
{
    return strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/", 6) == 0;
}

int pref_target_descriptor(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        size_t len = strlen(folders[i]);
        if (strncmp(path, folders[i], len) != 0)
            continue;
        const char *number = path + len;
        size_t digits = strspn(number, "0123456789");
        if (digits > 0 && digits <= DIGITS_MAX && number[digits] == '\0')
            return atoi(number);
    }
    return -1;
}

int pref_target_resolve(char **path, const char *name, struct pref_err *err)
{
    struct pref_buf now = {0};
    pref_buf_add(&now, name, strlen(name) + 1);
    for (int links = 0; !now.failed; links++) {
        char link[LINK_SIZE];
        ssize_t n = pref_target_is_open(now.ptr) ? -1 : readlink(now.ptr, link, sizeof link);
        if (n < 0) {
            *path = now.ptr;
            return 0;
        }
        if (links == LINKS_MAX || n == LINK_SIZE) {
            pref_buf_release(&now);
            return pref_fail_errno(err, links == LINKS_MAX ? ELOOP : ENAMETOOLONG,
                                   "%s: cannot create", name);
        }
        now.len = n > 0 && link[0] == '/' ? 0 : pref_target_folder(now.ptr);
        pref_buf_add(&now, link, (size_t)n);
        pref_buf_add_byte(&now, '\0');
    }
    pref_buf_release(&now);
    return pref_fail_memory(err, name);
}

/* What stands under a name; 0 where nothing does. */
static int look(const char *path, struct stat *st)
{
    return (pref_target_is_stdout(path) ? fstat(STDOUT_FILENO, st) : stat(path, st)) == 0;
}

/* Where the file of a name will be made: the identity of its folder, and its name there, which is
 * the end of *path, to be freed by the caller. */
static int place_of(const char *name, struct stat *folder, char **path, const char **last)
{
    struct pref_err err;
    if (pref_target_resolve(path, name, &err) != PREF_OK)
        return -1;
    size_t len = pref_target_folder(*path);
    struct pref_buf text = {0};
    pref_buf_add(&text, *path, len);
    pref_buf_add(&text, ".", sizeof ".");
    *last = *path + len;
    int status = text.failed ? -1 : stat(text.ptr, folder);
    pref_buf_release(&text);
    return status;
}

static int is_same(const struct stat *x, const struct stat *y)
{
    return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* The same of names under which there is nothing yet. */
static int will_be_same(const char *a, const char *b)
{
    struct stat x, y;
    char *path_a = NULL, *path_b = NULL;
    const char *last_a, *last_b;
    int same = place_of(a, &x, &path_a, &last_a) == 0 && place_of(b, &y, &path_b, &last_b) == 0
                   ? is_same(&x, &y) && strcmp(last_a, last_b) == 0
                   : strcmp(a, b) == 0;
    free(path_a);
    free(path_b);
    return same;
}

int pref_target_is_same(const char *a, const char *b)
{
    struct stat x, y;
    int std_a = pref_target_is_stdout(a), std_b = pref_target_is_stdout(b);
    if (std_a && std_b)
        return 1;
    int have_x = look(a, &x), have_y = look(b, &y);
    if (have_x && have_y)
        return S_ISREG(x.st_mode) && is_same(&x, &y);
    return !have_x && !have_y && !std_a && !std_b && will_be_same(a, b);
}

int pref_target_is_input(const char *output, const char *input)
{
    return pref_target_is_same(output, strcmp(input, "-") == 0 ? "/dev/stdin" : input);
}

int pref_target_in_place(const char *path)
{
    struct pref_err err;
    char *behind = NULL;
    int open = pref_target_is_stdout(path) ||
               (pref_target_resolve(&behind, path, &err) == PREF_OK && pref_target_is_open(behind));
    free(behind);
    return open;
}
