/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "sides.h"

#include <string.h>

int sides_equal(struct pref_job *job, struct pref_span a, struct pref_span b)
{
    struct pref_h128 hash_a, hash_b;
    if (pref_key_value(job->keys, a, 0, &hash_a, NULL) != PREF_OK ||
        pref_key_value(job->keys, b, 0, &hash_b, NULL) != PREF_OK)
        return -1;
    return memcmp(&hash_a, &hash_b, sizeof hash_a) == 0;
}

int sides_part_early(struct pref_job *job, struct pref_span a, struct pref_span b)
{
    if (pref_type_of(a) != PREF_ARRAY || pref_type_of(b) != PREF_ARRAY)
        return 0;
    struct pref_cursor left = pref_cursor_in(a), right = pref_cursor_in(b);
    struct pref_span x, y, next_x, next_y;
    int more_x = pref_cursor_next(&left, NULL, &x), more_y = pref_cursor_next(&right, NULL, &y);
    while (more_x && more_y) {
        more_x = pref_cursor_next(&left, NULL, &next_x);
        more_y = pref_cursor_next(&right, NULL, &next_y);
        if (!more_x || !more_y)
            return more_x != more_y;
        int same = sides_equal(job, x, y);
        if (same != 1)
            return same < 0 ? -1 : 1;
        x = next_x;
        y = next_y;
    }
    return 0;
}
