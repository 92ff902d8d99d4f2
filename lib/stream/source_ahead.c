/* SPDX-License-Identifier: Apache-2.0 */
/* source_ahead.c - a regular zstd file, as far as its frames can be read ahead. */
#include "config.h"

#include "source_state.h"

/* Raw bytes read at a time. */
#define PIECE ((size_t)256 << 10)

/* Read until there are jobs enough, or no more can be made. A failure to read waits for its turn:
 * the frames before it go first. */
static void fill(struct pref_source *source)
{
    struct pref_ahead *ahead = source->config.ahead;
    struct pref_err *err = &source->raw_failure;
    while (pref_ahead_cut(ahead, source->raw_ended || source->raw_status != 0)) {
        size_t got = 0;
        char *room = pref_ahead_room(ahead, PIECE);
        int status = room == NULL ? pref_fail_memory(err, "a read-ahead")
                                  : pref_source_read_raw(source, room, PIECE, 1, &got, err);
        source->raw_status = status;
        pref_ahead_added(ahead, got);
    }
}

/* The decoder takes over. Frames that were found faulty it goes through again: it gives what is
 * good of them, and says what is wrong, as if it had read the file from its beginning. */
static void go_on_as_stream(struct pref_source *source)
{
    uint64_t at;
    int faulty;
    source->in = pref_ahead_rest(source->config.ahead, &at, &faulty);
    source->form = PREF_SOURCE_PACKED;
    pref_decoder_reset(source->decoder, at);
    if (!faulty)
        return;
    source->raw_ended = 0;
    source->raw_status = pref_fail(&source->raw_failure, "%s: corrupt zstd frame behind byte %llu",
                                   pref_source_name(source, source->index), (unsigned long long)at);
}

void pref_source_read_ahead(struct pref_source *source, char *out, size_t cap, size_t *got)
{
    while (*got < cap) {
        fill(source);
        size_t n = pref_ahead_give(source->config.ahead, out + *got, cap - *got);
        *got += n;
        if (n == 0) {
            go_on_as_stream(source);
            break;
        }
    }
}
