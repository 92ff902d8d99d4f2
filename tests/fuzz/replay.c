/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/*
 * main() for a fuzz target where libFuzzer is not linked: give it every file of its corpus, once.
 * The corpus is the files named as arguments, or all of $PREF_SRCDIR/tests/fuzz/corpus/NAME for a
 * program fuzz_NAME. A fault ends the process, so one TAP line tells all.
 */

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Run one file. Its bytes get an allocation of their exact size: the sanitizer sees an overrun. */
static int replay_file(const char *path)
{
    struct stat info;
    uint8_t *data;
    size_t size;
    FILE *file = fopen(path, "rb");

    if (file == NULL || fstat(fileno(file), &info) != 0) {
        printf("Bail out! %s: %s\n", path, strerror(errno));
        return 1;
    }
    size = (size_t)info.st_size;
    data = malloc(size > 0 ? size : 1);
    if (data == NULL || fread(data, 1, size, file) != size) {
        printf("Bail out! %s: cannot be read\n", path);
        return 1;
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

/* Run every regular file of a folder; the names that begin with a dot are not inputs. */
static int replay_folder(const char *folder, size_t *count)
{
    const struct dirent *entry;
    DIR *dir = opendir(folder);
    int failed = 0;

    if (dir == NULL || chdir(folder) != 0) {
        printf("Bail out! %s: %s\n", folder, strerror(errno));
        return 1;
    }
    while (!failed && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        failed = replay_file(entry->d_name);
        *count += 1;
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    const char *source = getenv("PREF_SRCDIR");
    const char *name = strrchr(argv[0], '/');
    char folder[4096];
    size_t count = 0;

    name = name != NULL ? name + 1 : argv[0];
    if (strncmp(name, "fuzz_", 5) == 0)
        name += 5;
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            if (replay_file(argv[i]) != 0)
                return 1;
        count = (size_t)argc - 1;
    } else {
        snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", source ? source : ".", name);
        if (replay_folder(folder, &count) != 0)
            return 1;
    }
    printf("%sok 1 - %s took %zu inputs\n1..1\n", count > 0 ? "" : "not ", name, count);
    return 0;
}
