#include "schema.h"

#include "effect.h"
#include "literal.h"

#include <stdlib.h>
#include <string.h>

const char *schema_name(struct memory *memory, const struct thing *thing)
{
    bool plain = strcmp(thing->schema, "public") == 0 || strcmp(thing->schema, "?") == 0 || thing->schema[0] == '\0';
    return plain ? thing->name : memory_print(memory, "%s.%s", thing->schema, thing->name);
}

/* -------------------------------------------------------------- dimensions */

struct collector {
    struct schema *schema;
    const struct catalog *catalog;
    struct history *all;
    struct history *const *parts;
    size_t part_count;
};

/* A column of a domain has the domain's type. */
static const struct type_name *real_type(const struct catalog *catalog, const struct type_name *type)
{
    if (type == NULL || effect_is_vector(type))
        return type;
    const struct thing *domain = catalog_find(catalog, THING_TYPE, type->name);
    return catalog_is_present(domain) && domain->deed != NULL && domain->deed->type != NULL ? domain->deed->type : type;
}

/* What stele.conf calls it; or NULL. */
static const char *given_name(const struct collector *collector, const struct thing *table, const struct column *column)
{
    struct memory *memory = collector->all->memory;
    const char *full = memory_print(memory, "%s.%s.%s", table->schema, table->name, column->name);
    const char *bare = memory_print(memory, "%s.%s", table->name, column->name);
    for (size_t i = 0; i < collector->part_count; i++) {
        struct conf *conf = &collector->parts[i]->conf;
        for (size_t j = 0; j < conf->dimension_count; j++)
            if (strcmp(conf->dimensions[j].column, full) == 0 || strcmp(conf->dimensions[j].column, bare) == 0) {
                conf->dimensions[j].used = true;
                return conf->dimensions[j].name;
            }
    }
    return NULL;
}

static const char *macro_of(const struct collector *collector, const struct thing *table, const struct column *column)
{
    const char *given = given_name(collector, table, column);
    if (given != NULL)
        return given;
    stele_text text = {0};
    literal_name(&text, table->name);
    stele_text_string(&text, "_");
    literal_name(&text, column->name);
    return memory_take(collector->all->memory, &text);
}

static void take_column(struct collector *collector, const struct thing *table, const struct column *column)
{
    struct schema *schema = collector->schema;
    const struct type_name *type = real_type(collector->catalog, column->type);
    if (column->state.presence != PRESENCE_PRESENT || !effect_is_vector(type) || type->modifier_count != 1)
        return;
    schema->dimensions = memory_grow(collector->all->memory, schema->dimensions, schema->dimension_count,
                                     &schema->dimension_capacity, sizeof *schema->dimensions);
    schema->dimensions[schema->dimension_count++] =
        (struct dimension){macro_of(collector, table, column), table, column, type};
}

static void take_table(struct collector *collector, const struct thing *table)
{
    struct schema *schema = collector->schema;
    bool is_table = table->kind == THING_TABLE || table->kind == THING_FOREIGN_TABLE;
    if (!is_table || !catalog_is_present(table) || strcmp(table->schema, "pg_temp") == 0)
        return;
    for (size_t i = 0; i < table->column_count; i++)
        take_column(collector, table, &table->columns[i]);
    if (table->component == NULL)
        return;
    schema->tables = memory_grow(collector->all->memory, schema->tables, schema->table_count, &schema->table_capacity,
                                 sizeof *schema->tables);
    schema->tables[schema->table_count++] = table;
}

/* ------------------------------------------------------------- complaints */

static int by_macro(const void *a, const void *b)
{
    const struct dimension *p = a, *q = b;
    int order = strcmp(p->macro, q->macro);
    if (order == 0)
        order = strcmp(p->table->schema, q->table->schema);
    if (order == 0)
        order = strcmp(p->table->name, q->table->name);
    return order != 0 ? order : strcmp(p->column->name, q->column->name);
}

static int by_component(const void *a, const void *b)
{
    const struct thing *p = *(const struct thing *const *)a, *q = *(const struct thing *const *)b;
    int order = strcmp(p->component, q->component);
    if (order == 0)
        order = strcmp(p->schema, q->schema);
    return order != 0 ? order : strcmp(p->name, q->name);
}

static void refuse(const struct collector *collector, const struct dimension *a, const struct dimension *b)
{
    struct history *all = collector->all;
    const struct spot *spot = &b->column->state.made;
    const struct source *source =
        spot->migration != NULL ? &spot->migration->source : &collector->parts[0]->directory_source;
    diag_error(all->diag, source, spot->migration != NULL ? spot->offset : SOURCE_WHOLE,
               "\"%s.%s\" and \"%s.%s\" would both be STELE_DIM_%s", schema_name(all->memory, a->table), a->column->name,
               schema_name(all->memory, b->table), b->column->name, b->macro);
    diag_hint(all->diag, "name one of them in stele.conf: dimension %s.%s.%s NAME", b->table->schema, b->table->name,
              b->column->name);
}

static void check(const struct collector *collector)
{
    const struct schema *schema = collector->schema;
    for (size_t i = 1; i < schema->dimension_count; i++)
        if (strcmp(schema->dimensions[i - 1].macro, schema->dimensions[i].macro) == 0)
            refuse(collector, &schema->dimensions[i - 1], &schema->dimensions[i]);
    for (size_t i = 0; i < collector->part_count; i++) {
        const struct conf *conf = &collector->parts[i]->conf;
        for (size_t j = 0; j < conf->dimension_count; j++)
            if (!conf->dimensions[j].used)
                diag_warning(collector->all->diag, &conf->source, conf->dimensions[j].offset,
                             "no vector column \"%s\" of a known dimension", conf->dimensions[j].column);
    }
}

/* ------------------------------------------------------------------ public */

void schema_collect(struct schema *schema, const struct catalog *catalog, struct history *all, struct history *const *parts,
                    size_t part_count)
{
    struct collector collector = {schema, catalog, all, parts, part_count};
    for (const struct thing *thing = catalog->first; thing != NULL; thing = thing->next)
        take_table(&collector, thing);
    if (schema->dimension_count > 0)
        qsort(schema->dimensions, schema->dimension_count, sizeof *schema->dimensions, by_macro);
    if (schema->table_count > 0)
        qsort(schema->tables, schema->table_count, sizeof *schema->tables, by_component);
    check(&collector);
}
