/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:0b8f55c92c06    22 statements  001_tables.sql
 *     s1:73aa8072ba30    13 statements  002_unknown.sql
 *     s1:a4f98bd46397    15 statements  003_nothing.sql
 *     s1:f4557af45561     4 statements  004_path.sql
 */
#include "migrations.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_tables.sql */

#define TEXT_main_001__tables \
    "CREATE TABLE \"S\".t (x int);\n" \
    "-- stele: down\n" \
    "DROP TABLE IF EXISTS \"S\".t, \"a\"\"b\";\n" \
    "TRUNCATE public.u, v;\n" \
    "TRUNCATE w CASCADE;\n" \
    "DELETE FROM ONLY t WHERE x = 1;\n" \
    "WITH gone AS (DELETE FROM t2 RETURNING x) INSERT INTO t3 SELECT * FROM gone;\n" \
    "WITH gone AS (DELETE FROM t4 RETURNING x) SELECT * FROM gone;\n" \
    "ALTER TABLE t DROP COLUMN x, DROP COLUMN IF EXISTS \"Y\" CASCADE, ADD COLUMN z int, DROP CONSTRAINT c;\n" \
    "ALTER TYPE ty DROP ATTRIBUTE a;\n" \
    "DROP SCHEMA s CASCADE;\n" \
    "DROP SCHEMA s;\n" \
    "CREATE TABLE again (x int);\n" \
    "DROP TABLE again;\n" \
    "CREATE TABLE IF NOT EXISTS maybe (x int);\n" \
    "DROP TABLE maybe;\n" \
    "SELECT 1 INTO TABLE copied;\n" \
    "ALTER TABLE copied DROP COLUMN x;\n" \
    "ALTER TABLE t RENAME TO other;\n" \
    "DROP TABLE other;\n" \
    "SET search_path TO elsewhere;\n" \
    "DROP TABLE t;\n" \
    "DROP TABLE public.t;\n"
_Static_assert(sizeof(TEXT_main_001__tables) == 746, "tables: the text was changed");
static const stele_statement main_001__tables_statements[] = {
    {0, 26, 0, 0, STELE_RUN}, /* 1: CREATE TABLE "S".t (x int) */
    {43, 77, 0, 0, STELE_RUN}, /* 3: DROP TABLE IF EXISTS "S".t, "a""b" */
    {79, 99, 0, 0, STELE_RUN}, /* 4: TRUNCATE public.u, v */
    {101, 119, 0, 0, STELE_RUN}, /* 5: TRUNCATE w CASCADE */
    {121, 151, 0, 0, STELE_RUN}, /* 6: DELETE FROM ONLY t WHERE x = 1 */
    {153, 228, 0, 0, STELE_RUN}, /* 7: WITH gone AS (DELETE FROM t2 RETURNING x) INSERT INTO t3 SEL... */
    {230, 290, 0, 0, STELE_RUN}, /* 8: WITH gone AS (DELETE FROM t4 RETURNING x) SELECT * FROM gone */
    {292, 391, 0, 0, STELE_RUN}, /* 9: ALTER TABLE t DROP COLUMN x, DROP COLUMN IF EXISTS "Y" CASCA... */
    {393, 423, 0, 0, STELE_RUN}, /* 10: ALTER TYPE ty DROP ATTRIBUTE a */
    {425, 446, 0, 0, STELE_RUN}, /* 11: DROP SCHEMA s CASCADE */
    {448, 461, 0, 0, STELE_RUN}, /* 12: DROP SCHEMA s */
    {463, 489, 0, 0, STELE_RUN}, /* 13: CREATE TABLE again (x int) */
    {491, 507, 0, 0, STELE_RUN}, /* 14: DROP TABLE again */
    {509, 549, 0, 0, STELE_RUN}, /* 15: CREATE TABLE IF NOT EXISTS maybe (x int) */
    {551, 567, 0, 0, STELE_RUN}, /* 16: DROP TABLE maybe */
    {569, 595, 0, 0, STELE_RUN}, /* 17: SELECT 1 INTO TABLE copied */
    {597, 629, 0, 0, STELE_RUN}, /* 18: ALTER TABLE copied DROP COLUMN x */
    {631, 660, 0, 0, STELE_RUN}, /* 19: ALTER TABLE t RENAME TO other */
    {662, 678, 0, 0, STELE_RUN}, /* 20: DROP TABLE other */
    {680, 708, 0, 0, STELE_RUN}, /* 21: SET search_path TO elsewhere */
    {710, 722, 0, 0, STELE_RUN}, /* 22: DROP TABLE t */
    {724, 743, 0, 0, STELE_RUN}, /* 23: DROP TABLE public.t */
};
static const stele_step main_001__tables_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 21},
};
static const stele_loss main_001__tables_losses[] = {
    {STELE_LOSES_TABLE, "\"S\".\"t\"", NULL, 43}, /* 3 */
    {STELE_LOSES_TABLE, "\"a\"\"b\"", NULL, 43}, /* 3 */
    {STELE_LOSES_TABLE, "\"public\".\"u\"", NULL, 79}, /* 4 */
    {STELE_LOSES_TABLE, "\"v\"", NULL, 79}, /* 4 */
    {STELE_LOSES_TABLE, "\"w\"", NULL, 101}, /* 5 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 101}, /* 5 */
    {STELE_LOSES_TABLE, "\"t\"", NULL, 121}, /* 6 */
    {STELE_LOSES_TABLE, "\"t2\"", NULL, 153}, /* 7 */
    {STELE_LOSES_TABLE, "\"t4\"", NULL, 230}, /* 8 */
    {STELE_LOSES_COLUMN, "\"t\"", "x", 292}, /* 9 */
    {STELE_LOSES_COLUMN, "\"t\"", "Y", 292}, /* 9 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 393}, /* 10 */
    {STELE_LOSES_SCHEMA, "\"s\"", NULL, 425}, /* 11 */
    {STELE_LOSES_TABLE, "\"maybe\"", NULL, 551}, /* 16 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 662}, /* 20 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 710}, /* 22 */
    {STELE_LOSES_TABLE, "\"public\".\"t\"", NULL, 724}, /* 23 */
};
static const stele_effect main_001__tables_effects[] = {
    {1, 8, STELE_DESTROYS | STELE_BREAKS, "\"S\".\"t\""}, /* 3: ACCESS EXCLUSIVE */
    {1, 8, 0, "\"a\"\"b\""}, /* 3: ACCESS EXCLUSIVE */
    {2, 8, STELE_DESTROYS, "\"public\".\"u\""}, /* 4: ACCESS EXCLUSIVE */
    {2, 8, STELE_DESTROYS, "\"v\""}, /* 4: ACCESS EXCLUSIVE */
    {3, 8, STELE_DESTROYS, "\"w\""}, /* 5: ACCESS EXCLUSIVE */
    {4, 3, STELE_DESTROYS, "\"t\""}, /* 6: ROW EXCLUSIVE */
    {5, 3, STELE_DESTROYS, "\"t2\""}, /* 7: ROW EXCLUSIVE */
    {6, 3, STELE_DESTROYS, "\"t4\""}, /* 8: ROW EXCLUSIVE */
    {7, 8, STELE_DESTROYS | STELE_BREAKS, "\"t\""}, /* 9: ACCESS EXCLUSIVE */
    {8, 8, STELE_DESTROYS | STELE_BREAKS, "\"ty\""}, /* 10: ACCESS EXCLUSIVE */
    {9, 0, STELE_DESTROYS | STELE_BREAKS, NULL}, /* 11:  */
    {10, 0, STELE_BREAKS, NULL}, /* 12:  */
    {12, 8, STELE_DESTROYS | STELE_BREAKS, "\"again\""}, /* 14: ACCESS EXCLUSIVE */
    {14, 8, STELE_DESTROYS | STELE_BREAKS, "\"maybe\""}, /* 16: ACCESS EXCLUSIVE */
    {16, 8, STELE_DESTROYS | STELE_BREAKS, "\"copied\""}, /* 18: ACCESS EXCLUSIVE */
    {17, 8, STELE_BREAKS, "\"t\""}, /* 19: ACCESS EXCLUSIVE */
    {18, 8, STELE_DESTROYS | STELE_BREAKS, "\"other\""}, /* 20: ACCESS EXCLUSIVE */
    {20, 8, STELE_DESTROYS | STELE_BREAKS, "\"t\""}, /* 22: ACCESS EXCLUSIVE */
    {21, 8, STELE_DESTROYS | STELE_BREAKS, "\"public\".\"t\""}, /* 23: ACCESS EXCLUSIVE */
};
static const stele_demand main_001__tables_demands[] = {
    {0, STELE_NEEDS_CREATE, "S", NULL}, /* 1 */
    {0, STELE_MAKES, "S", "t"}, /* 1 */
    {1, STELE_NEEDS_TO_DROP, "S", "t"}, /* 3 */
    {1, STELE_NEEDS_TO_DROP, NULL, "a\"b"}, /* 3 */
    {2, STELE_NEEDS_TRUNCATE, "public", "u"}, /* 4 */
    {2, STELE_NEEDS_TRUNCATE, NULL, "v"}, /* 4 */
    {3, STELE_NEEDS_TRUNCATE, NULL, "w"}, /* 5 */
    {4, STELE_NEEDS_DELETE, NULL, "t"}, /* 6 */
    {5, STELE_NEEDS_INSERT, NULL, "t3"}, /* 7 */
    {5, STELE_NEEDS_DELETE, NULL, "t2"}, /* 7 */
    {6, STELE_NEEDS_DELETE, NULL, "t4"}, /* 8 */
    {7, STELE_NEEDS_OWNER, NULL, "t"}, /* 9 */
    {8, STELE_NEEDS_OWNER, NULL, "ty"}, /* 10 */
    {9, STELE_NEEDS_SCHEMA, NULL, "s"}, /* 11 */
    {9, STELE_CHANGES_ALL, NULL, "DROP SCHEMA"}, /* 11 */
    {10, STELE_CHANGES_ALL, NULL, "DROP SCHEMA"}, /* 12 */
    {11, STELE_NEEDS_CREATE, NULL, NULL}, /* 13 */
    {11, STELE_MAKES, NULL, "again"}, /* 13 */
    {13, STELE_MAKES, NULL, "maybe"}, /* 15 */
    {15, STELE_MAKES, NULL, "copied"}, /* 17 */
    {17, STELE_NEEDS_CREATE_BESIDE, NULL, "t"}, /* 19 */
    {17, STELE_CHANGES, NULL, "t"}, /* 19 */
    {17, STELE_MAKES, NULL, "other"}, /* 19 */
    {20, STELE_NEEDS_UNTOLD, NULL, "DROP TABLE"}, /* 22 */
    {21, STELE_NEEDS_TO_DROP, "public", "t"}, /* 23 */
};

/* 002_unknown.sql */

#define TEXT_main_002__unknown \
    "SELECT 1;\n" \
    "-- stele: down\n" \
    "DROP OWNED BY somebody;\n" \
    "DROP EXTENSION vector CASCADE;\n" \
    "DROP TYPE ty CASCADE;\n" \
    "DROP DOMAIN d CASCADE;\n" \
    "-- stele: unparsed\n" \
    "DROP EVERYTHING;\n" \
    "DO $$ BEGIN END $$;\n" \
    "CALL clean();\n" \
    "EXECUTE p;\n" \
    "SELECT clean_up(), count(*), clean_up_again();\n" \
    "DROP TABLE ${tab};\n" \
    "DROP TABLE \"a ${tab}\";\n" \
    "ALTER TABLE ${tab} DROP COLUMN x;\n"
_Static_assert(sizeof(TEXT_main_002__unknown) == 330, "unknown: the text was changed");
static const stele_statement main_002__unknown_statements[] = {
    {0, 8, 0, 0, STELE_RUN}, /* 1: SELECT 1 */
    {25, 47, 0, 0, STELE_RUN}, /* 3: DROP OWNED BY somebody */
    {49, 78, 0, 0, STELE_RUN}, /* 4: DROP EXTENSION vector CASCADE */
    {80, 100, 0, 0, STELE_RUN}, /* 5: DROP TYPE ty CASCADE */
    {102, 123, 0, 0, STELE_RUN}, /* 6: DROP DOMAIN d CASCADE */
    {144, 159, 0, 0, STELE_RUN}, /* 8: DROP EVERYTHING */
    {161, 179, 0, 0, STELE_RUN}, /* 9: DO $$ BEGIN END $$ */
    {181, 193, 0, 0, STELE_RUN}, /* 10: CALL clean() */
    {195, 204, 0, 0, STELE_RUN}, /* 11: EXECUTE p */
    {206, 251, 0, 0, STELE_RUN}, /* 12: SELECT clean_up(), count(*), clean_up_again() */
    {253, 270, 0, 0, STELE_RUN}, /* 13: DROP TABLE ${tab} */
    {272, 293, 0, 0, STELE_RUN}, /* 14: DROP TABLE "a ${tab}" */
    {295, 327, 0, 0, STELE_RUN}, /* 15: ALTER TABLE ${tab} DROP COLUMN x */
};
static const stele_step main_002__unknown_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 12},
};
static const stele_reference main_002__unknown_references[] = {
    {264, 270, 0, STELE_IN_SQL}, /* 13: tab */
    {286, 292, 0, STELE_IN_NAME}, /* 14: tab */
    {307, 313, 0, STELE_IN_SQL}, /* 15: tab */
};
static const stele_loss main_002__unknown_losses[] = {
    {STELE_LOSES_UNKNOWN, NULL, NULL, 25}, /* 3 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 49}, /* 4 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 80}, /* 5 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 102}, /* 6 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 144}, /* 8 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 161}, /* 9 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 181}, /* 10 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 195}, /* 11 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 206}, /* 12 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 253}, /* 13 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 272}, /* 14 */
    {STELE_LOSES_UNKNOWN, NULL, NULL, 295}, /* 15 */
};
static const stele_effect main_002__unknown_effects[] = {
    {2, 0, STELE_PERHAPS | STELE_DESTROYS | STELE_BREAKS, NULL}, /* 4:  */
    {3, 0, STELE_BREAKS, NULL}, /* 5:  */
    {4, 0, STELE_BREAKS, NULL}, /* 6:  */
    {10, 8, STELE_DESTROYS | STELE_BREAKS, NULL}, /* 13: ACCESS EXCLUSIVE */
    {11, 8, STELE_DESTROYS | STELE_BREAKS, NULL}, /* 14: ACCESS EXCLUSIVE */
    {12, 8, STELE_DESTROYS | STELE_BREAKS, NULL}, /* 15: ACCESS EXCLUSIVE */
};
static const stele_demand main_002__unknown_demands[] = {
    {1, STELE_CHANGES_ALL, NULL, "DROP OWNED"}, /* 3 */
    {2, STELE_NEEDS_EXTENSION_TO_DROP, NULL, "vector"}, /* 4 */
    {3, STELE_NEEDS_TYPE_TO_DROP, NULL, "ty"}, /* 5 */
    {4, STELE_NEEDS_TYPE_TO_DROP, NULL, "d"}, /* 6 */
    {5, STELE_CHANGES_ALL, NULL, "DROP EVERYTHING"}, /* 8 */
    {6, STELE_CHANGES_ALL, NULL, "DO"}, /* 9 */
    {7, STELE_CHANGES_ALL, NULL, "CALL"}, /* 10 */
    {8, STELE_CHANGES_ALL, NULL, "EXECUTE"}, /* 11 */
    {9, STELE_CHANGES_ALL, NULL, "SELECT"}, /* 12 */
    {10, STELE_NEEDS_UNTOLD, NULL, "DROP TABLE"}, /* 13 */
    {11, STELE_NEEDS_UNTOLD, NULL, "DROP TABLE"}, /* 14 */
    {12, STELE_NEEDS_UNTOLD, NULL, "ALTER TABLE"}, /* 15 */
};

/* 003_nothing.sql */

#define TEXT_main_003__nothing \
    "DROP TABLE up_is_not_looked_at;\n" \
    "-- stele: down\n" \
    "DROP SEQUENCE s;\n" \
    "DROP INDEX i;\n" \
    "DROP VIEW v CASCADE;\n" \
    "DROP MATERIALIZED VIEW m;\n" \
    "DROP FOREIGN TABLE f;\n" \
    "DROP FUNCTION f(int) CASCADE;\n" \
    "DROP TRIGGER t ON tab;\n" \
    "DROP EXTENSION vector;\n" \
    "DROP TYPE ty;\n" \
    "ALTER TABLE tab DROP CONSTRAINT c;\n" \
    "ALTER FOREIGN TABLE f DROP COLUMN x;\n" \
    "UPDATE tab SET x = NULL;\n" \
    "SELECT count(*), pg_catalog.max(x), setval('s', 1) FROM tab WHERE lower(y) = 'x';\n" \
    "-- stele: verify\n" \
    "DELETE FROM tab;\n"
_Static_assert(sizeof(TEXT_main_003__nothing) == 451, "nothing: the text was changed");
static const stele_statement main_003__nothing_statements[] = {
    {0, 30, 0, 0, STELE_RUN}, /* 1: DROP TABLE up_is_not_looked_at */
    {47, 62, 0, 0, STELE_RUN}, /* 3: DROP SEQUENCE s */
    {64, 76, 0, 0, STELE_RUN}, /* 4: DROP INDEX i */
    {78, 97, 0, 0, STELE_RUN}, /* 5: DROP VIEW v CASCADE */
    {99, 123, 0, 0, STELE_RUN}, /* 6: DROP MATERIALIZED VIEW m */
    {125, 145, 0, 0, STELE_RUN}, /* 7: DROP FOREIGN TABLE f */
    {147, 175, 0, 0, STELE_RUN}, /* 8: DROP FUNCTION f(int) CASCADE */
    {177, 198, 0, 0, STELE_RUN}, /* 9: DROP TRIGGER t ON tab */
    {200, 221, 0, 0, STELE_RUN}, /* 10: DROP EXTENSION vector */
    {223, 235, 0, 0, STELE_RUN}, /* 11: DROP TYPE ty */
    {237, 270, 0, 0, STELE_RUN}, /* 12: ALTER TABLE tab DROP CONSTRAINT c */
    {272, 307, 0, 0, STELE_RUN}, /* 13: ALTER FOREIGN TABLE f DROP COLUMN x */
    {309, 332, 0, 0, STELE_RUN}, /* 14: UPDATE tab SET x = NULL */
    {334, 414, 0, 0, STELE_RUN}, /* 15: SELECT count(*), pg_catalog.max(x), setval('s', 1) FROM tab ... */
    {433, 448, 0, 0, STELE_RUN}, /* 17: DELETE FROM tab */
};
static const stele_step main_003__nothing_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 13},
    {.first = 14, .count = 1},
};
static const stele_effect main_003__nothing_effects[] = {
    {0, 8, STELE_DESTROYS | STELE_BREAKS, "\"up_is_not_looked_at\""}, /* 1: ACCESS EXCLUSIVE */
    {1, 8, STELE_BREAKS, "\"s\""}, /* 3: ACCESS EXCLUSIVE */
    {2, 8, 0, "\"i\""}, /* 4: ACCESS EXCLUSIVE */
    {3, 8, STELE_BREAKS, "\"v\""}, /* 5: ACCESS EXCLUSIVE */
    {4, 8, STELE_BREAKS, "\"m\""}, /* 6: ACCESS EXCLUSIVE */
    {5, 8, STELE_BREAKS, "\"f\""}, /* 7: ACCESS EXCLUSIVE */
    {6, 0, STELE_BREAKS, NULL}, /* 8:  */
    {7, 8, 0, NULL}, /* 9: ACCESS EXCLUSIVE */
    {8, 0, STELE_BREAKS, NULL}, /* 10:  */
    {9, 0, STELE_BREAKS, NULL}, /* 11:  */
    {10, 8, 0, "\"tab\""}, /* 12: ACCESS EXCLUSIVE */
    {11, 8, STELE_DESTROYS | STELE_BREAKS, "\"f\""}, /* 13: ACCESS EXCLUSIVE */
};
static const stele_demand main_003__nothing_demands[] = {
    {0, STELE_NEEDS_TO_DROP, NULL, "up_is_not_looked_at"}, /* 1 */
    {1, STELE_NEEDS_TO_DROP, NULL, "s"}, /* 3 */
    {2, STELE_NEEDS_TO_DROP, NULL, "i"}, /* 4 */
    {3, STELE_NEEDS_TO_DROP, NULL, "v"}, /* 5 */
    {4, STELE_NEEDS_TO_DROP, NULL, "m"}, /* 6 */
    {5, STELE_NEEDS_TO_DROP, NULL, "f"}, /* 7 */
    {6, STELE_NEEDS_FUNCTION_TO_DROP, NULL, "f"}, /* 8 */
    {7, STELE_NEEDS_LEAVE, NULL, "tab"}, /* 9 */
    {8, STELE_NEEDS_EXTENSION_TO_DROP, NULL, "vector"}, /* 10 */
    {9, STELE_NEEDS_TYPE_TO_DROP, NULL, "ty"}, /* 11 */
    {10, STELE_NEEDS_OWNER, NULL, "tab"}, /* 12 */
    {11, STELE_NEEDS_OWNER, NULL, "f"}, /* 13 */
    {12, STELE_NEEDS_UPDATE, NULL, "tab"}, /* 14 */
    {13, STELE_NEEDS_SELECT, NULL, "tab"}, /* 15 */
};

/* 004_path.sql */

#define TEXT_main_004__path \
    "SELECT 1;\n" \
    "-- stele: down\n" \
    "SELECT set_config('search_path', 's', true);\n" \
    "DROP TABLE t;\n" \
    "ALTER TABLE s.t DROP COLUMN x;\n"
_Static_assert(sizeof(TEXT_main_004__path) == 116, "path: the text was changed");
static const stele_statement main_004__path_statements[] = {
    {0, 8, 0, 0, STELE_RUN}, /* 1: SELECT 1 */
    {25, 68, 0, 0, STELE_RUN}, /* 3: SELECT set_config('search_path', 's', true) */
    {70, 82, 0, 0, STELE_RUN}, /* 4: DROP TABLE t */
    {84, 113, 0, 0, STELE_RUN}, /* 5: ALTER TABLE s.t DROP COLUMN x */
};
static const stele_step main_004__path_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 3},
};
static const stele_loss main_004__path_losses[] = {
    {STELE_LOSES_UNKNOWN, NULL, NULL, 70}, /* 4 */
    {STELE_LOSES_COLUMN, "\"s\".\"t\"", "x", 84}, /* 5 */
};
static const stele_effect main_004__path_effects[] = {
    {2, 8, STELE_DESTROYS | STELE_BREAKS, "\"t\""}, /* 4: ACCESS EXCLUSIVE */
    {3, 8, STELE_DESTROYS | STELE_BREAKS, "\"s\".\"t\""}, /* 5: ACCESS EXCLUSIVE */
};
static const stele_demand main_004__path_demands[] = {
    {2, STELE_NEEDS_UNTOLD, NULL, "DROP TABLE"}, /* 4 */
    {3, STELE_NEEDS_OWNER, "s", "t"}, /* 5 */
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
    "migration s1:0b8f55c92c06f260ac6c93e64f21f2f6d2928f73290ca7b1fa0ed70455bd327d t1:4a6c4e2f103f4065eac81715257a79cee86938636e248a8fff0a698734d36d50 d1:04498b854d8d57ac67be9ac933dcdb332b5d8223e7ef4a4d1d69979d628d4af8 745 main 001 001_tables.sql\n" \
    "sum 961e53cc9b97e536387020ca33a046785cc95ff9ed33cd1e339486f1532ab800\n" \
    "migration s1:73aa8072ba3014d0095dbb5177b60aee029c219e0721c16827e9027531067b50 t1:a3b9237cddd85c1b8a2dc9653c975dca263ecb4c00406260faf9e3aa41b34030 d1:8dbaf7342136d12c70ac90ee5b60b1dc2947b7ff6492f310d6a8f83372f28c61 329 main 002 002_unknown.sql\n" \
    "sum 42d68ff808c41beb3ef1f6b9c7ac33b9039a0db942bb7bc2a7da39cdb3f31aac\n" \
    "migration s1:a4f98bd46397187585de19efb55489fbcadd5b80a78364514493489a7fa732ec t1:8c9ea63b725f56a69a41284cad6e64bc7f484610c161b768b4df49733fa24dde d1:98b4755d4a5c36142bbb329255e5172699aa24bb1a59a615009f2b84b36b8f99 450 main 003 003_nothing.sql\n" \
    "sum 30607348cf8c196aa243fc0db4e99279ab95732de2c5ab78e342fe323b201c91\n" \
    "migration s1:f4557af455610d43a839791713d016d738c6e1a4abc9a99254094a3702dacd9b t1:da2078130a9c425ae8ba45b738613779483d05b145ded4b5b5fc1e36a91bfb28 d1:231237dc91b8eca2364a06d13e1a0a2c64ad3c15c36426fc2a80aa23efbba109 115 main 004 004_path.sql\n" \
    "sum cdfdfad14c1dfa934f4e4338044ab7790bccd7749e94be1f5c130d9961dbf23c\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__tables[746];
    char main_002__unknown[330];
    char main_003__nothing[451];
    char main_004__path[116];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__tables,
    TEXT_main_002__unknown,
    TEXT_main_003__nothing,
    TEXT_main_004__path,
};

#pragma GCC diagnostic pop

static const stele_parameter parameter_table[] = {
    {"tab", "t", STELE_IDENTIFIER, 1},
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
        .name = "tables",
        .directory = "migrations",
        .file = "001_tables.sql",
        .source = "s1:0b8f55c92c06f260ac6c93e64f21f2f6d2928f73290ca7b1fa0ed70455bd327d",
        .tokens = "t1:4a6c4e2f103f4065eac81715257a79cee86938636e248a8fff0a698734d36d50",
        .state = "d1:04498b854d8d57ac67be9ac933dcdb332b5d8223e7ef4a4d1d69979d628d4af8",
        .text = sealed.main_001__tables,
        .length = 745,
        .statements = main_001__tables_statements,
        .statement_count = 22,
        .steps = main_001__tables_steps,
        .step_count = 2,
        .losses = main_001__tables_losses,
        .loss_count = 17,
        .effects = main_001__tables_effects,
        .effect_count = 19,
        .demands = main_001__tables_demands,
        .demand_count = 25,
        .up = {0, 28, 0, 1, NULL},
        .down = {43, 745, 1, 1, NULL},
        .flags = STELE_SETS_SESSION,
    },
    {
        .component = "main",
        .version = "002",
        .name = "unknown",
        .directory = "migrations",
        .file = "002_unknown.sql",
        .source = "s1:73aa8072ba3014d0095dbb5177b60aee029c219e0721c16827e9027531067b50",
        .tokens = "t1:a3b9237cddd85c1b8a2dc9653c975dca263ecb4c00406260faf9e3aa41b34030",
        .state = "d1:8dbaf7342136d12c70ac90ee5b60b1dc2947b7ff6492f310d6a8f83372f28c61",
        .text = sealed.main_002__unknown,
        .length = 329,
        .statements = main_002__unknown_statements,
        .statement_count = 13,
        .steps = main_002__unknown_steps,
        .step_count = 2,
        .references = main_002__unknown_references,
        .reference_count = 3,
        .losses = main_002__unknown_losses,
        .loss_count = 12,
        .effects = main_002__unknown_effects,
        .effect_count = 6,
        .demands = main_002__unknown_demands,
        .demand_count = 12,
        .up = {0, 10, 0, 1, NULL},
        .down = {25, 329, 1, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP,
    },
    {
        .component = "main",
        .version = "003",
        .name = "nothing",
        .directory = "migrations",
        .file = "003_nothing.sql",
        .source = "s1:a4f98bd46397187585de19efb55489fbcadd5b80a78364514493489a7fa732ec",
        .tokens = "t1:8c9ea63b725f56a69a41284cad6e64bc7f484610c161b768b4df49733fa24dde",
        .state = "d1:98b4755d4a5c36142bbb329255e5172699aa24bb1a59a615009f2b84b36b8f99",
        .text = sealed.main_003__nothing,
        .length = 450,
        .statements = main_003__nothing_statements,
        .statement_count = 15,
        .steps = main_003__nothing_steps,
        .step_count = 3,
        .effects = main_003__nothing_effects,
        .effect_count = 12,
        .demands = main_003__nothing_demands,
        .demand_count = 14,
        .up = {0, 32, 0, 1, NULL},
        .down = {47, 416, 1, 1, NULL},
        .verify = {433, 450, 2, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_CONTRACTS,
    },
    {
        .component = "main",
        .version = "004",
        .name = "path",
        .directory = "migrations",
        .file = "004_path.sql",
        .source = "s1:f4557af455610d43a839791713d016d738c6e1a4abc9a99254094a3702dacd9b",
        .tokens = "t1:da2078130a9c425ae8ba45b738613779483d05b145ded4b5b5fc1e36a91bfb28",
        .state = "d1:231237dc91b8eca2364a06d13e1a0a2c64ad3c15c36426fc2a80aa23efbba109",
        .text = sealed.main_004__path,
        .length = 115,
        .statements = main_004__path_statements,
        .statement_count = 4,
        .steps = main_004__path_steps,
        .step_count = 2,
        .losses = main_004__path_losses,
        .loss_count = 2,
        .effects = main_004__path_effects,
        .effect_count = 2,
        .demands = main_004__path_demands,
        .demand_count = 2,
        .up = {0, 10, 0, 1, NULL},
        .down = {25, 115, 1, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP,
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
