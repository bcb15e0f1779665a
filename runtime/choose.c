#include <stdlib.h>
#include <string.h>

#include "back.h"
#include "error.h"

bool stele_goes_back(const stele_place *place)
{
    return place->entry != NULL && place->standing != STELE_WAITING && (place->in || place->back) &&
           !stele_version_repeats(place->entry->row.version);
}

const stele_choice *stele_way_choice(const stele_way *way, const char *component, const char *version)
{
    for (size_t i = 0; i < way->count; i++)
        if (strcmp(way->choices[i].component, component) == 0 && strcmp(way->choices[i].version, version) == 0)
            return &way->choices[i];
    return NULL;
}

size_t stele_way_gaps(const stele_way *way, const stele_survey *survey)
{
    size_t gaps = 0, before = 0;
    for (size_t i = 0; i < survey->known && way->count > 0; i++) {
        const stele_place *place = &survey->places[i];
        if (place->migration->repeatable || strcmp(place->migration->component, way->choices[0].component) != 0)
            continue;
        if (stele_way_choice(way, place->migration->component, place->migration->version) != NULL)
            gaps = before;
        else
            before += !place->in;
    }
    return gaps;
}

/* ----------------------------------------------------------------- component */

/* "memory/004" names the component, too. NULL where only memory is missing shows in *error. */
static stele_status named_component(stele_way *way, const stele_migrations *table, const char **component, stele_error *error)
{
    const char *slash = way->asked->target == NULL ? NULL : strchr(way->asked->target, '/');
    *component = way->asked->component;
    if (*component == NULL && slash != NULL) {
        *component = stele_arena_copy(&way->arena, way->asked->target, (size_t)(slash - way->asked->target));
        if (*component == NULL)
            return stele_error_memory(error);
    }
    if (*component == NULL || stele_component_index(table, *component) < table->component_count)
        return STELE_OK;
    return stele_error_set(error, STELE_USAGE, "there is no component \"%s\" in this program", *component);
}

/* As named; else the only one that has anything to take back, or that has the target. */
static stele_status find_component(stele_way *way, const stele_migrations *table, const stele_survey *survey,
                                   const char **component, stele_error *error)
{
    const char *target = way->asked->target;
    stele_status status = named_component(way, table, component, error);
    if (status != STELE_OK || *component != NULL)
        return status;
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        const stele_row *row = place->entry == NULL ? NULL : &place->entry->row;
        if (!stele_goes_back(place) || (*component != NULL && strcmp(*component, row->component) == 0) ||
            (target != NULL && !stele_is_named(row->component, row->version, target)))
            continue;
        if (*component != NULL) {
            stele_error_set(error, STELE_USAGE, target == NULL ? "this program carries several components; say which one to take back"
                                                               : "several components have a migration \"%s\"; say which one is meant",
                            target);
            stele_error_hint(error, "--component NAME, or name the version as component/version");
            return STELE_USAGE;
        }
        *component = row->component;
    }
    if (*component == NULL && table->component_count > 0)
        *component = table->components[0];
    return STELE_OK;
}

/* ----------------------------------------------------------------- migrations */

/* The last applied first. One that is half out comes before all. */
static int by_age(const void *a, const void *b)
{
    const stele_place *p = *(const stele_place *const *)a, *q = *(const stele_place *const *)b;
    int64_t one = p->back ? INT64_MAX : p->since, other = q->back ? INT64_MAX : q->since;
    return (one < other) - (one > other);
}

/* Its steps are in, but for some: there is no down section for that. Only a program that has it, as it was begun, can finish it. */
static stele_status refuse_half(const stele_migrations *table, const stele_place *place, stele_error *error)
{
    const stele_row *row = &place->entry->row;
    if (place->migration == NULL)
        return stele_unknown_error(table, place, error);
    if (place->standing != STELE_INTERRUPTED)
        return stele_place_error(place, error);
    stele_error_file(error, place->migration);
    stele_error_set(error, STELE_FAILED, "\"%s\" is half applied: there is no way back from there", row->file);
    stele_error_hint(error, "finish it with up first; or, when what is in was cleaned up by hand, tell the ledger: repair forget %s/%s --reason TEXT",
                     row->component, row->version);
    return STELE_FAILED;
}

/* All that the component has in, the last applied first. */
static stele_status list_component(const stele_migrations *table, const stele_survey *survey, const char *component, const stele_place **list, size_t *count,
                                   stele_error *error)
{
    *count = 0;
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        if (place->entry == NULL || strcmp(place->entry->row.component, component) != 0 ||
            stele_version_repeats(place->entry->row.version))
            continue;
        if (stele_goes_back(place))
            list[(*count)++] = place;
        else if (!place->in && place->standing != STELE_WAITING)
            return refuse_half(table, place, error);
    }
    qsort(list, *count, sizeof *list, by_age);
    return STELE_OK;
}

/* Keep what comes after the target in the order of versions: one that was applied out of order may be older, and stays. */
static stele_status cut_at(const char *target, const stele_place **list, size_t *count, stele_error *error)
{
    const char *version = NULL;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if (!list[i]->back && stele_is_named(list[i]->entry->row.component, list[i]->entry->row.version, target))
            version = list[i]->entry->row.version;
    if (version == NULL) {
        stele_error_set(error, STELE_USAGE, "\"%s\" is not applied, so there is no way back to it", target);
        stele_error_hint(error, "down VERSION takes back what comes after that version, which stays; status lists what is applied");
        return STELE_USAGE;
    }
    for (size_t i = 0; i < *count; i++)
        if (list[i]->back || stele_version_compare(list[i]->entry->row.version, version) > 0)
            list[kept++] = list[i];
    *count = kept;
    return STELE_OK;
}

/* Keep the first so many. One that isn't there is nothing to take back; three, where two are there, was a mistake. */
static stele_status cut_after(unsigned asked, size_t *count, stele_error *error)
{
    if (asked > 1 && asked > *count) {
        stele_error_set(error, STELE_USAGE, "only %zu migration%s applied", *count, *count == 1 ? " is" : "s are");
        stele_error_hint(error, "down --all takes everything back");
        return STELE_USAGE;
    }
    if (*count > 0)
        *count = asked == 0 ? 1 : asked;
    return STELE_OK;
}

static stele_status keep(stele_way *way, const stele_place *const *list, size_t count, stele_error *error)
{
    way->choices = stele_arena_get(&way->arena, count, sizeof *way->choices);
    if (way->choices == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < count; i++) {
        const stele_row *row = &list[i]->entry->row;
        way->choices[i] = (stele_choice){stele_arena_copy(&way->arena, row->component, strlen(row->component)),
                                         stele_arena_copy(&way->arena, row->version, strlen(row->version)), list[i]->since};
        if (way->choices[i].component == NULL || way->choices[i].version == NULL)
            return stele_error_memory(error);
    }
    way->count = count;
    way->chosen = true;
    return STELE_OK;
}

stele_status stele_way_choose(stele_way *way, const stele_migrations *table, const stele_survey *survey, stele_error *error)
{
    const stele_place **list = stele_arena_get(&way->arena, survey->count, sizeof *list);
    const char *component = NULL;
    size_t count = 0;
    if (list == NULL)
        return stele_error_memory(error);
    stele_status status = find_component(way, table, survey, &component, error);
    if (status == STELE_OK && component != NULL)
        status = list_component(table, survey, component, list, &count, error);
    for (size_t i = 0; i < count; i++)
        way->youngest = list[i]->since > way->youngest ? list[i]->since : way->youngest;
    if (status == STELE_OK && way->asked->target != NULL)
        status = cut_at(way->asked->target, list, &count, error);
    else if (status == STELE_OK && !way->asked->all)
        status = cut_after(way->asked->count, &count, error);
    if (status == STELE_OK)
        status = keep(way, list, count, error);
    way->gaps = stele_way_gaps(way, survey);
    return status;
}
