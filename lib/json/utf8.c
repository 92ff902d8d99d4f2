/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "utf8.h"
#include "lib/base/cpu.h"
#include "pref/scan.h"

#include <string.h>

#define HIGH_BITS 0x8080808080808080u

static int is_tail(unsigned char c)
{
    return (c & 0xc0) == 0x80;
}

size_t pref_utf8_sequence(const unsigned char *p, const unsigned char *end)
{
    size_t left = (size_t)(end - p);
    unsigned char c = p[0];
    if (c < 0x80)
        return 1;
    if (c < 0xc2 || c > 0xf4 || left < 2)
        return 0;
    if (c < 0xe0)
        return is_tail(p[1]) ? 2 : 0;
    /* The second byte is what rules out overlong forms, surrogates and what is above U+10FFFF. */
    unsigned char from = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    unsigned char to = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < from || p[1] > to || left < 3 || !is_tail(p[2]))
        return 0;
    if (c < 0xf0)
        return 3;
    return left >= 4 && is_tail(p[3]) ? 4 : 0;
}

size_t pref_utf8_check_portable(const char *bytes, size_t len)
{
    const unsigned char *const start = (const unsigned char *)bytes;
    const unsigned char *const end = start + len;
    const unsigned char *p = start;
    while (p < end) {
        if (*p < 0x80) {
            uint64_t eight;
            while (end - p >= 8 && (memcpy(&eight, p, 8), (eight & HIGH_BITS) == 0))
                p += 8;
            while (p < end && *p < 0x80)
                p++;
            continue;
        }
        /* Three bytes whose lead byte has no exceptions: most of what is written in scripts of
         * East and South Asia. */
        if (*p > 0xe0 && *p < 0xf0 && *p != 0xed && end - p >= 3 &&
            ((p[1] ^ 0x80) | (p[2] ^ 0x80)) < 0x40) {
            p += 3;
            continue;
        }
        size_t n = pref_utf8_sequence(p, end);
        if (n == 0)
            break;
        p += n;
    }
    return (size_t)(p - start);
}

size_t pref_utf8_check(const char *bytes, size_t len)
{
#if PREF_HAVE_AVX2
    if (len >= 32 && pref_cpu_avx2() && pref_utf8_valid_avx2(bytes, len))
        return len;
#endif
    return len == 0 ? 0 : pref_utf8_check_portable(bytes, len);
}
