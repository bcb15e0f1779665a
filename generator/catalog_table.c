/* catalog_table.c - what becomes of the columns and parts of a table, see catalog_inside.h */
#include "catalog_inside.h"

/* ----------------------------------------------------------------- columns */

static struct column *add_column(struct catalog *catalog, struct thing *thing, const char *name)
{
    struct column *column = catalog_column(thing, name);
    if (column == NULL) {
        thing->columns = memory_grow(catalog->memory, thing->columns, thing->column_count, &thing->column_capacity,
                                     sizeof *thing->columns);
        column = &thing->columns[thing->column_count++];
        column->name = name;
        catalog_note_name(catalog, &thing->column_index, thing->columns, thing->column_count, sizeof *column);
    }
    *column = (struct column){.name = name};
    return column;
}

static struct column *need_column(struct catalog *catalog, struct thing *thing, const char *name)
{
    struct column *column = catalog_column(thing, name);
    if (column == NULL)
        column = add_column(catalog, thing, name);
    catalog_assume(&column->state);
    return column;
}

static void apply_add_column(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct column *column = catalog_column(thing, deed->part);
    if (deed->flags & DEED_IF && column != NULL && column->state.presence == PRESENCE_PRESENT)
        return;
    column = add_column(catalog, thing, deed->part);
    column->type = deed->type;
    column->not_null = (deed->flags & DEED_NOT_NULL) != 0;
    column->counts = (deed->flags & (DEED_SERIAL | DEED_IDENTITY)) != 0;
    catalog->implied += (deed->flags & (DEED_SERIAL | DEED_IDENTITY)) != 0;
    catalog_appear(catalog, &column->state, deed);
}

static void apply_rename_column(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct column old = *need_column(catalog, thing, deed->part), *new = add_column(catalog, thing, deed->other.name);
    *new = old;
    new->name = deed->other.name;
    catalog_vanish(catalog, &catalog_column(thing, deed->part)->state, deed, deed->other.name);
}

void catalog_apply_like(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    const struct thing *like = catalog_find(catalog, THING_TABLE, deed->other);
    catalog->implied++; /* INCLUDING ALL: its indexes, sequences and statistics, with names of their own */
    thing->all_columns &= like != NULL && like->all_columns;
    for (size_t i = 0; like != NULL && like != thing && i < like->column_count; i++) {
        if (like->columns[i].state.presence != PRESENCE_PRESENT)
            continue;
        struct column *column = add_column(catalog, thing, like->columns[i].name);
        column->type = like->columns[i].type;
        column->not_null = like->columns[i].not_null;
        catalog_appear(catalog, &column->state, deed);
    }
}

/* What is done to a column or to the parts of a table. */
void catalog_apply_to_column(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    switch (deed->kind) {
    case DEED_ADD_COLUMN:
        apply_add_column(catalog, thing, deed);
        break;
    case DEED_DROP_COLUMN:
        catalog_vanish(catalog, &need_column(catalog, thing, deed->part)->state, deed, NULL);
        break;
    case DEED_RENAME_COLUMN:
        apply_rename_column(catalog, thing, deed);
        break;
    case DEED_SET_TYPE:
        need_column(catalog, thing, deed->part)->type = deed->type;
        break;
    case DEED_SET_NOT_NULL:
    case DEED_DROP_NOT_NULL:
        need_column(catalog, thing, deed->part)->not_null = deed->kind == DEED_SET_NOT_NULL;
        break;
    default:
        need_column(catalog, thing, deed->part);
        break;
    }
}

/* ------------------------------------------------------------------- parts */

static struct part *add_part(struct catalog *catalog, struct thing *thing, thing_kind kind, const char *name)
{
    struct part *part = catalog_part(thing, kind, name);
    if (part == NULL) {
        thing->parts = memory_grow(catalog->memory, thing->parts, thing->part_count, &thing->part_capacity, sizeof *thing->parts);
        part = &thing->parts[thing->part_count++];
        part->name = name;
        catalog_note_name(catalog, &thing->part_index, thing->parts, thing->part_count, sizeof *part);
    }
    *part = (struct part){.name = name, .thing = kind};
    return part;
}

static void add_constraint(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct part *part = add_part(catalog, thing, THING_OTHER, deed->part);
    part->constraint = deed->constraint;
    part->validated = !(deed->flags & DEED_NOT_VALID);
    part->columns = deed->columns;
    part->column_count = deed->column_count;
    part->referred = deed->constraint == CONSTRAINT_FOREIGN ? deed->other : (struct object){0};
    catalog->implied += deed->part == NULL || (deed->constraint >= CONSTRAINT_UNIQUE && deed->constraint != CONSTRAINT_FOREIGN);
    catalog_appear(catalog, &part->state, deed);
    for (uint32_t i = 0; i < deed->column_count && deed->constraint == CONSTRAINT_PRIMARY; i++) {
        struct column *column = catalog_column(thing, deed->columns[i]);
        if (column != NULL)
            column->not_null = true;
    }
}

void catalog_apply_to_constraint(struct catalog *catalog, struct thing *thing, const struct deed *deed)
{
    struct part *part = catalog_part(thing, THING_OTHER, deed->part);
    if (deed->kind == DEED_ADD_CONSTRAINT) {
        add_constraint(catalog, thing, deed);
        return;
    }
    if (part == NULL)
        part = add_part(catalog, thing, THING_OTHER, deed->part);
    if (deed->kind == DEED_VALIDATE)
        part->validated = true;
    if (deed->kind == DEED_DROP_CONSTRAINT)
        catalog_vanish(catalog, &part->state, deed, NULL);
    if (deed->kind != DEED_RENAME_CONSTRAINT)
        return;
    struct part old = *part, *new = add_part(catalog, thing, THING_OTHER, deed->other.name);
    *new = old;
    new->name = deed->other.name;
    catalog_vanish(catalog, &catalog_part(thing, THING_OTHER, deed->part)->state, deed, deed->other.name);
}

/* A trigger, rule or policy. */
void catalog_apply_to_part(struct catalog *catalog, const struct deed *deed)
{
    struct thing *table = catalog_need(catalog, deed);
    if (table == NULL)
        return;
    if (deed->kind == DEED_CREATE)
        catalog_appear(catalog, &add_part(catalog, table, deed->thing, deed->part)->state, deed);
    else if (deed->kind == DEED_DROP)
        catalog_vanish(catalog, &add_part(catalog, table, deed->thing, deed->part)->state, deed, NULL);
    else if (deed->kind == DEED_RENAME) {
        catalog_vanish(catalog, &add_part(catalog, table, deed->thing, deed->part)->state, deed, deed->other.name);
        catalog_appear(catalog, &add_part(catalog, table, deed->thing, deed->other.name)->state, deed);
    }
}
