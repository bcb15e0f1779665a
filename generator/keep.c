#include "keep.h"

#include "uses.h"

#include <string.h>

/*
 * One walk serves both directions, so that they can't drift apart: each function passes a value, out of the migration into the
 * record, or back.
 */
struct pass {
    struct memory *memory;
    struct pool *pool;
    stele_text *record;     /* that is written; NULL when reading */
    const char *at, *end;   /* of the record that is read */
    bool failed;
};

/* ------------------------------------------------------------------ values */

static void pass_bytes(struct pass *pass, void *bytes, size_t size)
{
    if (pass->record != NULL) {
        stele_text_bytes(pass->record, bytes, size);
    } else if ((size_t)(pass->end - pass->at) < size) {
        pass->failed = true;
        memset(bytes, 0, size);
        pass->at = pass->end;
    } else {
        memcpy(bytes, pass->at, size);
        pass->at += size;
    }
}

#define PASS(pass, value) pass_bytes(pass, &(value), sizeof(value))

static void pass_string(struct pass *pass, const char **string)
{
    uint32_t size = pass->record == NULL || *string == NULL ? 0 : (uint32_t)strlen(*string) + 1;
    PASS(pass, size);
    if (pass->record != NULL) {
        stele_text_bytes(pass->record, size == 0 ? "" : *string, size);
        return;
    }
    *string = NULL;
    if (size == 0)
        return;
    if ((size_t)(pass->end - pass->at) < size || pass->at[size - 1] != '\0') {
        pass->failed = true;
        return;
    }
    *string = pool_string(pass->pool, pass->at, size);
    pass->at += size;
}

/* The number of elements, and when reading room for them. No element is smaller than a byte of the record, so a wrong number is found out. */
static void *pass_list(struct pass *pass, void *list, size_t *count, size_t size)
{
    uint32_t number = (uint32_t)*count;
    PASS(pass, number);
    if (pass->record != NULL)
        return list;
    if (number > (size_t)(pass->end - pass->at)) {
        pass->failed = true;
        number = 0;
    }
    *count = number;
    return number == 0 ? NULL : memory_get(pass->memory, number, size);
}

#define PASS_LIST(pass, list, count, each)                                    \
    do {                                                                      \
        (list) = pass_list(pass, list, &(count), sizeof *(list));             \
        for (size_t index = 0; index < (count) && !(pass)->failed; index++)   \
            each(pass, &(list)[index]);                                       \
    } while (0)

/* A list without an address in it goes over as it lies. */
#define PASS_PLAIN(pass, list, count)                             \
    do {                                                          \
        (list) = pass_list(pass, list, &(count), sizeof *(list)); \
        if ((count) > 0)                                          \
            pass_bytes(pass, list, (count) * sizeof *(list));     \
    } while (0)

static void pass_names(struct pass *pass, const char ***names, size_t *count)
{
    *names = pass_list(pass, *names, count, sizeof **names);
    for (size_t i = 0; i < *count && !pass->failed; i++)
        pass_string(pass, &(*names)[i]);
}

/* ------------------------------------------------------------------- parts */

static void pass_statement(struct pass *pass, struct statement *statement)
{
    PASS(pass, statement->table);
    PASS(pass, statement->terminator);
    PASS(pass, statement->part);
    PASS(pass, statement->first_deed);
    PASS(pass, statement->deed_count);
    PASS(pass, statement->first_expectation);
    PASS(pass, statement->expectation_count);
    PASS(pass, statement->facts.adds_value);
    pass_string(pass, &statement->facts.alone);
}

static void pass_step(struct pass *pass, stele_step *step)
{
    PASS(pass, step->first);
    PASS(pass, step->count);
    PASS(pass, step->alone);
    pass_string(pass, &step->modes);
    PASS(pass, step->probe.kind);
    PASS(pass, step->probe.lenient);
    PASS(pass, step->probe.on_parameter);
    PASS(pass, step->probe.name_parameter);
    pass_string(pass, &step->probe.on);
    pass_string(pass, &step->probe.name);
}

static void pass_part(struct pass *pass, stele_part *part)
{
    PASS(pass, part->begin);
    PASS(pass, part->end);
    PASS(pass, part->first_step);
    PASS(pass, part->step_count);
    pass_string(pass, &part->file);
}

static void pass_need(struct pass *pass, stele_need *need)
{
    pass_string(pass, &need->name);
    pass_string(pass, &need->minimum);
    PASS(pass, need->line);
}

static void pass_dependency(struct pass *pass, struct dependency *after)
{
    pass_string(pass, &after->component);
    pass_string(pass, &after->version);
    pass_string(pass, &after->change);
    PASS(pass, after->offset);
}

static void pass_outside(struct pass *pass, struct outside *outside)
{
    pass_string(pass, &outside->name);
    PASS(pass, outside->offset);
}

static void pass_loss(struct pass *pass, stele_loss *loss)
{
    PASS(pass, loss->kind);
    pass_string(pass, &loss->relation);
    pass_string(pass, &loss->column);
    PASS(pass, loss->begin);
}

/* ------------------------------------------------------------------- deeds */

static void pass_object(struct pass *pass, struct object *object)
{
    pass_string(pass, &object->schema);
    pass_string(pass, &object->name);
}

static void pass_type(struct pass *pass, const struct type_name **where)
{
    bool there = *where != NULL;
    PASS(pass, there);
    if (!there || pass->failed)
        return;
    struct type_name type = {0};
    if (pass->record != NULL)
        type = **where;
    pass_object(pass, &type.name);
    pass_string(pass, &type.text);
    PASS(pass, type.modifiers);
    PASS(pass, type.modifier_count);
    PASS(pass, type.has_modifiers);
    PASS(pass, type.is_array);
    pass_string(pass, &type.parameter);
    if (pass->record != NULL)
        return;
    *where = pass->failed ? NULL : pool_type(pass->pool, &type);
}

static void pass_deed(struct pass *pass, struct deed *deed)
{
    PASS(pass, deed->kind);
    PASS(pass, deed->thing);
    PASS(pass, deed->constraint);
    PASS(pass, deed->lock);
    PASS(pass, deed->flags);
    PASS(pass, deed->offset);
    pass_object(pass, &deed->on);
    pass_object(pass, &deed->other);
    pass_string(pass, &deed->part);
    pass_type(pass, &deed->type);
    const char **columns = (const char **)(uintptr_t)deed->columns;
    size_t count = deed->column_count;
    pass_names(pass, &columns, &count);
    deed->columns = columns;
    deed->column_count = (uint32_t)count;
    const char **fixed = (const char **)(uintptr_t)deed->fixed;
    count = deed->fixed_count;
    pass_names(pass, &fixed, &count);
    deed->fixed = fixed;
    deed->fixed_count = (uint32_t)count;
    pass_string(pass, &deed->calls);
    pass_string(pass, &deed->words);
}

static void pass_expectation(struct pass *pass, stele_expectation *expectation)
{
    stele_expectation plain = *expectation;
    plain.what = NULL; /* an address, where all else is numbers */
    PASS(pass, plain);
    if (pass->record == NULL)
        *expectation = plain;
    pass_string(pass, &expectation->what);
}

static void pass_demand(struct pass *pass, struct demand *demand)
{
    PASS(pass, demand->kind);
    PASS(pass, demand->part);
    PASS(pass, demand->begin);
    pass_string(pass, &demand->schema);
    pass_string(pass, &demand->name);
}

static void pass_use(struct pass *pass, struct use *use)
{
    PASS(pass, use->how);
    PASS(pass, use->kind);
    PASS(pass, use->part);
    pass_string(pass, &use->schema);
    pass_string(pass, &use->name);
    PASS(pass, use->least);
    PASS(pass, use->most);
    PASS(pass, use->offset);
}

/* --------------------------------------------------------------- the whole */

static void pass_directives(struct pass *pass, struct migration *migration)
{
    const char **const strings[] = {&migration->own_component, &migration->one_way,  &migration->contract,
                                    &migration->expand,        &migration->lock_timeout, &migration->statement_timeout,
                                    &migration->squashes,      &migration->squashes_state, &migration->squashes_release};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        pass_string(pass, strings[i]);
    PASS(pass, migration->squashes_at);
    PASS(pass, migration->no_transaction);
    PASS(pass, migration->allows_use);
    PASS_LIST(pass, migration->needs, migration->need_count, pass_need);
    PASS_LIST(pass, migration->after, migration->after_count, pass_dependency);
    PASS_LIST(pass, migration->outsides, migration->outside_count, pass_outside);
    pass_names(pass, &migration->allows, &migration->allow_count);
    pass_names(pass, &migration->procedures, &migration->procedure_count);
}

static void pass_migration(struct pass *pass, struct migration *migration)
{
    PASS(pass, migration->source_sum);
    PASS(pass, migration->tokens_sum);
    for (size_t i = 0; i < PART_COUNT; i++)
        pass_part(pass, &migration->parts[i]);
    PASS(pass, migration->has_part);
    PASS(pass, migration->flags);
    pass_directives(pass, migration);
    PASS_LIST(pass, migration->statements, migration->statement_count, pass_statement);
    PASS_PLAIN(pass, migration->references.list, migration->references.count);
    PASS_LIST(pass, migration->steps, migration->step_count, pass_step);
    PASS_LIST(pass, migration->losses, migration->loss_count, pass_loss);
    PASS_LIST(pass, migration->deeds, migration->deed_count, pass_deed);
    PASS_LIST(pass, migration->expectations, migration->expectation_count, pass_expectation);
    PASS_LIST(pass, migration->demands, migration->demand_count, pass_demand);
    PASS_LIST(pass, migration->uses, migration->use_count, pass_use);
}

/* ------------------------------------------------------------------ public */

void keep_write(stele_text *record, const struct migration *migration)
{
    struct migration copy = *migration; /* which the walk could write to, though it doesn't in this direction */
    struct pass pass = {.record = record};
    pass_migration(&pass, &copy);
}

bool keep_read(struct pool *pool, struct migration *migration, const char *record, size_t length)
{
    struct pass pass = {.memory = pool->memory, .pool = pool, .at = record, .end = record + length};
    struct migration before = *migration;
    pass_migration(&pass, migration);
    if (pass.failed || pass.at != pass.end) {
        *migration = before;
        return false;
    }
    for (size_t i = 0; i < migration->use_count; i++)
        migration->uses[i].migration = migration;
    migration->blanks = NULL; /* what only reading needs */
    migration->made = migration->given = NULL;
    migration->blank_count = migration->made_count = migration->given_count = 0;
    migration->written = migration->statements;
    migration->written_count = migration->statement_count;
    return true;
}
