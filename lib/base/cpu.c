/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cpu.h"

int pref_cpu_avx2(void)
{
#if PREF_HAVE_AVX2
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
#else
    return 0;
#endif
}
