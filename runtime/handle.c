#include "handle.h"

#include <stdlib.h>
#include <string.h>

#include "ahead.h"
#include "error.h"

/* ---------------------------------------------------------- open and close */

/*
 * Is the binary file that the compiler put in (stelec --incbin) of the same run as the table? Of another one, every offset would point
 * somewhere else.
 */
static int seal_fits(const stele_migrations *table)
{
    static const char end[] = "\nend\n"; /* of the manifest, and a zero byte */
    size_t length = table->sealed_sum == NULL ? 0 : strlen(table->sealed_sum);
    if (length == 0)
        return 1;
    if (table->sealed == NULL || table->sealed_size < length + sizeof end)
        return 0;
    const char *sum = table->sealed + table->sealed_size - sizeof end - length;
    return memcmp(sum, table->sealed_sum, length) == 0 && memcmp(sum + length, end, sizeof end) == 0;
}

stele_status stele_handle_prepare(stele *handle, const stele_migrations *table, const stele_options *options, stele_error *error)
{
    static const stele_options defaults = {0};
    if (table->format != STELE_TABLE_FORMAT) {
        stele_error_set(error, STELE_USAGE, "the migrations were compiled for table format %u, this runtime reads format %d",
                        (unsigned)table->format, STELE_TABLE_FORMAT);
        stele_error_hint(error, "generate them again with the stelec that belongs to this runtime");
        return STELE_USAGE;
    }
    if (!seal_fits(table)) {
        stele_error_set(error, STELE_USAGE, "the migrations were compiled with a .bin file of another run of stelec");
        stele_error_hint(error, "run stelec --incbin, then compile and link again");
        return STELE_USAGE;
    }
    handle->table = table;
    handle->options = options == NULL ? defaults : *options;
    handle->schema = stele_quoted_name(handle->options.schema == NULL ? "stele" : handle->options.schema, &handle->arena);
    return handle->schema == NULL ? stele_error_memory(error)
                                  : stele_values_given(&handle->values, table, &handle->options, &handle->arena, error);
}

stele_status stele_open(stele **handle, const stele_migrations *migrations, const stele_options *options,
                        stele_error *error)
{
    stele_error_clear(error);
    if (handle != NULL)
        *handle = NULL;
    if (handle == NULL || migrations == NULL)
        return stele_error_set(error, STELE_USAGE, "stele_open needs a place for the handle, and a table");
    stele *made = calloc(1, sizeof *made);
    if (made == NULL)
        return stele_error_memory(error);
    stele_status status = stele_handle_prepare(made, migrations, options, error);
    if (status == STELE_OK)
        status = stele_link_open(&made->link, &made->options, error);
    if (status == STELE_OK && stele_link_version(&made->link) < 120000) {
        status = stele_error_set(error, STELE_UNMET, "the server is PostgreSQL %d; stele needs 12 or later",
                                 stele_link_version(&made->link) / 10000);
    }
    if (status == STELE_OK)
        *handle = made;
    else
        stele_close(made);
    return status;
}

void stele_close(stele *handle)
{
    if (handle == NULL)
        return;
    stele_link_close(&handle->link);
    stele_arena_free(&handle->arena);
    free(handle);
}

/* ------------------------------------------------------------------- check */

/*
 * How many migrations of a component come after the one whose digest is `state`; all of them when none has it. From the
 * end, where it is nearly always found at once: the table of a long history is not even read then.
 */
static size_t count_after(const stele_migrations *table, const char *component, const char *state, bool *known)
{
    size_t after = 0;
    *known = false;
    for (size_t i = table->count; i-- > 0 && !*known;) {
        const stele_migration *migration = &table->migrations[i];
        if (strcmp(migration->component, component) != 0)
            continue;
        *known = state != NULL && strcmp(migration->state, state) == 0;
        after += !*known;
    }
    return after;
}

static bool is_empty_state(const char *component, const char *state)
{
    uint8_t digest[STELE_DIGEST_SIZE];
    char text[STELE_CHECKSUM_SIZE];
    if (!stele_state_start(digest, component))
        return false;
    stele_checksum_write(text, "d1", digest);
    return strcmp(text, state) == 0;
}

static void weigh(const stele_migrations *table, const stele_head *head, stele_glance *glance)
{
    bool known;
    size_t after = count_after(table, head->component, head->state, &known);
    if (head->reader > STELE_LEDGER_FORMAT)
        glance->settled = false;
    else if (head->seq != 0 && !known && !is_empty_state(head->component, head->state))
        glance->settled = false;
    glance->pending += after;
    glance->rows += head->seq;
}

stele_status stele_look(stele *handle, stele_glance *glance, stele_arena *arena, stele_error *error)
{
    const stele_migrations *table = handle->table;
    *glance = (stele_glance){.settled = true};
    glance->heads = stele_arena_get(arena, table->component_count, sizeof *glance->heads);
    if (glance->heads == NULL)
        return stele_error_memory(error);
    stele_status status =
        stele_ledger_heads(&handle->link, handle->schema, table, glance->heads, &glance->exists, arena, error);
    const char **parameters = stele_arena_get(arena, table->component_count, sizeof *parameters);
    if (parameters == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; status == STELE_OK && i < table->component_count; i++) {
        weigh(table, &glance->heads[i], glance);
        parameters[i] = glance->heads[i].parameters;
    }
    /* What is wrong with the ledger or the files is told first; so the parameters are looked at only when they are fine. */
    if (status == STELE_OK && glance->settled)
        status = stele_values_agree(&handle->values, table, parameters, &handle->arena, error);
    return status;
}

static void first_fault(void *data, const stele_entry *entry, const char *component, const char *message,
                        const char *detail, const stele_entry *seal)
{
    (void)component;
    stele_error *error = data;
    if (seal != NULL || error == NULL || error->status != STELE_OK)
        return;
    stele_error_set(error, STELE_TAMPERED, "the ledger was changed: %s", message);
    stele_error_detail(error, "%s", detail);
    stele_error_hint(error, "nothing was applied; audit shows everything that is wrong, repair reseal --reason TEXT accepts the ledger as it is found");
    if (entry != NULL)
        stele_error_copy(error->file, sizeof error->file, entry->row.file);
}

stele_status stele_read_found(stele *handle, int64_t expected, stele_ledger *ledger, stele_survey *survey, stele_arena *arena,
                              stele_error *error)
{
    stele_status status = stele_ledger_read(ledger, &handle->link, handle->schema, handle->table, expected, error);
    if (status != STELE_OK || stele_survey_make(survey, handle->table, ledger, arena))
        return status;
    stele_ledger_free(ledger);
    return stele_error_memory(error);
}

stele_status stele_read_all(stele *handle, int64_t expected, stele_ledger *ledger, stele_survey *survey, stele_arena *arena,
                            stele_error *error)
{
    stele_error fault = {0};
    stele_status status = stele_read_found(handle, expected, ledger, survey, arena, error);
    if (status != STELE_OK)
        return status;
    if (!stele_ledger_prove(ledger, first_fault, &fault))
        status = stele_error_memory(error);
    else if (fault.status != STELE_OK) {
        status = fault.status;
        if (error != NULL && error->status == STELE_OK)
            *error = fault;
    }
    if (status != STELE_OK)
        stele_ledger_free(ledger);
    return status;
}

void stele_result_fill(stele_result *result, const stele *handle, const stele_glance *glance)
{
    if (result == NULL)
        return;
    const stele_migrations *table = handle->table;
    *result = (stele_result){.applied = result->applied, .reverted = result->reverted, .recorded = result->recorded,
                             .pending = glance->pending};
    const char *component = NULL; /* of the last migration whose state is the database's */
    for (size_t i = table->count; i-- > 0;) {
        const stele_migration *migration = &table->migrations[i];
        const stele_head *head = &glance->heads[stele_component_index(table, migration->component)];
        if (component == NULL && head->state != NULL && strcmp(head->state, migration->state) == 0) {
            component = migration->component;
            stele_error_copy(result->head, sizeof result->head, head->hash);
        }
        if (component != NULL && !migration->repeatable && strcmp(component, migration->component) == 0) {
            stele_error_copy(result->version, sizeof result->version, migration->version);
            break;
        }
    }
}

/* The last version that a newer program applied, and the head of its component. */
static void fill_ahead(stele_result *result, const stele *handle, const stele_survey *survey)
{
    for (size_t i = survey->known; i < survey->count; i++) {
        const stele_place *place = &survey->places[i];
        if (place->standing != STELE_NEWER || !place->in || stele_version_repeats(place->entry->row.version))
            continue;
        const stele_row *row = &place->entry->row;
        const stele_entry *last = survey->last[stele_component_index(handle->table, row->component)];
        stele_checksum_write(result->head, "r1", last->hash);
        stele_error_copy(result->version, sizeof result->version, row->version);
    }
}

void stele_ahead_tell(const stele *handle, const stele_survey *survey, stele_result *result)
{
    char words[600];
    size_t count = stele_ahead_words(survey, handle->table, NULL, words, sizeof words);
    if (count == 0 || (result != NULL && result->ahead == count))
        return;
    if (result != NULL) {
        result->ahead = count;
        fill_ahead(result, handle, survey);
    }
    if (handle->options.progress != NULL) {
        const stele_event event = {.kind = STELE_EVENT_AHEAD, .total = count, .head = "", .message = words, .severity = "", .sqlstate = ""};
        handle->options.progress(handle->options.data, &event);
    }
}

/* The state isn't one of the table's: read everything, and say why. An out-of-order set is fine, though. */
static stele_status explain(stele *handle, stele_result *result, stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_worklist list;
    stele_arena arena = {0};
    stele_status status = stele_read_all(handle, 0, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        status = stele_worklist_make(&list, handle->table, &survey, NULL, &handle->options, &arena, error);
        if (status == STELE_OK)
            status = stele_survey_values(handle, &survey, error);
        if (status == STELE_OK)
            stele_ahead_tell(handle, &survey, result);
        if (status == STELE_OK && list.count > 0)
            status = STELE_PENDING;
        if (result != NULL)
            result->pending = list.count;
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&arena);
    return status;
}

stele_status stele_check(stele *handle, stele_result *result, stele_error *error)
{
    stele_arena arena = {0};
    stele_glance glance;
    stele_error_clear(error);
    if (result != NULL)
        *result = (stele_result){0};
    stele_status status = stele_look(handle, &glance, &arena, error);
    if (status == STELE_OK) {
        stele_result_fill(result, handle, &glance);
        if (!glance.settled)
            status = explain(handle, result, error);
        else if (glance.pending > 0)
            status = STELE_PENDING;
    }
    stele_arena_free(&arena);
    return status;
}

/* -------------------------------------------------------------- in one call */

stele_status stele_up(const stele_migrations *migrations, const stele_options *options, stele_result *result,
                      stele_error *error)
{
    stele *handle;
    stele_status status = stele_open(&handle, migrations, options, error);
    if (result != NULL)
        *result = (stele_result){0};
    if (status == STELE_OK)
        status = stele_apply(handle, NULL, result, error);
    stele_close(handle);
    return status;
}
