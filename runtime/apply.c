#include "carry.h"
#include "error.h"
#include "given.h"
#include "offline.h"
#include "rights.h"

static stele_status plan_up(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                            stele_error *error)
{
    return stele_worklist_make(list, handle->table, survey, data, &handle->options, arena, error);
}

stele_status stele_apply(stele *handle, const char *target, stele_result *result, stele_error *error)
{
    const stele_errand errand = {.plan = plan_up, .data = (void *)target, .glance = true, .keeps = true};
    stele_result unused;
    size_t end;
    stele_error_clear(error);
    if (result == NULL)
        result = &unused;
    *result = (stele_result){0};
    stele_status status = stele_target_find(handle->table, target, &end, error);
    return status != STELE_OK ? status : stele_carry(handle, &errand, result, error);
}

/* Is the next step one that was begun, and that nothing can tell of? */
static int is_undecided(const stele_action *action)
{
    if (action->part == NULL || !action->in_doubt || action->first_step >= action->part->step_count)
        return 0;
    const stele_step *step = &action->migration->steps[action->part->first_step + action->first_step];
    return step->alone && step->probe.kind == STELE_PROBE_NONE;
}

/* One that is recorded in the place of others runs nothing. */
static void hand_over(const stele_worklist *list, int (*each)(void *data, const stele_planned *planned), void *data)
{
    int stop = 0;
    for (size_t i = 0; stop == 0 && i < list->count; i++) {
        const stele_action *action = &list->actions[i];
        stele_migration migration = *action->migration;
        if (action->part == NULL)
            migration.up = (stele_part){0};
        const stele_planned planned = {&migration, action->first_step + 1, is_undecided(action)};
        stop = each(data, &planned);
    }
}

/* What a plan is wanted for. */
typedef struct purpose {
    int (*each)(void *data, const stele_planned *planned);
    int (*right)(void *data, const stele_right *right);
    stele_write write;
    void *data;
} purpose;

/*
 * Every check, and then what there is to see: each migration, what the role lacks for them, or the script. Whoever runs a script
 * may be somebody else: that role isn't asked about.
 */
static stele_status look(stele *handle, const char *target, const purpose *wanted, stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    stele_error_clear(error);
    stele_status status = stele_read_all(handle, 0, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        status = stele_worklist_make(&list, handle->table, &survey, target, &handle->options, &arena, error);
        if (status == STELE_OK)
            status = stele_list_check(handle, &ledger, &survey, &list, error);
        if (status == STELE_OK && wanted->write != NULL)
            status = stele_given_plan(handle, &survey, &list, &arena, error);
        if (status == STELE_OK && wanted->write != NULL)
            status = stele_sheet_write(handle, &ledger, &survey, &list, wanted->write, wanted->data, error);
        if (status == STELE_OK && wanted->right == NULL)
            stele_ahead_tell(handle, &survey, NULL);
        if (status == STELE_OK && wanted->each != NULL)
            hand_over(&list, wanted->each, wanted->data);
        if (status == STELE_OK && wanted->write == NULL)
            status = stele_rights_tell(handle, &list, wanted->right, wanted->data, error);
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&arena);
    return status;
}

stele_status stele_plan_steps(stele *handle, const char *target, int (*each)(void *data, const stele_planned *planned), void *data,
                              stele_error *error)
{
    return look(handle, target, &(purpose){.each = each, .data = data}, error);
}

/* Whoever wants the migrations alone. */
typedef struct plain {
    int (*each)(void *data, const stele_migration *migration);
    void *data;
} plain;

static int hand_migration(void *data, const stele_planned *planned)
{
    const plain *p = data;
    return p->each(p->data, planned->migration);
}

stele_status stele_plan(stele *handle, const char *target, int (*each)(void *data, const stele_migration *migration),
                        void *data, stele_error *error)
{
    plain p = {each, data};
    return look(handle, target, &(purpose){.each = each == NULL ? NULL : hand_migration, .data = &p}, error);
}

stele_status stele_plan_rights(stele *handle, const char *target, int (*each)(void *data, const stele_right *right), void *data,
                               stele_error *error)
{
    return look(handle, target, &(purpose){.right = each, .data = data}, error);
}

stele_status stele_script_up(stele *handle, const char *target, stele_write write, void *data, stele_error *error)
{
    return look(handle, target, &(purpose){.write = write, .data = data}, error);
}
