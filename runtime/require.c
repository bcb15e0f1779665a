#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carry.h"
#include "compat.h"
#include "error.h"
#include "lua_run.h"
#include "script.h"

static size_t line_begin(const stele_migration *migration, uint32_t number)
{
    size_t offset = 0;
    for (uint32_t line = 1; line < number && offset < migration->length; offset++)
        line += migration->text[offset] == '\n';
    return offset;
}

/* "0.8.0" is at least "0.5"? */
static bool is_at_least(const char *version, const char *minimum)
{
    return minimum == NULL || stele_version_compare(version, minimum) >= 0;
}

static stele_status unmet(const stele_migration *migration, const stele_need *need,
                          const char *found, stele_error *error)
{
    stele_error_file(error, migration);
    stele_error_place(error, migration, line_begin(migration, need->line));
    return stele_error_set(error, STELE_UNMET, "\"%s\" needs %s%s%s; the server has %s", migration->file, need->name,
                           need->minimum == NULL ? "" : " >= ", need->minimum == NULL ? "" : need->minimum, found);
}

/* An extension counts in the version that is installed, or would be. */
static stele_status check_extension(stele *handle, const stele_migration *migration, const stele_need *need,
                                    stele_error *error)
{
    const char *values[] = {need->name};
    stele_rows *rows;
    stele_status status = stele_link_query(&handle->link,
                                           "SELECT coalesce(installed_version, default_version)"
                                           " FROM pg_catalog.pg_available_extensions WHERE name OPERATOR(pg_catalog.=) $1",
                                           1, values, &rows, error);
    if (status != STELE_OK)
        return status;
    const char *version = stele_rows_count(rows) == 0 ? NULL : stele_rows_text(rows, 0, 0);
    if (version == NULL) {
        status = unmet(migration, need, "no such extension", error);
        stele_error_hint(error, "install the extension's package on the database's host");
    } else if (!is_at_least(version, need->minimum)) {
        status = unmet(migration, need, version, error);
    }
    stele_rows_free(rows);
    return status;
}

static stele_status check_needs(stele *handle, const stele_migration *migration, stele_error *error)
{
    stele_status status = STELE_OK;
    for (uint32_t i = 0; i < migration->need_count && status == STELE_OK; i++) {
        const stele_need *need = &migration->needs[i];
        char server[32];
        int version = stele_link_version(&handle->link);
        snprintf(server, sizeof server, "%d.%d", version / 10000, version % 10000);
        if (strcmp(need->name, "server") != 0)
            status = check_extension(handle, migration, need, error);
        else if (!is_at_least(server, need->minimum))
            status = unmet(migration, need, server, error);
    }
    return status;
}

stele_status stele_survey_values(stele *handle, const stele_survey *survey, stele_error *error)
{
    size_t count = handle->table->component_count;
    const char **in_force = stele_arena_get(&handle->arena, count, sizeof *in_force);
    if (in_force == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < count; i++)
        in_force[i] = survey->last[i] == NULL ? NULL : survey->last[i]->row.parameters;
    return stele_values_agree(&handle->values, handle->table, in_force, &handle->arena, error);
}

/* ------------------------------------------------------------- dependencies */

/* Is a version of another component's history in, by the rows of the ledger, oldest first; or one that stands for it and others? */
static bool rows_have(const stele_rows *rows, const char *version)
{
    bool in = false;
    const char *standing = NULL; /* the version of one that stands for it */
    stele_squash squash;
    for (int i = 0; i < stele_rows_count(rows); i++) {
        const char *step = stele_rows_text(rows, i, 2);
        stele_turn effect = stele_turn_of(stele_rows_text(rows, i, 1), step == NULL ? 0 : (int)strtol(step, NULL, 10));
        const char *about = stele_rows_text(rows, i, 0);
        if (stele_compat_squash(stele_rows_text(rows, i, 3), &squash) && stele_version_compare(version, squash.version) <= 0)
            standing = about;
        if ((standing == NULL || strcmp(about, standing) != 0) && stele_version_compare(about, version) != 0)
            continue;
        in = effect == STELE_PUTS_IN || (in && effect != STELE_TAKES_OUT && effect != STELE_TOWARDS_OUT);
    }
    return in;
}

/* The program doesn't carry that component: only its rows tell. */
static stele_status ask_ledger(stele *handle, const stele_dependency *after, bool exists, bool *in, stele_error *error)
{
    stele_arena arena = {0};
    stele_rows *rows = NULL;
    const char *values[] = {after->component};
    *in = false;
    if (!exists)
        return STELE_OK;
    const char *sql = stele_arena_print(&arena, "SELECT version, action, step, compat FROM %s.ledger WHERE component OPERATOR(pg_catalog.=) $1 ORDER BY seq",
                                        handle->schema);
    stele_status status = sql == NULL ? stele_error_memory(error) : stele_link_query(&handle->link, sql, 1, values, &rows, error);
    if (status == STELE_OK)
        *in = rows_have(rows, after->version);
    stele_rows_free(rows);
    stele_arena_free(&arena);
    return status;
}

bool stele_is_met(const stele_survey *survey, const stele_worklist *list, size_t before, const stele_dependency *after)
{
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        const stele_row *row = place->entry == NULL ? NULL : &place->entry->row;
        if (place->covered != NULL && strcmp(place->migration->component, after->component) == 0 &&
            stele_version_compare(place->migration->version, after->version) == 0)
            return true;
        if (place->in && strcmp(row->component, after->component) == 0 &&
            stele_version_compare(row->version, after->version) == 0)
            return true;
    }
    for (size_t i = 0; i < before; i++)
        if (strcmp(list->actions[i].deed, "apply") == 0 && strcmp(list->actions[i].migration->component, after->component) == 0 &&
            stele_version_compare(list->actions[i].migration->version, after->version) == 0)
            return true;
    return false;
}

static stele_status check_after(stele *handle, const stele_survey *survey, const stele_worklist *list, size_t at, bool exists,
                                stele_error *error)
{
    const stele_migration *migration = list->actions[at].migration;
    for (uint32_t i = 0; i < migration->dependency_count; i++) {
        const stele_dependency *after = &migration->after[i];
        bool met = stele_is_met(survey, list, at, after);
        stele_status status = STELE_OK;
        if (!met && stele_component_index(handle->table, after->component) == handle->table->component_count)
            status = ask_ledger(handle, after, exists, &met, error);
        if (status != STELE_OK)
            return status;
        if (met)
            continue;
        stele_error_file(error, migration);
        stele_error_place(error, migration, line_begin(migration, after->line));
        stele_error_set(error, STELE_UNMET, "\"%s\" comes after %s/%s, which is not applied", migration->file, after->component,
                        after->version);
        stele_error_hint(error, "apply that first, with the program that carries component \"%s\"", after->component);
        return STELE_UNMET;
    }
    return STELE_OK;
}

/* One that needs Lua, in a program that was built without it: running it would say so too, but only in the middle. */
static stele_status check_lua(const stele_migration *migration, stele_error *error)
{
    return migration->lua && !stele_lua_is_there() ? stele_lua_run(NULL, migration, "up", NULL, error) : STELE_OK;
}

/* Its row has the down script, with every parameter in place. */
static bool keeps_script(const stele_action *action)
{
    return stele_turn_of(action->deed, (int)action->step) == STELE_PUTS_IN && stele_script_exists(action->migration);
}

stele_status stele_list_check(stele *handle, const stele_ledger *ledger, const stele_survey *survey, const stele_worklist *list,
                              stele_error *error)
{
    stele_status status = stele_survey_values(handle, survey, error);
    for (size_t i = 0; i < list->count && status == STELE_OK; i++) {
        const stele_action *action = &list->actions[i];
        if (action->part == NULL && !keeps_script(action))
            continue;
        status = stele_values_suffice(&handle->values, handle->table, action->migration, error);
        if (status == STELE_OK && action->part != NULL)
            status = check_lua(action->migration, error);
        if (status == STELE_OK && action->part != NULL)
            status = check_needs(handle, action->migration, error);
        if (status == STELE_OK && action->part == &action->migration->up)
            status = check_after(handle, survey, list, i, ledger->exists, error);
    }
    return status;
}
