/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "version.h"

#include "base.h"
#include "regex.h"
#include "unicode.h"

#include <stdio.h>

int version_print(void)
{
    char patterns[80];
    pref_regex_version(patterns, sizeof patterns);
    int n = printf("pref " PACKAGE_VERSION " (Unicode %s; patterns: %s)\n", pref_unicode_version(),
                   patterns);
    return n < 0 || fflush(stdout) != 0 ? PREF_FAIL : PREF_OK;
}
