/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of a cache of answers, given any bytes. What is refused stays as it was. What is
 * accepted keeps its whole lines when an answer is added, and then has one line more, no torn one,
 * and the same answers when it is read again.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/oracle/answers.h"
#include "pref/buf.h"
#include "pref/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[] = "/tmp/fuzz_answers.XXXXXX";

static void require(int condition)
{
    if (!condition)
        abort();
}

static void remove_file(void)
{
    unlink(path);
}

static void put_file(const uint8_t *data, size_t size)
{
    static int made;
    if (!made) {
        int fd = mkstemp(path);
        require(fd >= 0 && close(fd) == 0);
        atexit(remove_file);
        made = 1;
    }
    FILE *file = fopen(path, "wb");
    require(file != NULL);
    require(fwrite(data, 1, size, file) == size);
    require(fclose(file) == 0);
}

static void read_file(struct pref_buf *bytes)
{
    require(pref_file_read(path, 1 << 28, -1, bytes, NULL) == 0);
}

/* The length of the whole lines. */
static size_t whole_lines(const uint8_t *data, size_t size)
{
    while (size > 0 && data[size - 1] != '\n')
        size--;
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pref_answers *answers, *again;
    struct pref_buf bytes = {0};
    put_file(data, size);
    if (pref_answers_open(&answers, path, "c", "", -1, NULL) != 0) {
        read_file(&bytes);
        require(bytes.len == size && (size == 0 || memcmp(bytes.ptr, data, size) == 0));
        pref_buf_release(&bytes);
        return 0;
    }
    uint64_t count = pref_answers_count(answers);
    struct pref_h128 key = pref_answers_key(answers, pref_span_of("{}"), 1);
    int ok = 1, known = pref_answers_find(answers, key);
    require(pref_answers_put(answers, key, &ok, NULL) == 0);
    require(known == PREF_ANSWERS_UNKNOWN ? ok == 1 : ok == known);
    count += known == PREF_ANSWERS_UNKNOWN;
    pref_answers_close(answers);

    size_t whole = whole_lines(data, size);
    read_file(&bytes);
    require(bytes.len > 0 && bytes.ptr[bytes.len - 1] == '\n');
    require(bytes.len >= whole && memcmp(bytes.ptr, data, whole) == 0);
    require(pref_answers_open(&again, path, "c", "", -1, NULL) == 0);
    require(pref_answers_count(again) == count);
    require(pref_answers_find(again, key) == ok);
    pref_answers_close(again);
    pref_buf_release(&bytes);
    return 0;
}
