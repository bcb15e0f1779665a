#include "resume.h"

#include <string.h>

#include "error.h"
#include "psql.h"

/* ---------------------------------------------------------------- the session */

/* Take a word, in either case, and the white space behind it. NULL where it isn't there. */
static const char *behind(const char *sql, const char *word)
{
    for (; *word != '\0'; word++, sql++)
        if ((*sql >= 'A' && *sql <= 'Z' ? *sql - 'A' + 'a' : *sql) != *word)
            return NULL;
    return sql + strspn(sql, " \t\n\r\f\v");
}

static bool begins(const char *sql, const char *word)
{
    const char *rest = behind(sql, word);
    return rest != NULL && rest > sql + strlen(word);
}

/* pg_dump's way to set search_path; with no other call in it. */
static bool calls_set_config(const char *sql)
{
    const char *at = begins(sql, "select") ? behind(sql, "select") : NULL;
    if (at != NULL && behind(at, "pg_catalog.") != NULL)
        at = behind(at, "pg_catalog.");
    at = at == NULL ? NULL : behind(at, "set_config");
    return at != NULL && *at == '(' && strchr(at + 1, '(') == NULL;
}

bool stele_sets_session(const char *sql)
{
    if (begins(sql, "set")) {
        const char *what = behind(sql, "set");
        return !begins(what, "local") && !begins(what, "transaction") && !begins(what, "constraints");
    }
    return begins(sql, "reset") || calls_set_config(sql);
}

/* A DISCARD ends what was set before it. */
uint32_t stele_resume_from(const stele_migration *migration, const stele_part *part, unsigned step)
{
    const stele_step *first = &migration->steps[part->first_step];
    uint32_t from = first->first;
    for (uint32_t i = from; step > 0 && i < first[step - 1].first + first[step - 1].count; i++)
        if (behind(migration->text + migration->statements[i].begin, "discard") != NULL)
            from = i + 1;
    return from;
}

static bool keep_role(void *data, stele_rows *rows)
{
    stele_run *run = data;
    if (stele_rows_count(rows) == 1)
        stele_error_copy(run->role, sizeof run->role, stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    return true;
}

stele_status stele_resume_session(stele_run *run, size_t action, stele_error *error)
{
    const stele_action *item = &run->list->actions[action];
    const stele_migration *migration = item->migration;
    stele_link *link = &run->handle->link;
    stele_status status = STELE_OK;
    if (item->first_step == 0 || item->part->step_count == 0 || (migration->flags & STELE_SETS_SESSION) == 0)
        return STELE_OK;
    const stele_step *last = &migration->steps[item->part->first_step + item->first_step - 1];
    for (uint32_t i = stele_resume_from(migration, item->part, item->first_step); i < last->first + last->count && status == STELE_OK; i++) {
        stele_run_render(run, migration, &migration->statements[i]);
        if (run->text.failed)
            return stele_error_memory(error);
        if (migration->statements[i].kind != STELE_RUN || !stele_sets_session(run->text.bytes))
            continue;
        link->failed_item = stele_item(action, ITEM_STATEMENT, i);
        status = stele_link_run(link, run->text.bytes, error);
    }
    if (status == STELE_OK && stele_minds_role(item))
        status = stele_link_run_rows(link, "SELECT pg_catalog.current_setting('role')", keep_role, run, error);
    return status;
}

/* ------------------------------------------------------------------- the question */

/* The last value that comes; those before it are of no interest. */
typedef struct wanted {
    stele_arena *arena;
    const char *began;
    bool bad;
} wanted;

static bool keep_value(void *data, stele_rows *rows)
{
    wanted *w = data;
    if (stele_rows_count(rows) == 1 && stele_rows_text(rows, 0, 0) != NULL) {
        w->began = stele_arena_print(w->arena, "'%s'", stele_rows_text(rows, 0, 0));
        w->bad |= w->began == NULL;
    } else {
        w->began = NULL;
    }
    stele_rows_free(rows);
    return true;
}

stele_status stele_resume_ask(stele_question *question, stele_run *run, size_t action, const stele_step *step, int64_t seq,
                              stele_arena *arena, stele_error *error)
{
    const stele *handle = run->handle;
    wanted w = {.arena = arena};
    stele_text text = {0};
    *question = (stele_question){0};
    if (!stele_question_make(question, &step->probe, &handle->values, arena))
        return stele_error_memory(error);
    if (seq == 0)
        return STELE_OK;
    stele_text_string(&text, "BEGIN READ ONLY; ");
    if (stele_minds_role(&run->list->actions[action])) {
        stele_text_string(&text, "SELECT pg_catalog.set_config('role', ");
        stele_psql_literal(&text, stele_session_role(&run->session));
        stele_text_string(&text, ", true); ");
    }
    stele_text_print(&text, "SELECT l.xmin FROM %s.ledger AS l WHERE l.component OPERATOR(pg_catalog.=) ", handle->schema);
    stele_psql_literal(&text, stele_run_migration(run, action)->component);
    stele_text_print(&text, " AND l.seq OPERATOR(pg_catalog.=) %lld; ROLLBACK", (long long)seq);
    stele_status status = text.failed ? stele_error_memory(error)
                                      : stele_link_run_rows(&run->handle->link, text.bytes, keep_value, &w, error);
    stele_text_free(&text);
    if (status == STELE_OK && w.bad)
        status = stele_error_memory(error);
    if (status != STELE_OK)
        stele_link_rollback(&run->handle->link);
    question->began = w.began;
    return status;
}

/* --------------------------------------------------------------------- the answer */

void stele_resume_unknown(const stele_action *action, unsigned number, stele_error *error)
{
    const stele_migration *migration = action->migration;
    bool back = action->part == &migration->down;
    stele_error_set(error, STELE_FAILED, "this statement was begun before, and nothing tells whether it took effect");
    if (action->last_begin != NULL) {
        stele_row_texts texts;
        stele_row row = stele_entry_row(action->last_begin, &texts);
        stele_error_detail(error, "step %u of %u; it was begun at %s by %s, from host %s, application \"%s\" (row %lld of the ledger)", number,
                           (unsigned)action->part->step_count, row.started, row.role, row.host == NULL ? "?" : row.host,
                           row.application == NULL ? "" : row.application, (long long)row.seq);
    }
    stele_error_hint(error, "look whether it did; when it did: repair done %s/%s --step %u --reason TEXT; when it didn't, so that %s runs it again:"
                            " repair retry %s/%s --step %u --reason TEXT", migration->component, migration->version, number,
                     back ? "down" : "up", migration->component, migration->version, number);
}

stele_status stele_resume_settle(stele_run *run, size_t action, const stele_question *question, unsigned number, stele_outcome *outcome,
                                 stele_error *error)
{
    const stele_action *item = &run->list->actions[action];
    stele_status status = stele_probe_settle(&run->handle->link, question, item->in_doubt, outcome, error);
    if (status == STELE_OK && *outcome == STELE_NOT_KNOWN) {
        status = STELE_FAILED;
        stele_resume_unknown(item, number, error);
        run->stuck = true;
    }
    return status;
}
