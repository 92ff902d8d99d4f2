/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "strength_annotation.h"

#include <string.h>

/* Room for any annotation: its words, five doubles and a count. */
#define ANNOTATION_MAX 512

const char *const strength_annotation_keys[] = {"mean",   "sd",     "n",     "quantile",
                                                "action", "margin", "label", NULL};

static char *put(char *at, const char *text)
{
    size_t n = strlen(text);
    memcpy(at, text, n);
    return at + n;
}

static char *put_number(char *at, double value, struct pref_span *where)
{
    *where = (struct pref_span){at, pref_number_print(at, value)};
    return at + where->len;
}

/* Every record has one, so it is written straight into the buffer. */
int strength_annotation_print(struct pref_buf *buf, const struct strength_annotation *a,
                              struct strength_texts *texts, struct pref_err *err)
{
    struct pref_span mean, other;
    pref_buf_clear(buf);
    char *at = pref_buf_reserve(buf, ANNOTATION_MAX), *start = at;
    if (at == NULL)
        return pref_fail_memory(err, "an annotation");
    at = put_number(put(at, "{\"mean\":"), a->mean, &mean);
    at = put_number(put(at, ",\"sd\":"), a->sd, &other);
    at = put(at, ",\"n\":");
    at += pref_u64_print(at, a->n);
    at = put_number(put(at, ",\"quantile\":"), a->quantile, &other);
    at = put(put(at, ",\"action\":\""), strength_action_words[a->action]);
    at = put(at, "\",\"margin\":");
    texts->margin = (struct pref_span){at, mean.len};
    memcpy(at, mean.ptr, mean.len);
    at = put_number(put(at + mean.len, ",\"label\":"), a->label, &texts->label);
    *at++ = '}';
    texts->object = (struct pref_span){start, (size_t)(at - start)};
    return PREF_OK;
}
