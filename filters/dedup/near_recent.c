/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "near_recent.h"

#include <stdlib.h>

enum {
    PLACES = 4096,
    RING = NEAR_RECENT_BYTES / sizeof(uint64_t),
    LONGEST = RING / 64, /* so that a few do not drive out all others */
};

struct near_recent_place {
    uint64_t at;     /* of its words, among all that were given out */
    uint32_t number; /* its own + 1; 0: the place is free */
};

int near_recent_open(struct near_recent *recent, struct pref_err *err)
{
    recent->ring = malloc(NEAR_RECENT_BYTES);
    recent->places = calloc(PLACES, sizeof *recent->places);
    return recent->ring == NULL || recent->places == NULL
               ? pref_fail_memory(err, "the shingles of records that stay")
               : PREF_OK;
}

void near_recent_close(struct near_recent *recent)
{
    free(recent->ring);
    free(recent->places);
}

const uint64_t *near_recent_find(const struct near_recent *recent, uint32_t number)
{
    const struct near_recent_place *place = &recent->places[number % PLACES];
    return place->number == number + 1 && recent->end - place->at <= RING
               ? recent->ring + place->at % RING
               : NULL;
}

uint64_t *near_recent_room(struct near_recent *recent, uint32_t number, size_t words)
{
    if (words > LONGEST)
        return NULL;
    if (recent->end % RING + words > RING) /* in one piece: what is left there is passed over */
        recent->end += RING - recent->end % RING;
    recent->places[number % PLACES] = (struct near_recent_place){recent->end, number + 1};
    recent->end += words;
    return recent->ring + (recent->end - words) % RING;
}
