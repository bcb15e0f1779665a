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

/* No STELE_PARAM_owner: it is given when the migrations are applied (stele_options.values). */

/* No STELE_PARAM_word: it is given when the migrations are applied (stele_options.values). */

/* The parameters that were fixed when this was built. */
#define STELE_PARAM_least 3

/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */
#define STELE_TABLES_main \
    "a", \
    "b", \
    "c"

/* 001_kinds.sql */
#define STELE_main_001 0
#undef STELE_HEAD_main
#define STELE_HEAD_main "001"

/* 002_queries.sql */
#define STELE_main_002 1
#undef STELE_HEAD_main
#define STELE_HEAD_main "002"

/* 003_steps.sql */
#define STELE_main_003 2
#undef STELE_HEAD_main
#define STELE_HEAD_main "003"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations migrations;

#ifdef __cplusplus
}
#endif

#endif
