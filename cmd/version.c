/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "version.h"

#include "base.h"
#include "unicode.h"

#include <stdio.h>

int version_print(void)
{
    int n = printf("pref " PACKAGE_VERSION " (Unicode %s)\n", pref_unicode_version());
    return n < 0 || fflush(stdout) != 0 ? PREF_FAIL : PREF_OK;
}
