#include "record.h"

#include <stdio.h>

#include "compat.h"
#include "ledger.h"
#include "script.h"

void stele_build_name(char name[128], const stele_migrations *table)
{
    snprintf(name, 128, "stele " STELE_VERSION ", %s, %.15s", table->generator,
             table->count == 0 ? "" : table->migrations[table->count - 1].state);
}

uint32_t stele_part_statements(const stele_migration *migration, const stele_part *part)
{
    uint32_t count = 0;
    for (uint32_t i = 0; part != NULL && i < part->step_count; i++)
        count += migration->steps[part->first_step + i].count;
    return count;
}

static const char squashed[] = "it was recorded in the place of others, and not run";

bool stele_record_make(stele_record *record, const stele_migrations *table, const stele_values *values, stele_set *set,
                       const stele_action *action, const char *deed, unsigned step, const char *reason)
{
    const stele_migration *migration = action->migration;
    stele_turn effect = stele_turn_of(deed, (int)step);
    bool in = effect == STELE_PUTS_IN, run = !stele_row_replaces(deed);
    *record = (stele_record){.values = {[RECORD_COMPONENT] = migration->component,
                                        [RECORD_ACTION] = deed,
                                        [RECORD_VERSION] = migration->version,
                                        [RECORD_NAME] = migration->name,
                                        [RECORD_FILE] = migration->file,
                                        [RECORD_STEP] = step == 0 ? NULL : record->step,
                                        [RECORD_SOURCE] = migration->source,
                                        [RECORD_TOKENS] = migration->tokens,
                                        [RECORD_STATE] = record->state,
                                        [RECORD_PARAMETERS] = action->parameters != NULL ? action->parameters
                                                                                       : values->json[stele_component_index(table, migration->component)],
                                        [RECORD_ONE_WAY] = !in ? NULL : run ? migration->one_way : squashed,
                                        [RECORD_REASON] = reason,
                                        [RECORD_STATEMENTS] = record->statements,
                                        [RECORD_BUILD] = record->build}};
    snprintf(record->step, sizeof record->step, "%u", step);
    snprintf(record->statements, sizeof record->statements, "%u", (unsigned)stele_part_statements(migration, action->part));
    stele_build_name(record->build, table);
    if (in && run && stele_script_exists(migration))
        stele_script_write(&record->down, values, table, migration);
    record->values[RECORD_DOWN] = record->down.bytes;
    if (in || effect == STELE_TOWARDS_IN || effect == STELE_GOES_ON)
        stele_compat_write(&record->compat, migration);
    record->values[RECORD_COMPAT] = record->compat.bytes;
    return !record->down.failed && !record->compat.failed && stele_set_take(set, deed, step, migration, action->place, record->state);
}

void stele_record_free(stele_record *record)
{
    stele_text_free(&record->down);
    stele_text_free(&record->compat);
}
