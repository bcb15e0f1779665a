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
    "b"

/* 050.1_base.sql */
#define STELE_main_050_1 0
#undef STELE_HEAD_main
#define STELE_HEAD_main "050.1"

/* 051_b.sql */
#define STELE_main_051 1
#undef STELE_HEAD_main
#define STELE_HEAD_main "051"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations migrations;

#ifdef __cplusplus
}
#endif

#endif
