/*
 * lua_sql.c: what is told from a statement's words.
 */
#include "lua_sql.h"

#include "tap.h"

typedef struct expected {
    const char *sql;
    bool refused, cursor, plain, several;
    int parameters;
} expected;

static const expected cases[] = {
    {"SELECT 1", false, true, true, false, 0},
    {" -- c\n/* a /* b */ ; */ ( (select $2, '$3', \"$4\", $x$ $5 $x$, $$;$$, E'\\'$6' -- $7", false, true, true, false, 2},
    {"SELECT 1;", false, true, true, false, 0},
    {"SELECT 1; -- the end\n ;", false, true, true, true, 0},
    {"SELECT 1; SELECT 2", false, true, true, true, 0},
    {"SELECT ';'", false, true, true, false, 0},
    {"SELECT * INTO t FROM u", false, false, false, false, 0},
    {"VALUES (1)", false, true, true, false, 0},
    {"TABLE t", false, true, true, false, 0},
    {"WITH a AS (SELECT 1) SELECT * FROM a", false, true, true, false, 0},
    {"WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", false, false, true, false, 0},
    {"WITH a AS (SELECT 'delete') SELECT * FROM a", false, true, true, false, 0},
    {"INSERT INTO t VALUES ($1, $12)", false, false, true, false, 12},
    {"UPDATE t SET a = $1", false, false, true, false, 1},
    {"MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", false, false, true, false, 0},
    {"CREATE TABLE t (a int)", false, false, false, false, 0},
    {"DO $$ BEGIN COMMIT; END $$", false, false, false, false, 0},
    {"EXPLAIN SELECT 1", false, false, false, false, 0},
    {"PREPARE a AS SELECT 1", false, false, false, false, 0},
    {"", false, false, false, false, 0},
    {"-- nothing", false, false, false, false, 0},
    {"/* unclosed", false, false, false, false, 0},
    {"SELECT 'unclosed", false, true, true, false, 0},
    {"SELECT $x$ unclosed $y$", false, true, true, false, 0},
    {"SELECT a$1, b1, \"begin\"", false, true, true, false, 0},
    {"beginning", false, false, false, false, 0},
    {"begin", true, false, false, false, 0},
    {"/* x */ Commit", true, false, false, false, 0},
    {"end;", true, false, false, false, 0},
    {"ROLLBACK TO a", true, false, false, false, 0},
    {"abort", true, false, false, false, 0},
    {"start transaction", true, false, false, false, 0},
    {"prepare transaction 'x'", true, false, false, false, 0},
    {"savepoint a", true, false, false, false, 0},
    {"release a", true, false, false, false, 0},
    {"copy t from stdin", true, false, false, false, 0},
    {"COPY (SELECT 1) TO STDOUT", true, false, false, false, 0},
    {"COPY t FROM '/a/file'", false, false, false, false, 0},
};

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const expected *c = &cases[i];
        stele_lua_sql s;
        stele_lua_scan(c->sql, &s);
        bool same = (s.refused != NULL) == c->refused && (s.hint != NULL) == c->refused && s.cursor == c->cursor && s.plain == c->plain &&
                    s.several == c->several && s.parameters == c->parameters;
        const char *line = c->sql;
        for (const char *p = line; *p != '\0'; p++)
            line = *p == '\n' ? p + 1 : line;
        if (!ok(same, "%s", line))
            printf("# refused %d cursor %d plain %d several %d parameters %d\n", s.refused != NULL, s.cursor, s.plain, s.several, s.parameters);
    }
    return done();
}
