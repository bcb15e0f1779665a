#include "ahead.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compat.h"
#include "error.h"

/* ---------------------------------------------------------- one that stands for others */

static bool is_versioned_of(const stele_place *place, const char *component)
{
    const stele_row *row = place->entry == NULL ? NULL : &place->entry->row;
    return row != NULL && !stele_version_repeats(row->version) && strcmp(row->component, component) == 0;
}

static int by_version(const void *a, const void *b)
{
    const stele_place *p = *(stele_place *const *)a, *q = *(stele_place *const *)b;
    return stele_version_compare(p->entry->row.version, q->entry->row.version);
}

/* Are these, in order, exactly what the place's migration stands for? The last one that is in is what it has come to; else the one that is half in. */
static bool weigh_covered(stele_place *place, stele_place *const *covered, size_t count)
{
    const stele_migration *migration = place->migration;
    uint8_t digest[STELE_DIGEST_SIZE];
    char state[STELE_CHECKSUM_SIZE];
    bool fine = stele_state_start(digest, migration->component);
    for (size_t i = 0; i < count && place->squashing != STELE_SQUASHES_HALF; i++) {
        const stele_row *row = &covered[i]->entry->row;
        place->reached = covered[i]->entry;
        place->squashing = covered[i]->in ? STELE_SQUASHES_OTHER : STELE_SQUASHES_HALF;
        fine = fine && stele_state_add(digest, row->version, row->name, row->source);
    }
    stele_checksum_write(state, "d1", digest);
    if (place->squashing == STELE_SQUASHES_OTHER && strcmp(state, migration->squashes_state) == 0)
        place->squashing = STELE_SQUASHES_ALL;
    else if (place->squashing == STELE_SQUASHES_OTHER && stele_version_compare(place->reached->row.version, migration->squashes) < 0)
        place->squashing = STELE_SQUASHES_BELOW;
    return fine;
}

/* Of the program: what it stands for is in the ledger alone. */
static bool find_covered(stele_survey *survey, stele_place *place, stele_arena *arena)
{
    const stele_migration *migration = place->migration;
    stele_place **covered = stele_arena_get(arena, survey->count - survey->known, sizeof *covered);
    size_t count = 0;
    if (covered == NULL)
        return false;
    for (size_t i = survey->known; i < survey->count; i++) {
        stele_place *one = &survey->places[i];
        if (is_versioned_of(one, migration->component) && stele_version_compare(one->entry->row.version, migration->version) < 0)
            covered[count++] = one;
    }
    if (count == 0)
        return true;
    qsort(covered, count, sizeof *covered, by_version);
    for (size_t i = 0; i < count; i++)
        covered[i]->standing = STELE_COVERED;
    return weigh_covered(place, covered, count);
}

/* Of a newer program: does it stand for what this program has? Then that is in, by its row. */
static void find_covering(stele_survey *survey, const stele_migrations *table, const stele_place *place)
{
    const char *component = place->entry->row.component;
    stele_squash squash;
    size_t end = 0;
    if (!place->in || !stele_compat_squash(place->entry->row.compat, &squash))
        return;
    for (size_t i = 0; i < survey->known && end == 0; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (strcmp(migration->component, component) == 0 && strcmp(migration->state, squash.state) == 0)
            end = i + 1;
    }
    for (size_t i = 0; i < end; i++) {
        stele_place *one = &survey->places[i];
        if (one->standing == STELE_WAITING && !one->migration->repeatable && strcmp(one->migration->component, component) == 0) {
            one->standing = STELE_APPLIED;
            one->covered = place->entry;
        }
    }
}

bool stele_squashes_find(stele_survey *survey, const stele_migrations *table, stele_arena *arena)
{
    for (size_t i = 0; i < survey->known; i++) {
        stele_place *place = &survey->places[i];
        if (place->migration->squashes != NULL && place->standing == STELE_WAITING && !find_covered(survey, place, arena))
            return false;
    }
    for (size_t i = survey->known; i < survey->count; i++)
        find_covering(survey, table, &survey->places[i]);
    return true;
}

stele_status stele_squash_error(const stele_place *place, stele_error *error)
{
    const stele_migration *migration = place->migration;
    const stele_row *row = place->reached == NULL ? NULL : &place->reached->row;
    if (place->squashing == STELE_SQUASHES_NONE || place->squashing == STELE_SQUASHES_ALL)
        return STELE_OK;
    stele_error_file(error, migration);
    if (place->squashing == STELE_SQUASHES_BELOW) {
        stele_error_set(error, STELE_AHEAD, "the database is at \"%s\"; this program begins at \"%s\"", row->version, migration->squashes);
        stele_error_hint(error, "run %s first, which brings it to \"%s\"", migration->squashes_release, migration->squashes);
    } else if (place->squashing == STELE_SQUASHES_HALF) {
        stele_error_set(error, STELE_AHEAD, "\"%s\" is half done in the database, and \"%s\" stands for it in this program", row->file, migration->file);
        stele_error_hint(error, "run %s first, which has that file: up goes on with it, down if it is half taken back", migration->squashes_release);
    } else {
        stele_error_set(error, STELE_TAMPERED, "the database is at \"%s\", but not by the files that \"%s\" stands for", row->version, migration->file);
        stele_error_detail(error, "\"%s\" stands for %s, up to \"%s\" of %s", migration->file, migration->squashes_state, migration->squashes,
                           migration->squashes_release);
        stele_error_hint(error, "run audit of %s, which says what is different, and how to repair it", migration->squashes_release);
    }
    return place->squashing == STELE_SQUASHES_OTHER ? STELE_TAMPERED : STELE_AHEAD;
}

/* ---------------------------------------------------------------- what is newer */

/* The row that says what the place's migration is to older programs; on its way out, the one that put it in. */
static const stele_entry *judged(const stele_place *place)
{
    return place->back && place->put != NULL ? place->put : place->entry;
}

/* One that stands for what this program has changes nothing for it. */
static bool stands_for_ours(const stele_survey *survey, const stele_place *place)
{
    for (size_t i = 0; i < survey->known; i++)
        if (survey->places[i].covered != NULL && survey->places[i].covered == place->entry)
            return true;
    return false;
}

/* Something of the component that only a newer program can have made. */
static bool is_of_newer(const stele_migrations *table, const stele_place *place)
{
    if (place->migration != NULL)
        return place->migration->repeatable && place->in && place->standing == STELE_WAITING; /* as another text */
    return stele_version_repeats(place->entry->row.version) || stele_is_newer(table, place->entry);
}

static bool can_live(const stele_survey *survey, const stele_migrations *table, const char *component)
{
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        if (place->entry != NULL && strcmp(place->entry->row.component, component) == 0 && is_of_newer(table, place) &&
            !stele_compat_lives(judged(place)->row.compat) && !stands_for_ours(survey, place))
            return false;
    }
    return true;
}

static bool is_newer_version(const stele_migrations *table, const stele_place *place, const char *component)
{
    return place->migration == NULL && place->standing == STELE_UNKNOWN && !stele_version_repeats(place->entry->row.version) &&
           strcmp(place->entry->row.component, component) == 0 && stele_is_newer(table, place->entry);
}

void stele_newer_find(stele_survey *survey, const stele_migrations *table)
{
    for (size_t c = 0; c < table->component_count; c++) {
        const char *component = table->components[c];
        for (size_t i = survey->known; i < survey->count; i++)
            survey->newer[c] += is_newer_version(table, &survey->places[i], component);
        if (survey->newer[c] > 0 && !can_live(survey, table, component))
            survey->newer[c] = 0;
        for (size_t i = 0; i < survey->count && survey->newer[c] > 0; i++) {
            stele_place *place = &survey->places[i];
            if (place->entry != NULL && strcmp(place->entry->row.component, component) == 0 && is_of_newer(table, place))
                place->standing = STELE_NEWER;
        }
    }
}

void stele_not_lived_with(const stele_entry *entry, char *words, size_t size)
{
    char reason[512];
    words[0] = '\0';
    if (stele_compat_lives(entry->row.compat))
        return;
    stele_compat_reason(entry->row.compat, reason, sizeof reason);
    snprintf(words, size, ", which older programs can't live with%s%s", reason[0] == '\0' ? "" : ": ", reason);
}

/* ------------------------------------------------------------- what is behind */

static size_t newer_of(const stele_survey *survey, const stele_migrations *table, const char *component)
{
    size_t c = stele_component_index(table, component);
    return survey->newer == NULL || c == table->component_count ? 0 : survey->newer[c];
}

bool stele_is_behind(const stele_survey *survey, const stele_migrations *table, const stele_place *place)
{
    return place->migration != NULL && !place->in &&
           (place->standing == STELE_WAITING || place->standing == STELE_INTERRUPTED || place->standing == STELE_MISPLACED) &&
           newer_of(survey, table, place->migration->component) > 0;
}

stele_status stele_behind_error(const stele_survey *survey, const stele_migrations *table, const stele_place *place, stele_error *error)
{
    const stele_migration *migration = place->migration;
    char words[600];
    stele_ahead_words(survey, table, migration->component, words, sizeof words);
    stele_error_file(error, migration);
    stele_error_set(error, STELE_AHEAD, "\"%s\" is %s, and %s", migration->file,
                    place->standing == STELE_INTERRUPTED ? "half done" : "not applied", words);
    if (migration->repeatable)
        stele_error_hint(error, "run up of the newer program, which has the text of it that belongs there");
    else
        stele_error_hint(error, "run up of a program that has all of them; where there is none, since two branches went on from one version,"
                                " give \"%s\" a version above the newer ones, and build a program of both", migration->file);
    return STELE_AHEAD;
}

/* ------------------------------------------------------------------- in words */

size_t stele_ahead_words(const stele_survey *survey, const stele_migrations *table, const char *component, char *words, size_t size)
{
    enum { NAMED = 8 };
    char names[400] = "";
    size_t count = 0, length = 0;
    for (size_t i = survey->known; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        const stele_row *row = place->entry == NULL ? NULL : &place->entry->row;
        if (place->standing != STELE_NEWER || stele_version_repeats(row->version) || (component != NULL && strcmp(component, row->component) != 0))
            continue;
        const char *named = component == NULL && table->component_count > 1 ? row->component : "";
        size_t room = sizeof names - length, needs = strlen(named) + strlen(row->file) + 4;
        if (count++ < NAMED && needs < room)
            length += (size_t)snprintf(names + length, room, "%s%s%s%s", length == 0 ? "" : ", ", named, named[0] == '\0' ? "" : "/", row->file);
        else if (length > 0 && names[length - 1] != '.' && room > 5)
            length += (size_t)snprintf(names + length, room, " ...");
    }
    if (count > 0)
        snprintf(words, size, "the database is ahead of this program by %zu migration%s, which older programs can live with: %s", count,
                 count == 1 ? "" : "s", names);
    return count;
}
