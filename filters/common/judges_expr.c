/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser is Dijkstra's shunting yard: operands go to the program at once, operators wait on a
 * stack until what follows binds less.
 */
#include "config.h"

#include "judges_expr.h"
#include "caret.h"
#include "pref/scan.h"

#include <string.h>

enum token {
    END, NAME, QUOTED, OPEN, CLOSE, COMMA,
    NOT, AND, OR, /* in this order: by how much they bind */
    ANY, ALL, ATLEAST, HAS
};

/* What waits: an operator, an open parenthesis (OPEN), or a call with its arguments so far. */
struct waiting {
    enum token what;
    size_t at;       /* its place in the text */
    unsigned given;  /* arguments that are complete */
    unsigned wanted; /* of atleast */
    size_t wanted_at;
};

struct parser {
    struct judges_expr *expr;
    struct judges *judges;
    struct caret_place place; /* the text, and whom to tell of a fault */
    size_t next;               /* where reading goes on */
    enum token token;          /* the present one, */
    size_t at, len;            /* and its bytes */
    struct waiting stack[JUDGES_NESTED_MAX];
    unsigned depth;
    unsigned truths; /* that the program so far leaves on its stack */
};

void judges_release(struct judges *judges)
{
    pref_buf_release(&judges->bytes);
    judges->count = 0;
}

struct pref_span judges_name(const struct judges *judges, unsigned i)
{
    struct pref_span name = {judges->bytes.ptr + judges->name[i].start, judges->name[i].len};
    return name;
}

unsigned judges_find(const struct judges *judges, struct pref_span name)
{
    for (unsigned i = 0; i < judges->count; i++)
        if (judges->name[i].len == name.len && pref_span_equal(judges_name(judges, i), name))
            return i;
    return JUDGES_MAX;
}

/* ---- Tokens -------------------------------------------------------------------------------- */

static int is_bare(char c, int first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || (!first && (c == '-' || c == '.' || c == '/'));
}

static enum token word_token(struct pref_span word)
{
    static const struct {
        const char *text;
        enum token token;
    } words[] = {{"not", NOT}, {"and", AND}, {"or", OR},           {"any", ANY},
                 {"all", ALL}, {"has", HAS}, {"atleast", ATLEAST}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (pref_span_equal(word, pref_span_of(words[i].text)))
            return words[i].token;
    return NAME;
}

static int read_quoted(struct parser *p)
{
    const char *text = p->place.text.ptr;
    size_t i = p->at + 1;
    while (i < p->place.text.len && text[i] != '"') {
        if (text[i] == '\\') {
            if (i + 1 == p->place.text.len || (text[i + 1] != '"' && text[i + 1] != '\\'))
                return caret_usage(&p->place, i, "expected \\\" or \\\\ in a quoted name");
            i++;
        }
        i++;
    }
    if (i == p->place.text.len)
        return caret_usage(&p->place, p->at, "this quote is never closed");
    p->token = QUOTED;
    p->len = i + 1 - p->at;
    return PREF_OK;
}

/* Read the next token. */
static int advance(struct parser *p)
{
    struct pref_span text = p->place.text;
    while (p->next < text.len && strchr(" \t\r\n", text.ptr[p->next]) != NULL)
        p->next++;
    p->at = p->next;
    p->len = 1;
    if (p->at == text.len) {
        p->token = END;
        p->len = 0;
    } else if (is_bare(text.ptr[p->at], 1)) {
        while (p->at + p->len < text.len && is_bare(text.ptr[p->at + p->len], 0))
            p->len++;
        struct pref_span word = {text.ptr + p->at, p->len};
        p->token = word_token(word);
    } else {
        switch (text.ptr[p->at]) {
        case '(': p->token = OPEN; break;
        case ')': p->token = CLOSE; break;
        case ',': p->token = COMMA; break;
        case '"':
            if (read_quoted(p) != PREF_OK)
                return PREF_USAGE;
            break;
        default:
            return caret_usage(&p->place, p->at,
                                "unexpected character: a name with others than letters, digits "
                                "and _ - . / stands in double quotes");
        }
    }
    p->next = p->at + p->len;
    return PREF_OK;
}

static int expected(const struct parser *p, const char *what)
{
    if (p->token == END)
        return caret_usage(&p->place, p->at, "expected %s, found the end", what);
    if (p->token == QUOTED)
        return caret_usage(&p->place, p->at, "expected %s, found a quoted name", what);
    return caret_usage(&p->place, p->at, "expected %s, found '%.*s'", what,
                        (int)(p->len < 40 ? p->len : 40), p->place.text.ptr + p->at);
}

/* ---- The program --------------------------------------------------------------------------- */

/* Add a step that takes `takes` truths and leaves one. */
static int emit(struct parser *p, size_t at, enum judges_code code, unsigned takes, unsigned a,
                unsigned b)
{
    struct judges_op op = {(uint8_t)code, (uint16_t)a, (uint16_t)b};
    if (p->expr->count == JUDGES_OPS_MAX)
        return caret_usage(&p->place, at, "too long, expected at most %d steps", JUDGES_OPS_MAX);
    if (p->truths - takes == JUDGES_STACK_MAX)
        return caret_usage(&p->place, at, "too many at once, expected at most %d",
                            JUDGES_STACK_MAX);
    p->truths += 1 - takes;
    p->expr->op[p->expr->count++] = op;
    return PREF_OK;
}

static int emit_operator(struct parser *p, const struct waiting *w)
{
    switch (w->what) {
    case NOT: return emit(p, w->at, JUDGES_NOT, 1, 0, 0);
    case AND: return emit(p, w->at, JUDGES_AND, 2, 0, 0);
    default: return emit(p, w->at, JUDGES_OR, 2, 0, 0);
    }
}

/* The program's step for the judge whose name is the present token. */
static int emit_judge(struct parser *p, enum judges_code code)
{
    struct judges *judges = p->judges;
    struct pref_buf *bytes = &judges->bytes;
    size_t start = bytes->len, skip = p->token == QUOTED;
    pref_buf_reserve(bytes, p->len); /* an empty name has a place, too */
    for (size_t i = p->at + skip; i < p->at + p->len - skip; i++) {
        i += skip && p->place.text.ptr[i] == '\\';
        pref_buf_add_byte(bytes, p->place.text.ptr[i]);
    }
    if (bytes->failed)
        return pref_fail_memory(p->place.err, "the names of judges");
    struct pref_span name = {bytes->ptr + start, bytes->len - start};
    unsigned number = judges_find(judges, name);
    if (number < JUDGES_MAX) {
        bytes->len = start;
    } else {
        if (judges->count == JUDGES_MAX)
            return caret_usage(&p->place, p->at, "too many judges, expected at most %d",
                                JUDGES_MAX);
        number = judges->count++;
        judges->name[number].start = (uint32_t)start;
        judges->name[number].len = (uint32_t)name.len;
    }
    return emit(p, p->at, code, 0, number, 0);
}

/* ---- Operators that wait ------------------------------------------------------------------- */

static int push(struct parser *p, enum token what)
{
    if (p->depth == JUDGES_NESTED_MAX)
        return caret_usage(&p->place, p->at, "nested too deep, expected at most %d",
                            JUDGES_NESTED_MAX);
    p->stack[p->depth++] = (struct waiting){.what = what, .at = p->at};
    return PREF_OK;
}

/* Have all operators act that bind at least as much as `least`; NOT, AND and OR stand in order. */
static int settle(struct parser *p, enum token least)
{
    int status = PREF_OK;
    while (status == PREF_OK && p->depth > 0 && p->stack[p->depth - 1].what >= NOT &&
           p->stack[p->depth - 1].what <= least)
        status = emit_operator(p, &p->stack[--p->depth]);
    return status;
}

/* "atleast(" has been read: the number and the comma after it. */
static int read_wanted(struct parser *p, struct waiting *call)
{
    static const char what[] = "a number and what it counts, as in atleast(2, a, b, c)";
    if (advance(p) != PREF_OK)
        return PREF_USAGE;
    call->wanted_at = p->at;
    if (p->token != NAME || p->len > 3)
        return expected(p, what);
    for (size_t i = p->at; i < p->at + p->len; i++) {
        if (p->place.text.ptr[i] < '0' || p->place.text.ptr[i] > '9')
            return expected(p, what);
        call->wanted = call->wanted * 10 + (unsigned)(p->place.text.ptr[i] - '0');
    }
    if (advance(p) != PREF_OK)
        return PREF_USAGE;
    return p->token == COMMA ? PREF_OK : expected(p, "',' after the number");
}

/* any, all, atleast: up to where the first argument begins. */
static int open_call(struct parser *p)
{
    int status = push(p, p->token);
    if (status == PREF_OK)
        status = advance(p);
    if (status != PREF_OK)
        return status;
    if (p->token != OPEN)
        return expected(p, "'(' (a judge of that name stands in double quotes)");
    struct waiting *call = &p->stack[p->depth - 1];
    return call->what == ATLEAST ? read_wanted(p, call) : PREF_OK;
}

static int read_has(struct parser *p)
{
    if (advance(p) != PREF_OK)
        return PREF_USAGE;
    if (p->token != OPEN)
        return expected(p, "'(' (a judge of that name stands in double quotes)");
    if (advance(p) != PREF_OK)
        return PREF_USAGE;
    if (p->token != NAME && p->token != QUOTED)
        return expected(p, "a judge");
    int status = emit_judge(p, JUDGES_HAS);
    if (status == PREF_OK)
        status = advance(p);
    return status == PREF_OK && p->token != CLOSE ? expected(p, "')'") : status;
}

/* A ')': the parenthesis or call on top of the stack is whole. */
static int close_one(struct parser *p)
{
    int status = settle(p, OR);
    if (status != PREF_OK)
        return status;
    if (p->depth == 0)
        return caret_usage(&p->place, p->at, "this ')' closes nothing");
    struct waiting *w = &p->stack[--p->depth];
    unsigned given = w->given + 1, least = w->what == ANY ? 1 : w->what == ALL ? given : w->wanted;
    if (w->what == OPEN)
        return PREF_OK;
    if (w->what == ATLEAST && (least == 0 || least > given))
        return caret_usage(&p->place, w->wanted_at, "expected a number from 1 to %u", given);
    return emit(p, w->at, JUDGES_COUNT, given, given, least);
}

/* ---- The expression ------------------------------------------------------------------------ */

/* Where an operand must begin. *have: it is whole. */
static int read_operand(struct parser *p, int *have)
{
    switch (p->token) {
    case NAME:
    case QUOTED: *have = 1; return emit_judge(p, JUDGES_VOTED);
    case HAS: *have = 1; return read_has(p);
    case NOT:
    case OPEN: return push(p, p->token);
    case ANY:
    case ALL:
    case ATLEAST: return open_call(p);
    default: return expected(p, "a judge");
    }
}

/* What may follow a whole operand. *have: it is still one. */
static int read_operator(struct parser *p, int *have)
{
    int status;
    switch (p->token) {
    case CLOSE: return close_one(p);
    case AND:
    case OR:
        *have = 0;
        status = settle(p, p->token);
        return status == PREF_OK ? push(p, p->token) : status;
    case COMMA:
        *have = 0;
        status = settle(p, OR);
        if (status != PREF_OK)
            return status;
        if (p->depth == 0 || p->stack[p->depth - 1].what == OPEN)
            return caret_usage(&p->place, p->at, "this ',' separates no arguments of a call");
        p->stack[p->depth - 1].given++;
        return PREF_OK;
    default: return expected(p, p->depth == 0 ? "'and' or 'or'" : "'and', 'or' or ')'");
    }
}

static int parse(struct parser *p)
{
    int status = advance(p), have = 0;
    while (status == PREF_OK && !(have && p->token == END)) {
        status = have ? read_operator(p, &have) : read_operand(p, &have);
        if (status == PREF_OK)
            status = advance(p);
    }
    if (status == PREF_OK)
        status = settle(p, OR);
    if (status == PREF_OK && p->depth > 0)
        return caret_usage(&p->place, p->stack[p->depth - 1].at, "this is never closed by a ')'");
    return status;
}

int judges_expr_parse(struct judges_expr *expr, struct judges *judges, const char *option,
                      const char *text, struct pref_err *err)
{
    struct parser p = {.expr = expr, .judges = judges};
    p.place = (struct caret_place){option, pref_span_of(text), err};
    expr->count = 0;
    if (p.place.text.len > JUDGES_LENGTH_MAX)
        return pref_usage(err, "%s: longer than %d bytes", option, JUDGES_LENGTH_MAX);
    size_t valid = pref_utf8_check(text, p.place.text.len);
    if (valid < p.place.text.len)
        return pref_usage(err, "%s: byte %zu: not UTF-8", option, valid);
    return parse(&p);
}

int judges_expr_holds(const struct judges_expr *expr, uint64_t seen, uint64_t chosen)
{
    uint8_t stack[JUDGES_STACK_MAX + 1];
    unsigned top = 0;
    for (unsigned i = 0; i < expr->count; i++) {
        const struct judges_op *op = &expr->op[i];
        unsigned held = 0;
        switch ((enum judges_code)op->code) {
        case JUDGES_VOTED: stack[top++] = chosen >> op->a & 1; break;
        case JUDGES_HAS: stack[top++] = seen >> op->a & 1; break;
        case JUDGES_NOT: stack[top - 1] = !stack[top - 1]; break;
        case JUDGES_AND: top--, stack[top - 1] &= stack[top]; break;
        case JUDGES_OR: top--, stack[top - 1] |= stack[top]; break;
        case JUDGES_COUNT:
            for (unsigned j = 0; j < op->a; j++)
                held += stack[--top];
            stack[top++] = held >= op->b;
            break;
        }
    }
    return top == 1 && stack[0];
}
