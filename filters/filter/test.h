/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test.h - the tests that look at one field: what each kind of rule does with a text. Called
 * by rule.c alone.
 */
#ifndef FILTERS_FILTER_TEST_H
#define FILTERS_FILTER_TEST_H

#include "rule.h"

/* Whether the rule, of a kind that looks at one field, hits the text of finding->field. */
enum filter_result filter_test_field(const struct filter_rule *rule, struct filter_view *view,
                                     struct pref_span text, struct filter_finding *finding);

#endif
