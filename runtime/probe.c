#include "probe.h"

#include <string.h>

#include "error.h"
#include "mem.h"

/* -------------------------------------------------------------- the question */

static void put_quoted(stele_text *text, const char *name)
{
    stele_text_string(text, "\"");
    for (; *name != '\0'; name++)
        stele_text_bytes(text, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
    stele_text_string(text, "\"");
}

/* A name with its parameter's value: the schema before it, or all of it. */
static const char *filled(const char *name, uint32_t parameter, const stele_values *values, stele_arena *arena, bool *fine)
{
    stele_text text = {0};
    if (parameter == 0)
        return name;
    put_quoted(&text, values->values[parameter - 1]);
    if (name != NULL)
        stele_text_print(&text, ".%s", name);
    const char *copy = text.failed ? NULL : stele_arena_copy(arena, text.bytes, text.length);
    stele_text_free(&text);
    *fine &= copy != NULL;
    return copy;
}

bool stele_question_make(stele_question *question, const stele_probe *probe, const stele_values *values, stele_arena *arena)
{
    bool fine = true;
    question->kind = probe->kind;
    question->lenient = probe->lenient != 0;
    question->on = filled(probe->on, probe->on_parameter, values, arena, &fine);
    question->name = filled(probe->name, probe->name_parameter, values, arena, &fine);
    return fine;
}

/* ------------------------------------------------------------------- asking */

static stele_status ask(stele_link *link, const char *sql, bool bad, stele_rows **rows, stele_error *error)
{
    *rows = NULL;
    return bad ? stele_error_memory(error) : stele_link_query(link, sql, 0, NULL, rows, error);
}

stele_status stele_probe_settle(stele_link *link, const stele_question *question, bool in_doubt, stele_outcome *outcome, stele_error *error)
{
    static const char *const words[] = {[STELE_TO_RUN] = "run", [STELE_TO_FINISH] = "finish", [STELE_IS_DONE] = "done", [STELE_NOT_KNOWN] = "unknown"};
    stele_arena arena = {0};
    stele_rows *rows;
    bool bad = false;
    const char *sql = stele_question_verdict(question, in_doubt, &arena, &bad);
    stele_status status = ask(link, sql, bad, &rows, error);
    *outcome = STELE_TO_RUN;
    while (status == STELE_OK && *outcome < STELE_NOT_KNOWN && strcmp(words[*outcome], stele_rows_text(rows, 0, 0)) != 0)
        ++*outcome;
    stele_rows_free(rows);
    stele_arena_free(&arena);
    return status;
}

static stele_status run_marked(stele_link *link, const char *mark, const char *sql, stele_arena *arena, stele_error *error)
{
    const char *text = stele_arena_print(arena, "%s%s", mark, sql);
    return text == NULL ? stele_error_memory(error) : stele_link_run(link, text, error);
}

stele_status stele_probe_clear(stele_link *link, const stele_question *question, const char *mark, stele_error *error)
{
    stele_arena arena = {0};
    stele_rows *rows = NULL;
    bool bad = false;
    const char *sql = stele_question_clearing(question, &arena, &bad);
    stele_status status = sql == NULL && !bad ? STELE_OK : ask(link, sql, bad, &rows, error);
    for (int i = 0; sql != NULL && status == STELE_OK && i < stele_rows_count(rows); i++)
        status = run_marked(link, mark, stele_rows_text(rows, i, 0), &arena, error);
    stele_rows_free(rows);
    stele_arena_free(&arena);
    return status;
}

/* ------------------------------------------------------ the index of a step */

/* What there is of the index that a step builds, when it is invalid: this step's own, or one that was there before. */
typedef enum leftover { NOTHING, OURS, THEIRS } leftover;

/* `drop` gets the statement that would drop it, in `arena`. */
static stele_status look(stele_link *link, const stele_question *question, leftover *left, const char **drop, stele_arena *arena,
                         stele_error *error)
{
    stele_rows *rows = NULL;
    bool bad = false;
    const char *sql = stele_question_invalid(question, arena, &bad);
    *left = NOTHING;
    if (sql == NULL && !bad)
        return STELE_OK;
    stele_status status = ask(link, sql, bad, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) > 0) {
        const char *text = stele_rows_text(rows, 0, 1);
        *left = stele_rows_true(rows, 0, 0) ? OURS : THEIRS;
        *drop = stele_arena_copy(arena, text, strlen(text));
        if (*drop == NULL)
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

stele_status stele_probe_done(stele_link *link, const stele_question *question, bool *invalid, stele_error *error)
{
    stele_arena arena = {0};
    const char *drop = NULL;
    leftover left;
    stele_status status = look(link, question, &left, &drop, &arena, error);
    *invalid = status == STELE_OK && left != NOTHING;
    if (*invalid) {
        status = stele_error_set(error, STELE_FAILED, "index \"%s\" was there already, and is invalid", question->name);
        stele_error_hint(error, "a build of it failed that was none of this step's, which therefore leaves it alone; drop it: %s", drop);
    }
    stele_arena_free(&arena);
    return status;
}

void stele_probe_failed(stele_link *link, const stele_question *question, stele_error *error)
{
    stele_arena arena = {0};
    const char *drop = NULL;
    leftover left = NOTHING;
    if (error != NULL && error->hint[0] == '\0' && stele_link_alive(link) &&
        look(link, question, &left, &drop, &arena, NULL) == STELE_OK && left != NOTHING) {
        if (left == OURS)
            stele_error_hint(error, "it left the invalid index \"%s\"; the next try drops it and builds it anew", question->name);
        else
            stele_error_hint(error, "an invalid index \"%s\" was there before this step, which therefore leaves it alone; drop it: %s", question->name, drop);
    }
    stele_arena_free(&arena);
}
