/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "magic.h"

#include <string.h>

/* `mask` is for the first byte: the sixteen magics of skippable frames differ in it. `before` and
 * `after` stand around the file's name in the command that writes JSON Lines to a pipe. */
struct magic {
    const char *bytes;
    unsigned char len;
    unsigned char mask;
    unsigned char seeks; /* 1: the command needs a file that it can seek in, not a pipe */
    enum pref_magic tells;
    const char *what;    /* and the command, of what is foreign */
    const char *before;
    const char *after;
};

static const struct magic magics[] = {
    {"\x28\xB5\x2F\xFD", 4, 0xFF, 0, PREF_MAGIC_ZSTD, NULL, NULL, NULL},
    {"\x50\x2A\x4D\x18", 4, 0xF0, 0, PREF_MAGIC_ZSTD, NULL, NULL, NULL},
    {"\x1F\x8B", 2, 0xFF, 0, PREF_MAGIC_GZIP, NULL, NULL, NULL},
    {"\xFD" "7zXZ\0", 6, 0xFF, 0, PREF_MAGIC_FOREIGN, "xz data", "xz -dc", ""},
    {"BZh", 3, 0xFF, 0, PREF_MAGIC_FOREIGN, "bzip2 data", "bzip2 -dc", ""},
    {"\x04\x22\x4D\x18", 4, 0xFF, 0, PREF_MAGIC_FOREIGN, "lz4 data", "lz4 -dc", ""},
    {"\x02\x21\x4C\x18", 4, 0xFF, 0, PREF_MAGIC_FOREIGN, "lz4 data", "lz4 -dc", ""},
    {"PK\x03\x04", 4, 0xFF, 1, PREF_MAGIC_FOREIGN, "a ZIP archive", "unzip -p", ""},
    {"PAR1", 4, 0xFF, 1, PREF_MAGIC_FOREIGN, "Parquet data",
     "duckdb -jsonlines -c \"from \\\"", "\\\"\""},
    {"\xFF\xFE", 2, 0xFF, 0, PREF_MAGIC_FOREIGN, "UTF-16 text", "iconv -f UTF-16 -t UTF-8", ""},
    {"\xFE\xFF", 2, 0xFF, 0, PREF_MAGIC_FOREIGN, "UTF-16 text", "iconv -f UTF-16 -t UTF-8", ""},
};

/* Whether the first `len` bytes agree with the magic as far as both go. */
static int agrees(const struct magic *magic, const char *bytes, size_t len)
{
    size_t n = len < magic->len ? len : magic->len;
    if (n == 0)
        return 1;
    if (((unsigned char)bytes[0] & magic->mask) != (unsigned char)magic->bytes[0])
        return 0;
    return memcmp(bytes + 1, magic->bytes + 1, n - 1) == 0;
}

/* The magic that these bytes begin with, whole; else NULL, and *partial says whether more bytes
 * could complete one. */
static const struct magic *find(const char *bytes, size_t len, int *partial)
{
    *partial = 0;
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (!agrees(&magics[i], bytes, len))
            continue;
        if (len >= magics[i].len)
            return &magics[i];
        *partial = 1;
    }
    return NULL;
}

enum pref_magic pref_magic_tell(const char *bytes, size_t len)
{
    int partial;
    const struct magic *magic = find(bytes, len, &partial);
    if (magic != NULL)
        return magic->tells;
    return partial ? PREF_MAGIC_MORE : PREF_MAGIC_PLAIN;
}

int pref_magic_begins(enum pref_magic what, const char *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++) {
        if (magics[i].tells == what && agrees(&magics[i], bytes, len))
            return 1;
    }
    return 0;
}

/* Whether a shell takes the word as it is; the advice is meant to be pasted. */
static int is_plain_word(const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "/._-+,=:@%";
    return word[0] != '\0' && word[0] != '-' && word[strspn(word, safe)] == '\0';
}

int pref_magic_refuse(const char *bytes, size_t len, const char *name, const char *path,
                      struct pref_err *err)
{
    int partial;
    const struct magic *magic = find(bytes, len, &partial);
    if (magic == NULL || magic->what == NULL)
        return pref_fail(err, "%s: neither plain nor zstd nor gzip", name);
    if (path == NULL && !magic->seeks)
        return pref_fail(err, "%s: %s: use '%s | pref ...'", name, magic->what, magic->before);
    const char *word = path != NULL && is_plain_word(path) ? path : "FILE";
    const char *blank = magic->after[0] == '\0' ? " " : "";
    return pref_fail(err, "%s: %s: use '%s%s%s%s | pref ...'", name, magic->what, magic->before,
                     blank, word, magic->after);
}
