/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define TRIES 1000 /* names, where others are left or in use */

/* O_EXCL makes it ours even where process numbers repeat (containers that share a folder, a killed
 * run's leavings). Not mkstemp, which leaves a moment in which the descriptor is inherited. */
int pref_new_file(int *fd, struct pref_buf *name, int access, mode_t mode)
{
    const size_t stem = name->len;
    int number = EEXIST;
    *fd = -1;
    for (int try = 0; try < TRIES && (number == EEXIST || number == EINTR); try++) {
        name->len = stem;
        pref_buf_addf(name, "-%ld-%d", (long)getpid(), try);
        pref_buf_add_byte(name, '\0');
        if (name->failed)
            return ENOMEM;
        *fd = open(name->ptr, access | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        number = *fd < 0 ? errno : 0;
    }
    return number;
}
