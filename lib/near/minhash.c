/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "minhash.h"

#include "lib/base/cpu.h"

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014) over 1, 2, 3, ... golden ratios. */
static uint32_t number(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(z >> 32);
}

void pref_minhash_init(struct pref_minhash *family, unsigned count)
{
    family->count = (count + 7) / 8 * 8;
    for (unsigned i = 0; i < PREF_MINHASH_MAX; i++) {
        uint32_t first = number(i % 8) | 1, step = number(8 + i % 8) & ~UINT32_C(1);
        family->multipliers[i] = first + i / 8 * step;
    }
}

void pref_minhash_sign_portable(const struct pref_minhash *family, const uint64_t *members,
                                size_t len, uint32_t *signature)
{
    for (unsigned i = 0; i < family->count; i++)
        signature[i] = UINT32_MAX;
    for (size_t k = 0; k < len; k++) {
        uint32_t low = (uint32_t)members[k], high = (uint32_t)(members[k] >> 32);
        for (unsigned i = 0; i < family->count; i++) {
            uint32_t image = family->multipliers[i] * low + high;
            signature[i] = image < signature[i] ? image : signature[i];
        }
    }
}

void pref_minhash_sign(const struct pref_minhash *family, const uint64_t *members, size_t len,
                       uint32_t *signature)
{
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2()) {
        pref_minhash_sign_avx2(family, members, len, signature);
        return;
    }
#endif
    pref_minhash_sign_portable(family, members, len, signature);
}
