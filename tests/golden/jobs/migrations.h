/*
 * migrations.h - what an application can check when it is compiled
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folders "migrations" and "lua".
 * Don't edit it: change the folders, then run
 *     stelec -o migrations.c --lua lua migrations
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

/* No STELE_PARAM_embedding_url: it is given when the migrations are applied (stele_options.values). */

/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */
#define STELE_TABLES_memory \
    "note"

/* 001_table.sql */
#define STELE_memory_001 0
#undef STELE_HEAD_memory
#define STELE_HEAD_memory "001"

/* 002_words.lua */
#define STELE_memory_002 1
#undef STELE_HEAD_memory
#define STELE_HEAD_memory "002"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations migrations;

#ifdef __cplusplus
}
#endif

#endif
