/*
 * cache.h - what reading the files found out, from one run to the next
 *
 * For make at a desk: a file whose size, times and inode are what they were is not parsed again. Whoever wants to be sure doesn't give
 * --cache, and every byte is read. A cache is only ever a file that can be removed: one that is damaged, of another stelec, of
 * other settings or not there at all is written anew.
 *
 * What was complained about isn't kept, so that it is told each time. Nor is a file that was changed within the last seconds: it could
 * change again without its time showing it. Lua isn't kept either: it hangs on other files.
 */
#ifndef STELEC_CACHE_H
#define STELEC_CACHE_H

#include "migration.h"

struct cache {
    struct memory *memory;
    const char *path; /* NULL: no cache */
    char key[STELE_CHECKSUM_SIZE];
    struct cache_entry **buckets; /* what was read, by path */
    stele_text text;              /* what will be written besides those of them that still hold */
};

/* Begin, with what is there. `settings` is all that the outcome hangs on besides the file; `path` may be NULL. */
void cache_open(struct cache *cache, struct memory *memory, const char *path, const char *settings);

/* Fill in what is known of the migration's file. False when it must be read. `before` is what its meaning takes from files before it. */
bool cache_take(struct cache *cache, struct migration *migration, const char *before);

/* Keep what was found out about it. */
void cache_put(struct cache *cache, const struct migration *migration, const char *before);

/* Write it, if anything is new. That it can't be written is no complaint. */
void cache_save(struct cache *cache);

#endif
