/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STACK_START (32 << 10)

struct pref_regex {
    pcre2_code *code;
};

struct pref_matcher {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack; /* NULL where this PCRE2 has no JIT */
};

static int fault_memory(struct pref_regex_fault *fault)
{
    fault->offset = 0;
    snprintf(fault->text, sizeof fault->text, "out of memory");
    return PREF_FAIL;
}

static int fault_at(struct pref_regex_fault *fault, int code, size_t offset, size_t len)
{
    fault->offset = offset < len ? offset : len;
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)fault->text, sizeof fault->text) < 0)
        snprintf(fault->text, sizeof fault->text, "PCRE2 error %d", code);
    return PREF_USAGE;
}

int pref_regex_new(struct pref_regex **regex, struct pref_span pattern,
                   struct pref_regex_fault *fault)
{
    const uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
    int code = 0;
    size_t offset = 0;
    *regex = NULL;
    if (pattern.len > PREF_REGEX_MAX) {
        fault->offset = PREF_REGEX_MAX;
        snprintf(fault->text, sizeof fault->text, "longer than %d bytes", PREF_REGEX_MAX);
        return PREF_USAGE;
    }
    struct pref_regex *made = calloc(1, sizeof *made);
    if (made == NULL)
        return fault_memory(fault);
    made->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &code, &offset, NULL);
    if (made->code == NULL) {
        free(made);
        return code == PCRE2_ERROR_HEAP_FAILED ? fault_memory(fault)
                                               : fault_at(fault, code, offset, pattern.len);
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
    pcre2_set_match_limit(matcher->context, PREF_REGEX_STEPS);
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
    int n = pcre2_match(regex->code, bytes, text.len, from, PCRE2_NO_UTF_CHECK, matcher->data,
                        matcher->context);
    if (n == PCRE2_ERROR_NOMATCH)
        return PREF_MATCH_NONE;
    if (n == PCRE2_ERROR_NOMEMORY)
        return PREF_MATCH_FAILED;
    if (n < 0)
        return PREF_MATCH_GAVE_UP;
    if (found != NULL) {
        const size_t *ends = pcre2_get_ovector_pointer(matcher->data);
        *found = (struct pref_span){(const char *)bytes + ends[0], ends[1] - ends[0]};
    }
    return PREF_MATCH_FOUND;
}

void pref_regex_version(char *out, size_t size)
{
    char library[64] = "", unicode[64] = "";
    pcre2_config(PCRE2_CONFIG_VERSION, library);
    pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, unicode);
    library[strcspn(library, " ")] = '\0'; /* a date follows */
    snprintf(out, size, "PCRE2 %s, Unicode %s", library, unicode);
}
