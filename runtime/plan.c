#include "plan.h"

#include <stdio.h>
#include <string.h>

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

/*
 * A place behind the table's is found again by its entry, so that keeps its last row for as long as rows come; whether it
 * is still in is what `in` and `standing` say.
 */
static void fold_row(stele_survey *survey, const stele_entry *entry, size_t *hint)
{
    stele_place *place = find_place(survey, &entry->row, hint);
    stele_place_take(place, entry);
    if (place->migration == NULL)
        place->entry = entry;
    for (size_t i = 0; i < survey->count && stele_row_unsettles(entry->row.action, entry->row.version); i++) {
        place = &survey->places[i];
        if (place->in && stele_version_repeats(place->entry->row.version) &&
            strcmp(place->entry->row.component, entry->row.component) == 0)
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
        else if (place->standing == STELE_WAITING && later[component])
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

bool stele_survey_make(stele_survey *survey, const stele_migrations *table, const stele_ledger *ledger,
                       stele_arena *arena)
{
    size_t most = table->count + ledger->count;
    *survey = (stele_survey){.places = stele_arena_get(arena, most, sizeof *survey->places),
                             .count = table->count,
                             .known = table->count,
                             .heads = stele_arena_get(arena, table->component_count, sizeof *survey->heads),
                             .last = stele_arena_get(arena, table->component_count, sizeof *survey->last),
                             .ledger = ledger};
    bool *later = stele_arena_get(arena, table->component_count, sizeof *later);
    if (!survey->places || !survey->heads || !survey->last || !later)
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
    mark_misplaced(survey, table, later);
    return true;
}

/* Is the unknown migration of `entry` newer than everything that the table has of its component? */
static bool is_newer(const stele_migrations *table, const stele_entry *entry)
{
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (strcmp(migration->component, entry->row.component) == 0 && !migration->repeatable &&
            stele_version_compare(migration->version, entry->row.version) >= 0)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------ disagreements */

static void both_checksums(stele_error *error, const stele_migration *migration, const stele_entry *entry)
{
    stele_row_texts texts;
    stele_row row = stele_entry_row(entry, &texts);
    stele_error_detail(error, "in the database: %s (row %lld, %s, by %s)\nin this program: %s", row.source,
                       (long long)row.seq, row.started, row.role, migration->source);
}

/* Edited, reformatted or renamed since it was applied, or since some of its steps were. What to do is the same for the three. */
static stele_status differs(const stele_place *place, const char *how, const char *more, stele_error *error)
{
    const stele_migration *migration = place->migration;
    const char *component = migration->component, *version = migration->version;
    if (place->in)
        stele_error_set(error, STELE_TAMPERED, "\"%s\" was %s after it was applied%s", migration->file, how, more);
    else
        stele_error_set(error, STELE_TAMPERED, "\"%s\" was %s after %u of its steps %s %s%s", migration->file, how, place->steps_done,
                        place->steps_done == 1 ? "was" : "were", place->back ? "taken back" : "applied", more);
    both_checksums(error, migration, place->entry);
    if (place->in)
        stele_error_hint(error, "bring the file back to what it was%s; or take this one for what was applied: repair accept %s/%s --reason TEXT",
                         place->standing == STELE_EDITED ? ", and put the change into a new migration" : "", component, version);
    else
        stele_error_hint(error, "to go on with the next step of this file: repair accept %s/%s --reason TEXT; to begin anew, once what is in was cleaned up:"
                                " repair forget %s/%s --reason TEXT", component, version, component, version);
    return STELE_TAMPERED;
}

/* On the way out and not there: up can't go on from that. */
static stele_status half_out(const stele_place *place, stele_error *error)
{
    const stele_migration *migration = place->migration;
    stele_error_set(error, STELE_FAILED, "\"%s\" is half taken back: %u of %u steps of its down section are done",
                    migration->file, place->steps_done, (unsigned)migration->down.step_count);
    stele_error_hint(error, "go on with down; or, when the rest of it was done by hand, tell the ledger: repair done %s/%s --reason TEXT",
                     migration->component, migration->version);
    return STELE_FAILED;
}

stele_status stele_place_error(const stele_place *place, stele_error *error)
{
    const stele_migration *migration = place->migration;
    const stele_row *row = place->entry == NULL ? NULL : &place->entry->row;
    char name[256];
    stele_error_file(error, migration);
    switch (place->standing) {
    case STELE_EDITED:
        return differs(place, "edited", "", error);
    case STELE_REFORMATTED:
        return differs(place, "reformatted", ": comments or white space differ", error);
    case STELE_RENAMED:
        snprintf(name, sizeof name, " as \"%.200s\"", row->file);
        return differs(place, "renamed", name, error);
    case STELE_MISPLACED:
        stele_error_set(error, STELE_TAMPERED, "\"%s\" is not applied, though a later migration of component \"%s\" is",
                        migration->file, migration->component);
        stele_error_hint(error, "give it a version above the last one; or, if it may run after the others, allow it with --out-of-order;"
                                " or, when what it does is there: repair done %s/%s --reason TEXT", migration->component, migration->version);
        break;
    case STELE_INTERRUPTED:
        return place->back ? half_out(place, error) : STELE_OK;
    default:
        return STELE_OK;
    }
    return STELE_TAMPERED;
}

/* What is in of it can be taken back by the ledger's script, but where only some of its steps are. */
stele_status stele_unknown_error(const stele_migrations *table, const stele_place *place, stele_error *error)
{
    stele_row_texts texts;
    stele_row row = stele_entry_row(place->entry, &texts);
    bool repeats = stele_version_repeats(row.version), half = !place->in && !place->back;
    const char *is = place->in ? "was applied" : half ? "is half applied" : "is half taken back";
    if (error != NULL)
        stele_error_copy(error->file, sizeof error->file, row.file);
    if (is_newer(table, place->entry)) {
        stele_error_set(error, STELE_AHEAD, "the database is ahead of this program: \"%s\" %s%s", row.file, is, place->in ? " to it" : "");
        stele_error_hint(error, half ? "run a program that was built with this migration; or, once what is in was cleaned up, take it out of the ledger:"
                                       " repair forget %s/%s --reason TEXT"
                                     : "run a program that was built with this migration; or take it back by the script that the ledger keeps:"
                                       " down --from-ledger", row.component, row.version);
    } else {
        stele_error_set(error, STELE_TAMPERED, "\"%s\" %s, but is missing from this program", row.file, is);
        stele_error_hint(error, "bring the file back; or, when what it did isn't there any more, take it out of the ledger:"
                                " repair forget %s/%s%s --reason TEXT", row.component, repeats ? "R_" : row.version, repeats ? row.name : "");
    }
    stele_error_detail(error, "in the database: %s (row %lld, %s, by %s)", row.source, (long long)row.seq, row.started,
                       row.role);
    return error == NULL || error->status == STELE_AHEAD ? STELE_AHEAD : STELE_TAMPERED;
}

static bool is_fault(const stele_place *place, bool out_of_order)
{
    return place->standing == STELE_EDITED || place->standing == STELE_REFORMATTED || place->standing == STELE_RENAMED ||
           (place->standing == STELE_MISPLACED && !out_of_order) || (place->standing == STELE_INTERRUPTED && place->back);
}

/* A repeatable migration may be taken out of a program: it is forgotten. */
static bool is_missing(const stele_place *place)
{
    return place->standing == STELE_UNKNOWN && !stele_version_repeats(place->entry->row.version);
}

static size_t count_faults(const stele_migrations *table, const stele_survey *survey, bool out_of_order, bool ahead)
{
    size_t faults = 0;
    for (size_t i = 0; i < survey->known; i++)
        faults += is_fault(&survey->places[i], out_of_order);
    for (size_t i = survey->known; i < survey->count; i++)
        faults += is_missing(&survey->places[i]) && !(ahead && is_newer(table, survey->places[i].entry));
    return faults;
}

/* What was edited or is missing comes first; that the database is ahead, only when that is all. */
stele_status stele_survey_agrees(const stele_migrations *table, const stele_survey *survey, bool out_of_order, bool ahead,
                                 stele_error *error)
{
    size_t faults = count_faults(table, survey, out_of_order, ahead);
    stele_status status = STELE_OK;
    for (size_t i = 0; i < survey->known && faults > 0 && status == STELE_OK; i++)
        if (is_fault(&survey->places[i], out_of_order))
            status = stele_place_error(&survey->places[i], error);
    for (size_t newer = 0; newer < (ahead ? 1U : 2U) && faults > 0; newer++)
        for (size_t i = survey->known; i < survey->count && status == STELE_OK; i++)
            if (is_missing(&survey->places[i]) && is_newer(table, survey->places[i].entry) == (newer == 1))
                status = stele_unknown_error(table, &survey->places[i], error);
    if (faults > 1 && error != NULL) {
        char hint[sizeof error->hint];
        stele_error_copy(hint, sizeof hint, error->hint);
        stele_error_hint(error, "%s (%zu other migration%s disagree%s too: run audit)", hint, faults - 1, faults == 2 ? "" : "s",
                         faults == 2 ? "s" : "");
    }
    return status;
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

/* Repeatable migrations that were applied, and that the program doesn't have any more. */
static bool forget_removed(stele_worklist *plan, const stele_survey *survey, stele_arena *arena)
{
    for (size_t i = survey->known; i < survey->count; i++) {
        if (is_missing(&survey->places[i]))
            continue;
        const stele_migration *migration = stele_migration_of(survey->places[i].entry, arena);
        if (migration == NULL)
            return false;
        plan->actions[plan->count++] =
            (stele_action){.deed = "forget", .migration = migration, .place = i, .reason = "no longer in the program"};
    }
    return true;
}

stele_status stele_worklist_make(stele_worklist *plan, const stele_migrations *table, const stele_survey *survey,
                             const char *target, bool out_of_order, stele_arena *arena, stele_error *error)
{
    size_t end;
    *plan = (stele_worklist){.actions = stele_arena_get(arena, survey->count, sizeof *plan->actions)};
    if (plan->actions == NULL)
        return stele_error_memory(error);
    stele_status status = stele_target_find(table, target, &end, error);
    if (status == STELE_OK)
        status = stele_survey_agrees(table, survey, out_of_order, false, error);
    for (size_t i = 0; i < survey->known && status == STELE_OK; i++) {
        const stele_place *place = &survey->places[i];
        if (is_to_do(place) && i < end)
            plan->actions[plan->count++] = (stele_action){.deed = "apply",
                                                          .migration = place->migration,
                                                          .part = &place->migration->up,
                                                          .place = i,
                                                          .first_step = place->steps_done,
                                                          .begun = place->begun,
                                                          .in_doubt = place->in_doubt,
                                                          .first_begin = place->first_begin,
                                                          .last_begin = place->last_begin};
    }
    if (status == STELE_OK && target == NULL && !forget_removed(plan, survey, arena))
        status = stele_error_memory(error);
    return status;
}
