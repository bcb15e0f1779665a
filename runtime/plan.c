#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "ahead.h"
#include "error.h"

/* ------------------------------------------------------------------ survey */

static bool is_of(const char *component, const char *version, const char *name, const stele_row *row)
{
    return strcmp(version, row->version) == 0 && strcmp(component, row->component) == 0 &&
           (!stele_version_repeats(version) || strcmp(name, row->name) == 0);
}

/*
 * The place of the migration that a row is about, a new one where the table doesn't have it. Rows mostly come in the
 * table's order, so the search begins behind the one that was found last.
 */
static stele_place *find_place(stele_survey *survey, const stele_row *row, size_t *hint)
{
    for (size_t n = 0; n < survey->known; n++) {
        size_t i = (*hint + n) % survey->known;
        const stele_migration *migration = survey->places[i].migration;
        if (is_of(migration->component, migration->version, migration->name, row)) {
            *hint = i;
            return &survey->places[i];
        }
    }
    for (size_t i = survey->known; i < survey->count; i++) {
        const stele_entry *entry = survey->places[i].entry;
        if (is_of(entry->row.component, entry->row.version, entry->row.name, row))
            return &survey->places[i];
    }
    return &survey->places[survey->count++];
}

/* What else does the row take out? */
static bool goes_with(const stele_row *row, const stele_place *place)
{
    if (!place->in || strcmp(place->entry->row.component, row->component) != 0)
        return false;
    if (stele_version_repeats(place->entry->row.version))
        return stele_row_unsettles(row->action, row->version);
    return stele_row_replaces(row->action) && stele_version_compare(place->entry->row.version, row->version) < 0;
}

/*
 * A place behind the table's is found again by its entry, so that keeps its last row for as long as rows come; whether it
 * is still in is what `in` and `standing` say.
 */
static void fold_row(stele_survey *survey, const stele_entry *entry, size_t *hint)
{
    stele_place *place = find_place(survey, &entry->row, hint);
    const char *action = entry->row.action;
    stele_place_take(place, entry);
    if (place->migration == NULL)
        place->entry = entry;
    if (!stele_row_unsettles(action, entry->row.version) && !stele_row_replaces(action))
        return;
    for (size_t i = 0; i < survey->count; i++) {
        place = &survey->places[i];
        if (goes_with(&entry->row, place))
            *place = (stele_place){.migration = place->migration, .entry = place->migration == NULL ? place->entry : NULL, .standing = STELE_WAITING};
    }
}

/* What the ledger has and what the program has, compared; EDITED and its kin. */
static stele_standing compare(const stele_migration *migration, const stele_row *row, stele_standing standing)
{
    if (migration->repeatable)
        return strcmp(migration->source, row->source) == 0 ? standing : STELE_WAITING;
    if (strcmp(migration->source, row->source) != 0)
        return strcmp(migration->tokens, row->tokens) == 0 ? STELE_REFORMATTED : STELE_EDITED;
    if (strcmp(migration->name, row->name) != 0)
        return STELE_RENAMED;
    return standing;
}

/* A migration that is not applied, below one of its component that is. */
static void mark_misplaced(stele_survey *survey, const stele_migrations *table, bool *later)
{
    for (size_t i = survey->known; i-- > 0;) {
        stele_place *place = &survey->places[i];
        size_t component = stele_component_index(table, place->migration->component);
        if (place->in && !place->migration->repeatable)
            later[component] = true;
        else if (place->standing == STELE_WAITING && later[component] && place->squashing == STELE_SQUASHES_NONE)
            place->standing = STELE_MISPLACED;
    }
}

/* Forget the places of what is not applied any more, and not in the table either: only the history knows of them. */
static void drop_gone(stele_survey *survey)
{
    size_t kept = survey->known;
    for (size_t i = survey->known; i < survey->count; i++)
        if (survey->places[i].in || survey->places[i].standing == STELE_INTERRUPTED)
            survey->places[kept++] = survey->places[i];
    survey->count = kept;
}

/* What became of each, now that all rows are in. */
static void settle_standings(stele_survey *survey)
{
    for (size_t i = 0; i < survey->known; i++) {
        stele_place *place = &survey->places[i];
        if (place->entry != NULL)
            place->standing = compare(place->migration, &place->entry->row, place->standing);
        if (place->standing == STELE_WAITING) { /* a repeatable that was edited half-way begins anew */
            place->steps_done = 0;
            place->begun = place->in_doubt = false;
        }
    }
    for (size_t i = survey->known; i < survey->count; i++)
        survey->places[i].standing = STELE_UNKNOWN;
}

bool stele_survey_make(stele_survey *survey, const stele_migrations *table, const stele_ledger *ledger,
                       stele_arena *arena)
{
    size_t most = table->count + ledger->count;
    *survey = (stele_survey){.places = stele_arena_get(arena, most, sizeof *survey->places),
                             .count = table->count,
                             .known = table->count,
                             .heads = stele_arena_get(arena, table->component_count, sizeof *survey->heads),
                             .last = stele_arena_get(arena, table->component_count, sizeof *survey->last),
                             .newer = stele_arena_get(arena, table->component_count, sizeof *survey->newer),
                             .ledger = ledger};
    bool *later = stele_arena_get(arena, table->component_count, sizeof *later);
    if (!survey->places || !survey->heads || !survey->last || !survey->newer || !later)
        return false;
    for (size_t i = 0; i < table->count; i++)
        survey->places[i] = (stele_place){.migration = &table->migrations[i], .standing = STELE_WAITING};
    size_t hint = 0;
    for (size_t i = 0; i < ledger->count; i++) {
        const stele_entry *entry = &ledger->entries[i];
        size_t component = stele_component_index(table, entry->row.component);
        if (component == table->component_count)
            continue; /* somebody else's history */
        survey->heads[component] = entry->row.seq;
        survey->last[component] = entry;
        if (stele_turn_of(entry->row.action, entry->row.step) != STELE_TOUCHES_NONE)
            fold_row(survey, entry, &hint);
    }
    drop_gone(survey);
    settle_standings(survey);
    if (!stele_squashes_find(survey, table, arena))
        return false;
    mark_misplaced(survey, table, later);
    stele_newer_find(survey, table);
    return true;
}

/* -------------------------------------------------------------------- plan */

bool stele_is_named(const char *component, const char *version, const char *target)
{
    size_t length = strlen(component);
    if (strncmp(target, component, length) == 0 && target[length] == '/')
        target += length + 1;
    /* Versions compare as numbers, so a slash that is left is looked for. */
    return strchr(target, '/') == NULL && stele_version_compare(version, target) == 0;
}

stele_status stele_target_find(const stele_migrations *table, const char *target, size_t *end, stele_error *error)
{
    size_t found = 0;
    *end = table->count;
    for (size_t i = 0; target != NULL && i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (!migration->repeatable && stele_is_named(migration->component, migration->version, target)) {
            *end = i + 1;
            found++;
        }
    }
    if (target == NULL || found == 1)
        return STELE_OK;
    if (found == 0)
        stele_error_set(error, STELE_USAGE, "there is no migration \"%s\" in this program", target);
    else
        stele_error_set(error, STELE_USAGE, "%zu components have a migration \"%s\"; name one as component/version", found, target);
    return STELE_USAGE;
}

stele_migration *stele_migration_of(const stele_entry *entry, stele_arena *arena)
{
    stele_migration *migration = stele_arena_get(arena, 1, sizeof *migration);
    const stele_row *row = &entry->row;
    if (migration != NULL)
        *migration = (stele_migration){.component = row->component, .version = row->version, .name = row->name, .directory = "",
                                       .file = row->file, .source = row->source, .tokens = row->tokens, .state = row->state,
                                       .text = "", .one_way = row->one_way,
                                       .repeatable = stele_version_repeats(row->version)};
    return migration;
}

static bool is_to_do(const stele_place *place)
{
    return place->standing == STELE_WAITING || place->standing == STELE_INTERRUPTED || place->standing == STELE_MISPLACED;
}

/*
 * Repeatable migrations that were applied, and that the program doesn't have any more. Where the database is ahead, a newer program has them.
 */
static bool forget_removed(stele_worklist *plan, const stele_survey *survey, stele_arena *arena)
{
    for (size_t i = survey->known; i < survey->count; i++) {
        if (survey->places[i].standing != STELE_UNKNOWN || !stele_version_repeats(survey->places[i].entry->row.version))
            continue;
        const stele_migration *migration = stele_migration_of(survey->places[i].entry, arena);
        if (migration == NULL)
            return false;
        plan->actions[plan->count++] =
            (stele_action){.deed = "forget", .migration = migration, .place = i, .reason = "no longer in the program"};
    }
    return true;
}

/* What there is to do at a place; one that stands for others, which are in, is only recorded. */
static stele_action action_at(const stele_survey *survey, size_t i)
{
    const stele_place *place = &survey->places[i];
    stele_action action = {.deed = "apply",
                           .migration = place->migration,
                           .part = &place->migration->up,
                           .place = i,
                           .first_step = place->steps_done,
                           .begun = place->begun,
                           .in_doubt = place->in_doubt,
                           .first_begin = place->first_begin,
                           .last_begin = place->last_begin};
    if (place->squashing == STELE_SQUASHES_ALL)
        action = (stele_action){.deed = "squash", .migration = place->migration, .place = i, .note = "it is recorded, and not run",
                                .reason = place->migration->squashes_release};
    return action;
}

stele_status stele_worklist_make(stele_worklist *plan, const stele_migrations *table, const stele_survey *survey, const char *target,
                                 const stele_options *options, stele_arena *arena, stele_error *error)
{
    size_t end;
    *plan = (stele_worklist){.actions = stele_arena_get(arena, survey->count, sizeof *plan->actions)};
    if (plan->actions == NULL)
        return stele_error_memory(error);
    stele_status status = stele_target_find(table, target, &end, error);
    if (status == STELE_OK)
        status = stele_survey_agrees(table, survey, options, error);
    for (size_t i = 0; i < survey->known && status == STELE_OK; i++)
        if (is_to_do(&survey->places[i]) && i < end)
            plan->actions[plan->count++] = action_at(survey, i);
    if (status == STELE_OK && target == NULL && !forget_removed(plan, survey, arena))
        status = stele_error_memory(error);
    return status;
}
