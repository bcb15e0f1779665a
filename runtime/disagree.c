/* What is wrong between a program and a ledger, in words. */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "ahead.h"
#include "compat.h"
#include "error.h"

bool stele_is_newer(const stele_migrations *table, const stele_entry *entry)
{
    stele_squash squash;
    if (stele_compat_squash(entry->row.compat, &squash))
        return true;
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (strcmp(migration->component, entry->row.component) == 0 && !migration->repeatable &&
            stele_version_compare(migration->version, entry->row.version) >= 0)
            return false;
    }
    return true;
}

/* ----------------------------------------------------------------- in words */

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
    if (place->squashing != STELE_SQUASHES_NONE)
        return stele_squash_error(place, error);
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

/* Of a newer program. What is in of it can be taken back by the ledger's script, but where only some of its steps are. */
static void set_ahead(const stele_place *place, const stele_row *row, const char *is, stele_error *error)
{
    bool half = !place->in && !place->back;
    char why[600];
    stele_squash squash;
    stele_not_lived_with(place->back && place->put != NULL ? place->put : place->entry, why, sizeof why);
    if (place->in && stele_compat_squash(row->compat, &squash)) {
        stele_error_set(error, STELE_AHEAD, "the database's history begins with \"%s\", which stands for all up to \"%s\" of %s", row->file,
                        squash.version, squash.release);
        stele_error_hint(error, "run a program that was built with this file; this one has files before it, and not those that brought it there");
        return;
    }
    stele_error_set(error, STELE_AHEAD, "the database is ahead of this program: \"%s\" %s%s%s", row->file, is, place->in ? " to it" : "", why);
    stele_error_hint(error, half ? "run a program that was built with this migration; or, once what is in was cleaned up, take it out of the ledger:"
                                   " repair forget %s/%s --reason TEXT"
                                 : "run a program that was built with this migration; or take it back by the script that the ledger keeps:"
                                   " down --from-ledger", row->component, row->version);
}

stele_status stele_unknown_error(const stele_migrations *table, const stele_place *place, stele_error *error)
{
    stele_row_texts texts;
    stele_row row = stele_entry_row(place->entry, &texts);
    bool repeats = stele_version_repeats(row.version), newer = stele_is_newer(table, place->entry);
    const char *is = place->in ? "was applied" : place->back ? "is half taken back" : "is half applied";
    if (error != NULL)
        stele_error_copy(error->file, sizeof error->file, row.file);
    if (newer) {
        set_ahead(place, &row, is, error);
    } else {
        stele_error_set(error, STELE_TAMPERED, "\"%s\" %s, but is missing from this program", row.file, is);
        stele_error_hint(error, "bring the file back; or, when what it did isn't there any more, take it out of the ledger:"
                                " repair forget %s/%s%s --reason TEXT", row.component, repeats ? "R_" : row.version, repeats ? row.name : "");
    }
    stele_error_detail(error, "in the database: %s (row %lld, %s, by %s, with %s)", row.source, (long long)row.seq, row.started, row.role, row.build);
    return newer ? STELE_AHEAD : STELE_TAMPERED;
}

/* ------------------------------------------------------------------ the first */

/* What disagrees is told in this order: what is wrong with the program's own, what is missing from it, that the database is ahead. */
typedef enum fault { FAULT_OWN, FAULT_MISSING, FAULT_NEWER, FAULT_BEHIND, FAULTS, FAULT_NONE } fault;

typedef struct agreement {
    const stele_migrations *table;
    const stele_survey *survey;
    const stele_options *options;
} agreement;

static fault own_fault(const agreement *a, const stele_place *place)
{
    if (place->standing == STELE_EDITED || place->standing == STELE_REFORMATTED || place->standing == STELE_RENAMED ||
        (place->standing == STELE_MISPLACED && !a->options->out_of_order) || (place->standing == STELE_INTERRUPTED && place->back) ||
        stele_squash_error(place, NULL) != STELE_OK)
        return FAULT_OWN;
    return stele_is_behind(a->survey, a->table, place) ? FAULT_BEHIND : FAULT_NONE;
}

/* A repeatable migration may be taken out of a program: it is forgotten. Unless the program is older than the database, perhaps. */
static fault unknown_fault(const agreement *a, const stele_place *place)
{
    const stele_row *row = &place->entry->row;
    if (place->standing == STELE_COVERED)
        return FAULT_NONE;
    if (place->standing == STELE_NEWER)
        return a->options->exact ? FAULT_NEWER : FAULT_NONE;
    if (stele_version_repeats(row->version))
        return FAULT_NONE;
    return stele_is_newer(a->table, place->entry) ? FAULT_NEWER : FAULT_MISSING;
}

static fault fault_of(const agreement *a, const stele_place *place)
{
    return place < a->survey->places + a->survey->known ? own_fault(a, place) : unknown_fault(a, place);
}

static stele_status fault_error(const agreement *a, const stele_place *place, fault kind, stele_error *error)
{
    return kind == FAULT_OWN      ? stele_place_error(place, error)
           : kind == FAULT_BEHIND ? stele_behind_error(a->survey, a->table, place, error)
                                  : stele_unknown_error(a->table, place, error);
}

/* Of those that are newer, the first that can't be lived with; else the first, which is refused all the same. */
static bool is_worse(const stele_place *place, const stele_place *than)
{
    char words[600], other[600];
    if (than == NULL)
        return true;
    stele_not_lived_with(place->entry, words, sizeof words);
    stele_not_lived_with(than->entry, other, sizeof other);
    return words[0] != '\0' && other[0] == '\0';
}

static const stele_place *first_fault(const agreement *a, fault kind)
{
    const stele_place *first = NULL;
    for (size_t i = 0; i < a->survey->count; i++) {
        const stele_place *place = &a->survey->places[i];
        if (fault_of(a, place) == kind && (kind == FAULT_NEWER ? is_worse(place, first) : first == NULL))
            first = place;
    }
    return first;
}

stele_status stele_survey_agrees(const stele_migrations *table, const stele_survey *survey, const stele_options *options,
                                 stele_error *error)
{
    const agreement a = {table, survey, options};
    size_t counts[FAULT_NONE + 1] = {0}, others = 0;
    for (size_t i = 0; i < survey->count; i++)
        counts[fault_of(&a, &survey->places[i])]++;
    size_t kind = 0;
    while (kind < FAULTS && counts[kind] == 0)
        kind++;
    if (kind == FAULTS)
        return STELE_OK;
    stele_status status = fault_error(&a, first_fault(&a, (fault)kind), (fault)kind, error);
    for (size_t i = 0; i < FAULTS; i++)
        others += counts[i];
    if (--others > 0 && error != NULL) {
        char hint[sizeof error->hint];
        stele_error_copy(hint, sizeof hint, error->hint);
        stele_error_hint(error, "%s (%zu other migration%s disagree%s too: run audit)", hint, others, others == 1 ? "" : "s",
                         others == 1 ? "s" : "");
    }
    return status;
}
