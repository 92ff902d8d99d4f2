# SPDX-License-Identifier: Apache-2.0
# The tests. A unit is one line: a program of cmocka cases whose source has the same name.

unit_tests =

check_PROGRAMS += $(unit_tests)

TESTS = $(unit_tests)
LOG_DRIVER = $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT;
