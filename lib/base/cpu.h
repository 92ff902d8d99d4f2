/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpu.h - what the processor at hand can do beyond the baseline the program was compiled for.
 *
 * Asked by every module that has a faster kernel beside its portable one. The answer comes from
 * the compiler's own CPU table, filled once before main: libpref keeps no state for it.
 */
#ifndef PREF_CPU_H
#define PREF_CPU_H

/* Whether AVX2 kernels can be compiled here: x86-64 and a compiler with target attributes. */
#if defined(__x86_64__) && defined(__GNUC__)
#define PREF_HAVE_AVX2 1
#else
#define PREF_HAVE_AVX2 0
#endif

/* 1 if processor and system support AVX2, BMI1 and BMI2, else 0. Cheap: two loads. */
int pref_cpu_avx2(void);

#endif
