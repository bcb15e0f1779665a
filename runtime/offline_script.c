#include <string.h>

#include "expect.h"
#include "offline_page.h"
#include "psql.h"
#include "record.h"

void stele_page_put(stele_page *p, const char *words)
{
    stele_text_string(p->text, words);
}

const char *stele_page_deed(const stele_page *p, const char *word, const char *down_word)
{
    return p->back ? down_word : word;
}

/* ------------------------------------------------ begin and end of a transaction */

void stele_page_role(stele_page *p, const char *role)
{
    if (p->role)
        stele_text_print(p->text, "SELECT pg_catalog.set_config('role', %s, true) AS role \\gset stele_set_\n", role);
}

const char *stele_own_role(const stele_page *p)
{
    const char *role = p->sheet->handle->options.role;
    return role == NULL ? "none" : role;
}

void stele_page_own_role(stele_page *p)
{
    stele_text literal = {0};
    stele_psql_literal(&literal, stele_own_role(p));
    p->text->failed |= literal.failed;
    stele_page_role(p, literal.failed ? "''" : literal.bytes);
    stele_text_free(&literal);
}

void stele_page_begin(stele_page *p, const char *modes)
{
    const stele_migration *migration = p->migration;
    bool level = modes != NULL && strstr(modes, "ISOLATION") != NULL;
    stele_lock lock;
    stele_lock_name(&lock, p->sheet->handle, migration->component);
    stele_text_print(p->text, "BEGIN READ WRITE%s%s%s;\n", level ? "" : ", ISOLATION LEVEL READ COMMITTED", modes == NULL ? "" : ", ",
                     modes == NULL ? "" : modes);
    stele_page_own_role(p);
    stele_text_print(p->text, "SELECT %s.enter(", p->sheet->handle->schema);
    stele_psql_literal(p->text, migration->component);
    stele_text_print(p->text, ", :stele_seq_%zu, %s, %s, false, ", p->component, lock.key1, lock.key2);
    stele_psql_literal(p->text, migration->lock_timeout);
    stele_page_put(p, ", ");
    stele_psql_literal(p->text, migration->statement_timeout);
    stele_page_put(p, ") \\gset stele_\n");
    stele_page_role(p, ":'stele_role'");
}

void stele_page_restore(stele_page *p, uint32_t flags)
{
    const char *statements[STELE_RESETS];
    size_t count = stele_session_resets(flags, statements);
    for (size_t i = 0; i < count; i++)
        stele_text_print(p->text, "%s;\n", statements[i]);
    if ((flags & STELE_SETS_SESSION) != 0)
        stele_sheet_session(p->sheet);
}

/* ---------------------------------------------------------------------- rows */

/* Nobody knew which repeatables are in when this was written: so the digest is computed when it is run. */
static void put_state(stele_page *p, const stele_record *record)
{
    stele_bound *bound = &p->sheet->bounds[p->component];
    const stele_migration *migration = p->migration;
    bool in = stele_turn_of(record->values[RECORD_ACTION], record->values[RECORD_STEP] != NULL) == STELE_PUTS_IN;
    if (!migration->repeatable)
        memcpy(bound->now, record->state, sizeof bound->now);
    stele_page_put(p, "SELECT ");
    if (stele_row_unsettles(record->values[RECORD_ACTION], migration->version))
        stele_psql_literal(p->text, bound->now);
    else
        stele_sheet_fold(p->sheet, migration->component, bound->now, migration->repeatable && in ? migration->name : NULL,
                     migration->repeatable && in ? migration->source : NULL);
    stele_page_put(p, "\n  AS state \\gset stele_\n");
}

static void put_named(stele_page *p, const stele_record *record, const char *name, size_t column)
{
    stele_text_print(p->text, ", %s => ", name);
    stele_psql_literal(p->text, record->values[column]);
}

/* The call of append(); what only its run knows stands there as expressions. */
static void put_values(stele_page *p, const stele_record *record, const char *reason, const char *took)
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
    stele_page_put(p, ",\n  source => ");
    stele_psql_literal(p->text, record->values[RECORD_SOURCE]);
    stele_page_put(p, ",\n  tokens => ");
    stele_psql_literal(p->text, record->values[RECORD_TOKENS]);
    stele_page_put(p, ",\n  state => ");
    if (blind)
        stele_page_put(p, ":'stele_state'");
    else
        stele_psql_literal(p->text, record->values[RECORD_STATE]);
    stele_page_put(p, ",\n  parameters => ");
    stele_psql_literal(p->text, record->values[RECORD_PARAMETERS]);
    put_named(p, record, "compat", RECORD_COMPAT);
    put_named(p, record, "one_way", RECORD_ONE_WAY);
    stele_page_put(p, ",\n  down => ");
    stele_psql_dollars(p->text, record->down.bytes, record->down.length);
    stele_text_print(p->text, ",\n  reason => %s", reason);
    put_named(p, record, "statements", RECORD_STATEMENTS);
    stele_text_print(p->text, ", duration => %s, host => :'stele_host'", took);
    put_named(p, record, "build", RECORD_BUILD);
    stele_text_print(p->text, ") AS row,\n  :stele_seq_%zu OPERATOR(pg_catalog.+) 1 AS seq_%zu \\gset stele_\n", p->component,
                     p->component);
}

void stele_page_row(stele_page *p, const char *deed, unsigned step, const char *reason, const char *took)
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
static bool may_have_to_wait(const stele_page *p, const stele_step *step, const stele_statement *statement, const char *sql)
{
    bool rows = false;
    for (const stele_statement *s = &p->migration->statements[step->first]; s < statement && !rows; s++)
        rows = !begins_with_one_of(p->migration->text + s->begin, " CREATE ALTER DROP COMMENT GRANT REVOKE SET RESET ");
    return rows && statement->kind == STELE_RUN && begins_with_one_of(sql, " ALTER DROP TRUNCATE REINDEX CLUSTER ");
}

static void put_waiting(stele_page *p, const stele_text *sql)
{
    stele_text block = {0};
    stele_text_string(&block, "\nDECLARE\n  statement pg_catalog.text := ");
    stele_psql_dollars(&block, sql->bytes, sql->length);
    stele_text_string(&block, ";\nBEGIN\n  EXECUTE statement;\nEXCEPTION WHEN object_in_use THEN\n"
                              "  SET CONSTRAINTS ALL IMMEDIATE;\n  EXECUTE statement;\nEND ");
    p->text->failed |= block.failed;
    if (!block.failed) {
        stele_page_put(p, "-- deferred checks may be due first\nDO ");
        stele_psql_dollars(p->text, block.bytes, block.length);
        stele_page_put(p, ";\n");
    }
    stele_text_free(&block);
}

void stele_page_statement(stele_page *p, const stele_step *step, const stele_statement *statement)
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
        stele_page_put(p, statement->data_end > statement->data_begin && p->migration->text[statement->data_end - 1] != '\n' ? "\n\\.\n" : "\\.\n");
    }
    if (expected)
        stele_sheet_judge(p->sheet, p->migration, index);
}

void stele_page_statements(stele_page *p, const stele_step *step)
{
    for (uint32_t i = step->first; i < step->first + step->count; i++)
        stele_page_statement(p, step, &p->migration->statements[i]);
}

/* ----------------------------------------------------------------- one migration */

static void put_whole(stele_page *p)
{
    static const stele_step nothing = {0};
    const stele_part *part = p->action->part;
    const stele_step *step = part == NULL || part->step_count == 0 ? &nothing : &p->migration->steps[part->first_step];
    stele_text reason = {0};
    stele_psql_literal(&reason, p->action->reason);
    p->text->failed |= reason.failed;
    stele_page_begin(p, step->modes);
    stele_page_statements(p, step);
    stele_page_restore(p, part == NULL ? 0 : p->migration->flags);
    if (!reason.failed)
        stele_page_row(p, p->action->deed, p->action->step, reason.bytes, part == NULL ? "0" : "NULL");
    stele_page_put(p, "COMMIT;\n");
    stele_text_free(&reason);
}

/* Where the ledger has a repeatable as it is here, there is nothing to do. */
static void put_due(stele_page *p)
{
    stele_page_put(p, "SELECT NOT EXISTS (SELECT FROM (");
    stele_sheet_repeatables(p->sheet, p->migration->component);
    stele_page_put(p, ") AS r\n  WHERE r.action OPERATOR(pg_catalog.=) ANY ('{" STELE_PUTTING_IN "}'::pg_catalog.text[])"
           " AND r.name OPERATOR(pg_catalog.=) ");
    stele_psql_literal(p->text, p->migration->name);
    stele_page_put(p, "\n    AND r.source OPERATOR(pg_catalog.=) ");
    stele_psql_literal(p->text, p->migration->source);
    stele_page_put(p, ") AS due \\gset stele_\n\\if :stele_due\n");
}

/* What the reader of a way back has to know. */
static void put_losses(stele_page *p)
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
static void put_progress(stele_page *p)
{
    bool several = p->sheet->handle->table->component_count > 1;
    const char *line = stele_arena_print(&p->sheet->handle->arena, "  %s%s%s%s%s", several ? p->migration->component : "",
                                         several ? "/" : "", p->migration->file, p->action->part != NULL && !p->back ? "" : ": ",
                                         p->action->part != NULL && !p->back ? "" : p->action->deed);
    p->text->failed |= line == NULL;
    stele_page_put(p, "\\echo ");
    stele_psql_argument(p->text, line == NULL ? "" : line);
    stele_page_put(p, "\n");
}

void stele_sheet_action(stele_sheet *sheet, size_t index)
{
    const stele_action *action = &sheet->list->actions[index];
    const stele_migration *migration = action->migration;
    stele_page p = {.sheet = sheet,
              .text = &sheet->text,
              .action = action,
              .migration = migration,
              .component = stele_component_index(sheet->handle->table, migration->component),
              .back = action->part == &migration->down,
              .role = stele_minds_role(action)};
    bool asks = sheet->bounds[p.component].blind && migration->repeatable && action->part != NULL;
    stele_page_put(&p, "\n");
    stele_psql_comment(p.text, migration->file);
    put_losses(&p);
    if (index > 0) {
        stele_page_put(&p, "\\connect -\n"); /* a session of its own */
        stele_sheet_session(sheet);
    }
    if (asks)
        put_due(&p);
    if (action->part != NULL && stele_is_stepwise(action))
        stele_page_steps(&p);
    else
        put_whole(&p);
    put_progress(&p);
    if (asks)
        stele_page_put(&p, "\\endif\n");
}
