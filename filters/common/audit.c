/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "audit.h"

#include <stdlib.h>
#include <string.h>

/* How a place stands in scratch storage, followed by the id's bytes. */
struct entry {
    uint64_t line;
    uint32_t file, id;
};

int audit_open(struct audit *audit, struct pref_opening *opening, const char *file, int on_disk,
               struct pref_err *err)
{
    int status = pref_scratch_new(&audit->scratch, err);
    if (status == PREF_OK)
        status = pref_slots_open(&audit->at, on_disk, err);
    return status != PREF_OK || file == NULL ? status
                                             : pref_open_side(opening, "--clusters", file,
                                                              &audit->side, err);
}

void audit_close(struct audit *audit)
{
    pref_scratch_free(audit->scratch);
    pref_buf_release(&audit->line);
    pref_buf_release(&audit->id);
    pref_slots_release(&audit->at);
    free(audit->files);
    *audit = (struct audit){0};
}

/* The number of a file: records come file by file, so only the last name needs a look. */
static int number_file(struct audit *audit, const char *file, uint32_t *number)
{
    size_t count = audit->file_count;
    if (count == 0 || audit->files[count - 1] != file) {
        if (count == audit->file_cap) {
            size_t cap = count * 2 + 16;
            const char **files = realloc(audit->files, cap * sizeof *files);
            if (files == NULL)
                return -1;
            audit->files = files;
            audit->file_cap = cap;
        }
        audit->files[count] = file;
        audit->file_count = ++count;
    }
    *number = (uint32_t)(count - 1);
    return 0;
}

int audit_keep(struct audit *audit, uint64_t key, const struct audit_place *place,
               struct pref_err *err)
{
    struct entry entry = {.line = place->line, .id = (uint32_t)place->id.len};
    if (number_file(audit, place->file, &entry.file) != 0)
        return pref_fail_memory(err, "the places of records");
    int status = pref_slots_set(&audit->at, key, pref_scratch_end(audit->scratch) + 1, err);
    if (status == PREF_OK)
        status = pref_scratch_add(audit->scratch, &entry, sizeof entry, err);
    return status != PREF_OK
               ? status
               : pref_scratch_add(audit->scratch, place->id.ptr, place->id.len, err);
}

int audit_find(struct audit *audit, uint64_t key, struct audit_place *place, struct pref_err *err)
{
    struct entry entry;
    uint64_t at;
    int status = pref_slots_get(&audit->at, key, &at, err);
    if (status == PREF_OK && at-- == 0)
        status = pref_fail(err, "the place of a record that stays is not known");
    if (status == PREF_OK)
        status = pref_scratch_read(audit->scratch, at, &entry, sizeof entry, err);
    if (status != PREF_OK)
        return status;
    pref_buf_clear(&audit->id);
    char *id = pref_buf_reserve(&audit->id, entry.id);
    if (id == NULL)
        return pref_fail_memory(err, "the id of a record");
    *place = (struct audit_place){audit->files[entry.file], entry.line, {id, entry.id}};
    return pref_scratch_read(audit->scratch, at + sizeof entry, id, entry.id, err);
}

void audit_file_name(struct pref_buf *out, const char *file)
{
    size_t len = strlen(file);
    while (len > 0) {
        size_t good = pref_utf8_check(file, len);
        pref_buf_add(out, file, good);
        if (good < len)
            pref_buf_add_byte(out, '?');
        good += good < len;
        file += good;
        len -= good;
    }
}

void audit_add_place(struct pref_buf *line, const struct audit_place *place)
{
    struct pref_buf name = {0};
    audit_file_name(&name, place->file);
    pref_buf_add_text(line, "{\"file\":");
    pref_buf_add_json(line, pref_buf_span(&name));
    pref_buf_add_text(line, ",\"line\":");
    pref_buf_add_u64(line, place->line);
    pref_buf_add_text(line, ",\"id\":");
    if (place->id.len == 0)
        pref_buf_add_text(line, "null");
    else
        pref_buf_add_span(line, place->id);
    pref_buf_add_byte(line, '}');
    line->failed |= name.failed;
    pref_buf_release(&name);
}

int audit_removed(struct audit *audit, const struct audit_place *removed,
                  const struct audit_place *kept, enum audit_kind kind, double similarity,
                  struct pref_err *err)
{
    static const char *const kinds[] = {"exact", "contradiction", "near"};
    struct pref_buf *line = &audit->line;
    if (audit->side == NULL)
        return PREF_OK;
    pref_buf_clear(line);
    pref_buf_add_text(line, "{\"removed\":");
    audit_add_place(line, removed);
    pref_buf_add_text(line, ",\"kept\":");
    if (kept == NULL)
        pref_buf_add_text(line, "null");
    else
        audit_add_place(line, kept);
    pref_buf_add_text(line, ",\"similarity\":");
    pref_buf_add_double(line, similarity);
    pref_buf_add_text(line, ",\"kind\":\"");
    pref_buf_add_text(line, kinds[kind]);
    pref_buf_add_text(line, "\"}");
    return line->failed ? pref_fail_memory(err, "a line of --clusters")
                        : pref_side_write(audit->side, pref_buf_span(line), err);
}
