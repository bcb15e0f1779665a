#include <string.h>

#include "comparison.h"
#include "error.h"
#include "expect.h"
#include "offline.h"
#include "psql.h"

/*
 * What is known of a statement is kept in settings of the transaction, for a block on the server to judge: stele.there_N and
 * stele.expected_N of the statement's N-th expectation, and stele.affected.
 */

static void put(stele_sheet *sheet, const char *words)
{
    stele_text_string(&sheet->text, words);
}

/* SELECT set_config(...), of an expression's value. */
static void put_setting(stele_sheet *sheet, const char *name, uint32_t number, const stele_text *expression)
{
    stele_text sql = {0};
    stele_text_print(&sql, "SELECT pg_catalog.set_config('stele.%s_%u', (", name, (unsigned)number);
    stele_text_bytes(&sql, expression->bytes, expression->length);
    stele_text_string(&sql, ")::pg_catalog.text, true)");
    sheet->text.failed |= sql.failed;
    if (!sql.failed)
        stele_psql_statement(&sheet->text, sql.bytes, sql.length);
    stele_text_free(&sql);
}

/* "FILE:LINE:COLUMN", where the directive is. */
static const char *place_of(const stele_sheet *sheet, const stele_migration *migration, const stele_expectation *expectation)
{
    stele_error place = {0};
    stele_error_file(&place, migration);
    stele_error_place(&place, migration, expectation->begin);
    return stele_arena_print(&sheet->handle->arena, "%s:%u:%u", place.file, place.line, place.column);
}

void stele_sheet_ask(stele_sheet *sheet, const stele_migration *migration, uint32_t statement)
{
    uint32_t first = stele_expect_first(migration, statement);
    for (uint32_t i = first; stele_expect_concerns(migration, i, statement); i++) {
        const stele_expectation *expectation = &migration->expectations[i];
        stele_text look = {0}, query = {0};
        stele_expect_look(&look, sheet->handle, migration, expectation);
        stele_expect_query(&query, sheet->handle, migration, expectation);
        sheet->text.failed |= look.failed || query.failed;
        if (!sheet->text.failed && expectation->unless_empty)
            put_setting(sheet, "there", i - first, &look);
        if (!sheet->text.failed && expectation->query_end != 0)
            put_setting(sheet, "expected", i - first, &query);
        stele_text_free(&look);
        stele_text_free(&query);
    }
}

/* ------------------------------------------------------------------- counting */

/* What psql wouldn't send as it stands is executed on the server, which counts then. */
static void put_executed(stele_sheet *sheet, const stele_text *sql)
{
    stele_text block = {0};
    stele_text_string(&block, "\nDECLARE\n  affected pg_catalog.int8;\nBEGIN\n  EXECUTE ");
    stele_psql_dollars(&block, sql->bytes, sql->length);
    stele_text_string(&block, ";\n  GET DIAGNOSTICS affected = ROW_COUNT;\n"
                              "  PERFORM pg_catalog.set_config('stele.affected', affected::pg_catalog.text, true);\nEND ");
    sheet->text.failed |= block.failed;
    if (!block.failed) {
        put(sheet, "DO ");
        stele_psql_dollars(&sheet->text, block.bytes, block.length);
        put(sheet, ";\n");
    }
    stele_text_free(&block);
}

static const char counted_by_psql[] = "SELECT pg_catalog.set_config('stele.affected', :'ROW_COUNT', true);\n";

void stele_sheet_counted(stele_sheet *sheet, const stele_text *sql)
{
    if (!stele_psql_is_plain(sql->bytes, sql->length)) {
        put_executed(sheet, sql);
        return;
    }
    stele_psql_statement(&sheet->text, sql->bytes, sql->length);
    put(sheet, counted_by_psql);
}

/* EXECUTE takes neither. */
static bool can_be_executed(const stele_migration *migration, const stele_expectation *expectation)
{
    return migration->statements[expectation->statement].kind != STELE_COPY && strcmp(expectation->what, "select into") != 0;
}

static stele_status check_counting(const stele_sheet *sheet, const stele_migration *migration, const stele_part *part,
                                   const stele_expectation *expectation, stele_error *error)
{
    const stele *handle = sheet->handle;
    const stele_statement *statement = &migration->statements[expectation->statement];
    stele_text sql = {0};
    if (statement->begin < part->begin || statement->begin >= part->end || can_be_executed(migration, expectation))
        return STELE_OK;
    stele_render(&sql, &handle->values, handle->table, migration, statement);
    bool failed = sql.failed, plain = !failed && stele_psql_is_plain(sql.bytes, sql.length);
    stele_text_free(&sql);
    if (plain)
        return STELE_OK;
    if (failed)
        return stele_error_memory(error);
    stele_error_file(error, migration);
    stele_error_place(error, migration, statement->begin);
    stele_error_set(error, STELE_UNMET, "psql can't tell how many rows this statement affects");
    stele_error_hint(error, "write strings with a backslash as E'...'; and SELECT INTO as CREATE TABLE ... AS");
    return STELE_UNMET;
}

stele_status stele_sheet_counts(const stele_sheet *sheet, stele_error *error)
{
    stele_status status = STELE_OK;
    for (size_t a = 0; a < sheet->list->count; a++) {
        const stele_action *action = &sheet->list->actions[a];
        for (uint32_t i = 0; action->part != NULL && i < action->migration->expectation_count && status == STELE_OK; i++)
            status = check_counting(sheet, action->migration, action->part, &action->migration->expectations[i], error);
    }
    return status;
}

/* -------------------------------------------------------------------- judging */

static void put_literal(stele_text *text, const char *words)
{
    text->failed |= words == NULL;
    stele_psql_literal(text, words);
}

/* What to do, as an expression: there is always something, since a hint may not be null. */
static void put_hint(stele_text *block, const stele_sheet *sheet, const stele_migration *migration, const stele_expectation *expectation)
{
    stele_arena *arena = &sheet->handle->arena;
    stele_text table = {0};
    stele_expect_table(&table, sheet->handle, migration, expectation);
    const char *advice = stele_expect_advice(expectation);
    bool known = table.length > 0 && strchr(table.bytes, '&') == NULL; /* to_regclass doesn't take U&"..." */
    block->failed |= table.failed;
    stele_text_string(block, "coalesce(");
    if (known && !block->failed) {
        stele_text_string(block, "(SELECT CASE WHEN pg_catalog.pg_has_role(c.relowner, 'USAGE')\n      THEN ");
        put_literal(block, stele_arena_print(arena, STELE_HIDDEN_FROM_OWNER, table.bytes));
        stele_text_string(block, "\n      ELSE ");
        put_literal(block, stele_arena_print(arena, STELE_HIDDEN_FROM_OTHERS, table.bytes));
        stele_text_string(block, " END\n      FROM pg_catalog.pg_class AS c WHERE pg_catalog.row_security_active(c.oid)"
                                 " AND c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(");
        put_literal(block, table.bytes);
        stele_text_string(block, ")),\n      ");
    }
    if (advice != NULL) {
        stele_text_string(block, "CASE WHEN affected OPERATOR(pg_catalog.=) 0 THEN ");
        put_literal(block, advice);
        stele_text_string(block, " END, ");
    }
    stele_text_string(block, "'nothing of this transaction is in')");
    stele_text_free(&table);
}

/* What a query gave must be a number: here it is text still. */
static void put_number_check(stele_text *block, const char *place, stele_arena *arena)
{
    stele_text_string(block, "  IF expected OPERATOR(pg_catalog.!~) '^-?[0-9]{1,18}$' THEN\n    RAISE EXCEPTION USING MESSAGE = ");
    put_literal(block, stele_arena_print(arena, "%s: the query that tells how many rows to expect gave no number", place));
    stele_text_string(block, ";\n  END IF;\n");
}

/* IF NOT affected ... THEN, and the message: `number` is the expected one, as an expression. */
static void put_comparison(stele_text *block, const char *place, const stele_expectation *expectation, const char *number,
                           stele_arena *arena)
{
    const char *sign = stele_comparison_sign(expectation->comparison);
    stele_text_print(block, "  IF NOT affected OPERATOR(pg_catalog.%s) %s::pg_catalog.int8 THEN\n    RAISE EXCEPTION USING MESSAGE = pg_catalog.concat(",
                     sign, number);
    put_literal(block, stele_arena_print(arena, "%s: \"%s\" %s ", place, expectation->what, stele_expect_verb(expectation)));
    stele_text_print(block, ", affected,\n      CASE WHEN affected OPERATOR(pg_catalog.=) 1 THEN ' row' ELSE ' rows' END, ', expected %s ', %s),\n      HINT = ",
                     sign, number);
}

static void put_block(stele_text *block, const stele_sheet *sheet, const stele_migration *migration,
                      const stele_expectation *expectation, uint32_t number)
{
    stele_arena *arena = &sheet->handle->arena;
    const char *place = place_of(sheet, migration, expectation);
    bool asked = expectation->query_end != 0;
    const char *expected = asked ? "expected" : stele_arena_print(arena, "%lld", (long long)expectation->rows);
    if (place == NULL || expected == NULL) {
        block->failed = 1;
        return;
    }
    stele_text_string(block, "\nDECLARE\n  affected pg_catalog.int8 := pg_catalog.current_setting('stele.affected')::pg_catalog.int8;\n");
    if (asked)
        stele_text_print(block, "  expected pg_catalog.text := coalesce(pg_catalog.current_setting('stele.expected_%u'), '');\n", (unsigned)number);
    stele_text_string(block, "BEGIN\n");
    if (expectation->unless_empty)
        stele_text_print(block, "  IF pg_catalog.current_setting('stele.there_%u') OPERATOR(pg_catalog.=) 'false' THEN\n    RETURN;\n  END IF;\n",
                         (unsigned)number);
    if (asked)
        put_number_check(block, place, arena);
    put_comparison(block, place, expectation, expected, arena);
    put_hint(block, sheet, migration, expectation);
    stele_text_string(block, ";\n  END IF;\nEND ");
}

void stele_sheet_judge(stele_sheet *sheet, const stele_migration *migration, uint32_t statement)
{
    uint32_t first = stele_expect_first(migration, statement);
    if (migration->statements[statement].kind == STELE_COPY)
        put(sheet, counted_by_psql);
    for (uint32_t i = first; stele_expect_concerns(migration, i, statement); i++) {
        stele_text block = {0};
        put_block(&block, sheet, migration, &migration->expectations[i], i - first);
        sheet->text.failed |= block.failed;
        if (!block.failed) {
            put(sheet, "DO ");
            stele_psql_dollars(&sheet->text, block.bytes, block.length);
            put(sheet, ";\n");
        }
        stele_text_free(&block);
    }
}
