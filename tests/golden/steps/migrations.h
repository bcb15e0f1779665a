/*
 * migrations.h - what an application can check when it is compiled
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folder "migrations".
 * Don't edit it: change the folder, then run
 *     stelec -o migrations.c migrations
 *
 * STELE_<component>_<version> is a migration's index in the table,
 * STELE_HEAD_<component> the last version, STELE_PARAM_<name> the value of a
 * parameter that is fixed when the application is built,
 * STELE_DIM_<table>_<column> the dimension of a vector, STELE_TABLES_<component>
 * the names of the tables that a component owns.
 */
#ifndef STELE_GENERATED_migrations_H
#define STELE_GENERATED_migrations_H

#include "stele.h"

/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */
#define STELE_TABLES_main \
    "a", \
    "b", \
    "between_blocks", \
    "c", \
    "d"

/* 001_concurrently.sql */
#define STELE_main_001 0
#undef STELE_HEAD_main
#define STELE_HEAD_main "001"

/* 002_enum.sql */
#define STELE_main_002 1
#undef STELE_HEAD_main
#define STELE_HEAD_main "002"

/* 003_surrounded.sql */
#define STELE_main_003 2
#undef STELE_HEAD_main
#define STELE_HEAD_main "003"

/* 004_blocks.sql */
#define STELE_main_004 3
#undef STELE_HEAD_main
#define STELE_HEAD_main "004"

/* 005_procedures.sql */
#define STELE_main_005 4
#undef STELE_HEAD_main
#define STELE_HEAD_main "005"

/* 006_no_transaction.sql */
#define STELE_main_006 5
#undef STELE_HEAD_main
#define STELE_HEAD_main "006"

/* 007_isolation.sql */
#define STELE_main_007 6
#undef STELE_HEAD_main
#define STELE_HEAD_main "007"

/* 008_session.sql */
#define STELE_main_008 7
#undef STELE_HEAD_main
#define STELE_HEAD_main "008"

/* 009_temporary.sql */
#define STELE_main_009 8
#undef STELE_HEAD_main
#define STELE_HEAD_main "009"

/* 010_quiet.sql */
#define STELE_main_010 9
#undef STELE_HEAD_main
#define STELE_HEAD_main "010"

/* 011_prepared.sql */
#define STELE_main_011 10
#undef STELE_HEAD_main
#define STELE_HEAD_main "011"

/* 012_cursor.sql */
#define STELE_main_012 11
#undef STELE_HEAD_main
#define STELE_HEAD_main "012"

/* 013_into.sql */
#define STELE_main_013 12
#undef STELE_HEAD_main
#define STELE_HEAD_main "013"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations migrations;

#ifdef __cplusplus
}
#endif

#endif
