/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

/* Any bytes through the zstd decoder, and their first ones through what tells magics. */

#include "unpack.h"
#include "lib/stream/magic.h"
#include "lib/stream/zstd_in.h"

static struct pref_decoder *make(void)
{
    return pref_zstd_in_new(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    require(pref_magic_tell((const char *)data, size) != PREF_MAGIC_MORE || size < PREF_MAGIC_MAX);
    unpack_twice(make, data, size);
    return 0;
}
