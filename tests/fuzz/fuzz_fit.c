/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of fits, given any bytes. Where the first byte is even the rest is the whole file;
 * else a right last line is put behind it, so that what a checksum would stop is reached too. What
 * is accepted must be sorted, and must stay the same bytes when it is written and read again.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pref/buf.h"
#include "pref/fit.h"
#include "pref/hash.h"
#include "pref/sink.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char paths[3][64];

static void require(int condition)
{
    if (!condition)
        abort();
}

static void remove_files(void)
{
    for (int i = 0; i < 3; i++)
        unlink(paths[i]);
}

static void name_files(void)
{
    if (paths[0][0] != '\0')
        return;
    for (int i = 0; i < 3; i++) {
        strcpy(paths[i], "/tmp/fuzz_fit.XXXXXX");
        int fd = mkstemp(paths[i]);
        require(fd >= 0);
        close(fd);
    }
    atexit(remove_files);
}

static void put_input(const uint8_t *data, size_t size)
{
    FILE *file = fopen(paths[0], "wb");
    require(file != NULL);
    require(fwrite(data + 1, 1, size - 1, file) == size - 1);
    if (data[0] & 1) {
        char hex[33];
        size_t rows = 0;
        for (size_t i = 1; i < size; i++)
            rows += data[i] == '\n';
        pref_h128_hex(pref_hash128(data + 1, size - 1, 0), hex);
        fprintf(file, "{\"rows\":%zu,\"xxh3_128\":\"%s\"}\n", rows == 0 ? 0 : rows - 1, hex);
    }
    require(fclose(file) == 0);
}

/* Read a fit; 1 if it was accepted. */
static int accepted(const char *path)
{
    struct pref_fit_reader *reader;
    struct pref_fit_head head;
    struct pref_fit_row row;
    struct pref_err err;
    struct pref_buf last = {0};
    int more = 1;
    int status = pref_fit_open(&reader, path, &head, &err);
    if (status != 0)
        return 0;
    for (int first = 1; status == 0; first = 0) {
        status = pref_fit_next(reader, &row, &more, &err);
        if (status != 0 || !more)
            break;
        require(first || pref_span_compare(pref_buf_span(&last), row.key) < 0);
        require(row.counts <= PREF_FIT_COUNTS_MAX && row.sums <= PREF_FIT_SUMS_MAX);
        pref_buf_clear(&last);
        pref_buf_add_span(&last, row.key);
    }
    pref_buf_release(&last);
    pref_fit_close(reader);
    return status == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pref_err err;
    struct pref_buf once = {0}, twice = {0};
    if (size == 0)
        return 0;
    name_files();
    put_input(data, size);
    if (!accepted(paths[0]))
        return 0;
    const char *names[2] = {paths[0], paths[1]};
    require(pref_fit_merge(&names[0], 1, paths[1], -1, &err) == 0);
    require(accepted(paths[1]));
    require(pref_fit_merge(&names[1], 1, paths[2], -1, &err) == 0);
    require(pref_file_read(paths[1], 1 << 28, -1, &once, &err) == 0);
    require(pref_file_read(paths[2], 1 << 28, -1, &twice, &err) == 0);
    require(pref_span_equal(pref_buf_span(&once), pref_buf_span(&twice)));
    pref_buf_release(&once);
    pref_buf_release(&twice);
    return 0;
}
