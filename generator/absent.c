/* absent.c - rules about what isn't there, and what is another's, see warn.h */
#include "warn.h"

#include <string.h>

/* ------------------------------------------------------------------ absent */

static void explain(struct review *review, const struct state *state, const char *nearest)
{
    struct diag *diag = review->all->diag;
    const struct migration *by = state->gone.migration;
    if (by != NULL)
        diag_note(diag, "\"%s\" %s it in line %u", by->source.name, state->now == NULL ? "dropped" : "renamed",
                  source_line(&by->source, state->gone.offset));
    if (state->now != NULL || nearest != NULL)
        diag_hint(diag, "did you mean \"%s\"?", state->now != NULL ? state->now : nearest);
}

static void complain_of_thing(struct review *review, thing_kind kind, const struct thing *thing)
{
    if (warn(review, "absent", "%s \"%s\" is not there any more", warn_kind(kind == THING_TABLE ? thing->kind : kind), thing->name))
        explain(review, &thing->state, catalog_nearest(review->catalog, kind, thing->name));
}

/* True when that was told: then its columns needn't be. */
static bool check_thing(struct review *review, thing_kind kind, struct object object)
{
    const struct catalog *catalog = review->catalog;
    const struct thing *thing = catalog_find(catalog, kind, object);
    const struct thing *schema =
        object.schema == NULL ? NULL : catalog_find(catalog, THING_SCHEMA, (struct object){NULL, object.schema});
    if (thing != NULL && catalog_is_absent(catalog, thing->kind, &thing->state)) {
        complain_of_thing(review, kind, thing);
        return true;
    }
    if (schema == NULL || !catalog_is_absent(catalog, THING_SCHEMA, &schema->state))
        return false;
    complain_of_thing(review, THING_SCHEMA, schema);
    return true;
}

static void check_column(struct review *review, const struct thing *thing, const char *name)
{
    const struct column *column = catalog_column(thing, name);
    if (column == NULL || !catalog_lacks(review->catalog, thing, THING_TABLE, &column->state))
        return;
    if (warn(review, "absent", "column \"%s\" of \"%s\" is not there any more", name, thing->name))
        explain(review, &column->state, catalog_nearest_column(thing, name));
}

static void check_part(struct review *review, thing_kind kind)
{
    const struct part *part = catalog_part(review->thing, kind, review->deed->part);
    if (part == NULL || !catalog_lacks(review->catalog, review->thing, kind, &part->state))
        return;
    if (warn(review, "absent", "%s \"%s\" of \"%s\" is not there any more", warn_kind(kind), part->name, review->thing->name))
        explain(review, &part->state, NULL);
}

/* Does the deed need the thing itself? One that makes it doesn't. */
static bool needs_thing(const struct deed *deed)
{
    bool makes = deed->kind == DEED_CREATE && deed->thing != THING_INDEX && deed->thing != THING_TRIGGER &&
                 deed->thing != THING_RULE && deed->thing != THING_POLICY;
    bool drops = deed->kind == DEED_DROP && deed->thing != THING_TRIGGER && deed->thing != THING_RULE && deed->thing != THING_POLICY;
    return !makes && !(drops && deed->flags & DEED_IF) && !(deed->flags & (DEED_IF_THERE | DEED_NEW));
}

static void check_columns(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed_needs_column(deed) && !(deed->kind == DEED_DROP_COLUMN && deed->flags & DEED_IF))
        check_column(review, review->thing, deed->part);
    switch (deed->kind) {
    case DEED_CREATE:
    case DEED_ADD_CONSTRAINT:
    case DEED_INSERT:
    case DEED_UPDATE:
        for (uint32_t i = 0; i < deed->column_count; i++)
            check_column(review, review->thing, deed->columns[i]);
        break;
    case DEED_DROP_CONSTRAINT:
    case DEED_VALIDATE:
    case DEED_RENAME_CONSTRAINT:
        if (!(deed->flags & DEED_IF))
            check_part(review, THING_OTHER);
        break;
    case DEED_DROP:
        if (!(deed->flags & DEED_IF) && deed->part != NULL)
            check_part(review, deed->thing);
        break;
    default:
        break;
    }
}

void rule_absent(struct review *review)
{
    const struct deed *deed = review->deed;
    bool part = deed->thing == THING_TRIGGER || deed->thing == THING_RULE || deed->thing == THING_POLICY ||
                (deed->thing == THING_INDEX && deed->kind == DEED_CREATE);
    if (deed->flags & DEED_OPEN || deed->on.name == NULL || (part && deed->flags & DEED_IF && deed->kind == DEED_DROP) ||
        !needs_thing(deed))
        return;
    if (!check_thing(review, part ? THING_TABLE : deed->thing, deed->on))
        check_columns(review);
}

/* --------------------------------------------------------- other components */

/* Does it change the thing, rather than its rows, or what refers to it? */
static bool alters(const struct deed *deed)
{
    switch (deed->kind) {
    case DEED_CREATE:
        return deed->thing == THING_INDEX || deed->thing == THING_TRIGGER || deed->thing == THING_RULE || deed->thing == THING_POLICY;
    case DEED_COMMENT:
    case DEED_GRANT:
    case DEED_REVOKE:
    case DEED_LIKE:
    case DEED_INSERT:
    case DEED_UPDATE:
    case DEED_DELETE:
    case DEED_TRUNCATE:
    case DEED_READ:
    case DEED_LOCK:
    case DEED_REFERRED:
        return false;
    default:
        return true;
    }
}

void rule_other_component(struct review *review)
{
    const struct thing *thing = review->thing;
    const struct deed *deed = review->deed;
    if (!catalog_is_present(thing) || thing->component == NULL || !alters(deed) || deed->flags & DEED_OPEN || deed->on.name == NULL ||
        thing->kind == THING_SCHEMA || thing->kind == THING_EXTENSION || strcmp(thing->component, review->migration->component) == 0)
        return;
    if (!warn(review, "other-component", "%s \"%s\" belongs to component \"%s\", and this is a migration of \"%s\"",
              warn_kind(thing->kind), thing->name, thing->component, review->migration->component))
        return;
    if (thing->state.made.migration != NULL)
        diag_note(review->all->diag, "it was made by \"%s\"", thing->state.made.migration->source.path);
    diag_hint(review->all->diag, "let \"%s\" do it, in a migration that this one comes after: -- stele: after %s/VERSION",
              thing->component, thing->component);
}
