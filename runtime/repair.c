#include "repair.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

/* ------------------------------------------------------------------------ rows */

stele_status stele_add_row(stele_planning *p, const char *deed, size_t place, unsigned step, const char *note, stele_error *error)
{
    const stele_place *one = &p->survey->places[place];
    const stele_migration *migration = one->migration != NULL ? one->migration : stele_migration_of(one->entry, p->arena);
    if (migration == NULL || note == NULL)
        return stele_error_memory(error);
    p->list->actions[p->list->count++] = (stele_action){
        .deed = deed, .migration = migration, .place = place, .step = step, .reason = p->asked->reason, .note = note};
    return STELE_OK;
}

stele_status stele_add_component_row(stele_planning *p, const char *deed, size_t component, const char *name, const char *source,
                                     const char *before, const char *note, stele_error *error)
{
    stele_migration *migration = stele_arena_get(p->arena, 1, sizeof *migration);
    if (migration == NULL || name == NULL || note == NULL)
        return stele_error_memory(error);
    *migration = (stele_migration){.component = p->handle->table->components[component], .version = "", .name = name, .directory = "",
                                   .file = "", .source = source, .tokens = "", .state = "", .text = ""};
    p->list->actions[p->list->count++] = (stele_action){.deed = deed,
                                                        .migration = migration,
                                                        .place = p->survey->count,
                                                        .reason = p->asked->reason,
                                                        .note = note,
                                                        .before = before};
    return STELE_OK;
}

bool stele_is_asked_for(const stele_planning *p, const char *component)
{
    return p->asked->component == NULL || strcmp(p->asked->component, component) == 0;
}

/* --------------------------------------------------------------------- planning */

typedef struct mending {
    const stele_repair *asked;
    stele_arena arena;
    const char *before, *objects; /* GUARDS: see stele_planning */
    bool bare;
} mending;

static stele_status plan(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                         stele_error *error)
{
    static stele_status (*const planners[])(stele_planning *p, stele_error *error) = {
        [STELE_BASELINE] = stele_plan_baseline, [STELE_ACCEPT] = stele_plan_accept, [STELE_DONE] = stele_plan_done,
        [STELE_FORGET] = stele_plan_forget,     [STELE_SET] = stele_plan_set,       [STELE_RESEAL] = stele_plan_reseal,
        [STELE_GUARDS] = stele_plan_guards,     [STELE_RETRY] = stele_plan_retry};
    mending *m = data;
    stele_planning p = {.handle = handle, .asked = m->asked, .survey = survey, .list = list, .arena = arena,
                        .before = m->before, .objects = m->objects};
    *list = (stele_worklist){.actions = stele_arena_get(arena, survey->count + handle->table->component_count, sizeof *list->actions)};
    if (list->actions == NULL)
        return stele_error_memory(error);
    stele_status status = planners[m->asked->kind](&p, error);
    m->bare = p.bare;
    return status;
}

static stele_status check_asked(const stele *handle, const stele_repair *repair, stele_error *error)
{
    bool needs_target = repair->kind != STELE_RESEAL && repair->kind != STELE_GUARDS;
    if ((unsigned)repair->kind > STELE_RETRY)
        return stele_error_set(error, STELE_USAGE, "there is no such repair");
    if (needs_target && (repair->target == NULL || repair->target[0] == '\0'))
        return stele_error_set(error, STELE_USAGE, "what is to be repaired has to be named");
    if (repair->component != NULL && stele_component_index(handle->table, repair->component) == handle->table->component_count)
        return stele_error_set(error, STELE_USAGE, "there is no component \"%s\" in this program", repair->component);
    if (repair->reason == NULL || repair->reason[strspn(repair->reason, " \t\n")] == '\0') {
        stele_error_set(error, STELE_USAGE, "a reason has to be given: the ledger keeps it");
        stele_error_hint(error, "--reason TEXT: say why, for whoever reads the history");
        return STELE_USAGE;
    }
    return STELE_OK;
}

static stele_errand errand_for(mending *m)
{
    stele_repair_kind kind = m->asked->kind;
    return (stele_errand){.plan = plan,
                          .data = m,
                          .unproven = kind == STELE_RESEAL || kind == STELE_GUARDS,
                          .unagreed = kind == STELE_RESEAL || kind == STELE_GUARDS || kind == STELE_SET};
}

/* What has to be made is looked for first: with a table gone, the ledger can't even be read. */
static stele_status look_at_guards(stele *handle, mending *m, stele_error *error)
{
    stele_planning p = {.handle = handle, .asked = m->asked, .arena = &m->arena};
    stele_status status = m->asked->kind == STELE_GUARDS ? stele_find_flaws(&p, error) : STELE_OK;
    m->before = p.before;
    m->objects = p.objects;
    m->bare = p.bare;
    return status;
}

/* The guards alone, without a row that says so. */
static stele_status make_bare(stele *handle, const mending *m, stele_error *error)
{
    stele_status status = stele_link_run(&handle->link, m->before, error);
    if (status != STELE_OK && error != NULL && strcmp(error->sqlstate, "42501") == 0)
        error->status = status = STELE_UNMET;
    return status;
}

static stele_status show_bare(const stele *handle, mending *m, int (*each)(void *data, const stele_mend *mend), void *data,
                              stele_error *error)
{
    const stele_migration about = {.component = handle->table->components[0], .version = "", .name = "", .file = ""};
    const char *note = stele_arena_print(&m->arena, "%s; no row tells of it, since the chain doesn't hold: that is for repair reseal", m->objects);
    const stele_mend mend = {"guard", &about, 0, note};
    if (note == NULL)
        return stele_error_memory(error);
    each(data, &mend);
    return STELE_OK;
}

/* Make the plan, and hand it over. */
static stele_status show(stele *handle, mending *m, int (*each)(void *data, const stele_mend *mend), void *data, stele_error *error)
{
    const stele_errand errand = errand_for(m);
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    stele_status status = errand.unproven ? stele_read_found(handle, 0, &ledger, &survey, &arena, error)
                                          : stele_read_all(handle, 0, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        status = plan(m, handle, &survey, &list, &arena, error);
        if (status == STELE_OK && !errand.unagreed)
            status = stele_list_check(handle, &ledger, &survey, &list, error);
        for (size_t i = 0; status == STELE_OK && i < list.count; i++) {
            const stele_action *action = &list.actions[i];
            stele_mend mend = {action->deed, action->migration, action->step, action->note};
            if (each(data, &mend) != 0)
                break;
        }
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&arena);
    return status;
}

stele_status stele_plan_repair(stele *handle, const stele_repair *repair, int (*each)(void *data, const stele_mend *mend), void *data,
                               stele_error *error)
{
    mending m = {.asked = repair};
    stele_error_clear(error);
    stele_status status = check_asked(handle, repair, error);
    if (status == STELE_OK)
        status = look_at_guards(handle, &m, error);
    if (status == STELE_OK && !m.bare)
        status = show(handle, &m, each, data, error);
    if (status == STELE_OK && m.bare)
        status = show_bare(handle, &m, each, data, error);
    stele_arena_free(&m.arena);
    return status;
}

stele_status stele_make_repair(stele *handle, const stele_repair *repair, stele_result *result, stele_error *error)
{
    mending m = {.asked = repair};
    stele_result unused;
    stele_error_clear(error);
    if (result == NULL)
        result = &unused;
    *result = (stele_result){0};
    stele_status status = check_asked(handle, repair, error);
    if (status == STELE_OK)
        status = look_at_guards(handle, &m, error);
    const stele_errand errand = errand_for(&m);
    if (status == STELE_OK && !m.bare)
        status = stele_carry(handle, &errand, result, error);
    if (status == STELE_OK && m.bare)
        status = make_bare(handle, &m, error);
    stele_arena_free(&m.arena);
    return status;
}

/* ------------------------------------------------------------------------ grant */

/* Is the ledger there, and ours? A GRANT by anybody else would come to a warning, and to nothing. */
static stele_status check_owner(stele *handle, stele_arena *arena, stele_error *error)
{
    stele_rows *rows = NULL;
    const char *table = stele_arena_print(arena, "%s.ledger", handle->schema);
    if (table == NULL)
        return stele_error_memory(error);
    stele_status status = stele_link_query(&handle->link,
                                           "SELECT pg_catalog.pg_has_role(relowner, 'USAGE') FROM pg_catalog.pg_class"
                                           " WHERE oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)",
                                           1, &table, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 0) {
        status = stele_error_set(error, STELE_USAGE, "there is no ledger yet that could be read");
        stele_error_hint(error, "up makes it, and so does baseline");
    } else if (status == STELE_OK && !stele_rows_true(rows, 0, 0)) {
        status = stele_error_set(error, STELE_UNMET, "grant needs the role that owns the schema %s", handle->schema);
    }
    stele_rows_free(rows);
    return status;
}

stele_status stele_grant(stele *handle, const char *role, stele_error *error)
{
    stele_arena arena = {0};
    stele_error_clear(error);
    if (role == NULL || role[0] == '\0')
        return stele_error_set(error, STELE_USAGE, "a role has to be named");
    const char *to = strcmp(role, "public") == 0 || strcmp(role, "PUBLIC") == 0 ? "PUBLIC" : stele_quoted_name(role, &arena);
    const char *sql = to == NULL ? NULL : stele_arena_print(&arena,
        "BEGIN; GRANT USAGE ON SCHEMA %s TO %s; GRANT SELECT ON %s.anchor, %s.history TO %s;"
        " GRANT SELECT (component, seq, format, action, version, name, file, step, source, tokens, state, parameters, compat, one_way,"
        " down_sha256, reason, statements, started, duration, role, address, host, application, build, hash) ON %s.ledger TO %s; COMMIT",
        handle->schema, to, handle->schema, handle->schema, to, handle->schema, to);
    stele_status status = sql == NULL ? stele_error_memory(error) : check_owner(handle, &arena, error);
    if (status == STELE_OK)
        status = stele_link_run(&handle->link, sql, error);
    stele_link_rollback(&handle->link);
    stele_arena_free(&arena);
    return status;
}
