#include "plan.h"

#include <string.h>

#include "error.h"

/* ------------------------------------------------------------------ survey */

static bool is_of(const stele_migration *migration, const stele_entry *entry)
{
    return strcmp(migration->version, entry->row.version) == 0 && strcmp(migration->component, entry->row.component) == 0;
}

/*
 * The migration that a row is about; the count when the table doesn't have it. Rows mostly come in the
 * table's order, so the search begins behind the one that was found last.
 */
static size_t find_migration(const stele_migrations *table, const stele_entry *entry, size_t *hint)
{
    for (size_t n = 0; n < table->count; n++) {
        size_t i = (*hint + n) % table->count;
        if (is_of(&table->migrations[i], entry)) {
            *hint = i;
            return i;
        }
    }
    return table->count;
}

static void take_step(stele_place *place, const stele_entry *entry)
{
    const char *action = entry->row.action;
    if (place->standing == STELE_APPLIED)
        return;
    place->standing = STELE_INTERRUPTED;
    place->entry = entry;
    place->in_doubt = strcmp(action, "begin") == 0;
    place->begun = place->in_doubt || strcmp(action, "fail") == 0;
    if (strcmp(action, "step") == 0)
        place->steps_done = (unsigned)entry->row.step;
}

static void note_unknown(stele_survey *survey, const stele_entry *entry)
{
    for (size_t i = 0; i < survey->unknown_count; i++) {
        const stele_row *row = &survey->unknown[i]->row;
        if (strcmp(row->version, entry->row.version) == 0 && strcmp(row->component, entry->row.component) == 0) {
            survey->unknown[i] = entry;
            return;
        }
    }
    survey->unknown[survey->unknown_count++] = entry;
}

/* What the ledger has and what the program has, compared; EDITED and its kin. */
static stele_standing compare(const stele_migration *migration, const stele_row *row, stele_standing standing)
{
    if (strcmp(migration->source, row->source) != 0)
        return strcmp(migration->tokens, row->tokens) == 0 ? STELE_REFORMATTED : STELE_EDITED;
    if (strcmp(migration->name, row->name) != 0)
        return STELE_RENAMED;
    return standing;
}

/* A migration that is not applied, below one of its component that is. */
static void mark_misplaced(stele_survey *survey, const stele_migrations *table, bool *later)
{
    for (size_t i = table->count; i-- > 0;) {
        stele_place *place = &survey->places[i];
        size_t component = stele_component_index(table, table->migrations[i].component);
        if (place->entry != NULL && place->standing != STELE_INTERRUPTED)
            later[component] = true;
        else if (place->standing == STELE_WAITING && later[component])
            place->standing = STELE_MISPLACED;
    }
}

bool stele_survey_make(stele_survey *survey, const stele_migrations *table, const stele_ledger *ledger,
                       stele_arena *arena)
{
    survey->places = stele_arena_get(arena, table->count, sizeof *survey->places);
    survey->unknown = stele_arena_get(arena, ledger->count, sizeof *survey->unknown);
    survey->heads = stele_arena_get(arena, table->component_count, sizeof *survey->heads);
    survey->last = stele_arena_get(arena, table->component_count, sizeof *survey->last);
    survey->unknown_count = 0;
    bool *later = stele_arena_get(arena, table->component_count, sizeof *later);
    if (!survey->places || !survey->unknown || !survey->heads || !survey->last || !later)
        return false;
    for (size_t i = 0; i < table->count; i++)
        survey->places[i] = (stele_place){.standing = STELE_WAITING};
    size_t hint = 0;
    for (size_t i = 0; i < ledger->count; i++) {
        const stele_entry *entry = &ledger->entries[i];
        size_t component = stele_component_index(table, entry->row.component);
        if (component == table->component_count)
            continue; /* somebody else's history */
        survey->heads[component] = entry->row.seq;
        survey->last[component] = entry;
        size_t index = find_migration(table, entry, &hint);
        if (index == table->count) {
            note_unknown(survey, entry);
        } else if (strcmp(entry->row.action, "apply") == 0) {
            survey->places[index] = (stele_place){.standing = STELE_APPLIED, .entry = entry};
        } else {
            take_step(&survey->places[index], entry);
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        stele_place *place = &survey->places[i];
        if (place->entry != NULL)
            place->standing = compare(&table->migrations[i], &place->entry->row, place->standing);
    }
    mark_misplaced(survey, table, later);
    return true;
}

/* Is the unknown migration of `entry` newer than everything that the table has of its component? */
static bool is_newer(const stele_migrations *table, const stele_entry *entry)
{
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (strcmp(migration->component, entry->row.component) == 0 &&
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

stele_status stele_place_error(const stele_migration *migration, const stele_place *place,
                               stele_error *error)
{
    const stele_row *row = place->entry == NULL ? NULL : &place->entry->row;
    stele_error_file(error, migration);
    switch (place->standing) {
    case STELE_EDITED:
        stele_error_set(error, STELE_TAMPERED, "\"%s\" was edited after it was applied", migration->file);
        both_checksums(error, migration, place->entry);
        stele_error_hint(error, "bring the file back to what it was, and put the change into a new migration");
        break;
    case STELE_REFORMATTED:
        stele_error_set(error, STELE_TAMPERED, "\"%s\" was reformatted after it was applied: comments or white space differ",
                        migration->file);
        both_checksums(error, migration, place->entry);
        stele_error_hint(error, "bring the file back to what it was");
        break;
    case STELE_RENAMED:
        stele_error_set(error, STELE_TAMPERED, "\"%s\" was renamed after it was applied as \"%s\"", migration->file, row->file);
        both_checksums(error, migration, place->entry);
        stele_error_hint(error, "give the file its old name back");
        break;
    case STELE_MISPLACED:
        stele_error_set(error, STELE_TAMPERED, "\"%s\" is not applied, though a later migration of component \"%s\" is",
                        migration->file, migration->component);
        stele_error_hint(error, "give it a version above the last one; or, if it may run after the others, allow it with --out-of-order");
        break;
    default:
        return STELE_OK;
    }
    return STELE_TAMPERED;
}

stele_status stele_unknown_error(const stele_migrations *table, const stele_entry *entry, stele_error *error)
{
    stele_row_texts texts;
    stele_row row = stele_entry_row(entry, &texts);
    if (error != NULL)
        stele_error_copy(error->file, sizeof error->file, row.file);
    if (is_newer(table, entry)) {
        stele_error_set(error, STELE_AHEAD, "the database is ahead of this program: \"%s\" was applied to it", row.file);
        stele_error_hint(error, "run a program that was built with this migration");
    } else {
        stele_error_set(error, STELE_TAMPERED, "\"%s\" was applied, but is missing from this program", row.file);
        stele_error_hint(error, "bring the file back; an applied migration can't be removed");
    }
    stele_error_detail(error, "in the database: %s (row %lld, %s, by %s)", row.source, (long long)row.seq, row.started,
                       row.role);
    return error == NULL || error->status == STELE_AHEAD ? STELE_AHEAD : STELE_TAMPERED;
}

static bool is_fault(const stele_place *place, bool out_of_order)
{
    return place->standing == STELE_EDITED || place->standing == STELE_REFORMATTED || place->standing == STELE_RENAMED ||
           (place->standing == STELE_MISPLACED && !out_of_order);
}

/* What was edited or is missing comes first; that the database is ahead, only when that is all. */
static stele_status first_disagreement(const stele_migrations *table, const stele_survey *survey, bool out_of_order,
                                       stele_error *error)
{
    size_t faults = survey->unknown_count;
    for (size_t i = 0; i < table->count; i++)
        faults += is_fault(&survey->places[i], out_of_order);
    if (faults == 0)
        return STELE_OK;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < table->count && status == STELE_OK; i++)
        if (is_fault(&survey->places[i], out_of_order))
            status = stele_place_error(&table->migrations[i], &survey->places[i], error);
    for (size_t newer = 0; newer < 2; newer++)
        for (size_t i = 0; i < survey->unknown_count && status == STELE_OK; i++)
            if (is_newer(table, survey->unknown[i]) == (newer == 1))
                status = stele_unknown_error(table, survey->unknown[i], error);
    if (faults > 1 && error != NULL) {
        char hint[sizeof error->hint];
        stele_error_copy(hint, sizeof hint, error->hint);
        stele_error_hint(error, "%s (%zu other migration%s disagree%s too: run audit)", hint, faults - 1, faults == 2 ? "" : "s",
                         faults == 2 ? "s" : "");
    }
    return status;
}

/* -------------------------------------------------------------------- plan */

/* Does `target`, "version" or "component/version", name this migration? Versions compare as numbers, so a slash that is left is looked for. */
static bool is_named(const stele_migration *migration, const char *target)
{
    size_t length = strlen(migration->component);
    if (strncmp(target, migration->component, length) == 0 && target[length] == '/')
        target += length + 1;
    return strchr(target, '/') == NULL && stele_version_compare(migration->version, target) == 0;
}

stele_status stele_target_find(const stele_migrations *table, const char *target, size_t *end, stele_error *error)
{
    size_t found = 0;
    *end = table->count;
    for (size_t i = 0; target != NULL && i < table->count; i++) {
        if (is_named(&table->migrations[i], target)) {
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

stele_status stele_worklist_make(stele_worklist *plan, const stele_migrations *table, const stele_survey *survey,
                             const char *target, bool out_of_order, stele_arena *arena, stele_error *error)
{
    size_t end;
    *plan = (stele_worklist){.actions = stele_arena_get(arena, table->count, sizeof *plan->actions)};
    if (plan->actions == NULL)
        return stele_error_memory(error);
    stele_status status = stele_target_find(table, target, &end, error);
    if (status == STELE_OK)
        status = first_disagreement(table, survey, out_of_order, error);
    for (size_t i = 0; i < table->count && status == STELE_OK; i++) {
        const stele_place *place = &survey->places[i];
        if (place->standing != STELE_WAITING && place->standing != STELE_INTERRUPTED && place->standing != STELE_MISPLACED)
            continue;
        if (i < end)
            plan->actions[plan->count++] = (stele_action){i, place->steps_done, place->begun, place->in_doubt};
        else
            plan->pending++;
    }
    return status;
}

/* ------------------------------------------------------------------- state */

bool stele_state_with(char after[STELE_CHECKSUM_SIZE], char before[STELE_CHECKSUM_SIZE], const stele_migrations *table,
                      const bool *applied, size_t index)
{
    const char *component = table->migrations[index].component;
    uint8_t with[STELE_DIGEST_SIZE], without[STELE_DIGEST_SIZE];
    bool fine = stele_state_start(with, component);
    memcpy(without, with, sizeof without);
    for (size_t i = 0; i < table->count && fine; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (strcmp(migration->component, component) != 0 || (!applied[i] && i != index))
            continue;
        fine = stele_state_add(with, migration->version, migration->name, migration->source);
        if (fine && i != index)
            fine = stele_state_add(without, migration->version, migration->name, migration->source);
    }
    stele_checksum_write(after, "d1", with);
    stele_checksum_write(before, "d1", without);
    return fine;
}
