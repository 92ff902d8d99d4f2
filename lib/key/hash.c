/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "hash_own.h"

#include "lib/base/cpu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/random.h>
#endif

/* Inlining spares short keys a call through the procedure linkage table, and makes the result
 * independent of which libxxhash is found at run time. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#define LONG 240 /* bytes; XXH3 takes another way beyond, the one that is worth its own kernel */

/* The library's state has a size and an alignment of its own; only this file knows them. */
struct pref_hasher {
    XXH3_state_t *state;
    uint64_t seed;
};

uint64_t pref_hash64(const void *bytes, size_t len, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, len, seed);
}

struct pref_h128 pref_hash128(const void *bytes, size_t len, uint64_t seed)
{
#if PREF_HAVE_AVX2
    if (len > LONG && pref_cpu_avx2())
        return pref_hash128_avx2(bytes, len, seed);
#endif
    XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, len, seed);
    return (struct pref_h128){hash.low64, hash.high64};
}

void pref_h128_hex(struct pref_h128 hash, char out[33])
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < 16; i++) {
        out[i] = digits[hash.high >> (60 - 4 * i) & 15];
        out[16 + i] = digits[hash.low >> (60 - 4 * i) & 15];
    }
    out[32] = '\0';
}

/* A number whose bytes in memory go from the least significant on; and back. */
static uint64_t least_first(uint64_t value)
{
#ifdef WORDS_BIGENDIAN
    return __builtin_bswap64(value);
#else
    return value;
#endif
}

void pref_h128_bytes(struct pref_h128 hash, unsigned char out[16])
{
    const uint64_t halves[2] = {least_first(hash.low), least_first(hash.high)};
    memcpy(out, halves, sizeof halves);
}

struct pref_h128 pref_h128_of(const unsigned char bytes[16])
{
    uint64_t halves[2];
    memcpy(halves, bytes, sizeof halves);
    return (struct pref_h128){least_first(halves[0]), least_first(halves[1])};
}

struct pref_hasher *pref_hasher_new(uint64_t seed)
{
    struct pref_hasher *hasher = malloc(sizeof *hasher);
    if (hasher == NULL)
        return NULL;
    hasher->seed = seed;
    hasher->state = XXH3_createState();
    if (hasher->state == NULL) {
        free(hasher);
        return NULL;
    }
    pref_hasher_reset(hasher);
    return hasher;
}

void pref_hasher_free(struct pref_hasher *hasher)
{
    if (hasher == NULL)
        return;
    XXH3_freeState(hasher->state);
    free(hasher);
}

void pref_hasher_reset(struct pref_hasher *hasher)
{
    XXH3_128bits_reset_withSeed(hasher->state, hasher->seed);
}

void pref_hasher_reseed(struct pref_hasher *hasher, uint64_t seed)
{
    hasher->seed = seed;
    pref_hasher_reset(hasher);
}

void pref_hasher_add(struct pref_hasher *hasher, const void *bytes, size_t len)
{
    if (len == 0)
        return;
#if PREF_HAVE_AVX2
    if (pref_cpu_avx2()) {
        pref_hash_update_avx2(hasher->state, bytes, len);
        return;
    }
#endif
    XXH3_128bits_update(hasher->state, bytes, len);
}

struct pref_h128 pref_hasher_value(const struct pref_hasher *hasher)
{
    XXH128_hash_t hash = XXH3_128bits_digest(hasher->state);
    return (struct pref_h128){hash.low64, hash.high64};
}

/* What /dev/urandom gives: 1, or 0 where it cannot be read. */
static int read_urandom(uint64_t *seed)
{
    int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n;
    do
        n = read(fd, seed, sizeof *seed);
    while (n < 0 && errno == EINTR);
    close(fd);
    return n == (ssize_t)sizeof *seed;
}

uint64_t pref_seed_random(void)
{
    uint64_t seed = 0;
#ifdef __linux__
    if (getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed)
        return seed;
#endif
    if (read_urandom(&seed))
        return seed;
    /* A sandbox without either: hard to guess is the best that is left. No output depends on it. */
    struct timespec now[2] = {{0, 0}, {0, 0}};
    clock_gettime(CLOCK_REALTIME, &now[0]);
    clock_gettime(CLOCK_MONOTONIC, &now[1]);
    return pref_hash64(now, sizeof now, (uint64_t)getpid() ^ (uint64_t)(uintptr_t)&seed);
}
