/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "buf.h"
#include "hash.h"
#include "inputs.h"
#include "sink.h"

#include <stdlib.h>
#include <string.h>

#define LIST_LIMIT ((size_t)256 << 20) /* bytes of a list of files */

static int add_name(struct pref_texts *inputs, const char *name, size_t len, struct pref_err *err)
{
    const char **text = realloc(inputs->text, (inputs->count + 1) * sizeof *text);
    char *copy = malloc(len + 1);
    if (text != NULL)
        inputs->text = text;
    if (text == NULL || copy == NULL) {
        free(copy);
        return pref_fail_memory(err, "the names of the inputs");
    }
    memcpy(copy, name, len);
    copy[len] = '\0';
    inputs->text[inputs->count++] = copy;
    return PREF_OK;
}

static int add_list(struct pref_texts *inputs, const char *list, struct pref_err *err)
{
    struct pref_buf text = {0};
    size_t before = inputs->count;
    int status = pref_file_read(list, LIST_LIMIT, &text, err);
    for (size_t at = 0; status == PREF_OK && at < text.len;) {
        const char *lf = memchr(text.ptr + at, '\n', text.len - at);
        size_t len = lf == NULL ? text.len - at : (size_t)(lf - text.ptr) - at;
        if (memchr(text.ptr + at, '\0', len) != NULL)
            status = pref_fail(err, "--files-from: '%s' holds a NUL byte", list);
        else if (len > 0)
            status = add_name(inputs, text.ptr + at, len, err);
        at += len + 1;
    }
    pref_buf_release(&text);
    if (status == PREF_OK && inputs->count == before)
        status = pref_fail(err, "--files-from: '%s' names no file", list);
    return status;
}

int inputs_complete(struct pref_texts *inputs, const char *list, struct pref_err *err)
{
    struct pref_texts all = {0};
    int status = PREF_OK;
    for (size_t i = 0; i < inputs->count && status == PREF_OK; i++)
        status = add_name(&all, inputs->text[i], strlen(inputs->text[i]), err);
    if (status == PREF_OK && list != NULL)
        status = add_list(&all, list, err);
    free(inputs->text);
    *inputs = all;
    inputs->owned = 1;
    return status;
}

void inputs_release(struct pref_texts *inputs)
{
    for (size_t i = 0; inputs->owned && i < inputs->count; i++)
        free((char *)(uintptr_t)inputs->text[i]);
    free(inputs->text);
    *inputs = (struct pref_texts){0};
}

uint64_t inputs_seed(void)
{
    const char *forced = getenv("PREF_TABLE_SEED");
    return forced == NULL ? pref_seed_random() : strtoull(forced, NULL, 10);
}
