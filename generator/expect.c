#define _POSIX_C_SOURCE 200809L
#include "expect.h"

#include "../runtime/comparison.h"

#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

/* ----------------------------------------------------------------- words */

uint32_t expect_find_query(const char *text, uint32_t at, uint32_t end)
{
    static const char name[] = "expect";
    while (at < end && is_space(text[at]))
        at++;
    if (end - at < sizeof name || memcmp(text + at, name, sizeof name - 1) != 0 || !is_space(text[at + sizeof name - 1]))
        return 0;
    const char *parenthesis = memchr(text + at, '(', end - at);
    return parenthesis == NULL ? 0 : (uint32_t)(parenthesis - text);
}

bool expect_take_tail(stele_expectation *expectation, const struct word *words, size_t count)
{
    static const char *const tail[] = {"if", "table", "not", "empty"};
    enum { TAIL_COUNT = sizeof tail / sizeof tail[0] };
    for (size_t i = 0; i < TAIL_COUNT && count == TAIL_COUNT; i++)
        if (words[i].quoted || strcmp(words[i].text, tail[i]) != 0)
            return false;
    expectation->unless_empty = count == TAIL_COUNT;
    return count == 0 || count == TAIL_COUNT;
}

bool expect_take_words(struct migration *migration, struct memory *memory, const struct word *words, size_t count, uint32_t query)
{
    enum { HEAD_COUNT = 3 };
    size_t most = query == 0 ? HEAD_COUNT + 1 : HEAD_COUNT;
    stele_expectation expectation = {.begin = words[0].begin, .query_begin = query};
    if (count < most || strcmp(words[1].text, "rows") != 0 || !stele_comparison_of(words[2].text, &expectation.comparison))
        return false;
    if (query == 0 && (words[3].text[0] == '-' || !stele_rows_number(words[3].text, &expectation.rows)))
        return false;
    if (query == 0 ? !expect_take_tail(&expectation, words + most, count - most) : count > most)
        return false;
    migration->expectations = memory_grow(memory, migration->expectations, migration->expectation_count,
                                          &migration->expectation_capacity, sizeof *migration->expectations);
    migration->expectations[migration->expectation_count++] = expectation;
    return true;
}

/* ----------------------------------------------------------------- trees */

bool expect_is_query(const void *tree)
{
    return IsA(tree, SelectStmt) && tree_created(tree) == NULL;
}

/* What kind of statement it is, in words; NULL when it doesn't affect rows. And the table that it changes, or NULL. */
static const char *kind_of(const Node *tree, const RangeVar **table)
{
    *table = NULL;
    switch (nodeTag(tree)) {
    case T_InsertStmt:
        *table = ((const InsertStmt *)tree)->relation;
        return "insert";
    case T_UpdateStmt:
        *table = ((const UpdateStmt *)tree)->relation;
        return "update";
    case T_DeleteStmt:
        *table = ((const DeleteStmt *)tree)->relation;
        return "delete";
    case T_MergeStmt:
        *table = ((const MergeStmt *)tree)->relation;
        return "merge";
    case T_CopyStmt:
        *table = ((const CopyStmt *)tree)->relation;
        return ((const CopyStmt *)tree)->is_from ? "copy" : NULL;
    case T_SelectStmt:
        return expect_is_query(tree) ? "select" : "select into";
    case T_CreateTableAsStmt:
        return ((const CreateTableAsStmt *)tree)->objtype == OBJECT_TABLE ? "create table as" : NULL;
    default:
        return NULL;
    }
}

/* Where a possibly qualified name ends that begins at `begin`. */
static uint32_t name_end(const struct history *history, const struct migration *migration, uint32_t begin)
{
    struct lexer lexer;
    lexer_start(&lexer, history->memory, &history->conf, migration->source.text, migration->source.length);
    lexer.at = begin;
    for (;;) {
        uint32_t end = lexer_next_solid(&lexer).end;
        if (!token_is_mark(&lexer, lexer_next_solid(&lexer), '.'))
            return end;
    }
}

static void complain(struct history *history, struct migration *migration, uint32_t at, const char *message, const char *hint)
{
    diag_error(history->diag, &migration->source, at, "%s", message);
    diag_hint(history->diag, "%s", hint);
    migration->broken = true;
}

/* What is known of the statement, into an expectation of it. */
static void note_one(struct history *history, struct migration *migration, stele_expectation *expectation, const char *what,
                     const RangeVar *table, uint32_t base)
{
    expectation->what = what;
    if (what == NULL) {
        complain(history, migration, expectation->begin, "\"expect\" before a statement that affects no rows",
                 "it stands before INSERT, UPDATE, DELETE, MERGE, COPY FROM, SELECT, SELECT INTO or CREATE TABLE AS");
    } else if (table != NULL) {
        expectation->table_begin = base + (uint32_t)table->location;
        expectation->table_end = name_end(history, migration, expectation->table_begin);
        expectation->only = !table->inh;
    } else if (expectation->unless_empty) {
        complain(history, migration, expectation->begin, "\"if table not empty\" before a statement that changes no table",
                 "leave it out; or give the number by a query: expect rows >= (SELECT ...)");
    }
}

void expect_note(struct history *history, struct migration *migration, const struct statement *statement, const void *tree,
                 uint32_t base)
{
    const RangeVar *table = NULL;
    const char *what = statement->expectation_count == 0 ? NULL : kind_of(tree, &table);
    for (size_t i = 0; i < statement->expectation_count; i++)
        note_one(history, migration, &migration->expectations[statement->first_expectation + i], what, table, base);
}

void expect_note_unparsed(struct history *history, struct migration *migration, const struct statement *statement)
{
    for (size_t i = 0; i < statement->expectation_count; i++) {
        stele_expectation *expectation = &migration->expectations[statement->first_expectation + i];
        note_one(history, migration, expectation, "statement", NULL, 0);
        if (statement->facts.alone != NULL)
            complain(history, migration, expectation->begin, "\"expect\" before a statement that runs outside a transaction",
                     "what it did could not be rolled back: leave one of \"expect\", \"unparsed\" and \"no-transaction\" out");
    }
}

/* ---------------------------------------------------------------- public */

void expect_number(struct migration *migration)
{
    for (size_t i = 0; i < migration->statement_count; i++) {
        const struct statement *statement = &migration->statements[i];
        for (size_t j = 0; j < statement->expectation_count; j++)
            migration->expectations[statement->first_expectation + j].statement = (uint32_t)i;
    }
}
