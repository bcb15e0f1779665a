#include <string.h>

#include "error.h"
#include "handle.h"

typedef struct reporter {
    int (*report)(void *data, const stele_report *report);
    void *data;
} reporter;

/* Hand over one report, with its row made presentable; returns what the callback returned. */
static int hand_over(const reporter *r, stele_report report, const stele_entry *entry)
{
    stele_row_texts texts;
    stele_row row;
    if (entry != NULL) {
        row = stele_entry_row(entry, &texts);
        report.row = &row;
    }
    return r->report(r->data, &report);
}

static void report_places(const reporter *r, const stele_migrations *table, const stele_survey *survey)
{
    int stop = 0;
    for (size_t i = 0; stop == 0 && i < table->count; i++) {
        const stele_place *place = &survey->places[i];
        stele_report report = {.standing = place->standing,
                               .migration = &table->migrations[i],
                               .step = place->steps_done,
                               .steps = table->migrations[i].up.step_count};
        stop = hand_over(r, report, place->entry);
    }
    for (size_t i = 0; stop == 0 && i < survey->unknown_count; i++)
        stop = hand_over(r, (stele_report){.standing = STELE_UNKNOWN}, survey->unknown[i]);
}

stele_status stele_report_all(stele *handle, int (*report)(void *data, const stele_report *report), void *data,
                              stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_arena arena = {0};
    const reporter r = {report, data};
    stele_error_clear(error);
    stele_status status = stele_ledger_read(&ledger, &handle->link, handle->schema, handle->table, 0, error);
    if (status != STELE_OK)
        return status;
    if (stele_survey_make(&survey, handle->table, &ledger, &arena))
        report_places(&r, handle->table, &survey);
    else
        status = stele_error_memory(error);
    stele_ledger_free(&ledger);
    stele_arena_free(&arena);
    return status;
}

stele_status stele_history(stele *handle, int (*row)(void *data, const stele_row *row), void *data, stele_error *error)
{
    stele_ledger ledger;
    stele_error_clear(error);
    stele_status status = stele_ledger_read(&ledger, &handle->link, handle->schema, NULL, 0, error);
    int stop = 0;
    for (size_t i = 0; status == STELE_OK && stop == 0 && i < ledger.count; i++) {
        stele_row_texts texts;
        stele_row one = stele_entry_row(&ledger.entries[i], &texts);
        stop = row(data, &one);
    }
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
    stele_status status = stele_read_all(handle, 0, &ledger, &survey, &arena, error);
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
