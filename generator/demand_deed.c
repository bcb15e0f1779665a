/* demand_deed.c - what deeds need of the role that does them, see demand.h */
#include "demand_take.h"

#include <string.h>

static void need(struct demander *demander, uint32_t kind, const struct deed *deed)
{
    demand_of(demander, kind, deed->on);
}

/* ------------------------------------------------------------------ making */

static void take_created(struct demander *demander, const struct deed *deed)
{
    bool temporary = (deed->flags & DEED_TEMPORARY) != 0;
    switch (deed->thing) {
    case THING_INDEX:
        need(demander, STELE_NEEDS_OWNER, deed);
        need(demander, STELE_NEEDS_CREATE_BESIDE, deed);
        demand_of(demander, STELE_MAKES, deed->other);
        break;
    case THING_SCHEMA:
        demand_add(demander, STELE_NEEDS_NEW_SCHEMA, NULL, NULL);
        need(demander, STELE_MAKES_SCHEMA, deed);
        break;
    case THING_EXTENSION:
        need(demander, STELE_NEEDS_NEW_EXTENSION, deed);
        break;
    case THING_TRIGGER:
        need(demander, STELE_NEEDS_TRIGGER, deed);
        break;
    case THING_RULE:
        need(demander, STELE_NEEDS_OWNER, deed);
        break;
    case THING_POLICY:
        need(demander, STELE_NEEDS_LEAVE, deed);
        break;
    default:
        if (!temporary)
            demand_add(demander, STELE_NEEDS_CREATE, deed->on.schema, NULL);
        if (!temporary && thing_is_relation(deed->thing) && (deed->flags & DEED_REPLACE))
            need(demander, STELE_NEEDS_TO_REPLACE, deed);
        need(demander, STELE_MAKES, deed);
        break;
    }
}

/* ---------------------------------------------------- dropping and renaming */

/*
 * What isn't there, IF EXISTS passes by, of a table's trigger or of a function with other arguments, too. Hosted servers let others than the
 * owner make and drop policies, and drop triggers, of tables of theirs.
 */
static void take_dropped(struct demander *demander, const struct deed *deed)
{
    bool passes = (deed->flags & DEED_IF) != 0;
    switch (deed->thing) {
    case THING_TRIGGER:
    case THING_RULE:
    case THING_POLICY:
        if (!passes)
            need(demander, deed->thing == THING_RULE ? STELE_NEEDS_OWNER : STELE_NEEDS_LEAVE, deed);
        return;
    case THING_TYPE:
        need(demander, STELE_NEEDS_TYPE_TO_DROP, deed);
        break;
    case THING_FUNCTION:
        need(demander, passes ? STELE_CHANGES : STELE_NEEDS_FUNCTION_TO_DROP, deed);
        break;
    case THING_SCHEMA:
        need(demander, STELE_NEEDS_SCHEMA, deed);
        demand_changes_all(demander);
        return;
    case THING_EXTENSION:
        need(demander, STELE_NEEDS_EXTENSION_TO_DROP, deed);
        break;
    case THING_OTHER:
        demand_untold(demander);
        return;
    default:
        need(demander, STELE_NEEDS_TO_DROP, deed);
        break;
    }
}

static void take_renamed(struct demander *demander, const struct deed *deed)
{
    switch (deed->thing) {
    case THING_TRIGGER:
    case THING_RULE:
        need(demander, STELE_NEEDS_OWNER, deed);
        return;
    case THING_POLICY:
        need(demander, STELE_NEEDS_LEAVE, deed);
        return;
    case THING_TYPE:
        need(demander, STELE_NEEDS_TYPE, deed);
        break;
    case THING_FUNCTION:
        need(demander, STELE_NEEDS_FUNCTION, deed);
        if (deed->on.schema != NULL)
            demand_add(demander, STELE_NEEDS_CREATE, deed->on.schema, NULL);
        break;
    case THING_SCHEMA:
        need(demander, STELE_NEEDS_SCHEMA, deed);
        demand_add(demander, STELE_NEEDS_NEW_SCHEMA, NULL, NULL);
        demand_changes_all(demander);
        return;
    case THING_OTHER:
    case THING_EXTENSION:
        demand_changes_all(demander);
        return;
    default:
        need(demander, STELE_NEEDS_OWNER, deed);
        if (deed->thing != THING_COMPOSITE)
            need(demander, STELE_NEEDS_CREATE_BESIDE, deed);
        break;
    }
    need(demander, STELE_CHANGES, deed);
    demand_of(demander, STELE_MAKES, (struct object){deed->on.schema, deed->other.name});
}

static void take_moved(struct demander *demander, const struct deed *deed)
{
    if (deed->thing == THING_EXTENSION || deed->thing == THING_OTHER) {
        demand_changes_all(demander);
        return;
    }
    need(demander, deed->thing == THING_TYPE       ? STELE_NEEDS_TYPE
                   : deed->thing == THING_FUNCTION ? STELE_NEEDS_FUNCTION
                                                   : STELE_NEEDS_OWNER, deed);
    demand_add(demander, STELE_NEEDS_CREATE, deed->other.schema, NULL);
    need(demander, STELE_CHANGES, deed);
    demand_of(demander, STELE_MAKES, (struct object){deed->other.schema, deed->on.name});
}

/* ---------------------------------------------------------------- altering */

static bool is_word(const char *words, const char *word)
{
    return words != NULL && strcmp(words, word) == 0;
}

/* A VACUUM of what isn't the role's own is passed by with a warning. */
static void take_altered(struct demander *demander, const struct deed *deed)
{
    if (is_word(deed->words, "VACUUM") || is_word(deed->words, "VACUUM FULL"))
        return;
    if (is_word(deed->words, "REFRESH") || is_word(deed->words, "CLUSTER") || is_word(deed->part, "reindex"))
        need(demander, STELE_NEEDS_MAINTAIN, deed);
    else if (deed->thing == THING_TYPE)
        need(demander, STELE_NEEDS_TYPE, deed);
    else
        need(demander, deed->thing == THING_POLICY ? STELE_NEEDS_LEAVE : STELE_NEEDS_OWNER, deed);
}

/* A key's index stands beside the table, as does the sequence of a serial column. */
static bool makes_beside(const struct deed *deed)
{
    bool key = deed->constraint == CONSTRAINT_UNIQUE || deed->constraint == CONSTRAINT_PRIMARY || deed->constraint == CONSTRAINT_EXCLUDE;
    return deed->kind == DEED_ADD_CONSTRAINT ? key && !(deed->flags & DEED_USING_INDEX)
                                             : deed->kind == DEED_ADD_COLUMN && (deed->flags & (DEED_SERIAL | DEED_IDENTITY));
}

/* Of a column or constraint; IF NOT EXISTS may find it there, but asks for the table's owner first. */
static void take_table_part(struct demander *demander, const struct deed *deed)
{
    if (deed->flags & DEED_NEW)
        return;
    need(demander, deed->thing == THING_TYPE ? STELE_NEEDS_TYPE : STELE_NEEDS_OWNER, deed);
    if (makes_beside(deed) && !(deed->flags & DEED_IF))
        need(demander, STELE_NEEDS_CREATE_BESIDE, deed);
}

/*
 * Of a partition that is detached, its own owner isn't asked. Of a column that IF NOT EXISTS may find there, nobody asks
 * what it would refer to.
 */
static bool is_passed_by(const struct deed *before, const struct deed *deed)
{
    if (before != NULL && deed->kind == DEED_REFERRED && before->kind == DEED_ADD_CONSTRAINT && (deed->flags & DEED_WITH_COLUMN))
        return true;
    return before != NULL && before->kind == DEED_DETACH && deed->kind == DEED_ALTER && before->other.name == deed->on.name;
}

/* ------------------------------------------------------------------ the rows */

static void take_rows(struct demander *demander, const struct deed *deed)
{
    static const struct {
        deed_kind kind;
        uint32_t need;
    } needs[] = {{DEED_INSERT, STELE_NEEDS_INSERT}, {DEED_UPDATE, STELE_NEEDS_UPDATE}, {DEED_DELETE, STELE_NEEDS_DELETE},
                 {DEED_READ, STELE_NEEDS_SELECT}};
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (needs[i].kind == deed->kind)
            need(demander, needs[i].need, deed);
}

/* ------------------------------------------------------------- the switch */

/* A function that was given to somebody else doesn't say what set_config sets. */
static void take_setting(struct demander *demander, const struct deed *deed)
{
    struct migration *migration = demander->migration;
    part_kind part = demander->statement->part;
    bool role = is_word(deed->part, "role") || is_word(deed->part, "session_authorization") || is_word(deed->part, "set_config");
    if (deed->kind == DEED_SET_PATH) {
        migration->path_set[part] = !(deed->flags & DEED_RESET);
    } else if (role && !migration->role_set[part]) {
        demand_untold(demander);
        migration->role_set[part] = true;
    }
}

static void take_deed(struct demander *demander, const struct deed *deed, bool runs)
{
    switch (deed->kind) {
    case DEED_CREATE:
        take_created(demander, deed);
        break;
    case DEED_DROP:
        take_dropped(demander, deed);
        break;
    case DEED_RENAME:
        take_renamed(demander, deed);
        break;
    case DEED_MOVE:
        take_moved(demander, deed);
        break;
    case DEED_ALTER:
    case DEED_ADD_VALUE:
        take_altered(demander, deed);
        break;
    case DEED_COMMENT:
    case DEED_ATTACH:
        need(demander, STELE_NEEDS_OWNER, deed);
        break;
    case DEED_DETACH: /* NO INHERIT asks nothing of the parent */
        if (deed->flags & DEED_PARTITIONED)
            need(demander, STELE_NEEDS_OWNER, deed);
        break;
    case DEED_GRANT:
    case DEED_REVOKE:
        need(demander, STELE_CHANGES, deed);
        break;
    case DEED_LIKE:
        demand_of(demander, STELE_NEEDS_SELECT, deed->other);
        break;
    case DEED_REFERRED:
        need(demander, STELE_NEEDS_REFERENCES, deed);
        break;
    case DEED_TRUNCATE:
        need(demander, STELE_NEEDS_TRUNCATE, deed);
        break;
    case DEED_INSERT:
    case DEED_UPDATE:
    case DEED_DELETE:
    case DEED_READ:
        if (runs)
            take_rows(demander, deed);
        break;
    case DEED_SET_PATH:
    case DEED_SET:
        take_setting(demander, deed);
        break;
    case DEED_ANYTHING:
        demand_changes_all(demander);
        break;
    case DEED_LOCK:
    case DEED_ROLLBACK:
        break;
    default:
        take_table_part(demander, deed);
        break;
    }
}

void demand_take_deeds(struct demander *demander, bool runs)
{
    const struct migration *migration = demander->migration;
    const struct statement *statement = demander->statement;
    const struct deed *before = NULL;
    for (uint32_t i = 0; i < statement->deed_count; i++) {
        const struct deed *deed = &migration->deeds[statement->first_deed + i];
        if (!is_passed_by(before, deed))
            take_deed(demander, deed, runs);
        before = deed;
    }
}
