/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "dir.h"
#include "manifest.h"
#include "pref/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_TRIES 100

/* ---- Names in folders ------------------------------------------------------------------------ */

const char *shard_dir_path(struct pref_buf *out, const char *dir, const char *name)
{
    pref_buf_clear(out);
    pref_buf_add_text(out, dir);
    pref_buf_add_byte(out, '/');
    pref_buf_add(out, name, strlen(name) + 1);
    return out->failed ? NULL : out->ptr;
}

/* The folder part of a path, "." where it has none; the caller frees it. */
static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return strdup(".");
    return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

static int same_folder(const char *a, const char *b)
{
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int shard_dir_owns(const char *dir, const char *path)
{
    struct shard_name parts;
    const char *slash = strrchr(path, '/');
    struct pref_span base = pref_span_of(slash == NULL ? path : slash + 1);
    if (!shard_name_parse(base, &parts) && !pref_span_equal(base, pref_span_of(SHARD_MANIFEST)) &&
        !pref_span_equal(base, pref_span_of(SHARD_MARKER)))
        return 0;
    char *parent = parent_of(path);
    int there = parent != NULL && (same_folder(parent, dir) || strcmp(parent, dir) == 0);
    free(parent);
    return there;
}

/* ---- Walking --------------------------------------------------------------------------------- */

static DIR *open_folder(const char *dir, struct pref_err *err)
{
    DIR *stream = opendir(dir);
    if (stream == NULL)
        pref_fail_errno(err, errno, "%s: cannot open", dir);
    return stream;
}

int shard_dir_each(const char *dir,
                   int (*look)(void *user, const char *text, const struct shard_name *name),
                   void *user, struct pref_err *err)
{
    DIR *stream = open_folder(dir, err);
    struct shard_name name;
    struct dirent *entry;
    int status = PREF_OK;
    if (stream == NULL)
        return PREF_FAIL;
    while (status == PREF_OK && (errno = 0, entry = readdir(stream)) != NULL)
        if (shard_name_parse(pref_span_of(entry->d_name), &name))
            status = look(user, entry->d_name, &name);
    if (status == PREF_OK && errno != 0)
        status = pref_fail_errno(err, errno, "%s: cannot read", dir);
    closedir(stream);
    return status;
}

int shard_dir_clean(const struct shard_dir *folder, struct pref_err *err)
{
    DIR *stream = open_folder(folder->path, err);
    struct shard_name name;
    struct dirent *entry;
    int status = PREF_OK;
    if (stream == NULL)
        return PREF_FAIL;
    while (status == PREF_OK && (entry = readdir(stream)) != NULL) {
        struct pref_span text = pref_span_of(entry->d_name);
        if (!shard_name_parse(text, &name) && !shard_name_is_temporary(text))
            continue;
        if (unlinkat(dirfd(stream), entry->d_name, 0) != 0 && errno != ENOENT)
            status =
                pref_fail_errno(err, errno, "%s/%s: cannot remove", folder->path, entry->d_name);
    }
    closedir(stream);
    return status;
}

/* ---- Inputs that are shards ------------------------------------------------------------------ */

struct identity {
    dev_t dev;
    ino_t ino;
    size_t index; /* among the paths */
};

struct identities {
    struct identity *list;
    size_t count;
    const char *dir;
    size_t *which;
};

static int compare_identities(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    if (x->dev != y->dev)
        return x->dev < y->dev ? -1 : 1;
    return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static int look_up(void *user, const char *text, const struct shard_name *name)
{
    struct identities *inputs = user;
    struct pref_buf path = {0};
    struct stat st;
    struct identity *found = NULL;
    (void)name;
    if (shard_dir_path(&path, inputs->dir, text) != NULL && stat(path.ptr, &st) == 0) {
        struct identity wanted = {st.st_dev, st.st_ino, 0};
        found = bsearch(&wanted, inputs->list, inputs->count, sizeof wanted, compare_identities);
    }
    pref_buf_release(&path);
    if (found == NULL)
        return PREF_OK;
    *inputs->which = found->index;
    return PREF_USAGE;
}

int shard_dir_holds(const char *dir, const struct pref_texts *paths, size_t *which)
{
    struct stat st;
    struct identities inputs = {.dir = dir, .which = which};
    if (paths->count == 0 || stat(dir, &st) != 0)
        return 0;
    inputs.list = malloc(paths->count * sizeof *inputs.list);
    if (inputs.list == NULL)
        return 0;
    for (size_t i = 0; i < paths->count; i++)
        if (stat(paths->text[i], &st) == 0)
            inputs.list[inputs.count++] = (struct identity){st.st_dev, st.st_ino, i};
    qsort(inputs.list, inputs.count, sizeof *inputs.list, compare_identities);
    int holds = shard_dir_each(dir, look_up, &inputs, NULL) == PREF_USAGE;
    free(inputs.list);
    return holds;
}

/* ---- Locking --------------------------------------------------------------------------------- */

/* One try at the marker: 1 locked, 0 it was removed meanwhile, -1 failed. */
static int try_lock(struct shard_dir *folder, const char *path, struct pref_err *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat ours, there;
    int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    folder->stale = 0;
    folder->lock = open(path, flags | O_EXCL, 0666);
    if (folder->lock < 0 && errno == EEXIST) {
        folder->stale = 1;
        folder->lock = open(path, flags, 0666);
    }
    if (folder->lock < 0) {
        pref_fail_errno(err, errno, "%s: cannot create", path);
        return -1;
    }
    /* A file system that knows no locks is not a reason to fail. */
    if (fcntl(folder->lock, F_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES)) {
        pref_fail(err, "%s: another run is writing shards there", folder->path);
    } else if (fstat(folder->lock, &ours) == 0 && stat(path, &there) == 0 &&
               ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) {
        return 1;
    } else {
        close(folder->lock);
        folder->lock = -1;
        return 0;
    }
    close(folder->lock);
    folder->lock = -1;
    return -1;
}

static int lock_folder(struct shard_dir *folder, struct pref_err *err)
{
    struct pref_buf path = {0};
    int done = 0;
    if (shard_dir_path(&path, folder->path, SHARD_MARKER) == NULL)
        return pref_fail_memory(err, folder->path);
    for (int i = 0; i < LOCK_TRIES && done == 0; i++)
        done = try_lock(folder, path.ptr, err);
    if (done == 0)
        pref_fail(err, "%s: other runs come and go there", folder->path);
    pref_buf_release(&path);
    return done > 0 ? PREF_OK : PREF_FAIL;
}

/* ---- Claiming -------------------------------------------------------------------------------- */

/* What is found in the folder, and what it is compared with. */
struct inspection {
    const struct shard_claim *claim;
    const struct shard_manifest *manifest;
    const char *dir;
    int any;
    struct pref_err *err;
};

static int is_claimed(const struct shard_claim *claim, const struct shard_name *name)
{
    for (unsigned i = 0; i < claim->plan->count; i++)
        if (claim->plan->split[i].count == name->count && claim->packed == name->packed &&
            pref_span_equal(claim->plan->split[i].name, name->split))
            return 1;
    return 0;
}

static int inspect(void *user, const char *text, const struct shard_name *name)
{
    struct inspection *inspection = user;
    inspection->any = 1;
    if (is_claimed(inspection->claim, name) ||
        shard_manifest_find(inspection->manifest, name) != NULL)
        return PREF_OK;
    return pref_usage(inspection->err,
                      "%s: '%s' lies there and no manifest says whose it is: move it away",
                      inspection->dir, text);
}

static int check_manifest(const struct shard_dir *folder, const struct shard_claim *claim,
                          const struct shard_manifest *manifest, struct pref_err *err)
{
    if (!manifest->found || claim->force)
        return PREF_OK;
    if (!manifest->sealed)
        return pref_usage(err, "%s: its manifest was changed: --force replaces the shards it lists",
                          folder->path);
    if (!pref_span_equal(manifest->options, claim->options))
        return pref_usage(
            err, "%s: holds shards made with other options, %.*s: --force replaces them",
            folder->path, (int)(manifest->options.len < 600 ? manifest->options.len : 600),
            manifest->options.ptr);
    return PREF_OK;
}

static int inspect_folder(struct shard_dir *folder, const struct shard_claim *claim,
                          struct pref_err *err)
{
    struct shard_manifest manifest;
    struct pref_buf path = {0};
    struct inspection inspection = {claim, &manifest, folder->path, 0, err};
    if (shard_dir_path(&path, folder->path, SHARD_MANIFEST) == NULL)
        return pref_fail_memory(err, folder->path);
    int status = shard_manifest_read(&manifest, path.ptr, err);
    if (status == PREF_OK)
        status = check_manifest(folder, claim, &manifest, err);
    if (status == PREF_OK && (!folder->stale || manifest.found))
        status = shard_dir_each(folder->path, inspect, &inspection, err);
    folder->fresh = status == PREF_OK && !folder->stale && !manifest.found && !inspection.any;
    shard_manifest_release(&manifest);
    pref_buf_release(&path);
    return status;
}

int shard_dir_claim(struct shard_dir *folder, const struct shard_claim *claim, struct pref_err *err)
{
    folder->made = mkdir(folder->path, 0777) == 0;
    if (!folder->made && errno != EEXIST)
        return pref_fail_errno(err, errno, "%s: cannot create", folder->path);
    int status = lock_folder(folder, err);
    return status == PREF_OK ? inspect_folder(folder, claim, err) : status;
}

int shard_dir_begin(struct shard_dir *folder, struct pref_err *err)
{
    struct pref_buf path = {0};
    int status = PREF_OK;
    folder->begun = 1;
    if (shard_dir_path(&path, folder->path, SHARD_MANIFEST) == NULL)
        status = pref_fail_memory(err, folder->path);
    else if (unlink(path.ptr) != 0 && errno != ENOENT)
        status = pref_fail_errno(err, errno, "%s: cannot remove", path.ptr);
    pref_buf_release(&path);
    return status;
}

static void unlink_in(const struct shard_dir *folder, const char *name)
{
    struct pref_buf path = {0};
    if (shard_dir_path(&path, folder->path, name) != NULL)
        unlink(path.ptr);
    pref_buf_release(&path);
}

void shard_dir_end(struct shard_dir *folder, int well)
{
    if (folder->lock < 0)
        return;
    if (!well && folder->begun)
        unlink_in(folder, SHARD_MANIFEST);
    if (!well && folder->fresh)
        shard_dir_clean(folder, NULL);
    if (well || folder->fresh || (!folder->begun && !folder->stale))
        unlink_in(folder, SHARD_MARKER);
    close(folder->lock);
    folder->lock = -1;
    if (!well && folder->made)
        rmdir(folder->path); /* stays where somebody has put something there */
}
