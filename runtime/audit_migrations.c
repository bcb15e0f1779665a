/* The part of an audit that is about the program's migrations, and those that it doesn't have. */
#include "audit.h"

#include <stdio.h>
#include <string.h>

#include "ahead.h"
#include "error.h"

/* "migration/main/004"; of a repeatable one, "migration/main/R_views". */
static void check_name(char *check, size_t size, const char *component, const char *version, const char *name)
{
    bool repeats = stele_version_repeats(version);
    snprintf(check, size, "migration/%s/%s%s%s", component, version, repeats ? "_" : "", repeats ? name : "");
}

static void audit_half(stele_auditor *a, const char *check, const stele_place *place)
{
    const stele_migration *migration = place->migration;
    char title[512];
    snprintf(title, sizeof title, place->back ? "%s is half taken back: %u of %u steps of its down section are done"
                                              : "%s is half applied: %u of %u steps are in",
             migration->file, place->steps_done, (unsigned)(place->back ? migration->down : migration->up).step_count);
    stele_audit_tell(a, true, check, title, "", migration->file, "", "");
}

/* What is newer than the program, by component, where this one can live with it. */
static void audit_newer(stele_auditor *a, const stele_survey *survey)
{
    for (size_t i = 0; i < a->table->component_count; i++) {
        char check[256], words[600];
        snprintf(check, sizeof check, "ahead/%s", a->table->components[i]);
        if (stele_ahead_words(survey, a->table, a->table->components[i], words, sizeof words) > 0)
            stele_audit_tell(a, true, check, words, "", "", "", "");
    }
}

/* What isn't right by an error; that the database is too old or ahead is no tampering, and the first such is what the audit comes to. */
static void tell_error(stele_auditor *a, const char *check, const stele_error *why)
{
    stele_audit_tell(a, false, check, why->message, why->message, why->file, why->detail, why->hint);
    if (why->status != STELE_AHEAD)
        return;
    a->faults--;
    if (a->skew.status == STELE_OK)
        a->skew = *why;
}

/* One of this program's that isn't in, though newer ones are. */
static void audit_behind(stele_auditor *a, const stele_survey *survey, const stele_place *place, const char *check)
{
    stele_error why = {0};
    stele_behind_error(survey, a->table, place, &why);
    tell_error(a, check, &why);
}

static void audit_place(stele_auditor *a, const stele_survey *survey, const stele_place *place)
{
    const stele_migration *migration = place->migration;
    stele_error why = {0};
    char check[256], title[512];
    check_name(check, sizeof check, migration->component, migration->version, migration->name);
    if (stele_is_behind(survey, a->table, place)) {
        audit_behind(a, survey, place, check);
        return;
    }
    if (place->standing == STELE_WAITING && place->squashing != STELE_SQUASHES_ALL && stele_squash_error(place, NULL) == STELE_OK)
        return;
    if (place->squashing == STELE_SQUASHES_ALL) {
        snprintf(title, sizeof title, "%s stands for what was applied up to \"%s\"; up will record it", migration->file, migration->squashes);
        stele_audit_tell(a, true, check, title, "", migration->file, "", "");
    } else if (place->standing == STELE_NEWER) {
        snprintf(title, sizeof title, "%s was applied by a newer program, with another text", migration->file);
        stele_audit_tell(a, true, check, title, "", migration->file, "", "");
    } else if (place->standing == STELE_INTERRUPTED) {
        audit_half(a, check, place);
    } else if (stele_place_error(place, &why) == STELE_OK) {
        stele_row_texts texts;
        snprintf(title, sizeof title, "%s is what was applied at %.19sZ", migration->file,
                 stele_entry_row(place->covered != NULL ? place->covered : place->entry, &texts).started);
        stele_audit_tell(a, true, check, title, "", why.file, "", "");
    } else {
        tell_error(a, check, &why);
    }
}

void stele_audit_migrations(stele_auditor *a, const stele_survey *survey, bool exact)
{
    if (!exact)
        audit_newer(a, survey);
    for (size_t i = 0; i < survey->known; i++)
        audit_place(a, survey, &survey->places[i]);
    for (size_t i = survey->known; i < survey->count; i++) {
        const stele_row *row = &survey->places[i].entry->row;
        stele_error why = {0};
        char check[256];
        check_name(check, sizeof check, row->component, row->version, row->name);
        bool told = survey->places[i].standing == STELE_COVERED || (survey->places[i].standing == STELE_NEWER && !exact);
        if (told || stele_version_repeats(row->version))
            continue; /* up will forget it */
        bool newer = stele_unknown_error(a->table, &survey->places[i], &why) == STELE_AHEAD;
        stele_audit_tell(a, false, check, why.message, why.message, why.file, why.detail, why.hint);
        if (newer) {
            a->newer++;
            a->faults--;
        }
    }
}
