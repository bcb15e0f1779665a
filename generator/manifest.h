/*
 * manifest.h - the sealed table, format 1: what a program carries so that "stelec inspect" can read it
 *
 * One piece of bytes without an address in it, which is found in a program whatever a linker made of it: the manifest and a
 * zero byte, then each text with a zero byte behind. The manifest is text:
 *
 *     <zero byte>stele-sealed-table 1
 *     made by stelec 0.1.0 (libpg_query 17-6.1.0)
 *     table NAME                                              its name in C
 *     sum <hex>
 *     module s1:<hex> LENGTH NAME                             before the first migration that requires it
 *     migration s1:<hex> t1:<hex> d1:<hex> LENGTH COMPONENT VERSION FILE
 *     repeatable s1:<hex> t1:<hex> d1:<hex> LENGTH COMPONENT R FILE
 *     job s1:<hex> t1:<hex> LENGTH COMPONENT J FILE           no state hangs on it
 *     end
 *
 * Below a migration whose source is an s2:, there stand what it is computed from, in this order:
 *
 *     text s1:<hex>                                           its own text
 *     file NAME BEGIN LENGTH                                  of several files: that stretch of the text is its own ("own"),
 *                                                             or is called so ("down", "verify")
 *     settings HEX                                            a file that is in no text: its bytes
 *     requires NAME                                           a module above
 *     after s1:<hex> R_NAME                                   a repeatable migration, by its source
 *
 * Below that, and below every other text, stands another sum: the SHA-256 over all lines before. So a migration that is added only adds
 * lines, and still no byte can change unnoticed. The texts lie in the order of their lines; LENGTH is without the zero byte. The zero
 * byte at the front can't be part of a text, so nothing that a migration says is taken for a manifest.
 */
#ifndef STELEC_MANIFEST_H
#define STELEC_MANIFEST_H

#include "migration.h"

/* The words that a manifest begins with, in two pieces: stelec itself has no sealed table, and must not look so. */
#define MANIFEST_MARK "\0stele-sealed"
#define MANIFEST_MARK_REST "-table "
#define MANIFEST_MARK_SIZE (sizeof MANIFEST_MARK - 1)

/* One text: that of a migration or job, or a module's. */
struct manifest_text {
    const struct migration *migration; /* for a module, the first that requires it */
    const struct lua_module *module;   /* or NULL */
    const char *bytes;
    uint32_t length;
};

struct manifest {
    struct manifest_text *texts;
    size_t count;
    const char *bytes; /* the manifest, with the zero byte in front; another one is behind */
    size_t length;     /* without that */
    const char *sum;   /* the last of its sums: 64 hex digits */
};

/* Make that of all migrations, for the table of this name in C. Finds out which migration is the first to use a module. */
void manifest_make(struct manifest *manifest, const struct history *history, const char *symbol);

/* The sum of what a digest was given so far, as hex digits. The digest can go on. */
const char *manifest_sum(struct memory *memory, const stele_digest *digest);

/* The length of manifest and texts together. */
uint64_t manifest_size(const struct manifest *manifest);

#endif
