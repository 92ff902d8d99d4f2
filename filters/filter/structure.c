/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "structure.h"
#include "lib/json/blank.h"

#include <stdlib.h>
#include <string.h>

/* ---- JSON ------------------------------------------------------------------------------------ */

/* Two shapes, since a key that is asked for may stand only once: not so in any JSON. */
struct filter_json {
    struct pref_shape *any, *call;
    struct pref_scanner *texts, *calls;
    struct pref_doc doc;
    pref_place name, arguments, parameters;
};

static struct pref_scanner *scanner_of(struct pref_shape *shape)
{
    struct pref_err err;
    if (shape == NULL || pref_shape_check(shape, &err) != PREF_OK)
        return NULL;
    return pref_scanner_new(shape);
}

struct filter_json *filter_json_new(void)
{
    struct filter_json *json = calloc(1, sizeof *json);
    if (json == NULL)
        return NULL;
    json->any = pref_shape_new_any();
    json->call = pref_shape_new_any();
    if (json->call != NULL) {
        json->name = pref_shape_key(json->call, PREF_ROOT, pref_span_of("name"));
        json->arguments = pref_shape_key(json->call, PREF_ROOT, pref_span_of("arguments"));
        json->parameters = pref_shape_key(json->call, PREF_ROOT, pref_span_of("parameters"));
    }
    json->texts = scanner_of(json->any);
    json->calls = scanner_of(json->call);
    if (json->texts == NULL || json->calls == NULL) {
        filter_json_free(json);
        return NULL;
    }
    return json;
}

void filter_json_free(struct filter_json *json)
{
    if (json == NULL)
        return;
    pref_scanner_free(json->texts);
    pref_scanner_free(json->calls);
    pref_shape_free(json->any);
    pref_shape_free(json->call);
    free(json);
}

static struct pref_span trim(struct pref_span text)
{
    while (text.len > 0 && pref_is_blank(text.ptr[0])) {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && pref_is_blank(text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* Whether a text is no JSON, or none that the scanner wants. */
static int refuses(struct filter_json *json, struct pref_scanner *scanner, struct pref_span text)
{
    struct pref_fault fault;
    if (pref_scan(scanner, text.ptr, text.len, &json->doc, &fault) == PREF_OK)
        return 0;
    return fault.kind == PREF_FAULT_MEMORY ? -1 : 1;
}

int filter_json_broken(struct filter_json *json, struct pref_span text, struct pref_span *where)
{
    *where = text;
    return text.ptr == NULL ? 1 : refuses(json, json->texts, text);
}

int filter_json_claimed(struct filter_json *json, struct pref_span text, struct pref_span *where)
{
    struct pref_span rest = trim(text);
    *where = rest;
    if (rest.len == 0 || (rest.ptr[0] != '{' && rest.ptr[0] != '['))
        return 0;
    char wanted = rest.ptr[0] == '{' ? '"' : '{';
    struct pref_span inner = trim((struct pref_span){rest.ptr + 1, rest.len - 1});
    return inner.len > 0 && inner.ptr[0] == wanted ? refuses(json, json->texts, rest) : 0;
}

/* ---- Fences ---------------------------------------------------------------------------------- */

/* A walk over the lines of a text. */
struct fences {
    const char *p, *end;
    const char *open; /* the opening line, or NULL outside of a block */
    struct pref_span info, block;
    char mark;
    size_t marks;
};

/* The marks that a line begins with, after at most three blanks: their number, *p behind them. */
static size_t marks_of(const char **p, const char *stop, char *mark)
{
    const char *from = *p;
    while (from < stop && *from == ' ' && from - *p < 3)
        from++;
    *p = from;
    *mark = from < stop ? *from : '\0';
    while (*p < stop && **p == *mark)
        ++*p;
    return *mark == '`' || *mark == '~' ? (size_t)(*p - from) : 0;
}

/* Go on behind the next block that is closed: 1, or 0 at the end of the text. */
static int next_block(struct fences *fences)
{
    while (fences->p < fences->end) {
        const char *line = fences->p, *p = line;
        const char *lf = memchr(p, '\n', (size_t)(fences->end - p));
        const char *stop = lf == NULL ? fences->end : lf;
        char mark;
        size_t marks = marks_of(&p, stop, &mark);
        struct pref_span rest = trim((struct pref_span){p, (size_t)(stop - p)});
        fences->p = lf == NULL ? fences->end : lf + 1;
        if (marks < 3)
            continue;
        if (fences->open == NULL) {
            /* Marks in the rest of the line make it code within a line. */
            if (mark == '`' && memchr(rest.ptr, '`', rest.len) != NULL)
                continue;
            fences->open = line;
            fences->mark = mark;
            fences->marks = marks;
            fences->info = rest;
            fences->block.ptr = fences->p;
        } else if (mark == fences->mark && marks >= fences->marks && rest.len == 0) {
            fences->open = NULL;
            fences->block.len = (size_t)(line - fences->block.ptr);
            return 1;
        }
    }
    return 0;
}

int filter_fence_open(struct pref_span text, struct pref_span *where)
{
    struct fences fences = {.p = text.ptr, .end = text.ptr + text.len};
    while (next_block(&fences))
        continue;
    if (fences.open == NULL)
        return 0;
    const char *lf = memchr(fences.open, '\n', (size_t)(fences.end - fences.open));
    *where = (struct pref_span){fences.open,
                                (size_t)((lf == NULL ? fences.end : lf) - fences.open)};
    return 1;
}

/* Whether the first word of an info string is json, in any case. */
static int says_json(struct pref_span info)
{
    static const char word[] = "json";
    size_t i = 0;
    while (i < info.len && i < 4 && (info.ptr[i] | 0x20) == word[i])
        i++;
    return i == 4 && (info.len == 4 || pref_is_blank(info.ptr[4]));
}

int filter_json_fenced(struct filter_json *json, struct pref_span text, struct pref_span *where)
{
    struct fences fences = {.p = text.ptr, .end = text.ptr + text.len};
    while (next_block(&fences)) {
        if (!says_json(fences.info))
            continue;
        int broken = refuses(json, json->texts, fences.block);
        *where = fences.block;
        if (broken != 0)
            return broken;
    }
    return 0;
}

/* ---- Tags ------------------------------------------------------------------------------------ */

/* A walk over the tags of one name. */
struct tags {
    const char *p, *end;
    const char *name;
    size_t len; /* of the name */
    int closes; /* the tag met last is a closing one */
};

/* The next tag, or an empty span behind the last one. */
static struct pref_span next_tag(struct tags *tags)
{
    struct pref_span none = {NULL, 0};
    while (tags->p < tags->end &&
           (tags->p = memchr(tags->p, '<', (size_t)(tags->end - tags->p))) != NULL) {
        const char *tag = tags->p++;
        tags->closes = tags->p < tags->end && *tags->p == '/';
        const char *name = tag + 1 + tags->closes;
        if ((size_t)(tags->end - name) > tags->len && name[tags->len] == '>' &&
            memcmp(name, tags->name, tags->len) == 0) {
            tags->p = name + tags->len + 1;
            return (struct pref_span){tag, (size_t)(tags->p - tag)};
        }
    }
    tags->p = tags->end;
    return none;
}

static struct tags tags_of(struct pref_span text, const char *name)
{
    return (struct tags){text.ptr, text.ptr + text.len, name, strlen(name), 0};
}

int filter_tag_broken(struct pref_span text, const char *name, struct pref_span *where)
{
    struct tags tags = tags_of(text, name);
    struct pref_span tag;
    int open = 0;
    while ((tag = next_tag(&tags)).ptr != NULL) {
        *where = tag;
        if (open != tags.closes)
            return 1;
        open = !open;
    }
    return open; /* *where is the tag that opened it */
}

/* Whether a text is no call of a tool. */
static int is_no_call(struct filter_json *json, struct pref_span text)
{
    int broken = refuses(json, json->calls, text);
    if (broken != 0)
        return broken;
    const struct pref_hit *name = pref_doc_at(&json->doc, json->name);
    const struct pref_hit *with = pref_doc_at(&json->doc, json->arguments);
    if (with == NULL)
        with = pref_doc_at(&json->doc, json->parameters);
    return name == NULL || name->type != PREF_STRING || with == NULL || with->type != PREF_OBJECT;
}

/* Whether what stands in one tool_call is anything but calls. */
static int are_no_calls(struct filter_json *json, struct pref_span inside)
{
    struct pref_span rest = trim(inside);
    const char *end = rest.ptr + rest.len;
    int broken = rest.len == 0 ? 1 : is_no_call(json, rest);
    if (broken != 1 || memchr(rest.ptr, '\n', rest.len) == NULL)
        return broken;
    for (const char *p = rest.ptr; p < end;) {
        const char *lf = memchr(p, '\n', (size_t)(end - p)), *stop = lf == NULL ? end : lf;
        struct pref_span line = trim((struct pref_span){p, (size_t)(stop - p)});
        broken = line.len == 0 ? 0 : is_no_call(json, line);
        if (broken != 0)
            return broken;
        p = stop + (lf != NULL);
    }
    return 0;
}

int filter_call_broken(struct filter_json *json, struct pref_span text, struct pref_span *where)
{
    static const char name[] = "tool_call";
    if (filter_tag_broken(text, name, where))
        return 1;
    struct tags tags = tags_of(text, name);
    while (next_tag(&tags).ptr != NULL) {
        const char *inside = tags.p;
        struct pref_span close = next_tag(&tags);
        *where = (struct pref_span){inside, (size_t)(close.ptr - inside)};
        int broken = are_no_calls(json, *where);
        if (broken != 0)
            return broken;
    }
    return 0;
}
