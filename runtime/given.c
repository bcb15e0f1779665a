#include "given.h"

#include <string.h>

#include "error.h"

/* The value that counts; NULL for one that was fixed when the program was built, which is in the program. */
static const char *value_of(const stele *handle, const char *name)
{
    const stele_migrations *table = handle->table;
    for (size_t i = 0; i < table->parameter_count; i++)
        if (table->parameters[i].given_at_run && strcmp(table->parameters[i].name, name) == 0)
            return handle->values.values[i];
    return NULL;
}

/* Does some component have it? `in_force` has what each has, or NULL. False in *fine: no memory. */
static bool is_kept(const stele *handle, const char *const *in_force, const char *name, stele_arena *arena, bool *fine)
{
    const char *old = NULL;
    for (size_t c = 0; c < handle->table->component_count && old == NULL && *fine; c++)
        if (in_force[c] != NULL)
            *fine = stele_values_replaced(in_force[c], name, "", &old, arena) != NULL;
    return old != NULL;
}

stele_status stele_given_look(const stele *handle, const stele_head *heads, bool *kept, stele_arena *arena, stele_error *error)
{
    const stele_options *options = &handle->options;
    const char **in_force = stele_arena_get(arena, handle->table->component_count, sizeof *in_force);
    bool fine = in_force != NULL;
    for (size_t c = 0; c < handle->table->component_count && fine; c++)
        in_force[c] = heads[c].parameters;
    *kept = true;
    for (size_t i = 0; i < options->value_count && fine && *kept; i++)
        *kept = value_of(handle, options->values[i].name) == NULL || is_kept(handle, in_force, options->values[i].name, arena, &fine);
    return fine ? STELE_OK : stele_error_memory(error);
}

/* A row about the component, that gives it the value. False: no memory. */
static bool add_row(const stele *handle, const stele_survey *survey, stele_worklist *list, size_t component, const char *name, const char *value,
                    const char **in_force, stele_arena *arena)
{
    const char *old;
    stele_migration *about = stele_arena_get(arena, 1, sizeof *about);
    const char *json = stele_values_replaced(in_force[component], name, value, &old, arena);
    const char *note = stele_arena_print(arena, "parameter \"%s\" is \"%s\" from now on", name, value);
    if (about == NULL || json == NULL || note == NULL)
        return false;
    *about = (stele_migration){.component = handle->table->components[component], .version = "", .name = name, .directory = "", .file = "",
                               .source = "", .tokens = "", .state = "", .text = ""};
    list->actions[list->count++] = (stele_action){.deed = "set", .migration = about, .place = survey->count, .reason = "given to up", .note = note,
                                                  .parameters = json};
    in_force[component] = json;
    return true;
}

stele_status stele_given_plan(const stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena, stele_error *error)
{
    const stele_options *options = &handle->options;
    size_t count = handle->table->component_count;
    bool any = false, fine = true;
    if (list->count > 0 || options->value_count == 0)
        return STELE_OK;
    const char **in_force = stele_arena_get(arena, count, sizeof *in_force);
    list->actions = stele_arena_get(arena, count * options->value_count, sizeof *list->actions);
    if (in_force == NULL || list->actions == NULL)
        return stele_error_memory(error);
    for (size_t c = 0; c < count; c++) {
        in_force[c] = survey->last[c] == NULL ? NULL : survey->last[c]->row.parameters;
        any = any || survey->last[c] != NULL;
    }
    for (size_t i = 0; i < options->value_count && fine; i++) {
        const char *name = options->values[i].name, *value = value_of(handle, name);
        bool kept = value == NULL || is_kept(handle, in_force, name, arena, &fine);
        for (size_t c = 0; c < count && fine && !kept; c++)
            if (survey->last[c] != NULL || !any)
                fine = add_row(handle, survey, list, c, name, value, in_force, arena);
    }
    return fine ? STELE_OK : stele_error_memory(error);
}
