/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "stream_help.h"
#include "lib/stream/zstd_out.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Times PREF_PATIENCE, which is set where all takes longer. */
#define PATIENCE_SECONDS 60

static char folder[] = "/tmp/pref-test-XXXXXX";

int help_enter(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    const char *patience = getenv("PREF_PATIENCE");
    alarm(PATIENCE_SECONDS * (patience == NULL ? 1 : (unsigned)strtoul(patience, NULL, 10)));
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

int help_leave(void **state)
{
    (void)state;
    help_sweep();
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static size_t walk(int removes)
{
    DIR *dir = opendir(".");
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (removes)
            assert_int_equal(remove(entry->d_name), 0);
    }
    closedir(dir);
    return count;
}

void help_sweep(void)
{
    walk(1);
}

size_t help_count(void)
{
    return walk(0);
}

void help_write(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

struct pref_buf help_read(const char *path)
{
    struct pref_buf out = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char piece[4096];
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;)
        pref_buf_add(&out, piece, n);
    fclose(file);
    return out;
}

int help_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

void help_lines(struct pref_buf *out, size_t count, size_t width, uint64_t seed)
{
    uint64_t x = seed * 2 + 1;
    for (size_t i = 0; i < count; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        size_t n = 1 + (size_t)(x >> 33) % width;
        for (size_t j = 0; j < n; j++) {
            x = x * 6364136223846793005u + 1442695040888963407u;
            pref_buf_add_byte(out, (char)('a' + (x >> 60)));
        }
        pref_buf_add_byte(out, '\n');
    }
    assert_false(out->failed);
}

void help_frame(struct pref_buf *out, const char *bytes, size_t len)
{
    struct pref_zstd_out *zstd = pref_zstd_out_new();
    assert_non_null(zstd);
    struct pref_span plain = {bytes, len};
    assert_int_equal(pref_zstd_out_frame(zstd, 3, plain, out, NULL), 0);
    pref_zstd_out_free(zstd);
}

void help_skippable(struct pref_buf *out, size_t len)
{
    char head[8] = {0x53, 0x2A, 0x4D, 0x18, (char)(len & 255), (char)(len >> 8 & 255), 0, 0};
    pref_buf_add(out, head, sizeof head);
    for (size_t i = 0; i < len; i++)
        pref_buf_add_byte(out, '\n');
}

int help_unpack(struct pref_decoder *decoder, const struct pref_buf *packed, size_t step,
                size_t cap, struct pref_buf *out, struct pref_err *err)
{
    pref_decoder_reset(decoder, 0);
    pref_buf_clear(out);
    for (size_t at = 0; at < packed->len; at += step) {
        struct pref_span in = {packed->ptr + at, packed->len - at < step ? packed->len - at : step};
        while (in.len > 0 || decoder->pending) {
            size_t made;
            char *to = pref_buf_reserve(out, cap);
            int status = pref_decoder_run(decoder, "x", &in, to, cap, &made, err);
            out->len += made;
            if (status != 0)
                return status;
        }
    }
    return pref_decoder_end(decoder, "x", err);
}

void help_same(const struct pref_buf *got, const char *bytes, size_t len)
{
    assert_int_equal(got->len, len);
    if (len > 0)
        assert_int_equal(memcmp(got->ptr, bytes, len), 0);
}

static void *serve(void *crew)
{
    pref_crew_serve(crew);
    return NULL;
}

void help_serve(struct help_hands *hands, struct pref_crew *crew, unsigned count)
{
    hands->crew = crew;
    hands->count = count;
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(pthread_create(&hands->threads[i], NULL, serve, crew), 0);
}

void help_dismiss(struct help_hands *hands)
{
    pref_crew_dismiss(hands->crew);
    for (unsigned i = 0; i < hands->count; i++)
        pthread_join(hands->threads[i], NULL);
}

int help_replace(int number, int fd)
{
    fflush(stdout);
    int saved = dup(number);
    assert_true(saved >= 0);
    assert_true(dup2(fd, number) >= 0);
    return saved;
}

void help_put_back(int number, int saved)
{
    assert_true(dup2(saved, number) >= 0);
    close(saved);
}
