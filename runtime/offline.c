#include "offline.h"

#include <string.h>

#include "back.h"
#include "carry.h"
#include "error.h"
#include "psql.h"
#include "record.h"
#include "script.h"

/* ---------------------------------------------------------------- the whole of it */

/* Lua runs in a program with a connection, and nowhere else. */
static stele_status refuse_lua(const stele_worklist *list, stele_error *error)
{
    for (size_t i = 0; i < list->count; i++) {
        const stele_migration *migration = list->actions[i].migration;
        if (list->actions[i].part == NULL || !migration->lua)
            continue;
        stele_error_file(error, migration);
        stele_error_set(error, STELE_UNMET, "\"%s\" is Lua, which psql can't run", migration->file);
        stele_error_hint(error, "end the script before it, run that one with up, and begin the next script behind it");
        return STELE_UNMET;
    }
    return STELE_OK;
}

/* What is in it, for the reader. */
static void put_heading(stele_sheet *sheet)
{
    const stele_worklist *list = sheet->list;
    char build[128];
    stele_build_name(build, sheet->handle->table);
    stele_psql_comment(&sheet->text, "A script for psql that leaves the schema and the ledger as up and down would.");
    stele_psql_comment(&sheet->text, build);
    stele_psql_comment(&sheet->text, "Run it once, with psql 11 or later, as the role that migrates: psql -X -f FILE");
    stele_psql_comment(&sheet->text, "It does nothing unless the database is where it begins. It stops at the first error; what is in then is recorded.");
    for (size_t i = 0; i < list->count; i++)
        stele_text_print(&sheet->text, "--   %-8s %s %s\n", list->actions[i].deed, list->actions[i].migration->component,
                         list->actions[i].migration->file);
}

static stele_status write_sheet(stele_sheet *sheet, stele_arena *arena, stele_write write, void *data,
                                stele_error *error)
{
    stele_status status = refuse_lua(sheet->list, error);
    if (status == STELE_OK)
        status = stele_sheet_counts(sheet, error);
    if (status != STELE_OK)
        return status;
    if (!stele_set_make(&sheet->set, sheet->survey->places, sheet->survey->count, arena))
        return stele_error_memory(error);
    if (sheet->list->count == 0) {
        stele_psql_comment(&sheet->text, "nothing to do");
    } else {
        put_heading(sheet);
        stele_sheet_begin(sheet);
        for (size_t i = 0; i < sheet->list->count; i++)
            stele_sheet_action(sheet, i);
        stele_text_string(&sheet->text, "\\o\n");
    }
    if (sheet->text.failed)
        status = stele_error_memory(error);
    else
        write(data, sheet->text.bytes, sheet->text.length);
    stele_text_free(&sheet->text);
    return status;
}

/* Which components the list is about. */
static void mark_used(stele_sheet *sheet)
{
    const stele_migrations *table = sheet->handle->table;
    for (size_t i = 0; i < sheet->list->count; i++)
        sheet->bounds[stele_component_index(table, sheet->list->actions[i].migration->component)].used = true;
}

stele_status stele_sheet_write(stele *handle, const stele_ledger *ledger, const stele_survey *survey, const stele_worklist *list,
                               stele_write write, void *data, stele_error *error)
{
    size_t count = handle->table->component_count;
    stele_arena arena = {0};
    stele_sheet sheet = {.handle = handle, .survey = survey, .list = list, .bounds = stele_arena_get(&arena, count, sizeof *sheet.bounds)};
    char(*hashes)[STELE_CHECKSUM_SIZE] = stele_arena_get(&arena, count, sizeof *hashes);
    stele_status status = sheet.bounds == NULL || hashes == NULL ? stele_error_memory(error) : STELE_OK;
    for (size_t i = 0; i < count && status == STELE_OK; i++) {
        const stele_anchor *anchor = stele_ledger_anchor(ledger, handle->table->components[i]);
        if (anchor != NULL)
            stele_checksum_write(hashes[i], "r1", anchor->hash);
        sheet.bounds[i] = (stele_bound){.begun = anchor != NULL, .seq = anchor == NULL ? 0 : anchor->seq, .hash = hashes[i]};
    }
    if (status == STELE_OK) {
        mark_used(&sheet);
        status = write_sheet(&sheet, &arena, write, data, error);
    }
    stele_arena_free(&arena);
    return status;
}

/* ------------------------------------------------------------- without a connection */

/* A way through one component's migrations, as places of the table, counted from 1; 0 is before the first one. */
typedef struct stretch {
    bool used;
    size_t from, to; /* the versions that the database is at, before and after */
    bool all;        /* to the end: the repeatable ones too */
} stretch;

typedef struct route {
    stele handle; /* without a connection */
    stretch *stretches;
    stele_survey survey;
    stele_worklist list;
    stele_sheet sheet;
    bool down;
    stele_arena arena;
} route;

/* The component that a range names, the only one, or NULL. */
static const char *component_of(const stele_migrations *table, const char *from, const char *to)
{
    for (size_t i = 0; i < table->component_count; i++) {
        size_t length = strlen(table->components[i]);
        if ((strncmp(from, table->components[i], length) == 0 && from[length] == '/') ||
            (strncmp(to, table->components[i], length) == 0 && to[length] == '/'))
            return table->components[i];
    }
    return table->component_count == 1 ? table->components[0] : NULL;
}

/* "", "0", "000": before the first migration, unless one is called so. */
static bool is_nothing(const char *version)
{
    return version[strspn(version, "0")] == '\0';
}

/* Without the component. */
static const char *version_of(const char *target)
{
    return strchr(target, '/') == NULL ? target : strchr(target, '/') + 1;
}

static stele_status find_version(const stele_migrations *table, const char *component, const char *target, size_t *at, stele_error *error)
{
    *at = 0;
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        if (!migration->repeatable && strcmp(migration->component, component) == 0 && stele_is_named(component, migration->version, target))
            *at = i + 1;
    }
    const char *slash = strchr(target, '/');
    if (slash != NULL && ((size_t)(slash - target) != strlen(component) || strncmp(target, component, strlen(component)) != 0)) {
        stele_error_set(error, STELE_USAGE, "a range is about one component, and \"%s\" is not of \"%s\"", target, component);
        stele_error_hint(error, "component/FROM:TO; several of these are separated by commas");
        return STELE_USAGE;
    }
    if (*at > 0 || is_nothing(version_of(target)))
        return STELE_OK;
    return stele_error_set(error, STELE_USAGE, "there is no migration \"%s\" in this program", target);
}

/* Behind the last versioned migration of a component. */
static size_t end_of(const stele_migrations *table, const char *component)
{
    size_t end = 0;
    for (size_t i = 0; i < table->count; i++)
        if (!table->migrations[i].repeatable && strcmp(table->migrations[i].component, component) == 0)
            end = i + 1;
    return end;
}

static stele_status take_stretch(route *r, size_t index, const char *from, const char *to, stele_error *error)
{
    const stele_migrations *table = r->handle.table;
    const char *component = table->components[index];
    stretch *s = &r->stretches[index];
    s->used = true;
    stele_status status = find_version(table, component, from, &s->from, error);
    if (status == STELE_OK)
        status = find_version(table, component, to, &s->to, error);
    if (status == STELE_OK && r->down && version_of(from)[0] == '\0')
        s->from = end_of(table, component);
    if (!r->down && version_of(to)[0] == '\0') {
        s->to = end_of(table, component);
        s->all = true;
    }
    if (status == STELE_OK && (r->down ? s->to > s->from : s->from > s->to)) {
        status = stele_error_set(error, STELE_USAGE, "\"%s\" does not come %s \"%s\"", to, r->down ? "before" : "after", from);
        stele_error_hint(error, r->down ? "on the way back the range begins with the later version" : "the way back is: plan --sql --down FROM:TO");
    }
    return status;
}

/* Every component, from nothing; up to where `to` stands in the table. */
static stele_status take_all(route *r, const char *from, const char *to, stele_error *error)
{
    const stele_migrations *table = r->handle.table;
    size_t end;
    stele_status status = stele_target_find(table, to[0] == '\0' ? NULL : to, &end, error);
    if (status == STELE_OK && (!is_nothing(from) || (r->down && to[0] != '\0'))) {
        stele_error_set(error, STELE_USAGE, "this program carries several components; say which one \"%s:%s\" is about", from, to);
        stele_error_hint(error, "component/FROM:TO; several of these are separated by commas");
        return STELE_USAGE;
    }
    for (size_t i = 0; i < table->component_count && status == STELE_OK; i++) {
        stretch *s = &r->stretches[i];
        s->used = true;
        s->all = !r->down && to[0] == '\0';
        for (size_t m = 0; m < end; m++)
            if (!table->migrations[m].repeatable && strcmp(table->migrations[m].component, table->components[i]) == 0)
                *(r->down ? &s->from : &s->to) = m + 1;
    }
    return status;
}

static stele_status take_range(route *r, const char *range, size_t length, stele_error *error)
{
    char *from = stele_arena_copy(&r->arena, range, length);
    char *colon = from == NULL ? NULL : strchr(from, ':');
    if (from == NULL)
        return stele_error_memory(error);
    if (colon == NULL) {
        stele_error_set(error, STELE_USAGE, "\"%s\" is not a range", from);
        stele_error_hint(error, "FROM:TO, where the database is at FROM; without FROM it is empty, without TO it is brought to the end");
        return STELE_USAGE;
    }
    *colon = '\0';
    const char *component = component_of(r->handle.table, from, colon + 1);
    if (component == NULL)
        return take_all(r, from, colon + 1, error);
    return take_stretch(r, stele_component_index(r->handle.table, component), from, colon + 1, error);
}

static stele_status take_ranges(route *r, const char *ranges, stele_error *error)
{
    stele_status status = STELE_OK;
    for (const char *range = ranges; status == STELE_OK;) {
        size_t length = strcspn(range, ",");
        status = take_range(r, range, length, error);
        if (range[length] == '\0')
            break;
        range += length + 1;
    }
    return status;
}

/* The places as they are where every component is at the begin of its stretch. */
static bool make_survey(route *r)
{
    const stele_migrations *table = r->handle.table;
    stele_entry *entries = stele_arena_get(&r->arena, table->count, sizeof *entries);
    r->survey = (stele_survey){.places = stele_arena_get(&r->arena, table->count, sizeof *r->survey.places),
                               .count = table->count,
                               .known = table->count};
    if (entries == NULL || r->survey.places == NULL)
        return false;
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        const stretch *s = &r->stretches[stele_component_index(table, migration->component)];
        stele_place *place = &r->survey.places[i];
        *place = (stele_place){.migration = migration, .standing = STELE_WAITING};
        if (migration->repeatable || !s->used || i >= s->from)
            continue;
        entries[i].row = (stele_row){.component = migration->component, .action = "apply", .version = migration->version,
                                     .name = migration->name, .file = migration->file, .source = migration->source};
        stele_place_take(place, &entries[i]);
    }
    return true;
}

static bool make_bounds(route *r)
{
    const stele_migrations *table = r->handle.table;
    r->sheet.bounds = stele_arena_get(&r->arena, table->component_count, sizeof *r->sheet.bounds);
    for (size_t i = 0; i < table->component_count && r->sheet.bounds != NULL; i++) {
        stele_bound *bound = &r->sheet.bounds[i];
        size_t from = r->stretches[i].from;
        uint8_t digest[STELE_DIGEST_SIZE];
        if (!stele_state_start(digest, table->components[i]))
            return false;
        stele_checksum_write(bound->now, "d1", digest);
        if (from > 0)
            memcpy(bound->now, table->migrations[from - 1].state, strlen(table->migrations[from - 1].state) + 1);
        bound->state = stele_arena_copy(&r->arena, bound->now, strlen(bound->now));
        bound->begun = from > 0;
        for (size_t m = 0; m < table->count && from > 0; m++)
            bound->blind |= table->migrations[m].repeatable && strcmp(table->migrations[m].component, table->components[i]) == 0;
        if (bound->state == NULL)
            return false;
    }
    return r->sheet.bounds != NULL;
}

static bool make_list(route *r)
{
    const stele_migrations *table = r->handle.table;
    r->list.actions = stele_arena_get(&r->arena, table->count, sizeof *r->list.actions);
    for (size_t n = 0; n < table->count && r->list.actions != NULL; n++) {
        size_t i = r->down ? table->count - 1 - n : n;
        const stele_migration *migration = &table->migrations[i];
        const stretch *s = &r->stretches[stele_component_index(table, migration->component)];
        bool between = !migration->repeatable && (r->down ? i >= s->to && i < s->from : i >= s->from && i < s->to);
        if (s->used && (between || (migration->repeatable && s->all)))
            r->list.actions[r->list.count++] = (stele_action){.deed = r->down ? "revert" : "apply",
                                                              .migration = migration,
                                                              .part = r->down ? &migration->down : &migration->up,
                                                              .place = i};
    }
    return r->list.actions != NULL;
}

/* ------------------------------------------------------- checks without a connection */

static stele_status add_condition(route *r, bool in, const char *component, const char *version, const char *message, stele_error *error)
{
    if (message == NULL)
        return stele_error_memory(error);
    r->sheet.conditions[r->sheet.condition_count++] = (stele_condition){component, version, in, message};
    return STELE_OK;
}

static bool is_used(const route *r, const char *component)
{
    size_t index = stele_component_index(r->handle.table, component);
    return index < r->handle.table->component_count && r->stretches[index].used;
}

/* What it comes after must be in by then: what these ranges don't tell, the script asks. */
static stele_status check_after(route *r, size_t at, stele_error *error)
{
    const stele_migration *migration = r->list.actions[at].migration;
    stele_status status = STELE_OK;
    for (uint32_t i = 0; i < migration->dependency_count && status == STELE_OK; i++) {
        const stele_dependency *after = &migration->after[i];
        const char *message = stele_arena_print(&r->arena, "\"%s\" comes after %s/%s, which is not applied", migration->file,
                                                after->component, after->version);
        if (stele_is_met(&r->survey, &r->list, at, after))
            continue;
        if (!is_used(r, after->component))
            status = add_condition(r, true, after->component, after->version, message, error);
        else
            status = message == NULL ? stele_error_memory(error) : stele_error_set(error, STELE_UNMET, "%s", message);
    }
    return status;
}

static bool is_going(const route *r, const stele_migration *migration)
{
    for (size_t i = 0; i < r->list.count; i++)
        if (r->list.actions[i].migration == migration)
            return true;
    return false;
}

/* No migration that stays may come after one that goes. */
static stele_status check_followers(route *r, size_t at, stele_error *error)
{
    const stele_migrations *table = r->handle.table;
    const stele_migration *going = r->list.actions[at].migration;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *other = &table->migrations[i];
        for (uint32_t j = 0; j < other->dependency_count && status == STELE_OK; j++) {
            if (strcmp(other->after[j].component, going->component) != 0 ||
                stele_version_compare(other->after[j].version, going->version) != 0)
                continue;
            const char *message = stele_arena_print(&r->arena, "\"%s\" can't be taken back: %s/%s comes after it, and is applied",
                                                    going->file, other->component, other->version);
            if (!is_used(r, other->component))
                status = add_condition(r, false, other->component, other->version, message, error);
            else if (r->survey.places[i].in && !is_going(r, other))
                status = message == NULL ? stele_error_memory(error) : stele_error_set(error, STELE_UNMET, "%s", message);
        }
    }
    return status;
}

/* Whether a repeatable is due is found out by the script, which can't skip data lines. */
static stele_status check_skipping(const route *r, const stele_migration *migration, stele_error *error)
{
    bool copies = false;
    for (uint32_t i = 0; i < migration->statement_count; i++)
        copies |= migration->statements[i].kind == STELE_COPY;
    if (!copies || !migration->repeatable || !r->sheet.bounds[stele_component_index(r->handle.table, migration->component)].blind)
        return STELE_OK;
    stele_error_file(error, migration);
    stele_error_set(error, STELE_UNMET, "\"%s\" holds COPY data, and whether it is due only the database can tell", migration->file);
    stele_error_hint(error, "plan with a connection; or name the last version behind the colon, and leave the repeatable ones to up");
    return STELE_UNMET;
}

static stele_status check_action(route *r, size_t at, stele_error *error)
{
    const stele_migration *migration = r->list.actions[at].migration;
    stele_status status = stele_values_suffice(&r->handle.values, r->handle.table, migration, error);
    if (status == STELE_OK && r->down && !stele_script_exists(migration))
        return stele_one_way_error(migration, error);
    if (status == STELE_OK)
        status = check_skipping(r, migration, error);
    if (status == STELE_OK)
        status = r->down ? check_followers(r, at, error) : check_after(r, at, error);
    return status;
}

static stele_status check(route *r, stele_error *error)
{
    const stele_migrations *table = r->handle.table;
    const char **in_force = stele_arena_get(&r->arena, table->component_count, sizeof *in_force);
    size_t dependencies = 0;
    for (size_t i = 0; i < table->count; i++)
        dependencies += table->migrations[i].dependency_count;
    r->sheet.conditions = stele_arena_get(&r->arena, dependencies, sizeof *r->sheet.conditions);
    if (in_force == NULL || r->sheet.conditions == NULL)
        return stele_error_memory(error);
    stele_status status = stele_values_agree(&r->handle.values, table, in_force, &r->arena, error);
    for (size_t i = 0; i < r->list.count && status == STELE_OK; i++)
        status = check_action(r, i, error);
    return status;
}

stele_status stele_script_offline(const stele_migrations *migrations, const stele_options *options, const char *ranges, int down,
                                  stele_write write, void *data, stele_error *error)
{
    route r = {.down = down != 0};
    stele_error_clear(error);
    stele_status status = stele_handle_prepare(&r.handle, migrations, options, error);
    if (status == STELE_OK) {
        r.stretches = stele_arena_get(&r.arena, migrations->component_count, sizeof *r.stretches);
        status = r.stretches == NULL ? stele_error_memory(error) : take_ranges(&r, ranges, error);
    }
    if (status == STELE_OK && (!make_survey(&r) || !make_list(&r) || !make_bounds(&r)))
        status = stele_error_memory(error);
    if (status == STELE_OK)
        status = check(&r, error);
    if (status == STELE_OK) {
        r.sheet.handle = &r.handle;
        r.sheet.survey = &r.survey;
        r.sheet.list = &r.list;
        mark_used(&r.sheet);
        status = write_sheet(&r.sheet, &r.arena, write, data, error);
    }
    stele_arena_free(&r.arena);
    stele_arena_free(&r.handle.arena);
    return status;
}
