/*
 * uses.h - versioned migrations that need what only a repeatable one makes
 *
 * On a database that grew with the history such a migration works: the view is there. On a new one it fails, since the
 * repeatable ones run last. So it is an error of the build.
 */
#ifndef STELEC_USES_H
#define STELEC_USES_H

#include "migration.h"
#include "names.h"

/* What a statement does with a name. */
typedef enum use_kind { USE_MAKES, USE_DROPS, USE_NEEDS } use_kind;

struct use {
    use_kind how;
    name_kind kind;
    part_kind part;
    const char *schema, *name; /* schema: or NULL */
    long least, most;          /* arguments that a function takes, or is called with; -1 where that isn't told */
    uint32_t offset;
    const struct migration *migration;
};

/*
 * Note what this statement makes, drops and uses. `tree` as for derive; `base` is where the text that was parsed begins.
 * Nothing is noted in a program without repeatable migrations.
 */
void uses_note(struct history *history, struct migration *migration, const struct statement *statement, const void *tree,
               uint32_t base);

/* Check all that was noted, once the order is known. What can't be is told to the diag. */
void uses_check(struct history *all);

#endif
