/* names.c: what statements of many kinds name, where, and that odd bytes in names come through. */
#define _POSIX_C_SOURCE 200809L
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#include "tree.h"

/* R, F, T: a relation, function (with its number of arguments), type; then the place. Built-in types are left out. */
static const struct {
    const char *sql, *names;
} cases[] = {
    {"SELECT * FROM s.v, w", "R s.v @14; R w @19; "},
    {"WITH q AS (SELECT f() FROM a) SELECT * FROM q, s.q, b", "R s.q @47; R b @52; F f/0 @18; R a @27; "},
    {"SELECT f(1, g(x, 'a\"b\\'), count(*))", "F g/2 @12; F count/0 @26; F f/3 @7; "},
    {"INSERT INTO t SELECT x::s.ty FROM u", "R t @12; T s.ty @24; R u @34; "},
    {"CREATE TABLE a (LIKE b, x c DEFAULT f(1), FOREIGN KEY (x) REFERENCES d)",
     "R a @13; R b @21; T c @26; F f/1 @36; R d @69; "},
    {"CREATE FUNCTION g(a t) RETURNS SETOF v BEGIN ATOMIC SELECT f(a) FROM w; END", "T t @20; T v @37; F f/1 @59; R w @69; F g @-1; "},
    {"CREATE TRIGGER x AFTER UPDATE ON t EXECUTE FUNCTION s.f('a', 'b')", "R t @33; F s.f @-1; "},
    {"GRANT EXECUTE ON FUNCTION s.f(a, b) TO r", "T a @30; T b @33; T a @30; T b @33; F s.f/2 @-1; "},
    {"ALTER VIEW v RENAME TO w", "R v @11; "},
    {"CALL p(1)", "F p/1 @5; "},
    {"CREATE POLICY p ON t USING (f(x))", "R t @19; F f/1 @28; "},
    {"SELECT 'FROM v', $$FROM v$$", ""},
    {"SELECT * FROM \"q\"\"u{}[],:\\\", \"\t\n\xc3\xa4\"", "R q\"u{}[],:\\ @14; R \t\n\xc3\xa4 @29; "},
};

static void put(stele_text *text, const struct name *name)
{
    static const char kinds[] = "RFT";
    if (name->schema != NULL && strcmp(name->schema, "pg_catalog") == 0)
        return;
    stele_text_print(text, "%c %s%s%s", kinds[name->kind], name->schema == NULL ? "" : name->schema,
                     name->schema == NULL ? "" : ".", name->name);
    if (name->arguments >= 0)
        stele_text_print(text, "/%ld", name->arguments);
    stele_text_print(text, " @%ld; ", name->location);
}

static void check(struct memory *memory, const char *sql, const char *expected)
{
    struct names names = {0};
    stele_text text = {0};
    MemoryContext context = pg_query_enter_memory_context();
    PgQueryInternalParsetreeAndError result = pg_query_raw_parse(sql, 0);
    if (result.tree != NULL)
        names_collect(&names, memory, ((const RawStmt *)linitial(result.tree))->stmt);
    pg_query_exit_memory_context(context);
    for (size_t i = 0; i < names.count; i++)
        put(&text, &names.list[i]);
    bool same = !text.failed && strcmp(text.bytes == NULL ? "" : text.bytes, expected) == 0;
    if (!ok(result.tree != NULL && same, "case %d has its names", (int)tap_count + 1))
        fprintf(stderr, "# %s\n# %s\n", sql, text.bytes);
    stele_text_free(&text);
    free(result.stderr_buffer);
}

/* A tree as deep as a text of the length that is still looked at allows. */
static void check_deep(struct memory *memory)
{
    enum { TERMS = NAMES_LONGEST / 2 - 8 };
    char *sql = memory_get(memory, NAMES_LONGEST + 1, 1);
    memcpy(sql, "SELECT x", 8);
    for (size_t i = 0; i < TERMS; i++)
        memcpy(sql + 8 + 2 * i, "+1", 2);
    memcpy(sql + 8 + 2 * TERMS, "+f()", 4);
    check(memory, sql, "F f/0 @65529; ");
}

int main(void)
{
    struct memory memory = {0};
    if (setjmp(memory.exhausted) != 0)
        return 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(&memory, cases[i].sql, cases[i].names);
    check_deep(&memory);
    stele_arena_free(&memory.arena);
    return done();
}
