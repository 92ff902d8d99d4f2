#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print lib/number/number_pow10.h: the powers of ten to 128 bits, cut (not rounded).

    tests/tools/make-pow10.py > lib/number/number_pow10.h

Every number here is an exact integer of Python; the unit test of number works the table out a
second time, in C, by another way.
"""

FIRST, LAST = -342, 324
BITS = 128


def top_bits(power):
    """The BITS most significant bits of 10^power, the rest cut off."""
    if power >= 0:
        value = 10 ** power
        shift = value.bit_length() - BITS
        return value >> shift if shift >= 0 else value << -shift
    divisor = 10 ** -power
    # 2^(length-1) < divisor < 2^length, so this quotient has BITS bits exactly.
    return (1 << (divisor.bit_length() + BITS - 1)) // divisor


def main():
    print(f"""\
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number_pow10.h - the powers of ten from 1e{FIRST} to 1e{LAST}, to 128 bits. Private to number.
 *
 * Made by tests/tools/make-pow10.py; do not edit. Entry i holds the 128 most significant bits of
 * 10^(PREF_POW10_FIRST + i), cut: with L = floor(log2(10^k)), the entry T of 10^k satisfies
 * T * 2^(L - 127) <= 10^k < (T + 1) * 2^(L - 127). It is exact for 0 <= k <= PREF_POW10_EXACT.
 */
#ifndef PREF_NUMBER_POW10_H
#define PREF_NUMBER_POW10_H

#include "wide.h"

#define PREF_POW10_FIRST ({FIRST})
#define PREF_POW10_LAST {LAST}
#define PREF_POW10_EXACT 55

static const struct pref_wide pref_pow10[PREF_POW10_LAST - PREF_POW10_FIRST + 1] = {{""")
    cells = []
    for power in range(FIRST, LAST + 1):
        value = top_bits(power)
        assert value.bit_length() == BITS
        cells.append(f"{{0x{value >> 64:016x}, 0x{value & (1 << 64) - 1:016x}}}")
    for at in range(0, len(cells), 2):
        print("    " + ", ".join(cells[at:at + 2]) + ",")
    print("};\n\n#endif")


if __name__ == "__main__":
    main()
