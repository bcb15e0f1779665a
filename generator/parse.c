#define _POSIX_C_SOURCE 200809L
#include "parse.h"

#include "deed.h"
#include "derive.h"
#include "expect.h"
#include "layout.h"
#include "losses.h"
#include "uses.h"

#include <stdlib.h>
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include <pg_query.h>
#include <pg_query/pg_query_internal.h>

#include "nodes/parsenodes.h"

/* The text of one file as the grammar gets it. */
struct parser {
    struct history *history;
    struct migration *migration;
    char *text; /* as long as the file's; what the grammar must not see is blanked */
};

const char *parse_name(void)
{
    return "libpg_query " PG_VERSION;
}

/* --------------------------------------------------- what the grammar sees */

/* Does it stand for a token, or for a part of one? Inside of strings and names the grammar may see it as it is. */
static bool is_token(const stele_reference *reference)
{
    return reference->where == STELE_IN_SQL || reference->where == STELE_AS_LITERAL || reference->where == STELE_AS_NAME;
}

/* Something of the parameter's kind and the reference's length, so that positions stay what they are. */
static void put_placeholder(char *text, const stele_reference *reference, uint32_t kind)
{
    if (reference->where != STELE_IN_SQL)
        kind = reference->where == STELE_AS_LITERAL ? STELE_LITERAL : STELE_IDENTIFIER;
    char *first = text + reference->begin, *last = text + reference->end - 1;
    char filler = kind == STELE_INTEGER ? '0' : kind == STELE_LITERAL ? '.' : 'p';
    memset(first, filler, (size_t)(last - first) + 1);
    if (kind == STELE_INTEGER)
        *last = '1';
    if (kind == STELE_LITERAL)
        *first = *last = '\'';
}

static void put_blank(char *text, const struct blank *blank)
{
    for (uint32_t at = blank->begin; at < blank->end; at++)
        if (text[at] != '\n')
            text[at] = ' ';
    if (blank->begin < blank->end)
        text[blank->begin] = blank->instead;
}

static char *grammar_text(struct history *history, const struct migration *migration)
{
    size_t size = migration->source.length + 1;
    if (size > history->scratch_size) {
        history->scratch_size = size * 2;
        history->scratch = memory_get(history->memory, history->scratch_size, 1);
    }
    char *text = memcpy(history->scratch, migration->source.text, size);
    for (size_t i = 0; i < migration->references.count; i++) {
        const stele_reference *reference = &migration->references.list[i];
        if (is_token(reference))
            put_placeholder(text, reference, history->conf.parameters[reference->parameter].table.kind);
    }
    for (size_t i = 0; i < migration->blank_count; i++)
        put_blank(text, &migration->blanks[i]);
    return text;
}

/* ------------------------------------------------------------ complaints */

/*
 * The byte that is `characters` after `begin`, within the statement. libpg_query counts characters, from 1, of the text that it
 * got: what was blanked has as many as it has bytes.
 */
static uint32_t find_character(const char *text, uint32_t begin, uint32_t end, int characters)
{
    uint32_t at = begin;
    for (int left = characters - 1; left > 0 && at < end; left--)
        do
            at++;
        while (at < end && ((unsigned char)text[at] & 0xc0) == 0x80);
    return at;
}

static const stele_reference *reference_at(const struct migration *migration, uint32_t at)
{
    for (size_t i = 0; i < migration->references.count; i++) {
        const stele_reference *reference = &migration->references.list[i];
        if (is_token(reference) && reference->begin <= at && at < reference->end)
            return reference;
    }
    return NULL;
}

/* An error of PostgreSQL's in our words, where its own speak of the parser's inside. */
static const char *message_of(const PgQueryError *error)
{
    bool deep = strncmp(error->message, "memory exhausted", 16) == 0 ||
                strncmp(error->message, "stack depth limit", 17) == 0;
    return deep ? "statement is nested too deeply" : error->message;
}

static void complain(struct parser *parser, const struct statement *statement, const PgQueryError *error)
{
    struct diag *diag = parser->history->diag;
    struct migration *migration = parser->migration;
    const char *text = migration->source.text;
    uint32_t begin = statement->table.begin, end = statement->terminator;
    uint32_t at = error->cursorpos > 0 ? find_character(parser->text, begin, end, error->cursorpos) : begin;
    if (at > statement->table.end && text[at] != ';') /* "at end of input", behind white space or a comment */
        at = statement->table.end;
    const stele_reference *reference = reference_at(migration, at);
    migration->broken = true;
    if (reference != NULL) {
        diag_error(diag, &migration->source, at, "syntax error at or near \"%.*s\"",
                   (int)(reference->end - reference->begin), text + reference->begin);
        if (parser->history->conf.parameters[reference->parameter].table.kind == STELE_RAW)
            diag_hint(diag, "a raw parameter is checked as a name; where it isn't one, put \"-- stele: unparsed\" "
                            "before the statement");
        else
            diag_hint(diag, "a parameter of this kind doesn't fit here");
        return;
    }
    diag_error(diag, &migration->source, at, "%s", message_of(error));
    if (text[at] == '$' && text[at + 1] == '{')
        diag_hint(diag, "declare the parameter in stele.conf or with -D");
    else if (text[at] == ':' && strncmp(error->message, "syntax error", 12) == 0)
        diag_hint(diag, parser->history->layout != NULL && parser->history->layout->form_of_references == REFERENCE_PSQL
                            ? "for a psql variable, declare a parameter of its name in stele.conf"
                            : "for a psql variable, declare a parameter in stele.conf and write ${name}");
}

static void complain_of_end(struct parser *parser, const struct statement *statement)
{
    struct diag *diag = parser->history->diag;
    parser->migration->broken = true;
    diag_error(diag, &parser->migration->source, statement->table.begin,
               "stele and PostgreSQL's grammar disagree on where this statement ends");
    diag_hint(diag, "this is a bug of stele, please report it; meanwhile \"-- stele: unparsed\" may help");
}

/* --------------------------------------------------------------- parsing */

static bool is_expected(const struct statement *statement)
{
    return !statement->unparsed && !statement->broken;
}

/* Is this tree that of this statement? `base` is where the parsed text begins. */
static bool agrees(const struct statement *statement, const RawStmt *raw, uint32_t base)
{
    uint32_t begin = base + (uint32_t)raw->stmt_location;
    bool same_end = raw->stmt_len == 0 || begin + (uint32_t)raw->stmt_len == statement->terminator;
    return begin <= statement->table.begin && same_end &&
           derive_takes_data(raw->stmt) == (statement->table.kind == STELE_COPY);
}

/* What the rooms that look at trees make of this one; `base` is where the parsed text begins. */
static void take_tree(struct parser *parser, struct statement *statement, const Node *tree, uint32_t base)
{
    derive(parser->history, parser->migration, statement, tree);
    if (statement->part == PART_DOWN)
        losses_note(parser->history->memory, parser->migration, statement, tree);
    uses_note(parser->history, parser->migration, statement, tree, base);
    deeds_take(parser->history, parser->migration, statement, tree, base);
    demands_take(parser->history, parser->migration, statement, tree);
    expect_note(parser->history, parser->migration, statement, tree, base);
}

/* Do the trees match the statements [first, last) one by one? Then give each to derive. */
static bool match(struct parser *parser, size_t first, size_t last, const List *trees)
{
    struct migration *migration = parser->migration;
    uint32_t base = migration->statements[first].table.begin;
    for (int pass = 0; pass < 2; pass++) {
        int next = 0;
        for (size_t i = first; i < last; i++) {
            struct statement *statement = &migration->statements[i];
            if (!is_expected(statement))
                continue;
            if (next == list_length(trees))
                return false;
            const RawStmt *raw = list_nth(trees, next++);
            if (pass == 0 && !agrees(statement, raw, base))
                return false;
            if (pass == 1)
                take_tree(parser, statement, raw->stmt, base);
        }
        if (next != list_length(trees))
            return false;
    }
    return true;
}

/* The trees of text[begin..end). The memory context is the caller's. */
static PgQueryInternalParsetreeAndError parse_text(struct parser *parser, uint32_t begin, uint32_t end, bool conforming)
{
    char cut = parser->text[end];
    parser->text[end] = '\0';
    PgQueryInternalParsetreeAndError result =
        pg_query_raw_parse(parser->text + begin, conforming ? 0 : PG_QUERY_DISABLE_STANDARD_CONFORMING_STRINGS);
    parser->text[end] = cut;
    free(result.stderr_buffer); /* nobody reads it, and should memory run out from here on, nobody would give it back */
    result.stderr_buffer = NULL;
    return result;
}

static void free_result(PgQueryInternalParsetreeAndError *result)
{
    if (result->error != NULL)
        pg_query_free_error(result->error);
}

/* Parse the statements [first, last) in one call. False when that fails; one alone is then complained about. */
static bool parse_range(struct parser *parser, size_t first, size_t last)
{
    const struct statement *statements = parser->migration->statements;
    uint32_t begin = statements[first].table.begin, end = statements[last - 1].terminator;
    if (end < parser->migration->source.length && parser->text[end] == ';')
        end++;
    MemoryContext context = pg_query_enter_memory_context();
    PgQueryInternalParsetreeAndError result = parse_text(parser, begin, end, statements[first].conforming);
    bool fine = result.error == NULL && match(parser, first, last, result.tree);
    if (!fine && last - first == 1) {
        if (result.error != NULL)
            complain(parser, &statements[first], result.error);
        else
            complain_of_end(parser, &statements[first]);
    }
    free_result(&result);
    pg_query_exit_memory_context(context);
    return fine;
}

/* Parse a run of statements at once; when something is wrong with it, one by one, to find all that is. */
static void parse_run(struct parser *parser, size_t first, size_t last)
{
    if (last - first > 1 && parse_range(parser, first, last))
        return;
    for (size_t i = first; i < last; i++)
        if (is_expected(&parser->migration->statements[i]))
            parse_range(parser, i, i + 1);
}

/* The query of an expectation is looked at as a statement would be. */
static void parse_query(struct parser *parser, const struct statement *about, const stele_expectation *expectation)
{
    struct migration *migration = parser->migration;
    struct statement query = {.table = {.begin = expectation->query_begin, .end = expectation->query_end},
                              .terminator = expectation->query_end, .part = about->part, .calls = true};
    MemoryContext context = pg_query_enter_memory_context();
    PgQueryInternalParsetreeAndError result =
        parse_text(parser, expectation->query_begin, expectation->query_end, about->conforming);
    const RawStmt *only = list_length(result.tree) == 1 ? linitial(result.tree) : NULL;
    if (result.error != NULL) {
        complain(parser, &query, result.error);
    } else if (only == NULL || !expect_is_query(only->stmt)) {
        migration->broken = true;
        diag_error(parser->history->diag, &migration->source, expectation->query_begin - 1, "what stands in the parentheses is not one SELECT");
    } else {
        uses_note(parser->history, migration, &query, only->stmt, expectation->query_begin);
    }
    free_result(&result);
    pg_query_exit_memory_context(context);
}

static void parse_queries(struct parser *parser, const struct statement *about)
{
    for (size_t i = 0; i < about->expectation_count; i++) {
        const stele_expectation *expectation = &parser->migration->expectations[about->first_expectation + i];
        if (expectation->query_end != 0 && !about->broken)
            parse_query(parser, about, expectation);
    }
}

void parse(struct history *history, struct migration *migration)
{
    struct parser parser = {history, migration, grammar_text(history, migration)};
    struct statement *statements = migration->statements;
    size_t count = migration->statement_count;
    for (size_t first = 0, last; first < count; first = last) {
        for (last = first + 1; last < count && statements[last].conforming == statements[first].conforming &&
                               statements[last].part == statements[first].part;) /* which may be in another file */
            last++;
        parse_run(&parser, first, last);
    }
    for (size_t i = 0; i < count; i++) {
        parse_queries(&parser, &statements[i]);
        if (!statements[i].unparsed)
            continue;
        derive_unparsed(migration, &statements[i]);
        expect_note_unparsed(history, migration, &statements[i]);
        if (statements[i].part == PART_DOWN)
            losses_note_unparsed(history->memory, migration, &statements[i]);
        deeds_take_unknown(history, migration, &statements[i]);
        demands_take_unknown(history->memory, migration, &statements[i]);
    }
}
