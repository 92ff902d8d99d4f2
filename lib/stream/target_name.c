/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "target_name.h"
#include "pref/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
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
