/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "key_sort.h"

#include <stdlib.h>
#include <string.h>

void pref_key_members_release(struct pref_key_members *members)
{
    free(members->list);
    free(members->spare);
    *members = (struct pref_key_members){0};
}

int pref_key_members_add(struct pref_key_members *members, uint32_t start)
{
    if (members->count == members->cap) {
        size_t cap = members->cap < 32 ? 64 : members->cap + members->cap / 2;
        struct pref_key_member *list = realloc(members->list, cap * sizeof *list);
        if (list == NULL)
            return PREF_FAIL;
        members->list = list;
        members->cap = cap;
    }
    members->list[members->count++] = (struct pref_key_member){start, start};
    return 0;
}

/* The decoded key of the member whose frames begin at `start`: past the letter and the length. */
static struct pref_span key_at(const char *form, uint32_t start)
{
    const unsigned char *p = (const unsigned char *)form + start + 1;
    size_t len = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    return (struct pref_span){form + start + 5, len};
}

static int in_order(const char *form, struct pref_key_member a, struct pref_key_member b)
{
    return pref_span_compare(key_at(form, a.start), key_at(form, b.start)) <= 0;
}

int pref_key_members_sorted(const struct pref_key_members *members, size_t first, const char *form)
{
    for (size_t i = first + 1; i < members->count; i++)
        if (!in_order(form, members->list[i - 1], members->list[i]))
            return 0;
    return 1;
}

static void sort_by_insertion(struct pref_key_member *list, size_t n, const char *form)
{
    for (size_t i = 1; i < n; i++) {
        struct pref_key_member taken = list[i];
        size_t at = i;
        for (; at > 0 && !in_order(form, list[at - 1], taken); at--)
            list[at] = list[at - 1];
        list[at] = taken;
    }
}

/* Merge from[low, mid) and from[mid, high) into to[low, high). */
static void merge_runs(const struct pref_key_member *from, struct pref_key_member *to, size_t low,
                       size_t mid, size_t high, const char *form)
{
    size_t a = low, b = mid;
    for (size_t i = low; i < high; i++) {
        if (a < mid && (b == high || in_order(form, from[a], from[b])))
            to[i] = from[a++];
        else
            to[i] = from[b++];
    }
}

int pref_key_members_sort(struct pref_key_members *members, size_t first, const char *form)
{
    enum { RUN = 8 };
    struct pref_key_member *list = members->list + first;
    size_t n = members->count - first;
    for (size_t low = 0; low < n; low += RUN)
        sort_by_insertion(list + low, n - low < RUN ? n - low : RUN, form);
    if (n <= RUN)
        return 0;
    if (members->spare_cap < n) {
        free(members->spare);
        members->spare_cap = 0;
        members->spare = malloc(n * sizeof *members->spare);
        if (members->spare == NULL)
            return PREF_FAIL;
        members->spare_cap = n;
    }
    struct pref_key_member *from = list, *to = members->spare;
    for (size_t run = RUN; run < n; run *= 2) {
        for (size_t low = 0; low < n; low += 2 * run) {
            size_t mid = n - low < run ? n : low + run;
            size_t high = n - mid < run ? n : mid + run;
            merge_runs(from, to, low, mid, high, form);
        }
        struct pref_key_member *other = from;
        from = to;
        to = other;
    }
    if (from != list)
        memcpy(list, from, n * sizeof *list);
    return 0;
}
