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

static void report_places(const reporter *r, const stele_survey *survey)
{
    int stop = 0;
    for (size_t i = 0; stop == 0 && i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        const stele_migration *migration = place->migration;
        stele_report report = {.standing = place->standing, .migration = migration, .back = place->back, .step = place->steps_done};
        if (migration != NULL)
            report.steps = place->back ? migration->down.step_count : migration->up.step_count;
        stop = hand_over(r, report, place->covered != NULL ? place->covered : place->entry);
    }
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
        report_places(&r, &survey);
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
