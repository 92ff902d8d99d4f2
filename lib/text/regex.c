/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "regex.h"
#include "regex_steps.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_START (32 << 10)

struct pref_regex {
    pcre2_code *code;
    unsigned weight; /* of what goes through a text, in the time of a common item */
};

/* What a search may still cost, and where it was when that was last counted. */
struct steps {
    uint64_t left;
    size_t place;
    unsigned weight;
};

struct pref_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack; /* NULL where this PCRE2 has no JIT */
    struct steps steps;
};

static int fault_memory(struct pref_regex_fault *fault)
{
    fault->offset = 0;
    snprintf(fault->text, sizeof fault->text, "out of memory");
    return PREF_FAIL;
}

/* ---- Compiling ------------------------------------------------------------------------------- */

static int compile(pcre2_code **code, struct pref_span pattern, uint32_t options,
                   struct pref_regex_fault *fault)
{
    int error = 0;
    size_t offset = 0;
    *code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len,
                          PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | options, &error,
                          &offset, NULL);
    if (*code != NULL)
        return PREF_OK;
    if (error == PCRE2_ERROR_HEAP_FAILED)
        return fault_memory(fault);
    fault->offset = offset < pattern.len ? offset : pattern.len;
    if (pcre2_get_error_message(error, (PCRE2_UCHAR *)fault->text, sizeof fault->text) < 0)
        snprintf(fault->text, sizeof fault->text, "PCRE2 error %d", error);
    return PREF_USAGE;
}

static int mark_item(pcre2_callout_enumerate_block *item, void *begins)
{
    ((unsigned char *)begins)[item->pattern_position] = 1;
    return 0;
}

/* Put a code in the place of another. */
static int replace(pcre2_code **code, struct pref_span pattern, uint32_t options,
                   struct pref_regex_fault *fault)
{
    pcre2_code *made;
    int status = compile(&made, pattern, options, fault);
    if (status != PREF_OK)
        return status;
    pcre2_code_free(*code);
    *code = made;
    return PREF_OK;
}

static int fault_too_large(struct pref_regex_fault *fault)
{
    fault->offset = 0;
    snprintf(fault->text, sizeof fault->text, "too large for its steps to be counted");
    return PREF_USAGE;
}

/* A script run looks at its whole text again at each end that is tried for it. */
static int refuse_script_run(struct pref_span pattern, struct pref_regex_fault *fault)
{
    static const char *const heads[] = {"(*sr:", "(*script_run:", "(*asr:", "(*atomic_script_run:"};
    for (size_t i = 0; i < pattern.len; i++)
        for (size_t h = 0; h < sizeof heads / sizeof *heads; h++)
            if (pattern.len - i >= strlen(heads[h]) &&
                memcmp(pattern.ptr + i, heads[h], strlen(heads[h])) == 0) {
                fault->offset = i;
                snprintf(fault->text, sizeof fault->text, "script runs are not allowed");
                return PREF_USAGE;
            }
    return PREF_OK;
}

/* Put callouts where the steps of a pattern are counted; its code has one before each item. */
static int place_callouts(struct pref_regex *regex, struct pref_span pattern,
                          struct pref_regex_fault *fault)
{
    struct pref_buf copy = {0};
    enum pref_regex_callouts callouts;
    unsigned char *begins = calloc(pattern.len + 1, 1);
    if (begins == NULL)
        return fault_memory(fault);
    pcre2_callout_enumerate(regex->code, mark_item, begins);
    int status = pref_regex_steps(&copy, pattern, begins, &callouts, &regex->weight);
    if (status != PREF_OK)
        status = fault_memory(fault);
    else if (callouts != PREF_REGEX_EVERYWHERE)
        status = replace(&regex->code, callouts == PREF_REGEX_HERE ? pref_buf_span(&copy) : pattern,
                         0, fault);
    pref_buf_release(&copy);
    free(begins);
    return status;
}

int pref_regex_new(struct pref_regex **regex, struct pref_span pattern,
                   struct pref_regex_fault *fault)
{
    *regex = NULL;
    if (pattern.len > PREF_REGEX_MAX) {
        fault->offset = PREF_REGEX_MAX;
        snprintf(fault->text, sizeof fault->text, "longer than %d bytes", PREF_REGEX_MAX);
        return PREF_USAGE;
    }
    struct pref_regex *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_memory(fault);
    int status = refuse_script_run(pattern, fault);
    if (status == PREF_OK) /* its faults are those of the pattern */
        status = compile(&made->code, pattern, 0, fault);
    if (status == PREF_OK) {
        status = replace(&made->code, pattern, PCRE2_AUTO_CALLOUT, fault);
        if (status == PREF_OK)
            status = place_callouts(made, pattern, fault);
        else if (status == PREF_USAGE) /* too large with callouts, of which lists need none */
            status = pref_regex_is_list(pattern) ? PREF_OK : fault_too_large(fault);
    }
    if (status != PREF_OK) {
        pref_regex_free(made);
        return status;
    }
    /* Where there is no JIT, or no memory for its code, the interpreter finds the same. */
    pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE);
    *regex = made;
    return PREF_OK;
}

void pref_regex_free(struct pref_regex *regex)
{
    if (regex == NULL)
        return;
    pcre2_code_free(regex->code);
    free(regex);
}

/* ---- Searching ------------------------------------------------------------------------------- */

/* The longest text that a group has, which a reference may compare. */
static size_t longest_group(const pcre2_callout_block *at)
{
    size_t longest = 0;
    for (uint32_t i = 1; i < at->capture_top; i++) {
        size_t from = at->offset_vector[2 * i], to = at->offset_vector[2 * i + 1];
        if (from != PCRE2_UNSET && to != PCRE2_UNSET && to > from && to - from > longest)
            longest = to - from;
    }
    return longest + at->capture_top;
}

static int count(pcre2_callout_block *at, void *data)
{
    struct steps *steps = data;
    size_t place = at->current_position;
    size_t way = place > steps->place ? place - steps->place : 0;
    uint64_t cost = 1;
    if (at->callout_number >= PREF_REGEX_REFERENCE)
        way += longest_group(at);
    else
        cost += at->callout_number;
    cost += way * steps->weight / PREF_REGEX_RUN;
    steps->place = place;
    if (cost > steps->left) {
        steps->left = 0;
        return PCRE2_ERROR_CALLOUT;
    }
    steps->left -= cost;
    return 0;
}

struct pref_matcher *pref_matcher_new(void)
{
    struct pref_matcher *matcher = calloc(1, sizeof *matcher);
    if (matcher == NULL)
        return NULL;
    matcher->data = pcre2_match_data_create(1, NULL);
    matcher->context = pcre2_match_context_create(NULL);
    matcher->stack = pcre2_jit_stack_create(STACK_START, PREF_REGEX_MEMORY, NULL);
    if (matcher->data == NULL || matcher->context == NULL) {
        pref_matcher_free(matcher);
        return NULL;
    }
    pcre2_set_match_limit(matcher->context, UINT32_MAX); /* `count` limits */
    pcre2_set_callout(matcher->context, count, &matcher->steps);
    pcre2_set_heap_limit(matcher->context, PREF_REGEX_MEMORY / 1024);
    pcre2_jit_stack_assign(matcher->context, NULL, matcher->stack);
    return matcher;
}

void pref_matcher_free(struct pref_matcher *matcher)
{
    if (matcher == NULL)
        return;
    pcre2_match_data_free(matcher->data);
    pcre2_match_context_free(matcher->context);
    pcre2_jit_stack_free(matcher->stack);
    free(matcher);
}

enum pref_match pref_regex_find(const struct pref_regex *regex, struct pref_matcher *matcher,
                                struct pref_span text, size_t from, struct pref_span *found)
{
    PCRE2_SPTR bytes = (PCRE2_SPTR)(text.ptr == NULL ? "" : text.ptr);
    if (from == 0)
        matcher->steps.left = pref_regex_limit(text.len);
    matcher->steps.place = from;
    matcher->steps.weight = regex->weight;
    int n = pcre2_match(regex->code, bytes, text.len, from, PCRE2_NO_UTF_CHECK, matcher->data,
                        matcher->context);
    if (n == PCRE2_ERROR_NOMATCH)
        return PREF_MATCH_NONE;
    if (n == PCRE2_ERROR_NOMEMORY)
        return PREF_MATCH_FAILED;
    if (n < 0)
        return PREF_MATCH_GAVE_UP;
    if (found != NULL) {
        /* \K in a called group may begin a match anywhere, also behind its end. */
        const size_t *ends = pcre2_get_ovector_pointer(matcher->data);
        size_t begin = ends[0] > from ? ends[0] : from;
        size_t end = ends[1] > begin ? ends[1] : begin;
        *found = (struct pref_span){(const char *)bytes + begin, end - begin};
    }
    return PREF_MATCH_FOUND;
}

uint64_t pref_regex_limit(size_t bytes)
{
    return PREF_REGEX_STEPS + PREF_REGEX_STEPS_BYTE * (uint64_t)bytes;
}

void pref_regex_version(char *out, size_t size)
{
    char library[64] = "", unicode[64] = "";
    pcre2_config(PCRE2_CONFIG_VERSION, library);
    pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, unicode);
    library[strcspn(library, " ")] = '\0'; /* a date follows */
    snprintf(out, size, "PCRE2 %s, Unicode %s", library, unicode);
}
