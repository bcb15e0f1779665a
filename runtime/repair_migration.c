/* Repairs about migrations: baseline, accept, done, retry, forget. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "repair.h"

/* -------------------------------------------------------------------- which one */

/* What a place is called: by the program, or where that doesn't have it, by the ledger. */
typedef struct called {
    const char *component, *version, *name, *file;
} called;

static called call(const stele_place *place)
{
    const stele_migration *migration = place->migration;
    if (migration != NULL)
        return (called){migration->component, migration->version, migration->name, migration->file};
    const stele_row *row = &place->entry->row;
    return (called){row->component, row->version, row->name, row->file};
}

/* 0: not this one; 1: its version, as a number; 2: exactly, or a repeatable by its name. */
static int is_target(const called *one, const char *target)
{
    size_t length = strlen(one->component);
    if (strncmp(target, one->component, length) == 0 && target[length] == '/')
        target += length + 1;
    if (stele_version_repeats(one->version))
        return strncmp(target, "R_", 2) == 0 && strcmp(target + 2, one->name) == 0 ? 2 : 0;
    return strcmp(one->version, target) == 0 ? 2 : stele_is_named(one->component, one->version, target);
}

/* The place that is meant. The ledger may have "1" where the program has "001": what is written exactly so comes first. */
static stele_status find_place(const stele_planning *p, size_t *found, stele_error *error)
{
    const char *target = p->asked->target;
    size_t count[3] = {0}, at[3] = {0};
    for (size_t i = 0; i < p->survey->count; i++) {
        const called one = call(&p->survey->places[i]);
        int fits = stele_is_asked_for(p, one.component) ? is_target(&one, target) : 0;
        count[fits]++;
        at[fits] = i;
    }
    int best = count[2] > 0 ? 2 : 1;
    *found = at[best];
    if (count[best] == 1)
        return STELE_OK;
    if (count[best] > 1) {
        stele_error_set(error, STELE_USAGE, "%zu components have a migration \"%s\"; name one as component/version", count[best], target);
    } else {
        stele_error_set(error, STELE_USAGE, "there is no migration \"%s\", neither in this program nor applied", target);
        stele_error_hint(error, "status lists all of them; a repeatable one is called R_name");
    }
    return STELE_USAGE;
}

/* Nothing of that kind is wrong with it. */
static stele_status refuse(const char *what, const stele_place *place, const char *hint, stele_error *error)
{
    const called one = call(place);
    const char *is = place->migration == NULL && !place->in             ? "is half applied, and isn't in this program"
                     : place->migration == NULL                         ? "was applied, but isn't in this program"
                     : place->standing == STELE_INTERRUPTED && place->back ? "is half taken back"
                     : place->standing == STELE_INTERRUPTED             ? "is half applied"
                     : place->standing == STELE_APPLIED                 ? "is applied, and is what this program has"
                     : place->in && place->migration->repeatable        ? "was applied, and will be again"
                     : place->in                                        ? "is applied, from another file"
                     : place->entry != NULL && place->standing != STELE_WAITING && place->standing != STELE_MISPLACED
                         ? "is half applied, from another file"
                         : "is not applied";
    stele_error_set(error, STELE_USAGE, "\"%s\" %s: there is nothing to %s", one.file, is, what);
    if (hint != NULL)
        stele_error_hint(error, "%s", hint);
    return STELE_USAGE;
}

static const stele_part *part_of(const stele_place *place)
{
    return place->back ? &place->migration->down : &place->migration->up;
}

static bool differs(const stele_place *place)
{
    return place->standing == STELE_EDITED || place->standing == STELE_REFORMATTED || place->standing == STELE_RENAMED;
}

/* ---------------------------------------------------------------------- accept */

/* Is the script that the ledger keeps for it another one than was written? */
static stele_status is_script_damaged(const stele_planning *p, const stele_place *place, bool *damaged, stele_error *error)
{
    char seq[24];
    stele_rows *rows = NULL;
    snprintf(seq, sizeof seq, "%lld", (long long)place->entry->row.seq);
    const char *values[] = {place->entry->row.component, seq};
    const char *sql = stele_arena_print(p->arena, "SELECT pg_catalog.sha256(pg_catalog.convert_to(down, 'UTF8')) IS DISTINCT FROM down_sha256"
                                                  " FROM %s.ledger WHERE component OPERATOR(pg_catalog.=) $1 AND seq OPERATOR(pg_catalog.=)"
                                                  " $2::pg_catalog.int8",
                                        p->handle->schema);
    stele_status status = sql == NULL ? stele_error_memory(error) : stele_link_query(&p->handle->link, sql, 2, values, &rows, error);
    *damaged = status == STELE_OK && stele_rows_count(rows) == 1 && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

/* What is done of it stays done; the file of this program goes on from there, when it has that many steps. */
static stele_status accept_half(stele_planning *p, size_t at, stele_error *error)
{
    const stele_place *place = &p->survey->places[at];
    const stele_part *part = part_of(place);
    if (place->steps_done > part->step_count) {
        stele_error_file(error, place->migration);
        stele_error_set(error, STELE_USAGE, "%u steps of \"%s\" are in, but in this program it has only %u", place->steps_done,
                        place->migration->file, (unsigned)part->step_count);
        stele_error_hint(error, "bring the file back to what it was; or clean up by hand, and tell the ledger: repair forget %s/%s --reason TEXT",
                         place->migration->component, place->migration->version);
        return STELE_USAGE;
    }
    const char *note = stele_arena_print(p->arena, "the %u step%s that %s done stay%s done; %s goes on with step %u of %u of this program's file, %s",
                                         place->steps_done, place->steps_done == 1 ? "" : "s", place->steps_done == 1 ? "is" : "are",
                                         place->steps_done == 1 ? "s" : "", place->back ? "down" : "up", place->steps_done + 1,
                                         (unsigned)part->step_count, place->migration->source);
    return stele_add_row(p, "accept", at, place->steps_done + 1, note, error);
}

stele_status stele_plan_accept(stele_planning *p, stele_error *error)
{
    size_t at;
    bool damaged = false;
    stele_status status = find_place(p, &at, error);
    if (status != STELE_OK)
        return status;
    const stele_place *place = &p->survey->places[at];
    if (differs(place) && !place->in)
        return accept_half(p, at, error);
    if (place->standing == STELE_APPLIED && place->in)
        status = is_script_damaged(p, place, &damaged, error);
    if (status != STELE_OK)
        return status;
    if (damaged)
        return stele_add_row(p, "accept", at, 0, "this program's down script takes the place of one that was changed in the ledger", error);
    if (!differs(place))
        return refuse("accept", place, place->migration == NULL ? "take it out of the ledger: repair forget" : NULL, error);
    stele_row_texts texts;
    const stele_row row = stele_entry_row(place->entry, &texts);
    return stele_add_row(p, "accept", at, 0,
                         stele_arena_print(p->arena, "%s, applied as %s, is now %s, %s", row.file, row.source, place->migration->file,
                                           place->migration->source),
                         error);
}

/* ------------------------------------------------------------------------ done */

/* Half taken back by the script that the ledger keeps, since this program doesn't have it: how many steps that has, only down knows. */
static bool is_half_back(const stele_place *place)
{
    return place->migration == NULL && !place->in && place->back;
}

static stele_status wrong_step(const stele_place *place, unsigned step, stele_error *error)
{
    const called one = call(place);
    if (place->migration == NULL)
        return stele_error_set(error, STELE_USAGE, "step %u of \"%s\" can't be the next one: %u steps are done", step, one.file, place->steps_done);
    stele_error_file(error, place->migration);
    return stele_error_set(error, STELE_USAGE, "step %u of \"%s\" can't be the next one: %u of %u steps are done", step, one.file,
                           place->steps_done, (unsigned)part_of(place)->step_count);
}

/* The next step of the part that was begun, or the one that was asked for; another one can't be the next. */
static stele_status find_step(const stele_planning *p, const stele_place *place, unsigned *step, const char **of, stele_error *error)
{
    unsigned next = place->steps_done + 1;
    *step = p->asked->step == 0 ? next : p->asked->step;
    *of = place->migration == NULL ? "" : stele_arena_print(p->arena, " of %u", (unsigned)part_of(place)->step_count);
    if (*step != next || (place->migration != NULL && *step > part_of(place)->step_count))
        return wrong_step(place, *step, error);
    return *of == NULL ? stele_error_memory(error) : STELE_OK;
}

static stele_status next_step(stele_planning *p, size_t at, stele_error *error)
{
    const stele_place *place = &p->survey->places[at];
    unsigned step;
    const char *of;
    stele_status status = find_step(p, place, &step, &of, error);
    if (status != STELE_OK)
        return status;
    return stele_add_row(p, place->back ? "down-step" : "step", at, step,
                         stele_arena_print(p->arena, "step %u%s counts as done; it is not run", step, of), error);
}

/* What comes before it in its component must be in; a mark would make that look skipped. */
static stele_status check_earlier(const stele_planning *p, size_t at, stele_error *error)
{
    const stele_migration *migration = p->survey->places[at].migration;
    for (size_t i = 0; i < at; i++) {
        const stele_place *place = &p->survey->places[i];
        if (place->in || migration->repeatable || p->handle->options.out_of_order ||
            strcmp(place->migration->component, migration->component) != 0)
            continue;
        stele_error_set(error, STELE_USAGE, "\"%s\" comes before it, and is not applied", place->migration->file);
        stele_error_hint(error, "begin with that one: repair done %s/%s --reason TEXT; or say --out-of-order", migration->component,
                         place->migration->version);
        return STELE_USAGE;
    }
    return STELE_OK;
}

stele_status stele_plan_done(stele_planning *p, stele_error *error)
{
    size_t at;
    stele_status status = find_place(p, &at, error);
    if (status != STELE_OK)
        return status;
    const stele_place *place = &p->survey->places[at];
    if (place->standing == STELE_INTERRUPTED && place->back && p->asked->step == 0)
        return stele_add_row(p, "revert", at, 0, "it counts as taken back; the steps that are left are not run", error);
    if (place->standing == STELE_INTERRUPTED && place->steps_done == place->migration->up.step_count && p->asked->step == 0)
        return stele_add_row(p, "mark", at, 0, "all its steps are done, so it counts as applied", error);
    if (place->standing == STELE_INTERRUPTED || (is_half_back(place) && p->asked->step > 0))
        return next_step(p, at, error);
    if (differs(place) && !place->in)
        return stele_place_error(place, error);
    if (place->standing != STELE_WAITING && place->standing != STELE_MISPLACED)
        return refuse("be done", place, NULL, error);
    status = check_earlier(p, at, error);
    if (status == STELE_OK && p->asked->step > 0)
        return next_step(p, at, error);
    return status != STELE_OK ? status : stele_add_row(p, "mark", at, 0, "it counts as applied; it is not run", error);
}

/* ----------------------------------------------------------------------- retry */

/* A row as if it had failed: then what it left is cleared away, and it is run. */
stele_status stele_plan_retry(stele_planning *p, stele_error *error)
{
    size_t at;
    unsigned step;
    const char *of;
    stele_status status = find_place(p, &at, error);
    if (status != STELE_OK)
        return status;
    const stele_place *place = &p->survey->places[at];
    if (differs(place) && !place->in)
        return stele_place_error(place, error);
    bool half = place->standing == STELE_INTERRUPTED || is_half_back(place);
    if (!half || !place->in_doubt)
        return refuse("retry", place, half ? place->back ? "down goes on with it" : "up goes on with it" : NULL, error);
    status = find_step(p, place, &step, &of, error);
    if (status != STELE_OK)
        return status;
    return stele_add_row(p, place->back ? "down-fail" : "fail", at, step,
                         stele_arena_print(p->arena, "step %u%s took no effect; %s runs it again", step, of, place->back ? "down" : "up"), error);
}

/* ---------------------------------------------------------------------- forget */

stele_status stele_plan_forget(stele_planning *p, stele_error *error)
{
    size_t at;
    stele_status status = find_place(p, &at, error);
    if (status != STELE_OK)
        return status;
    const stele_place *place = &p->survey->places[at];
    if (place->entry == NULL || place->standing == STELE_MISPLACED || (place->standing == STELE_WAITING && !place->in))
        return refuse("forget", place, NULL, error);
    if (place->standing == STELE_APPLIED && !place->migration->repeatable)
        return refuse("forget", place, "down takes it back", error);
    return stele_add_row(p, "forget", at, 0,
                         place->migration == NULL ? "it counts as not applied"
                                                  : "it counts as not applied; up will apply it as it is in this program",
                         error);
}

/* -------------------------------------------------------------------- baseline */

/* A baseline is where a history begins; but one that was cut off half-way may be gone on with. */
static stele_status check_empty(const stele_planning *p, const char *component, stele_error *error)
{
    for (size_t i = 0; i < p->survey->count; i++) {
        const stele_place *place = &p->survey->places[i];
        const called one = call(place);
        if (strcmp(one.component, component) != 0 || place->entry == NULL || (place->standing == STELE_WAITING && !place->in) ||
            (place->in && strcmp(place->entry->row.action, "baseline") == 0))
            continue;
        stele_error_set(error, STELE_USAGE, "component \"%s\" has a history here: \"%s\" is %sapplied", component, one.file,
                        place->in ? "" : "half ");
        stele_error_hint(error, "a baseline is for a database that stele hasn't touched yet; to count a single migration as applied:"
                                " repair done %s/VERSION --reason TEXT", component);
        return STELE_USAGE;
    }
    return STELE_OK;
}

stele_status stele_plan_baseline(stele_planning *p, stele_error *error)
{
    const stele_migrations *table = p->handle->table;
    const char *target = p->asked->target;
    size_t end;
    if (p->asked->component != NULL && strchr(target, '/') == NULL)
        target = stele_arena_print(p->arena, "%s/%s", p->asked->component, target);
    if (target == NULL)
        return stele_error_memory(error);
    stele_status status = stele_target_find(table, target, &end, error);
    if (status != STELE_OK)
        return status;
    const stele_migration *last = &table->migrations[end - 1];
    status = check_empty(p, last->component, error);
    for (size_t i = 0; i < end && status == STELE_OK; i++)
        if (strcmp(table->migrations[i].component, last->component) == 0 && !table->migrations[i].repeatable && !p->survey->places[i].in)
            status = stele_add_row(p, "baseline", i, 0, "it counts as applied; it is not run", error);
    if (status == STELE_OK && p->list->count == 0)
        return stele_error_set(error, STELE_USAGE, "the baseline of component \"%s\" is at \"%s\" already, or beyond", last->component, last->file);
    return status;
}
