/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "lib/base/cpu.h"

#if PREF_HAVE_AVX2

#include "scan_avx2.h"
#include "utf8.h"

#include <string.h>

#define FOUR(c) c, c, c, c
#define ALL32(c) FOUR(c), FOUR(c), FOUR(c), FOUR(c), FOUR(c), FOUR(c), FOUR(c), FOUR(c)

const struct avx2_bytes pref_avx2_bytes = {{ALL32('"')}, {ALL32('\\')}, {ALL32(' ')}};

AVX2_TARGET int pref_utf8_valid_avx2(const char *bytes, size_t len)
{
    __m256i errors = _mm256_setzero_si256();
    __m256i previous = _mm256_setzero_si256();
    int pending = 0; /* the step before had bytes that are not ASCII */
    size_t at = 0;
    while (at < len) {
        __m256i input;
        if (len - at >= 32) {
            input = _mm256_loadu_si256((const __m256i *)(bytes + at));
        } else {
            char rest[32] = {0};
            memcpy(rest, bytes + at, len - at);
            input = _mm256_loadu_si256((const __m256i *)rest);
        }
        int high = _mm256_movemask_epi8(input);
        if ((high | pending) != 0)
            errors = _mm256_or_si256(errors, utf8_errors(input, previous));
        pending = high;
        previous = input;
        at += 32;
    }
    /* What the last full step broke off shows against a step of zeros. */
    errors = _mm256_or_si256(errors, utf8_errors(_mm256_setzero_si256(), previous));
    return _mm256_testz_si256(errors, errors);
}

#endif
