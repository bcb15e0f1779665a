#include "guard.h"

#include <stdio.h>
#include <string.h>

#include "error.h"

typedef struct guards {
    stele *handle;
    void (*flaw)(void *data, const stele_flaw *flaw);
    void *data;
    stele_arena *arena;
    bool failed; /* no memory */
} guards;

/* Texts are made in the arena: a NULL among them means that there was none left. */
static void tell(guards *g, bool ok, const char *check, const char *title, const char *object, const char *repair)
{
    stele_flaw flaw = {check, title, object, ok ? NULL : repair};
    g->failed |= check == NULL || title == NULL || object == NULL || (!ok && repair == NULL);
    if (!g->failed)
        g->flaw(g->data, &flaw);
}

static const char *copy(guards *g, const char *text)
{
    return stele_arena_copy(g->arena, text, strlen(text));
}

/* --------------------------------------------------------------------- tables */

static stele_status look_for_relation(guards *g, const stele_piece *piece, stele_error *error)
{
    const char *word = piece->kind == STELE_PIECE_VIEW ? "view" : "table";
    const char *name = stele_arena_print(g->arena, "%s.%s", g->handle->schema, piece->name);
    stele_rows *rows = NULL;
    if (name == NULL)
        return stele_error_memory(error);
    stele_status status =
        stele_link_query(&g->handle->link, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", 1, &name, &rows, error);
    if (status == STELE_OK && !stele_rows_true(rows, 0, 0))
        tell(g, false, stele_arena_print(g->arena, "ledger/shape/%s", piece->name),
             stele_arena_print(g->arena, "the %s \"%s\" is gone", word, piece->name),
             stele_arena_print(g->arena, "%s %s", word, piece->name), stele_piece_text(piece, g->handle->schema, g->arena));
    stele_rows_free(rows);
    return status;
}

/*
 * What else decides whether a row gets in, and whether all are seen: the primary key, which is the last guard against applying
 * twice; and no rule, no other trigger, no row security.
 */
static stele_status look_at_shape(guards *g, const stele_piece *piece, stele_error *error)
{
    static const char sql[] =
        "WITH c AS (SELECT c.oid, c.relrowsecurity FROM pg_catalog.pg_class AS c"
        " WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1::pg_catalog.text)),"
        " k AS (SELECT k.conname, k.conrelid, (SELECT pg_catalog.string_agg(a.attname::pg_catalog.text, ', ' ORDER BY u.n)"
        " FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u(attnum, n) JOIN pg_catalog.pg_attribute AS a"
        " ON a.attrelid OPERATOR(pg_catalog.=) k.conrelid AND a.attnum OPERATOR(pg_catalog.=) u.attnum) AS columns"
        " FROM pg_catalog.pg_constraint AS k WHERE k.contype OPERATOR(pg_catalog.=) 'p')"
        " SELECT 'has a rule', 'rule ' OPERATOR(pg_catalog.||) w.rulename, pg_catalog.format('DROP RULE %I ON %s;', w.rulename, $1::pg_catalog.text)"
        " FROM c JOIN pg_catalog.pg_rewrite AS w ON w.ev_class OPERATOR(pg_catalog.=) c.oid"
        " UNION ALL SELECT 'has row level security', 'row level security',"
        " pg_catalog.format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY;', $1::pg_catalog.text) FROM c WHERE c.relrowsecurity"
        " UNION ALL SELECT 'has another trigger', 'trigger ' OPERATOR(pg_catalog.||) t.tgname,"
        " pg_catalog.format('DROP TRIGGER %I ON %s;', t.tgname, $1::pg_catalog.text)"
        " FROM c JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) c.oid WHERE NOT t.tgisinternal"
        " AND t.tgname OPERATOR(pg_catalog.<>) ALL ('{append_only,keep}'::pg_catalog.text[])"
        " UNION ALL SELECT 'has lost its primary key', 'primary key', pg_catalog.format('ALTER TABLE %s %sADD PRIMARY KEY (%s);', $1::pg_catalog.text,"
        " CASE WHEN k.conname IS NULL THEN '' ELSE pg_catalog.format('DROP CONSTRAINT %I, ', k.conname) END, $2::pg_catalog.text)"
        " FROM c LEFT JOIN k ON k.conrelid OPERATOR(pg_catalog.=) c.oid WHERE k.columns IS DISTINCT FROM $2::pg_catalog.text";
    const char *name = stele_arena_print(g->arena, "%s.%s", g->handle->schema, piece->name);
    const char *values[] = {name, piece->of};
    stele_rows *rows = NULL;
    if (name == NULL)
        return stele_error_memory(error);
    stele_status status = stele_link_query(&g->handle->link, sql, 2, values, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++)
        tell(g, false, stele_arena_print(g->arena, "ledger/shape/%s", piece->name),
             stele_arena_print(g->arena, "table \"%s\" %s", piece->name, stele_rows_text(rows, i, 0)),
             stele_arena_print(g->arena, "%s of %s", stele_rows_text(rows, i, 1), piece->name), copy(g, stele_rows_text(rows, i, 2)));
    stele_rows_free(rows);
    return status;
}

/* ------------------------------------------------------------------ functions */

/* Is the function of `row` this one: the same text, language and settings, run with the caller's rights? */
static bool is_function(guards *g, const stele_piece *piece, const stele_rows *rows, int row)
{
    static const char *const paths[] = {"search_path=pg_catalog, pg_temp", "search_path=\"pg_catalog\", \"pg_temp\""};
    const char *body = stele_piece_body(piece, g->handle->schema, g->arena), *settings = stele_rows_text(rows, row, 4);
    bool is_sql = strstr(piece->text, "LANGUAGE sql") != NULL;
    g->failed |= body == NULL;
    return body != NULL && strcmp(stele_rows_text(rows, row, 2), body) == 0 &&
           strcmp(stele_rows_text(rows, row, 3), is_sql ? "sql" : "plpgsql") == 0 &&
           (is_sql ? settings == NULL : settings != NULL && (strcmp(settings, paths[0]) == 0 || strcmp(settings, paths[1]) == 0)) &&
           !stele_rows_true(rows, row, 5);
}

static const stele_piece *find_function(const char *name, const char *arguments)
{
    const stele_piece *piece;
    for (size_t i = 0; (piece = stele_ledger_piece(i)) != NULL; i++)
        if (piece->kind == STELE_PIECE_FUNCTION && strcmp(piece->name, name) == 0 && strcmp(piece->of, arguments) == 0)
            return piece;
    return NULL;
}

static void tell_function(guards *g, const stele_piece *piece, const char *what)
{
    char *text = stele_piece_text(piece, g->handle->schema, g->arena);
    const char *repair = text == NULL ? NULL
                                      : stele_arena_print(g->arena, "%sREVOKE ALL ON FUNCTION %s.%s(%s) FROM PUBLIC;", text, g->handle->schema,
                                                          piece->name, piece->of);
    tell(g, false, stele_arena_print(g->arena, "ledger/function/%s", piece->name),
         stele_arena_print(g->arena, "the function \"%s\" %s", piece->name, what),
         stele_arena_print(g->arena, "function %s", piece->name), repair);
}

/* Under quote_all_identifiers the server writes names in quotes, and keeps a path so. */
#define UNQUOTED(types) "pg_catalog.replace(pg_catalog.replace(" types ", '\"text\"', 'text'), '\"json\"', 'json')"

/* The functions that write rows: each there, as it was made, and no other of their names, which a call might mean instead. */
static stele_status look_at_functions(guards *g, stele_error *error)
{
    static const char sql[] =
        "SELECT p.proname, " UNQUOTED("pg_catalog.oidvectortypes(p.proargtypes)") ", p.prosrc, l.lanname, pg_catalog.array_to_string(p.proconfig, '; '),"
        " p.prosecdef OR p.prokind OPERATOR(pg_catalog.<>) 'f', p.oid::pg_catalog.regprocedure"
        " FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid OPERATOR(pg_catalog.=) p.prolang"
        " WHERE p.pronamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1)"
        " AND p.proname OPERATOR(pg_catalog.=) ANY ('{append,enter,field,refuse}'::pg_catalog.name[])";
    const char *values[] = {g->handle->schema};
    const stele_piece *piece;
    stele_rows *rows = NULL;
    size_t good = 0, all = 0;
    stele_status status = stele_link_query(&g->handle->link, sql, 1, values, &rows, error);
    for (size_t i = 0; status == STELE_OK && (piece = stele_ledger_piece(i)) != NULL; i++) {
        bool found = false, same = false;
        if (piece->kind != STELE_PIECE_FUNCTION)
            continue;
        for (int row = 0; row < stele_rows_count(rows) && !found; row++) {
            found = find_function(stele_rows_text(rows, row, 0), stele_rows_text(rows, row, 1)) == piece;
            same = found && is_function(g, piece, rows, row);
        }
        if (!same)
            tell_function(g, piece, found ? "is not what stele made" : "is gone");
        good += same;
        all++;
    }
    for (int row = 0; status == STELE_OK && row < stele_rows_count(rows); row++)
        if (find_function(stele_rows_text(rows, row, 0), stele_rows_text(rows, row, 1)) == NULL)
            tell(g, false, stele_arena_print(g->arena, "ledger/function/%s", stele_rows_text(rows, row, 0)),
                 stele_arena_print(g->arena, "there is another function \"%s\": %s", stele_rows_text(rows, row, 0), stele_rows_text(rows, row, 6)),
                 stele_arena_print(g->arena, "function %s", stele_rows_text(rows, row, 6)),
                 stele_arena_print(g->arena, "DROP FUNCTION %s;", stele_rows_text(rows, row, 6)));
    if (status == STELE_OK && good == all && (size_t)stele_rows_count(rows) == all)
        tell(g, true, "ledger/functions", "the ledger's functions are what stele made", "functions", NULL);
    stele_rows_free(rows);
    return status;
}

/* -------------------------------------------------------------------- triggers */

/* A trigger that forbids changes: there, firing also for a replica's role, for every row, and doing what it should. */
static stele_status look_at_guard(guards *g, const stele_piece *piece, const char *kind, stele_error *error)
{
    static const char sql[] =
        "SELECT t.tgenabled OPERATOR(pg_catalog.=) 'A' AND t.tgqual IS NULL"
        " AND pg_catalog.cardinality(t.tgattr::pg_catalog.int2[]) OPERATOR(pg_catalog.=) 0"
        " AND p.proname OPERATOR(pg_catalog.=) 'refuse' AND p.prosrc OPERATOR(pg_catalog.=) $2"
        " AND p.pronamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1)"
        " FROM pg_catalog.pg_trigger AS t JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid"
        " WHERE t.tgrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) $3)"
        " AND t.tgname OPERATOR(pg_catalog.=) $4 AND t.tgtype OPERATOR(pg_catalog.=) $5::pg_catalog.int2";
    const char *body = stele_piece_body(find_function("refuse", ""), g->handle->schema, g->arena);
    const char *text = stele_piece_text(piece, g->handle->schema, g->arena);
    const char *values[] = {g->handle->schema, body, piece->of, piece->name, kind};
    stele_rows *rows = NULL;
    if (body == NULL || text == NULL)
        return stele_error_memory(error);
    stele_status status = stele_link_query(&g->handle->link, sql, 5, values, &rows, error);
    bool ok = status == STELE_OK && stele_rows_count(rows) == 1 && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    if (status == STELE_OK)
        tell(g, ok, stele_arena_print(g->arena, "ledger/guard/%s", piece->of),
             stele_arena_print(g->arena, ok ? "table \"%s\" refuses changes" : "the trigger that makes table \"%s\" refuse changes is off or gone",
                               piece->of),
             stele_arena_print(g->arena, "trigger %s", piece->name),
             stele_arena_print(g->arena, "DROP TRIGGER IF EXISTS %s ON %s.%s;\n%s", piece->name, g->handle->schema, piece->of, text));
    return status;
}

stele_status stele_guards_look(stele *handle, void (*flaw)(void *data, const stele_flaw *flaw), void *data, stele_arena *arena,
                               stele_error *error)
{
    guards g = {.handle = handle, .flaw = flaw, .data = data, .arena = arena};
    const stele_piece *piece;
    stele_status status = STELE_OK;
    for (size_t i = 0; status == STELE_OK && (piece = stele_ledger_piece(i)) != NULL; i++) {
        if (piece->kind != STELE_PIECE_TABLE)
            continue;
        status = look_for_relation(&g, piece, error);
        if (status == STELE_OK)
            status = look_at_shape(&g, piece, error);
    }
    if (status == STELE_OK)
        status = look_at_functions(&g, error);
    for (size_t i = 0; status == STELE_OK && (piece = stele_ledger_piece(i)) != NULL; i++) {
        if (piece->kind == STELE_PIECE_GUARD) /* BEFORE, for each statement, on UPDATE (but for the anchor), DELETE and TRUNCATE */
            status = look_at_guard(&g, piece, strcmp(piece->of, "anchor") == 0 ? "42" : "58", error);
        else if (piece->kind == STELE_PIECE_VIEW)
            status = look_for_relation(&g, piece, error);
    }
    return status == STELE_OK && g.failed ? stele_error_memory(error) : status;
}
