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
#ifndef STELE_GENERATED_memory_migrations_H
#define STELE_GENERATED_memory_migrations_H

#include "stele.h"

/* No STELE_PARAM_owner: it is given when the migrations are applied (stele_options.values). */

/* No STELE_PARAM_greeting: it is given when the migrations are applied (stele_options.values). */

/* No STELE_PARAM_clause: it is given when the migrations are applied (stele_options.values). */

/* The parameters that were fixed when this was built. */
#define STELE_PARAM_dim 768
#define STELE_PARAM_offset (-5)
#define STELE_PARAM_fill "70"
#define STELE_PARAM_model "it's \"new\" \\ \303\251"
#define STELE_PARAM_flag "it is a literal"
#define STELE_PARAM_count 12

/* The dimensions of the vector columns, as the whole history leaves them. */
#define STELE_DIM_t_000001_v 768 /* t_000001.v: vector(768) */

/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */
#define STELE_TABLES_memory \
    "t_000001"

/* 001_a.sql */
#define STELE_memory_001 0
#undef STELE_HEAD_memory
#define STELE_HEAD_memory "001"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations memory_migrations;

#ifdef __cplusplus
}
#endif

#endif
