/* SPDX-License-Identifier: Apache-2.0 */
/* The kernels against what is known of a string by how it was made, at every length, alignment and
 * position; and against each other on lines that were changed at random. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scan_help.h"
#include "lib/json/scan_impl.h"

#define LENGTHS 257
#define ALIGNMENTS 64

/* What is put into a string of 'x', and what must come of it: a fault `by` bytes behind where it
 * stands, or none. */
struct special {
    const char *bytes;
    enum pref_fault_kind kind;
    size_t by;
    int escaped; /* a mask of enum pref_escaped */
};

static const struct special specials[] = {
    {"\\n", PREF_FAULT_NONE, 0, PREF_ESCAPED},
    {"\\\\", PREF_FAULT_NONE, 0, PREF_ESCAPED},
    {"\\\"", PREF_FAULT_NONE, 0, PREF_ESCAPED},
    {"\\/", PREF_FAULT_NONE, 0, PREF_ESCAPED | PREF_ESCAPED_SLASH},
    {"\\u12aF", PREF_FAULT_NONE, 0, PREF_ESCAPED | PREF_ESCAPED_UNICODE},
    {"/u\\\\u12aF/", PREF_FAULT_NONE, 0, PREF_ESCAPED},
    {"\xc3\xa9", PREF_FAULT_NONE, 0, 0},
    {"\xf0\x9f\x98\x80", PREF_FAULT_NONE, 0, 0},
    {"\x7f", PREF_FAULT_NONE, 0, 0},
    {"\x1f", PREF_FAULT_SYNTAX, 0, 0},
    {"\\x", PREF_FAULT_SYNTAX, 1, 0},
    {"\\u12g", PREF_FAULT_SYNTAX, 4, 0},
    {"\xff", PREF_FAULT_UTF8, 0, 0},
    {"\xe2\x82", PREF_FAULT_UTF8, 0, 0},
    {"\x80", PREF_FAULT_UTF8, 0, 0},
    {"\"", PREF_FAULT_SYNTAX, 1, 0},
};

/* Fill `line` with a string of `len` bytes, the special at `at`. Behind it stands what would show
 * if a kernel looked there: bytes that are no UTF-8. */
static void make_string(char *line, size_t len, const char *bytes, size_t at)
{
    line[0] = '"';
    memset(line + 1, 'x', len);
    memcpy(line + 1 + at, bytes, strlen(bytes));
    line[len + 1] = '"';
    memset(line + len + 2, 0x9f, PREF_PAD);
}

static void check_position(struct pref_scanner *scanner, char *line, size_t len,
                           const struct special *special, size_t at)
{
    struct pref_doc doc;
    struct pref_fault fault;
    make_string(line, len, special->bytes, at);
    int status = pref_scan(scanner, line, len + 2, &doc, &fault);
    int right = special->kind == PREF_FAULT_NONE
                    ? status == PREF_OK && doc.count == 1 && doc.hits[0].start == 0 &&
                          doc.hits[0].end == len + 2 && doc.hits[0].escaped == special->escaped
                    : status == PREF_FAIL && fault.kind == special->kind &&
                          fault.offset == 1 + at + special->by;
    if (!right)
        fail_msg("length %zu, special %zu at %zu: %s at %zu", len, (size_t)(special - specials), at,
                 pref_fault_name(fault.kind), fault.offset);
}

static void check_special(struct pref_scanner *scanner, char *buffer,
                          const struct special *special)
{
    size_t n = strlen(special->bytes);
    for (size_t align = 0; align < ALIGNMENTS; align++) {
        for (size_t len = n; len < LENGTHS; len++) {
            /* Every position in one alignment; in the others those next to a step's edge. */
            for (size_t at = 0; at + n <= len; at++) {
                size_t in_step = at % 32;
                if (align == len % ALIGNMENTS || in_step < 2 || in_step > 26)
                    check_position(scanner, buffer + align, len, special, at);
            }
        }
    }
}

static void test_positions(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new_any();
    void *memory = NULL;
    assert_int_equal(posix_memalign(&memory, 64, ALIGNMENTS + LENGTHS + 1 + PREF_PAD), 0);
    for (int kernel = SCAN_PORTABLE; kernel <= SCAN_AVX2; kernel++) {
        struct pref_scanner *scanner = pref_scanner_new_kernel(shape, (enum scan_kernel)kernel);
        for (size_t i = 0; scanner != NULL && i < sizeof specials / sizeof specials[0]; i++)
            check_special(scanner, memory, &specials[i]);
        pref_scanner_free(scanner);
    }
    free(memory);
    pref_shape_free(shape);
}

/* Runs of backslashes of every length and place: an odd run escapes the quote behind it. */
static void test_backslash_runs(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new_any();
    char line[300];
    for (size_t before = 0; before < 70; before++) {
        for (size_t run = 0; run < 135; run++) {
            struct pref_fault fault;
            line[0] = '"';
            memset(line + 1, 'x', before);
            memset(line + 1 + before, '\\', run);
            line[1 + before + run] = '"';
            size_t len = before + run + 2;
            assert_null(help_check_line(shape, line, len, &fault, NULL));
            assert_int_equal(fault.kind, run % 2 == 0 ? PREF_FAULT_NONE : PREF_FAULT_SYNTAX);
            if (run % 2 != 0)
                assert_int_equal(fault.offset, len);
        }
    }
    pref_shape_free(shape);
}

/* Numbers of every length of their parts. */
static void test_number_lengths(void **state)
{
    (void)state;
    struct pref_shape *shape = pref_shape_new_any();
    char line[256];
    for (int whole = 0; whole < 40; whole++) {
        for (int fraction = -1; fraction < 40; fraction += fraction < 3 ? 1 : 7) {
            for (int exponent = -1; exponent < 35; exponent += exponent < 3 ? 1 : 9) {
                char *p = line + sprintf(line, "[-");
                for (int i = 0; i < whole; i++)
                    *p++ = (char)('1' + i % 9);
                for (int i = -1; i < fraction; i++)
                    *p++ = (char)(i < 0 ? '.' : '0' + i % 10);
                for (int i = -2; i < exponent && exponent >= 0; i++)
                    *p++ = (char)(i == -2 ? 'E' : i == -1 ? '+' : '0' + i % 10);
                *p++ = ']';
                struct pref_fault fault;
                const char *wrong = help_check_line(shape, line, (size_t)(p - line), &fault, NULL);
                int good = whole > 0 && fraction != 0 && exponent != 0;
                if (wrong != NULL || (fault.kind == PREF_FAULT_NONE) != good)
                    fail_msg("%.*s: %s", (int)(p - line), line, wrong == NULL ? "" : wrong);
            }
        }
    }
    pref_shape_free(shape);
}

/* ---- Lines changed at random ---------------------------------------------------------------- */

static uint64_t random_state;

static size_t below(size_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(random_state >> 33) % n;
}

static const char *const seeds[] = {
    ("{\"id\": \"q-1\", \"prompt\": \"What is it, caf\xc3\xa9?\\n\", \"chosen\": \"This \\u00e9 "
     "one, and long enough for a step or two of the widest kernel, with \\\"quotes\\\" in it\", "
     "\"rejected\": \"\xf0\x9f\x98\x80\", \"source\": null}"),
    ("{\"votes\":[{\"judge\":\"gpt\",\"vote\":\"chosen\",\"confidence\":0.75,\"swapped\":true},"
     "{\"vote\":\"both_bad\",\"judge\":\"b\"}],\"scores\":[{\"model\":\"m\",\"chosen\":-1.25e-3,"
     "\"rejected\":12}],\"x\":[[],{},[1,2,[null]]]}"),
    ("{ \"prompt\" : [ { \"role\" : \"user\" , \"content\" : [ { \"type\" : \"text\" } ] } , "
     "{\"role\":\"assistant\",\"content\":\"\\ud83d\\ude00\"} ] , \"\\u0063hosen\" : \"\" , "
     "\"rejected\" : \"\" }"),
};

/* Bytes that matter to the grammar, to strings and to UTF-8. */
static const char alphabet[] = "\"\"\"\\\\{}[],:: \t\nu0123456789-+.eEtruefalsn\x01\x1f\x7f\x80\xbf"
                               "\xc3\xe2\xed\xf0\xf4\xffprompt";

static size_t mutate(char *line, size_t len)
{
    for (size_t changes = 1 + below(3); changes > 0 && len > 1; changes--) {
        size_t at = below(len), n = 1 + below(4);
        switch (below(4)) {
        case 0: line[at] = alphabet[below(sizeof alphabet - 1)]; break;
        case 1: line[at] = (char)(line[at] ^ (1 << below(8))); break;
        case 2: /* a few bytes less */
            n = n < len - at ? n : len - at;
            memmove(line + at, line + at + n, len - at - n);
            len -= n;
            break;
        default: /* a piece of the line once more */
            n = below(len - at) % 40 + 1;
            n = n < len - at ? n : len - at;
            memmove(line + at + n, line + at, len - at);
            len += n;
        }
    }
    return len;
}

static void test_mutations(void **state)
{
    (void)state;
    struct pref_shape *shapes[2] = {help_pair_shape(0), pref_shape_new_any()};
    size_t kinds[PREF_FAULT_KINDS] = {0};
    pref_shape_other(shapes[1], PREF_ROOT);
    pref_shape_each(shapes[1], PREF_ROOT);
    random_state = 20240607;
    for (int round = 0; round < 30000; round++) {
        char line[1024];
        const char *seed = seeds[below(sizeof seeds / sizeof seeds[0])];
        size_t len = strlen(seed);
        memcpy(line, seed, len);
        len = mutate(line, len);
        struct pref_fault fault;
        const char *wrong = help_check_line(shapes[round % 8 == 0], line, len, &fault, NULL);
        if (wrong != NULL)
            fail_msg("round %d: %s: %.*s", round, wrong, (int)len, line);
        kinds[fault.kind]++;
    }
    /* The test is worth something only if it meets what it is for. */
    assert_true(kinds[PREF_FAULT_NONE] > 1000);
    assert_true(kinds[PREF_FAULT_SYNTAX] > 1000);
    assert_true(kinds[PREF_FAULT_UTF8] > 100);
    assert_true(kinds[PREF_FAULT_DUPLICATE] > 0);
    assert_true(kinds[PREF_FAULT_MISSING] > 0);
    assert_true(kinds[PREF_FAULT_WORD] > 0);
    assert_true(kinds[PREF_FAULT_TYPE] > 0);
    pref_shape_free(shapes[0]);
    pref_shape_free(shapes[1]);
}

/* A scanner guesses keys by what it saw before; what it says must be what a new one says. The
 * lines have many keys that nobody asked for, in objects of different places, and few orders. */
static void test_guesses_decide_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"id", "x", "y", "a-long-key-of-20-b", "votes", "judge",
                                        "vote", "", "caf\xc3\xa9", "\\u0069d", "s"};
    struct pref_shape *shape = pref_shape_new();
    pref_place s = pref_shape_field(shape, "/s/x");
    pref_shape_other(shape, shape->rule[s].parent);
    pref_shape_field(shape, "id");
    pref_shape_key(shape, pref_shape_each(shape, pref_shape_field(shape, "votes")),
                   pref_span_of("vote"));
    struct pref_scanner *old = pref_scanner_new(shape);
    size_t agreed = 0;
    random_state = 7;
    for (int round = 0; round < 20000; round++) {
        char line[1024], *p = line;
        size_t keys = 1 + below(6);
        for (size_t i = 0; i < keys; i++) {
            p += sprintf(p, "%c\"%s\":", i == 0 ? '{' : ',', names[below(11)]);
            if (below(40) == 0)
                p += sprintf(p, "{\"k%zu\":0}", below(1000));
            else if (below(2) == 0)
                p += sprintf(p, "[{\"%s\":1,\"%s\":2},[{\"%s\":3}]]", names[below(11)],
                             names[below(11)], names[below(11)]);
            else
                p += sprintf(p, "{\"%s\":4,\"%s\":[]}", names[below(11)], names[below(11)]);
        }
        strcpy(p, "}");
        struct pref_scanner *new = pref_scanner_new(shape);
        struct pref_doc a, b;
        struct pref_fault x, y;
        char *copy = help_padded(line, strlen(line), 0);
        int status = pref_scan(old, copy, strlen(line), &a, &x);
        assert_int_equal(pref_scan(new, copy, strlen(line), &b, &y), status);
        assert_int_equal(x.kind, y.kind);
        assert_int_equal(x.offset, y.offset);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.hits, b.hits, a.count * sizeof a.hits[0]);
        agreed += status == PREF_OK;
        pref_scanner_free(new);
        free(copy);
    }
    assert_true(agreed > 1000 && agreed < 19000);
    pref_scanner_free(old);
    pref_shape_free(shape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_backslash_runs),
        cmocka_unit_test(test_number_lengths),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_guesses_decide_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
