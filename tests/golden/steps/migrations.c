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

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_concurrently.sql */

#define TEXT_main_001__concurrently \
    "CREATE TABLE a (x int);\n" \
    "ALTER TABLE a ADD COLUMN y int;\n" \
    "CREATE INDEX CONCURRENTLY a_x ON a (x);\n" \
    "DROP INDEX CONCURRENTLY IF EXISTS a_y;\n" \
    "REINDEX (CONCURRENTLY) TABLE a;\n" \
    "REINDEX TABLE a;\n" \
    "VACUUM a;\n" \
    "ANALYZE a;\n" \
    "CLUSTER a USING a_x;\n" \
    "CLUSTER;\n" \
    "ALTER TABLE p DETACH PARTITION q CONCURRENTLY;\n" \
    "ALTER TABLE p DETACH PARTITION q;\n" \
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p;\n" \
    "CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p WITH (connect = false);\n" \
    "ALTER SUBSCRIPTION s REFRESH PUBLICATION;\n" \
    "ALTER SUBSCRIPTION s SET PUBLICATION q WITH (refresh = false);\n" \
    "DROP SUBSCRIPTION s;\n" \
    "CREATE DATABASE d;\n" \
    "ALTER SYSTEM SET work_mem = '64MB';\n" \
    "DISCARD ALL;\n"
_Static_assert(sizeof(TEXT_main_001__concurrently) == 638, "concurrently: the text was changed");
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
    {.first = 2, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"a\"", .name = "a_x"}},
    {.first = 3, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_NO_INDEX, .lenient = 1, .on = "\"a_y\""}},
    {.first = 4, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REINDEX_TABLE, .on = "\"a\""}},
    {.first = 5, .count = 1},
    {.first = 6, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
    {.first = 7, .count = 2},
    {.first = 9, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
    {.first = 10, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_DETACH, .on = "\"p\"", .name = "\"q\""}},
    {.first = 11, .count = 1},
    {.first = 12, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_SUBSCRIPTION, .name = "s"}},
    {.first = 13, .count = 1},
    {.first = 14, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
    {.first = 15, .count = 1},
    {.first = 16, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_NO_SUBSCRIPTION, .name = "s"}},
    {.first = 17, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_DATABASE, .name = "d"}},
    {.first = 18, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
    {.first = 19, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
};
static const stele_effect main_001__concurrently_effects[] = {
    {3, 4, 0, "\"a_y\""}, /* 4: SHARE UPDATE EXCLUSIVE */
    {10, 4, STELE_BREAKS, "\"p\""}, /* 11: SHARE UPDATE EXCLUSIVE */
    {10, 4, 0, "\"q\""}, /* 11: SHARE UPDATE EXCLUSIVE */
    {11, 8, STELE_BREAKS, "\"p\""}, /* 12: ACCESS EXCLUSIVE */
    {11, 8, 0, "\"q\""}, /* 12: ACCESS EXCLUSIVE */
};
static const stele_demand main_001__concurrently_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "a"}, /* 1 */
    {2, STELE_MAKES, NULL, "a_x"}, /* 3 */
    {3, STELE_NEEDS_TO_DROP, NULL, "a_y"}, /* 4 */
    {9, STELE_NEEDS_UNTOLD, NULL, "CLUSTER"}, /* 10 */
    {10, STELE_NEEDS_OWNER, NULL, "p"}, /* 11 */
    {12, STELE_NEEDS_UNTOLD, NULL, "CREATE SUBSCRIPTION"}, /* 13 */
    {13, STELE_NEEDS_UNTOLD, NULL, "CREATE SUBSCRIPTION"}, /* 14 */
    {14, STELE_NEEDS_UNTOLD, NULL, "ALTER SUBSCRIPTION"}, /* 15 */
    {15, STELE_NEEDS_UNTOLD, NULL, "ALTER SUBSCRIPTION"}, /* 16 */
    {16, STELE_NEEDS_UNTOLD, NULL, "DROP SUBSCRIPTION"}, /* 17 */
    {17, STELE_NEEDS_UNTOLD, NULL, "CREATE DATABASE"}, /* 18 */
    {18, STELE_NEEDS_UNTOLD, NULL, "ALTER SYSTEM"}, /* 19 */
};

/* 002_enum.sql */

#define TEXT_main_002__enum \
    "CREATE TYPE fresh AS ENUM ('a');\n" \
    "ALTER TYPE fresh ADD VALUE 'b';\n" \
    "INSERT INTO t VALUES ('b'::fresh);\n" \
    "ALTER TYPE old ADD VALUE 'c';\n" \
    "ALTER TYPE old RENAME VALUE 'c' TO 'd';\n" \
    "ALTER TYPE fresh ADD VALUE 'e';\n" \
    "INSERT INTO t VALUES ('d'::old);\n"
_Static_assert(sizeof(TEXT_main_002__enum) == 236, "enum: the text was changed");
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
static const stele_demand main_002__enum_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 1 */
    {0, STELE_MAKES, NULL, "fresh"}, /* 1 */
    {2, STELE_NEEDS_INSERT, NULL, "t"}, /* 3 */
    {3, STELE_NEEDS_TYPE, NULL, "old"}, /* 4 */
};

/* 003_surrounded.sql */

#define TEXT_main_003__surrounded \
    "SET lock_timeout = '5s';\n" \
    "BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE;\n" \
    "CREATE TABLE b (x int);\n" \
    "SAVEPOINT s;\n" \
    "ROLLBACK TO SAVEPOINT s;\n" \
    "RELEASE s;\n" \
    "COMMIT;\n"
_Static_assert(sizeof(TEXT_main_003__surrounded) == 155, "surrounded: the text was changed");
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
static const stele_demand main_003__surrounded_demands[] = {
    {1, STELE_NEEDS_CREATE, NULL, NULL}, /* 3 */
    {1, STELE_MAKES, NULL, "b"}, /* 3 */
};

/* 004_blocks.sql */

#define TEXT_main_004__blocks \
    "BEGIN;\n" \
    "ALTER TABLE a ADD CONSTRAINT a_x CHECK (x > 0) NOT VALID;\n" \
    "END;\n" \
    "START TRANSACTION ISOLATION LEVEL REPEATABLE READ;\n" \
    "ALTER TABLE a VALIDATE CONSTRAINT a_x;\n" \
    "COMMIT;\n" \
    "CREATE TABLE between_blocks (x int);\n" \
    "CREATE INDEX CONCURRENTLY a_y ON a (y);\n" \
    "BEGIN; COMMIT;\n" \
    "BEGIN; BEGIN; SELECT 1; COMMIT; COMMIT; ROLLBACK;\n"
_Static_assert(sizeof(TEXT_main_004__blocks) == 311, "blocks: the text was changed");
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
    {.first = 3, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"a\"", .name = "a_y"}},
    {.first = 4, .count = 1},
};
static const stele_effect main_004__blocks_effects[] = {
    {0, 8, STELE_BREAKS, "\"a\""}, /* 2: ACCESS EXCLUSIVE */
    {1, 4, STELE_SCANS, "\"a\""}, /* 5: SHARE UPDATE EXCLUSIVE */
    {3, 4, STELE_SCANS, "\"a\""}, /* 8: SHARE UPDATE EXCLUSIVE */
};
static const stele_demand main_004__blocks_demands[] = {
    {0, STELE_NEEDS_OWNER, NULL, "a"}, /* 2 */
    {2, STELE_NEEDS_CREATE, NULL, NULL}, /* 7 */
    {2, STELE_MAKES, NULL, "between_blocks"}, /* 7 */
    {3, STELE_NEEDS_CREATE_BESIDE, NULL, "a"}, /* 8 */
    {3, STELE_MAKES, NULL, "a_y"}, /* 8 */
};

/* 005_procedures.sql */

#define TEXT_main_005__procedures \
    "CREATE PROCEDURE app.in_batches() LANGUAGE plpgsql AS $$\n" \
    "BEGIN\n" \
    "    LOOP\n" \
    "        UPDATE a SET y = 0 WHERE y IS NULL; -- COMMIT; here says nothing\n" \
    "        EXIT WHEN NOT FOUND;\n" \
    "        COMMIT;\n" \
    "    END LOOP;\n" \
    "END $$;\n" \
    "CREATE PROCEDURE harmless() LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'commit;'; END $$;\n" \
    "CALL in_batches();\n" \
    "CALL harmless();\n" \
    "DO $$ BEGIN PERFORM 1; ROLLBACK; END $$;\n" \
    "DO $$ DECLARE commit int; BEGIN commit := 1; END $$;\n" \
    "DO LANGUAGE plperl $$ COMMIT; $$;\n"
_Static_assert(sizeof(TEXT_main_005__procedures) == 466, "procedures: the text was changed");
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
static const stele_demand main_005__procedures_demands[] = {
    {0, STELE_NEEDS_CREATE, "app", NULL}, /* 1 */
    {0, STELE_MAKES, "app", "in_batches"}, /* 1 */
    {1, STELE_NEEDS_CREATE, NULL, NULL}, /* 9 */
    {1, STELE_MAKES, NULL, "harmless"}, /* 9 */
    {2, STELE_CHANGES_ALL, NULL, "CALL"}, /* 10 */
    {3, STELE_CHANGES_ALL, NULL, "CALL"}, /* 11 */
    {4, STELE_CHANGES_ALL, NULL, "DO"}, /* 12 */
    {5, STELE_CHANGES_ALL, NULL, "DO"}, /* 13 */
    {6, STELE_CHANGES_ALL, NULL, "DO"}, /* 14 */
};

/* 006_no_transaction.sql */

#define TEXT_main_006__no_transaction \
    "-- stele: no-transaction\n" \
    "CREATE TABLE c (x int);\n" \
    "DO $$ BEGIN NULL; END $$;\n" \
    "CALL harmless();\n" \
    "CREATE TABLE d (x int);\n" \
    "REINDEX TABLE partitioned;\n" \
    "CLUSTER partitioned USING i;\n"
_Static_assert(sizeof(TEXT_main_006__no_transaction) == 173, "no_transaction: the text was changed");
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
    {.first = 4, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
    {.first = 5, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_REPEAT}},
};
static const stele_effect main_006__no_transaction_effects[] = {
    {4, 5, STELE_SCANS, "\"partitioned\""}, /* 6: SHARE */
    {5, 8, STELE_REWRITES, "\"partitioned\""}, /* 7: ACCESS EXCLUSIVE */
};
static const stele_demand main_006__no_transaction_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 2 */
    {0, STELE_MAKES, NULL, "c"}, /* 2 */
    {1, STELE_CHANGES_ALL, NULL, "DO"}, /* 3 */
    {2, STELE_CHANGES_ALL, NULL, "CALL"}, /* 4 */
    {3, STELE_MAKES, NULL, "d"}, /* 5 */
    {4, STELE_NEEDS_MAINTAIN, NULL, "partitioned"}, /* 6 */
};

/* 007_isolation.sql */

#define TEXT_main_007__isolation \
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, NOT DEFERRABLE;\n" \
    "UPDATE a SET y = 1;\n"
_Static_assert(sizeof(TEXT_main_007__isolation) == 83, "isolation: the text was changed");
static const stele_statement main_007__isolation_statements[] = {
    {62, 80, 0, 0, STELE_RUN}, /* 2: UPDATE a SET y = 1 */
};
static const stele_step main_007__isolation_steps[] = {
    {.first = 0, .count = 1, .modes = "ISOLATION LEVEL SERIALIZABLE, NOT DEFERRABLE"},
};
static const stele_demand main_007__isolation_demands[] = {
    {0, STELE_NEEDS_UPDATE, NULL, "a"}, /* 2 */
};

/* 008_session.sql */

#define TEXT_main_008__session \
    "SET LOCAL search_path = app;\n" \
    "SET ROLE app;\n" \
    "RESET ROLE;\n" \
    "CREATE TEMP TABLE scratch AS SELECT 1;\n"
_Static_assert(sizeof(TEXT_main_008__session) == 95, "session: the text was changed");
static const stele_statement main_008__session_statements[] = {
    {0, 27, 0, 0, STELE_RUN}, /* 1: SET LOCAL search_path = app */
    {29, 41, 0, 0, STELE_RUN}, /* 2: SET ROLE app */
    {43, 53, 0, 0, STELE_RUN}, /* 3: RESET ROLE */
    {55, 92, 0, 0, STELE_RUN}, /* 4: CREATE TEMP TABLE scratch AS SELECT 1 */
};
static const stele_step main_008__session_steps[] = {
    {.first = 0, .count = 4},
};
static const stele_demand main_008__session_demands[] = {
    {1, STELE_NEEDS_UNTOLD, NULL, "SET"}, /* 2 */
    {3, STELE_MAKES, NULL, "scratch"}, /* 4 */
};

/* 009_temporary.sql */

#define TEXT_main_009__temporary \
    "CREATE TABLE pg_temp.other (x int);\n"
_Static_assert(sizeof(TEXT_main_009__temporary) == 37, "temporary: the text was changed");
static const stele_statement main_009__temporary_statements[] = {
    {0, 34, 0, 0, STELE_RUN}, /* 1: CREATE TABLE pg_temp.other (x int) */
};
static const stele_step main_009__temporary_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_009__temporary_demands[] = {
    {0, STELE_NEEDS_CREATE, "pg_temp", NULL}, /* 1 */
    {0, STELE_MAKES, "pg_temp", "other"}, /* 1 */
};

/* 010_quiet.sql */

#define TEXT_main_010__quiet \
    "SET LOCAL search_path = app;\n" \
    "SELECT 1 WHERE 2 IN (3);\n"
_Static_assert(sizeof(TEXT_main_010__quiet) == 55, "quiet: the text was changed");
static const stele_statement main_010__quiet_statements[] = {
    {0, 27, 0, 0, STELE_RUN}, /* 1: SET LOCAL search_path = app */
    {29, 52, 0, 0, STELE_RUN}, /* 2: SELECT 1 WHERE 2 IN (3) */
};
static const stele_step main_010__quiet_steps[] = {
    {.first = 0, .count = 2},
};

/* 011_prepared.sql */

#define TEXT_main_011__prepared \
    "PREPARE p AS SELECT 1;\n"
_Static_assert(sizeof(TEXT_main_011__prepared) == 24, "prepared: the text was changed");
static const stele_statement main_011__prepared_statements[] = {
    {0, 21, 0, 0, STELE_RUN}, /* 1: PREPARE p AS SELECT 1 */
};
static const stele_step main_011__prepared_steps[] = {
    {.first = 0, .count = 1},
};

/* 012_cursor.sql */

#define TEXT_main_012__cursor \
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1;\n"
_Static_assert(sizeof(TEXT_main_012__cursor) == 42, "cursor: the text was changed");
static const stele_statement main_012__cursor_statements[] = {
    {0, 39, 0, 0, STELE_RUN}, /* 1: DECLARE c CURSOR WITH HOLD FOR SELECT 1 */
};
static const stele_step main_012__cursor_steps[] = {
    {.first = 0, .count = 1},
};

/* 013_into.sql */

#define TEXT_main_013__into \
    "SELECT 1 AS x INTO TEMP scratch UNION SELECT 2;\n"
_Static_assert(sizeof(TEXT_main_013__into) == 49, "into: the text was changed");
static const stele_statement main_013__into_statements[] = {
    {0, 46, 0, 0, STELE_RUN}, /* 1: SELECT 1 AS x INTO TEMP scratch UNION SELECT 2 */
};
static const stele_step main_013__into_steps[] = {
    {.first = 0, .count = 1},
};
static const stele_demand main_013__into_demands[] = {
    {0, STELE_MAKES, NULL, "scratch"}, /* 1 */
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
    "migration s1:8be1c6b40ebc2ffaedc46ecc39d0b78335c1b25384edf31d8cb8abdc75383dda t1:3a555db9d3289a4978180d8f8f66f0274223bbe83e1a81874b11e67a33a43680 d1:c9ee052a4b8770366899aa0f009bc8599948af153b958375ccbfd6e540389e57 637 main 001 001_concurrently.sql\n" \
    "sum d3acb419821e2a4ecf01145be8c1edc1765c2d656d8ff8a141d3b5e130917404\n" \
    "migration s1:0403da3dadfa6f1e2255f49156c99ca84f8927de48049fb8349cb303e8f41255 t1:bd0c8ace48bf4a24e8a4ce44235657de5ae9d83db6a090190290217f3f1e6d41 d1:02591e91602e72c9b887f75233ef7121ac15472679d0428b0d9c4a2fb4d89eac 235 main 002 002_enum.sql\n" \
    "sum b8ecdf3d7dd21ca858c12da98418dcb09b070bf933dbb04c86d998f375d388a6\n" \
    "migration s1:b61b044b1fa2cdd8aa6ca1250203905d62d86e0c034177230ee2867e7ef76588 t1:13075dd8641200743b58a49f9cb414eaa1bcebb3cac58654c9c295e017c78c41 d1:33659a9e871b7592a0653d322f2b3e9b3dd212a01c45f4ef373c7e64af6978ca 154 main 003 003_surrounded.sql\n" \
    "sum c6dd1dfe4c4eb7ed63e13bd27350bf6d9df5c8fa551c374512a17e20672203d8\n" \
    "migration s1:0ab8e9cb028b065993e08ca6afce862a9c2730c6d98a9a8459f3d35a4ebe38c7 t1:d89e49a5c793145a3efb152ea2154948519fe29d060730969f504da222fffc67 d1:c2a80b83d24e1ae447269192003cc782bb5667f3e6c88918f2abe5cb790edc6c 310 main 004 004_blocks.sql\n" \
    "sum e3287e5eded8044e5c1629222caa7e4ac8880963cfa4edf997df26df4744bc41\n" \
    "migration s1:d8e1f76280750103fdd8f0ee1a9ece81cf6a882e8f9dd1a921271490902c8d3e t1:6c01a92a13875cf822a8c0c496265f2bc5fdcabba6c97e09a6b2d58208800822 d1:4438a1d13ae5ed211dffa98370854af7f6ad9db39a3502a5aa8faf5c9f0c6e5f 465 main 005 005_procedures.sql\n" \
    "sum 9fd495a54d6204072aa57b22bbaf29b1c27505c4484be9e46a25d27f34e28d7b\n" \
    "migration s1:6f58c001ace626754a897d4698096f2d2e107efb850a3b861904d8b30bf9a2a8 t1:3fee195ae2bd5720026bbd989051e37ea127d9610e316d60045ddacc386da454 d1:e6eac38df412da358200dfa266187b34a6ba291129f924ca1334b0761246db60 172 main 006 006_no_transaction.sql\n" \
    "sum 52447aa41559b27344c995324bd7b51e3c1f1caf2891cb4a3e590d7f13e90068\n" \
    "migration s1:8e67c843393d0584a13e1ce3a84e1f6c82c9af811b666fb2f7069ce3140c7e29 t1:78bd0e5369ad52b2e8169ef7ec6da3450fdda5adb9aa42884483b67d272ba92a d1:755cf4a3f3b6ff77e3794d160692f4cb135f273b83d4c25724f7f244a273ec59 82 main 007 007_isolation.sql\n" \
    "sum 1b8c5bf9df5d3e5f5d3c6473f4608cf047c5dc0240d74a2f4064b6fccfdde83e\n" \
    "migration s1:a37a137dcc5331c2ef6726b43cad23193f37d7a05c74b42e0c1662ef83db898c t1:d17d8f1853821d5a0b81485b7861b59aebce32471352fadcadd6908cda15c97e d1:1f30cf546e8a0d036d55bedadac428e75faeeb7ed0fd96b46019b4337000b70c 94 main 008 008_session.sql\n" \
    "sum 2a8112e667cdcc0b9536e2713cade12793224dcd74d64577daafc64c5f92bedb\n" \
    "migration s1:6b18328450a1fdcda14252b43349cbb25235ece01e1bc7ef957f7d0cdb3ae65d t1:a62ff3cd584ad3746c63e06da6934bd951f338df90429d1bf34d889d3a07cb54 d1:b68e625c8aced0966ec7e653d2301d6a59d85e0a866a1c0630b9af924b2d53f6 36 main 009 009_temporary.sql\n" \
    "sum 3f2eff41d8b1a086cc0674601536b0568b461a9465f469f07bea84641b21b9d9\n" \
    "migration s1:f1c57166d302aad553c539273769c857b4144cf78e56cebf639c5f2ddfec7a61 t1:ac75ddefc818ba9f5af70d88f7451c1e4376e464e27ac6ac42bfd413d17c0064 d1:f4f0c17cf7a9c879ad12c8af0feeedd88440136789cea50246941e2f3320df20 54 main 010 010_quiet.sql\n" \
    "sum 665647d8e93bc3a1e88f566c8b6ebd608ee648451f0c2586dc38512c017c778f\n" \
    "migration s1:71e9a80364be8f64b50f463c4f7363dc86188a5587f9e0423028e18528f96bcb t1:6edf9997e07f14fdcc5e34b50f6449a0b739360ffcae45c0148335c85893b21c d1:6a32005cf9b308d9360df1535b1c3987642779b979ecf1e842f98f76b0f3af30 23 main 011 011_prepared.sql\n" \
    "sum 4fee2485cd41222a4470285843eb2022dbb33718e25f3f146ae66834a46c7e87\n" \
    "migration s1:9f015efe210a34dd1c807612ecdc3f133382cc9486efb0119bd26a75d3540dd2 t1:47946c5d9a4226a9683f334464b64fa7b2546b49d54c48c123e7a1cdd3414750 d1:6e39e3b1b3faafcf6ba793be6da608c00a01462ca1032336e19c2af5b577da94 41 main 012 012_cursor.sql\n" \
    "sum 6608ae20594b51105c98fd46e9acdb852895cff19a3621060806304639359e82\n" \
    "migration s1:61a3e274e30411ceb01b4ae6f600e904f2a5cb68a96f64eafe3d28b877ff0c75 t1:514b4b82ee8a207fb35070f1c4ffd83d592fa21d43a2c6c8d4e0aa71af681161 d1:5979ef3d801b8bd5bd3310d0e6ec4a9902b8fb6367e9f265bea0f45758cedf7b 48 main 013 013_into.sql\n" \
    "sum 023965e615ee8ca1395f2c31004226e73a0a505756213269b41895c91850a3a6\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__concurrently[638];
    char main_002__enum[236];
    char main_003__surrounded[155];
    char main_004__blocks[311];
    char main_005__procedures[466];
    char main_006__no_transaction[173];
    char main_007__isolation[83];
    char main_008__session[95];
    char main_009__temporary[37];
    char main_010__quiet[55];
    char main_011__prepared[24];
    char main_012__cursor[42];
    char main_013__into[49];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__concurrently,
    TEXT_main_002__enum,
    TEXT_main_003__surrounded,
    TEXT_main_004__blocks,
    TEXT_main_005__procedures,
    TEXT_main_006__no_transaction,
    TEXT_main_007__isolation,
    TEXT_main_008__session,
    TEXT_main_009__temporary,
    TEXT_main_010__quiet,
    TEXT_main_011__prepared,
    TEXT_main_012__cursor,
    TEXT_main_013__into,
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
        .text = sealed.main_001__concurrently,
        .length = 637,
        .statements = main_001__concurrently_statements,
        .statement_count = 20,
        .steps = main_001__concurrently_steps,
        .step_count = 18,
        .effects = main_001__concurrently_effects,
        .effect_count = 5,
        .demands = main_001__concurrently_demands,
        .demand_count = 13,
        .up = {0, 637, 0, 18, NULL},
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
        .text = sealed.main_002__enum,
        .length = 235,
        .statements = main_002__enum_statements,
        .statement_count = 7,
        .steps = main_002__enum_steps,
        .step_count = 7,
        .effects = main_002__enum_effects,
        .effect_count = 1,
        .demands = main_002__enum_demands,
        .demand_count = 4,
        .up = {0, 235, 0, 7, NULL},
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
        .text = sealed.main_003__surrounded,
        .length = 154,
        .statements = main_003__surrounded_statements,
        .statement_count = 5,
        .steps = main_003__surrounded_steps,
        .step_count = 1,
        .demands = main_003__surrounded_demands,
        .demand_count = 2,
        .up = {0, 154, 0, 1, NULL},
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
        .text = sealed.main_004__blocks,
        .length = 310,
        .statements = main_004__blocks_statements,
        .statement_count = 5,
        .steps = main_004__blocks_steps,
        .step_count = 5,
        .effects = main_004__blocks_effects,
        .effect_count = 3,
        .demands = main_004__blocks_demands,
        .demand_count = 5,
        .up = {0, 310, 0, 5, NULL},
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
        .text = sealed.main_005__procedures,
        .length = 465,
        .statements = main_005__procedures_statements,
        .statement_count = 7,
        .steps = main_005__procedures_steps,
        .step_count = 5,
        .demands = main_005__procedures_demands,
        .demand_count = 9,
        .up = {0, 465, 0, 5, NULL},
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
        .text = sealed.main_006__no_transaction,
        .length = 172,
        .statements = main_006__no_transaction_statements,
        .statement_count = 6,
        .steps = main_006__no_transaction_steps,
        .step_count = 6,
        .effects = main_006__no_transaction_effects,
        .effect_count = 2,
        .demands = main_006__no_transaction_demands,
        .demand_count = 6,
        .up = {0, 172, 0, 6, NULL},
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
        .text = sealed.main_007__isolation,
        .length = 82,
        .statements = main_007__isolation_statements,
        .statement_count = 1,
        .steps = main_007__isolation_steps,
        .step_count = 1,
        .demands = main_007__isolation_demands,
        .demand_count = 1,
        .up = {0, 82, 0, 1, NULL},
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
        .text = sealed.main_008__session,
        .length = 94,
        .statements = main_008__session_statements,
        .statement_count = 4,
        .steps = main_008__session_steps,
        .step_count = 1,
        .demands = main_008__session_demands,
        .demand_count = 2,
        .up = {0, 94, 0, 1, NULL},
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
        .text = sealed.main_009__temporary,
        .length = 36,
        .statements = main_009__temporary_statements,
        .statement_count = 1,
        .steps = main_009__temporary_steps,
        .step_count = 1,
        .demands = main_009__temporary_demands,
        .demand_count = 2,
        .up = {0, 36, 0, 1, NULL},
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
        .text = sealed.main_010__quiet,
        .length = 54,
        .statements = main_010__quiet_statements,
        .statement_count = 2,
        .steps = main_010__quiet_steps,
        .step_count = 1,
        .up = {0, 54, 0, 1, NULL},
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
        .text = sealed.main_011__prepared,
        .length = 23,
        .statements = main_011__prepared_statements,
        .statement_count = 1,
        .steps = main_011__prepared_steps,
        .step_count = 1,
        .up = {0, 23, 0, 1, NULL},
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
        .text = sealed.main_012__cursor,
        .length = 41,
        .statements = main_012__cursor_statements,
        .statement_count = 1,
        .steps = main_012__cursor_steps,
        .step_count = 1,
        .up = {0, 41, 0, 1, NULL},
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
        .text = sealed.main_013__into,
        .length = 48,
        .statements = main_013__into_statements,
        .statement_count = 1,
        .steps = main_013__into_steps,
        .step_count = 1,
        .demands = main_013__into_demands,
        .demand_count = 1,
        .up = {0, 48, 0, 1, NULL},
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
    .sealed = sealed.manifest,
};
