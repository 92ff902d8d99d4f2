/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/* Any bytes through the gzip decoder. */

#include "unpack.h"
#include "lib/stream/gzip_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0)
        unpack_twice(pref_gzip_in_new, data, size);
    return 0;
}
