#include <string.h>

#include "error.h"
#include "handle.h"

static stele_report report_of(const stele_migrations *table, const stele_survey *survey, size_t index)
{
    const stele_place *place = &survey->places[index];
    const stele_migration *migration = &table->migrations[index];
    return (stele_report){.standing = place->standing,
                          .migration = migration,
                          .row = place->entry == NULL ? NULL : &place->entry->row,
                          .step = place->steps_done,
                          .steps = migration->up.step_count};
}

stele_status stele_report_all(stele *handle, int (*report)(void *data, const stele_report *report), void *data,
                              stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_arena arena = {0};
    stele_error_clear(error);
    stele_status status = stele_ledger_read(&ledger, &handle->link, handle->schema, handle->table, error);
    if (status == STELE_OK && !stele_survey_make(&survey, handle->table, &ledger, &arena))
        status = stele_error_memory(error);
    int stop = 0;
    for (size_t i = 0; status == STELE_OK && stop == 0 && i < handle->table->count; i++) {
        stele_report one = report_of(handle->table, &survey, i);
        stop = report(data, &one);
    }
    for (size_t i = 0; status == STELE_OK && stop == 0 && i < survey.unknown_count; i++) {
        stele_report one = {.standing = STELE_UNKNOWN, .row = &survey.unknown[i]->row};
        stop = report(data, &one);
    }
    stele_ledger_free(&ledger);
    stele_arena_free(&arena);
    return status;
}

stele_status stele_history(stele *handle, int (*row)(void *data, const stele_row *row), void *data, stele_error *error)
{
    stele_ledger ledger;
    stele_error_clear(error);
    stele_status status = stele_ledger_read(&ledger, &handle->link, handle->schema, NULL, error);
    for (size_t i = 0; status == STELE_OK && i < ledger.count; i++)
        if (row(data, &ledger.entries[i].row) != 0)
            break;
    stele_ledger_free(&ledger);
    return status;
}

stele_status stele_plan(stele *handle, const char *target, int (*each)(void *data, const stele_migration *migration),
                        void *data, stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    stele_error_clear(error);
    stele_status status = stele_read_all(handle, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        status = stele_worklist_make(&list, handle->table, &survey, target, handle->options.out_of_order, &arena, error);
        if (status == STELE_OK)
            status = stele_list_check(handle, &survey, &list, error);
        for (size_t i = 0; status == STELE_OK && i < list.count; i++)
            if (each(data, &handle->table->migrations[list.actions[i].index]) != 0)
                break;
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&arena);
    return status;
}
