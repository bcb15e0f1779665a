/*
 * lock.h - stele.lock, format 1: what each migration was when it was sealed
 *
 *     # stele.lock 1 -- ...                     comments; the first line has the format's number
 *     s1:<hex> t1:<hex> d1:<hex> COMPONENT VERSION FILE
 *     text s1:<hex> NAME                        below an s2: source: the texts that it is made of
 *     end COUNT <hex>                           SHA-256 over all the bytes before this line
 *
 * The lines are in the order in which migrations are applied. The last line makes a hand-edited or badly merged file
 * fail; and as two branches that add a migration both change it, git shows the conflict to a human.
 */
#ifndef STELEC_LOCK_H
#define STELEC_LOCK_H

#include "migration.h"

/* One of the texts that a source with modules is made of: the file's own first, then the modules', by name. */
struct sealed_text {
    const char *sum, *name;
};

/* One line, and the text lines below it. */
struct sealed {
    const char *source_sum, *tokens_sum, *state_sum, *component, *version, *file;
    struct sealed_text *texts;
    size_t text_count, text_capacity;
    uint32_t offset;             /* of the line */
    size_t place;                /* its number, from 0 */
    struct migration *migration; /* the file that it is about, once found */
    bool amended;                /* whatever the file is now is right */
    bool inserted;               /* not read from the lock: a new migration, to be sealed below the head */
};

struct lock {
    struct source source; /* text is NULL when there is no lock yet */
    struct sealed *lines;
    size_t count, capacity;
};

/*
 * Read DIR/stele.lock, which may be missing. A wrong end line is passed over when `amending`: that is how it is
 * repaired. False when it can't be used; that is told to the diag.
 */
bool lock_read(struct lock *lock, struct history *history, bool amending);

/* The same, of a lock that lies anywhere and must be there. */
bool lock_read_file(struct lock *lock, struct history *history, const char *path);

/* The sum that the text of this name was sealed with, in the lines below this one; or NULL. */
const char *lock_text(const struct sealed *line, const char *name);

/* Write the lock of all migrations, in their order, with their states computed. */
void lock_render(const struct history *history, stele_text *text);

#endif
