/* SPDX-License-Identifier: Apache-2.0 */
/* What --weights takes and refuses, and the weight of each judge. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "filters/vote/weights.h"

static void weighs(const char *text, const char *judge, uint64_t millionths)
{
    struct vote_weights weights = {0};
    struct pref_err err = {""};
    if (vote_weights_parse(&weights, "--weights", text, &err) != PREF_OK)
        fail_msg("%s: %s", text, err.text);
    uint64_t got = vote_weights_of(&weights, pref_span_of(judge));
    vote_weights_release(&weights);
    if (got != millionths)
        fail_msg("%s: %s weighs %llu", text, judge, (unsigned long long)got);
}

static void taken(void **state)
{
    (void)state;
    weighs("a=2", "a", 2000000);
    weighs("a=2", "b", 1000000);
    weighs("a=2,*=0.5", "b", 500000);
    weighs("*=0.5,a=.25", "a", 250000);
    weighs("*=0", "a", 0);
    weighs("b=1.000001,a=1000,c=0.", "b", 1000001);
    weighs("b=1.000001,a=1000,c=0.", "a", 1000000000);
    weighs("b=1.000001,a=1000.000000,c=0.", "c", 0);
    weighs("gpt 4/o*=3", "gpt 4/o*", 3000000);
    weighs("\"*\"=3", "*", 3000000);
    weighs("\"*\"=3", "b", 1000000);
    weighs("\"a,b=\\\"\\\\\"=3,z=1", "a,b=\"\\", 3000000);
    weighs("\"\"=3", "", 3000000);
    weighs("e=5,d=4,c=3,b=2,a=1,f=6,g=7,h=8,i=9", "i", 9000000);
    weighs("e=5,d=4,c=3,b=2,a=1,f=6,g=7,h=8,i=9", "aa", 1000000);
    weighs("\xc3\xa9=2", "\xc3\xa9", 2000000);
}

static void refused(void **state)
{
    static const char *const texts[] = {
        "",        "a",        "a=",          "=1",     "a=1,",        ",a=1",      "a=-1",
        "a=1e1",   "a=1.0000001", "a=1000.1", "a=1001", "a=99999999999999999999999", "a=.",
        "a=1 ",    "a=1,a=2",  "*=1,*=2",     "\"a=1",  "\"a\\n\"=1",  "\"a\"b=1",  "a\"b=1",
        "a=b=1",   "\"a\\",    "\xff=1",      "a=0x1",  "\"a\"=1,a=1", "a=1.0000000"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct vote_weights weights = {0};
        struct pref_err err = {""};
        int status = vote_weights_parse(&weights, "--weights", texts[i], &err);
        vote_weights_release(&weights);
        if (status != PREF_USAGE || err.text[0] != '-')
            fail_msg("'%s': status %d: %s", texts[i], status, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
