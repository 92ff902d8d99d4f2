/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "scan_impl.h"

#include <stdlib.h>
#include <string.h>

struct scan_pattern pref_scan_pattern(const char *text, size_t len)
{
    struct scan_pattern never = {1, 0, 0, 0};
    char bytes[16] = {0}, mask[16] = {0};
    if (len > 15)
        return never;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
            return never;
        bytes[i] = text[i];
    }
    bytes[len] = '"';
    memset(mask, 0xff, len + 1);
    return (struct scan_pattern){scan_load8(bytes), scan_load8(mask), scan_load8(bytes + 8),
                                 scan_load8(mask + 8)};
}

static uint64_t head_of(const char *text, size_t len)
{
    char head[8] = {0};
    if (len > 0)
        memcpy(head, text, len < 8 ? len : 8);
    return scan_load8(head);
}

static void insert(struct scan_table *table, uint64_t head, size_t len, unsigned value)
{
    unsigned slot = scan_slot(head, len);
    while (table->slot[slot] != 0)
        slot = (slot + 1) % SCAN_SLOTS;
    table->slot[slot] = (uint8_t)value;
}

static void plan_place(struct pref_scanner *s, unsigned i)
{
    const struct pref_place_rule *rule = &s->shape->rule[i];
    struct scan_place *nowhere = &s->places[SCAN_NOWHERE];
    struct scan_place *place = &s->places[i];
    *place = (struct scan_place){
        .self = (pref_place)i,
        .types = rule->types,
        .reported = 1,
        .text = (rule->flags & PREF_TEXT) != 0,
        .finite = (rule->flags & PREF_FINITE) != 0,
        .null_is_value = (rule->flags & PREF_NULL_IS_VALUE) != 0 || i == PREF_ROOT,
        .must = (rule->flags & PREF_REQUIRED) != 0,
        .indexed = rule->index_below,
        .below = rule->below,
        .beside = rule->beside,
        .index = rule->index,
        .each = nowhere,
        .other = rule->other == PREF_NOWHERE ? nowhere : &s->places[rule->other],
        .required = {[SCAN_IN_OBJECT] = rule->required},
        .first = s->keys,
        .stray = s->keys,
    };
    for (unsigned j = rule->below; j != PREF_NOWHERE; j = s->shape->rule[j].beside) {
        const struct pref_place_rule *child = &s->shape->rule[j];
        if (child->is_element)
            place->each = &s->places[j];
        else if (child->index >= 0)
            place->required[SCAN_IN_ARRAY] |= rule->required & (uint64_t)1 << child->bit;
    }
}

static void plan_key(struct pref_scanner *s, unsigned i)
{
    const struct pref_place_rule *rule = &s->shape->rule[i];
    s->keys[i] = (struct scan_key){
        .pattern = pref_scan_pattern(rule->name, i == PREF_ROOT ? 16 : rule->name_len),
        .place = &s->places[i],
        .after = s->keys,
        .bit = (uint64_t)1 << rule->bit,
        .len = rule->name_len,
        .quoted_len = rule->name_len + 2,
        .head = head_of(rule->name, rule->name_len),
        .name = rule->name,
    };
}

static void plan_table(struct pref_scanner *s, unsigned i, struct scan_table *table)
{
    memset(table, 0, sizeof *table);
    for (unsigned j = s->shape->rule[i].below; j != PREF_NOWHERE; j = s->shape->rule[j].beside) {
        if (!s->shape->rule[j].is_element)
            insert(table, s->keys[j].head, s->keys[j].len, j);
    }
    s->places[i].table = table;
}

static size_t count_words(const char *const *word)
{
    size_t n = 0;
    while (word != NULL && word[n] != NULL)
        n++;
    return n;
}

static void plan_words(struct pref_scanner *s, unsigned i, struct scan_words *words,
                       struct scan_pattern *pattern)
{
    const char *const *word = s->shape->rule[i].words;
    *words = (struct scan_words){.pattern = pattern, .word = word};
    words->count = (unsigned)count_words(word);
    for (unsigned j = 0; j < words->count; j++) {
        size_t len = strlen(word[j]);
        pattern[j] = pref_scan_pattern(word[j], len);
        if (j < SCAN_SLOTS / 2)
            insert(&words->table, head_of(word[j], len), len, j + 1);
    }
    s->places[i].words = words;
}

/* Allocate what the shape's size asks for. The counts are small: 128 places, 255 words each. */
static int allocate(struct pref_scanner *s)
{
    size_t words = 0, longest = 16;
    for (unsigned i = 0; i < s->shape->count; i++) {
        const struct pref_place_rule *rule = &s->shape->rule[i];
        size_t n = count_words(rule->words);
        words += n;
        if (longest < rule->name_len)
            longest = rule->name_len;
        for (size_t j = 0; j < n; j++) {
            size_t len = strlen(rule->words[j]);
            longest = longest < len ? len : longest;
        }
    }
    s->hits = malloc(64 * sizeof *s->hits);
    s->scratch_cap = longest;
    s->scratch = malloc(longest + PREF_PAD);
    s->tables = malloc(s->shape->count * sizeof *s->tables);
    s->words = malloc(s->shape->count * sizeof *s->words);
    s->patterns = malloc((words + 1) * sizeof *s->patterns);
    if (s->hits == NULL || s->scratch == NULL || s->tables == NULL || s->words == NULL ||
        s->patterns == NULL)
        return PREF_FAIL;
    s->hits_end = s->hits + 64;
    memset(s->scratch, 0, longest + PREF_PAD);
    return PREF_OK;
}

int pref_scan_plan(struct pref_scanner *s)
{
    if (allocate(s) != PREF_OK)
        return PREF_FAIL;
    struct scan_place *nowhere = &s->places[SCAN_NOWHERE];
    *nowhere = (struct scan_place){
        .self = PREF_NOWHERE,
        .types = PREF_IS_ANY,
        .below = PREF_NOWHERE,
        .beside = PREF_NOWHERE,
        .each = nowhere,
        .other = nowhere,
        .first = s->keys,
        .stray = s->keys,
    };
    for (unsigned i = 0; i < s->shape->count; i++) {
        plan_place(s, i);
        plan_key(s, i);
    }
    struct scan_table *table = s->tables;
    struct scan_words *words = s->words;
    struct scan_pattern *pattern = s->patterns;
    for (unsigned i = 0; i < s->shape->count; i++) {
        if (s->shape->rule[i].key_below)
            plan_table(s, i, table++);
        if (s->shape->rule[i].words != NULL) {
            plan_words(s, i, words, pattern);
            pattern += words->count;
            words++;
        }
    }
    return PREF_OK;
}

void pref_scan_plan_release(struct pref_scanner *s)
{
    free(s->hits);
    free(s->scratch);
    free(s->tables);
    free(s->words);
    free(s->patterns);
}
