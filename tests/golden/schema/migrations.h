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

/* No STELE_PARAM_late: it is given when the migrations are applied (stele_options.values). */

/* The parameters that were fixed when this was built. */
#define STELE_PARAM_dim 384

/* The dimensions of the vector columns, as the whole history leaves them. */
#define STELE_DIM_document_embedding 12 /* document.embedding: vector(12) */
#define STELE_DIM_elsewhere_embedding 7 /* elsewhere.embedding: vector(7) */
#define STELE_DIM_eu_document 12 /* eu.document.embedding: vector(12) */
#define STELE_DIM_memory_embedding 384 /* memory.embedding: vector(384) */
#define STELE_DIM_memory_half 16 /* memory.half: halfvec(16) */
/* memory.late: vector(${late}), compared when the program starts */
#define STELE_DIM_memory_many 2 /* memory.many: vector(2)[] */
#define STELE_DIM_memory_sparse 2000 /* memory.sparse: sparsevec(2000) */
#define STELE_DIM_page_embedding 5 /* eu.page.embedding: vector(5) */
#define STELE_DIM_spot_where_is 2 /* spot.where is: vector(2) */
#define STELE_DIM_twin_vec 384 /* twin.vec: vector(384) */

/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */
#define STELE_TABLES_main \
    "eu.document", \
    "eu.page", \
    "document", \
    "memory", \
    "spot", \
    "twin"

/* 001_tables.sql */
#define STELE_main_001 0
#undef STELE_HEAD_main
#define STELE_HEAD_main "001"

/* 002_changes.sql */
#define STELE_main_002 1
#undef STELE_HEAD_main
#define STELE_HEAD_main "002"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations migrations;

#ifdef __cplusplus
}
#endif

#endif
