/* A migration of several steps in a script of plan --sql; see offline_page.h. */
#include <string.h>

#include "offline_page.h"
#include "psql.h"
#include "resume.h"

/* The session's locks, against others between the steps' transactions. */
static void put_lock(stele_page *p)
{
    stele_lock lock;
    stele_lock_name(&lock, p->sheet->handle, p->migration->component);
    stele_text_print(p->text,
                     "DO $stele$ BEGIN\n  IF NOT pg_catalog.pg_try_advisory_lock(%s, %s) OR NOT pg_catalog.pg_try_advisory_lock(%s, %s) THEN\n"
                     "    RAISE EXCEPTION 'stele: another process is migrating this database';\n  END IF;\nEND $stele$;\n",
                     lock.key1, lock.key2, lock.key1, lock.key3);
}

/* Who runs it, for the rows that announce a step outside a transaction; lease.h. */
static void put_lease(stele_page *p)
{
    stele_page_put(p, "SELECT pg_catalog.format('process %s since %s, system %s, database %s, mark %s', a.pid,\n"
           "    pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00'), s.system_identifier, d.oid,\n"
           "    pg_catalog.left(pg_catalog.md5(pg_catalog.concat(pg_catalog.random(), pg_catalog.clock_timestamp(), a.pid)), 16)) AS lease\n"
           "  FROM pg_catalog.pg_stat_activity AS a, pg_catalog.pg_database AS d, pg_catalog.pg_control_system() AS s\n"
           "  WHERE a.pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()\n"
           "    AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() \\gset stele_\n");
}

/* The end of a step's transaction, with its row, and that of the whole after the last one. */
static void put_end(stele_page *p, const char *deed, unsigned step, const char *reason, const char *took, bool last)
{
    if (p->role)
        stele_page_put(p, "SELECT pg_catalog.current_setting('role') AS role \\gset stele_\n");
    if (last)
        stele_page_restore(p, p->migration->flags);
    else
        stele_page_own_role(p);
    stele_page_row(p, deed, step, reason, took);
    if (last)
        stele_page_row(p, p->action->deed, 0, "NULL", STELE_NOW " OPERATOR(pg_catalog.-) :stele_clock");
    stele_page_put(p, "COMMIT;\n");
}

/* The question about a step; of one that was begun before, psql has when that was. In the handle's arena. */
static bool ask(stele_page *p, const stele_step *step, bool again, stele_question *question)
{
    stele *handle = p->sheet->handle;
    *question = (stele_question){.began = again ? ":'stele_began'" : NULL};
    bool fine = stele_question_make(question, &step->probe, &handle->values, &handle->arena);
    p->text->failed |= !fine;
    return fine;
}

/* Stop the script. */
static void put_stop(stele_page *p, const char *message, const char *detail, const char *hint)
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
        stele_page_put(p, "DO ");
        stele_psql_dollars(p->text, block.bytes, block.length);
        stele_page_put(p, ";\n");
    }
    stele_text_free(&block);
}

/* A step that was begun before: is it done, is it to be run, or does nobody know? */
static void put_settling(stele_page *p, const stele_question *question, unsigned number)
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
    stele_page_put(p, "\\endif\n");
}

/* What an earlier try left. */
static void put_clearing(stele_page *p, const stele_question *question)
{
    bool bad = false;
    const char *clearing = stele_question_clearing(question, &p->sheet->handle->arena, &bad);
    p->text->failed |= bad;
    if (clearing != NULL)
        stele_text_print(p->text, "%s \\gexec\n", clearing);
}

/* A failure is put down in the ledger before the script stops. */
static void put_failure(stele_page *p, unsigned number)
{
    const char *message = stele_arena_print(&p->sheet->handle->arena, "stele: step %u of \"%s\" failed, and is recorded as such", number,
                                            p->migration->file);
    stele_page_put(p, "\\if :stele_failed\n");
    stele_page_begin(p, NULL);
    put_end(p, stele_page_deed(p, "fail", "down-fail"), number, ":'stele_reason'", "NULL", false);
    put_stop(p, message, NULL, "the steps before it are in; plan again, with a connection, to go on from there");
    stele_page_put(p, "\\endif\n");
}

/* An index that was there already, invalid, isn't what the step was to build. */
static void put_look(stele_page *p, const stele_question *question)
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
    stele_page_put(p, " AS reason \\gset stele_\n\\endif\n");
}

/* One statement outside a transaction, with the settings that enter() would make. */
static void put_outside(stele_page *p, const stele_step *step, const stele_question *question, bool again)
{
    stele_page_put(p, "SELECT pg_catalog.current_setting('row_security') AS row_security,\n"
           "  pg_catalog.current_setting('lock_timeout') AS lock_timeout,\n"
           "  pg_catalog.current_setting('statement_timeout') AS statement_timeout \\gset stele_\nSET row_security = off;\n");
    const char *const timeouts[] = {"lock_timeout", p->migration->lock_timeout, "statement_timeout", p->migration->statement_timeout};
    for (size_t i = 0; i < 4; i += 2) {
        if (timeouts[i + 1] == NULL)
            continue;
        stele_text_print(p->text, "SET %s = ", timeouts[i]);
        stele_psql_literal(p->text, timeouts[i + 1]);
        stele_page_put(p, ";\n");
    }
    stele_page_put(p, "\\set stele_failed false\n");
    if (again)
        put_clearing(p, question);
    if (again)
        stele_page_put(p, "\\if :stele_half\n\\else\n");
    stele_page_put(p, "\\set ON_ERROR_STOP off\n");
    stele_page_statements(p, step);
    stele_page_put(p, "\\set stele_failed :ERROR\n\\set stele_reason :LAST_ERROR_MESSAGE\n\\set ON_ERROR_STOP on\n");
    if (again)
        stele_page_put(p, "\\endif\n");
    put_look(p, question);
    stele_page_put(p, "SELECT pg_catalog.set_config('row_security', :'stele_row_security', false),\n"
           "  pg_catalog.set_config('lock_timeout', :'stele_lock_timeout', false),\n"
           "  pg_catalog.set_config('statement_timeout', :'stele_statement_timeout', false);\n");
}

/* It is announced, run, and where it failed, that is put down. One that was begun before is settled first. */
static void put_alone(stele_page *p, const stele_step *step, unsigned number)
{
    bool again = number == p->action->first_step + 1 && p->action->begun && p->action->first_begin != NULL;
    stele_question question;
    if (!ask(p, step, again, &question))
        return;
    stele_page_put(p, "SELECT " STELE_NOW " AS step_began \\gset stele_\n");
    if (again) {
        put_settling(p, &question, number);
        stele_page_put(p, "\\if :stele_due\n");
    }
    stele_page_begin(p, NULL);
    put_end(p, stele_page_deed(p, "begin", "down-begin"), number, ":'stele_lease'", "NULL", false);
    put_outside(p, step, &question, again);
    put_failure(p, number);
    if (again)
        stele_page_put(p, "\\endif\n");
    stele_page_begin(p, NULL);
}

static void put_step(stele_page *p, unsigned number)
{
    const stele_step *step = &p->migration->steps[p->action->part->first_step + number - 1];
    bool last = number == p->action->part->step_count, first = number == p->action->first_step + 1;
    const char *took = "NULL";
    stele_text_print(p->text, "-- step %u of %u\n", number, (unsigned)p->action->part->step_count);
    if (step->alone) {
        if (!first)
            put_lock(p);
        put_alone(p, step, number);
        took = STELE_NOW " OPERATOR(pg_catalog.-) :stele_step_began";
    } else {
        stele_page_begin(p, step->modes);
        stele_page_statements(p, step);
    }
    put_end(p, stele_page_deed(p, "step", "down-step"), number, "NULL", took, last);
}

/* What the steps that are in have set is gone with their session. */
static void put_session(stele_page *p)
{
    const stele_migration *migration = p->migration;
    uint32_t done = p->action->first_step;
    if (done == 0 || done == p->action->part->step_count || (migration->flags & STELE_SETS_SESSION) == 0)
        return;
    const stele_step *last = &migration->steps[p->action->part->first_step + done - 1];
    for (uint32_t i = stele_resume_from(migration, p->action->part, done); i < last->first + last->count; i++)
        if (migration->statements[i].kind == STELE_RUN && stele_sets_session(migration->text + migration->statements[i].begin))
            stele_page_statement(p, last, &migration->statements[i]);
    if (p->role)
        stele_page_put(p, "SELECT pg_catalog.current_setting('role') AS role \\gset stele_\n");
}

/* Of a step that was begun before, the transaction that announced it: what is younger is the step's own. */
static void put_began(stele_page *p)
{
    if (!p->action->begun || p->action->first_begin == NULL)
        return;
    stele_text_print(p->text, "SELECT l.xmin AS began FROM %s.ledger AS l WHERE l.component OPERATOR(pg_catalog.=) ", p->sheet->handle->schema);
    stele_psql_literal(p->text, p->migration->component);
    stele_text_print(p->text, " AND l.seq OPERATOR(pg_catalog.=) %lld \\gset stele_\n", (long long)p->action->first_begin->row.seq);
}

void stele_page_steps(stele_page *p)
{
    put_lock(p);
    put_lease(p);
    put_began(p);
    stele_page_put(p, "SELECT " STELE_NOW " AS clock \\gset stele_\n\\set stele_role ");
    stele_psql_argument(p->text, stele_own_role(p));
    stele_page_put(p, "\n");
    put_session(p);
    if (p->action->first_step == p->action->part->step_count) { /* all are in, but for the row that says so */
        stele_page_begin(p, NULL);
        stele_page_row(p, p->action->deed, 0, "NULL", "0");
        stele_page_put(p, "COMMIT;\n");
    }
    for (unsigned number = p->action->first_step + 1; number <= p->action->part->step_count; number++)
        put_step(p, number);
    stele_page_put(p, "SELECT pg_catalog.pg_advisory_unlock_all();\n"); /* a session's end, behind \connect, may come too late for the next one */
}
