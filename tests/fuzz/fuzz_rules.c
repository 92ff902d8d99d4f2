/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of rule packs, given any bytes as a file. What is refused has a sentence that names
 * the file; what is accepted has rules, each of which was tried on its examples.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filters/filter/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void require(int condition)
{
    if (!condition)
        abort();
}

static void remove_file(void)
{
    unlink(path);
}

static void name_file(void)
{
    if (path[0] != '\0')
        return;
    strcpy(path, "/tmp/fuzz_rules.XXXXXX");
    int fd = mkstemp(path);
    require(fd >= 0);
    close(fd);
    atexit(remove_file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pref_common common = {.names = pref_names_default()};
    struct pref_opening opening = {
        .shape = pref_shape_new(), .common = &common, .stop_fd = -1};
    struct filter_rules rules = {0};
    struct pref_err err = {""};
    name_file();
    FILE *file = fopen(path, "wb");
    require(file != NULL && opening.shape != NULL);
    require(size == 0 || fwrite(data, 1, size, file) == size);
    require(fclose(file) == 0);
    int status = filter_pack_load(path, &rules, &opening, &err);
    if (status == PREF_OK) {
        require(rules.count > 0 && filter_rules_ready(&rules, &err) == PREF_OK);
        for (unsigned i = 0; i < rules.count; i++)
            require(rules.list[i].fields > 0 && strchr(rules.list[i].name, '/') != NULL);
    } else {
        require(status == PREF_USAGE && err.text[0] != '\0');
    }
    filter_rules_release(&rules);
    pref_shape_free(opening.shape);
    return 0;
}
