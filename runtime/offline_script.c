#include <string.h>

#include "expect.h"
#include "offline.h"
#include "psql.h"
#include "record.h"
#include "resume.h"

/* What is being written. */
typedef struct page {
    stele_sheet *sheet;
    stele_text *text;
    const stele_action *action;
    const stele_migration *migration;
    size_t component;
    bool back; /* on the way out */
    bool role; /* the statements may set a role, which their steps keep; the ledger is written as ours */
} page;

static void put(page *p, const char *words)
{
    stele_text_string(p->text, words);
}

static const char *deed_of(const page *p, const char *word, const char *down_word)
{
    return p->back ? down_word : word;
}

/* ------------------------------------------------ begin and end of a transaction */

/* Change to the role in psql's variable, or to ours, until the transaction's end. */
static void put_role(page *p, const char *role)
{
    if (p->role)
        stele_text_print(p->text, "SELECT pg_catalog.set_config('role', %s, true) AS role \\gset stele_set_\n", role);
}

static void put_begin(page *p, const char *modes)
{
    const stele_migration *migration = p->migration;
    bool level = modes != NULL && strstr(modes, "ISOLATION") != NULL;
    stele_lock lock;
    stele_lock_name(&lock, p->sheet->handle, migration->component);
    stele_text_print(p->text, "BEGIN READ WRITE%s%s%s;\n", level ? "" : ", ISOLATION LEVEL READ COMMITTED", modes == NULL ? "" : ", ",
                     modes == NULL ? "" : modes);
    put_role(p, "'none'");
    stele_text_print(p->text, "SELECT %s.enter(", p->sheet->handle->schema);
    stele_psql_literal(p->text, migration->component);
    stele_text_print(p->text, ", :stele_seq_%zu, %s, %s, false, ", p->component, lock.key1, lock.key2);
    stele_psql_literal(p->text, migration->lock_timeout);
    put(p, ", ");
    stele_psql_literal(p->text, migration->statement_timeout);
    put(p, ") \\gset stele_\n");
    put_role(p, ":'stele_role'");
}

/* What a run over a connection of its own sends before the row. */
static void put_restore(page *p, uint32_t flags)
{
    const char *statements[STELE_RESETS];
    size_t count = stele_session_resets(flags, statements);
    for (size_t i = 0; i < count; i++)
        stele_text_print(p->text, "%s;\n", statements[i]);
    if ((flags & STELE_SETS_SESSION) != 0)
        stele_sheet_session(p->sheet);
}

/* The clock, in microseconds. */
#define NOW "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8"

/* ---------------------------------------------------------------------- rows */

/* Nobody knew which repeatables are in when this was written: so the digest is computed when it is run. */
static void put_state(page *p, const stele_record *record)
{
    stele_bound *bound = &p->sheet->bounds[p->component];
    const stele_migration *migration = p->migration;
    bool in = stele_turn_of(record->values[RECORD_ACTION], record->values[RECORD_STEP] != NULL) == STELE_PUTS_IN;
    if (!migration->repeatable)
        memcpy(bound->now, record->state, sizeof bound->now);
    put(p, "SELECT ");
    if (stele_row_unsettles(record->values[RECORD_ACTION], migration->version))
        stele_psql_literal(p->text, bound->now);
    else
        stele_sheet_fold(p->sheet, migration->component, bound->now, migration->repeatable && in ? migration->name : NULL,
                     migration->repeatable && in ? migration->source : NULL);
    put(p, "\n  AS state \\gset stele_\n");
}

static void put_named(page *p, const stele_record *record, const char *name, size_t column)
{
    stele_text_print(p->text, ", %s => ", name);
    stele_psql_literal(p->text, record->values[column]);
}

/* The call of append(); what only its run knows stands there as expressions. */
static void put_values(page *p, const stele_record *record, const char *reason, const char *took)
{
    bool blind = p->sheet->bounds[p->component].blind;
    if (blind)
        put_state(p, record);
    stele_text_print(p->text, "SELECT %s.append(component => ", p->sheet->handle->schema);
    stele_psql_literal(p->text, record->values[RECORD_COMPONENT]);
    stele_text_print(p->text, ", seq => :stele_seq_%zu OPERATOR(pg_catalog.+) 1", p->component);
    put_named(p, record, "action", RECORD_ACTION);
    put_named(p, record, "version", RECORD_VERSION);
    put_named(p, record, "name", RECORD_NAME);
    put_named(p, record, "file", RECORD_FILE);
    put_named(p, record, "step", RECORD_STEP);
    put(p, ",\n  source => ");
    stele_psql_literal(p->text, record->values[RECORD_SOURCE]);
    put(p, ",\n  tokens => ");
    stele_psql_literal(p->text, record->values[RECORD_TOKENS]);
    put(p, ",\n  state => ");
    if (blind)
        put(p, ":'stele_state'");
    else
        stele_psql_literal(p->text, record->values[RECORD_STATE]);
    put(p, ",\n  parameters => ");
    stele_psql_literal(p->text, record->values[RECORD_PARAMETERS]);
    put_named(p, record, "compat", RECORD_COMPAT);
    put_named(p, record, "one_way", RECORD_ONE_WAY);
    put(p, ",\n  down => ");
    stele_psql_dollars(p->text, record->down.bytes, record->down.length);
    stele_text_print(p->text, ",\n  reason => %s", reason);
    put_named(p, record, "statements", RECORD_STATEMENTS);
    stele_text_print(p->text, ", duration => %s, host => :'stele_host'", took);
    put_named(p, record, "build", RECORD_BUILD);
    stele_text_print(p->text, ") AS row,\n  :stele_seq_%zu OPERATOR(pg_catalog.+) 1 AS seq_%zu \\gset stele_\n", p->component,
                     p->component);
}

/* A row; `took` and `reason` are expressions. */
static void put_row(page *p, const char *deed, unsigned step, const char *reason, const char *took)
{
    const stele_sheet *sheet = p->sheet;
    stele_record record;
    if (stele_record_make(&record, sheet->handle->table, &sheet->handle->values, &p->sheet->set, p->action, deed, step, NULL))
        put_values(p, &record, reason, took);
    else
        p->text->failed = 1;
    stele_record_free(&record);
}

/* ---------------------------------------------------------------- statements */

/* Is the first word of a statement one of these? They are in capitals, between blanks. */
static bool begins_with_one_of(const char *sql, const char *words)
{
    char word[16] = " ";
    size_t length = 1;
    sql += strspn(sql, " \t\n(");
    for (; length < sizeof word - 2 && ((*sql | 0x20) >= 'a' && (*sql | 0x20) <= 'z'); sql++)
        word[length++] = (char)(*sql & ~0x20);
    word[length] = ' ';
    return length > 1 && strstr(words, word) != NULL;
}

/*
 * Deferred checks of the statements before may stand in the way of one that changes a table. Over a connection, that is tried
 * again, with the checks made first; a script has to do that on the server.
 */
static bool may_have_to_wait(const page *p, const stele_step *step, const stele_statement *statement, const char *sql)
{
    bool rows = false;
    for (const stele_statement *s = &p->migration->statements[step->first]; s < statement && !rows; s++)
        rows = !begins_with_one_of(p->migration->text + s->begin, " CREATE ALTER DROP COMMENT GRANT REVOKE SET RESET ");
    return rows && statement->kind == STELE_RUN && begins_with_one_of(sql, " ALTER DROP TRUNCATE REINDEX CLUSTER ");
}

static void put_waiting(page *p, const stele_text *sql)
{
    stele_text block = {0};
    stele_text_string(&block, "\nDECLARE\n  statement pg_catalog.text := ");
    stele_psql_dollars(&block, sql->bytes, sql->length);
    stele_text_string(&block, ";\nBEGIN\n  EXECUTE statement;\nEXCEPTION WHEN object_in_use THEN\n"
                              "  SET CONSTRAINTS ALL IMMEDIATE;\n  EXECUTE statement;\nEND ");
    p->text->failed |= block.failed;
    if (!block.failed) {
        put(p, "-- deferred checks may be due first\nDO ");
        stele_psql_dollars(p->text, block.bytes, block.length);
        put(p, ";\n");
    }
    stele_text_free(&block);
}

static void put_statement(page *p, const stele_step *step, const stele_statement *statement)
{
    const stele *handle = p->sheet->handle;
    uint32_t index = (uint32_t)(statement - p->migration->statements);
    bool expected = stele_expects(p->migration, index);
    stele_text sql = {0};
    stele_render(&sql, &handle->values, handle->table, p->migration, statement);
    p->text->failed |= sql.failed;
    if (expected)
        stele_sheet_ask(p->sheet, p->migration, index);
    if (!sql.failed && expected && statement->kind == STELE_RUN)
        stele_sheet_counted(p->sheet, &sql);
    else if (!sql.failed && may_have_to_wait(p, step, statement, sql.bytes))
        put_waiting(p, &sql);
    else if (!sql.failed)
        stele_psql_statement(p->text, sql.bytes, sql.length);
    stele_text_free(&sql);
    if (statement->kind == STELE_COPY) {
        stele_text_bytes(p->text, p->migration->text + statement->data_begin, statement->data_end - statement->data_begin);
        put(p, statement->data_end > statement->data_begin && p->migration->text[statement->data_end - 1] != '\n' ? "\n\\.\n" : "\\.\n");
    }
    if (expected)
        stele_sheet_judge(p->sheet, p->migration, index);
}

static void put_statements(page *p, const stele_step *step)
{
    for (uint32_t i = step->first; i < step->first + step->count; i++)
        put_statement(p, step, &p->migration->statements[i]);
}

/* ----------------------------------------------------------------- several steps */

/* The session's locks, against others between the steps' transactions. */
static void put_lock(page *p)
{
    stele_lock lock;
    stele_lock_name(&lock, p->sheet->handle, p->migration->component);
    stele_text_print(p->text,
                     "DO $stele$ BEGIN\n  IF NOT pg_catalog.pg_try_advisory_lock(%s, %s) OR NOT pg_catalog.pg_try_advisory_lock(%s, %s) THEN\n"
                     "    RAISE EXCEPTION 'stele: another process is migrating this database';\n  END IF;\nEND $stele$;\n",
                     lock.key1, lock.key2, lock.key1, lock.key3);
}

/* Who runs it, for the rows that announce a step outside a transaction; lease.h. */
static void put_lease(page *p)
{
    put(p, "SELECT pg_catalog.format('process %s since %s, system %s, database %s, mark %s', a.pid,\n"
           "    pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'), s.system_identifier, d.oid,\n"
           "    pg_catalog.left(pg_catalog.md5(pg_catalog.concat(pg_catalog.random(), pg_catalog.clock_timestamp(), a.pid)), 16)) AS lease\n"
           "  FROM pg_catalog.pg_stat_activity AS a, pg_catalog.pg_database AS d, pg_catalog.pg_control_system() AS s\n"
           "  WHERE a.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()\n"
           "    AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \\gset stele_\n");
}

/* The end of a step's transaction, with its row, and that of the whole after the last one. */
static void put_end(page *p, const char *deed, unsigned step, const char *reason, const char *took, bool last)
{
    if (p->role)
        put(p, "SELECT pg_catalog.current_setting('role') AS role \\gset stele_\n");
    if (last)
        put_restore(p, p->migration->flags);
    else
        put_role(p, "'none'");
    put_row(p, deed, step, reason, took);
    if (last)
        put_row(p, p->action->deed, 0, "NULL", NOW " OPERATOR(pg_catalog.-) :stele_clock");
    put(p, "COMMIT;\n");
}

/* The question about a step; of one that was begun before, psql has when that was. In the handle's arena. */
static bool ask(page *p, const stele_step *step, bool again, stele_question *question)
{
    stele *handle = p->sheet->handle;
    *question = (stele_question){.began = again ? ":'stele_began'" : NULL};
    bool fine = stele_question_make(question, &step->probe, &handle->values, &handle->arena);
    p->text->failed |= !fine;
    return fine;
}

/* Stop the script. */
static void put_stop(page *p, const char *message, const char *detail, const char *hint)
{
    stele_text block = {0};
    stele_text_string(&block, "\nBEGIN\n  RAISE EXCEPTION USING MESSAGE = ");
    stele_psql_literal(&block, message);
    if (detail != NULL && detail[0] != '\0') {
        stele_text_string(&block, ",\n    DETAIL = ");
        stele_psql_literal(&block, detail);
    }
    stele_text_string(&block, ",\n    HINT = ");
    stele_psql_literal(&block, hint);
    stele_text_string(&block, ";\nEND ");
    p->text->failed |= block.failed || message == NULL;
    if (!p->text->failed) {
        put(p, "DO ");
        stele_psql_dollars(p->text, block.bytes, block.length);
        put(p, ";\n");
    }
    stele_text_free(&block);
}

/* A step that was begun before: is it done, is it to be run, or does nobody know? */
static void put_settling(page *p, const stele_question *question, unsigned number)
{
    stele *handle = p->sheet->handle;
    bool bad = false;
    const char *verdict = stele_question_verdict(question, p->action->in_doubt, &handle->arena, &bad);
    stele_error error = {0};
    p->text->failed |= bad;
    if (bad)
        return;
    stele_resume_unknown(p->action, number, &error);
    const char *message = stele_arena_print(&handle->arena, "stele: step %u of \"%s\": %s", number, p->migration->file, error.message);
    stele_text_print(p->text, "SELECT v.outcome OPERATOR(pg_catalog.<>) 'done' AS due, v.outcome OPERATOR(pg_catalog.=) 'finish' AS half,"
                              "\n  v.outcome OPERATOR(pg_catalog.=) 'unknown' AS unknown FROM (%s) AS v(outcome) \\gset stele_\n\\if :stele_unknown\n",
                     verdict);
    put_stop(p, message, error.detail, error.hint);
    put(p, "\\endif\n");
}

/* What an earlier try left. */
static void put_clearing(page *p, const stele_question *question)
{
    bool bad = false;
    const char *clearing = stele_question_clearing(question, &p->sheet->handle->arena, &bad);
    p->text->failed |= bad;
    if (clearing != NULL)
        stele_text_print(p->text, "%s \\gexec\n", clearing);
}

/* A failure is put down in the ledger before the script stops. */
static void put_failure(page *p, unsigned number)
{
    const char *message = stele_arena_print(&p->sheet->handle->arena, "stele: step %u of \"%s\" failed, and is recorded as such", number,
                                            p->migration->file);
    put(p, "\\if :stele_failed\n");
    put_begin(p, NULL);
    put_end(p, deed_of(p, "fail", "down-fail"), number, ":'stele_reason'", "NULL", false);
    put_stop(p, message, NULL, "the steps before it are in; plan again, with a connection, to go on from there");
    put(p, "\\endif\n");
}

/* An index that was there already, invalid, isn't what the step was to build. */
static void put_look(page *p, const stele_question *question)
{
    stele_arena *arena = &p->sheet->handle->arena;
    bool bad = false;
    const char *invalid = stele_question_invalid(question, arena, &bad);
    if (invalid == NULL && !bad)
        return;
    const char *reason = stele_arena_print(arena, "index \"%s\" was there already, and is invalid", question->name);
    p->text->failed |= bad || reason == NULL;
    if (p->text->failed)
        return;
    stele_text_print(p->text, "\\if :stele_failed\n\\else\nSELECT EXISTS (%s) AS failed, ", invalid);
    stele_psql_literal(p->text, reason);
    put(p, " AS reason \\gset stele_\n\\endif\n");
}

/* One statement outside a transaction, with the settings that enter() would make. */
static void put_outside(page *p, const stele_step *step, const stele_question *question, bool again)
{
    put(p, "SELECT pg_catalog.current_setting('row_security') AS row_security,\n"
           "  pg_catalog.current_setting('lock_timeout') AS lock_timeout,\n"
           "  pg_catalog.current_setting('statement_timeout') AS statement_timeout \\gset stele_\nSET row_security = off;\n");
    const char *const timeouts[] = {"lock_timeout", p->migration->lock_timeout, "statement_timeout", p->migration->statement_timeout};
    for (size_t i = 0; i < 4; i += 2) {
        if (timeouts[i + 1] == NULL)
            continue;
        stele_text_print(p->text, "SET %s = ", timeouts[i]);
        stele_psql_literal(p->text, timeouts[i + 1]);
        put(p, ";\n");
    }
    put(p, "\\set stele_failed false\n");
    if (again)
        put_clearing(p, question);
    if (again)
        put(p, "\\if :stele_half\n\\else\n");
    put(p, "\\set ON_ERROR_STOP off\n");
    put_statements(p, step);
    put(p, "\\set stele_failed :ERROR\n\\set stele_reason :LAST_ERROR_MESSAGE\n\\set ON_ERROR_STOP on\n");
    if (again)
        put(p, "\\endif\n");
    put_look(p, question);
    put(p, "SELECT pg_catalog.set_config('row_security', :'stele_row_security', false),\n"
           "  pg_catalog.set_config('lock_timeout', :'stele_lock_timeout', false),\n"
           "  pg_catalog.set_config('statement_timeout', :'stele_statement_timeout', false);\n");
}

/* It is announced, run, and where it failed, that is put down. One that was begun before is settled first. */
static void put_alone(page *p, const stele_step *step, unsigned number)
{
    bool again = number == p->action->first_step + 1 && p->action->begun && p->action->first_begin != NULL;
    stele_question question;
    if (!ask(p, step, again, &question))
        return;
    put(p, "SELECT " NOW " AS step_began \\gset stele_\n");
    if (again) {
        put_settling(p, &question, number);
        put(p, "\\if :stele_due\n");
    }
    put_begin(p, NULL);
    put_end(p, deed_of(p, "begin", "down-begin"), number, ":'stele_lease'", "NULL", false);
    put_outside(p, step, &question, again);
    put_failure(p, number);
    if (again)
        put(p, "\\endif\n");
    put_begin(p, NULL);
}

static void put_step(page *p, unsigned number)
{
    const stele_step *step = &p->migration->steps[p->action->part->first_step + number - 1];
    bool last = number == p->action->part->step_count, first = number == p->action->first_step + 1;
    const char *took = "NULL";
    stele_text_print(p->text, "-- step %u of %u\n", number, (unsigned)p->action->part->step_count);
    if (step->alone) {
        if (!first)
            put_lock(p);
        put_alone(p, step, number);
        took = NOW " OPERATOR(pg_catalog.-) :stele_step_began";
    } else {
        put_begin(p, step->modes);
        put_statements(p, step);
    }
    put_end(p, deed_of(p, "step", "down-step"), number, "NULL", took, last);
}

/* What the steps that are in have set is gone with their session. */
static void put_session(page *p)
{
    const stele_migration *migration = p->migration;
    uint32_t done = p->action->first_step;
    if (done == 0 || done == p->action->part->step_count || (migration->flags & STELE_SETS_SESSION) == 0)
        return;
    const stele_step *last = &migration->steps[p->action->part->first_step + done - 1];
    for (uint32_t i = stele_resume_from(migration, p->action->part, done); i < last->first + last->count; i++)
        if (migration->statements[i].kind == STELE_RUN && stele_sets_session(migration->text + migration->statements[i].begin))
            put_statement(p, last, &migration->statements[i]);
    if (p->role)
        put(p, "SELECT pg_catalog.current_setting('role') AS role \\gset stele_\n");
}

/* Of a step that was begun before, the transaction that announced it: what is younger is the step's own. */
static void put_began(page *p)
{
    if (!p->action->begun || p->action->first_begin == NULL)
        return;
    stele_text_print(p->text, "SELECT l.xmin AS began FROM %s.ledger AS l WHERE l.component OPERATOR(pg_catalog.=) ", p->sheet->handle->schema);
    stele_psql_literal(p->text, p->migration->component);
    stele_text_print(p->text, " AND l.seq OPERATOR(pg_catalog.=) %lld \\gset stele_\n", (long long)p->action->first_begin->row.seq);
}

static void put_steps(page *p)
{
    put_lock(p);
    put_lease(p);
    put_began(p);
    put(p, "SELECT " NOW " AS clock \\gset stele_\n\\set stele_role none\n");
    put_session(p);
    if (p->action->first_step == p->action->part->step_count) { /* all are in, but for the row that says so */
        put_begin(p, NULL);
        put_row(p, p->action->deed, 0, "NULL", "0");
        put(p, "COMMIT;\n");
    }
    for (unsigned number = p->action->first_step + 1; number <= p->action->part->step_count; number++)
        put_step(p, number);
    put(p, "SELECT pg_catalog.pg_advisory_unlock_all();\n"); /* a session's end, behind \connect, may come too late for the next one */
}

/* ----------------------------------------------------------------- one migration */

static void put_whole(page *p)
{
    static const stele_step nothing = {0};
    const stele_part *part = p->action->part;
    const stele_step *step = part == NULL || part->step_count == 0 ? &nothing : &p->migration->steps[part->first_step];
    stele_text reason = {0};
    stele_psql_literal(&reason, p->action->reason);
    p->text->failed |= reason.failed;
    put_begin(p, step->modes);
    put_statements(p, step);
    put_restore(p, part == NULL ? 0 : p->migration->flags);
    if (!reason.failed)
        put_row(p, p->action->deed, p->action->step, reason.bytes, part == NULL ? "0" : "NULL");
    put(p, "COMMIT;\n");
    stele_text_free(&reason);
}

/* Where the ledger has a repeatable as it is here, there is nothing to do. */
static void put_due(page *p)
{
    put(p, "SELECT NOT EXISTS (SELECT FROM (");
    stele_sheet_repeatables(p->sheet, p->migration->component);
    put(p, ") AS r\n  WHERE r.action OPERATOR(pg_catalog.=) ANY ('{" STELE_PUTTING_IN "}'::pg_catalog.text[])"
           " AND r.name OPERATOR(pg_catalog.=) ");
    stele_psql_literal(p->text, p->migration->name);
    put(p, "\n    AND r.source OPERATOR(pg_catalog.=) ");
    stele_psql_literal(p->text, p->migration->source);
    put(p, ") AS due \\gset stele_\n\\if :stele_due\n");
}

/* What the reader of a way back has to know. */
static void put_losses(page *p)
{
    static const char *const losses[] = {"destroys the rows of ", "destroys values of ", "destroys the rows of the schema ",
                                         "may destroy anything: it runs code"};
    for (uint32_t i = 0; i < p->migration->loss_count && p->back; i++) {
        const stele_loss *loss = &p->migration->losses[i];
        const char *line = stele_arena_print(&p->sheet->handle->arena, "%s%s%s%s", losses[loss->kind],
                                             loss->relation == NULL ? "" : loss->relation, loss->column == NULL ? "" : ", column ",
                                             loss->column == NULL ? "" : loss->column);
        p->text->failed |= line == NULL;
        stele_psql_comment(p->text, line == NULL ? "" : line);
    }
}

/* The line that says what was done. */
static void put_progress(page *p)
{
    bool several = p->sheet->handle->table->component_count > 1;
    const char *line = stele_arena_print(&p->sheet->handle->arena, "  %s%s%s%s%s", several ? p->migration->component : "",
                                         several ? "/" : "", p->migration->file, p->action->part != NULL && !p->back ? "" : ": ",
                                         p->action->part != NULL && !p->back ? "" : p->action->deed);
    p->text->failed |= line == NULL;
    put(p, "\\echo ");
    stele_psql_argument(p->text, line == NULL ? "" : line);
    put(p, "\n");
}

void stele_sheet_action(stele_sheet *sheet, size_t index)
{
    const stele_action *action = &sheet->list->actions[index];
    const stele_migration *migration = action->migration;
    page p = {.sheet = sheet,
              .text = &sheet->text,
              .action = action,
              .migration = migration,
              .component = stele_component_index(sheet->handle->table, migration->component),
              .back = action->part == &migration->down,
              .role = stele_minds_role(action)};
    bool asks = sheet->bounds[p.component].blind && migration->repeatable && action->part != NULL;
    put(&p, "\n");
    stele_psql_comment(p.text, migration->file);
    put_losses(&p);
    if (index > 0) {
        put(&p, "\\connect -\n"); /* a session of its own */
        stele_sheet_session(sheet);
    }
    if (asks)
        put_due(&p);
    if (action->part != NULL && stele_is_stepwise(action))
        put_steps(&p);
    else
        put_whole(&p);
    put_progress(&p);
    if (asks)
        put(&p, "\\endif\n");
}
