/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:8be1c6b40ebc    20 statements  001_concurrently.sql
 *     s1:0403da3dadfa     7 statements  002_enum.sql
 *     s1:b61b044b1fa2     5 statements  003_surrounded.sql
 *     s1:0ab8e9cb028b     5 statements  004_blocks.sql
 *     s1:d8e1f7628075     7 statements  005_procedures.sql
 *     s1:6f58c001ace6     6 statements  006_no_transaction.sql
 *     s1:8e67c843393d     1 statement   007_isolation.sql
 *     s1:a37a137dcc53     4 statements  008_session.sql
 *     s1:6b18328450a1     1 statement   009_temporary.sql
 *     s1:f1c57166d302     2 statements  010_quiet.sql
 *     s1:71e9a80364be     1 statement   011_prepared.sql
 *     s1:9f015efe210a     1 statement   012_cursor.sql
 *     s1:61a3e274e304     1 statement   013_into.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 3
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_concurrently.sql */

static const char main_001__concurrently_text[] =
    "CREATE TABLE a (x int);\n"
    "ALTER TABLE a ADD COLUMN y int;\n"
    "CREATE INDEX CONCURRENTLY a_x ON a (x);\n"
    "DROP INDEX CONCURRENTLY IF EXISTS a_y;\n"
    "REINDEX (CONCURRENTLY) TABLE a;\n"
    "REINDEX TABLE a;\n"
    "VACUUM a;\n"
    "ANALYZE a;\n"
    "CLUSTER a USING a_x;\n"
    "CLUSTER;\n"
    "ALTER TABLE p DETACH PARTITION q CONCURRENTLY;\n"
    "ALTER TABLE p DETACH PARTITION q;\n"
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;\n"
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false);\n"
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION;\n"
    "ALTER SUBSCRIPTION s SET PUBLICATION q WITH (refresh = false);\n"
    "DROP SUBSCRIPTION s;\n"
    "CREATE DATABASE d;\n"
    "ALTER SYSTEM SET work_mem = '64MB';\n"
    "DISCARD ALL;\n";
_Static_assert(sizeof main_001__concurrently_text == 638, "concurrently: the text was changed");
static const stele_statement main_001__concurrently_statements[] = {
    {0, 22, 0, 0, STELE_RUN}, /* 1: CREATE TABLE a (x int) */
    {24, 54, 0, 0, STELE_RUN}, /* 2: ALTER TABLE a ADD COLUMN y int */
    {56, 94, 0, 0, STELE_RUN}, /* 3: CREATE INDEX CONCURRENTLY a_x ON a (x) */
    {96, 133, 0, 0, STELE_RUN}, /* 4: DROP INDEX CONCURRENTLY IF EXISTS a_y */
    {135, 165, 0, 0, STELE_RUN}, /* 5: REINDEX (CONCURRENTLY) TABLE a */
    {167, 182, 0, 0, STELE_RUN}, /* 6: REINDEX TABLE a */
    {184, 192, 0, 0, STELE_RUN}, /* 7: VACUUM a */
    {194, 203, 0, 0, STELE_RUN}, /* 8: ANALYZE a */
    {205, 224, 0, 0, STELE_RUN}, /* 9: CLUSTER a USING a_x */
    {226, 233, 0, 0, STELE_RUN}, /* 10: CLUSTER */
    {235, 280, 0, 0, STELE_RUN}, /* 11: ALTER TABLE p DETACH PARTITION q CONCURRENTLY */
    {282, 314, 0, 0, STELE_RUN}, /* 12: ALTER TABLE p DETACH PARTITION q */
    {316, 366, 0, 0, STELE_RUN}, /* 13: CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p */
    {368, 441, 0, 0, STELE_RUN}, /* 14: CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (con... */
    {443, 483, 0, 0, STELE_RUN}, /* 15: ALTER SUBSCRIPTION s REFRESH PUBLICATION */
    {485, 546, 0, 0, STELE_RUN}, /* 16: ALTER SUBSCRIPTION s SET PUBLICATION q WITH (refresh = false... */
    {548, 567, 0, 0, STELE_RUN}, /* 17: DROP SUBSCRIPTION s */
    {569, 586, 0, 0, STELE_RUN}, /* 18: CREATE DATABASE d */
    {588, 622, 0, 0, STELE_RUN}, /* 19: ALTER SYSTEM SET work_mem = '64MB' */
    {624, 635, 0, 0, STELE_RUN}, /* 20: DISCARD ALL */
};
static const stele_step main_001__concurrently_steps[] = {
    {.first = 0, .count = 2},
    {.first = 2, .count = 1, .alone = 1, .index = "a_x", .table = "\"a\""},
    {.first = 3, .count = 1, .alone = 1},
    {.first = 4, .count = 1, .alone = 1},
    {.first = 5, .count = 1},
    {.first = 6, .count = 1, .alone = 1},
    {.first = 7, .count = 2},
    {.first = 9, .count = 1, .alone = 1},
    {.first = 10, .count = 1, .alone = 1},
    {.first = 11, .count = 1},
    {.first = 12, .count = 1, .alone = 1},
    {.first = 13, .count = 1},
    {.first = 14, .count = 1, .alone = 1},
    {.first = 15, .count = 1},
    {.first = 16, .count = 1, .alone = 1},
    {.first = 17, .count = 1, .alone = 1},
    {.first = 18, .count = 1, .alone = 1},
    {.first = 19, .count = 1, .alone = 1},
};
static const stele_effect main_001__concurrently_effects[] = {
    {3, 4, 0, "\"a_y\""}, /* 4: SHARE UPDATE EXCLUSIVE */
    {10, 4, STELE_BREAKS, "\"p\""}, /* 11: SHARE UPDATE EXCLUSIVE */
    {10, 4, 0, "\"q\""}, /* 11: SHARE UPDATE EXCLUSIVE */
    {11, 8, STELE_BREAKS, "\"p\""}, /* 12: ACCESS EXCLUSIVE */
    {11, 8, 0, "\"q\""}, /* 12: ACCESS EXCLUSIVE */
};

/* 002_enum.sql */

static const char main_002__enum_text[] =
    "CREATE TYPE fresh AS ENUM ('a');\n"
    "ALTER TYPE fresh ADD VALUE 'b';\n"
    "INSERT INTO t VALUES ('b'::fresh);\n"
    "ALTER TYPE old ADD VALUE 'c';\n"
    "ALTER TYPE old RENAME VALUE 'c' TO 'd';\n"
    "ALTER TYPE fresh ADD VALUE 'e';\n"
    "INSERT INTO t VALUES ('d'::old);\n";
_Static_assert(sizeof main_002__enum_text == 236, "enum: the text was changed");
static const stele_statement main_002__enum_statements[] = {
    {0, 31, 0, 0, STELE_RUN}, /* 1: CREATE TYPE fresh AS ENUM ('a') */
    {33, 63, 0, 0, STELE_RUN}, /* 2: ALTER TYPE fresh ADD VALUE 'b' */
    {65, 98, 0, 0, STELE_RUN}, /* 3: INSERT INTO t VALUES ('b'::fresh) */
    {100, 128, 0, 0, STELE_RUN}, /* 4: ALTER TYPE old ADD VALUE 'c' */
    {130, 168, 0, 0, STELE_RUN}, /* 5: ALTER TYPE old RENAME VALUE 'c' TO 'd' */
    {170, 200, 0, 0, STELE_RUN}, /* 6: ALTER TYPE fresh ADD VALUE 'e' */
    {202, 233, 0, 0, STELE_RUN}, /* 7: INSERT INTO t VALUES ('d'::old) */
};
static const stele_step main_002__enum_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
    {.first = 2, .count = 1},
    {.first = 3, .count = 1},
    {.first = 4, .count = 1},
    {.first = 5, .count = 1},
    {.first = 6, .count = 1},
};
static const stele_effect main_002__enum_effects[] = {
    {4, 0, STELE_BREAKS, NULL}, /* 5:  */
};

/* 003_surrounded.sql */

static const char main_003__surrounded_text[] =
    "SET lock_timeout = '5s';\n"
    "BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE;\n"
    "CREATE TABLE b (x int);\n"
    "SAVEPOINT s;\n"
    "ROLLBACK TO SAVEPOINT s;\n"
    "RELEASE s;\n"
    "COMMIT;\n";
_Static_assert(sizeof main_003__surrounded_text == 155, "surrounded: the text was changed");
static const stele_statement main_003__surrounded_statements[] = {
    {0, 23, 0, 0, STELE_RUN}, /* 1: SET lock_timeout = '5s' */
    {73, 95, 0, 0, STELE_RUN}, /* 3: CREATE TABLE b (x int) */
    {97, 108, 0, 0, STELE_RUN}, /* 4: SAVEPOINT s */
    {110, 133, 0, 0, STELE_RUN}, /* 5: ROLLBACK TO SAVEPOINT s */
    {135, 144, 0, 0, STELE_RUN}, /* 6: RELEASE s */
};
static const stele_step main_003__surrounded_steps[] = {
    {.first = 0, .count = 5, .modes = "ISOLATION LEVEL SERIALIZABLE, READ WRITE"},
};

/* 004_blocks.sql */

static const char main_004__blocks_text[] =
    "BEGIN;\n"
    "ALTER TABLE a ADD CONSTRAINT a_x CHECK (x > 0) NOT VALID;\n"
    "END;\n"
    "START TRANSACTION ISOLATION LEVEL REPEATABLE READ;\n"
    "ALTER TABLE a VALIDATE CONSTRAINT a_x;\n"
    "COMMIT;\n"
    "CREATE TABLE between_blocks (x int);\n"
    "CREATE INDEX CONCURRENTLY a_y ON a (y);\n"
    "BEGIN; COMMIT;\n"
    "BEGIN; BEGIN; SELECT 1; COMMIT; COMMIT; ROLLBACK;\n";
_Static_assert(sizeof main_004__blocks_text == 311, "blocks: the text was changed");
static const stele_statement main_004__blocks_statements[] = {
    {7, 63, 0, 0, STELE_RUN}, /* 2: ALTER TABLE a ADD CONSTRAINT a_x CHECK (x > 0) NOT VALID */
    {121, 158, 0, 0, STELE_RUN}, /* 5: ALTER TABLE a VALIDATE CONSTRAINT a_x */
    {168, 203, 0, 0, STELE_RUN}, /* 7: CREATE TABLE between_blocks (x int) */
    {205, 243, 0, 0, STELE_RUN}, /* 8: CREATE INDEX CONCURRENTLY a_y ON a (y) */
    {274, 282, 0, 0, STELE_RUN}, /* 10: SELECT 1 */
};
static const stele_step main_004__blocks_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1, .modes = "ISOLATION LEVEL REPEATABLE READ"},
    {.first = 2, .count = 1},
    {.first = 3, .count = 1, .alone = 1, .index = "a_y", .table = "\"a\""},
    {.first = 4, .count = 1},
};
static const stele_effect main_004__blocks_effects[] = {
    {0, 8, STELE_BREAKS, "\"a\""}, /* 2: ACCESS EXCLUSIVE */
    {1, 4, STELE_SCANS, "\"a\""}, /* 5: SHARE UPDATE EXCLUSIVE */
    {3, 4, STELE_SCANS, "\"a\""}, /* 8: SHARE UPDATE EXCLUSIVE */
};

/* 005_procedures.sql */

static const char main_005__procedures_text[] =
    "CREATE PROCEDURE app.in_batches() LANGUAGE plpgsql AS $$\n"
    "BEGIN\n"
    "    LOOP\n"
    "        UPDATE a SET y = 0 WHERE y IS NULL; -- COMMIT; here says nothing\n"
    "        EXIT WHEN NOT FOUND;\n"
    "        COMMIT;\n"
    "    END LOOP;\n"
    "END $$;\n"
    "CREATE PROCEDURE harmless() LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'commit;'; END $$;\n"
    "CALL in_batches();\n"
    "CALL harmless();\n"
    "DO $$ BEGIN PERFORM 1; ROLLBACK; END $$;\n"
    "DO $$ DECLARE commit int; BEGIN commit := 1; END $$;\n"
    "DO LANGUAGE plperl $$ COMMIT; $$;\n";
_Static_assert(sizeof main_005__procedures_text == 466, "procedures: the text was changed");
static const stele_statement main_005__procedures_statements[] = {
    {0, 210, 0, 0, STELE_RUN}, /* 1: CREATE PROCEDURE app.in_batches() LANGUAGE plpgsql AS $$ BEG... */
    {212, 299, 0, 0, STELE_RUN}, /* 9: CREATE PROCEDURE harmless() LANGUAGE plpgsql AS $$ BEGIN RAI... */
    {301, 318, 0, 0, STELE_RUN}, /* 10: CALL in_batches() */
    {320, 335, 0, 0, STELE_RUN}, /* 11: CALL harmless() */
    {337, 376, 0, 0, STELE_RUN}, /* 12: DO $$ BEGIN PERFORM 1; ROLLBACK; END $$ */
    {378, 429, 0, 0, STELE_RUN}, /* 13: DO $$ DECLARE commit int; BEGIN commit := 1; END $$ */
    {431, 463, 0, 0, STELE_RUN}, /* 14: DO LANGUAGE plperl $$ COMMIT; $$ */
};
static const stele_step main_005__procedures_steps[] = {
    {.first = 0, .count = 2},
    {.first = 2, .count = 1, .alone = 1},
    {.first = 3, .count = 1},
    {.first = 4, .count = 1, .alone = 1},
    {.first = 5, .count = 2},
};

/* 006_no_transaction.sql */

static const char main_006__no_transaction_text[] =
    "-- stele: no-transaction\n"
    "CREATE TABLE c (x int);\n"
    "DO $$ BEGIN NULL; END $$;\n"
    "CALL harmless();\n"
    "CREATE TABLE d (x int);\n"
    "REINDEX TABLE partitioned;\n"
    "CLUSTER partitioned USING i;\n";
_Static_assert(sizeof main_006__no_transaction_text == 173, "no_transaction: the text was changed");
static const stele_statement main_006__no_transaction_statements[] = {
    {25, 47, 0, 0, STELE_RUN}, /* 2: CREATE TABLE c (x int) */
    {49, 73, 0, 0, STELE_RUN}, /* 3: DO $$ BEGIN NULL; END $$ */
    {75, 90, 0, 0, STELE_RUN}, /* 4: CALL harmless() */
    {92, 114, 0, 0, STELE_RUN}, /* 5: CREATE TABLE d (x int) */
    {116, 141, 0, 0, STELE_RUN}, /* 6: REINDEX TABLE partitioned */
    {143, 170, 0, 0, STELE_RUN}, /* 7: CLUSTER partitioned USING i */
};
static const stele_step main_006__no_transaction_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1, .alone = 1},
    {.first = 2, .count = 1, .alone = 1},
    {.first = 3, .count = 1},
    {.first = 4, .count = 1, .alone = 1},
    {.first = 5, .count = 1, .alone = 1},
};
static const stele_effect main_006__no_transaction_effects[] = {
    {4, 5, STELE_SCANS, "\"partitioned\""}, /* 6: SHARE */
    {5, 8, STELE_REWRITES, "\"partitioned\""}, /* 7: ACCESS EXCLUSIVE */
};

/* 007_isolation.sql */

static const char main_007__isolation_text[] =
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, NOT DEFERRABLE;\n"
    "UPDATE a SET y = 1;\n";
_Static_assert(sizeof main_007__isolation_text == 83, "isolation: the text was changed");
static const stele_statement main_007__isolation_statements[] = {
    {62, 80, 0, 0, STELE_RUN}, /* 2: UPDATE a SET y = 1 */
};
static const stele_step main_007__isolation_steps[] = {
    {.first = 0, .count = 1, .modes = "ISOLATION LEVEL SERIALIZABLE, NOT DEFERRABLE"},
};

/* 008_session.sql */

static const char main_008__session_text[] =
    "SET LOCAL search_path = app;\n"
    "SET ROLE app;\n"
    "RESET ROLE;\n"
    "CREATE TEMP TABLE scratch AS SELECT 1;\n";
_Static_assert(sizeof main_008__session_text == 95, "session: the text was changed");
static const stele_statement main_008__session_statements[] = {
    {0, 27, 0, 0, STELE_RUN}, /* 1: SET LOCAL search_path = app */
    {29, 41, 0, 0, STELE_RUN}, /* 2: SET ROLE app */
    {43, 53, 0, 0, STELE_RUN}, /* 3: RESET ROLE */
    {55, 92, 0, 0, STELE_RUN}, /* 4: CREATE TEMP TABLE scratch AS SELECT 1 */
};
static const stele_step main_008__session_steps[] = {
    {.first = 0, .count = 4},
};

/* 009_temporary.sql */

static const char main_009__temporary_text[] =
    "CREATE TABLE pg_temp.other (x int);\n";
_Static_assert(sizeof main_009__temporary_text == 37, "temporary: the text was changed");
static const stele_statement main_009__temporary_statements[] = {
    {0, 34, 0, 0, STELE_RUN}, /* 1: CREATE TABLE pg_temp.other (x int) */
};
static const stele_step main_009__temporary_steps[] = {
    {.first = 0, .count = 1},
};

/* 010_quiet.sql */

static const char main_010__quiet_text[] =
    "SET LOCAL search_path = app;\n"
    "SELECT 1 WHERE 2 IN (3);\n";
_Static_assert(sizeof main_010__quiet_text == 55, "quiet: the text was changed");
static const stele_statement main_010__quiet_statements[] = {
    {0, 27, 0, 0, STELE_RUN}, /* 1: SET LOCAL search_path = app */
    {29, 52, 0, 0, STELE_RUN}, /* 2: SELECT 1 WHERE 2 IN (3) */
};
static const stele_step main_010__quiet_steps[] = {
    {.first = 0, .count = 2},
};

/* 011_prepared.sql */

static const char main_011__prepared_text[] =
    "PREPARE p AS SELECT 1;\n";
_Static_assert(sizeof main_011__prepared_text == 24, "prepared: the text was changed");
static const stele_statement main_011__prepared_statements[] = {
    {0, 21, 0, 0, STELE_RUN}, /* 1: PREPARE p AS SELECT 1 */
};
static const stele_step main_011__prepared_steps[] = {
    {.first = 0, .count = 1},
};

/* 012_cursor.sql */

static const char main_012__cursor_text[] =
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1;\n";
_Static_assert(sizeof main_012__cursor_text == 42, "cursor: the text was changed");
static const stele_statement main_012__cursor_statements[] = {
    {0, 39, 0, 0, STELE_RUN}, /* 1: DECLARE c CURSOR WITH HOLD FOR SELECT 1 */
};
static const stele_step main_012__cursor_steps[] = {
    {.first = 0, .count = 1},
};

/* 013_into.sql */

static const char main_013__into_text[] =
    "SELECT 1 AS x INTO TEMP scratch UNION SELECT 2;\n";
_Static_assert(sizeof main_013__into_text == 49, "into: the text was changed");
static const stele_statement main_013__into_statements[] = {
    {0, 46, 0, 0, STELE_RUN}, /* 1: SELECT 1 AS x INTO TEMP scratch UNION SELECT 2 */
};
static const stele_step main_013__into_steps[] = {
    {.first = 0, .count = 1},
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
        .name = "concurrently",
        .directory = "migrations",
        .file = "001_concurrently.sql",
        .source = "s1:8be1c6b40ebc2ffaedc46ecc39d0b78335c1b25384edf31d8cb8abdc75383dda",
        .tokens = "t1:3a555db9d3289a4978180d8f8f66f0274223bbe83e1a81874b11e67a33a43680",
        .state = "d1:c9ee052a4b8770366899aa0f009bc8599948af153b958375ccbfd6e540389e57",
        .text = main_001__concurrently_text,
        .length = 637,
        .statements = main_001__concurrently_statements,
        .statement_count = 20,
        .steps = main_001__concurrently_steps,
        .step_count = 18,
        .effects = main_001__concurrently_effects,
        .effect_count = 5,
        .up = {0, 637, 0, 18},
        .flags = STELE_SETS_SESSION | STELE_CONTRACTS,
    },
    {
        .component = "main",
        .version = "002",
        .name = "enum",
        .directory = "migrations",
        .file = "002_enum.sql",
        .source = "s1:0403da3dadfa6f1e2255f49156c99ca84f8927de48049fb8349cb303e8f41255",
        .tokens = "t1:bd0c8ace48bf4a24e8a4ce44235657de5ae9d83db6a090190290217f3f1e6d41",
        .state = "d1:02591e91602e72c9b887f75233ef7121ac15472679d0428b0d9c4a2fb4d89eac",
        .text = main_002__enum_text,
        .length = 235,
        .statements = main_002__enum_statements,
        .statement_count = 7,
        .steps = main_002__enum_steps,
        .step_count = 7,
        .effects = main_002__enum_effects,
        .effect_count = 1,
        .up = {0, 235, 0, 7},
        .flags = STELE_CONTRACTS,
    },
    {
        .component = "main",
        .version = "003",
        .name = "surrounded",
        .directory = "migrations",
        .file = "003_surrounded.sql",
        .source = "s1:b61b044b1fa2cdd8aa6ca1250203905d62d86e0c034177230ee2867e7ef76588",
        .tokens = "t1:13075dd8641200743b58a49f9cb414eaa1bcebb3cac58654c9c295e017c78c41",
        .state = "d1:33659a9e871b7592a0653d322f2b3e9b3dd212a01c45f4ef373c7e64af6978ca",
        .text = main_003__surrounded_text,
        .length = 154,
        .statements = main_003__surrounded_statements,
        .statement_count = 5,
        .steps = main_003__surrounded_steps,
        .step_count = 1,
        .up = {0, 154, 0, 1},
        .flags = STELE_SETS_SESSION,
    },
    {
        .component = "main",
        .version = "004",
        .name = "blocks",
        .directory = "migrations",
        .file = "004_blocks.sql",
        .source = "s1:0ab8e9cb028b065993e08ca6afce862a9c2730c6d98a9a8459f3d35a4ebe38c7",
        .tokens = "t1:d89e49a5c793145a3efb152ea2154948519fe29d060730969f504da222fffc67",
        .state = "d1:c2a80b83d24e1ae447269192003cc782bb5667f3e6c88918f2abe5cb790edc6c",
        .text = main_004__blocks_text,
        .length = 310,
        .statements = main_004__blocks_statements,
        .statement_count = 5,
        .steps = main_004__blocks_steps,
        .step_count = 5,
        .effects = main_004__blocks_effects,
        .effect_count = 3,
        .up = {0, 310, 0, 5},
        .flags = STELE_CONTRACTS,
    },
    {
        .component = "main",
        .version = "005",
        .name = "procedures",
        .directory = "migrations",
        .file = "005_procedures.sql",
        .source = "s1:d8e1f76280750103fdd8f0ee1a9ece81cf6a882e8f9dd1a921271490902c8d3e",
        .tokens = "t1:6c01a92a13875cf822a8c0c496265f2bc5fdcabba6c97e09a6b2d58208800822",
        .state = "d1:4438a1d13ae5ed211dffa98370854af7f6ad9db39a3502a5aa8faf5c9f0c6e5f",
        .text = main_005__procedures_text,
        .length = 465,
        .statements = main_005__procedures_statements,
        .statement_count = 7,
        .steps = main_005__procedures_steps,
        .step_count = 5,
        .up = {0, 465, 0, 5},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
    },
    {
        .component = "main",
        .version = "006",
        .name = "no_transaction",
        .directory = "migrations",
        .file = "006_no_transaction.sql",
        .source = "s1:6f58c001ace626754a897d4698096f2d2e107efb850a3b861904d8b30bf9a2a8",
        .tokens = "t1:3fee195ae2bd5720026bbd989051e37ea127d9610e316d60045ddacc386da454",
        .state = "d1:e6eac38df412da358200dfa266187b34a6ba291129f924ca1334b0761246db60",
        .text = main_006__no_transaction_text,
        .length = 172,
        .statements = main_006__no_transaction_statements,
        .statement_count = 6,
        .steps = main_006__no_transaction_steps,
        .step_count = 6,
        .effects = main_006__no_transaction_effects,
        .effect_count = 2,
        .up = {0, 172, 0, 6},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
    },
    {
        .component = "main",
        .version = "007",
        .name = "isolation",
        .directory = "migrations",
        .file = "007_isolation.sql",
        .source = "s1:8e67c843393d0584a13e1ce3a84e1f6c82c9af811b666fb2f7069ce3140c7e29",
        .tokens = "t1:78bd0e5369ad52b2e8169ef7ec6da3450fdda5adb9aa42884483b67d272ba92a",
        .state = "d1:755cf4a3f3b6ff77e3794d160692f4cb135f273b83d4c25724f7f244a273ec59",
        .text = main_007__isolation_text,
        .length = 82,
        .statements = main_007__isolation_statements,
        .statement_count = 1,
        .steps = main_007__isolation_steps,
        .step_count = 1,
        .up = {0, 82, 0, 1},
    },
    {
        .component = "main",
        .version = "008",
        .name = "session",
        .directory = "migrations",
        .file = "008_session.sql",
        .source = "s1:a37a137dcc5331c2ef6726b43cad23193f37d7a05c74b42e0c1662ef83db898c",
        .tokens = "t1:d17d8f1853821d5a0b81485b7861b59aebce32471352fadcadd6908cda15c97e",
        .state = "d1:1f30cf546e8a0d036d55bedadac428e75faeeb7ed0fd96b46019b4337000b70c",
        .text = main_008__session_text,
        .length = 94,
        .statements = main_008__session_statements,
        .statement_count = 4,
        .steps = main_008__session_steps,
        .step_count = 1,
        .up = {0, 94, 0, 1},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "009",
        .name = "temporary",
        .directory = "migrations",
        .file = "009_temporary.sql",
        .source = "s1:6b18328450a1fdcda14252b43349cbb25235ece01e1bc7ef957f7d0cdb3ae65d",
        .tokens = "t1:a62ff3cd584ad3746c63e06da6934bd951f338df90429d1bf34d889d3a07cb54",
        .state = "d1:b68e625c8aced0966ec7e653d2301d6a59d85e0a866a1c0630b9af924b2d53f6",
        .text = main_009__temporary_text,
        .length = 36,
        .statements = main_009__temporary_statements,
        .statement_count = 1,
        .steps = main_009__temporary_steps,
        .step_count = 1,
        .up = {0, 36, 0, 1},
        .flags = STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "010",
        .name = "quiet",
        .directory = "migrations",
        .file = "010_quiet.sql",
        .source = "s1:f1c57166d302aad553c539273769c857b4144cf78e56cebf639c5f2ddfec7a61",
        .tokens = "t1:ac75ddefc818ba9f5af70d88f7451c1e4376e464e27ac6ac42bfd413d17c0064",
        .state = "d1:f4f0c17cf7a9c879ad12c8af0feeedd88440136789cea50246941e2f3320df20",
        .text = main_010__quiet_text,
        .length = 54,
        .statements = main_010__quiet_statements,
        .statement_count = 2,
        .steps = main_010__quiet_steps,
        .step_count = 1,
        .up = {0, 54, 0, 1},
    },
    {
        .component = "main",
        .version = "011",
        .name = "prepared",
        .directory = "migrations",
        .file = "011_prepared.sql",
        .source = "s1:71e9a80364be8f64b50f463c4f7363dc86188a5587f9e0423028e18528f96bcb",
        .tokens = "t1:6edf9997e07f14fdcc5e34b50f6449a0b739360ffcae45c0148335c85893b21c",
        .state = "d1:6a32005cf9b308d9360df1535b1c3987642779b979ecf1e842f98f76b0f3af30",
        .text = main_011__prepared_text,
        .length = 23,
        .statements = main_011__prepared_statements,
        .statement_count = 1,
        .steps = main_011__prepared_steps,
        .step_count = 1,
        .up = {0, 23, 0, 1},
        .flags = STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "012",
        .name = "cursor",
        .directory = "migrations",
        .file = "012_cursor.sql",
        .source = "s1:9f015efe210a34dd1c807612ecdc3f133382cc9486efb0119bd26a75d3540dd2",
        .tokens = "t1:47946c5d9a4226a9683f334464b64fa7b2546b49d54c48c123e7a1cdd3414750",
        .state = "d1:6e39e3b1b3faafcf6ba793be6da608c00a01462ca1032336e19c2af5b577da94",
        .text = main_012__cursor_text,
        .length = 41,
        .statements = main_012__cursor_statements,
        .statement_count = 1,
        .steps = main_012__cursor_steps,
        .step_count = 1,
        .up = {0, 41, 0, 1},
        .flags = STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "013",
        .name = "into",
        .directory = "migrations",
        .file = "013_into.sql",
        .source = "s1:61a3e274e30411ceb01b4ae6f600e904f2a5cb68a96f64eafe3d28b877ff0c75",
        .tokens = "t1:514b4b82ee8a207fb35070f1c4ffd83d592fa21d43a2c6c8d4e0aa71af681161",
        .state = "d1:5979ef3d801b8bd5bd3310d0e6ec4a9902b8fb6367e9f265bea0f45758cedf7b",
        .text = main_013__into_text,
        .length = 48,
        .statements = main_013__into_statements,
        .statement_count = 1,
        .steps = main_013__into_steps,
        .step_count = 1,
        .up = {0, 48, 0, 1},
        .flags = STELE_MAKES_TEMP,
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
};
