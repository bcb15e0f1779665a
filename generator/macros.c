#include "macros.h"

#include "literal.h"

#include <stdlib.h>
#include <string.h>

typedef enum macro_kind { MACRO_MIGRATION, MACRO_DIMENSION, MACRO_HEAD, MACRO_PARAMETER, MACRO_TABLES } macro_kind;

struct macro {
    macro_kind kind;
    const char *name; /* behind STELE_ */
    const struct migration *migration; /* of a migration */
};

struct macros {
    struct memory *memory;
    struct macro *list;
    size_t count, capacity;
};

static void add(struct macros *macros, macro_kind kind, const char *name, const struct migration *migration)
{
    macros->list = memory_grow(macros->memory, macros->list, macros->count, &macros->capacity, sizeof *macros->list);
    macros->list[macros->count++] = (struct macro){kind, name, migration};
}

/* As put_migration of header.c writes it. */
static const char *name_of(struct memory *memory, const struct migration *migration)
{
    stele_text text = {0};
    stele_text_print(&text, "%s_", migration->component);
    literal_name(&text, migration->version);
    return memory_take(memory, &text);
}

static void collect(struct macros *macros, const struct history *all, const struct schema *schema)
{
    for (size_t i = 0; i < all->count; i++) {
        const char *component = all->migrations[i]->component;
        add(macros, MACRO_MIGRATION, name_of(macros->memory, all->migrations[i]), all->migrations[i]);
        if (i == 0 || strcmp(component, all->migrations[i - 1]->component) != 0)
            add(macros, MACRO_HEAD, memory_print(macros->memory, "HEAD_%s", component), NULL);
    }
    for (size_t i = 0; i < schema->dimension_count; i++)
        add(macros, MACRO_DIMENSION, memory_print(macros->memory, "DIM_%s", schema->dimensions[i].macro), NULL);
    for (size_t i = 0; i < all->conf.parameter_count; i++)
        if (!all->conf.parameters[i].table.given_at_run)
            add(macros, MACRO_PARAMETER, memory_print(macros->memory, "PARAM_%s", all->conf.parameters[i].table.name), NULL);
    for (size_t i = 0; i < schema->table_count; i++)
        add(macros, MACRO_TABLES, memory_print(macros->memory, "TABLES_%s", schema->tables[i]->component), NULL);
}

static int by_name(const void *a, const void *b)
{
    const struct macro *p = a, *q = b;
    int order = strcmp(p->name, q->name);
    return order != 0 ? order : (int)p->kind - (int)q->kind;
}

static void refuse(struct diag *diag, const struct macro *macro, macro_kind other)
{
    static const char *const whats[] = {"", "a dimension", "a component's head", "a parameter", "a component's tables"};
    diag_error(diag, &macro->migration->source, SOURCE_WHOLE, "\"STELE_%s\" would stand for %s as well", macro->name, whats[other]);
    if (other == MACRO_DIMENSION)
        diag_hint(diag, "name the dimension in stele.conf: dimension TABLE.COLUMN NAME");
    else if (other == MACRO_PARAMETER)
        diag_hint(diag, "give the parameter another name");
    else
        diag_hint(diag, "give one of them another component");
}

void macros_check(const struct history *all, const struct schema *schema)
{
    struct macros macros = {.memory = all->memory};
    collect(&macros, all, schema);
    if (macros.count > 0)
        qsort(macros.list, macros.count, sizeof *macros.list, by_name);
    for (size_t i = 1; i < macros.count; i++) {
        const struct macro *a = &macros.list[i - 1], *b = &macros.list[i];
        if (a->kind == MACRO_MIGRATION && b->kind != MACRO_MIGRATION && strcmp(a->name, b->name) == 0)
            refuse(all->diag, a, b->kind);
    }
}
