#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdlib.h>

#include "../test_vector.h"
#include "server.h"

struct counts stats;

/* The texts that were answered, by their hashes: a table with open addressing, in which 0 is a free place. */
static uint64_t *seen;
static size_t seen_size, seen_count;

/* Where a hash is, or belongs. */
static uint64_t *find_place(uint64_t hash)
{
    size_t at = hash & (seen_size - 1);
    while (seen[at] != 0 && seen[at] != hash)
        at = (at + 1) & (seen_size - 1);
    return &seen[at];
}

static void grow(void)
{
    size_t old_size = seen_size;
    uint64_t *old = seen;
    seen_size = seen_size == 0 ? 4096 : seen_size * 2;
    seen = calloc(seen_size, sizeof *seen);
    for (size_t i = 0; i < old_size; i++)
        if (old[i] != 0)
            *find_place(old[i]) = old[i];
    free(old);
}

bool see(const char *text, size_t length)
{
    uint64_t hash = test_hash(1, text, length);
    if (hash == 0)
        hash = 1;
    if (seen_count * 2 >= seen_size)
        grow();
    uint64_t *place = find_place(hash);
    if (*place == hash)
        return true;
    *place = hash;
    seen_count++;
    return false;
}

void count_anew(void)
{
    stats = (struct counts){.flying = stats.flying};
    free(seen);
    seen = NULL;
    seen_size = seen_count = 0;
}

void print_counts(stele_text *out)
{
    stele_text_print(out, "requests %ld\ngood %ld\ninputs %ld\ngood_inputs %ld\nrefused %ld\nbad %ld\nflying %ld\nmost_flying %ld\ntokens %ld\nrepeated %ld\ntexts %zu\nconnections %ld\nmilliseconds %.0f\n",
                     stats.requests, stats.good, stats.inputs, stats.good_inputs, stats.refused, stats.bad, stats.flying, stats.most_flying, stats.tokens, stats.repeated, seen_count,
                     stats.connections, stats.last_at - stats.first_at);
}
