#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carry.h"
#include "error.h"
#include "script.h"

/* What was asked for, and what was chosen for it at the first look: later tries only do what is left of that. */
typedef struct way {
    const stele_way_back *asked;
    bool again;  /* apply them again */
    bool look;   /* only a plan: destruction is shown, not refused */
    bool chosen;
    stele_arena arena;
    struct choice {
        const char *component, *version;
    } *choices; /* in the order in which they are taken back */
    size_t count;
} way;

/* -------------------------------------------------------------------- choosing */

static bool is_back(const stele_place *place)
{
    return place->entry != NULL && place->standing != STELE_WAITING && (place->in || place->back);
}

/* The component that is meant: as named, as the target says, or the only one that has anything to take back. */
static stele_status find_component(const way *w, const stele_migrations *table, const stele_survey *survey, const char **component,
                                   stele_error *error)
{
    const char *slash = w->asked->target == NULL ? NULL : strchr(w->asked->target, '/');
    *component = w->asked->component;
    for (size_t i = 0; i < table->component_count && slash != NULL && *component == NULL; i++)
        if (strlen(table->components[i]) == (size_t)(slash - w->asked->target) &&
            strncmp(table->components[i], w->asked->target, (size_t)(slash - w->asked->target)) == 0)
            *component = table->components[i];
    if (*component != NULL) {
        if (stele_component_index(table, *component) < table->component_count)
            return STELE_OK;
        return stele_error_set(error, STELE_USAGE, "there is no component \"%s\" in this program", *component);
    }
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        if (!is_back(place) || (*component != NULL && strcmp(*component, place->entry->row.component) == 0))
            continue;
        if (*component != NULL) {
            stele_error_set(error, STELE_USAGE, "this program carries several components; say which one to take back");
            stele_error_hint(error, "--component NAME, or name the version as component/version");
            return STELE_USAGE;
        }
        *component = place->entry->row.component;
    }
    if (*component == NULL && table->component_count > 0)
        *component = table->components[0];
    return STELE_OK;
}

/* The last applied first: by the rows that put them in. One that is half out comes before all. */
static int by_seq(const void *a, const void *b)
{
    const stele_place *p = *(const stele_place *const *)a, *q = *(const stele_place *const *)b;
    int64_t one = p->back ? INT64_MAX : p->entry->row.seq, other = q->back ? INT64_MAX : q->entry->row.seq;
    return (one < other) - (one > other);
}

/* Is the target an applied migration? `*seq` is the row that put it in. */
static bool find_target(const stele_place *const *list, size_t count, const char *target, int64_t *seq)
{
    for (size_t i = 0; i < count; i++) {
        const stele_row *row = &list[i]->entry->row;
        if (!list[i]->back && stele_is_named(row->component, row->version, target)) {
            *seq = row->seq;
            return true;
        }
    }
    return false;
}

/* How many of the list, from its begin, are to go. */
static stele_status count_of(const way *w, const stele_place *const *list, size_t count, size_t *going, stele_error *error)
{
    const stele_way_back *asked = w->asked;
    int64_t seq;
    *going = 0;
    if (asked->target != NULL) {
        if (!find_target(list, count, asked->target, &seq)) {
            stele_error_set(error, STELE_USAGE, "\"%s\" is not applied, so there is no way back to it", asked->target);
            stele_error_hint(error, "down VERSION takes back what was applied after that version; status lists what is applied");
            return STELE_USAGE;
        }
        while (*going < count && (list[*going]->back || list[*going]->entry->row.seq > seq))
            ++*going;
    } else if (asked->all) {
        *going = count;
    } else {
        *going = asked->count == 0 ? 1 : asked->count;
    }
    if (*going > count && asked->count > 1) {
        stele_error_set(error, STELE_USAGE, "only %zu migration%s applied", count, count == 1 ? " is" : "s are");
        stele_error_hint(error, "down --all takes everything back");
        return STELE_USAGE;
    }
    *going = *going > count ? count : *going;
    return STELE_OK;
}

/* Its steps are in, but for some: there is no down section for that. */
static stele_status refuse_half(const stele_place *place, stele_error *error)
{
    stele_error_set(error, STELE_FAILED, "\"%s\" is half applied: there is no way back from there", place->entry->row.file);
    stele_error_hint(error, "finish it with up first; or, when it was put right by hand, tell the ledger with repair");
    return STELE_FAILED;
}

static stele_status choose(way *w, const stele_migrations *table, const stele_survey *survey, stele_error *error)
{
    const stele_place **list = stele_arena_get(&w->arena, survey->count, sizeof *list);
    const char *component;
    size_t count = 0, going;
    if (list == NULL)
        return stele_error_memory(error);
    stele_status status = find_component(w, table, survey, &component, error);
    if (status != STELE_OK)
        return status;
    for (size_t i = 0; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        if (place->entry == NULL || strcmp(place->entry->row.component, component) != 0 ||
            stele_version_repeats(place->entry->row.version))
            continue;
        if (is_back(place))
            list[count++] = place;
        else if (place->standing == STELE_INTERRUPTED || !place->in)
            return refuse_half(place, error);
    }
    qsort(list, count, sizeof *list, by_seq);
    status = count_of(w, list, count, &going, error);
    w->choices = stele_arena_get(&w->arena, going, sizeof *w->choices);
    if (w->choices == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < going && status == STELE_OK; i++) {
        const stele_row *row = &list[i]->entry->row;
        w->choices[i] = (struct choice){stele_arena_copy(&w->arena, row->component, strlen(row->component)),
                                        stele_arena_copy(&w->arena, row->version, strlen(row->version))};
        if (w->choices[i].component == NULL || w->choices[i].version == NULL)
            return stele_error_memory(error);
    }
    w->count = status == STELE_OK ? going : 0;
    w->chosen = status == STELE_OK;
    return status;
}

/* -------------------------------------------------------------------- checking */

/* No other migration that stays may come after it. */
static stele_status check_followers(const way *w, const stele_survey *survey, const struct choice *choice, const char *file,
                                    stele_error *error)
{
    for (size_t i = 0; i < survey->known; i++) {
        const stele_migration *migration = survey->places[i].migration;
        bool stays = survey->places[i].in;
        for (size_t j = 0; j < w->count && stays; j++)
            stays = strcmp(w->choices[j].component, migration->component) != 0 ||
                    strcmp(w->choices[j].version, migration->version) != 0;
        for (uint32_t j = 0; j < migration->dependency_count && stays; j++) {
            if (strcmp(migration->after[j].component, choice->component) != 0 ||
                stele_version_compare(migration->after[j].version, choice->version) != 0)
                continue;
            stele_error_set(error, STELE_UNMET, "\"%s\" can't be taken back: %s/%s comes after it, and is applied", file,
                            migration->component, migration->version);
            stele_error_hint(error, "take that back first");
            return STELE_UNMET;
        }
    }
    return STELE_OK;
}

static stele_status refuse_one_way(const stele_migration *migration, const char *reason, stele_error *error)
{
    stele_error_file(error, migration);
    if (reason != NULL) {
        stele_error_set(error, STELE_UNMET, "\"%s\" has no way back: %s", migration->file, reason);
        stele_error_hint(error, "nothing was taken back; write a new migration instead");
    } else {
        stele_error_set(error, STELE_UNMET, "\"%s\" has no way back: it has no down section", migration->file);
        stele_error_hint(error, "nothing was taken back; write a new migration instead, or give the next one a section -- stele: down");
    }
    return STELE_UNMET;
}

/* The script that the ledger keeps: what its row says of it is in the chain, so it is held against that first. */
static stele_status read_script(stele *handle, const stele_entry *entry, stele_migration **made, stele_arena *arena,
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
    *made = stele_migration_of(entry, arena);
    stele_status status = sql == NULL || *made == NULL ? stele_error_memory(error)
                                                       : stele_link_query(&handle->link, sql, 2, values, &rows, error);
    const char *script = status == STELE_OK && stele_rows_count(rows) == 1 ? stele_rows_text(rows, 0, 0) : NULL;
    if (status == STELE_OK && (stele_rows_count(rows) != 1 || !stele_rows_true(rows, 0, 1)))
        status = stele_error_set(error, STELE_TAMPERED, "the ledger was changed: the down script of \"%s\" is not what was written",
                                 entry->row.file);
    else if (status == STELE_OK && script != NULL) {
        const char *copy = stele_arena_copy(arena, script, strlen(script));
        (*made)->directory = "ledger";
        status = copy == NULL ? stele_error_memory(error) : stele_script_read(*made, copy, arena, error);
    }
    stele_rows_free(rows);
    return status;
}

/* The migration as it will be run: the program's, or made from the ledger. */
static stele_status find_migration(const way *w, stele *handle, const stele_place *place, const stele_migration **migration,
                                   stele_arena *arena, stele_error *error)
{
    stele_migration *made;
    *migration = place->migration;
    if (place->migration != NULL && place->standing != STELE_APPLIED && place->standing != STELE_INTERRUPTED)
        return stele_place_error(place, error);
    if (place->migration == NULL && (!w->asked->from_ledger || w->again)) {
        stele_status status = stele_unknown_error(handle->table, place->entry, error);
        stele_error_hint(error, "take it back by the script that the ledger keeps, with --from-ledger; or run a program that has it");
        return status;
    }
    if (place->migration == NULL) {
        stele_status status = read_script(handle, place->entry, &made, arena, error);
        if (status != STELE_OK)
            return status;
        *migration = made;
    }
    if (stele_script_exists(*migration))
        return STELE_OK;
    return refuse_one_way(*migration, (*migration)->one_way, error);
}

/* ----------------------------------------------------------------- destruction */

/* What counts the rows that a loss destroys: NULL when there is nothing by that name. */
static stele_status count_rows(stele *handle, const stele_loss *loss, int64_t *rows, stele_error *error)
{
    static const char table[] = "SELECT CASE WHEN pg_catalog.to_regclass($1) IS NOT NULL THEN pg_catalog.format('SELECT pg_catalog.count(*) FROM %s',"
                                " pg_catalog.to_regclass($1)) END";
    static const char column[] = "SELECT pg_catalog.format('SELECT pg_catalog.count(%I) FROM %s', a.attname, a.attrelid::pg_catalog.regclass)"
                                 " FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)"
                                 " AND a.attname OPERATOR(pg_catalog.=) $2 AND NOT a.attisdropped";
    static const char schema[] = "SELECT pg_catalog.format('SELECT pg_catalog.count(*) FROM %s', c.oid::pg_catalog.regclass)"
                                 " FROM pg_catalog.pg_class AS c WHERE c.relnamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1)"
                                 " AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p}'::\"char\"[]) AND NOT c.relispartition";
    const char *const queries[] = {table, column, schema};
    const char *values[] = {loss->relation, loss->column};
    stele_rows *made;
    *rows = 0;
    if (loss->kind >= STELE_LOSES_UNKNOWN) {
        *rows = -1;
        return STELE_OK;
    }
    stele_status status =
        stele_link_query(&handle->link, queries[loss->kind], loss->kind == STELE_LOSES_COLUMN ? 2 : 1, values, &made, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(made); i++) {
        stele_rows *counted = NULL;
        if (stele_rows_text(made, i, 0) != NULL)
            status = stele_link_query(&handle->link, stele_rows_text(made, i, 0), 0, NULL, &counted, error);
        if (counted != NULL && stele_rows_count(counted) > 0)
            *rows += strtoll(stele_rows_text(counted, 0, 0), NULL, 10);
        stele_rows_free(counted);
    }
    stele_rows_free(made);
    return status;
}

static stele_status find_casualties(stele *handle, const stele_migration *migration, stele_casualty **casualties, size_t *count,
                                    stele_arena *arena, stele_error *error)
{
    stele_status status = STELE_OK;
    *casualties = stele_arena_get(arena, migration->loss_count, sizeof **casualties);
    *count = 0;
    if (*casualties == NULL)
        return stele_error_memory(error);
    for (uint32_t i = 0; i < migration->loss_count && status == STELE_OK; i++) {
        int64_t rows;
        status = count_rows(handle, &migration->losses[i], &rows, error);
        if (status == STELE_OK && rows != 0)
            (*casualties)[(*count)++] = (stele_casualty){&migration->losses[i], rows};
    }
    return status;
}

static stele_status refuse_destruction(const stele_migration *migration, const stele_casualty *casualty, size_t count,
                                       stele_error *error)
{
    const stele_loss *loss = casualty->loss;
    stele_error_file(error, migration);
    if (migration->text[0] != '\0')
        stele_error_place(error, migration, loss->begin);
    if (casualty->rows < 0)
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back runs code; what that destroys can't be told", migration->file);
    else if (loss->column != NULL)
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back destroys %lld value%s of column \"%s\" of %s", migration->file,
                        (long long)casualty->rows, casualty->rows == 1 ? "" : "s", loss->column, loss->relation);
    else
        stele_error_set(error, STELE_UNMET, "taking \"%s\" back destroys %lld row%s of %s%s", migration->file,
                        (long long)casualty->rows, casualty->rows == 1 ? "" : "s",
                        loss->kind == STELE_LOSES_SCHEMA ? "the schema " : "", loss->relation);
    stele_error_hint(error, "nothing was taken back; plan --down shows everything that would be destroyed%s, --allow-destructive does it",
                     count > 1 ? ", here and elsewhere" : "");
    return STELE_UNMET;
}

/* ---------------------------------------------------------------------- the list */

static const stele_place *find_place(const stele_survey *survey, const struct choice *choice)
{
    for (size_t i = 0; i < survey->count; i++) {
        const stele_row *row = survey->places[i].entry == NULL ? NULL : &survey->places[i].entry->row;
        if (row != NULL && strcmp(row->component, choice->component) == 0 && strcmp(row->version, choice->version) == 0)
            return &survey->places[i];
    }
    return NULL;
}

static stele_status add_reversal(const way *w, stele *handle, const stele_survey *survey, const stele_place *place,
                                 const struct choice *choice, stele_worklist *list, stele_arena *arena, stele_error *error)
{
    const stele_migration *migration = NULL;
    stele_status status = check_followers(w, survey, choice, place->entry->row.file, error);
    if (status == STELE_OK)
        status = find_migration(w, handle, place, &migration, arena, error);
    if (status != STELE_OK)
        return status;
    list->actions[list->count++] = (stele_action){.deed = "revert",
                                                  .migration = migration,
                                                  .part = &migration->down,
                                                  .place = (size_t)(place - survey->places),
                                                  .first_step = place->back ? place->steps_done : 0,
                                                  .begun = place->back && place->begun,
                                                  .in_doubt = place->back && place->in_doubt};
    stele_casualty *casualties;
    size_t count;
    if (w->look || w->asked->allow_destructive)
        return STELE_OK;
    status = find_casualties(handle, migration, &casualties, &count, arena, error);
    return status != STELE_OK || count == 0 ? status : refuse_destruction(migration, casualties, count, error);
}

/* The same again, in the order of the table. */
static void add_again(const way *w, const stele_migrations *table, const stele_survey *survey, stele_worklist *list)
{
    for (size_t i = 0; i < table->count; i++) {
        const stele_migration *migration = &table->migrations[i];
        bool chosen = false;
        for (size_t j = 0; j < w->count && !chosen; j++)
            chosen = strcmp(w->choices[j].component, migration->component) == 0 &&
                     strcmp(w->choices[j].version, migration->version) == 0;
        const stele_place *place = &survey->places[i];
        bool towards = place->standing == STELE_INTERRUPTED && !place->back;
        if (chosen)
            list->actions[list->count++] = (stele_action){.deed = "apply",
                                                          .migration = migration,
                                                          .part = &migration->up,
                                                          .place = i,
                                                          .first_step = towards ? place->steps_done : 0,
                                                          .begun = towards && place->begun,
                                                          .in_doubt = towards && place->in_doubt};
    }
}

static stele_status plan_back(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                              stele_error *error)
{
    way *w = data;
    stele_status status = w->chosen ? STELE_OK : choose(w, handle->table, survey, error);
    *list = (stele_worklist){.actions = stele_arena_get(arena, w->count * 2 + 1, sizeof *list->actions)};
    if (list->actions == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < w->count && status == STELE_OK; i++) {
        const stele_place *place = find_place(survey, &w->choices[i]);
        if (place != NULL && is_back(place))
            status = add_reversal(w, handle, survey, place, &w->choices[i], list, arena, error);
        else if (place != NULL && !w->again)
            status = stele_place_error(place, error);
    }
    if (status == STELE_OK && w->again)
        add_again(w, handle->table, survey, list);
    for (size_t i = 0; i < survey->known; i++)
        list->pending += survey->places[i].standing == STELE_WAITING;
    return status;
}

/* ----------------------------------------------------------------------- public */

static stele_status go_back(stele *handle, const stele_way_back *asked, bool again, stele_result *result, stele_error *error)
{
    static const stele_way_back last = {0};
    way w = {.asked = asked == NULL ? &last : asked, .again = again};
    const stele_errand errand = {.plan = plan_back, .data = &w};
    stele_result unused;
    stele_error_clear(error);
    if (result == NULL)
        result = &unused;
    *result = (stele_result){0};
    stele_status status = stele_carry(handle, &errand, result, error);
    result->pending += again ? 0 : result->reverted;
    stele_arena_free(&w.arena);
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

static stele_status show(stele *handle, const stele_survey *survey, const stele_worklist *list,
                         int (*each)(void *data, const stele_reversal *reversal), void *data, stele_arena *arena, stele_error *error)
{
    stele_status status = STELE_OK;
    bool stop = false;
    for (size_t i = 0; i < list->count && status == STELE_OK && !stop; i++) {
        const stele_action *action = &list->actions[i];
        stele_row_texts texts;
        stele_row row = stele_entry_row(survey->places[action->place].entry, &texts);
        stele_casualty *casualties;
        stele_reversal reversal = {.migration = action->migration, .row = &row};
        status = find_casualties(handle, action->migration, &casualties, &reversal.casualty_count, arena, error);
        reversal.casualties = casualties;
        reversal.from_ledger = survey->places[action->place].migration == NULL;
        stop = status == STELE_OK && each(data, &reversal) != 0;
    }
    return status;
}

stele_status stele_plan_down(stele *handle, const stele_way_back *asked, int (*each)(void *data, const stele_reversal *reversal),
                             void *data, stele_error *error)
{
    static const stele_way_back last = {0};
    way w = {.asked = asked == NULL ? &last : asked, .look = true};
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    stele_error_clear(error);
    stele_status status = stele_read_all(handle, 0, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        status = plan_back(&w, handle, &survey, &list, &arena, error);
        if (status == STELE_OK)
            status = stele_list_check(handle, &ledger, &survey, &list, error);
        if (status == STELE_OK)
            status = show(handle, &survey, &list, each, data, &arena, error);
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&w.arena);
    stele_arena_free(&arena);
    return status;
}
