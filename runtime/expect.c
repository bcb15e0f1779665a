#include "expect.h"

#include <string.h>

#include "comparison.h"
#include "error.h"
#include "pq_statement.h"

/* What was asked for one expectation, and came back. */
struct stele_answer {
    bool empty;   /* the table */
    bool known;   /* the query gave a number: */
    int64_t rows; /* this one */
};

/* --------------------------------------------------------------------- the text */

static void put_stretch(stele_text *text, const stele *handle, const stele_migration *migration, uint32_t begin, uint32_t end)
{
    const stele_statement stretch = {.begin = begin, .end = end};
    stele_render(text, &handle->values, handle->table, migration, &stretch);
}

void stele_expect_table(stele_text *text, const stele *handle, const stele_migration *migration, const stele_expectation *expectation)
{
    if (expectation->table_end != 0)
        put_stretch(text, handle, migration, expectation->table_begin, expectation->table_end);
}

void stele_expect_look(stele_text *text, const stele *handle, const stele_migration *migration, const stele_expectation *expectation)
{
    stele_text_string(text, expectation->only ? "SELECT EXISTS (SELECT FROM ONLY " : "SELECT EXISTS (SELECT FROM ");
    stele_expect_table(text, handle, migration, expectation);
    stele_text_string(text, ")");
}

void stele_expect_query(stele_text *text, const stele *handle, const stele_migration *migration, const stele_expectation *expectation)
{
    put_stretch(text, handle, migration, expectation->query_begin, expectation->query_end);
}

const char *stele_expect_verb(const stele_expectation *expectation)
{
    return strcmp(expectation->what, "select") == 0 ? "returned" : "affected";
}

const char *stele_expect_advice(const stele_expectation *expectation)
{
    bool may_be_empty = expectation->table_end != 0 && !expectation->unless_empty && expectation->query_end == 0 &&
                        strcmp(expectation->what, "insert") != 0 && strcmp(expectation->what, "copy") != 0;
    return may_be_empty ? "where the table may be empty, end the directive with: if table not empty" : NULL;
}

/* ------------------------------------------------------------------------ asking */

bool stele_expect_prepare(stele_run *run, stele_arena *arena)
{
    size_t most = 0;
    for (size_t i = 0; i < run->list->count; i++) {
        const stele_migration *migration = run->list->actions[i].migration;
        most = migration->expectation_count > most ? migration->expectation_count : most;
    }
    run->answers = stele_arena_get(arena, most, sizeof *run->answers);
    return run->answers != NULL;
}

uint32_t stele_expect_first(const stele_migration *migration, uint32_t statement)
{
    uint32_t low = 0, high = migration->expectation_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (migration->expectations[middle].statement < statement)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool stele_expect_concerns(const stele_migration *migration, uint32_t index, uint32_t statement)
{
    return index < migration->expectation_count && migration->expectations[index].statement == statement;
}

bool stele_expects(const stele_migration *migration, uint32_t statement)
{
    return stele_expect_concerns(migration, stele_expect_first(migration, statement), statement);
}

static stele_status ask(stele_run *run, uint64_t item, stele_error *error)
{
    return run->text.failed ? stele_error_memory(error) : stele_run_say(run, item, run->text.bytes, error);
}

stele_status stele_expect_ask(stele_run *run, size_t action, uint32_t statement, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, action);
    stele_status status = STELE_OK;
    for (uint32_t i = stele_expect_first(migration, statement); stele_expect_concerns(migration, i, statement) && status == STELE_OK; i++) {
        const stele_expectation *expectation = &migration->expectations[i];
        run->answers[i] = (struct stele_answer){.known = expectation->query_end == 0, .rows = expectation->rows};
        run->text.length = 0;
        if (expectation->unless_empty) {
            stele_expect_look(&run->text, run->handle, migration, expectation);
            status = ask(run, stele_item(action, ITEM_LOOK, i), error);
        }
        run->text.length = 0;
        if (expectation->query_end != 0 && status == STELE_OK) {
            stele_expect_query(&run->text, run->handle, migration, expectation);
            status = ask(run, stele_item(action, ITEM_QUERY, i), error);
        }
    }
    return status;
}

void stele_expect_answered(stele_run *run, uint64_t item, const stele_rows *rows)
{
    struct stele_answer *answer = &run->answers[(uint32_t)item];
    if (stele_item_what(item) == ITEM_LOOK) {
        answer->empty = rows == NULL || !stele_rows_true(rows, 0, 0);
        return;
    }
    bool one = rows != NULL && run->handle->link.affected == 1 && stele_rows_columns(rows) == 1;
    const char *text = one ? stele_rows_text(rows, 0, 0) : NULL;
    answer->known = text != NULL && stele_rows_number(text, &answer->rows);
}

/* ----------------------------------------------------------------------- judging */

/* Do policies hide rows of the table from this role, now? Asked in the transaction of the statement, whose role it is. */
static void look_for_policies(stele_run *run, const stele_migration *migration, const stele_expectation *expectation, stele_error *error)
{
    static const char sql[] = "SELECT pg_catalog.row_security_active(c.oid), pg_catalog.pg_has_role(c.relowner, 'USAGE')"
                              " FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1)";
    stele_link *link = &run->handle->link;
    stele_text table = {0};
    stele_rows *rows = NULL;
    stele_expect_table(&table, run->handle, migration, expectation);
    const char *values[] = {table.bytes};
    if (table.length > 0 && !table.failed && stele_pipe_stop(link, NULL) == STELE_OK &&
        stele_link_query(link, sql, 1, values, &rows, NULL) == STELE_OK && stele_rows_count(rows) == 1 && stele_rows_true(rows, 0, 0))
        stele_error_hint(error, stele_rows_true(rows, 0, 1) ? STELE_HIDDEN_FROM_OWNER : STELE_HIDDEN_FROM_OTHERS, table.bytes);
    stele_rows_free(rows);
    stele_text_free(&table);
}

static unsigned line_of(const stele_migration *migration, uint32_t offset)
{
    unsigned line = 1;
    for (uint32_t i = 0; i < offset; i++)
        line += migration->text[i] == '\n';
    return line;
}

static stele_status refuse(stele_run *run, const stele_migration *migration, const stele_expectation *expectation,
                           const struct stele_answer *answer, int64_t affected, stele_error *error)
{
    unsigned line = line_of(migration, migration->statements[expectation->statement].begin);
    if (!answer->known) {
        stele_error_set(error, STELE_FAILED, "the query that tells how many rows to expect gave no number");
        stele_error_hint(error, "it must give one row of one column, a whole number: SELECT count(*) FROM ...");
        return STELE_FAILED;
    }
    stele_error_set(error, STELE_FAILED, "\"%s\" %s %lld row%s, expected %s %lld", expectation->what, stele_expect_verb(expectation),
                    (long long)affected, affected == 1 ? "" : "s", stele_comparison_sign(expectation->comparison), (long long)answer->rows);
    stele_error_detail(error, "the statement is at line %u%s", line,
                       expectation->query_end == 0 ? "" : "; the number is what the query gave directly before it");
    look_for_policies(run, migration, expectation, error);
    const char *advice = affected == 0 ? stele_expect_advice(expectation) : NULL;
    if (advice != NULL && error != NULL && error->hint[0] == '\0')
        stele_error_hint(error, "%s", advice);
    return STELE_FAILED;
}

stele_status stele_expect_judge(stele_run *run, size_t action, uint32_t statement, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, action);
    stele_link *link = &run->handle->link;
    uint32_t i = stele_expect_first(migration, statement);
    stele_status status = stele_expect_concerns(migration, i, statement) ? stele_pipe_wait(link, error) : STELE_OK;
    int64_t affected = link->affected;
    for (; stele_expect_concerns(migration, i, statement) && status == STELE_OK; i++) {
        const stele_expectation *expectation = &migration->expectations[i];
        const struct stele_answer *answer = &run->answers[i];
        if (answer->empty || (answer->known && stele_comparison_holds(expectation->comparison, affected, answer->rows)))
            continue;
        status = refuse(run, migration, expectation, answer, affected, error);
        link->failed_item = stele_item(action, ITEM_EXPECT, i);
        link->position = 0;
    }
    return status;
}

bool stele_expect_is_about(uint64_t item)
{
    unsigned what = stele_item_what(item);
    return what == ITEM_LOOK || what == ITEM_QUERY || what == ITEM_EXPECT;
}

void stele_expect_place(const stele_run *run, uint64_t item, stele_error *error)
{
    const stele_migration *migration = stele_run_migration(run, stele_item_action(item));
    const stele_expectation *expectation = &migration->expectations[(uint32_t)item];
    unsigned position = run->handle->link.position;
    const stele_statement query = {.begin = expectation->query_begin, .end = expectation->query_end};
    size_t offset = expectation->begin;
    if (stele_item_what(item) == ITEM_QUERY && position != 0)
        offset = stele_render_origin(&run->handle->values, run->handle->table, migration, &query, position);
    stele_error_place(error, migration, offset);
}
