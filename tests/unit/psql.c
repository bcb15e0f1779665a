/*
 * psql.c: what stands as it is in a script, and what goes through \gexec; literals that nothing in them ends. And that a
 * script's lists of actions are those of fold.c.
 */
#include "psql.h"

#include <string.h>

#include "fold.h"
#include "offline.h"
#include "tap.h"

static const char *write_statement(stele_text *text, const char *sql)
{
    text->length = 0;
    stele_psql_statement(text, sql, strlen(sql));
    return text->failed ? "" : text->bytes;
}

static void test_plain(void)
{
    static const char *const plain[] = {
        "SELECT 1", "SELECT a::int, b :: text FROM t", "SELECT ':a', \":a\", $$:a;\\$$, $x$:'a' $$ ; $x$", "SELECT E'\\':a' /* :a ; /* ' */ */",
        "SELECT a[1 : 2]::int[] -- :a ;\n FROM t", "CREATE RULE r AS ON DELETE TO t DO (DELETE FROM u; DELETE FROM v)",
        "SELECT f(a := 1), b => 2", "SELECT nameE':a'", "PREPARE p AS SELECT $1", "SELECT '12:30', 'it''s'", "SELECT a$b$ FROM \"a$b$\""};
    stele_text text = {0};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        size_t length = strlen(plain[i]);
        const char *written = write_statement(&text, plain[i]);
        ok(strncmp(written, plain[i], length) == 0 && strcmp(written + length, ";\n") == 0, "as it stands: %.*s", (int)strcspn(plain[i], "\n"), plain[i]);
    }
    ok(strcmp(write_statement(&text, "SELECT 1 -- end"), "SELECT 1 -- end\n;\n") == 0, "a comment at the end doesn't hide the semicolon");
    stele_text_free(&text);
}

static void test_gexec(void)
{
    static const char *const odd[] = {
        "SELECT a[x:y]", "SELECT a[1:\"y\"]", "SELECT a[1:'2']", "SELECT a[:y]", "SELECT a[1:::y]", "SELECT a[1:2]", "SELECT a[{?x}:{?y}]",
        "SELECT 'a\\'", "SELECT \\a", "SELECT 1; SELECT 2", "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END",
        "CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS ''", "SELECT (1", "SELECT 'a", "SELECT $$a", "SELECT \"a", "SELECT /* a", "SELECT E'a\\'",
        "-- nothing"};
    stele_text text = {0};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        const char *written = write_statement(&text, odd[i]);
        size_t length = strlen(odd[i]);
        ok(strncmp(written, "SELECT $stele$", 14) == 0 && strncmp(written + 14, odd[i], length) == 0 &&
               strcmp(written + 14 + length, "$stele$ \\gexec\n") == 0,
           "through \\gexec: %s", odd[i]);
    }
    stele_text_free(&text);
}

static void test_literals(void)
{
    stele_text text = {0};
    stele_psql_literal(&text, "it's");
    stele_psql_literal(&text, "\\'");
    stele_psql_literal(&text, NULL);
    ok(!text.failed && strcmp(text.bytes, "'it''s'E'\\\\'''NULL") == 0, "quotes are doubled, and backslashes in E''");
    text.length = 0;
    stele_psql_dollars(&text, "a$stele", 7);
    stele_psql_dollars(&text, "$stele$ $stele_1$", 17);
    ok(!text.failed && strcmp(text.bytes, "$stele_1$a$stele$stele_1$$stele_2$$stele$ $stele_1$$stele_2$") == 0, "a tag that isn't in the text");
    text.length = 0;
    stele_psql_comment(&text, "a\nDROP TABLE t");
    stele_psql_argument(&text, "a'b\\c\nd");
    ok(!text.failed && strcmp(text.bytes, "-- a DROP TABLE t\n'a''b\\\\c d'") == 0, "a name with a line end stays in its line");
    stele_text_free(&text);
}

/* Is each word of a list an action of one of these effects? */
static bool are(const char *list, stele_turn one, stele_turn other)
{
    char action[32];
    for (; *list != '\0'; list += *list == ',') {
        size_t length = strcspn(list, ",");
        memcpy(action, list, length);
        action[length] = '\0';
        list += length;
        stele_turn effect = stele_turn_of(action, 0);
        if (effect != one && effect != other)
            return false;
    }
    return true;
}

static void test_actions(void)
{
    ok(are(STELE_PUTTING_IN, STELE_PUTS_IN, STELE_PUTS_IN), "what puts in");
    ok(are(STELE_TAKING_OUT, STELE_TAKES_OUT, STELE_TOWARDS_OUT), "what takes out");
    ok(are(STELE_UNDER_WAY, STELE_TOWARDS_IN, STELE_TOWARDS_OUT), "what is under way");
}

int main(void)
{
    test_plain();
    test_gexec();
    test_literals();
    test_actions();
    return done();
}
