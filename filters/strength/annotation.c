/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "annotation.h"

#include "lib/number/put.h"

/* Room for any annotation: its words, five doubles and a count, and its levels. */
#define ANNOTATION_MAX (512 + STRENGTH_LEVELS_MAX)

const char *const strength_annotation_keys[] = {"mean",   "sd",     "n",     "quantile", "action",
                                                "margin", "label",  "levels", NULL};

static char *put_number(char *at, double value, struct pref_span *where)
{
    char *end = pref_put_double(at, value);
    *where = (struct pref_span){at, (size_t)(end - at)};
    return end;
}

/* Every record has one, so it is written straight into the buffer. */
int strength_annotation_print(struct pref_buf *buf, const struct strength_annotation *a,
                              struct strength_texts *texts, struct pref_err *err)
{
    struct pref_span mean;
    pref_buf_clear(buf);
    char *at = pref_buf_reserve(buf, ANNOTATION_MAX), *start = at;
    if (at == NULL)
        return pref_fail_memory(err, "an annotation");
    at = put_number(pref_put_text(at, "{\"mean\":"), a->mean, &mean);
    at = pref_put_double(pref_put_text(at, ",\"sd\":"), a->sd);
    at = pref_put_u64(pref_put_text(at, ",\"n\":"), a->n);
    at = pref_put_double(pref_put_text(at, ",\"quantile\":"), a->quantile);
    at = pref_put_text(at, ",\"action\":\"");
    at = pref_put_text(at, strength_action_words[a->action]);
    at = pref_put_text(at, "\",\"margin\":");
    texts->margin = (struct pref_span){at, mean.len};
    memcpy(at, mean.ptr, mean.len);
    at = put_number(pref_put_text(at + mean.len, ",\"label\":"), a->label, &texts->label);
    at = strength_levels_put(at, &a->levels);
    *at++ = '}';
    texts->object = (struct pref_span){start, (size_t)(at - start)};
    return PREF_OK;
}
