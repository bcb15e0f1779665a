#include "back.h"

#include <stdio.h>
#include <string.h>

#include "carry.h"
#include "error.h"
#include "offline.h"
#include "rights.h"
#include "script.h"

/* -------------------------------------------------------------------- checking */

/* Is anything of it in, that this way leaves there? */
static bool stays(const stele_way *way, const stele_place *place)
{
    return place->covered != NULL ||
           (place->entry != NULL && (place->in || place->standing != STELE_WAITING) &&
            stele_way_choice(way, place->entry->row.component, place->entry->row.version) == NULL);
}

/* No migration of another component that stays may come after it. */
static stele_status check_followers(const stele_way *way, const stele_survey *survey, const stele_choice *choice, const char *file,
                                    stele_error *error)
{
    for (size_t i = 0; i < survey->known; i++) {
        const stele_migration *migration = survey->places[i].migration;
        for (uint32_t j = 0; j < migration->dependency_count && stays(way, &survey->places[i]); j++) {
            if (strcmp(migration->after[j].component, choice->component) != 0 ||
                stele_version_compare(migration->after[j].version, choice->version) != 0)
                continue;
            stele_error_set(error, STELE_UNMET, "\"%s\" can't be taken back: \"%s\" of component \"%s\" comes after it, and is applied",
                            file, migration->file, migration->component);
            stele_error_hint(error, "take that back first: down --component %s", migration->component);
            return STELE_UNMET;
        }
    }
    return STELE_OK;
}

stele_status stele_one_way_error(const stele_migration *migration, stele_error *error)
{
    stele_error_file(error, migration);
    if (migration->one_way != NULL) {
        stele_error_set(error, STELE_UNMET, "\"%s\" has no way back: %s", migration->file, migration->one_way);
        stele_error_hint(error, "nothing was taken back; write a new migration instead");
    } else {
        stele_error_set(error, STELE_UNMET, "\"%s\" has no way back: it has no down section", migration->file);
        stele_error_hint(error, "nothing was taken back; write a new migration instead");
    }
    return STELE_UNMET;
}

/*
 * A migration made of the script that the ledger keeps. The row that put it in has the script's digest, and the chain covers that:
 * so the script is held against it first.
 */
static stele_status read_script(stele *handle, const stele_entry *entry, const stele_migration **migration, stele_arena *arena,
                                stele_error *error)
{
    char seq[24];
    stele_rows *rows = NULL;
    snprintf(seq, sizeof seq, "%lld", (long long)entry->row.seq);
    const char *values[] = {entry->row.component, seq};
    const char *sql = stele_arena_print(arena, "SELECT down, pg_catalog.sha256(pg_catalog.convert_to(down, 'UTF8')) IS NOT DISTINCT FROM"
                                               " down_sha256 FROM %s.ledger WHERE component OPERATOR(pg_catalog.=) $1 AND seq"
                                               " OPERATOR(pg_catalog.=) $2::pg_catalog.int8",
                                        handle->schema);
    stele_migration *made = stele_migration_of(entry, arena);
    stele_status status = sql == NULL || made == NULL ? stele_error_memory(error)
                                                      : stele_link_query(&handle->link, sql, 2, values, &rows, error);
    *migration = made;
    if (status == STELE_OK && (stele_rows_count(rows) != 1 || !stele_rows_true(rows, 0, 1))) {
        status = stele_error_set(error, STELE_TAMPERED, "the ledger was changed: the down script of \"%s\" is not what was written",
                                 entry->row.file);
        stele_error_hint(error, "nothing was taken back; run audit to see everything that is wrong");
    } else if (status == STELE_OK && stele_rows_text(rows, 0, 0) != NULL) {
        const char *script = stele_arena_copy(arena, stele_rows_text(rows, 0, 0), strlen(stele_rows_text(rows, 0, 0)));
        made->directory = "ledger";
        status = script == NULL ? stele_error_memory(error) : stele_script_read(made, script, arena, error);
    }
    stele_rows_free(rows);
    return status;
}

/* It was recorded in the place of others: its down section would take away what they made, by other statements than theirs. */
static stele_status not_run_error(const stele_place *place, stele_error *error)
{
    const stele_row *row = &place->put->row;
    if (error != NULL)
        stele_error_copy(error->file, sizeof error->file, row->file);
    stele_error_set(error, STELE_UNMET, "\"%s\" has no way back: %s", row->file, row->one_way == NULL ? "it was not run" : row->one_way);
    stele_error_hint(error, "nothing was taken back; what is older than a file that stands for it stays");
    return STELE_UNMET;
}

/* The migration as it will be run: the program's, where that is what was applied, or the ledger's. */
static stele_status find_migration(const stele_way *way, stele *handle, const stele_place *place, const stele_migration **migration,
                                   stele_arena *arena, stele_error *error)
{
    bool same = place->standing == STELE_APPLIED || place->standing == STELE_INTERRUPTED;
    stele_status status = STELE_OK;
    *migration = place->migration;
    if (place->put != NULL && stele_row_replaces(place->put->row.action))
        return not_run_error(place, error);
    if (!same && way->asked->from_ledger && !way->again) {
        status = read_script(handle, place->put, migration, arena, error);
    } else if (place->migration == NULL) {
        status = stele_unknown_error(handle->table, place, error);
        stele_error_hint(error, "%s", way->again ? "only a program that has it can apply it again"
                                                 : "take it back by the script that the ledger keeps, with --from-ledger; or run a program that has it");
    } else if (!same) {
        status = stele_place_error(place, error);
    }
    return status != STELE_OK || stele_script_exists(*migration) ? status : stele_one_way_error(*migration, error);
}

/* --------------------------------------------------------------------- the list */

static const stele_place *find_place(const stele_survey *survey, const stele_choice *choice)
{
    for (size_t i = 0; i < survey->count; i++) {
        const stele_row *row = survey->places[i].entry == NULL ? NULL : &survey->places[i].entry->row;
        if (row != NULL && strcmp(row->component, choice->component) == 0 && strcmp(row->version, choice->version) == 0)
            return &survey->places[i];
    }
    return NULL;
}

static stele_status add_reversal(const stele_way *way, stele *handle, const stele_survey *survey, const stele_place *place,
                                 const stele_choice *choice, stele_worklist *list, stele_arena *arena, stele_error *error)
{
    const stele_migration *migration = NULL;
    stele_status status = check_followers(way, survey, choice, place->entry->row.file, error);
    if (status == STELE_OK)
        status = find_migration(way, handle, place, &migration, arena, error);
    if (status != STELE_OK)
        return status;
    list->actions[list->count++] = (stele_action){.deed = "revert",
                                                  .migration = migration,
                                                  .part = &migration->down,
                                                  .place = (size_t)(place - survey->places),
                                                  .first_step = place->back ? place->steps_done : 0,
                                                  .begun = place->back && place->begun,
                                                  .in_doubt = place->back && place->in_doubt,
                                                  .first_begin = place->first_begin,
                                                  .last_begin = place->last_begin};
    return STELE_OK;
}

/* Whether something else of the component is to be applied first: then the repeatable ones wait for up. */
static bool waits_for_more(const stele_way *way, const stele_survey *survey, const char *component)
{
    for (size_t i = 0; i < survey->known; i++) {
        const stele_place *place = &survey->places[i];
        if (!place->in && !place->migration->repeatable && strcmp(place->migration->component, component) == 0 &&
            stele_way_choice(way, component, place->migration->version) == NULL)
            return true;
    }
    return false;
}

/* Is it to be applied again? One that was put in anew since the first look, by us or by others, is done already. */
static bool comes_again(const stele_way *way, const stele_survey *survey, const stele_place *place, bool reverts)
{
    const stele_migration *migration = place->migration;
    if (migration->repeatable)
        return way->count > 0 && strcmp(migration->component, way->choices[0].component) == 0 &&
               (reverts || place->standing == STELE_WAITING) && !waits_for_more(way, survey, migration->component);
    const stele_choice *choice = stele_way_choice(way, migration->component, migration->version);
    return choice != NULL && (!place->in || place->since == choice->since);
}

/* The same again, in the order of the table, and the repeatable ones behind them: a revert takes these out, too. */
static void add_again(const stele_way *way, const stele_survey *survey, stele_worklist *list)
{
    bool reverts = list->count > 0;
    for (size_t i = 0; i < survey->known; i++) {
        const stele_place *place = &survey->places[i];
        bool towards = place->standing == STELE_INTERRUPTED && !place->back;
        if (comes_again(way, survey, place, reverts))
            list->actions[list->count++] = (stele_action){.deed = "apply",
                                                          .migration = place->migration,
                                                          .part = &place->migration->up,
                                                          .place = i,
                                                          .first_step = towards ? place->steps_done : 0,
                                                          .begun = towards && place->begun,
                                                          .in_doubt = towards && place->in_doubt,
                                                          .first_begin = place->first_begin,
                                                          .last_begin = place->last_begin};
    }
}

/* ------------------------------------------------------------------- destruction */

/* Show what goes, once, with what that destroys; then refuse what was not allowed. `*stop` when the caller wants no more. */
static stele_status weigh(stele_way *way, stele *handle, const stele_survey *survey, const stele_worklist *list, bool *stop,
                          stele_arena *arena, stele_error *error)
{
    stele_status status = STELE_OK;
    stele_error refusal = {0};
    bool shows = way->show != NULL && !way->shown;
    for (size_t i = 0; i < list->count && status == STELE_OK && !*stop; i++) {
        const stele_action *action = &list->actions[i];
        const stele_place *place = &survey->places[action->place];
        stele_row_texts texts;
        stele_row row = stele_entry_row(place->put, &texts);
        stele_casualty *casualties = NULL;
        stele_reversal reversal = {.migration = action->migration, .row = &row, .from_ledger = action->migration != place->migration};
        if (shows || !way->asked->allow_destructive)
            status = stele_casualties_count(handle, action->migration, &casualties, &reversal.casualty_count, arena, error);
        reversal.casualties = casualties;
        *stop = status == STELE_OK && shows && way->show(way->data, &reversal) != 0;
        if (status == STELE_OK && reversal.casualty_count > 0 && refusal.status == STELE_OK)
            stele_casualties_refuse(&reversal, &refusal);
    }
    way->shown = true;
    if (status == STELE_OK && !*stop && !way->look && !way->asked->allow_destructive && refusal.status != STELE_OK) {
        status = refusal.status;
        if (error != NULL)
            *error = refusal;
    }
    return status;
}

/* Another process may have applied something behind what was chosen: that can't be taken away under it. */
static stele_status check_younger(const stele_way *way, const stele_survey *survey, stele_error *error)
{
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        if (!stele_goes_back(place) || place->since <= way->youngest ||
            strcmp(place->entry->row.component, way->choices[0].component) != 0)
            continue;
        stele_error_set(error, STELE_FAILED, "another process applied \"%s\" meanwhile, behind what was to be taken back", place->entry->row.file);
        stele_error_hint(error, "look at status, and run it again");
        return STELE_FAILED;
    }
    return STELE_OK;
}

/* Or it may have taken back what comes before: then what was taken back here has nothing to stand on any more. */
static stele_status check_ground(const stele_way *way, const stele_survey *survey, stele_error *error)
{
    if (!way->again || stele_way_gaps(way, survey) <= way->gaps)
        return STELE_OK;
    stele_error_set(error, STELE_FAILED, "another process took something back meanwhile that comes before what was to be applied again");
    stele_error_hint(error, "look at status, and run up");
    return STELE_FAILED;
}

/* What is to be taken back, of what was chosen. */
static stele_status list_back(stele_way *way, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                              stele_error *error)
{
    stele_status status = way->chosen ? STELE_OK : stele_way_choose(way, handle->table, survey, error);
    *list = (stele_worklist){.actions = stele_arena_get(arena, way->count + survey->count, sizeof *list->actions)};
    if (list->actions == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < way->count && status == STELE_OK; i++) {
        const stele_place *place = find_place(survey, &way->choices[i]);
        if (place != NULL && stele_goes_back(place) && place->since == way->choices[i].since)
            status = add_reversal(way, handle, survey, place, &way->choices[i], list, arena, error);
    }
    return status == STELE_OK && list->count > 0 ? check_younger(way, survey, error) : status;
}

static stele_status plan_back(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                              stele_error *error)
{
    stele_way *way = data;
    bool stop = false;
    stele_status status = list_back(way, handle, survey, list, arena, error);
    if (status == STELE_OK)
        status = check_ground(way, survey, error);
    if (status == STELE_OK)
        status = weigh(way, handle, survey, list, &stop, arena, error);
    if (stop)
        list->count = way->count = 0;
    else if (status == STELE_OK && way->again)
        add_again(way, survey, list);
    return status;
}

/* ----------------------------------------------------------------------- public */

static stele_status go_back(stele *handle, const stele_way_back *asked, bool again, stele_result *result, stele_error *error)
{
    static const stele_way_back last = {0};
    stele_way way = {.asked = asked == NULL ? &last : asked, .again = again};
    const stele_errand errand = {.plan = plan_back, .data = &way};
    stele_result unused;
    way.show = way.asked->show;
    way.data = way.asked->data;
    stele_error_clear(error);
    if (result == NULL)
        result = &unused;
    *result = (stele_result){0};
    stele_status status = stele_carry(handle, &errand, result, error);
    stele_arena_free(&way.arena);
    return status;
}

stele_status stele_down(stele *handle, const stele_way_back *asked, stele_result *result, stele_error *error)
{
    return go_back(handle, asked, false, result, error);
}

stele_status stele_redo(stele *handle, const stele_way_back *asked, stele_result *result, stele_error *error)
{
    return go_back(handle, asked, true, result, error);
}

/* Every check, and then what there is to see: each migration, or with `write` the script. */
static stele_status look(stele *handle, stele_way *way, int (*right)(void *data, const stele_right *right), stele_write write, void *data,
                         stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    bool stop = false;
    stele_error_clear(error);
    stele_status status = stele_read_all(handle, 0, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        status = list_back(way, handle, &survey, &list, &arena, error);
        if (status == STELE_OK)
            status = stele_list_check(handle, &ledger, &survey, &list, error);
        if (status == STELE_OK)
            status = write == NULL ? weigh(way, handle, &survey, &list, &stop, &arena, error)
                                   : stele_sheet_write(handle, &ledger, &survey, &list, write, data, error);
        if (status == STELE_OK && write == NULL)
            status = stele_rights_tell(handle, &list, right, data, error);
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&way->arena);
    stele_arena_free(&arena);
    return status;
}

stele_status stele_plan_down(stele *handle, const stele_way_back *asked, int (*each)(void *data, const stele_reversal *reversal),
                             void *data, stele_error *error)
{
    static const stele_way_back last = {0};
    stele_way way = {.asked = asked == NULL ? &last : asked, .look = true, .show = each, .data = data};
    return look(handle, &way, NULL, NULL, NULL, error);
}

stele_status stele_plan_down_rights(stele *handle, const stele_way_back *asked, int (*each)(void *data, const stele_right *right),
                                    void *data, stele_error *error)
{
    static const stele_way_back last = {0};
    stele_way way = {.asked = asked == NULL ? &last : asked, .look = true};
    return look(handle, &way, each, NULL, data, error);
}

stele_status stele_script_down(stele *handle, const stele_way_back *asked, stele_write write, void *data, stele_error *error)
{
    static const stele_way_back last = {0};
    stele_way way = {.asked = asked == NULL ? &last : asked, .look = true};
    return look(handle, &way, NULL, write, data, error);
}
