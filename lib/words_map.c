/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "words_map.h"

void pref_words_map_portable(const char *text, size_t blocks, struct words_map *map)
{
    for (size_t i = 0; i < blocks; i++) {
        map[i] = (struct words_map){0, 0};
        for (unsigned bit = 0; bit < 64; bit++) {
            unsigned char c = (unsigned char)text[64 * i + bit];
            uint64_t high = c >> 7;
            uint64_t run = high | ((c | 0x20u) - 'a' < 26u) | (c - (unsigned)'0' < 10u);
            map[i].high |= high << bit;
            map[i].run |= run << bit;
        }
    }
}
