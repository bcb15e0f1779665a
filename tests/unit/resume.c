/* resume.c: which statements are run again when a migration is gone on with, since all that they do is set something. */
#include "resume.h"

#include <string.h>

#include "tap.h"

static void test_sets(void)
{
    static const char *const sets[] = {"SET search_path = a", "set\trole x", "RESET ALL", "SET SESSION AUTHORIZATION x", "reset role",
                                       "SELECT pg_catalog.set_config('search_path', '', false)", "select set_config ('a.b', 'c', false)",
                                       "SET localize = 1"};
    static const char *const others[] = {"SET LOCAL a = b", "SET TRANSACTION READ WRITE", "set constraints all immediate", "SETTLE x", "RESETS",
                                         "SELECT 1", "SELECT set_config('a', f(1), false)", "SELECT set_configured('a')", "", "CREATE TABLE set (x int)",
                                         "SELECT"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        ok(stele_sets_session(sets[i]), "sets: %s", sets[i]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        ok(!stele_sets_session(others[i]), "sets nothing that lasts: %s", others[i]);
}

/* What was set before a DISCARD is gone. */
static void test_discard(void)
{
    static const char text[] = "SET a = 1;DISCARD ALL;SET b = 2;VACUUM";
    static const stele_statement statements[] = {{0, 9, 0, 0, STELE_RUN}, {10, 21, 0, 0, STELE_RUN}, {22, 31, 0, 0, STELE_RUN}, {32, 38, 0, 0, STELE_RUN}};
    static const stele_step steps[] = {{.first = 0, .count = 1}, {.first = 1, .count = 1, .alone = 1}, {.first = 2, .count = 1}, {.first = 3, .count = 1, .alone = 1}};
    static const stele_migration migration = {.text = text, .statements = statements, .statement_count = 4, .steps = steps, .step_count = 4, .up = {0, 38, 0, 4, NULL}};
    ok(stele_resume_from(&migration, &migration.up, 1) == 0, "before the DISCARD, from the begin");
    ok(stele_resume_from(&migration, &migration.up, 2) == 2 && stele_resume_from(&migration, &migration.up, 3) == 2, "behind it, from there");
}

int main(void)
{
    test_sets();
    test_discard();
    return done();
}
