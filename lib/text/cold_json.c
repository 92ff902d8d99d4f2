/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "cold_json.h"
#include "pref/scan.h"

#include <cJSON.h>

#include <stdlib.h>
#include <string.h>

/* A pref_cold is a cJSON under a name that the header can say. */
static const cJSON *item(const struct pref_cold *value)
{
    return (const cJSON *)(const void *)value;
}

static const struct pref_cold *cold(const cJSON *value)
{
    return (const struct pref_cold *)(const void *)value;
}

/* ---- What is refused ------------------------------------------------------------------------- */

static int scan(struct pref_span text, struct pref_err *err)
{
    int status = PREF_FAIL;
    struct pref_fault fault = {.kind = PREF_FAULT_MEMORY};
    struct pref_doc *doc = malloc(sizeof *doc);
    struct pref_shape *shape = pref_shape_new_any();
    struct pref_scanner *scanner = NULL;
    if (shape != NULL) {
        pref_shape_demand(shape, PREF_ROOT, PREF_IS_ANY, PREF_TEXT);
        scanner = pref_scanner_new(shape);
    }
    if (doc != NULL && scanner != NULL)
        status = pref_scan(scanner, text.ptr, text.len, doc, &fault);
    if (status != PREF_OK && fault.kind == PREF_FAULT_MEMORY) {
        pref_fail_memory(err, "a JSON text");
    } else if (status != PREF_OK) {
        pref_fault_text(shape, &fault, err);
        status = PREF_USAGE;
    }
    pref_scanner_free(scanner);
    pref_shape_free(shape);
    free(doc);
    return status;
}

/* What the scanner lets pass and a tree could not hold: depth, and a NUL in a text. The text was
 * scanned. */
static int check_bounds(struct pref_span text, struct pref_err *err)
{
    unsigned depth = 0;
    int in_string = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (in_string && c == '\\') {
            if (memcmp(text.ptr + i, "\\u0000", 6) == 0)
                return pref_usage(err, "byte %zu: U+0000 cannot stand in a text here", i);
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            continue;
        } else if ((c == '{' || c == '[') && ++depth > PREF_COLD_DEPTH) {
            return pref_usage(err, "byte %zu: nested deeper than %d", i, PREF_COLD_DEPTH);
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return PREF_OK;
}

static int check_members(const cJSON *object, struct pref_err *err)
{
    unsigned count = 0;
    for (const cJSON *a = object->child; a != NULL; a = a->next) {
        if (++count > PREF_COLD_MEMBERS)
            return pref_usage(err, "an object with more than %d members", PREF_COLD_MEMBERS);
        for (const cJSON *b = object->child; b != a; b = b->next)
            if (strcmp(a->string, b->string) == 0)
                return pref_usage(err, "key '%.100s' stands twice in one object", a->string);
    }
    return PREF_OK;
}

/* Walk the tree, whose depth is bounded, and check its objects. */
static int check_objects(const cJSON *root, struct pref_err *err)
{
    const cJSON *way[PREF_COLD_DEPTH + 1] = {root};
    int depth = 0;
    while (depth >= 0) {
        const cJSON *at = way[depth];
        if (cJSON_IsObject(at)) {
            int status = check_members(at, err);
            if (status != PREF_OK)
                return status;
        }
        if (at->child != NULL) {
            way[++depth] = at->child;
            continue;
        }
        while (depth >= 0 && (depth == 0 || way[depth]->next == NULL))
            depth--;
        if (depth > 0)
            way[depth] = way[depth]->next;
    }
    return PREF_OK;
}

int pref_cold_parse(struct pref_cold **root, struct pref_span text, struct pref_err *err)
{
    *root = NULL;
    if (text.len > PREF_COLD_BYTES)
        return pref_usage(err, "longer than %d bytes", PREF_COLD_BYTES);
    int status = scan(text, err);
    if (status == PREF_OK)
        status = check_bounds(text, err);
    if (status != PREF_OK)
        return status;
    cJSON *tree = cJSON_ParseWithLength(text.ptr, text.len);
    if (tree == NULL) /* there is nothing wrong with the text */
        return pref_fail_memory(err, "a JSON text");
    status = check_objects(tree, err);
    if (status != PREF_OK)
        cJSON_Delete(tree);
    else
        *root = (struct pref_cold *)(void *)tree;
    return status;
}

void pref_cold_free(struct pref_cold *root)
{
    cJSON_Delete((cJSON *)(void *)root);
}

/* ---- Reading --------------------------------------------------------------------------------- */

enum pref_type pref_cold_type(const struct pref_cold *value)
{
    switch (item(value)->type & 0xff) {
    case cJSON_False: return PREF_FALSE;
    case cJSON_True: return PREF_TRUE;
    case cJSON_Number: return PREF_NUMBER;
    case cJSON_String: return PREF_STRING;
    case cJSON_Array: return PREF_ARRAY;
    case cJSON_Object: return PREF_OBJECT;
    default: return PREF_NULL;
    }
}

const struct pref_cold *pref_cold_member(const struct pref_cold *object, const char *name)
{
    if (!cJSON_IsObject(item(object)))
        return NULL;
    return cold(cJSON_GetObjectItemCaseSensitive(item(object), name));
}

const struct pref_cold *pref_cold_first(const struct pref_cold *container)
{
    return cold(item(container)->child);
}

const struct pref_cold *pref_cold_next(const struct pref_cold *value)
{
    return cold(item(value)->next);
}

const char *pref_cold_key(const struct pref_cold *member)
{
    return item(member)->string;
}

const char *pref_cold_text(const struct pref_cold *value)
{
    return cJSON_IsString(item(value)) ? item(value)->valuestring : NULL;
}

double pref_cold_number(const struct pref_cold *value)
{
    return cJSON_IsNumber(item(value)) ? item(value)->valuedouble : 0;
}

int pref_cold_count(const struct pref_cold *value, uint64_t *count)
{
    double number = pref_cold_number(value);
    if (!cJSON_IsNumber(item(value)) || !(number >= 0 && number <= 9007199254740992.0))
        return PREF_FAIL;
    *count = (uint64_t)number;
    return (double)*count == number ? PREF_OK : PREF_FAIL;
}
