/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "names.h"

#include <stdio.h>
#include <string.h>

#define DIGITS 5
#define TEMPORARY ".pref-"

static const char middle[] = "-of-";
static const char ending[] = ".jsonl";
static const char packed_ending[] = ".jsonl.zst";

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int shard_split_is_name(struct pref_span split)
{
    if (split.len == 0 || split.len > SHARD_SPLIT_MAX || split.ptr[0] == '-' || split.ptr[0] == '.')
        return 0;
    for (size_t i = 0; i < split.len; i++) {
        char c = split.ptr[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '-' && c != '.')
            return 0;
    }
    return 1;
}

void shard_name_print(char out[SHARD_NAME_SIZE], struct pref_span split, uint32_t index,
                      uint32_t count, int packed)
{
    snprintf(out, SHARD_NAME_SIZE, "%.*s-%05u%s%05u%s", (int)split.len, split.ptr, index, middle,
             count, packed ? packed_ending : ending);
}

/* Cut `text` off the end of *name; 0 if it does not stand there. */
static int cut_text(struct pref_span *name, const char *text)
{
    size_t n = strlen(text);
    if (name->len < n || memcmp(name->ptr + name->len - n, text, n) != 0)
        return 0;
    name->len -= n;
    return 1;
}

static int cut_digits(struct pref_span *name, uint32_t *value)
{
    if (name->len < DIGITS)
        return 0;
    *value = 0;
    for (size_t i = name->len - DIGITS; i < name->len; i++) {
        if (!is_digit(name->ptr[i]))
            return 0;
        *value = *value * 10 + (uint32_t)(name->ptr[i] - '0');
    }
    name->len -= DIGITS;
    return 1;
}

int shard_name_parse(struct pref_span name, struct shard_name *out)
{
    out->packed = cut_text(&name, packed_ending);
    if ((!out->packed && !cut_text(&name, ending)) || !cut_digits(&name, &out->count) ||
        !cut_text(&name, middle) || !cut_digits(&name, &out->index) || !cut_text(&name, "-"))
        return 0;
    out->split = name;
    return shard_split_is_name(name) && out->index < out->count && out->count <= SHARD_COUNT_MAX;
}

int shard_name_is_temporary(struct pref_span name)
{
    struct shard_name parts;
    size_t end = name.len;
    if (name.len < 2 || name.ptr[0] != '.')
        return 0;
    while (end > 0 && is_digit(name.ptr[end - 1]))
        end--;
    if (end == name.len || end == 0 || name.ptr[--end] != '-')
        return 0;
    size_t from = end;
    while (from > 0 && is_digit(name.ptr[from - 1]))
        from--;
    struct pref_span base = {name.ptr + 1, from - 1};
    if (from == end || from < 2 || !cut_text(&base, TEMPORARY))
        return 0;
    return shard_name_parse(base, &parts) || pref_span_equal(base, pref_span_of(SHARD_MANIFEST));
}
