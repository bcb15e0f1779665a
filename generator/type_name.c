/* type_name.c - types as the grammar has them, see deed_take.h */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "deed_take.h"

#include "nodes/value.h"

/* PostgreSQL's inner names, and what people write. */
static const char *const spoken[][2] = {{"int4", "integer"},          {"int8", "bigint"},     {"int2", "smallint"},
                                        {"float8", "double precision"}, {"float4", "real"},     {"bool", "boolean"},
                                        {"bpchar", "char"},           {"varbit", "bit varying"}};

static const char *spoken_name(const char *name)
{
    for (size_t i = 0; i < sizeof spoken / sizeof spoken[0]; i++)
        if (strcmp(spoken[i][0], name) == 0)
            return spoken[i][1];
    return name;
}

/* The parameter whose reference stands there; or NULL. */
static const stele_parameter *parameter_at(const struct taker *taker, int location)
{
    const struct references *references = &taker->migration->references;
    uint32_t at = taker->base + (uint32_t)location;
    for (size_t i = 0; i < references->count && location >= 0; i++)
        if (references->list[i].begin == at)
            return &taker->history->conf.parameters[references->list[i].parameter].table;
    return NULL;
}

/* One modifier that is a number, or stands for one. */
static bool take_modifier(struct taker *taker, struct type_name *type, const A_Const *modifier)
{
    if (type->modifier_count == 2 || !IsA(modifier, A_Const) || modifier->isnull || !IsA(&modifier->val, Integer))
        return false;
    const stele_parameter *parameter = parameter_at(taker, modifier->location);
    long value = modifier->val.ival.ival;
    if (parameter != NULL && parameter->given_at_run)
        type->parameter = parameter->name;
    else if (parameter != NULL && parameter->value != NULL)
        value = strtol(parameter->value, NULL, 10);
    type->modifiers[type->modifier_count++] = value;
    return true;
}

static void take_modifiers(struct taker *taker, struct type_name *type, const List *modifiers)
{
    ListCell *cell;
    type->has_modifiers = modifiers != NIL;
    foreach (cell, modifiers)
        if (!take_modifier(taker, type, lfirst(cell))) {
            type->modifier_count = 0;
            return;
        }
}

/* "numeric(10,2)[]" */
static const char *type_text(struct memory *memory, const struct type_name *type)
{
    bool own = type->name.schema != NULL && strcmp(type->name.schema, "pg_catalog") == 0;
    const char *text = own || type->name.schema == NULL ? spoken_name(type->name.name)
                                                        : memory_print(memory, "%s.%s", type->name.schema, type->name.name);
    bool implied = strcmp(text, "char") == 0 && type->modifier_count == 1 && type->modifiers[0] == 1;
    if (type->parameter != NULL)
        text = memory_print(memory, "%s(${%s})", text, type->parameter);
    else if (type->modifier_count == 1 && !implied)
        text = memory_print(memory, "%s(%ld)", text, type->modifiers[0]);
    else if (type->modifier_count == 2)
        text = memory_print(memory, "%s(%ld,%ld)", text, type->modifiers[0], type->modifiers[1]);
    return type->is_array ? memory_print(memory, "%s[]", text) : text;
}

const struct type_name *take_type(struct taker *taker, const TypeName *tree)
{
    if (tree == NULL)
        return NULL;
    struct type_name *type = memory_get(taker->memory, 1, sizeof *type);
    type->name = (struct object){taker_name(taker, tree_schema_name(tree->names)), taker_name(taker, tree_last_name(tree->names))};
    type->is_array = tree->arrayBounds != NIL;
    take_modifiers(taker, type, tree->typmods);
    type->text = type_text(taker->memory, type);
    return type;
}
