/* SPDX-License-Identifier: Apache-2.0 */
/* version.h - what --version prints: the program's version and Unicode's, on which keys depend. */
#ifndef CMD_VERSION_H
#define CMD_VERSION_H

/* Print it to standard output: PREF_OK, or PREF_FAIL. */
int version_print(void);

#endif
