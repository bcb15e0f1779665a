#include "verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carry.h"
#include "error.h"
#include "lua_run.h"
#include "place.h"

/* One section, or one script, being run. */
typedef struct checker {
    stele *handle;
    const stele_migration *migration; /* NULL: a script */
    int (*verdict)(void *data, const stele_verdict *verdict);
    void *data;
    const stele_statement *statement;
    char title[160];     /* of the statement */
    const char *file;    /* and where it stands */
    unsigned line;
    stele_text test;     /* a TAP test that is open: its title */
    stele_text diagnostics; /* and the comments behind it */
    unsigned test_line;  /* of the statement that it came from */
    bool taps;           /* it has returned lines of TAP */
    bool test_open, test_ok;
    long planned, run;   /* TAP tests; planned is -1 without a plan */
    size_t failed;
    bool stopped;
} checker;

static void tell(checker *c, bool ok, const char *title, const char *message, const char *detail)
{
    const char *file = c->file == NULL && c->migration != NULL ? c->migration->file : c->file;
    stele_verdict verdict = {.migration = c->migration, .ok = ok, .title = title, .message = message, .detail = detail, .file = file, .line = c->line};
    c->failed += !ok;
    if (!c->stopped && c->verdict != NULL)
        c->stopped = c->verdict(c->data, &verdict) != 0;
}

/* ---------------------------------------------------------------------- TAP */

static bool begins(const char *line, const char *word)
{
    return strncmp(line, word, strlen(word)) == 0;
}

static bool is_tap(const char *line)
{
    return begins(line, "ok ") || begins(line, "not ok ") || begins(line, "1..") || begins(line, "# ") ||
           strcmp(line, "ok") == 0 || strcmp(line, "not ok") == 0 || begins(line, "Bail out!");
}

/* The test that was open is over: its comments are all there. */
static void close_test(checker *c)
{
    if (!c->test_open)
        return;
    unsigned line = c->line;
    c->test_open = false;
    c->line = c->test_line;
    bool memory = !c->test.failed && !c->diagnostics.failed;
    tell(c, c->test_ok && memory, memory ? c->test.bytes : "out of memory", c->test_ok || c->diagnostics.length > 0 ? "" : "the test failed",
         !memory || c->diagnostics.bytes == NULL ? "" : c->diagnostics.bytes);
    c->line = line;
}

static void clear(stele_text *text)
{
    text->length = 0;
    stele_text_string(text, "");
}

/* "ok 3 - the title # TODO why": what is still to do, or was skipped, doesn't fail. */
static void open_test(checker *c, const char *line, bool ok)
{
    const char *title = line + (ok ? 2 : 6);
    title += strspn(title, " 0123456789");
    title += strspn(title, "- ");
    close_test(c);
    clear(&c->test);
    clear(&c->diagnostics);
    stele_text_string(&c->test, title[0] == '\0' ? "unnamed" : title);
    c->test_ok = ok || strstr(title, "# TODO") != NULL || strstr(title, "# SKIP") != NULL;
    c->test_open = true;
    c->test_line = c->line;
    c->run++;
}

static void take_tap_line(checker *c, char *line)
{
    if (begins(line, "ok") && (line[2] == ' ' || line[2] == '\0'))
        open_test(c, line, true);
    else if (begins(line, "not ok"))
        open_test(c, line, false);
    else if (begins(line, "1.."))
        c->planned = strtol(line + 3, NULL, 10);
    else if (begins(line, "Bail out!"))
        tell(c, false, line, "the tests gave up", "");
    else if (c->test_open && line[0] == '#' && !begins(line, "# Looks like")) /* that is about all of them */
        stele_text_print(&c->diagnostics, "%s%s", c->diagnostics.length == 0 ? "" : "\n", line + 1 + strspn(line + 1, " "));
}

static void take_tap(checker *c, const char *text)
{
    stele_text copy = {0};
    stele_text_string(&copy, text);
    char *line = copy.failed ? NULL : copy.bytes;
    if (copy.failed)
        tell(c, false, "a line of TAP", "out of memory", "");
    while (line != NULL) {
        char *end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        take_tap_line(c, line);
        line = end;
    }
    stele_text_free(&copy);
}

/* After the last statement: were there as many tests as planned? */
static void end_tap(checker *c)
{
    char message[80];
    close_test(c);
    if (c->planned >= 0 && c->planned != c->run) {
        snprintf(message, sizeof message, "%ld tests were planned, %ld were run", c->planned, c->run);
        tell(c, false, "the plan", message, "");
    }
}

/* -------------------------------------------------------------- plain checks */

/* The value that isn't true, in words; "" when all are. */
static void find_untrue(const stele_rows *rows, char message[160])
{
    message[0] = '\0';
    if (stele_rows_count(rows) == 0)
        snprintf(message, 160, "it returned no row; a check returns true");
    for (int row = 0; row < stele_rows_count(rows); row++)
        for (int column = 0; column < stele_rows_columns(rows); column++) {
            const char *value = stele_rows_text(rows, row, column);
            if (message[0] == '\0' && (value == NULL || strcmp(value, "t") != 0))
                snprintf(message, 160, "it returned %.80s; a check returns true",
                         value == NULL ? "NULL" : strcmp(value, "f") == 0 ? "false" : value);
        }
}

static bool take_rows(void *data, stele_rows *rows)
{
    checker *c = data;
    const char *first = stele_rows_count(rows) > 0 && stele_rows_columns(rows) > 0 ? stele_rows_text(rows, 0, 0) : NULL;
    char message[160];
    bool none = stele_rows_count(rows) == 0;
    c->taps |= (first != NULL && is_tap(first)) || strstr(c->title, "no_plan(") != NULL;
    if (stele_rows_columns(rows) == 1 && c->taps && (none || (first != NULL && is_tap(first)))) { /* no_plan and todo return nothing */
        for (int row = 0; row < stele_rows_count(rows); row++)
            take_tap(c, stele_rows_text(rows, row, 0) == NULL ? "" : stele_rows_text(rows, row, 0));
    } else if (stele_rows_columns(rows) > 0 && c->migration != NULL && (c->migration->flags & STELE_VERIFY_RUNS) == 0) {
        close_test(c);
        find_untrue(rows, message);
        tell(c, message[0] == '\0', c->title, message, "");
    }
    stele_rows_free(rows);
    return true;
}

/* The statement's first words, white space folded. */
static void make_title(checker *c, const stele_statement *statement)
{
    const char *text = c->migration->text;
    size_t length = 0;
    bool blank = false;
    for (uint32_t at = statement->begin; at < statement->end && length + 8 < sizeof c->title; at++) {
        bool space = text[at] == ' ' || text[at] == '\n' || text[at] == '\t' || text[at] == '\r';
        if (blank && !space)
            c->title[length++] = ' ';
        blank = space;
        if (!space)
            c->title[length++] = text[at];
    }
    c->title[length] = '\0';
    char whole[sizeof c->title];
    stele_error_copy(whole, sizeof whole, c->title);
    stele_error_copy(c->title, sizeof c->title - 4, whole); /* cut at a character */
    c->file = stele_file_at(c->migration, statement->begin, &c->line);
}

static stele_status run_statement(checker *c, const stele_statement *statement, stele_error *error)
{
    stele *handle = c->handle;
    stele_text sql = {0};
    stele_status status = STELE_OK;
    c->statement = statement;
    make_title(c, statement);
    stele_render(&sql, &handle->values, handle->table, c->migration, statement);
    stele_text_string(&sql, "");
    if (sql.failed)
        status = stele_error_memory(error);
    else if (statement->kind == STELE_COPY)
        status = stele_link_copy(&handle->link, sql.bytes, c->migration->text + statement->data_begin,
                                 statement->data_end - statement->data_begin, error);
    else
        status = stele_link_run_rows(&handle->link, sql.bytes, take_rows, c, error);
    stele_text_free(&sql);
    return status;
}

/* A function passes by returning; not false, and without an error. */
static stele_status run_lua(checker *c, stele_error *error)
{
    const stele_migrations *table = c->handle->table;
    const stele_lua_host host = {.parameters = table->parameters,
                                 .values = c->handle->values.values,
                                 .parameter_count = table->parameter_count};
    uint32_t begin = c->migration->statements[c->migration->steps[c->migration->verify.first_step].first].begin;
    stele_error_copy(c->title, sizeof c->title, "the function verify");
    c->file = stele_file_at(c->migration, begin, &c->line);
    stele_status status = stele_lua_run(&c->handle->link, c->migration, "verify", &host, error);
    if (status == STELE_OK)
        tell(c, true, c->title, "", "");
    return status;
}

static stele_status run_sql(checker *c, stele_error *error)
{
    const stele_migration *migration = c->migration;
    stele_status status = STELE_OK;
    for (uint32_t s = 0; s < migration->verify.step_count; s++) {
        const stele_step *step = &migration->steps[migration->verify.first_step + s];
        for (uint32_t i = step->first; i < step->first + step->count && status == STELE_OK; i++)
            status = run_statement(c, &migration->statements[i], error);
    }
    if (status != STELE_OK && error != NULL && error->line == 0) {
        stele_error_file(error, migration);
        stele_place_failure(error, &c->handle->values, c->handle->table, migration, c->statement, c->handle->link.position);
    }
    end_tap(c);
    if (status == STELE_OK && (migration->flags & STELE_VERIFY_RUNS) != 0) {
        c->file = stele_file_at(migration, migration->verify.begin, &c->line);
        tell(c, true, "the script succeeds", "", "");
    }
    return status;
}

static void free_checker(checker *c)
{
    stele_text_free(&c->test);
    stele_text_free(&c->diagnostics);
}

/* --------------------------------------------------- inside a migration's transaction */

/* The first verdict that fails becomes the error. */
static int keep_failure(void *data, const stele_verdict *verdict)
{
    stele_error *error = data;
    if (verdict->ok || error == NULL || error->status != STELE_OK)
        return 0;
    stele_error_set(error, STELE_FAILED, "the check failed: %s", verdict->title);
    stele_error_detail(error, "%s%s%s", verdict->message, verdict->message[0] == '\0' || verdict->detail[0] == '\0' ? "" : "\n", verdict->detail);
    error->line = verdict->line;
    return 0;
}

stele_status stele_verify_here(stele *handle, const stele_migration *migration, stele_error *error)
{
    stele_error failure = {0};
    checker c = {.handle = handle, .migration = migration, .verdict = keep_failure, .data = &failure, .planned = -1};
    stele_status status = stele_link_run(&handle->link, "SAVEPOINT stele_verify", error);
    if (status != STELE_OK)
        return status;
    status = migration->lua ? run_lua(&c, error) : run_sql(&c, error);
    if (status == STELE_FAILED && error != NULL && error->hint[0] == '\0')
        stele_error_hint(error, "this is from its verify section, which runs in the migration's transaction: so that was rolled back");
    if (status == STELE_OK)
        status = stele_link_run(&handle->link, "ROLLBACK TO SAVEPOINT stele_verify; RELEASE SAVEPOINT stele_verify", error);
    /* Of several failures the first: an error behind a failed check may only come from that. */
    if (status != STELE_NO_CONNECTION && c.failed > 0) {
        unsigned line = failure.line;
        status = STELE_FAILED;
        stele_error_file(&failure, migration);
        size_t begin = migration->verify.file == NULL ? 0 : migration->verify.begin;
        for (unsigned at = 1; at < line && begin < migration->length; begin++)
            at += migration->text[begin] == '\n';
        stele_error_place(&failure, migration, begin);
        stele_error_hint(&failure, "the transaction was rolled back, since its verify section failed");
        if (error != NULL)
            *error = failure;
    }
    free_checker(&c);
    return status;
}

/* ------------------------------------------------------------------- by itself */

/* What went wrong is a verdict too: the other sections are still run. */
static void tell_error(checker *c, const stele_error *error)
{
    char message[1200];
    snprintf(message, sizeof message, "%s%s%s%s", error->message, error->sqlstate[0] == '\0' ? "" : " [", error->sqlstate,
             error->sqlstate[0] == '\0' ? "" : "]");
    if (error->line > 0)
        c->line = error->line;
    tell(c, false, c->title[0] == '\0' ? "verify" : c->title, message, error->detail);
}

/* Lines are counted by the characters before the place that the server names. */
static stele_status run_script(checker *c, const char *script, stele_error *error)
{
    stele_status status = stele_link_run_rows(&c->handle->link, script, take_rows, c, error);
    unsigned left = c->handle->link.position;
    if (status != STELE_OK && left > 0) {
        c->line = 1;
        for (const char *p = script; *p != '\0' && left > 1; p++) {
            left -= ((unsigned char)p[1] & 0xC0) != 0x80;
            c->line += *p == '\n';
        }
    }
    end_tap(c);
    c->line = status == STELE_OK ? 0 : c->line;
    return status;
}

/* In a transaction that is rolled back. Returns only what ends everything: no connection, no memory. */
static stele_status run_apart(checker *c, const char *script, stele_error *error)
{
    stele_link *link = &c->handle->link;
    stele_error failure = {0};
    /* As when migrating: rows that a policy hides are an error, and not silence. */
    stele_status status = stele_link_run(link, "BEGIN; SET LOCAL row_security = off", error);
    if (status != STELE_OK)
        return status;
    status = script != NULL ? run_script(c, script, &failure) : c->migration->lua ? run_lua(c, &failure) : run_sql(c, &failure);
    if (status != STELE_OK)
        tell_error(c, &failure);
    stele_link_rollback(link);
    if (status == STELE_NO_CONNECTION) {
        if (error != NULL)
            *error = failure;
        return status;
    }
    return STELE_OK;
}

static stele_status verify_places(stele *handle, const stele_survey *survey, size_t begin, size_t end, checker *all,
                                  stele_error *error)
{
    stele_status status = STELE_OK;
    for (size_t i = begin; i < end && status == STELE_OK; i++) {
        const stele_place *place = &survey->places[i];
        bool in = place->in || place->covered != NULL; /* another text's section is no check of this one's */
        if (!in || place->standing == STELE_EDITED || place->standing == STELE_NEWER || place->migration->verify.step_count == 0)
            continue;
        checker c = {.handle = handle, .migration = place->migration, .verdict = all->verdict, .data = all->data, .planned = -1};
        status = stele_values_suffice(&handle->values, handle->table, place->migration, error);
        if (status == STELE_OK)
            status = run_apart(&c, NULL, error);
        all->failed += c.failed;
        free_checker(&c);
    }
    return status;
}

static stele_status outcome(stele_status status, const checker *c, stele_error *error)
{
    if (status == STELE_OK && c->failed > 0)
        return stele_error_set(error, STELE_FAILED, "%zu check%s failed", c->failed, c->failed == 1 ? "" : "s");
    return status;
}

stele_status stele_verify(stele *handle, const char *target, int (*verdict)(void *data, const stele_verdict *verdict),
                          void *data, stele_error *error)
{
    stele_ledger ledger;
    stele_survey survey;
    stele_arena arena = {0};
    checker all = {.verdict = verdict, .data = data};
    size_t end;
    stele_error_clear(error);
    stele_status status = stele_target_find(handle->table, target, &end, error);
    if (status == STELE_OK)
        status = stele_read_all(handle, 0, &ledger, &survey, &arena, error);
    if (status == STELE_OK) {
        const stele_worklist nothing = {0};
        size_t begin = target == NULL ? 0 : end - 1;
        if (target != NULL && !survey.places[begin].in && survey.places[begin].covered == NULL)
            status = stele_error_set(error, STELE_USAGE, "\"%s\" is not applied, so there is nothing to verify", target);
        if (status == STELE_OK)
            status = stele_list_check(handle, &ledger, &survey, &nothing, error); /* the parameters */
        if (status == STELE_OK)
            stele_ahead_tell(handle, &survey, NULL);
        if (status == STELE_OK)
            status = verify_places(handle, &survey, begin, end, &all, error);
        stele_ledger_free(&ledger);
    }
    stele_arena_free(&arena);
    return outcome(status, &all, error);
}

/* psql's own commands can't be sent. Those that set how output looks don't matter; without others it would be another script. */
static bool is_about_output(const char *line)
{
    static const char *const words[] = {"\\set", "\\unset", "\\pset", "\\echo", "\\qecho", "\\timing", "\\x", "\\t", "\\a", "\\f", "\\o"};
    size_t length = strcspn(line, " \t\r\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == length && strncmp(line, words[i], length) == 0)
            return true;
    return false;
}

/* NULL when memory ran out, or after the error for a line that can't be left out. */
static char *without_psql_lines(const char *script, stele_arena *arena, stele_error *error)
{
    char *copy = stele_arena_copy(arena, script, strlen(script));
    unsigned number = 1;
    if (copy == NULL)
        stele_error_memory(error);
    for (char *line = copy; line != NULL && *line != '\0'; number++) {
        size_t length = strcspn(line, "\n");
        if (*line == '\\' && !is_about_output(line)) {
            stele_error_set(error, STELE_USAGE, "line %u of the script is psql's own: %.*s", number, (int)(length < 60 ? length : 60), line);
            stele_error_hint(error, "run this file with psql, or with pg_prove");
            return NULL;
        }
        if (*line == '\\')
            memset(line, ' ', length);
        line += length + (line[length] == '\n');
    }
    return copy;
}

stele_status stele_verify_script(stele *handle, const char *script, int (*verdict)(void *data, const stele_verdict *verdict),
                                 void *data, stele_error *error)
{
    stele_arena arena = {0};
    checker c = {.handle = handle, .verdict = verdict, .data = data, .planned = -1};
    stele_error_clear(error);
    stele_error refusal = {0};
    const char *text = without_psql_lines(script, &arena, &refusal);
    stele_status status = text == NULL ? refusal.status : run_apart(&c, text, error);
    if (text == NULL && error != NULL)
        *error = refusal;
    if (status == STELE_OK && c.run == 0 && c.failed == 0)
        tell(&c, false, "no test was run", "the file returned no line of TAP; pgTAP's functions do", "");
    free_checker(&c);
    stele_arena_free(&arena);
    return outcome(status, &c, error);
}
