/* SPDX-License-Identifier: Apache-2.0 */
/* string_avx2.c - copying decoded text 32 bytes a step; string.c has the portable way, which is
 * also the reference. */
#include "config.h"

#include "string_run.h"
#include "lib/base/cpu.h"

#if PREF_HAVE_AVX2

#include <immintrin.h>

/* What the letter of a two-character escape stands for; 0 for 'u', which is more than a letter. */
static const char letters[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                  ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

__attribute__((target("avx2,bmi,bmi2"))) char *pref_string_run_avx2(const char **from,
                                                                    const char *end, char *to)
{
    const __m256i backslash = _mm256_set1_epi8('\\');
    const char *p = *from;
    while (end - p >= 32) {
        __m256i block = _mm256_loadu_si256((const __m256i *)(const void *)p);
        _mm256_storeu_si256((__m256i *)(void *)to, block);
        unsigned found = (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, backslash));
        if (found == 0) {
            p += 32;
            to += 32;
            continue;
        }
        unsigned before = (unsigned)__builtin_ctz(found);
        p += before;
        to += before;
        char letter = letters[(unsigned char)p[1] & 127];
        if (letter == 0)
            break;
        *to++ = letter;
        p += 2;
    }
    *from = p;
    return to;
}

#endif
