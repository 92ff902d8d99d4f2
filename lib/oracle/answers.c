/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "answers.h"

#include "answers_file.h"
#include "pref/buf.h"
#include "pref/keyset.h"

#include <stdlib.h>
#include <string.h>

struct pref_answers {
    struct answers_file file;
    struct pref_keyset *yes, *no; /* the keys of the questions answered so */
    struct pref_buf frame;        /* what every question's hash begins with */
    struct pref_hasher *hasher;
};

/* An answer of the file or of ours: the first one to a question holds. */
static int learn(void *user, struct pref_h128 key, int ok, struct pref_err *err)
{
    struct pref_answers *answers = user;
    if (pref_answers_find(answers, key) != PREF_ANSWERS_UNKNOWN)
        return PREF_OK;
    return pref_keyset_add(ok ? answers->yes : answers->no, key) < 0
               ? pref_fail_memory(err, "a cache of answers")
               : PREF_OK;
}

static void put_u64(unsigned char out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (unsigned char)(value >> 8 * i);
}

static void add_framed(struct pref_buf *frame, const char *text)
{
    unsigned char len[8];
    put_u64(len, strlen(text));
    pref_buf_add(frame, (const char *)len, sizeof len);
    pref_buf_add_text(frame, text);
}

int pref_answers_open(struct pref_answers **answers, const char *path, const char *command,
                      const char *salt, int stop_fd, struct pref_err *err)
{
    *answers = NULL;
    struct pref_answers *made = calloc(1, sizeof *made);
    if (made == NULL)
        return pref_fail_memory(err, "a cache of answers");
    made->file.fd = -1;
    made->yes = pref_keyset_new();
    made->no = pref_keyset_new();
    made->hasher = pref_hasher_new(0);
    add_framed(&made->frame, command);
    add_framed(&made->frame, salt);
    int status = PREF_OK;
    if (made->yes == NULL || made->no == NULL || made->hasher == NULL || made->frame.failed)
        status = pref_fail_memory(err, "a cache of answers");
    if (status == PREF_OK)
        status = answers_file_open(&made->file, path, stop_fd, learn, made, err);
    if (status != PREF_OK)
        pref_answers_close(made);
    else
        *answers = made;
    return status;
}

int pref_answers_flush(struct pref_answers *answers, struct pref_err *err)
{
    return answers_file_sync(&answers->file, err);
}

void pref_answers_close(struct pref_answers *answers)
{
    if (answers == NULL)
        return;
    if (answers->file.fd >= 0)
        answers_file_sync(&answers->file, NULL);
    answers_file_close(&answers->file);
    pref_keyset_free(answers->yes);
    pref_keyset_free(answers->no);
    pref_hasher_free(answers->hasher);
    pref_buf_release(&answers->frame);
    free(answers);
}

struct pref_h128 pref_answers_key(struct pref_answers *answers, struct pref_span record,
                                  uint64_t repeat)
{
    unsigned char numbers[16];
    put_u64(numbers, repeat);
    put_u64(numbers + 8, record.len);
    pref_hasher_reset(answers->hasher);
    pref_hasher_add(answers->hasher, answers->frame.ptr, answers->frame.len);
    pref_hasher_add(answers->hasher, numbers, sizeof numbers);
    pref_hasher_add(answers->hasher, record.ptr, record.len);
    return pref_hasher_value(answers->hasher);
}

int pref_answers_find(const struct pref_answers *answers, struct pref_h128 key)
{
    return pref_keyset_has(answers->yes, key)  ? 1
           : pref_keyset_has(answers->no, key) ? 0
                                               : PREF_ANSWERS_UNKNOWN;
}

int pref_answers_put(struct pref_answers *answers, struct pref_h128 key, int *ok,
                     struct pref_err *err)
{
    struct answers_file *file = &answers->file;
    int status = answers_file_lock(file, err);
    int known = pref_answers_find(answers, key);
    if (status == PREF_OK && known == PREF_ANSWERS_UNKNOWN) {
        status = answers_file_add(file, key, *ok, err);
        if (status == PREF_OK)
            status = learn(answers, key, *ok, err);
    } else if (status == PREF_OK) {
        *ok = known;
    }
    answers_file_unlock(file);
    return status != PREF_OK ? status : answers_file_sync_sometimes(file, err);
}

uint64_t pref_answers_count(const struct pref_answers *answers)
{
    return pref_keyset_count(answers->yes) + pref_keyset_count(answers->no);
}
