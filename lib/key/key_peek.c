/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "key_peek.h"

#include <pthread.h>
#include <stdlib.h>

struct pref_key_peek {
    const struct pref_keyset *set;
    pthread_mutex_t lock;
};

struct pref_key_peek *pref_key_peek_new(const struct pref_keyset *set)
{
    struct pref_key_peek *peek = malloc(sizeof *peek);
    if (peek == NULL)
        return NULL;
    peek->set = set;
    pthread_mutex_init(&peek->lock, NULL);
    return peek;
}

void pref_key_peek_free(struct pref_key_peek *peek)
{
    if (peek == NULL)
        return;
    pthread_mutex_destroy(&peek->lock);
    free(peek);
}

void pref_key_peek_begin(struct pref_key_peek *peek)
{
    pthread_mutex_lock(&peek->lock);
}

void pref_key_peek_end(struct pref_key_peek *peek)
{
    pthread_mutex_unlock(&peek->lock);
}

int pref_key_peek(struct pref_key_peek *peek, struct pref_h128 key)
{
    if (pthread_mutex_trylock(&peek->lock) != 0)
        return 0;
    int has = pref_keyset_has(peek->set, key);
    pthread_mutex_unlock(&peek->lock);
    return has;
}
