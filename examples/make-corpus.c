/* SPDX-License-Identifier: Apache-2.0 */
/* make-corpus: write a synthetic preference corpus and the truth about its faults. */
#include "config.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"

static const char usage_text[] =
    "usage: make-corpus [options] > corpus.jsonl\n"
    "  --records N       make N records (default 50000; with --bytes, no limit)\n"
    "  --bytes SIZE      stop once SIZE bytes are written (suffixes K, M, G)\n"
    "  --start K         begin with record K of the same corpus; parts join to the whole\n"
    "  --seed S          which corpus (default 1)\n"
    "  --long            texts and rates of the benchmark: median 2.3 KB, 20 % duplicates\n"
    "  --malformed N     add N malformed lines, spread evenly (not with --bytes)\n"
    "  --rate F=R[:H]    share R of the records gets fault F, share H of these its hard form;\n"
    "                    F is duplicate, near-duplicate, contradiction, wrong-label, ambiguous,\n"
    "                    missing (R of votes and scores; H of scores) or malformed (only :H,\n"
    "                    as malformed=0:H). Repeatable; decimals of at most 6 digits\n"
    "  --truth FILE      write what was planted, a JSON object a line\n"
    "  --help            print this\n";

static const char *const fault_names[CORPUS_FAULTS] = {
    "good",        "duplicate", "near-duplicate", "contradiction",
    "wrong-label", "ambiguous", "missing",        "malformed",
};

/* Default rates and shares of hard forms, in millionths. */
static const uint32_t demo_rate[CORPUS_FAULTS] = {0, 80000, 0, 20000, 120000, 80000, 20000, 0};
static const uint32_t demo_hard[CORPUS_FAULTS] = {0,      125000, 500000, 500000,
                                                  333333, 500000, 500000, 500000};

struct job {
    struct corpus_spec spec;
    uint64_t records, start, bytes, malformed;
    FILE *truth;
    const char *truth_name;
    uint64_t planted[CORPUS_FAULTS];
};

static _Noreturn void die(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("make-corpus: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(status);
}

/* A whole number, with a suffix where `suffixes` is set. */
static uint64_t parse_count(const char *option, const char *s, bool suffixes)
{
    char *end = NULL;
    errno = 0;
    unsigned long long v = *s >= '0' && *s <= '9' ? strtoull(s, &end, 10) : 0;
    unsigned shift = 0;
    if (end != NULL && suffixes && *end != '\0') {
        const char *at = strchr("KMG", *end);
        shift = at == NULL ? 0 : 10 * (unsigned)(at - "KMG" + 1);
        end += at != NULL;
    }
    if (end == NULL || *end != '\0' || errno != 0 || v > (UINT64_MAX >> 2 >> shift))
        die(2, "%s: '%s' is no number that fits", option, s);
    return (uint64_t)v << shift;
}

/* A decimal in 0 .. 1, in millionths; *s moves behind it. */
static uint32_t parse_share(const char *option, const char **s)
{
    const char *p = *s;
    uint32_t v = 0, unit = CORPUS_MILLION;
    bool any = false;
    for (; *p >= '0' && *p <= '9' && v <= 1; p++, any = true)
        v = v * 10 + (uint32_t)(*p - '0');
    if (v <= 1 && any) {
        v *= CORPUS_MILLION;
        if (*p == '.')
            p++;
        for (; *p >= '0' && *p <= '9' && unit >= 10; p++)
            v += (uint32_t)(*p - '0') * (unit /= 10);
    }
    if (!any || v > CORPUS_MILLION)
        die(2, "%s: expected a decimal from 0 to 1 at '%s'", option, *s);
    *s = p;
    return v;
}

static void parse_rate(struct corpus_spec *c, const char *arg)
{
    size_t n = strcspn(arg, "=");
    int f = CORPUS_GOOD + 1;
    while (f < CORPUS_FAULTS &&
           (strlen(fault_names[f]) != n || strncmp(arg, fault_names[f], n) != 0))
        f++;
    if (f == CORPUS_FAULTS || arg[n] == '\0')
        die(2, "--rate: '%s' is no FAULT=R[:H]", arg);
    const char *p = arg + n + 1;
    c->rate[f] = parse_share("--rate", &p);
    if (*p == ':') {
        p++;
        c->hard[f] = parse_share("--rate", &p);
    }
    if (*p != '\0')
        die(2, "--rate: '%s' is left over", p);
}

static void use_long(struct corpus_spec *c)
{
    c->long_texts = true;
    c->rate[CORPUS_DUPLICATE] = 200000;
    c->rate[CORPUS_NEAR] = 100000;
}

/* Take the value of option `name` from "--name=value" or the next argument; NULL if *at is another
 * option. */
static const char *value_of(const char *name, char **argv, int *at)
{
    size_t n = strlen(name);
    const char *arg = argv[*at];
    if (strncmp(arg, name, n) != 0 || (arg[n] != '\0' && arg[n] != '='))
        return NULL;
    if (arg[n] == '=')
        return arg + n + 1;
    if (argv[*at + 1] == NULL)
        die(2, "%s needs a value", name);
    return argv[++*at];
}

static void parse_args(struct job *j, int argc, char **argv)
{
    bool counted = false;
    const char *v;
    /* First, so that --rate prevails wherever it stands. */
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--long") == 0)
            use_long(&j->spec);
    }
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--long") == 0)
            continue;
        else if (strcmp(argv[i], "--help") == 0)
            exit(fputs(usage_text, stdout) == EOF || fclose(stdout) != 0);
        else if ((v = value_of("--records", argv, &i)) != NULL) {
            j->records = parse_count("--records", v, false);
            counted = true;
        } else if ((v = value_of("--bytes", argv, &i)) != NULL)
            j->bytes = parse_count("--bytes", v, true);
        else if ((v = value_of("--start", argv, &i)) != NULL)
            j->start = parse_count("--start", v, false);
        else if ((v = value_of("--seed", argv, &i)) != NULL)
            j->spec.seed = parse_count("--seed", v, false);
        else if ((v = value_of("--malformed", argv, &i)) != NULL)
            j->malformed = parse_count("--malformed", v, false);
        else if ((v = value_of("--rate", argv, &i)) != NULL)
            parse_rate(&j->spec, v);
        else if ((v = value_of("--truth", argv, &i)) != NULL)
            j->truth_name = v;
        else
            die(2, "unknown argument '%s'; try --help", argv[i]);
    }
    if (j->bytes > 0 && !counted)
        j->records = UINT64_MAX >> 2;
    if (j->malformed > 0 && (j->bytes > 0 || j->malformed > j->records))
        die(2, "--malformed needs --records of at least as many, and no --bytes");
    uint64_t sum = 0;
    for (int f = CORPUS_GOOD + 1; f < CORPUS_FAULTS; f++)
        sum += j->spec.rate[f];
    if (sum > 900000 || j->spec.rate[CORPUS_MALFORMED] > 0)
        die(2, "--rate: at least a tenth must stay good, and malformed lines go by --malformed");
}

static void write_truth(struct job *j, const struct corpus_plan *p)
{
    struct corpus_buf b = {0};
    const char *form = p->hard ? "hard" : "easy";
    if (p->fault == CORPUS_MISSING)
        form = p->hard ? "scores" : "votes";
    j->planted[p->fault]++;
    if (j->truth == NULL || p->fault == CORPUS_GOOD)
        return;
    corpus_buf_puts(&b, "{\"id\":");
    corpus_id_write(&b, p->kind, p->id);
    corpus_buf_puts(&b, ",\"fault\":\"");
    corpus_buf_puts(&b, fault_names[p->fault]);
    corpus_buf_puts(&b, "\",\"form\":\"");
    corpus_buf_puts(&b, form);
    corpus_buf_puts(&b, "\"");
    if (p->origin != p->index) {
        corpus_buf_puts(&b, ",\"of\":");
        corpus_id_write(&b, 'p', p->origin);
    }
    corpus_buf_puts(&b, "}\n");
    if (b.failed || fwrite(b.s, 1, b.n, j->truth) != b.n)
        die(1, "%s: %s", j->truth_name, strerror(errno));
    free(b.s);
}

/* The last line of the truth: how many records there are, and how many of each kind. */
static void write_totals(struct job *j, uint64_t records)
{
    fprintf(j->truth, "{\"records\":%llu", (unsigned long long)records);
    for (int f = 0; f < CORPUS_FAULTS; f++)
        fprintf(j->truth, ",\"%s\":%llu", fault_names[f], (unsigned long long)j->planted[f]);
    fputs("}\n", j->truth);
    if (ferror(j->truth) || fclose(j->truth) != 0)
        die(1, "%s: %s", j->truth_name, strerror(errno));
}

static void write_corpus(struct job *j)
{
    struct corpus_buf b = {0};
    uint64_t bytes = 0, i = 0, due = 0;
    for (; i < j->records && (j->bytes == 0 || bytes < j->bytes); i++) {
        struct corpus_plan p = corpus_plan_make(&j->spec, j->start + i);
        size_t before = b.n;
        corpus_record_write(&j->spec, &p, &b);
        bytes += b.n - before;
        write_truth(j, &p);
        /* Bresenham's way of spreading them evenly. */
        due += j->malformed;
        if (due >= j->records) {
            due -= j->records;
            struct corpus_plan m = {p.index, p.index, p.index, 'm', CORPUS_MALFORMED, false};
            m.hard = corpus_malformed_write(&j->spec, p.index, &b);
            write_truth(j, &m);
        }
        if (b.failed)
            die(1, "out of memory");
        if (b.n >= (size_t)1 << 18) {
            if (fwrite(b.s, 1, b.n, stdout) != b.n)
                die(1, "standard output: %s", strerror(errno));
            b.n = 0;
        }
    }
    if (b.n > 0 && fwrite(b.s, 1, b.n, stdout) != b.n)
        die(1, "standard output: %s", strerror(errno));
    if (fclose(stdout) != 0)
        die(1, "standard output: %s", strerror(errno));
    free(b.s);
    if (j->truth != NULL)
        write_totals(j, i);
}

int main(int argc, char **argv)
{
    struct job *j = calloc(1, sizeof *j);
    if (j == NULL)
        die(1, "out of memory");
    j->records = 50000;
    j->spec.seed = 1;
    memcpy(j->spec.rate, demo_rate, sizeof demo_rate);
    memcpy(j->spec.hard, demo_hard, sizeof demo_hard);
    parse_args(j, argc, argv);
    corpus_words_init(&j->spec.words);
    if (j->truth_name != NULL) {
        j->truth = fopen(j->truth_name, "w");
        if (j->truth == NULL)
            die(1, "%s: %s", j->truth_name, strerror(errno));
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    write_corpus(j);
    free(j);
    return 0;
}
