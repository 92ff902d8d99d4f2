/* SPDX-License-Identifier: Apache-2.0 */
/* white_space.h - the property White_Space of Unicode (PropList.txt). */
#ifndef PREF_WHITE_SPACE_H
#define PREF_WHITE_SPACE_H

#include <stdint.h>

static inline int pref_is_white_space(int32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

#endif
