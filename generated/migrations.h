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

/* No STELE_PARAM_embedding_model: it is given when the migrations are applied (stele_options.values). */

/* The parameters that were fixed when this was built. */
#define STELE_PARAM_embedding_dim 384
#define STELE_PARAM_search_dim 384

/* The dimensions of the vector columns, as the whole history leaves them. */
#define STELE_DIM_agent_memory_1024_embedding 1024 /* agent_memory_1024.embedding: vector(1024) */
#define STELE_DIM_agent_memory_embedding 384 /* agent_memory.embedding: vector(384) */
#define STELE_DIM_memory_event_embedding 384 /* memory_event.embedding: vector(384) */

/* The tables that each component owns: const char *const tables[] = {STELE_TABLES_name}; */
#define STELE_TABLES_main \
    "agent", \
    "agent_memory", \
    "agent_memory_1024", \
    "agent_session", \
    "agent_user", \
    "memory_checkpoint", \
    "memory_event", \
    "memory_job", \
    "memory_run", \
    "session_summary"

/* 001_agent_memory.sql */
#define STELE_main_001 0
#undef STELE_HEAD_main
#define STELE_HEAD_main "001"

/* 002_add_fact.sql */
#define STELE_main_002 1
#undef STELE_HEAD_main
#define STELE_HEAD_main "002"

/* 003_session_summaries.sql */
#define STELE_main_003 2
#undef STELE_HEAD_main
#define STELE_HEAD_main "003"

/* 004_memory_type.sql */
#define STELE_main_004 3
#undef STELE_HEAD_main
#define STELE_HEAD_main "004"

/* 005_task_memory.sql */
#define STELE_main_005 4
#undef STELE_HEAD_main
#define STELE_HEAD_main "005"

/* 006_widen_memory_type.sql */
#define STELE_main_006 5
#undef STELE_HEAD_main
#define STELE_HEAD_main "006"

/* 007_lineage.sql */
#define STELE_main_007 6
#undef STELE_HEAD_main
#define STELE_HEAD_main "007"

/* 008_event_embeddings.sql */
#define STELE_main_008 7
#undef STELE_HEAD_main
#define STELE_HEAD_main "008"

/* 009_lineage_backfill.lua */
#define STELE_main_009 8
#undef STELE_HEAD_main
#define STELE_HEAD_main "009"

/* 010_room_for_jobs.sql */
#define STELE_main_010 9
#undef STELE_HEAD_main
#define STELE_HEAD_main "010"

#ifdef __cplusplus
extern "C" {
#endif

extern const stele_migrations migrations;

#ifdef __cplusplus
}
#endif

#endif
