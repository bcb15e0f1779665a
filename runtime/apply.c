#include "carry.h"
#include "error.h"
#include "offline.h"

static stele_status plan_up(void *data, stele *handle, const stele_survey *survey, stele_worklist *list, stele_arena *arena,
                            stele_error *error)
{
    return stele_worklist_make(list, handle->table, survey, data, handle->options.out_of_order, arena, error);
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
        status = stele_worklist_make(&list, handle->table, &survey, target, handle->options.out_of_order, &arena, error);
        if (status == STELE_OK)
            status = stele_list_check(handle, &ledger, &survey, &list, error);
        if (status == STELE_OK && write != NULL)
            status = stele_sheet_write(handle, &ledger, &survey, &list, write, data, error);
        for (size_t i = 0; each != NULL && status == STELE_OK && i < list.count; i++)
            if (each(data, list.actions[i].migration) != 0)
                break;
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
