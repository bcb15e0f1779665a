/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:89faf2f762bf     5 statements  001_plain.sql
 *     s1:b8ed82dbcdb6     5 statements  002_functions.sql
 *     s1:4794b7d2da85     0 statements  003_comment.sql
 *     s1:e3b0c44298fc     0 statements  004_empty.sql
 *     s1:620d7d2c10ed     0 statements  005_semicolons.sql
 *     s1:2f1ef8a68102     4 statements  006_backslashes.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_plain.sql */

#define TEXT_main_001__plain \
    "-- Statements as they come: with comments between, several on a line, none at all.\n" \
    "CREATE TABLE a (x int); CREATE TABLE b (y text);;\n" \
    "/* a block /* nested; */ comment; */\n" \
    "INSERT INTO b VALUES ('it''s; not the end'), (E'nor\\'; this'), ($$nor; this$$), ($tag$nor $$; this$tag$),\n" \
    "    (U&'d\\0061t\\+000061; ' UESCAPE '\\'), ('continued; '\n" \
    "    'here'), (E'and '\n" \
    "    'here\\'; too'), (B'01'), (X'1F');\n" \
    "SELECT 1 AS \"semi;colon\", -1*-1 --comment; to the end of the line\n" \
    "  , 5 !=-1/* ; */;\n" \
    "CREATE RULE r AS ON INSERT TO a DO ALSO (INSERT INTO b VALUES ('1'); INSERT INTO b VALUES ('2'));\n"
_Static_assert(sizeof(TEXT_main_001__plain) == 576, "plain: the text was changed");
static const stele_statement main_001__plain_statements[] = {
    {83, 105, 0, 0, STELE_RUN}, /* 2: CREATE TABLE a (x int) */
    {107, 130, 0, 0, STELE_RUN}, /* 2: CREATE TABLE b (y text) */
    {170, 390, 0, 0, STELE_RUN}, /* 4: INSERT INTO b VALUES ('it''s; not the end'), (E'nor\'; this'... */
    {392, 468, 0, 0, STELE_RUN}, /* 8: SELECT 1 AS "semi;colon", -1*-1 --comment; to the end of the... */
    {477, 573, 0, 0, STELE_RUN}, /* 10: CREATE RULE r AS ON INSERT TO a DO ALSO (INSERT INTO b VALUE... */
};
static const stele_step main_001__plain_steps[] = {
    {.first = 0, .count = 5},
};
static const stele_demand main_001__plain_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "a"}, /* 2 */
    {1, STELE_MAKES, NULL, "b"}, /* 2 */
};

/* 002_functions.sql */

#define TEXT_main_002__functions \
    "CREATE FUNCTION old_style(a int) RETURNS int LANGUAGE plpgsql AS $function$\n" \
    "BEGIN\n" \
    "    IF a > 0 THEN RETURN $1; END IF;\n" \
    "    RETURN 0;\n" \
    "END;\n" \
    "$function$;\n" \
    "CREATE OR REPLACE FUNCTION new_style(a int) RETURNS int LANGUAGE sql\n" \
    "BEGIN ATOMIC\n" \
    "    INSERT INTO a VALUES (a);\n" \
    "    SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END AS end;\n" \
    "END;\n" \
    "CREATE PROCEDURE nothing() LANGUAGE sql BEGIN ATOMIC END;\n" \
    "CREATE FUNCTION begins(begin int DEFAULT 1) RETURNS int LANGUAGE sql RETURN begin + CASE WHEN true THEN 1 END;\n" \
    "SELECT 'a last statement without a semicolon'\n"
_Static_assert(sizeof(TEXT_main_002__functions) == 536, "functions: the text was changed");
static const stele_statement main_002__functions_statements[] = {
    {0, 148, 0, 0, STELE_RUN}, /* 1: CREATE FUNCTION old_style(a int) RETURNS int LANGUAGE plpgsq... */
    {150, 318, 0, 0, STELE_RUN}, /* 7: CREATE OR REPLACE FUNCTION new_style(a int) RETURNS int LANG... */
    {320, 376, 0, 0, STELE_RUN}, /* 12: CREATE PROCEDURE nothing() LANGUAGE sql BEGIN ATOMIC END */
    {378, 487, 0, 0, STELE_RUN}, /* 13: CREATE FUNCTION begins(begin int DEFAULT 1) RETURNS int LANG... */
    {489, 534, 0, 0, STELE_RUN}, /* 14: SELECT 'a last statement without a semicolon' */
};
static const stele_step main_002__functions_steps[] = {
    {.first = 0, .count = 5},
};
static const stele_demand main_002__functions_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "old_style"}, /* 1 */
    {1, STELE_MAKES, NULL, "new_style"}, /* 7 */
    {2, STELE_MAKES, NULL, "nothing"}, /* 12 */
    {3, STELE_MAKES, NULL, "begins"}, /* 13 */
};

/* 003_comment.sql */

#define TEXT_main_003__comment \
    "-- only a comment\n"
_Static_assert(sizeof(TEXT_main_003__comment) == 19, "comment: the text was changed");

/* 004_empty.sql */

#define TEXT_main_004__empty \
    ""
_Static_assert(sizeof(TEXT_main_004__empty) == 1, "empty: the text was changed");

/* 005_semicolons.sql */

#define TEXT_main_005__semicolons \
    ";;\n" \
    " ; "
_Static_assert(sizeof(TEXT_main_005__semicolons) == 7, "semicolons: the text was changed");

/* 006_backslashes.sql */

#define TEXT_main_006__backslashes \
    "SET standard_conforming_strings = off;\n" \
    "SELECT 'it\\'s; here', E'\\'';\n" \
    "SET standard_conforming_strings TO 'on';\n" \
    "SELECT 'not\\', 'here;';\n"
_Static_assert(sizeof(TEXT_main_006__backslashes) == 134, "backslashes: the text was changed");
static const stele_statement main_006__backslashes_statements[] = {
    {0, 37, 0, 0, STELE_RUN}, /* 1: SET standard_conforming_strings = off */
    {39, 66, 0, 0, STELE_RUN}, /* 2: SELECT 'it\'s; here', E'\'' */
    {68, 107, 0, 0, STELE_RUN}, /* 3: SET standard_conforming_strings TO 'on' */
    {109, 131, 0, 0, STELE_RUN}, /* 4: SELECT 'not\', 'here;' */
};
static const stele_step main_006__backslashes_steps[] = {
    {.first = 0, .count = 4},
};

/*
 * The sealed table: what each migration was when it was sealed, then all the texts. It is one piece and holds no
 * address, so that "stelec inspect PROGRAM" finds and checks it in any program, also in a stripped one.
 */
#define TEXT_manifest \
    "\000stele-sealed-table 1\n" \
    "made by stelec 0.1.0 (libpg_query 17.4)\n" \
    "table migrations\n" \
    "sum ddad5f84b5a318ef56822320c154bf47068612fba3ae8c9b8b6cddc218e54310\n" \
    "migration s1:89faf2f762bf1b7cb71a65687b891c425ca26b84a175604f9612f406292c5246 t1:ecb1eed9eaff2a9392bdfc16145a74e8c43c49a08d6b72c213b7f886138e396e d1:da7d77af6583c98e178054e854aba2a1fb377fbc11140159e73b040ad14a60a1 575 main 001 001_plain.sql\n" \
    "sum 8a5c4b834ad9994c6f314ea4c438c1b952b723da917db9253e9c8c32d7cd97c4\n" \
    "migration s1:b8ed82dbcdb60569094caf7b703fec5195c4c09e68111e30edfa50369b29fcb2 t1:c3fec8ef960cd82c13d4ac086817d8ed8f090a086887bd3a8db73e8178556789 d1:52668281f371df3e2aae0960acf8cd8a99f2d7f0e92b0cc863a9f9b7660a8ee5 535 main 002 002_functions.sql\n" \
    "sum c4bcb073409a096547791b611a4a07a39ad1e64bc523a77e4ad470027d841a12\n" \
    "migration s1:4794b7d2da857c74f042855b80b716dab9a56dd2800b92bbadee40667f4811da t1:fff59bc2fd0025ba113edd30a17124a88fb58eca67b60c58d54681c230586616 d1:9e84f9071a970d1b60527ef69caf638d7f2c461c0b64d79af818c20a27082f8e 18 main 003 003_comment.sql\n" \
    "sum 9f3f14db3f41e7e5d9808f5c12e2114be5cb96d1d680059e1b7c82601326bdef\n" \
    "migration s1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 t1:fff59bc2fd0025ba113edd30a17124a88fb58eca67b60c58d54681c230586616 d1:9d6fb54bb4a20b7f911381373f822aeeeec363b4d33aa502a0b6eaf583b512ef 0 main 004 004_empty.sql\n" \
    "sum 8902e5d7c370f684b89f8be4f69d1e7f32f999a3aa3b91393187f1544885d849\n" \
    "migration s1:620d7d2c10ed1f17964a039ea952c9194d74bdda439af693a0667a4a5ab83ff4 t1:82088587d05a535a3d05ace7453362a00a3a1285dabef2e7da217c27190d9240 d1:4819bb772ffa9d7235a25d869e1d8c9827b4735915d63de6efe2ff64429ee751 6 main 005 005_semicolons.sql\n" \
    "sum ae134cf19113fba92f1a40231451f116fead23e7e3e29b1ac3cfb8c00eb0aa67\n" \
    "migration s1:2f1ef8a681024c7aabb656c1ac9263595fb57a28a41674ca5be4af86af4bfc44 t1:59ef731db348ea5c89a0b4d6d9dfa5f9542425478a9c992d6db0b9d66c331452 d1:dae2e426354d962ab5fcd123a698b4da1cd3da497c2e83d0a9acc0b0d57a85db 133 main 006 006_backslashes.sql\n" \
    "sum 5ead18d50eec0277a0acbf48b69b31133351c97d09b1ace083119d6c4f562669\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__plain[576];
    char main_002__functions[536];
    char main_003__comment[19];
    char main_004__empty[1];
    char main_005__semicolons[7];
    char main_006__backslashes[134];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__plain,
    TEXT_main_002__functions,
    TEXT_main_003__comment,
    TEXT_main_004__empty,
    TEXT_main_005__semicolons,
    TEXT_main_006__backslashes,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {NULL, NULL, 0, 0},
};

static const char *const component_table[] = {
    "main",
    NULL,
};

static const stele_migration migration_table[] = {
    {
        .component = "main",
        .version = "001",
        .name = "plain",
        .directory = "migrations",
        .file = "001_plain.sql",
        .source = "s1:89faf2f762bf1b7cb71a65687b891c425ca26b84a175604f9612f406292c5246",
        .tokens = "t1:ecb1eed9eaff2a9392bdfc16145a74e8c43c49a08d6b72c213b7f886138e396e",
        .state = "d1:da7d77af6583c98e178054e854aba2a1fb377fbc11140159e73b040ad14a60a1",
        .text = sealed.main_001__plain,
        .length = 575,
        .statements = main_001__plain_statements,
        .statement_count = 5,
        .steps = main_001__plain_steps,
        .step_count = 1,
        .demands = main_001__plain_demands,
        .demand_count = 3,
        .up = {0, 575, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "002",
        .name = "functions",
        .directory = "migrations",
        .file = "002_functions.sql",
        .source = "s1:b8ed82dbcdb60569094caf7b703fec5195c4c09e68111e30edfa50369b29fcb2",
        .tokens = "t1:c3fec8ef960cd82c13d4ac086817d8ed8f090a086887bd3a8db73e8178556789",
        .state = "d1:52668281f371df3e2aae0960acf8cd8a99f2d7f0e92b0cc863a9f9b7660a8ee5",
        .text = sealed.main_002__functions,
        .length = 535,
        .statements = main_002__functions_statements,
        .statement_count = 5,
        .steps = main_002__functions_steps,
        .step_count = 1,
        .demands = main_002__functions_demands,
        .demand_count = 5,
        .up = {0, 535, 0, 1, NULL},
    },
    {
        .component = "main",
        .version = "003",
        .name = "comment",
        .directory = "migrations",
        .file = "003_comment.sql",
        .source = "s1:4794b7d2da857c74f042855b80b716dab9a56dd2800b92bbadee40667f4811da",
        .tokens = "t1:fff59bc2fd0025ba113edd30a17124a88fb58eca67b60c58d54681c230586616",
        .state = "d1:9e84f9071a970d1b60527ef69caf638d7f2c461c0b64d79af818c20a27082f8e",
        .text = sealed.main_003__comment,
        .length = 18,
        .up = {0, 18, 0, 0, NULL},
    },
    {
        .component = "main",
        .version = "004",
        .name = "empty",
        .directory = "migrations",
        .file = "004_empty.sql",
        .source = "s1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        .tokens = "t1:fff59bc2fd0025ba113edd30a17124a88fb58eca67b60c58d54681c230586616",
        .state = "d1:9d6fb54bb4a20b7f911381373f822aeeeec363b4d33aa502a0b6eaf583b512ef",
        .text = sealed.main_004__empty,
        .length = 0,
    },
    {
        .component = "main",
        .version = "005",
        .name = "semicolons",
        .directory = "migrations",
        .file = "005_semicolons.sql",
        .source = "s1:620d7d2c10ed1f17964a039ea952c9194d74bdda439af693a0667a4a5ab83ff4",
        .tokens = "t1:82088587d05a535a3d05ace7453362a00a3a1285dabef2e7da217c27190d9240",
        .state = "d1:4819bb772ffa9d7235a25d869e1d8c9827b4735915d63de6efe2ff64429ee751",
        .text = sealed.main_005__semicolons,
        .length = 6,
        .up = {0, 6, 0, 0, NULL},
    },
    {
        .component = "main",
        .version = "006",
        .name = "backslashes",
        .directory = "migrations",
        .file = "006_backslashes.sql",
        .source = "s1:2f1ef8a681024c7aabb656c1ac9263595fb57a28a41674ca5be4af86af4bfc44",
        .tokens = "t1:59ef731db348ea5c89a0b4d6d9dfa5f9542425478a9c992d6db0b9d66c331452",
        .state = "d1:dae2e426354d962ab5fcd123a698b4da1cd3da497c2e83d0a9acc0b0d57a85db",
        .text = sealed.main_006__backslashes,
        .length = 133,
        .statements = main_006__backslashes_statements,
        .statement_count = 4,
        .steps = main_006__backslashes_steps,
        .step_count = 1,
        .up = {0, 133, 0, 1, NULL},
        .flags = STELE_SETS_SESSION,
    },
    {.version = NULL},
};

const stele_migrations migrations = {
    .format = STELE_TABLE_FORMAT,
    .generator = "stelec 0.1.0",
    .migrations = migration_table,
    .count = sizeof migration_table / sizeof migration_table[0] - 1,
    .parameters = parameter_table,
    .parameter_count = sizeof parameter_table / sizeof parameter_table[0] - 1,
    .components = component_table,
    .component_count = sizeof component_table / sizeof component_table[0] - 1,
    .sealed = sealed.manifest,
};
