/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "version.h"

#include "lib/text/regex.h"
#include "lib/text/unicode.h"
#include "pref/base.h"

#include <stdio.h>

int version_print(void)
{
    char patterns[80];
    pref_regex_version(patterns, sizeof patterns);
    int n = printf("pref " PACKAGE_VERSION " (Unicode %s; patterns: %s)\n", pref_unicode_version(),
                   patterns);
    return n < 0 || fflush(stdout) != 0 ? PREF_FAIL : PREF_OK;
}
