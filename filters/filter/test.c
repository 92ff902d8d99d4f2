/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "test.h"
#include "lib/text/text.h"

static enum filter_result try_chars(const struct filter_rule *rule, struct filter_view *view,
                                    struct filter_finding *finding)
{
    uint64_t chars = filter_view_chars(view, finding->field);
    finding->measured[0] = chars;
    return chars < rule->min || chars > rule->max ? FILTER_HIT : FILTER_MISS;
}

static enum filter_result try_pattern(const struct filter_rule *rule, struct filter_view *view,
                                      struct pref_span text, struct filter_finding *finding)
{
    int wanted = rule->kind == FILTER_PATTERN;
    switch (pref_regex_find(rule->regex, view->matcher, text, 0, &finding->found)) {
    case PREF_MATCH_FOUND: return wanted ? FILTER_HIT : FILTER_MISS;
    case PREF_MATCH_NONE: return wanted ? FILTER_MISS : FILTER_HIT;
    case PREF_MATCH_GAVE_UP: return FILTER_GAVE_UP;
    default: return FILTER_BROKEN;
    }
}

/* Whether the digits among some bytes pass the check of ISO/IEC 7812-1, annex B. */
static int passes_luhn(struct pref_span found)
{
    unsigned sum = 0, digits = 0;
    for (size_t i = found.len; i-- > 0;) {
        if (found.ptr[i] < '0' || found.ptr[i] > '9')
            continue;
        unsigned digit = (unsigned)(found.ptr[i] - '0') << (digits++ % 2);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return digits > 1 && sum % 10 == 0;
}

/* The matches of a pattern, one after the other, until `take` says that it has seen enough. */
static enum filter_result each_match(const struct filter_rule *rule, struct filter_view *view,
                                     struct pref_span text, struct filter_finding *finding,
                                     int (*take)(struct filter_finding *finding))
{
    for (size_t from = 0; from <= text.len;) {
        switch (pref_regex_find(rule->regex, view->matcher, text, from, &finding->found)) {
        case PREF_MATCH_FOUND: break;
        case PREF_MATCH_NONE: return FILTER_MISS;
        case PREF_MATCH_GAVE_UP: return FILTER_GAVE_UP;
        default: return FILTER_BROKEN;
        }
        if (take(finding))
            return FILTER_HIT;
        from = (size_t)(finding->found.ptr - text.ptr) + finding->found.len;
        if (finding->found.len == 0) /* behind an empty match, the next character */
            for (from++; from < text.len && ((unsigned char)text.ptr[from] & 0xc0) == 0x80;)
                from++;
    }
    return FILTER_MISS;
}

static int take_luhn(struct filter_finding *finding)
{
    return passes_luhn(finding->found);
}

static int take_length(struct filter_finding *finding)
{
    finding->measured[0] += pref_text_characters(finding->found);
    return 0;
}

/* Letters of the scripts that are allowed, and all letters. */
static enum filter_result try_script(const struct filter_rule *rule, struct filter_view *view,
                                     struct pref_span text, struct filter_finding *finding)
{
    struct filter_rule letters = {.regex = rule->letters};
    finding->measured[0] = 0; /* of the field before */
    enum filter_result result = each_match(&letters, view, text, finding, take_length);
    finding->measured[1] = finding->measured[0];
    finding->measured[0] = 0;
    if (result == FILTER_MISS)
        result = each_match(rule, view, text, finding, take_length);
    if (result != FILTER_MISS || finding->measured[1] < rule->least)
        return result;
    return pref_share_at_least(rule->share, finding->measured[0], finding->measured[1])
               ? FILTER_MISS
               : FILTER_HIT;
}

static enum filter_result try_words(const struct filter_rule *rule, struct filter_view *view,
                                    struct pref_span text, struct filter_finding *finding)
{
    if (pref_words_find(&view->repeats.words, text, NULL) != PREF_OK)
        return FILTER_BROKEN;
    finding->measured[0] = view->repeats.words.count;
    return finding->measured[0] < rule->min || finding->measured[0] > rule->max ? FILTER_HIT
                                                                               : FILTER_MISS;
}

static enum filter_result try_repeats(const struct filter_rule *rule, struct filter_view *view,
                                      struct pref_span text, struct filter_finding *finding)
{
    struct filter_repeated found;
    int status = rule->kind == FILTER_LINES
                     ? filter_repeats_lines(&view->repeats, text, &found, NULL)
                     : filter_repeats_words(&view->repeats, text, rule->n, &found, NULL);
    finding->measured[0] = found.again;
    finding->measured[1] = found.parts;
    if (status != PREF_OK)
        return FILTER_BROKEN;
    return found.parts < rule->least ||
                   pref_share_at_most(rule->share, found.again, found.parts)
               ? FILTER_MISS
               : FILTER_HIT;
}

static enum filter_result try_loop(const struct filter_rule *rule, struct filter_view *view,
                                   struct pref_span text, struct filter_finding *finding)
{
    struct filter_loop loop;
    if (filter_repeats_loop(&view->repeats, text, rule->n, &loop, NULL) != PREF_OK)
        return FILTER_BROKEN;
    finding->measured[0] = loop.unit;
    finding->measured[1] = loop.bytes;
    return loop.bytes > 0 && loop.bytes >= rule->least ? FILTER_HIT : FILTER_MISS;
}

static int is_broken(const struct filter_rule *rule, struct filter_view *view,
                     struct pref_span text, struct pref_span *where)
{
    int broken = 0;
    switch (rule->kind) {
    case FILTER_JSON: return filter_json_broken(view->json, text, where);
    case FILTER_CLAIMED: return filter_json_claimed(view->json, text, where);
    case FILTER_FENCED: return filter_json_fenced(view->json, text, where);
    case FILTER_FENCE: return filter_fence_open(text, where);
    case FILTER_CALLS: return filter_call_broken(view->json, text, where);
    default:
        for (unsigned i = 0; i < rule->tags && !broken; i++)
            broken = filter_tag_broken(text, rule->tag[i], where);
        return broken;
    }
}

static enum filter_result try_structure(const struct filter_rule *rule, struct filter_view *view,
                                        struct pref_span text, struct filter_finding *finding)
{
    int broken = is_broken(rule, view, text, &finding->found);
    return broken < 0 ? FILTER_BROKEN : broken ? FILTER_HIT : FILTER_MISS;
}

enum filter_result filter_test_field(const struct filter_rule *rule, struct filter_view *view,
                                     struct pref_span text, struct filter_finding *finding)
{
    switch (rule->kind) {
    case FILTER_CHARS: return try_chars(rule, view, finding);
    case FILTER_PATTERN:
    case FILTER_LACKS: return try_pattern(rule, view, text, finding);
    case FILTER_LUHN: return each_match(rule, view, text, finding, take_luhn);
    case FILTER_WORDS: return try_words(rule, view, text, finding);
    case FILTER_LINES:
    case FILTER_NGRAMS: return try_repeats(rule, view, text, finding);
    case FILTER_LOOP: return try_loop(rule, view, text, finding);
    case FILTER_SCRIPT: return try_script(rule, view, text, finding);
    default: return try_structure(rule, view, text, finding);
    }
}
