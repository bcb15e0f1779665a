#include "carry.h"
#include "error.h"
#include "offline.h"

static stele_status plan_up(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                            stele_error *error)
{
    return stele_worklist_make(list, handle->table, survey, data, &handle->options, arena, error);
}

stele_status stele_apply(stele *handle, const char *target, stele_result *result, stele_error *error)
{
    const stele_errand errand = {.plan = plan_up, .data = (void *)target, .glance = true};
    stele_result unused;
    size_t end;
    stele_error_clear(error);
    if (result == NULL)
        result = &unused;
    *result = (stele_result){0};
    stele_status status = stele_target_find(handle->table, target, &end, error);
    return status != STELE_OK ? status : stele_carry(handle, &errand, result, error);
}

/* One that is recorded in the place of others runs nothing. */
static void hand_over(const stele_worklist *list, int (*each)(void *data, const stele_migration *migration), void *data)
{
    int stop = 0;
    for (size_t i = 0; stop == 0 && i < list->count; i++) {
        stele_migration migration = *list->actions[i].migration;
        if (list->actions[i].part == NULL)
            migration.up = (stele_part){0};
        stop = each(data, &migration);
    }
}

/* Every check, and then what there is to see: each migration, or with `write` the script. */
static stele_status look(stele *handle, const char *target, int (*each)(void *data, const stele_migration *migration), stele_write write,
                         void *data, stele_error *error)
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
        if (status == STELE_OK && write != NULL)
            status = stele_sheet_write(handle, &ledger, &survey, &list, write, data, error);
        if (status == STELE_OK)
            stele_ahead_tell(handle, &survey, NULL);
        if (status == STELE_OK && each != NULL)
            hand_over(&list, each, data);
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&arena);
    return status;
}

stele_status stele_plan(stele *handle, const char *target, int (*each)(void *data, const stele_migration *migration),
                        void *data, stele_error *error)
{
    return look(handle, target, each, NULL, data, error);
}

stele_status stele_script_up(stele *handle, const char *target, stele_write write, void *data, stele_error *error)
{
    return look(handle, target, NULL, write, data, error);
}
