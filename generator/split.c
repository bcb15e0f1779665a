#include "split.h"

#include "directive.h"
#include "expect.h"
#include "splitter.h"
#include "text.h"

#include <string.h>

/* ---------------------------------------------------------- statements */

static void open_statement(struct splitter *splitter, uint32_t begin)
{
    const struct migration *migration = splitter->migration;
    splitter->open = true;
    splitter->statement = (struct statement){.table = {.begin = begin}, .part = splitter->part,
                                      .conforming = splitter->lexer.conforming,
                                      .unparsed = splitter->unparsed_at != UINT32_MAX,
                                      .first_expectation = splitter->expected,
                                      .expectation_count = migration->expectation_count - splitter->expected};
    splitter->unparsed_at = UINT32_MAX;
    splitter->expected = migration->expectation_count;
    watch_start(&splitter->watch);
    conform_open(&splitter->conform);
}

/* End the statement at `terminator`, the offset of its semicolon, or of whatever stands in for one. */
void split_close_statement(struct splitter *splitter, uint32_t terminator)
{
    struct migration *migration = splitter->migration;
    struct statement *statement = &splitter->statement;
    const struct watch *watch = &splitter->watch;
    if (!splitter->open)
        return;
    splitter->open = false;
    if (splitter->outside) { /* its tool leaves it out; where it is an error, that was told */
        add_blank(splitter, statement->table.begin, terminator, ' ');
        return;
    }
    if (!statement->broken && !watch_is_complete(watch)) {
        complain(splitter, watch->bodies > 0 ? watch->body_at : watch->paren_at,
                 watch->bodies > 0 ? "\"begin atomic\" without its \"end\"" : "unclosed parenthesis");
        statement->broken = true;
    }
    statement->terminator = terminator;
    statement->calls = watch->calls;
    statement->sets_config = watch->sets_config;
    statement->names_temp = watch->names_temp;
    if (watch->from_stdin)
        statement->table.kind = STELE_COPY;
    if (statement->unparsed || statement->broken)
        add_blank(splitter, statement->table.begin, terminator, ' ');
    splitter->lexer.conforming = conform_close(&splitter->conform);
    migration->statements = memory_grow(splitter->memory, migration->statements, migration->statement_count,
                                        &migration->statement_capacity, sizeof *migration->statements);
    migration->statements[migration->statement_count++] = *statement;
}

/* ---------------------------------------------------------- references */

/* What is wrong with a reference of this kind among the tokens; or NULL. */
static const char *reference_problem(const struct splitter *splitter, const struct token *word,
                                     const stele_reference *reference)
{
    const char *text = splitter->lexer.text;
    uint32_t kind = splitter->lexer.conf->parameters[reference->parameter].table.kind;
    char before = reference->begin == 0 ? ' ' : text[reference->begin - 1], after = text[reference->end];
    bool touches = is_name_byte(before) || strchr("'\"", before) != NULL || is_name_byte(after) ||
                   (after != '\0' && strchr("'\"", after) != NULL);
    bool fused = word->begin != reference->begin || word->end != reference->end;
    if (kind == STELE_INTEGER && before == '-')
        return "a parameter directly after \"-\" would make a comment of a negative value";
    if ((kind == STELE_IDENTIFIER || kind == STELE_LITERAL) && (fused || touches))
        return "a quoted parameter can't touch what stands before or after it";
    if (kind == STELE_LITERAL && splitter->open && splitter->watch.before.kind == TOKEN_STRING)
        return "a literal parameter can't go on another string";
    if (kind == STELE_LITERAL && !splitter->lexer.conforming)
        return "a literal parameter can't stand where standard_conforming_strings is off";
    return NULL;
}

static void check_references(struct splitter *splitter, struct token token, size_t first)
{
    const struct references *all = &splitter->lexer.references;
    for (size_t i = first; i < all->count; i++) {
        const stele_reference *reference = &all->list[i];
        const stele_parameter *parameter = &splitter->lexer.conf->parameters[reference->parameter].table;
        const char *problem = NULL;
        if (reference->where == STELE_IN_SQL)
            problem = reference_problem(splitter, &token, reference);
        else if (reference->where == STELE_IN_DOLLAR && parameter->value != NULL &&
                 strchr(parameter->value, '$') != NULL)
            problem = "a value with a \"$\" can't stand in a dollar-quoted string";
        else if (reference->begin == splitter->lexer.unicode_reference)
            problem = "a parameter can't stand in a U&'...' string";
        if (problem == NULL)
            continue;
        complain(splitter, reference->begin, problem);
        if (reference->where == STELE_IN_SQL && parameter->kind == STELE_INTEGER)
            diag_hint(splitter->diag, "write a blank or a parenthesis between");
        else if (reference->where == STELE_IN_SQL)
            diag_hint(splitter->diag, "write it apart; inside '...' or \"...\" a parameter's value is fitted in");
    }
}

/* -------------------------------------------------------- expectations */

/*
 * Find the end of an expectation's query, whose parenthesis it has, and the parameters in it. Its tokens end where the
 * comment does.
 */
static bool find_query_end(struct splitter *splitter, stele_expectation *expectation, uint32_t end)
{
    struct lexer *lexer = &splitter->lexer;
    struct token token;
    size_t depth = 0;
    lexer->at = expectation->query_begin;
    lexer->length = end;
    do {
        size_t references = lexer->references.count;
        token = lexer_next(lexer);
        if (lexer->references.count > references)
            check_references(splitter, token, references);
        depth += token_is_mark(lexer, token, '(');
        depth -= token_is_mark(lexer, token, ')');
    } while (depth > 0 && token.kind != TOKEN_END && token.kind != TOKEN_BROKEN);
    if (token.kind == TOKEN_BROKEN)
        complain(splitter, token.begin, lexer->problem);
    else if (depth > 0)
        complain(splitter, expectation->query_begin, "unclosed parenthesis");
    expectation->query_begin++;
    expectation->query_end = token.begin;
    return depth == 0;
}

/* The query of an expectation, and what stands behind it. */
static void take_query(struct splitter *splitter, stele_expectation *expectation, uint32_t end)
{
    enum { MOST_WORDS = 8 };
    struct lexer outer = splitter->lexer;
    struct word words[MOST_WORDS] = {0};
    const char *problem = NULL;
    bool whole = find_query_end(splitter, expectation, end);
    outer.references = splitter->lexer.references;
    outer.unicode_reference = splitter->lexer.unicode_reference;
    splitter->lexer = outer;
    if (!whole) {
        expectation->query_begin = expectation->query_end = 0; /* so nobody parses it */
        return;
    }
    size_t count = words_split(splitter->memory, outer.text, expectation->query_end + 1, end, false, words, MOST_WORDS, &problem);
    if (problem != NULL || !expect_take_tail(expectation, words, count)) {
        complain(splitter, words[0].begin, "malformed directive \"expect\"");
        diag_hint(splitter->diag, "-- stele: " EXPECT_GRAMMAR);
    }
}

/* The directive has just been taken; it ends at `end`. */
static void take_expectation(struct splitter *splitter, uint32_t end)
{
    struct migration *migration = splitter->migration;
    stele_expectation *expectation = &migration->expectations[migration->expectation_count - 1];
    if (splitter->open) {
        complain(splitter, expectation->begin, "\"expect\" inside a statement");
        diag_hint(splitter->diag, "it stands before the statement; end the one above with a semicolon");
        migration->expectation_count--;
    } else if (expectation->query_begin != 0) {
        take_query(splitter, expectation, end);
    }
}

void split_check_expectations(struct splitter *splitter)
{
    const struct migration *migration = splitter->migration;
    for (; splitter->expected < migration->expectation_count; splitter->expected++)
        complain(splitter, migration->expectations[splitter->expected].begin, "no statement follows \"expect\"");
}

/* ----------------------------------------------------------- COPY data */

/* The lines after the line of a COPY's semicolon are its data, up to \. on a line of its own or the end of the file. */
static void take_data(struct splitter *splitter)
{
    const char *text = splitter->lexer.text;
    struct lexer ahead = splitter->lexer;
    uint32_t line_end = next_line(splitter, ahead.at);
    struct token token = lexer_next(&ahead);
    if (token.kind != TOKEN_END && token.begin < line_end &&
        (token.kind != TOKEN_COMMENT || text[token.begin] != '-')) {
        complain(splitter, token.begin, "text between \"copy ... from stdin;\" and the end of its line");
        diag_hint(splitter->diag, "its data begins on the next line; the next statement stands after \\.");
    }
    uint32_t at = line_end, end = at;
    for (; at < splitter->lexer.length; at = end = next_line(splitter, at))
        if (text[at] == '\\' && text[at + 1] == '.' && (text[at + 2] == '\n' || at + 2 == splitter->lexer.length))
            break;
    splitter->lexer.at = next_line(splitter, end);
    splitter->statement.table.data_begin = line_end;
    splitter->statement.table.data_end = end;
    stele_digest_field(&splitter->digest, text + line_end, end - line_end);
    add_blank(splitter, line_end, splitter->lexer.at, ' ');
}

/* -------------------------------------------------------- parts, psql */

static void begin_part(struct splitter *splitter, part_kind part, uint32_t begin)
{
    if (splitter->migration->has_part[part])
        complain(splitter, begin, split_second_part[part]);
    if (splitter->whole_part) {
        complain(splitter, begin, "a part begins in a file that is a part itself");
        diag_hint(splitter->diag, "write it into the migration's first file");
    }
    split_change_part(splitter, part, source_line_begin(&splitter->migration->source, begin), next_line(splitter, begin));
}

static void warn_of_foreign_mark(struct splitter *splitter, struct token token)
{
    if (!directive_is_foreign_down(splitter->lexer.text, token.begin, token.end))
        return;
    diag_warning(splitter->diag, &splitter->migration->source, token.begin,
                 "a mark of another tool: what follows it is applied");
    diag_hint(splitter->diag, "the files are read as %s's: if they are that tool's, say --layout, or \"layout NAME\" in stele.conf; "
                              "here, the part that takes a migration back begins with \"-- stele: down\"",
              splitter->layout->name);
}

static void warn_of_near_miss(struct splitter *splitter, struct token token)
{
    const char *meant = directive_meant(splitter->migration, splitter->memory, token.begin, token.end);
    if (meant == NULL)
        return;
    diag_warning(splitter->diag, &splitter->migration->source, token.begin, "a comment that is nearly a directive");
    diag_hint(splitter->diag, "did you mean \"-- stele: %s\"?", meant);
}

static void take_comment(struct splitter *splitter, struct token token)
{
    const char *canonical = NULL;
    directive_kind kind = directive_take(splitter->migration, splitter->memory, splitter->diag, token.begin,
                                         token.end, splitter->part, &canonical);
    bool marked = kind == DIRECTIVE_NONE && split_take_mark(splitter, token);
    /* To the server a comment is white space. libpg_query makes a token of it, and trips over one between NOT and IN. */
    if (splitter->open)
        add_blank(splitter, token.begin, token.end, ' ');
    if (marked)
        return;
    if (kind == DIRECTIVE_NONE) {
        warn_of_foreign_mark(splitter, token);
        warn_of_near_miss(splitter, token);
        return;
    }
    if (kind == DIRECTIVE_UNPARSED && splitter->open) {
        complain(splitter, token.begin, "\"unparsed\" inside a statement");
        diag_hint(splitter->diag, "it stands before the statement; end the one above with a semicolon");
    } else if (kind == DIRECTIVE_UNPARSED) {
        splitter->unparsed_at = token.begin;
    } else if (kind == DIRECTIVE_EXPECT) {
        take_expectation(splitter, token.end);
    } else if (kind == DIRECTIVE_DOWN || kind == DIRECTIVE_VERIFY) {
        split_end_statement(splitter, token.begin, token.end);
        begin_part(splitter, kind == DIRECTIVE_DOWN ? PART_DOWN : PART_VERIFY, token.begin);
    }
    stele_digest_text(&splitter->digest, canonical);
}

static const char *psql_hint(const char *command, size_t length)
{
    static const struct {
        const char *command, *hint;
    } hints[] = {
        {"copy", "use COPY ... FROM stdin with the data lines in this file"},
        {"i", "put the statements of that file here, or in a migration of their own"},
        {"ir", "put the statements of that file here, or in a migration of their own"},
        {"include", "put the statements of that file here, or in a migration of their own"},
        {"set", "declare a parameter in stele.conf and write ${name}"},
        {"c", "a migration runs in one database; leave the line out"},
        {"connect", "a migration runs in one database; leave the line out"},
        {"echo", "use a comment, or RAISE NOTICE in a DO block"},
        {"gexec", "use EXECUTE in a DO block"},
        {"if", "use IF in a DO block"},
        {".", "no COPY ... FROM stdin is open here"},
    };
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (strlen(hints[i].command) == length && memcmp(hints[i].command, command, length) == 0)
            return hints[i].hint;
    return "that is a command of psql, not SQL; leave it out";
}

/*
 * \restrict and \unrestrict, which pg_dump writes around its output, say nothing to anybody but psql; nor, in psql's scripts, do
 * those that set how it goes on or what it prints, on which sqitch has its own word.
 */
static bool is_about_psql(const struct splitter *splitter, const char *command, size_t length)
{
    static const char *const commands[] = {"restrict", "unrestrict", "echo", "qecho", "warn", "pset", "timing",
                                           "set ON_ERROR_STOP", "set QUIET", "set VERBOSITY", "set ECHO"};
    size_t count = splitter->layout->psql ? sizeof commands / sizeof commands[0] : 2;
    for (size_t i = 0; i < count; i++) {
        size_t needed = strlen(commands[i]);
        if (length >= needed && memcmp(commands[i], command, needed) == 0 && strchr(" \t\n\r;", command[needed]) != NULL)
            return true;
    }
    return false;
}

static void take_psql(struct splitter *splitter, struct token token)
{
    const char *text = splitter->lexer.text, *command = text + token.begin + 1;
    const struct source *source = &splitter->migration->source;
    size_t length = strcspn(command, " \t\n\r;"), line = source_line_begin(source, token.begin);
    bool dropped = is_about_psql(splitter, command, token.end - token.begin - 1);
    add_blank(splitter, token.begin, token.end, ' ');
    if (!dropped || splitter->open || line + strspn(text + line, " \t") != token.begin) {
        diag_error(splitter->diag, source, token.begin, "psql command \"\\%.*s\" in a migration", (int)length,
                   command);
        diag_hint(splitter->diag, "%s", psql_hint(command, length));
        splitter->migration->broken = splitter->statement.broken = true;
        split_close_statement(splitter, token.begin);
    }
}

/* ------------------------------------------------------------ the loop */

static void take_solid(struct splitter *splitter, struct token token, size_t first_reference, size_t first_stranger)
{
    if (splitter->lexer.references.count > first_reference)
        check_references(splitter, token, first_reference);
    if (token_is_mark(&splitter->lexer, token, ';') &&
        (!splitter->open || watch_is_complete(&splitter->watch))) {
        if (splitter->open && splitter->watch.from_stdin)
            take_data(splitter);
        split_close_statement(splitter, token.begin);
        return;
    }
    if (!splitter->open)
        open_statement(splitter, token.begin);
    if (splitter->outside && !splitter->told_outside)
        split_tell_outside(splitter, token.begin);
    for (size_t i = first_stranger; i < splitter->lexer.stranger_count; i++) {
        split_refuse_stranger(splitter, &splitter->lexer.strangers[i]);
        splitter->statement.broken = true;
    }
    watch_token(&splitter->watch, &splitter->lexer, token);
    conform_token(&splitter->conform, &splitter->lexer, token);
    splitter->statement.table.end = token.end;
    if (token.kind == TOKEN_BROKEN) {
        complain(splitter, token.begin, splitter->lexer.problem);
        splitter->statement.broken = true;
    }
}

static void read_tokens(struct splitter *splitter)
{
    for (;;) {
        size_t references = splitter->lexer.references.count, strangers = splitter->lexer.stranger_count;
        struct token token = lexer_next(&splitter->lexer);
        if (token.kind == TOKEN_END)
            return;
        if (token.kind == TOKEN_COMMENT) {
            take_comment(splitter, token);
            continue;
        }
        stele_digest_field(&splitter->digest, splitter->lexer.text + token.begin, token.end - token.begin);
        if (token.kind == TOKEN_PSQL)
            take_psql(splitter, token);
        else
            take_solid(splitter, token, references, strangers);
    }
}

/* The end of a file. */
static void finish_file(struct splitter *splitter)
{
    uint32_t length = splitter->lexer.length;
    if (splitter->open && splitter->watch.from_stdin && splitter->statement.table.data_end == 0)
        splitter->statement.table.data_begin = splitter->statement.table.data_end = length;
    split_close_statement(splitter, length);
    if (splitter->unparsed_at != UINT32_MAX)
        complain(splitter, splitter->unparsed_at, "no statement follows \"unparsed\"");
    if (splitter->block_at != UINT32_MAX)
        complain(splitter, splitter->block_at, "\"StatementBegin\" without \"StatementEnd\"");
    if (splitter->outside && !splitter->told_outside) {
        diag_error(splitter->diag, splitter->file, SOURCE_WHOLE, "no \"%s\" in file", marks_up(splitter->layout->marks));
        diag_hint(splitter->diag, "the files are read as %s's; if they are not: --layout NAME, or \"layout NAME\" in stele.conf",
                  splitter->layout->name);
        splitter->migration->broken = true;
    }
    split_check_expectations(splitter);
    splitter->migration->parts[splitter->part].end = length;
    splitter->unparsed_at = splitter->block_at = UINT32_MAX;
    splitter->outside = false;
}

/* Read text[begin..end), a file. It ends there for the lexer: nothing may begin in one file and end in the next. */
static void split_file(struct splitter *splitter, const struct source *file, uint32_t begin, uint32_t end)
{
    struct source *source = &splitter->migration->source;
    struct lexer *lexer = &splitter->lexer;
    char next = source->text[end];
    source->text[end] = '\0';
    splitter->file = file;
    splitter->file_begin = begin;
    lexer->length = end;
    lexer->at = begin;
    conform_start(&splitter->conform);
    lexer->conforming = splitter->conform.now;
    lexer->continue_at = UINT32_MAX;
    lexer->demanding = splitter->layout->demands_references && !lexer->conf->no_placeholders && !splitter->migration->literal;
    read_tokens(splitter);
    finish_file(splitter);
    source->text[end] = next;
}

/* The files of a migration that has several, each the part that it is for. */
static void split_files(struct splitter *splitter)
{
    static const char *const heads[] = {"-- stele: up", "-- stele: down", "-- stele: verify"};
    struct migration *migration = splitter->migration;
    const struct source *source = &migration->source;
    size_t piece = 0;
    for (int kind = FILE_UP; kind < FILE_SETTINGS; kind++) {
        const struct source *file = migration->files[kind];
        if (file == NULL)
            continue;
        uint32_t begin = source->pieces[piece].begin, end = begin + file->length;
        piece++;
        splitter->whole_part = kind != FILE_UP;
        if (splitter->whole_part && migration->has_part[kind])
            complain(splitter, begin, split_second_part[kind]);
        if (splitter->whole_part) {
            split_change_part(splitter, (part_kind)kind, migration->parts[splitter->part].end, begin);
            migration->parts[kind].file = strcmp(file->name, source->name) == 0 ? NULL : file->name;
            stele_digest_text(&splitter->digest, heads[kind]);
        }
        split_file(splitter, file, begin, end);
    }
}

static void finish(struct splitter *splitter)
{
    struct migration *migration = splitter->migration;
    uint8_t bytes[STELE_DIGEST_SIZE];
    migration->references = splitter->lexer.references;
    if (splitter->layout->verify_runs && migration->files[FILE_VERIFY] != NULL)
        migration->flags |= STELE_VERIFY_RUNS;
    if (!stele_digest_end(&splitter->digest, bytes))
        memory_exhausted(splitter->memory);
    stele_checksum_write(migration->tokens_sum, "t1", bytes);
}

void split(struct migration *migration, struct memory *memory, struct diag *diag, const struct conf *conf)
{
    static const char heading[] = "stele-tokens-1\n";
    bool alone = migration->is_given || migration->home == NULL || migration->home->layout == NULL;
    const struct layout *layout = alone ? layout_find("stele") : migration->home->layout;
    struct splitter splitter = {.migration = migration, .memory = memory, .diag = diag, .unparsed_at = UINT32_MAX,
                                .block_at = UINT32_MAX, .layout = layout, .outside = marks_open_parts(layout->marks)};
    lexer_start(&splitter.lexer, memory, conf, migration->source.text, migration->source.length);
    splitter.lexer.form = migration->literal ? REFERENCE_BRACES : layout->form_of_references;
    stele_digest_begin(&splitter.digest);
    stele_digest_bytes(&splitter.digest, heading, sizeof heading - 1);
    migration->has_part[PART_UP] = true;
    if (migration->source.piece_count > 0)
        split_files(&splitter);
    else
        split_file(&splitter, &migration->source, 0, migration->source.length);
    finish(&splitter);
}
