/*
 * migrations.c - migrations, and what stele knows of them
 *
 * Written by stelec 0.1.0 (libpg_query 17.4) from the folders "migrations" and "lua".
 * Don't edit it: change the folders, then run
 *     stelec -o migrations.c --lua lua migrations
 *
 * The migrations, in the order in which they are applied:
 *
 *     s1:0e95d194eff8    37 statements  001_agent_memory.sql
 *     s1:8f2ad16406eb    21 statements  002_add_fact.sql
 *     s1:623c56a2e311    12 statements  003_session_summaries.sql
 *     s1:907cece8407b     6 statements  004_memory_type.sql
 *     s1:501b9b6fe900    23 statements  005_task_memory.sql
 *     s1:79a5fe7c4915     5 statements  006_widen_memory_type.sql
 *     s1:84d885a7e8ea    21 statements  007_lineage.sql
 *     s1:edce91e17821     6 statements  008_event_embeddings.sql
 *     s2:435d0bc322a4             Lua  009_lineage_backfill.lua
 *     s1:57c06d77cb25    20 statements  010_room_for_jobs.sql
 *
 * The jobs, which are run by themselves:
 *
 *     s1:2934955517a6             Lua  J_event_lineage.lua
 *     s1:72ef377085cd             Lua  J_reembed.lua
 *     s1:c323986de44c             Lua  J_seal_names.lua
 *
 * The modules that they require:
 *
 *     s1:8988d8885ad3  lua/chains.lua
 */
#include "migrations.h"
#include "stele_job.h"

#include <stddef.h>

#if STELE_TABLE_FORMAT != 5
#error "stele.h is of another version than the stelec that wrote this file"
#endif

/* A migration may be longer than the 4,095 bytes that C11 promises for a literal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

/* 001_agent_memory.sql */

#define TEXT_main_001__agent_memory \
    "-- The memory of an AI agent: who remembers (agent), about whom (agent_user), in which\n" \
    "-- conversation (agent_session), and what (agent_memory). A memory is found again in three\n" \
    "-- ways: by words, by parts of words, and by meaning; each has its column and its index.\n" \
    "--\n" \
    "-- stele: needs server >= 13\n" \
    "-- stele: needs vector >= 0.5\n" \
    "-- stele: needs pg_trgm\n" \
    "\n" \
    "-- The only IF NOT EXISTS of this history: an extension belongs to the database, and where\n" \
    "-- the application's role may not create one, an operator has done it beforehand.\n" \
    "CREATE EXTENSION IF NOT EXISTS vector;\n" \
    "CREATE EXTENSION IF NOT EXISTS pg_trgm;\n" \
    "\n" \
    "CREATE FUNCTION touch_updated_at() RETURNS trigger\n" \
    "    LANGUAGE plpgsql AS $$\n" \
    "BEGIN\n" \
    "    NEW.updated_at := now();\n" \
    "    RETURN NEW;\n" \
    "END\n" \
    "$$;\n" \
    "\n" \
    "COMMENT ON FUNCTION touch_updated_at() IS 'BEFORE UPDATE: notes when a row was last edited.';\n" \
    "\n" \
    "CREATE TABLE agent (\n" \
    "    id          uuid        NOT NULL DEFAULT gen_random_uuid(),\n" \
    "    name        text        NOT NULL,\n" \
    "    description text        NOT NULL DEFAULT '',\n" \
    "    metadata    jsonb       NOT NULL DEFAULT '{}',\n" \
    "    created_at  timestamptz NOT NULL DEFAULT now(),\n" \
    "    updated_at  timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT agent_pkey PRIMARY KEY (id),\n" \
    "    CONSTRAINT agent_name_key UNIQUE (name),\n" \
    "    CONSTRAINT agent_name_check CHECK (btrim(name) <> ''),\n" \
    "    CONSTRAINT agent_metadata_check CHECK (jsonb_typeof(metadata) = 'object')\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE agent IS 'One row per agent that has a memory of its own.';\n" \
    "\n" \
    "CREATE TABLE agent_user (\n" \
    "    id           uuid        NOT NULL DEFAULT gen_random_uuid(),\n" \
    "    external_id  text        NOT NULL,\n" \
    "    display_name text        NOT NULL DEFAULT '',\n" \
    "    metadata     jsonb       NOT NULL DEFAULT '{}',\n" \
    "    created_at   timestamptz NOT NULL DEFAULT now(),\n" \
    "    updated_at   timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT agent_user_pkey PRIMARY KEY (id),\n" \
    "    CONSTRAINT agent_user_external_id_key UNIQUE (external_id),\n" \
    "    CONSTRAINT agent_user_metadata_check CHECK (jsonb_typeof(metadata) = 'object')\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE agent_user IS 'The people (or programs) that agents talk to.';\n" \
    "COMMENT ON COLUMN agent_user.external_id IS 'What the application calls this user.';\n" \
    "\n" \
    "CREATE TABLE agent_session (\n" \
    "    id         uuid        NOT NULL DEFAULT gen_random_uuid(),\n" \
    "    agent_id   uuid        NOT NULL,\n" \
    "    user_id    uuid        NOT NULL,\n" \
    "    title      text        NOT NULL DEFAULT '',\n" \
    "    metadata   jsonb       NOT NULL DEFAULT '{}',\n" \
    "    started_at timestamptz NOT NULL DEFAULT now(),\n" \
    "    ended_at   timestamptz,\n" \
    "    CONSTRAINT agent_session_pkey PRIMARY KEY (id),\n" \
    "    CONSTRAINT agent_session_agent_id_fkey\n" \
    "        FOREIGN KEY (agent_id) REFERENCES agent (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT agent_session_user_id_fkey\n" \
    "        FOREIGN KEY (user_id) REFERENCES agent_user (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT agent_session_ended_at_check CHECK (ended_at >= started_at),\n" \
    "    CONSTRAINT agent_session_metadata_check CHECK (jsonb_typeof(metadata) = 'object')\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE agent_session IS 'A conversation of one agent with one user.';\n" \
    "COMMENT ON COLUMN agent_session.ended_at IS 'NULL while it goes on.';\n" \
    "\n" \
    "CREATE TABLE agent_memory (\n" \
    "    id               uuid        NOT NULL DEFAULT gen_random_uuid(),\n" \
    "    agent_id         uuid        NOT NULL,\n" \
    "    user_id          uuid,\n" \
    "    session_id       uuid,\n" \
    "    content          text        NOT NULL,\n" \
    "    content_tsv      tsvector    GENERATED ALWAYS AS (to_tsvector('english', content)) STORED,\n" \
    "    embedding        vector(${embedding_dim}),\n" \
    "    importance       real        NOT NULL DEFAULT 0.5,\n" \
    "    metadata         jsonb       NOT NULL DEFAULT '{}',\n" \
    "    access_count     integer     NOT NULL DEFAULT 0,\n" \
    "    last_accessed_at timestamptz,\n" \
    "    created_at       timestamptz NOT NULL DEFAULT now(),\n" \
    "    updated_at       timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT agent_memory_pkey PRIMARY KEY (id),\n" \
    "    CONSTRAINT agent_memory_agent_id_fkey\n" \
    "        FOREIGN KEY (agent_id) REFERENCES agent (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT agent_memory_user_id_fkey\n" \
    "        FOREIGN KEY (user_id) REFERENCES agent_user (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT agent_memory_session_id_fkey\n" \
    "        FOREIGN KEY (session_id) REFERENCES agent_session (id) ON DELETE SET NULL,\n" \
    "    CONSTRAINT agent_memory_content_check CHECK (btrim(content) <> ''),\n" \
    "    CONSTRAINT agent_memory_importance_check CHECK (importance BETWEEN 0 AND 1),\n" \
    "    CONSTRAINT agent_memory_access_count_check CHECK (access_count >= 0),\n" \
    "    CONSTRAINT agent_memory_metadata_check CHECK (jsonb_typeof(metadata) = 'object')\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE agent_memory IS 'What an agent remembers, one memory per row.';\n" \
    "COMMENT ON COLUMN agent_memory.user_id IS 'NULL: true of no user in particular.';\n" \
    "COMMENT ON COLUMN agent_memory.session_id IS 'Where it was learnt; NULL when that session is gone.';\n" \
    "COMMENT ON COLUMN agent_memory.content_tsv IS 'For the search by words.';\n" \
    "COMMENT ON COLUMN agent_memory.embedding IS 'For the search by meaning; NULL until it was computed.';\n" \
    "COMMENT ON COLUMN agent_memory.importance IS 'From 0, may be forgotten, to 1, must not be.';\n" \
    "\n" \
    "CREATE INDEX agent_session_agent_id_started_at_idx ON agent_session (agent_id, started_at DESC);\n" \
    "CREATE INDEX agent_session_user_id_started_at_idx ON agent_session (user_id, started_at DESC);\n" \
    "\n" \
    "-- Each foreign key has an index that begins with its column: without one, deleting the row it\n" \
    "-- refers to reads this whole table.\n" \
    "CREATE INDEX agent_memory_agent_id_created_at_idx ON agent_memory (agent_id, created_at DESC);\n" \
    "CREATE INDEX agent_memory_user_id_created_at_idx ON agent_memory (user_id, created_at DESC);\n" \
    "CREATE INDEX agent_memory_session_id_idx ON agent_memory (session_id);\n" \
    "\n" \
    "CREATE INDEX agent_memory_content_tsv_idx ON agent_memory USING gin (content_tsv);\n" \
    "CREATE INDEX agent_memory_content_trgm_idx ON agent_memory USING gin (content gin_trgm_ops);\n" \
    "CREATE INDEX agent_memory_embedding_idx ON agent_memory\n" \
    "    USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);\n" \
    "\n" \
    "CREATE TRIGGER agent_touch\n" \
    "    BEFORE UPDATE ON agent\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "CREATE TRIGGER agent_user_touch\n" \
    "    BEFORE UPDATE ON agent_user\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "-- Looking a memory up and embedding it anew are not edits, so the columns are named.\n" \
    "CREATE TRIGGER agent_memory_touch\n" \
    "    BEFORE UPDATE OF content, importance, metadata ON agent_memory\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "-- stele: down\n" \
    "DROP TABLE agent_memory, agent_session, agent_user, agent;\n" \
    "DROP FUNCTION touch_updated_at();\n" \
    "-- No CASCADE: when something else uses an extension by now, this fails and nothing is lost.\n" \
    "DROP EXTENSION pg_trgm, vector;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT count(*) = 4 FROM pg_class\n" \
    " WHERE oid IN ('agent'::regclass, 'agent_user'::regclass, 'agent_session'::regclass, 'agent_memory'::regclass);\n" \
    "\n" \
    "SELECT format_type(atttypid, atttypmod) = 'vector(${embedding_dim})' FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory'::regclass AND attname = 'embedding';\n" \
    "\n" \
    "SELECT attgenerated = 's' FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory'::regclass AND attname = 'content_tsv';\n" \
    "\n" \
    "SELECT count(*) = 3 AND bool_and(indisvalid) FROM pg_index\n" \
    " WHERE indexrelid IN ('agent_memory_content_tsv_idx'::regclass, 'agent_memory_content_trgm_idx'::regclass,\n" \
    "                      'agent_memory_embedding_idx'::regclass);\n"
_Static_assert(sizeof(TEXT_main_001__agent_memory) == 7347, "agent_memory: the text was changed");
static const stele_statement main_001__agent_memory_statements[] = {
    {527, 564, 0, 0, STELE_RUN}, /* 11: CREATE EXTENSION IF NOT EXISTS vector */
    {566, 604, 0, 0, STELE_RUN}, /* 12: CREATE EXTENSION IF NOT EXISTS pg_trgm */
    {607, 742, 0, 0, STELE_RUN}, /* 14: CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE ... */
    {745, 837, 0, 0, STELE_RUN}, /* 22: COMMENT ON FUNCTION touch_updated_at() IS 'BEFORE UPDATE: no... */
    {840, 1394, 0, 0, STELE_RUN}, /* 24: CREATE TABLE agent ( id uuid NOT NULL DEFAULT gen_random_uui... */
    {1397, 1472, 0, 0, STELE_RUN}, /* 37: COMMENT ON TABLE agent IS 'One row per agent that has a memo... */
    {1475, 2010, 0, 0, STELE_RUN}, /* 39: CREATE TABLE agent_user ( id uuid NOT NULL DEFAULT gen_rando... */
    {2013, 2091, 0, 0, STELE_RUN}, /* 51: COMMENT ON TABLE agent_user IS 'The people (or programs) tha... */
    {2093, 2176, 0, 0, STELE_RUN}, /* 52: COMMENT ON COLUMN agent_user.external_id IS 'What the applic... */
    {2179, 2970, 0, 0, STELE_RUN}, /* 54: CREATE TABLE agent_session ( id uuid NOT NULL DEFAULT gen_ra... */
    {2973, 3051, 0, 0, STELE_RUN}, /* 71: COMMENT ON TABLE agent_session IS 'A conversation of one age... */
    {3053, 3121, 0, 0, STELE_RUN}, /* 72: COMMENT ON COLUMN agent_session.ended_at IS 'NULL while it g... */
    {3124, 4537, 0, 0, STELE_RUN}, /* 74: CREATE TABLE agent_memory ( id uuid NOT NULL DEFAULT gen_ran... */
    {4540, 4619, 0, 0, STELE_RUN}, /* 101: COMMENT ON TABLE agent_memory IS 'What an agent remembers, o... */
    {4621, 4701, 0, 0, STELE_RUN}, /* 102: COMMENT ON COLUMN agent_memory.user_id IS 'NULL: true of no ... */
    {4703, 4802, 0, 0, STELE_RUN}, /* 103: COMMENT ON COLUMN agent_memory.session_id IS 'Where it was l... */
    {4804, 4876, 0, 0, STELE_RUN}, /* 104: COMMENT ON COLUMN agent_memory.content_tsv IS 'For the searc... */
    {4878, 4978, 0, 0, STELE_RUN}, /* 105: COMMENT ON COLUMN agent_memory.embedding IS 'For the search ... */
    {4980, 5071, 0, 0, STELE_RUN}, /* 106: COMMENT ON COLUMN agent_memory.importance IS 'From 0, may be... */
    {5074, 5169, 0, 0, STELE_RUN}, /* 108: CREATE INDEX agent_session_agent_id_started_at_idx ON agent_... */
    {5171, 5264, 0, 0, STELE_RUN}, /* 109: CREATE INDEX agent_session_user_id_started_at_idx ON agent_s... */
    {5399, 5492, 0, 0, STELE_RUN}, /* 113: CREATE INDEX agent_memory_agent_id_created_at_idx ON agent_m... */
    {5494, 5585, 0, 0, STELE_RUN}, /* 114: CREATE INDEX agent_memory_user_id_created_at_idx ON agent_me... */
    {5587, 5656, 0, 0, STELE_RUN}, /* 115: CREATE INDEX agent_memory_session_id_idx ON agent_memory (se... */
    {5659, 5740, 0, 0, STELE_RUN}, /* 117: CREATE INDEX agent_memory_content_tsv_idx ON agent_memory US... */
    {5742, 5833, 0, 0, STELE_RUN}, /* 118: CREATE INDEX agent_memory_content_trgm_idx ON agent_memory U... */
    {5835, 5971, 0, 0, STELE_RUN}, /* 119: CREATE INDEX agent_memory_embedding_idx ON agent_memory USIN... */
    {5974, 6080, 0, 0, STELE_RUN}, /* 122: CREATE TRIGGER agent_touch BEFORE UPDATE ON agent FOR EACH R... */
    {6083, 6199, 0, 0, STELE_RUN}, /* 126: CREATE TRIGGER agent_user_touch BEFORE UPDATE ON agent_user ... */
    {6288, 6441, 0, 0, STELE_RUN}, /* 131: CREATE TRIGGER agent_memory_touch BEFORE UPDATE OF content, ... */
    {6459, 6516, 0, 0, STELE_RUN}, /* 136: DROP TABLE agent_memory, agent_session, agent_user, agent */
    {6518, 6550, 0, 0, STELE_RUN}, /* 137: DROP FUNCTION touch_updated_at() */
    {6645, 6675, 0, 0, STELE_RUN}, /* 139: DROP EXTENSION pg_trgm, vector */
    {6695, 6839, 0, 0, STELE_RUN}, /* 142: SELECT count(*) = 4 FROM pg_class WHERE oid IN ('agent'::reg... */
    {6842, 6997, 0, 0, STELE_RUN}, /* 145: SELECT format_type(atttypid, atttypmod) = 'vector(${embeddin... */
    {7000, 7114, 0, 0, STELE_RUN}, /* 148: SELECT attgenerated = 's' FROM pg_attribute WHERE attrelid =... */
    {7117, 7344, 0, 0, STELE_RUN}, /* 151: SELECT count(*) = 3 AND bool_and(indisvalid) FROM pg_index W... */
};
static const stele_step main_001__agent_memory_steps[] = {
    {.first = 0, .count = 30},
    {.first = 30, .count = 3},
    {.first = 33, .count = 4},
};
static const stele_reference main_001__agent_memory_references[] = {
    {3484, 3500, 0, STELE_IN_SQL}, /* 81: embedding_dim */
    {6892, 6908, 0, STELE_IN_STRING}, /* 145: embedding_dim */
};
static const stele_need main_001__agent_memory_needs[] = {
    {"server", "13", 5},
    {"vector", "0.5", 6},
    {"pg_trgm", NULL, 7},
};
static const stele_loss main_001__agent_memory_losses[] = {
    {STELE_LOSES_TABLE, "\"agent_memory\"", NULL, 6459}, /* 136 */
    {STELE_LOSES_TABLE, "\"agent_session\"", NULL, 6459}, /* 136 */
    {STELE_LOSES_TABLE, "\"agent_user\"", NULL, 6459}, /* 136 */
    {STELE_LOSES_TABLE, "\"agent\"", NULL, 6459}, /* 136 */
};
static const stele_effect main_001__agent_memory_effects[] = {
    {30, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_memory\""}, /* 136: ACCESS EXCLUSIVE */
    {30, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_session\""}, /* 136: ACCESS EXCLUSIVE */
    {30, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_user\""}, /* 136: ACCESS EXCLUSIVE */
    {30, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent\""}, /* 136: ACCESS EXCLUSIVE */
    {31, 0, STELE_BREAKS, NULL}, /* 137:  */
    {32, 0, STELE_BREAKS, NULL}, /* 139:  */
    {32, 0, STELE_BREAKS, NULL}, /* 139:  */
};
static const stele_demand main_001__agent_memory_demands[] = {
    {0, STELE_NEEDS_NEW_EXTENSION, NULL, "vector"}, /* 11 */
    {1, STELE_NEEDS_NEW_EXTENSION, NULL, "pg_trgm"}, /* 12 */
    {2, STELE_NEEDS_CREATE, NULL, NULL}, /* 14 */
    {2, STELE_MAKES, NULL, "touch_updated_at"}, /* 14 */
    {4, STELE_MAKES, NULL, "agent"}, /* 24 */
    {6, STELE_MAKES, NULL, "agent_user"}, /* 39 */
    {9, STELE_MAKES, NULL, "agent_session"}, /* 54 */
    {12, STELE_MAKES, NULL, "agent_memory"}, /* 74 */
    {19, STELE_MAKES, NULL, "agent_session_agent_id_started_at_idx"}, /* 108 */
    {20, STELE_MAKES, NULL, "agent_session_user_id_started_at_idx"}, /* 109 */
    {21, STELE_MAKES, NULL, "agent_memory_agent_id_created_at_idx"}, /* 113 */
    {22, STELE_MAKES, NULL, "agent_memory_user_id_created_at_idx"}, /* 114 */
    {23, STELE_MAKES, NULL, "agent_memory_session_id_idx"}, /* 115 */
    {24, STELE_MAKES, NULL, "agent_memory_content_tsv_idx"}, /* 117 */
    {25, STELE_MAKES, NULL, "agent_memory_content_trgm_idx"}, /* 118 */
    {26, STELE_MAKES, NULL, "agent_memory_embedding_idx"}, /* 119 */
    {30, STELE_NEEDS_TO_DROP, NULL, "agent_memory"}, /* 136 */
    {30, STELE_NEEDS_TO_DROP, NULL, "agent_session"}, /* 136 */
    {30, STELE_NEEDS_TO_DROP, NULL, "agent_user"}, /* 136 */
    {30, STELE_NEEDS_TO_DROP, NULL, "agent"}, /* 136 */
    {31, STELE_NEEDS_FUNCTION_TO_DROP, NULL, "touch_updated_at"}, /* 137 */
    {32, STELE_NEEDS_EXTENSION_TO_DROP, NULL, "pg_trgm"}, /* 139 */
    {32, STELE_NEEDS_EXTENSION_TO_DROP, NULL, "vector"}, /* 139 */
};

/* 002_add_fact.sql */

#define TEXT_main_002__add_fact \
    "-- A memory is kept as it was said (content), as the one sentence that is worth knowing (fact,\n" \
    "-- where the extractor found one), and as what a prompt is given (main_content: without\n" \
    "-- greetings, quotes and the noise of tools; the content itself until something better is known).\n" \
    "--\n" \
    "-- Up to now the extractor left the fact in the metadata; the backfill takes it from there.\n" \
    "--\n" \
    "-- Each part commits on its own: the exclusive lock that ADD COLUMN takes is gone again before\n" \
    "-- the table is read or written as a whole.\n" \
    "--\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "-- Programs that know nothing of main_content go on writing while this runs and after it: the\n" \
    "-- trigger fills the column for them, and the check holds for every row that comes from now on.\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    ADD COLUMN fact text,\n" \
    "    ADD COLUMN main_content text,\n" \
    "    ADD CONSTRAINT agent_memory_fact_check CHECK (btrim(fact) <> '') NOT VALID,\n" \
    "    ADD CONSTRAINT agent_memory_main_content_check CHECK (main_content IS NOT NULL) NOT VALID;\n" \
    "\n" \
    "COMMENT ON COLUMN agent_memory.fact IS 'The one sentence to know; NULL where there is none.';\n" \
    "COMMENT ON COLUMN agent_memory.main_content IS 'What a prompt is given.';\n" \
    "\n" \
    "CREATE FUNCTION agent_memory_fill() RETURNS trigger\n" \
    "    LANGUAGE plpgsql AS $$\n" \
    "BEGIN\n" \
    "    IF TG_OP = 'INSERT' THEN\n" \
    "        NEW.main_content := coalesce(NEW.main_content, NEW.content);\n" \
    "    ELSIF NEW.main_content IS NULL OR NEW.main_content = OLD.content THEN\n" \
    "        -- Nobody gave it a text of its own, so it follows the content.\n" \
    "        NEW.main_content := NEW.content;\n" \
    "    END IF;\n" \
    "    RETURN NEW;\n" \
    "END\n" \
    "$$;\n" \
    "\n" \
    "COMMENT ON FUNCTION agent_memory_fill() IS 'BEFORE INSERT OR UPDATE: fills what an older program leaves out.';\n" \
    "\n" \
    "CREATE TRIGGER agent_memory_fill\n" \
    "    BEFORE INSERT OR UPDATE OF content ON agent_memory\n" \
    "    FOR EACH ROW EXECUTE FUNCTION agent_memory_fill();\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "UPDATE agent_memory\n" \
    "   SET fact = nullif(btrim(metadata ->> 'fact'), ''),\n" \
    "       main_content = content\n" \
    " WHERE main_content IS NULL;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    VALIDATE CONSTRAINT agent_memory_fact_check,\n" \
    "    VALIDATE CONSTRAINT agent_memory_main_content_check;\n" \
    "\n" \
    "-- With the check proven, SET NOT NULL doesn't read the table again. The touch trigger names the\n" \
    "-- new columns only now, so that the backfill was no edit.\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_memory ALTER COLUMN main_content SET NOT NULL;\n" \
    "ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_main_content_check;\n" \
    "\n" \
    "DROP TRIGGER agent_memory_touch ON agent_memory;\n" \
    "CREATE TRIGGER agent_memory_touch\n" \
    "    BEFORE UPDATE OF content, fact, main_content, importance, metadata ON agent_memory\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "-- stele: down\n" \
    "-- A trigger that names a column keeps it from being dropped, so it goes first.\n" \
    "DROP TRIGGER agent_memory_touch ON agent_memory;\n" \
    "CREATE TRIGGER agent_memory_touch\n" \
    "    BEFORE UPDATE OF content, importance, metadata ON agent_memory\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "DROP TRIGGER agent_memory_fill ON agent_memory;\n" \
    "DROP FUNCTION agent_memory_fill();\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    DROP COLUMN main_content,\n" \
    "    DROP COLUMN fact;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT count(*) = 2 FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory'::regclass AND attname IN ('fact', 'main_content');\n" \
    "\n" \
    "SELECT attnotnull FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory'::regclass AND attname = 'main_content';\n" \
    "\n" \
    "SELECT convalidated FROM pg_constraint\n" \
    " WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_fact_check';\n" \
    "\n" \
    "SELECT tgenabled = 'O' FROM pg_trigger\n" \
    " WHERE tgrelid = 'agent_memory'::regclass AND tgname = 'agent_memory_fill';\n"
_Static_assert(sizeof(TEXT_main_002__add_fact) == 3604, "add_fact: the text was changed");
static const stele_statement main_002__add_fact_statements[] = {
    {746, 1004, 0, 0, STELE_RUN}, /* 16: ALTER TABLE agent_memory ADD COLUMN fact text, ADD COLUMN ma... */
    {1007, 1099, 0, 0, STELE_RUN}, /* 22: COMMENT ON COLUMN agent_memory.fact IS 'The one sentence to ... */
    {1101, 1173, 0, 0, STELE_RUN}, /* 23: COMMENT ON COLUMN agent_memory.main_content IS 'What a promp... */
    {1176, 1580, 0, 0, STELE_RUN}, /* 25: CREATE FUNCTION agent_memory_fill() RETURNS trigger LANGUAGE... */
    {1583, 1692, 0, 0, STELE_RUN}, /* 38: COMMENT ON FUNCTION agent_memory_fill() IS 'BEFORE INSERT OR... */
    {1695, 1836, 0, 0, STELE_RUN}, /* 40: CREATE TRIGGER agent_memory_fill BEFORE INSERT OR UPDATE OF ... */
    {1848, 1979, 0, 0, STELE_RUN}, /* 46: UPDATE agent_memory SET fact = nullif(btrim(metadata ->> 'fa... */
    {1982, 2111, 0, 0, STELE_RUN}, /* 51: ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_fa... */
    {2278, 2341, 0, 0, STELE_RUN}, /* 59: ALTER TABLE agent_memory ALTER COLUMN main_content SET NOT N... */
    {2343, 2415, 0, 0, STELE_RUN}, /* 60: ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_main_c... */
    {2418, 2465, 0, 0, STELE_RUN}, /* 62: DROP TRIGGER agent_memory_touch ON agent_memory */
    {2467, 2640, 0, 0, STELE_RUN}, /* 63: CREATE TRIGGER agent_memory_touch BEFORE UPDATE OF content, ... */
    {2747, 2794, 0, 0, STELE_RUN}, /* 71: DROP TRIGGER agent_memory_touch ON agent_memory */
    {2796, 2949, 0, 0, STELE_RUN}, /* 72: CREATE TRIGGER agent_memory_touch BEFORE UPDATE OF content, ... */
    {2952, 2998, 0, 0, STELE_RUN}, /* 76: DROP TRIGGER agent_memory_fill ON agent_memory */
    {3000, 3033, 0, 0, STELE_RUN}, /* 77: DROP FUNCTION agent_memory_fill() */
    {3036, 3111, 0, 0, STELE_RUN}, /* 79: ALTER TABLE agent_memory DROP COLUMN main_content, DROP COLU... */
    {3131, 3251, 0, 0, STELE_RUN}, /* 84: SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = 'agen... */
    {3254, 3361, 0, 0, STELE_RUN}, /* 87: SELECT attnotnull FROM pg_attribute WHERE attrelid = 'agent_... */
    {3364, 3485, 0, 0, STELE_RUN}, /* 90: SELECT convalidated FROM pg_constraint WHERE conrelid = 'age... */
    {3488, 3601, 0, 0, STELE_RUN}, /* 93: SELECT tgenabled = 'O' FROM pg_trigger WHERE tgrelid = 'agen... */
};
static const stele_step main_002__add_fact_steps[] = {
    {.first = 0, .count = 6},
    {.first = 6, .count = 1},
    {.first = 7, .count = 1},
    {.first = 8, .count = 4},
    {.first = 12, .count = 5},
    {.first = 17, .count = 4},
};
static const stele_loss main_002__add_fact_losses[] = {
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "main_content", 3036}, /* 79 */
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "fact", 3036}, /* 79 */
};
static const stele_effect main_002__add_fact_effects[] = {
    {0, 8, STELE_BREAKS, "\"agent_memory\""}, /* 16: ACCESS EXCLUSIVE */
    {1, 4, 0, "\"agent_memory\""}, /* 22: SHARE UPDATE EXCLUSIVE */
    {2, 4, 0, "\"agent_memory\""}, /* 23: SHARE UPDATE EXCLUSIVE */
    {5, 6, 0, NULL}, /* 40: SHARE ROW EXCLUSIVE */
    {7, 4, STELE_SCANS, "\"agent_memory\""}, /* 51: SHARE UPDATE EXCLUSIVE */
    {8, 8, STELE_BREAKS, "\"agent_memory\""}, /* 59: ACCESS EXCLUSIVE */
    {9, 8, 0, "\"agent_memory\""}, /* 60: ACCESS EXCLUSIVE */
    {10, 8, 0, NULL}, /* 62: ACCESS EXCLUSIVE */
    {11, 6, 0, NULL}, /* 63: SHARE ROW EXCLUSIVE */
    {12, 8, 0, NULL}, /* 71: ACCESS EXCLUSIVE */
    {13, 6, 0, NULL}, /* 72: SHARE ROW EXCLUSIVE */
    {14, 8, 0, NULL}, /* 76: ACCESS EXCLUSIVE */
    {15, 0, STELE_BREAKS, NULL}, /* 77:  */
    {16, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_memory\""}, /* 79: ACCESS EXCLUSIVE */
};
static const stele_demand main_002__add_fact_demands[] = {
    {0, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 16 */
    {3, STELE_NEEDS_CREATE, NULL, NULL}, /* 25 */
    {3, STELE_MAKES, NULL, "agent_memory_fill"}, /* 25 */
    {5, STELE_NEEDS_TRIGGER, NULL, "agent_memory"}, /* 40 */
    {6, STELE_NEEDS_UPDATE, NULL, "agent_memory"}, /* 46 */
    {10, STELE_NEEDS_LEAVE, NULL, "agent_memory"}, /* 62 */
    {12, STELE_NEEDS_LEAVE, NULL, "agent_memory"}, /* 71 */
    {13, STELE_NEEDS_TRIGGER, NULL, "agent_memory"}, /* 72 */
    {15, STELE_NEEDS_FUNCTION_TO_DROP, NULL, "agent_memory_fill"}, /* 77 */
    {16, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 79 */
};

/* 003_session_summaries.sql */

#define TEXT_main_003__session_summaries \
    "-- Rolling summaries: when a conversation outgrows the context of the model, its older part is\n" \
    "-- summed up, and each summary takes in the one before it. All are kept, so that a summary can\n" \
    "-- be traced back; the last is the one in use.\n" \
    "--\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "CREATE TABLE session_summary (\n" \
    "    session_id    uuid        NOT NULL,\n" \
    "    sequence      integer     NOT NULL,\n" \
    "    summary       text        NOT NULL,\n" \
    "    summary_tsv   tsvector    GENERATED ALWAYS AS (to_tsvector('english', summary)) STORED,\n" \
    "    message_count integer     NOT NULL,\n" \
    "    token_count   integer     NOT NULL,\n" \
    "    model         text        NOT NULL,\n" \
    "    covers_until  timestamptz NOT NULL,\n" \
    "    created_at    timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT session_summary_pkey PRIMARY KEY (session_id, sequence),\n" \
    "    CONSTRAINT session_summary_session_id_fkey\n" \
    "        FOREIGN KEY (session_id) REFERENCES agent_session (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT session_summary_sequence_check CHECK (sequence > 0),\n" \
    "    CONSTRAINT session_summary_summary_check CHECK (btrim(summary) <> ''),\n" \
    "    CONSTRAINT session_summary_message_count_check CHECK (message_count > 0),\n" \
    "    CONSTRAINT session_summary_token_count_check CHECK (token_count >= 0)\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE session_summary IS 'What a session was about, up to a moment; the last of a session is in use.';\n" \
    "COMMENT ON COLUMN session_summary.sequence IS 'From 1, without gaps, per session.';\n" \
    "COMMENT ON COLUMN session_summary.message_count IS 'Messages from the start of the session that it covers.';\n" \
    "COMMENT ON COLUMN session_summary.covers_until IS 'When the last of these messages was sent.';\n" \
    "\n" \
    "CREATE INDEX session_summary_summary_tsv_idx ON session_summary USING gin (summary_tsv);\n" \
    "\n" \
    "ALTER TABLE agent_session ADD COLUMN summarized_until timestamptz;\n" \
    "\n" \
    "COMMENT ON COLUMN agent_session.summarized_until IS 'covers_until of the last summary; NULL before the first.';\n" \
    "\n" \
    "-- stele: down\n" \
    "ALTER TABLE agent_session DROP COLUMN summarized_until;\n" \
    "DROP TABLE session_summary;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT confdeltype = 'c' FROM pg_constraint\n" \
    " WHERE conrelid = 'session_summary'::regclass AND conname = 'session_summary_session_id_fkey';\n" \
    "\n" \
    "SELECT count(*) = 1 FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_session'::regclass AND attname = 'summarized_until';\n"
_Static_assert(sizeof(TEXT_main_003__session_summaries) == 2272, "session_summaries: the text was changed");
static const stele_statement main_003__session_summaries_statements[] = {
    {267, 1221, 0, 0, STELE_RUN}, /* 7: CREATE TABLE session_summary ( session_id uuid NOT NULL, seq... */
    {1224, 1336, 0, 0, STELE_RUN}, /* 26: COMMENT ON TABLE session_summary IS 'What a session was abou... */
    {1338, 1420, 0, 0, STELE_RUN}, /* 27: COMMENT ON COLUMN session_summary.sequence IS 'From 1, witho... */
    {1422, 1529, 0, 0, STELE_RUN}, /* 28: COMMENT ON COLUMN session_summary.message_count IS 'Messages... */
    {1531, 1624, 0, 0, STELE_RUN}, /* 29: COMMENT ON COLUMN session_summary.covers_until IS 'When the ... */
    {1627, 1714, 0, 0, STELE_RUN}, /* 31: CREATE INDEX session_summary_summary_tsv_idx ON session_summ... */
    {1717, 1782, 0, 0, STELE_RUN}, /* 33: ALTER TABLE agent_session ADD COLUMN summarized_until timest... */
    {1785, 1895, 0, 0, STELE_RUN}, /* 35: COMMENT ON COLUMN agent_session.summarized_until IS 'covers_... */
    {1913, 1967, 0, 0, STELE_RUN}, /* 38: ALTER TABLE agent_session DROP COLUMN summarized_until */
    {1969, 1995, 0, 0, STELE_RUN}, /* 39: DROP TABLE session_summary */
    {2015, 2152, 0, 0, STELE_RUN}, /* 42: SELECT confdeltype = 'c' FROM pg_constraint WHERE conrelid =... */
    {2155, 2269, 0, 0, STELE_RUN}, /* 45: SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'agen... */
};
static const stele_step main_003__session_summaries_steps[] = {
    {.first = 0, .count = 8},
    {.first = 8, .count = 2},
    {.first = 10, .count = 2},
};
static const stele_loss main_003__session_summaries_losses[] = {
    {STELE_LOSES_COLUMN, "\"agent_session\"", "summarized_until", 1913}, /* 38 */
    {STELE_LOSES_TABLE, "\"session_summary\"", NULL, 1969}, /* 39 */
};
static const stele_effect main_003__session_summaries_effects[] = {
    {0, 6, 0, "\"agent_session\""}, /* 7: SHARE ROW EXCLUSIVE */
    {6, 8, 0, "\"agent_session\""}, /* 33: ACCESS EXCLUSIVE */
    {7, 4, 0, "\"agent_session\""}, /* 35: SHARE UPDATE EXCLUSIVE */
    {8, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_session\""}, /* 38: ACCESS EXCLUSIVE */
    {9, 8, STELE_DESTROYS | STELE_BREAKS, "\"session_summary\""}, /* 39: ACCESS EXCLUSIVE */
    {9, 8, 0, "\"agent_session\""}, /* 39: ACCESS EXCLUSIVE */
};
static const stele_demand main_003__session_summaries_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 7 */
    {0, STELE_MAKES, NULL, "session_summary"}, /* 7 */
    {0, STELE_NEEDS_REFERENCES, NULL, "agent_session"}, /* 7 */
    {5, STELE_MAKES, NULL, "session_summary_summary_tsv_idx"}, /* 31 */
    {6, STELE_NEEDS_OWNER, NULL, "agent_session"}, /* 33 */
    {8, STELE_NEEDS_OWNER, NULL, "agent_session"}, /* 38 */
    {9, STELE_NEEDS_TO_DROP, NULL, "session_summary"}, /* 39 */
};

/* 004_memory_type.sql */

#define TEXT_main_004__memory_type \
    "-- Memories of different kinds are kept for different times and ranked by different rules. Every\n" \
    "-- memory so far was a plain statement: semantic.\n" \
    "--\n" \
    "-- A text column with a check, and no enum type: a check can be widened and narrowed in a\n" \
    "-- transaction, a value of an enum can't be taken out again.\n" \
    "--\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "-- A constant default is kept in the catalog: no row is written.\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    ADD COLUMN memory_type text NOT NULL DEFAULT 'semantic',\n" \
    "    ADD CONSTRAINT agent_memory_memory_type_check\n" \
    "        CHECK (memory_type IN ('semantic', 'episodic', 'preference')) NOT VALID;\n" \
    "\n" \
    "COMMENT ON COLUMN agent_memory.memory_type IS 'What kind of memory it is: decides how long it is kept and how it is ranked.';\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "-- Reads the whole table, but lets others write meanwhile.\n" \
    "ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_memory_type_check;\n" \
    "\n" \
    "-- stele: down\n" \
    "ALTER TABLE agent_memory DROP COLUMN memory_type;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT attnotnull FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory'::regclass AND attname = 'memory_type';\n" \
    "\n" \
    "SELECT convalidated FROM pg_constraint\n" \
    " WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_memory_type_check';\n"
_Static_assert(sizeof(TEXT_main_004__memory_type) == 1218, "memory_type: the text was changed");
static const stele_statement main_004__memory_type_statements[] = {
    {404, 619, 0, 0, STELE_RUN}, /* 12: ALTER TABLE agent_memory ADD COLUMN memory_type text NOT NUL... */
    {622, 746, 0, 0, STELE_RUN}, /* 17: COMMENT ON COLUMN agent_memory.memory_type IS 'What kind of ... */
    {817, 892, 0, 0, STELE_RUN}, /* 22: ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_me... */
    {910, 958, 0, 0, STELE_RUN}, /* 25: ALTER TABLE agent_memory DROP COLUMN memory_type */
    {978, 1084, 0, 0, STELE_RUN}, /* 28: SELECT attnotnull FROM pg_attribute WHERE attrelid = 'agent_... */
    {1087, 1215, 0, 0, STELE_RUN}, /* 31: SELECT convalidated FROM pg_constraint WHERE conrelid = 'age... */
};
static const stele_step main_004__memory_type_steps[] = {
    {.first = 0, .count = 2},
    {.first = 2, .count = 1},
    {.first = 3, .count = 1},
    {.first = 4, .count = 2},
};
static const stele_loss main_004__memory_type_losses[] = {
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "memory_type", 910}, /* 25 */
};
static const stele_effect main_004__memory_type_effects[] = {
    {0, 8, STELE_BREAKS, "\"agent_memory\""}, /* 12: ACCESS EXCLUSIVE */
    {1, 4, 0, "\"agent_memory\""}, /* 17: SHARE UPDATE EXCLUSIVE */
    {2, 4, STELE_SCANS, "\"agent_memory\""}, /* 22: SHARE UPDATE EXCLUSIVE */
    {3, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_memory\""}, /* 25: ACCESS EXCLUSIVE */
};
static const stele_demand main_004__memory_type_demands[] = {
    {0, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 12 */
    {3, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 25 */
};

/* 005_task_memory.sql */

#define TEXT_main_005__task_memory \
    "-- The memory of a task: a run is one attempt of an agent at a goal, its events are what happened\n" \
    "-- in order, a checkpoint is the state after an event from which the run can go on, and jobs are\n" \
    "-- the work that is done later, by whichever worker takes it first.\n" \
    "\n" \
    "CREATE TABLE memory_run (\n" \
    "    id          uuid        NOT NULL DEFAULT gen_random_uuid(),\n" \
    "    agent_id    uuid        NOT NULL,\n" \
    "    session_id  uuid,\n" \
    "    goal        text        NOT NULL,\n" \
    "    status      text        NOT NULL DEFAULT 'running',\n" \
    "    outcome     text,\n" \
    "    metadata    jsonb       NOT NULL DEFAULT '{}',\n" \
    "    started_at  timestamptz NOT NULL DEFAULT now(),\n" \
    "    finished_at timestamptz,\n" \
    "    CONSTRAINT memory_run_pkey PRIMARY KEY (id),\n" \
    "    CONSTRAINT memory_run_agent_id_fkey\n" \
    "        FOREIGN KEY (agent_id) REFERENCES agent (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT memory_run_session_id_fkey\n" \
    "        FOREIGN KEY (session_id) REFERENCES agent_session (id) ON DELETE SET NULL,\n" \
    "    CONSTRAINT memory_run_goal_check CHECK (btrim(goal) <> ''),\n" \
    "    CONSTRAINT memory_run_status_check CHECK (status IN ('running', 'done', 'failed', 'cancelled')),\n" \
    "    CONSTRAINT memory_run_finished_at_check\n" \
    "        CHECK ((status = 'running') = (finished_at IS NULL) AND finished_at >= started_at),\n" \
    "    CONSTRAINT memory_run_metadata_check CHECK (jsonb_typeof(metadata) = 'object')\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE memory_run IS 'One attempt of an agent at a goal.';\n" \
    "COMMENT ON COLUMN memory_run.outcome IS 'In words, once it has finished.';\n" \
    "\n" \
    "CREATE INDEX memory_run_agent_id_started_at_idx ON memory_run (agent_id, started_at DESC);\n" \
    "CREATE INDEX memory_run_session_id_idx ON memory_run (session_id);\n" \
    "\n" \
    "CREATE TABLE memory_event (\n" \
    "    run_id      uuid        NOT NULL,\n" \
    "    sequence    integer     NOT NULL,\n" \
    "    kind        text        NOT NULL,\n" \
    "    content     text        NOT NULL DEFAULT '',\n" \
    "    content_tsv tsvector    GENERATED ALWAYS AS (to_tsvector('english', content)) STORED,\n" \
    "    payload     jsonb       NOT NULL DEFAULT '{}',\n" \
    "    created_at  timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT memory_event_pkey PRIMARY KEY (run_id, sequence),\n" \
    "    CONSTRAINT memory_event_run_id_fkey\n" \
    "        FOREIGN KEY (run_id) REFERENCES memory_run (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT memory_event_sequence_check CHECK (sequence > 0),\n" \
    "    CONSTRAINT memory_event_kind_check\n" \
    "        CHECK (kind IN ('thought', 'message', 'tool_call', 'tool_result', 'error'))\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE memory_event IS 'What happened in a run, in order.';\n" \
    "COMMENT ON COLUMN memory_event.sequence IS 'From 1, per run; the worker that holds the run counts.';\n" \
    "COMMENT ON COLUMN memory_event.content IS 'In words; what the search looks at.';\n" \
    "COMMENT ON COLUMN memory_event.payload IS 'The same, as the tool or the model gave it.';\n" \
    "\n" \
    "CREATE INDEX memory_event_content_tsv_idx ON memory_event USING gin (content_tsv);\n" \
    "\n" \
    "CREATE TABLE memory_checkpoint (\n" \
    "    run_id     uuid        NOT NULL,\n" \
    "    sequence   integer     NOT NULL,\n" \
    "    state      jsonb       NOT NULL,\n" \
    "    created_at timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT memory_checkpoint_pkey PRIMARY KEY (run_id, sequence),\n" \
    "    CONSTRAINT memory_checkpoint_event_fkey\n" \
    "        FOREIGN KEY (run_id, sequence) REFERENCES memory_event (run_id, sequence) ON DELETE CASCADE\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE memory_checkpoint IS 'The state after an event: a run goes on from its last one.';\n" \
    "\n" \
    "CREATE TABLE memory_job (\n" \
    "    id           bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,\n" \
    "    run_id       uuid,\n" \
    "    kind         text        NOT NULL,\n" \
    "    payload      jsonb       NOT NULL DEFAULT '{}',\n" \
    "    status       text        NOT NULL DEFAULT 'queued',\n" \
    "    priority     smallint    NOT NULL DEFAULT 0,\n" \
    "    attempts     integer     NOT NULL DEFAULT 0,\n" \
    "    max_attempts integer     NOT NULL DEFAULT 5,\n" \
    "    run_after    timestamptz NOT NULL DEFAULT now(),\n" \
    "    leased_by    text,\n" \
    "    leased_until timestamptz,\n" \
    "    last_error   text,\n" \
    "    created_at   timestamptz NOT NULL DEFAULT now(),\n" \
    "    updated_at   timestamptz NOT NULL DEFAULT now(),\n" \
    "    CONSTRAINT memory_job_pkey PRIMARY KEY (id),\n" \
    "    CONSTRAINT memory_job_run_id_fkey\n" \
    "        FOREIGN KEY (run_id) REFERENCES memory_run (id) ON DELETE CASCADE,\n" \
    "    CONSTRAINT memory_job_status_check CHECK (status IN ('queued', 'leased', 'done', 'failed')),\n" \
    "    CONSTRAINT memory_job_attempts_check CHECK (attempts BETWEEN 0 AND max_attempts),\n" \
    "    CONSTRAINT memory_job_lease_check\n" \
    "        CHECK ((status = 'leased') = (leased_by IS NOT NULL AND leased_until IS NOT NULL))\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE memory_job IS 'Work for later: summing up, extracting facts, embedding.';\n" \
    "COMMENT ON COLUMN memory_job.leased_until IS 'After that another worker may take the job.';\n" \
    "\n" \
    "-- Only what can be taken is in the index that workers read, so it stays small.\n" \
    "CREATE INDEX memory_job_queued_idx ON memory_job (priority DESC, run_after, id) WHERE status = 'queued';\n" \
    "CREATE INDEX memory_job_leased_idx ON memory_job (leased_until) WHERE status = 'leased';\n" \
    "CREATE INDEX memory_job_run_id_idx ON memory_job (run_id) WHERE run_id IS NOT NULL;\n" \
    "\n" \
    "CREATE TRIGGER memory_job_touch\n" \
    "    BEFORE UPDATE ON memory_job\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "-- stele: down\n" \
    "DROP TABLE memory_job, memory_checkpoint, memory_event, memory_run;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT count(*) = 4 FROM pg_class\n" \
    " WHERE oid IN ('memory_run'::regclass, 'memory_event'::regclass,\n" \
    "               'memory_checkpoint'::regclass, 'memory_job'::regclass);\n" \
    "\n" \
    "SELECT count(*) = 4 AND bool_and(convalidated) FROM pg_constraint\n" \
    " WHERE contype = 'f'\n" \
    "   AND conrelid IN ('memory_run'::regclass, 'memory_event'::regclass,\n" \
    "                    'memory_checkpoint'::regclass, 'memory_job'::regclass)\n" \
    "   AND conname IN ('memory_run_agent_id_fkey', 'memory_event_run_id_fkey',\n" \
    "                   'memory_checkpoint_event_fkey', 'memory_job_run_id_fkey');\n"
_Static_assert(sizeof(TEXT_main_005__task_memory) == 5780, "task_memory: the text was changed");
static const stele_statement main_005__task_memory_statements[] = {
    {264, 1333, 0, 0, STELE_RUN}, /* 5: CREATE TABLE memory_run ( id uuid NOT NULL DEFAULT gen_rando... */
    {1336, 1403, 0, 0, STELE_RUN}, /* 27: COMMENT ON TABLE memory_run IS 'One attempt of an agent at a... */
    {1405, 1478, 0, 0, STELE_RUN}, /* 28: COMMENT ON COLUMN memory_run.outcome IS 'In words, once it h... */
    {1481, 1570, 0, 0, STELE_RUN}, /* 30: CREATE INDEX memory_run_agent_id_started_at_idx ON memory_ru... */
    {1572, 1637, 0, 0, STELE_RUN}, /* 31: CREATE INDEX memory_run_session_id_idx ON memory_run (sessio... */
    {1640, 2393, 0, 0, STELE_RUN}, /* 33: CREATE TABLE memory_event ( run_id uuid NOT NULL, sequence i... */
    {2396, 2464, 0, 0, STELE_RUN}, /* 49: COMMENT ON TABLE memory_event IS 'What happened in a run, in... */
    {2466, 2565, 0, 0, STELE_RUN}, /* 50: COMMENT ON COLUMN memory_event.sequence IS 'From 1, per run;... */
    {2567, 2646, 0, 0, STELE_RUN}, /* 51: COMMENT ON COLUMN memory_event.content IS 'In words; what th... */
    {2648, 2735, 0, 0, STELE_RUN}, /* 52: COMMENT ON COLUMN memory_event.payload IS 'The same, as the ... */
    {2738, 2819, 0, 0, STELE_RUN}, /* 54: CREATE INDEX memory_event_content_tsv_idx ON memory_event US... */
    {2822, 3232, 0, 0, STELE_RUN}, /* 56: CREATE TABLE memory_checkpoint ( run_id uuid NOT NULL, seque... */
    {3235, 3333, 0, 0, STELE_RUN}, /* 66: COMMENT ON TABLE memory_checkpoint IS 'The state after an ev... */
    {3336, 4457, 0, 0, STELE_RUN}, /* 68: CREATE TABLE memory_job ( id bigint NOT NULL GENERATED ALWAY... */
    {4460, 4549, 0, 0, STELE_RUN}, /* 92: COMMENT ON TABLE memory_job IS 'Work for later: summing up, ... */
    {4551, 4641, 0, 0, STELE_RUN}, /* 93: COMMENT ON COLUMN memory_job.leased_until IS 'After that ano... */
    {4724, 4827, 0, 0, STELE_RUN}, /* 96: CREATE INDEX memory_job_queued_idx ON memory_job (priority D... */
    {4829, 4916, 0, 0, STELE_RUN}, /* 97: CREATE INDEX memory_job_leased_idx ON memory_job (leased_unt... */
    {4918, 5000, 0, 0, STELE_RUN}, /* 98: CREATE INDEX memory_job_run_id_idx ON memory_job (run_id) WH... */
    {5003, 5119, 0, 0, STELE_RUN}, /* 100: CREATE TRIGGER memory_job_touch BEFORE UPDATE ON memory_job ... */
    {5137, 5203, 0, 0, STELE_RUN}, /* 105: DROP TABLE memory_job, memory_checkpoint, memory_event, memo... */
    {5223, 5391, 0, 0, STELE_RUN}, /* 108: SELECT count(*) = 4 FROM pg_class WHERE oid IN ('memory_run'... */
    {5394, 5777, 0, 0, STELE_RUN}, /* 112: SELECT count(*) = 4 AND bool_and(convalidated) FROM pg_const... */
};
static const stele_step main_005__task_memory_steps[] = {
    {.first = 0, .count = 20},
    {.first = 20, .count = 1},
    {.first = 21, .count = 2},
};
static const stele_loss main_005__task_memory_losses[] = {
    {STELE_LOSES_TABLE, "\"memory_job\"", NULL, 5137}, /* 105 */
    {STELE_LOSES_TABLE, "\"memory_checkpoint\"", NULL, 5137}, /* 105 */
    {STELE_LOSES_TABLE, "\"memory_event\"", NULL, 5137}, /* 105 */
    {STELE_LOSES_TABLE, "\"memory_run\"", NULL, 5137}, /* 105 */
};
static const stele_effect main_005__task_memory_effects[] = {
    {0, 6, 0, "\"agent\""}, /* 5: SHARE ROW EXCLUSIVE */
    {0, 6, 0, "\"agent_session\""}, /* 5: SHARE ROW EXCLUSIVE */
    {20, 8, STELE_DESTROYS | STELE_BREAKS, "\"memory_job\""}, /* 105: ACCESS EXCLUSIVE */
    {20, 8, STELE_DESTROYS | STELE_BREAKS, "\"memory_run\""}, /* 105: ACCESS EXCLUSIVE */
    {20, 8, STELE_DESTROYS | STELE_BREAKS, "\"memory_checkpoint\""}, /* 105: ACCESS EXCLUSIVE */
    {20, 8, STELE_DESTROYS | STELE_BREAKS, "\"memory_event\""}, /* 105: ACCESS EXCLUSIVE */
    {20, 8, 0, "\"agent_session\""}, /* 105: ACCESS EXCLUSIVE */
    {20, 8, 0, "\"agent\""}, /* 105: ACCESS EXCLUSIVE */
};
static const stele_demand main_005__task_memory_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 5 */
    {0, STELE_MAKES, NULL, "memory_run"}, /* 5 */
    {0, STELE_NEEDS_REFERENCES, NULL, "agent"}, /* 5 */
    {0, STELE_NEEDS_REFERENCES, NULL, "agent_session"}, /* 5 */
    {3, STELE_MAKES, NULL, "memory_run_agent_id_started_at_idx"}, /* 30 */
    {4, STELE_MAKES, NULL, "memory_run_session_id_idx"}, /* 31 */
    {5, STELE_MAKES, NULL, "memory_event"}, /* 33 */
    {10, STELE_MAKES, NULL, "memory_event_content_tsv_idx"}, /* 54 */
    {11, STELE_MAKES, NULL, "memory_checkpoint"}, /* 56 */
    {13, STELE_MAKES, NULL, "memory_job"}, /* 68 */
    {16, STELE_MAKES, NULL, "memory_job_queued_idx"}, /* 96 */
    {17, STELE_MAKES, NULL, "memory_job_leased_idx"}, /* 97 */
    {18, STELE_MAKES, NULL, "memory_job_run_id_idx"}, /* 98 */
    {20, STELE_NEEDS_TO_DROP, NULL, "memory_job"}, /* 105 */
    {20, STELE_NEEDS_TO_DROP, NULL, "memory_checkpoint"}, /* 105 */
    {20, STELE_NEEDS_TO_DROP, NULL, "memory_event"}, /* 105 */
    {20, STELE_NEEDS_TO_DROP, NULL, "memory_run"}, /* 105 */
};

/* 006_widen_memory_type.sql */

#define TEXT_main_006__widen_memory_type \
    "-- Two kinds of memory more: procedural, how something is done, and task, what a run has taught.\n" \
    "--\n" \
    "-- The wider check can't fail on rows that the narrower one let in, but PostgreSQL doesn't know\n" \
    "-- that and would read the table under its strongest lock: so it is added unproven, and proven in\n" \
    "-- a second transaction.\n" \
    "--\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    DROP CONSTRAINT agent_memory_memory_type_check,\n" \
    "    ADD CONSTRAINT agent_memory_memory_type_check\n" \
    "        CHECK (memory_type IN ('semantic', 'episodic', 'preference', 'procedural', 'task')) NOT VALID;\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_memory_type_check;\n" \
    "\n" \
    "-- stele: down\n" \
    "-- Memories of the new kinds become semantic ones; what they were is kept in the metadata.\n" \
    "UPDATE agent_memory\n" \
    "   SET memory_type = 'semantic',\n" \
    "       metadata = metadata || jsonb_build_object('memory_type', memory_type)\n" \
    " WHERE memory_type IN ('procedural', 'task');\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    DROP CONSTRAINT agent_memory_memory_type_check,\n" \
    "    ADD CONSTRAINT agent_memory_memory_type_check\n" \
    "        CHECK (memory_type IN ('semantic', 'episodic', 'preference'));\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT convalidated AND pg_get_constraintdef(oid) LIKE '%procedural%' FROM pg_constraint\n" \
    " WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_memory_type_check';\n"
_Static_assert(sizeof(TEXT_main_006__widen_memory_type) == 1355, "widen_memory_type: the text was changed");
static const stele_statement main_006__widen_memory_type_statements[] = {
    {357, 585, 0, 0, STELE_RUN}, /* 11: ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_memory... */
    {597, 672, 0, 0, STELE_RUN}, /* 18: ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_me... */
    {781, 955, 0, 0, STELE_RUN}, /* 22: UPDATE agent_memory SET memory_type = 'semantic', metadata =... */
    {958, 1154, 0, 0, STELE_RUN}, /* 27: ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_memory... */
    {1174, 1352, 0, 0, STELE_RUN}, /* 33: SELECT convalidated AND pg_get_constraintdef(oid) LIKE '%pro... */
};
static const stele_step main_006__widen_memory_type_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
    {.first = 2, .count = 2},
    {.first = 4, .count = 1},
};
static const stele_effect main_006__widen_memory_type_effects[] = {
    {0, 8, STELE_BREAKS, "\"agent_memory\""}, /* 11: ACCESS EXCLUSIVE */
    {1, 4, STELE_SCANS, "\"agent_memory\""}, /* 18: SHARE UPDATE EXCLUSIVE */
    {3, 8, STELE_SCANS | STELE_BREAKS, "\"agent_memory\""}, /* 27: ACCESS EXCLUSIVE */
};
static const stele_demand main_006__widen_memory_type_demands[] = {
    {0, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 11 */
    {2, STELE_NEEDS_UPDATE, NULL, "agent_memory"}, /* 22 */
    {3, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 27 */
};

/* 007_lineage.sql */

#define TEXT_main_007__lineage \
    "-- Memories change: a better one supersedes an older one, and the older one stays, so that an\n" \
    "-- answer given yesterday can be explained today. The memories that replaced one another share a\n" \
    "-- lineage_id and are numbered by revision; one of them at most is active.\n" \
    "--\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "-- superseded_by is checked at the commit: the older memory has to leave the active state before\n" \
    "-- the newer one, which it points to, can be inserted.\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    ADD COLUMN status text NOT NULL DEFAULT 'active',\n" \
    "    ADD COLUMN lineage_id uuid,\n" \
    "    ADD COLUMN revision integer NOT NULL DEFAULT 1,\n" \
    "    ADD COLUMN superseded_by uuid,\n" \
    "    ADD CONSTRAINT agent_memory_status_check\n" \
    "        CHECK (status IN ('active', 'superseded', 'retracted')) NOT VALID,\n" \
    "    ADD CONSTRAINT agent_memory_lineage_id_check CHECK (lineage_id IS NOT NULL) NOT VALID,\n" \
    "    ADD CONSTRAINT agent_memory_revision_check CHECK (revision > 0) NOT VALID,\n" \
    "    ADD CONSTRAINT agent_memory_superseded_by_check\n" \
    "        CHECK ((status = 'superseded') = (superseded_by IS NOT NULL) AND superseded_by <> id) NOT VALID,\n" \
    "    ADD CONSTRAINT agent_memory_superseded_by_fkey\n" \
    "        FOREIGN KEY (superseded_by) REFERENCES agent_memory (id)\n" \
    "        DEFERRABLE INITIALLY DEFERRED NOT VALID;\n" \
    "\n" \
    "COMMENT ON COLUMN agent_memory.status IS 'Searches look at active memories only.';\n" \
    "COMMENT ON COLUMN agent_memory.lineage_id IS 'The id of the first memory of the lineage.';\n" \
    "COMMENT ON COLUMN agent_memory.revision IS 'From 1, within the lineage.';\n" \
    "COMMENT ON COLUMN agent_memory.superseded_by IS 'The memory that took the place of this one.';\n" \
    "\n" \
    "CREATE OR REPLACE FUNCTION agent_memory_fill() RETURNS trigger\n" \
    "    LANGUAGE plpgsql AS $$\n" \
    "BEGIN\n" \
    "    IF TG_OP = 'INSERT' THEN\n" \
    "        NEW.main_content := coalesce(NEW.main_content, NEW.content);\n" \
    "        NEW.lineage_id := coalesce(NEW.lineage_id, NEW.id);\n" \
    "    ELSIF NEW.main_content IS NULL OR NEW.main_content = OLD.content THEN\n" \
    "        -- Nobody gave it a text of its own, so it follows the content.\n" \
    "        NEW.main_content := NEW.content;\n" \
    "    END IF;\n" \
    "    RETURN NEW;\n" \
    "END\n" \
    "$$;\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "-- Every memory so far is the first of its lineage.\n" \
    "UPDATE agent_memory SET lineage_id = id WHERE lineage_id IS NULL;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    VALIDATE CONSTRAINT agent_memory_status_check,\n" \
    "    VALIDATE CONSTRAINT agent_memory_lineage_id_check,\n" \
    "    VALIDATE CONSTRAINT agent_memory_revision_check,\n" \
    "    VALIDATE CONSTRAINT agent_memory_superseded_by_check,\n" \
    "    VALIDATE CONSTRAINT agent_memory_superseded_by_fkey;\n" \
    "\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_memory ALTER COLUMN lineage_id SET NOT NULL;\n" \
    "ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_lineage_id_check;\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "CREATE UNIQUE INDEX CONCURRENTLY agent_memory_lineage_id_revision_key ON agent_memory (lineage_id, revision);\n" \
    "CREATE UNIQUE INDEX CONCURRENTLY agent_memory_active_key ON agent_memory (lineage_id) WHERE status = 'active';\n" \
    "CREATE INDEX CONCURRENTLY agent_memory_superseded_by_idx ON agent_memory (superseded_by)\n" \
    "    WHERE superseded_by IS NOT NULL;\n" \
    "\n" \
    "ALTER TABLE agent_memory\n" \
    "    ADD CONSTRAINT agent_memory_lineage_id_revision_key\n" \
    "        UNIQUE USING INDEX agent_memory_lineage_id_revision_key;\n" \
    "\n" \
    "-- stele: down\n" \
    "-- Without a status, superseded and retracted memories would come back to life, so they go. The\n" \
    "-- foreign key must not wait for the commit: a table with pending checks can't be altered.\n" \
    "SET CONSTRAINTS agent_memory_superseded_by_fkey IMMEDIATE;\n" \
    "DELETE FROM agent_memory WHERE status <> 'active';\n" \
    "\n" \
    "CREATE OR REPLACE FUNCTION agent_memory_fill() RETURNS trigger\n" \
    "    LANGUAGE plpgsql AS $$\n" \
    "BEGIN\n" \
    "    IF TG_OP = 'INSERT' THEN\n" \
    "        NEW.main_content := coalesce(NEW.main_content, NEW.content);\n" \
    "    ELSIF NEW.main_content IS NULL OR NEW.main_content = OLD.content THEN\n" \
    "        -- Nobody gave it a text of its own, so it follows the content.\n" \
    "        NEW.main_content := NEW.content;\n" \
    "    END IF;\n" \
    "    RETURN NEW;\n" \
    "END\n" \
    "$$;\n" \
    "\n" \
    "-- The constraints and indexes of these columns go with them.\n" \
    "ALTER TABLE agent_memory\n" \
    "    DROP COLUMN superseded_by,\n" \
    "    DROP COLUMN revision,\n" \
    "    DROP COLUMN lineage_id,\n" \
    "    DROP COLUMN status;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT count(*) = 3 AND bool_and(attnotnull) FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory'::regclass AND attname IN ('status', 'lineage_id', 'revision');\n" \
    "\n" \
    "SELECT condeferred AND convalidated FROM pg_constraint\n" \
    " WHERE conrelid = 'agent_memory'::regclass AND conname = 'agent_memory_superseded_by_fkey';\n" \
    "\n" \
    "SELECT count(*) = 3 AND bool_and(indisvalid) FROM pg_index\n" \
    " WHERE indexrelid IN ('agent_memory_lineage_id_revision_key'::regclass, 'agent_memory_active_key'::regclass,\n" \
    "                      'agent_memory_superseded_by_idx'::regclass);\n"
_Static_assert(sizeof(TEXT_main_007__lineage) == 4654, "lineage: the text was changed");
static const stele_statement main_007__lineage_statements[] = {
    {456, 1264, 0, 0, STELE_RUN}, /* 11: ALTER TABLE agent_memory ADD COLUMN status text NOT NULL DEF... */
    {1267, 1348, 0, 0, STELE_RUN}, /* 26: COMMENT ON COLUMN agent_memory.status IS 'Searches look at a... */
    {1350, 1439, 0, 0, STELE_RUN}, /* 27: COMMENT ON COLUMN agent_memory.lineage_id IS 'The id of the ... */
    {1441, 1513, 0, 0, STELE_RUN}, /* 28: COMMENT ON COLUMN agent_memory.revision IS 'From 1, within t... */
    {1515, 1608, 0, 0, STELE_RUN}, /* 29: COMMENT ON COLUMN agent_memory.superseded_by IS 'The memory ... */
    {1611, 2086, 0, 0, STELE_RUN}, /* 31: CREATE OR REPLACE FUNCTION agent_memory_fill() RETURNS trigg... */
    {2150, 2214, 0, 0, STELE_RUN}, /* 48: UPDATE agent_memory SET lineage_id = id WHERE lineage_id IS ... */
    {2217, 2514, 0, 0, STELE_RUN}, /* 50: ALTER TABLE agent_memory VALIDATE CONSTRAINT agent_memory_st... */
    {2525, 2586, 0, 0, STELE_RUN}, /* 59: ALTER TABLE agent_memory ALTER COLUMN lineage_id SET NOT NUL... */
    {2588, 2658, 0, 0, STELE_RUN}, /* 60: ALTER TABLE agent_memory DROP CONSTRAINT agent_memory_lineag... */
    {2670, 2778, 0, 0, STELE_RUN}, /* 64: CREATE UNIQUE INDEX CONCURRENTLY agent_memory_lineage_id_rev... */
    {2780, 2889, 0, 0, STELE_RUN}, /* 65: CREATE UNIQUE INDEX CONCURRENTLY agent_memory_active_key ON ... */
    {2891, 3015, 0, 0, STELE_RUN}, /* 66: CREATE INDEX CONCURRENTLY agent_memory_superseded_by_idx ON ... */
    {3018, 3162, 0, 0, STELE_RUN}, /* 69: ALTER TABLE agent_memory ADD CONSTRAINT agent_memory_lineage... */
    {3367, 3424, 0, 0, STELE_RUN}, /* 76: SET CONSTRAINTS agent_memory_superseded_by_fkey IMMEDIATE */
    {3426, 3475, 0, 0, STELE_RUN}, /* 77: DELETE FROM agent_memory WHERE status <> 'active' */
    {3478, 3893, 0, 0, STELE_RUN}, /* 79: CREATE OR REPLACE FUNCTION agent_memory_fill() RETURNS trigg... */
    {3958, 4090, 0, 0, STELE_RUN}, /* 93: ALTER TABLE agent_memory DROP COLUMN superseded_by, DROP COL... */
    {4110, 4267, 0, 0, STELE_RUN}, /* 100: SELECT count(*) = 3 AND bool_and(attnotnull) FROM pg_attribu... */
    {4270, 4415, 0, 0, STELE_RUN}, /* 103: SELECT condeferred AND convalidated FROM pg_constraint WHERE... */
    {4418, 4651, 0, 0, STELE_RUN}, /* 106: SELECT count(*) = 3 AND bool_and(indisvalid) FROM pg_index W... */
};
static const stele_step main_007__lineage_steps[] = {
    {.first = 0, .count = 6},
    {.first = 6, .count = 1},
    {.first = 7, .count = 1},
    {.first = 8, .count = 2},
    {.first = 10, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"agent_memory\"", .name = "agent_memory_lineage_id_revision_key"}},
    {.first = 11, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"agent_memory\"", .name = "agent_memory_active_key"}},
    {.first = 12, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"agent_memory\"", .name = "agent_memory_superseded_by_idx"}},
    {.first = 13, .count = 1},
    {.first = 14, .count = 4},
    {.first = 18, .count = 3},
};
static const stele_loss main_007__lineage_losses[] = {
    {STELE_LOSES_TABLE, "\"agent_memory\"", NULL, 3426}, /* 77 */
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "superseded_by", 3958}, /* 93 */
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "revision", 3958}, /* 93 */
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "lineage_id", 3958}, /* 93 */
    {STELE_LOSES_COLUMN, "\"agent_memory\"", "status", 3958}, /* 93 */
};
static const stele_effect main_007__lineage_effects[] = {
    {0, 8, STELE_BREAKS, "\"agent_memory\""}, /* 11: ACCESS EXCLUSIVE */
    {1, 4, 0, "\"agent_memory\""}, /* 26: SHARE UPDATE EXCLUSIVE */
    {2, 4, 0, "\"agent_memory\""}, /* 27: SHARE UPDATE EXCLUSIVE */
    {3, 4, 0, "\"agent_memory\""}, /* 28: SHARE UPDATE EXCLUSIVE */
    {4, 4, 0, "\"agent_memory\""}, /* 29: SHARE UPDATE EXCLUSIVE */
    {7, 4, STELE_SCANS, "\"agent_memory\""}, /* 50: SHARE UPDATE EXCLUSIVE */
    {8, 8, STELE_BREAKS, "\"agent_memory\""}, /* 59: ACCESS EXCLUSIVE */
    {9, 8, 0, "\"agent_memory\""}, /* 60: ACCESS EXCLUSIVE */
    {10, 4, STELE_SCANS | STELE_BREAKS, "\"agent_memory\""}, /* 64: SHARE UPDATE EXCLUSIVE */
    {11, 4, STELE_SCANS | STELE_BREAKS, "\"agent_memory\""}, /* 65: SHARE UPDATE EXCLUSIVE */
    {12, 4, STELE_SCANS, "\"agent_memory\""}, /* 66: SHARE UPDATE EXCLUSIVE */
    {13, 8, STELE_BREAKS, "\"agent_memory\""}, /* 69: ACCESS EXCLUSIVE */
    {15, 3, STELE_DESTROYS, "\"agent_memory\""}, /* 77: ROW EXCLUSIVE */
    {17, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_memory\""}, /* 93: ACCESS EXCLUSIVE */
};
static const stele_demand main_007__lineage_demands[] = {
    {0, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 11 */
    {0, STELE_NEEDS_REFERENCES, NULL, "agent_memory"}, /* 11 */
    {5, STELE_NEEDS_CREATE, NULL, NULL}, /* 31 */
    {5, STELE_MAKES, NULL, "agent_memory_fill"}, /* 31 */
    {6, STELE_NEEDS_UPDATE, NULL, "agent_memory"}, /* 48 */
    {10, STELE_NEEDS_CREATE_BESIDE, NULL, "agent_memory"}, /* 64 */
    {10, STELE_MAKES, NULL, "agent_memory_lineage_id_revision_key"}, /* 64 */
    {11, STELE_MAKES, NULL, "agent_memory_active_key"}, /* 65 */
    {12, STELE_MAKES, NULL, "agent_memory_superseded_by_idx"}, /* 66 */
    {15, STELE_NEEDS_DELETE, NULL, "agent_memory"}, /* 77 */
    {16, STELE_NEEDS_CREATE, NULL, NULL}, /* 79 */
    {16, STELE_MAKES, NULL, "agent_memory_fill"}, /* 79 */
    {17, STELE_NEEDS_OWNER, NULL, "agent_memory"}, /* 93 */
};

/* 008_event_embeddings.sql */

#define TEXT_main_008__event_embeddings \
    "-- Events are searched by meaning as well: \"when did a build fail like this before?\" The worker\n" \
    "-- that embeds memories fills the column; events without an embedding are only found by words.\n" \
    "--\n" \
    "-- The index is built CONCURRENTLY, since runs go on writing events meanwhile. That can't be done\n" \
    "-- in a transaction, so this migration has two steps.\n" \
    "--\n" \
    "-- stele: needs vector >= 0.5\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "ALTER TABLE memory_event ADD COLUMN embedding vector(${embedding_dim});\n" \
    "\n" \
    "COMMENT ON COLUMN memory_event.embedding IS 'For the search by meaning; NULL until it was computed.';\n" \
    "\n" \
    "CREATE INDEX CONCURRENTLY memory_event_embedding_idx ON memory_event\n" \
    "    USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);\n" \
    "\n" \
    "-- stele: down\n" \
    "-- The index goes with the column.\n" \
    "ALTER TABLE memory_event DROP COLUMN embedding;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT atttypmod = ${embedding_dim} FROM pg_attribute\n" \
    " WHERE attrelid = 'memory_event'::regclass AND attname = 'embedding';\n" \
    "\n" \
    "SELECT indisvalid FROM pg_index WHERE indexrelid = 'memory_event_embedding_idx'::regclass;\n"
_Static_assert(sizeof(TEXT_main_008__event_embeddings) == 1067, "event_embeddings: the text was changed");
static const stele_statement main_008__event_embeddings_statements[] = {
    {406, 476, 0, 0, STELE_RUN}, /* 10: ALTER TABLE memory_event ADD COLUMN embedding vector(${embed... */
    {479, 579, 0, 0, STELE_RUN}, /* 12: COMMENT ON COLUMN memory_event.embedding IS 'For the search ... */
    {582, 731, 0, 0, STELE_RUN}, /* 14: CREATE INDEX CONCURRENTLY memory_event_embedding_idx ON memo... */
    {784, 830, 0, 0, STELE_RUN}, /* 19: ALTER TABLE memory_event DROP COLUMN embedding */
    {850, 972, 0, 0, STELE_RUN}, /* 22: SELECT atttypmod = ${embedding_dim} FROM pg_attribute WHERE ... */
    {975, 1064, 0, 0, STELE_RUN}, /* 25: SELECT indisvalid FROM pg_index WHERE indexrelid = 'memory_e... */
};
static const stele_step main_008__event_embeddings_steps[] = {
    {.first = 0, .count = 2},
    {.first = 2, .count = 1, .alone = 1, .probe = {.kind = STELE_PROBE_INDEX, .on = "\"memory_event\"", .name = "memory_event_embedding_idx"}},
    {.first = 3, .count = 1},
    {.first = 4, .count = 2},
};
static const stele_reference main_008__event_embeddings_references[] = {
    {459, 475, 0, STELE_IN_SQL}, /* 10: embedding_dim */
    {869, 885, 0, STELE_IN_SQL}, /* 22: embedding_dim */
};
static const stele_need main_008__event_embeddings_needs[] = {
    {"vector", "0.5", 7},
};
static const stele_loss main_008__event_embeddings_losses[] = {
    {STELE_LOSES_COLUMN, "\"memory_event\"", "embedding", 784}, /* 19 */
};
static const stele_effect main_008__event_embeddings_effects[] = {
    {0, 8, 0, "\"memory_event\""}, /* 10: ACCESS EXCLUSIVE */
    {1, 4, 0, "\"memory_event\""}, /* 12: SHARE UPDATE EXCLUSIVE */
    {2, 4, STELE_SCANS, "\"memory_event\""}, /* 14: SHARE UPDATE EXCLUSIVE */
    {3, 8, STELE_DESTROYS | STELE_BREAKS, "\"memory_event\""}, /* 19: ACCESS EXCLUSIVE */
};
static const stele_demand main_008__event_embeddings_demands[] = {
    {0, STELE_NEEDS_OWNER, NULL, "memory_event"}, /* 10 */
    {2, STELE_NEEDS_CREATE_BESIDE, NULL, "memory_event"}, /* 14 */
    {2, STELE_MAKES, NULL, "memory_event_embedding_idx"}, /* 14 */
    {3, STELE_NEEDS_OWNER, NULL, "memory_event"}, /* 19 */
};

/* module chains */

#define TEXT_module_chains \
    "-- Chains of replacements, from notes of who replaced whom. Knows nothing of databases.\n" \
    "local chains = {}\n" \
    "\n" \
    "-- `notes` is a list of { newer = id, older = id }. Returns the chains, each a list of ids from the\n" \
    "-- oldest to the newest, and how many notes are in none: where two replaced the same one, or\n" \
    "-- one replaced two, the first note in the list counts.\n" \
    "function chains.build(notes)\n" \
    "    local newer_of, older_of, left = {}, {}, 0\n" \
    "    for _, note in ipairs(notes) do\n" \
    "        if newer_of[note.older] or older_of[note.newer] or note.newer == note.older then\n" \
    "            left = left + 1\n" \
    "        else\n" \
    "            newer_of[note.older], older_of[note.newer] = note.newer, note.older\n" \
    "        end\n" \
    "    end\n" \
    "    local found, in_chains = {}, 0\n" \
    "    for _, note in ipairs(notes) do\n" \
    "        local id = note.older\n" \
    "        if newer_of[id] == note.newer and not older_of[id] then -- where a chain begins\n" \
    "            local chain = {}\n" \
    "            while id do\n" \
    "                chain[#chain + 1] = id\n" \
    "                id = newer_of[id]\n" \
    "            end\n" \
    "            in_chains = in_chains + #chain - 1\n" \
    "            found[#found + 1] = chain\n" \
    "        end\n" \
    "    end\n" \
    "    -- A circle has no beginning; what its memories say of each other can't be true.\n" \
    "    return found, #notes - in_chains\n" \
    "end\n" \
    "\n" \
    "return chains\n"
_Static_assert(sizeof(TEXT_module_chains) == 1276, "chains: the text was changed");

/* 009_lineage_backfill.lua */

#define TEXT_main_009__lineage_backfill \
    "-- Before 007 an importer could only note in the metadata which memory a new one replaced:\n" \
    "-- {\"replaces\": \"<id>\"}. Now that lineages exist, these chains of notes become lineages.\n" \
    "--\n" \
    "-- Following chains of any length is a loop in Lua and a puzzle in SQL; so this is Lua. It runs\n" \
    "-- in one transaction with its ledger row, as a migration in SQL does.\n" \
    "--\n" \
    "-- stele: after 007\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "local chains = require \"chains\"\n" \
    "\n" \
    "-- Both memories have to be alone in their lineage still: what the application has ordered\n" \
    "-- since then stays as it is.\n" \
    "local NOTES = [[\n" \
    "    SELECT newer.id AS newer, older.id AS older\n" \
    "      FROM agent_memory AS newer\n" \
    "      JOIN agent_memory AS older\n" \
    "        ON older.id::text = newer.metadata ->> 'replaces' AND older.agent_id = newer.agent_id\n" \
    "     WHERE older.lineage_id = older.id AND older.status = 'active' AND older.revision = 1\n" \
    "       AND newer.lineage_id = newer.id AND newer.status = 'active' AND newer.revision = 1\n" \
    "     ORDER BY newer.created_at, newer.id]]\n" \
    "\n" \
    "local function up(db)\n" \
    "    local notes = {}\n" \
    "    for row in db:rows(NOTES) do\n" \
    "        notes[#notes + 1] = { newer = row.newer, older = row.older }\n" \
    "    end\n" \
    "    local lineages, left = chains.build(notes)\n" \
    "    for _, chain in ipairs(lineages) do\n" \
    "        -- The older ones first: at most one memory of a lineage may be active.\n" \
    "        for revision, id in ipairs(chain) do\n" \
    "            local newer = chain[revision + 1]\n" \
    "            db:exec([[UPDATE agent_memory\n" \
    "                         SET lineage_id = $1, revision = $2, status = $3, superseded_by = $4\n" \
    "                       WHERE id = $5]],\n" \
    "                chain[1], revision, newer and \"superseded\" or \"active\", newer, id)\n" \
    "        end\n" \
    "    end\n" \
    "    print((\"%d notes became %d lineages; %d were left alone\"):format(#notes, #lineages, left))\n" \
    "end\n" \
    "\n" \
    "-- The notes are still there, so it is known which memories were joined because of them.\n" \
    "local function down(db)\n" \
    "    local JOINED = [[\n" \
    "        SELECT unnest(ARRAY[newer.id, older.id])\n" \
    "          FROM agent_memory AS newer\n" \
    "          JOIN agent_memory AS older ON older.superseded_by = newer.id\n" \
    "         WHERE older.id::text = newer.metadata ->> 'replaces']]\n" \
    "    local ALONE = \"SET lineage_id = id, revision = 1, status = 'active', superseded_by = NULL\"\n" \
    "    -- The first memory of a lineage last: it can't be active beside another one.\n" \
    "    for _, which in ipairs { \"lineage_id <> id\", \"status = 'superseded'\" } do\n" \
    "        db:exec((\"UPDATE agent_memory %s WHERE %s AND id IN (%s)\"):format(ALONE, which, JOINED))\n" \
    "    end\n" \
    "end\n" \
    "\n" \
    "local function verify(db)\n" \
    "    local row = db:one [[\n" \
    "        SELECT count(*) AS broken\n" \
    "          FROM agent_memory AS older\n" \
    "          JOIN agent_memory AS newer ON newer.id = older.superseded_by\n" \
    "         WHERE newer.lineage_id <> older.lineage_id OR newer.revision <> older.revision + 1]]\n" \
    "    assert(row.broken == 0, \"a memory is not followed by the next revision of its lineage\")\n" \
    "end\n" \
    "\n" \
    "return { up = up, down = down, verify = verify }\n"
_Static_assert(sizeof(TEXT_main_009__lineage_backfill) == 2948, "lineage_backfill: the text was changed");
static const stele_statement main_009__lineage_backfill_statements[] = {
    {1003, 1790, 0, 0, STELE_CALL_LUA}, /* 23: local function up(db) local notes = {} for row in db:rows(NO... */
    {1881, 2511, 0, 0, STELE_CALL_LUA}, /* 43: local function down(db) local JOINED = [[ SELECT unnest(ARRA... */
    {2513, 2896, 0, 0, STELE_CALL_LUA}, /* 56: local function verify(db) local row = db:one [[ SELECT count... */
};
static const stele_step main_009__lineage_backfill_steps[] = {
    {.first = 0, .count = 1},
    {.first = 1, .count = 1},
    {.first = 2, .count = 1},
};
static const stele_loss main_009__lineage_backfill_losses[] = {
    {STELE_LOSES_UNKNOWN, NULL, NULL, 1881}, /* 43 */
};

/* 010_room_for_jobs.sql */

#define TEXT_main_010__room_for_jobs \
    "-- Room for what the batch jobs of this history compute (J_*.lua): the embeddings of another\n" \
    "-- model, the sealed names of users, the lineage of events. A job goes through its table in many\n" \
    "-- small transactions, for as long as that takes; here is only what it writes into, and that is\n" \
    "-- empty until it has run. Programs that know nothing of it go on as before.\n" \
    "--\n" \
    "-- Each part commits on its own: no lock on one table is held while another one's is waited for.\n" \
    "--\n" \
    "-- stele: needs vector >= 0.5\n" \
    "-- stele: lock-timeout 5s\n" \
    "\n" \
    "-- Beside the old embeddings: nothing is overwritten, and the search stays right meanwhile. No\n" \
    "-- index yet, since one that grows row by row makes each of them many times slower; and no\n" \
    "-- foreign key, which would lock a row of agent_memory for each that is written here. What\n" \
    "-- was deleted there is deleted here by the job, and by the application once it reads this table.\n" \
    "BEGIN;\n" \
    "\n" \
    "CREATE TABLE agent_memory_1024 (\n" \
    "    id        uuid  NOT NULL,\n" \
    "    input     bytea NOT NULL,\n" \
    "    embedding vector(1024),\n" \
    "    CONSTRAINT agent_memory_1024_pkey PRIMARY KEY (id)\n" \
    ");\n" \
    "\n" \
    "COMMENT ON TABLE agent_memory_1024 IS 'The memories of agent_memory, embedded by a model of 1,024 dimensions.';\n" \
    "COMMENT ON COLUMN agent_memory_1024.id IS 'Of the memory.';\n" \
    "COMMENT ON COLUMN agent_memory_1024.input IS 'A hash of what was embedded: a memory of which it is another one by now is stale here.';\n" \
    "COMMENT ON COLUMN agent_memory_1024.embedding IS 'NULL where there was nothing to embed.';\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE agent_user ADD COLUMN display_name_sealed bytea;\n" \
    "\n" \
    "COMMENT ON COLUMN agent_user.display_name_sealed IS 'display_name, encrypted by the application; NULL until that was done.';\n" \
    "\n" \
    "-- Sealing a name is no edit, so the columns are named.\n" \
    "DROP TRIGGER agent_user_touch ON agent_user;\n" \
    "CREATE TRIGGER agent_user_touch\n" \
    "    BEFORE UPDATE OF external_id, display_name, metadata ON agent_user\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "BEGIN;\n" \
    "\n" \
    "ALTER TABLE memory_event ADD COLUMN lineage_id uuid;\n" \
    "\n" \
    "COMMENT ON COLUMN memory_event.lineage_id IS 'Of the memory that the event is about (payload.memory_id); NULL where it is about none.';\n" \
    "\n" \
    "COMMIT;\n" \
    "\n" \
    "-- stele: down\n" \
    "ALTER TABLE memory_event DROP COLUMN lineage_id;\n" \
    "\n" \
    "-- A trigger that names a column keeps it from being dropped; this one doesn't name the new one.\n" \
    "DROP TRIGGER agent_user_touch ON agent_user;\n" \
    "CREATE TRIGGER agent_user_touch\n" \
    "    BEFORE UPDATE ON agent_user\n" \
    "    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();\n" \
    "ALTER TABLE agent_user DROP COLUMN display_name_sealed;\n" \
    "\n" \
    "DROP TABLE agent_memory_1024;\n" \
    "\n" \
    "-- stele: verify\n" \
    "SELECT format_type(atttypid, atttypmod) = 'vector(1024)' FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_memory_1024'::regclass AND attname = 'embedding';\n" \
    "\n" \
    "SELECT count(*) = 1 FROM pg_attribute\n" \
    " WHERE attrelid = 'agent_user'::regclass AND attname = 'display_name_sealed';\n" \
    "\n" \
    "SELECT count(*) = 3 FROM pg_trigger CROSS JOIN unnest(tgattr)\n" \
    " WHERE tgrelid = 'agent_user'::regclass AND tgname = 'agent_user_touch';\n" \
    "\n" \
    "SELECT count(*) = 1 FROM pg_attribute\n" \
    " WHERE attrelid = 'memory_event'::regclass AND attname = 'lineage_id';\n"
_Static_assert(sizeof(TEXT_main_010__room_for_jobs) == 3110, "room_for_jobs: the text was changed");
static const stele_statement main_010__room_for_jobs_statements[] = {
    {906, 1083, 0, 0, STELE_RUN}, /* 17: CREATE TABLE agent_memory_1024 ( id uuid NOT NULL, input byt... */
    {1086, 1196, 0, 0, STELE_RUN}, /* 24: COMMENT ON TABLE agent_memory_1024 IS 'The memories of agent... */
    {1198, 1256, 0, 0, STELE_RUN}, /* 25: COMMENT ON COLUMN agent_memory_1024.id IS 'Of the memory.' */
    {1258, 1391, 0, 0, STELE_RUN}, /* 26: COMMENT ON COLUMN agent_memory_1024.input IS 'A hash of what... */
    {1393, 1482, 0, 0, STELE_RUN}, /* 27: COMMENT ON COLUMN agent_memory_1024.embedding IS 'NULL where... */
    {1502, 1561, 0, 0, STELE_RUN}, /* 33: ALTER TABLE agent_user ADD COLUMN display_name_sealed bytea */
    {1564, 1687, 0, 0, STELE_RUN}, /* 35: COMMENT ON COLUMN agent_user.display_name_sealed IS 'display... */
    {1746, 1789, 0, 0, STELE_RUN}, /* 38: DROP TRIGGER agent_user_touch ON agent_user */
    {1791, 1946, 0, 0, STELE_RUN}, /* 39: CREATE TRIGGER agent_user_touch BEFORE UPDATE OF external_id... */
    {1966, 2017, 0, 0, STELE_RUN}, /* 47: ALTER TABLE memory_event ADD COLUMN lineage_id uuid */
    {2020, 2154, 0, 0, STELE_RUN}, /* 49: COMMENT ON COLUMN memory_event.lineage_id IS 'Of the memory ... */
    {2181, 2228, 0, 0, STELE_RUN}, /* 54: ALTER TABLE memory_event DROP COLUMN lineage_id */
    {2328, 2371, 0, 0, STELE_RUN}, /* 57: DROP TRIGGER agent_user_touch ON agent_user */
    {2373, 2489, 0, 0, STELE_RUN}, /* 58: CREATE TRIGGER agent_user_touch BEFORE UPDATE ON agent_user ... */
    {2491, 2545, 0, 0, STELE_RUN}, /* 61: ALTER TABLE agent_user DROP COLUMN display_name_sealed */
    {2548, 2576, 0, 0, STELE_RUN}, /* 63: DROP TABLE agent_memory_1024 */
    {2596, 2744, 0, 0, STELE_RUN}, /* 66: SELECT format_type(atttypid, atttypmod) = 'vector(1024)' FRO... */
    {2747, 2861, 0, 0, STELE_RUN}, /* 69: SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'agen... */
    {2864, 2997, 0, 0, STELE_RUN}, /* 72: SELECT count(*) = 3 FROM pg_trigger CROSS JOIN unnest(tgattr... */
    {3000, 3107, 0, 0, STELE_RUN}, /* 75: SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'memo... */
};
static const stele_step main_010__room_for_jobs_steps[] = {
    {.first = 0, .count = 5},
    {.first = 5, .count = 4},
    {.first = 9, .count = 2},
    {.first = 11, .count = 5},
    {.first = 16, .count = 4},
};
static const stele_need main_010__room_for_jobs_needs[] = {
    {"vector", "0.5", 8},
};
static const stele_loss main_010__room_for_jobs_losses[] = {
    {STELE_LOSES_COLUMN, "\"memory_event\"", "lineage_id", 2181}, /* 54 */
    {STELE_LOSES_COLUMN, "\"agent_user\"", "display_name_sealed", 2491}, /* 61 */
    {STELE_LOSES_TABLE, "\"agent_memory_1024\"", NULL, 2548}, /* 63 */
};
static const stele_effect main_010__room_for_jobs_effects[] = {
    {5, 8, 0, "\"agent_user\""}, /* 33: ACCESS EXCLUSIVE */
    {6, 4, 0, "\"agent_user\""}, /* 35: SHARE UPDATE EXCLUSIVE */
    {7, 8, 0, NULL}, /* 38: ACCESS EXCLUSIVE */
    {8, 6, 0, NULL}, /* 39: SHARE ROW EXCLUSIVE */
    {9, 8, 0, "\"memory_event\""}, /* 47: ACCESS EXCLUSIVE */
    {10, 4, 0, "\"memory_event\""}, /* 49: SHARE UPDATE EXCLUSIVE */
    {11, 8, STELE_DESTROYS | STELE_BREAKS, "\"memory_event\""}, /* 54: ACCESS EXCLUSIVE */
    {12, 8, 0, NULL}, /* 57: ACCESS EXCLUSIVE */
    {13, 6, 0, NULL}, /* 58: SHARE ROW EXCLUSIVE */
    {14, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_user\""}, /* 61: ACCESS EXCLUSIVE */
    {15, 8, STELE_DESTROYS | STELE_BREAKS, "\"agent_memory_1024\""}, /* 63: ACCESS EXCLUSIVE */
};
static const stele_demand main_010__room_for_jobs_demands[] = {
    {0, STELE_NEEDS_CREATE, NULL, NULL}, /* 17 */
    {0, STELE_MAKES, NULL, "agent_memory_1024"}, /* 17 */
    {5, STELE_NEEDS_OWNER, NULL, "agent_user"}, /* 33 */
    {7, STELE_NEEDS_LEAVE, NULL, "agent_user"}, /* 38 */
    {8, STELE_NEEDS_TRIGGER, NULL, "agent_user"}, /* 39 */
    {9, STELE_NEEDS_OWNER, NULL, "memory_event"}, /* 47 */
    {11, STELE_NEEDS_OWNER, NULL, "memory_event"}, /* 54 */
    {12, STELE_NEEDS_LEAVE, NULL, "agent_user"}, /* 57 */
    {13, STELE_NEEDS_TRIGGER, NULL, "agent_user"}, /* 58 */
    {14, STELE_NEEDS_OWNER, NULL, "agent_user"}, /* 61 */
    {15, STELE_NEEDS_TO_DROP, NULL, "agent_memory_1024"}, /* 63 */
};

/* J_event_lineage.lua */

#define TEXT_main_J__event_lineage \
    "-- To which lineage of memories an event belongs: one statement for each batch of rows, and the\n" \
    "-- server does the rest. An event about a memory that is gone stays without one, and one whose\n" \
    "-- memory_id is no uuid is given up by itself: see `job dead list`.\n" \
    "return {\n" \
    "    table = \"memory_event\", key = { \"run_id\", \"sequence\" }, read = { \"payload\" },\n" \
    "    where = \"payload ? 'memory_id' AND lineage_id IS NULL\",\n" \
    "    sql = [[\n" \
    "        UPDATE memory_event AS e\n" \
    "           SET lineage_id = m.lineage_id\n" \
    "          FROM :batch AS b\n" \
    "          JOIN agent_memory AS m ON m.id = (b.payload ->> 'memory_id')::uuid\n" \
    "         WHERE (e.run_id, e.sequence) = (b.run_id, b.sequence)]],\n" \
    "    pace = { write = \"60ms\", nice = 0.5 },\n" \
    "    verify = { zero = [[\n" \
    "        SELECT count(*) FROM memory_event AS e\n" \
    "          JOIN agent_memory AS m ON m.id::text = e.payload ->> 'memory_id'\n" \
    "         WHERE e.lineage_id IS DISTINCT FROM m.lineage_id]] },\n" \
    "}\n"
_Static_assert(sizeof(TEXT_main_J__event_lineage) == 923, "event_lineage: the text was changed");

/* J_reembed.lua */

#define TEXT_main_J__reembed \
    "-- Every memory anew, by a model of 1,024 dimensions, into a table beside the old embeddings.\n" \
    "--\n" \
    "-- The search goes on with these until the switch; from then on only a program that was built with\n" \
    "-- -D search_dim=1024 starts, which embeds its questions with the new model as well.\n" \
    "return {\n" \
    "    table = \"agent_memory\", key = \"id\", read = { \"main_content\" },\n" \
    "    embed = http {\n" \
    "        url = parameter \"embedding_url\", model = parameter \"embedding_model\", dimensions = 1024,\n" \
    "        key = secret \"EMBEDDING_KEY\",\n" \
    "    },\n" \
    "    text = function(row) return row.main_content end,\n" \
    "    into = { table = \"agent_memory_1024\", vector = \"embedding\", hash = \"input\" },\n" \
    "    index = \"USING hnsw (embedding vector_cosine_ops)\",\n" \
    "    pace = { chunk = 1000, write = \"100ms\", lag = \"2s\" },\n" \
    "    verify = { recall = 0.95, norm = { 0.99, 1.01 }, resample = 50 },\n" \
    "    switch = { parameters = { search_dim = 1024 } },\n" \
    "}\n"
_Static_assert(sizeof(TEXT_main_J__reembed) == 894, "reembed: the text was changed");

/* J_seal_names.lua */

#define TEXT_main_J__seal_names \
    "-- The names of users, encrypted with a key that the server never sees: openssl rand -hex 32.\n" \
    "--\n" \
    "-- A name is bound to the row's id: copied into another row, it doesn't open. Dropping the plain\n" \
    "-- one is for a later migration, when all programs read the sealed one.\n" \
    "local key = secret \"NAMES_KEY\"\n" \
    "return {\n" \
    "    table = \"agent_user\", key = \"id\", read = { \"display_name\" },\n" \
    "    map = function(row)\n" \
    "        return { display_name_sealed = seal(row.display_name, key, row.id) }\n" \
    "    end,\n" \
    "    follow = \"trigger\",\n" \
    "    verify = {\n" \
    "        zero = \"SELECT count(*) FROM agent_user WHERE display_name_sealed IS NULL\",\n" \
    "        read = { \"display_name_sealed\" },\n" \
    "        check = function(row)\n" \
    "            return unseal(row.display_name_sealed, key, row.id) == row.display_name\n" \
    "        end,\n" \
    "    },\n" \
    "}\n"
_Static_assert(sizeof(TEXT_main_J__seal_names) == 783, "seal_names: the text was changed");

/*
 * The sealed table: what each migration was when it was sealed, then all the texts. It is one piece and holds no
 * address, so that "stelec inspect PROGRAM" finds and checks it in any program, also in a stripped one.
 */
#define TEXT_manifest \
    "\000stele-sealed-table 1\n" \
    "made by stelec 0.1.0 (libpg_query 17.4)\n" \
    "table migrations\n" \
    "sum ddad5f84b5a318ef56822320c154bf47068612fba3ae8c9b8b6cddc218e54310\n" \
    "migration s1:0e95d194eff8b76bc3a124a800a5d574ed0092bb71ae27e3a8715b8cb52debe1 t1:195367fcce68038bba37266ade87d8bd2bf8ed6a4684b6c3397fb96353c4e38d d1:9b5f0923414b5f231201ec6128d211c7bc38384c1cea2e07c885b9f506c5d50c 7346 main 001 001_agent_memory.sql\n" \
    "sum 869f715a085d889fef97915e149f3d2538d076ad62f20605d64f3c35f7afc99d\n" \
    "migration s1:8f2ad16406ebd0b1c0ecad2ecaecd80b277aa583677b72c21638eb831bcc4000 t1:38e8d015a3ff2ea93d5f6d5ee96f496c4873cff1369a74835f6a8531d6892012 d1:fc613731a718f035eee4900caf88fe618c321c66fccfa908599c031b2834097a 3603 main 002 002_add_fact.sql\n" \
    "sum af84fb3df6e9eb770d7b8eb9f210d898251d210d07602e97717dfc1938b3e3d9\n" \
    "migration s1:623c56a2e3115fa198a9f30e5664458244672a2bd9d1d028e4216a63f13fd48a t1:b29fdd2a8cca0b92d96e6cb5e2cc075ea2549dab613902eae12c1feec0af55b1 d1:da245ccc0f7d206a3913a35d01ead5c3b55ee22219b354f4186211104e76ee00 2271 main 003 003_session_summaries.sql\n" \
    "sum 15c5a16d6ed45e7d2178ad4a56e3b5fdb47a8b86aaa4f44e31be849f4f03b2bb\n" \
    "migration s1:907cece8407b7bef217d6f7428dddc49cb21c74e6c8ac152d8b83d3177aa1ac4 t1:d5db4005aa3774e024c27fe11cf48eb92f44492f05726429d765bf9da301d51c d1:c862529799550284b2fb26720ea233c348e2859e09fee8435a918a5f4cf25961 1217 main 004 004_memory_type.sql\n" \
    "sum c05757370535be29eb14acec8362d6580e61626fc0300f56a5d0f5d94adbbdc3\n" \
    "migration s1:501b9b6fe900253de9f9e6e69fe3de79e632f0b73aa3a12ff6d7bea21775c486 t1:d4daebc4b3ef1a6128081f82c488631a45bd7f4361df3622c08a49929eced9a4 d1:e9d4a4af315d23ea9adcfb1a79b67d2fe4e3799551642468e56165ca2621a294 5779 main 005 005_task_memory.sql\n" \
    "sum 93e0c78f5326162a2077b1d954d773279d8574e650d28d5f977bf0e3cf7b5745\n" \
    "migration s1:79a5fe7c4915cbfa645379c51c9135eefad7800a52b0055a744fb267b0aae67d t1:18e84620966a82f2bb9f4c8bb79bff38cba4cbaf4d1f0b87527979ca90d8f24e d1:6543fdfda72c76db0e1878e3f49b0228b66f80279db93d68a271530a104c14ed 1354 main 006 006_widen_memory_type.sql\n" \
    "sum 5931d236cd27e9dc0a52821689b3779168d9d76f0b8cac912ea6a6a45d661dee\n" \
    "migration s1:84d885a7e8ea6cb4f9bb6daeaa72416016abfe6d07fde23989eee71fed58febd t1:a9614ec5e51a3755a579bad070df8eb4a4671f23d462db61382c416d06fdefa4 d1:053f9e805454a60feec467e210c15305b137b70a4a4c4e6f85502fe2bfbfc94d 4653 main 007 007_lineage.sql\n" \
    "sum be88727d01fd5f5e54fe8625742ee0d08a02605b081416ac293fd64ac6313cee\n" \
    "migration s1:edce91e17821f8e35a9a257f895c26613a5ab7a46548241e03ae56a8dc372583 t1:8a5fc4f47f4621238fb8493a104d9cf12f744a363594b1de665637edc866a720 d1:de6d17d85da62465815b5ffab935874d979b85036564de0b1c29fd9c6e55cc7b 1066 main 008 008_event_embeddings.sql\n" \
    "sum 51d9aad5a6cae7543595355e12d94fd7249da2a266a80746fc272eb97efba660\n" \
    "module s1:8988d8885ad33fd28744756319a0ab86ea0cc7b86b69e81429178d21de3e4f43 1275 chains\n" \
    "sum 38a30a1e5880081d468d0c44222b0d23597473724ee5ad21e543edaef9c8af70\n" \
    "migration s2:435d0bc322a4ad4dc13db80bc26872f812e50f0f3c36e23f9b78e69e5c9ca678 t1:8433775c501ce446c2c09ff7c83793a2cd9f524dc9f11ca80a05387ffd7517ab d1:5bb0192a508d8d9c399a8509d4bc2649d72f58f65fd4ac8e4407313bc24dbd2d 2947 main 009 009_lineage_backfill.lua\n" \
    "text s1:7e455cd754e71c61485bc0fa5eacd4ed4866d9addcfe65d3bfbda6f8cd7a7601\n" \
    "requires chains\n" \
    "sum d1e17d411ee237a1a63aecf80fd0d3ff46b253301bdd15129319437daaa292cc\n" \
    "migration s1:57c06d77cb253a6521149141c9973b46a05eb464aaa3a17a98bdfcaf9ce99f40 t1:5a7c40bd9da98fcf38b2e26a9f2e69e3f8d525c1cf5d8e2f481e9bb8dea975b4 d1:f0d4046303013e0b4e9411800db911390249a9c0b45a639572cf84cc2f3fc86e 3109 main 010 010_room_for_jobs.sql\n" \
    "sum 42995d9120d324ea2525a9892d50b2deed37d3d1e7f8ac8c984dc0144ead4e53\n" \
    "job s1:2934955517a6f9ee1361427b94abea842281a16bb769bf7a654e3de91f3891f4 t1:518360b7de78a0e857bdc7611b40c2c0d6d60daf6ae33da76eef1c4a790c132e 922 main J J_event_lineage.lua\n" \
    "sum 4708c31983c68a4485ff23f98f31097a4c89f5028cb3340af1b39afcf9884cd0\n" \
    "job s1:72ef377085cd226c3664d524cc7beff54c0aff72de4a8a7266eb16ec515c5741 t1:d3e4aa1598166b5ea6d69ce6850b031c01e051446e2ccab954a579770d1482de 893 main J J_reembed.lua\n" \
    "sum 52ed302388db06c7a42f6d461fb1a1c862c43c9d73de1ee4c829de51e2167a42\n" \
    "job s1:c323986de44c8fcf07d630a7a1eb0f9b93e03c6391ee3441f0bf8f65353fdf7a t1:b8fd848ac587a87dcc916b7b6b15a09095d17951235494975bf1813fd381d315 782 main J J_seal_names.lua\n" \
    "sum 61cc88668b3b52e6614550bf7b2c095e1aaa4930255568b05df28293ae32c065\n" \
    "end\n"

static const struct {
    char manifest[sizeof(TEXT_manifest)];
    char main_001__agent_memory[7347];
    char main_002__add_fact[3604];
    char main_003__session_summaries[2272];
    char main_004__memory_type[1218];
    char main_005__task_memory[5780];
    char main_006__widen_memory_type[1355];
    char main_007__lineage[4654];
    char main_008__event_embeddings[1067];
    char module_chains[1276];
    char main_009__lineage_backfill[2948];
    char main_010__room_for_jobs[3110];
    char main_J__event_lineage[923];
    char main_J__reembed[894];
    char main_J__seal_names[783];
} sealed = {
    TEXT_manifest,
    TEXT_main_001__agent_memory,
    TEXT_main_002__add_fact,
    TEXT_main_003__session_summaries,
    TEXT_main_004__memory_type,
    TEXT_main_005__task_memory,
    TEXT_main_006__widen_memory_type,
    TEXT_main_007__lineage,
    TEXT_main_008__event_embeddings,
    TEXT_module_chains,
    TEXT_main_009__lineage_backfill,
    TEXT_main_010__room_for_jobs,
    TEXT_main_J__event_lineage,
    TEXT_main_J__reembed,
    TEXT_main_J__seal_names,
};

#pragma GCC diagnostic pop

static const stele_module module_chains = {
    .name = "chains",
    .file = "lua/chains.lua",
    .text = sealed.module_chains,
    .length = 1275,
};
static const stele_module *const main_009__lineage_backfill_modules[] = {
    &module_chains,
};

static const stele_parameter parameter_table[] = {
    {"embedding_dim", "384", STELE_INTEGER, 0},
    {"search_dim", "384", STELE_INTEGER, 0},
    {"embedding_url", "http://127.0.0.1:11434/v1", STELE_LITERAL, 1},
    {"embedding_model", "bge-m3", STELE_LITERAL, 1},
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
        .name = "agent_memory",
        .directory = "migrations",
        .file = "001_agent_memory.sql",
        .source = "s1:0e95d194eff8b76bc3a124a800a5d574ed0092bb71ae27e3a8715b8cb52debe1",
        .tokens = "t1:195367fcce68038bba37266ade87d8bd2bf8ed6a4684b6c3397fb96353c4e38d",
        .state = "d1:9b5f0923414b5f231201ec6128d211c7bc38384c1cea2e07c885b9f506c5d50c",
        .text = sealed.main_001__agent_memory,
        .length = 7346,
        .statements = main_001__agent_memory_statements,
        .statement_count = 37,
        .steps = main_001__agent_memory_steps,
        .step_count = 3,
        .references = main_001__agent_memory_references,
        .reference_count = 2,
        .needs = main_001__agent_memory_needs,
        .need_count = 3,
        .losses = main_001__agent_memory_losses,
        .loss_count = 4,
        .effects = main_001__agent_memory_effects,
        .effect_count = 7,
        .demands = main_001__agent_memory_demands,
        .demand_count = 23,
        .up = {0, 6444, 0, 1, NULL},
        .down = {6459, 6678, 1, 1, NULL},
        .verify = {6695, 7346, 2, 1, NULL},
    },
    {
        .component = "main",
        .version = "002",
        .name = "add_fact",
        .directory = "migrations",
        .file = "002_add_fact.sql",
        .source = "s1:8f2ad16406ebd0b1c0ecad2ecaecd80b277aa583677b72c21638eb831bcc4000",
        .tokens = "t1:38e8d015a3ff2ea93d5f6d5ee96f496c4873cff1369a74835f6a8531d6892012",
        .state = "d1:fc613731a718f035eee4900caf88fe618c321c66fccfa908599c031b2834097a",
        .text = sealed.main_002__add_fact,
        .length = 3603,
        .statements = main_002__add_fact_statements,
        .statement_count = 21,
        .steps = main_002__add_fact_steps,
        .step_count = 6,
        .losses = main_002__add_fact_losses,
        .loss_count = 2,
        .effects = main_002__add_fact_effects,
        .effect_count = 14,
        .demands = main_002__add_fact_demands,
        .demand_count = 10,
        .up = {0, 2652, 0, 4, NULL},
        .down = {2667, 3114, 4, 1, NULL},
        .verify = {3131, 3603, 5, 1, NULL},
        .flags = STELE_CONTRACTS,
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "003",
        .name = "session_summaries",
        .directory = "migrations",
        .file = "003_session_summaries.sql",
        .source = "s1:623c56a2e3115fa198a9f30e5664458244672a2bd9d1d028e4216a63f13fd48a",
        .tokens = "t1:b29fdd2a8cca0b92d96e6cb5e2cc075ea2549dab613902eae12c1feec0af55b1",
        .state = "d1:da245ccc0f7d206a3913a35d01ead5c3b55ee22219b354f4186211104e76ee00",
        .text = sealed.main_003__session_summaries,
        .length = 2271,
        .statements = main_003__session_summaries_statements,
        .statement_count = 12,
        .steps = main_003__session_summaries_steps,
        .step_count = 3,
        .losses = main_003__session_summaries_losses,
        .loss_count = 2,
        .effects = main_003__session_summaries_effects,
        .effect_count = 6,
        .demands = main_003__session_summaries_demands,
        .demand_count = 7,
        .up = {0, 1898, 0, 1, NULL},
        .down = {1913, 1998, 1, 1, NULL},
        .verify = {2015, 2271, 2, 1, NULL},
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "004",
        .name = "memory_type",
        .directory = "migrations",
        .file = "004_memory_type.sql",
        .source = "s1:907cece8407b7bef217d6f7428dddc49cb21c74e6c8ac152d8b83d3177aa1ac4",
        .tokens = "t1:d5db4005aa3774e024c27fe11cf48eb92f44492f05726429d765bf9da301d51c",
        .state = "d1:c862529799550284b2fb26720ea233c348e2859e09fee8435a918a5f4cf25961",
        .text = sealed.main_004__memory_type,
        .length = 1217,
        .statements = main_004__memory_type_statements,
        .statement_count = 6,
        .steps = main_004__memory_type_steps,
        .step_count = 4,
        .losses = main_004__memory_type_losses,
        .loss_count = 1,
        .effects = main_004__memory_type_effects,
        .effect_count = 4,
        .demands = main_004__memory_type_demands,
        .demand_count = 2,
        .up = {0, 895, 0, 2, NULL},
        .down = {910, 961, 2, 1, NULL},
        .verify = {978, 1217, 3, 1, NULL},
        .flags = STELE_CONTRACTS,
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "005",
        .name = "task_memory",
        .directory = "migrations",
        .file = "005_task_memory.sql",
        .source = "s1:501b9b6fe900253de9f9e6e69fe3de79e632f0b73aa3a12ff6d7bea21775c486",
        .tokens = "t1:d4daebc4b3ef1a6128081f82c488631a45bd7f4361df3622c08a49929eced9a4",
        .state = "d1:e9d4a4af315d23ea9adcfb1a79b67d2fe4e3799551642468e56165ca2621a294",
        .text = sealed.main_005__task_memory,
        .length = 5779,
        .statements = main_005__task_memory_statements,
        .statement_count = 23,
        .steps = main_005__task_memory_steps,
        .step_count = 3,
        .losses = main_005__task_memory_losses,
        .loss_count = 4,
        .effects = main_005__task_memory_effects,
        .effect_count = 8,
        .demands = main_005__task_memory_demands,
        .demand_count = 17,
        .up = {0, 5122, 0, 1, NULL},
        .down = {5137, 5206, 1, 1, NULL},
        .verify = {5223, 5779, 2, 1, NULL},
    },
    {
        .component = "main",
        .version = "006",
        .name = "widen_memory_type",
        .directory = "migrations",
        .file = "006_widen_memory_type.sql",
        .source = "s1:79a5fe7c4915cbfa645379c51c9135eefad7800a52b0055a744fb267b0aae67d",
        .tokens = "t1:18e84620966a82f2bb9f4c8bb79bff38cba4cbaf4d1f0b87527979ca90d8f24e",
        .state = "d1:6543fdfda72c76db0e1878e3f49b0228b66f80279db93d68a271530a104c14ed",
        .text = sealed.main_006__widen_memory_type,
        .length = 1354,
        .statements = main_006__widen_memory_type_statements,
        .statement_count = 5,
        .steps = main_006__widen_memory_type_steps,
        .step_count = 4,
        .effects = main_006__widen_memory_type_effects,
        .effect_count = 3,
        .demands = main_006__widen_memory_type_demands,
        .demand_count = 3,
        .up = {0, 675, 0, 2, NULL},
        .down = {690, 1157, 2, 1, NULL},
        .verify = {1174, 1354, 3, 1, NULL},
        .flags = STELE_CONTRACTS,
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "007",
        .name = "lineage",
        .directory = "migrations",
        .file = "007_lineage.sql",
        .source = "s1:84d885a7e8ea6cb4f9bb6daeaa72416016abfe6d07fde23989eee71fed58febd",
        .tokens = "t1:a9614ec5e51a3755a579bad070df8eb4a4671f23d462db61382c416d06fdefa4",
        .state = "d1:053f9e805454a60feec467e210c15305b137b70a4a4c4e6f85502fe2bfbfc94d",
        .text = sealed.main_007__lineage,
        .length = 4653,
        .statements = main_007__lineage_statements,
        .statement_count = 21,
        .steps = main_007__lineage_steps,
        .step_count = 10,
        .losses = main_007__lineage_losses,
        .loss_count = 5,
        .effects = main_007__lineage_effects,
        .effect_count = 14,
        .demands = main_007__lineage_demands,
        .demand_count = 13,
        .up = {0, 3165, 0, 8, NULL},
        .down = {3180, 4093, 8, 1, NULL},
        .verify = {4110, 4653, 9, 1, NULL},
        .flags = STELE_CONTRACTS,
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "008",
        .name = "event_embeddings",
        .directory = "migrations",
        .file = "008_event_embeddings.sql",
        .source = "s1:edce91e17821f8e35a9a257f895c26613a5ab7a46548241e03ae56a8dc372583",
        .tokens = "t1:8a5fc4f47f4621238fb8493a104d9cf12f744a363594b1de665637edc866a720",
        .state = "d1:de6d17d85da62465815b5ffab935874d979b85036564de0b1c29fd9c6e55cc7b",
        .text = sealed.main_008__event_embeddings,
        .length = 1066,
        .statements = main_008__event_embeddings_statements,
        .statement_count = 6,
        .steps = main_008__event_embeddings_steps,
        .step_count = 4,
        .references = main_008__event_embeddings_references,
        .reference_count = 2,
        .needs = main_008__event_embeddings_needs,
        .need_count = 1,
        .losses = main_008__event_embeddings_losses,
        .loss_count = 1,
        .effects = main_008__event_embeddings_effects,
        .effect_count = 4,
        .demands = main_008__event_embeddings_demands,
        .demand_count = 4,
        .up = {0, 734, 0, 2, NULL},
        .down = {749, 833, 2, 1, NULL},
        .verify = {850, 1066, 3, 1, NULL},
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "009",
        .name = "lineage_backfill",
        .directory = "lua",
        .file = "009_lineage_backfill.lua",
        .source = "s2:435d0bc322a4ad4dc13db80bc26872f812e50f0f3c36e23f9b78e69e5c9ca678",
        .tokens = "t1:8433775c501ce446c2c09ff7c83793a2cd9f524dc9f11ca80a05387ffd7517ab",
        .state = "d1:5bb0192a508d8d9c399a8509d4bc2649d72f58f65fd4ac8e4407313bc24dbd2d",
        .text = sealed.main_009__lineage_backfill,
        .length = 2947,
        .statements = main_009__lineage_backfill_statements,
        .statement_count = 3,
        .steps = main_009__lineage_backfill_steps,
        .step_count = 3,
        .losses = main_009__lineage_backfill_losses,
        .loss_count = 1,
        .modules = main_009__lineage_backfill_modules,
        .module_count = 1,
        .up = {1003, 1790, 0, 1, NULL},
        .down = {1881, 2511, 1, 1, NULL},
        .verify = {2513, 2896, 2, 1, NULL},
        .flags = STELE_SETS_SESSION | STELE_MAKES_TEMP | STELE_OPAQUE,
        .lua = 1,
        .lock_timeout = "5s",
    },
    {
        .component = "main",
        .version = "010",
        .name = "room_for_jobs",
        .directory = "migrations",
        .file = "010_room_for_jobs.sql",
        .source = "s1:57c06d77cb253a6521149141c9973b46a05eb464aaa3a17a98bdfcaf9ce99f40",
        .tokens = "t1:5a7c40bd9da98fcf38b2e26a9f2e69e3f8d525c1cf5d8e2f481e9bb8dea975b4",
        .state = "d1:f0d4046303013e0b4e9411800db911390249a9c0b45a639572cf84cc2f3fc86e",
        .text = sealed.main_010__room_for_jobs,
        .length = 3109,
        .statements = main_010__room_for_jobs_statements,
        .statement_count = 20,
        .steps = main_010__room_for_jobs_steps,
        .step_count = 5,
        .needs = main_010__room_for_jobs_needs,
        .need_count = 1,
        .losses = main_010__room_for_jobs_losses,
        .loss_count = 3,
        .effects = main_010__room_for_jobs_effects,
        .effect_count = 11,
        .demands = main_010__room_for_jobs_demands,
        .demand_count = 11,
        .up = {0, 2166, 0, 3, NULL},
        .down = {2181, 2579, 3, 1, NULL},
        .verify = {2596, 3109, 4, 1, NULL},
        .lock_timeout = "5s",
    },
    {.version = NULL},
};

static const stele_migration job_table[] = {
    {
        .component = "main",
        .version = "J",
        .name = "event_lineage",
        .directory = "lua",
        .file = "J_event_lineage.lua",
        .source = "s1:2934955517a6f9ee1361427b94abea842281a16bb769bf7a654e3de91f3891f4",
        .tokens = "t1:518360b7de78a0e857bdc7611b40c2c0d6d60daf6ae33da76eef1c4a790c132e",
        .text = sealed.main_J__event_lineage,
        .length = 922,
        .lua = 1,
    },
    {
        .component = "main",
        .version = "J",
        .name = "reembed",
        .directory = "lua",
        .file = "J_reembed.lua",
        .source = "s1:72ef377085cd226c3664d524cc7beff54c0aff72de4a8a7266eb16ec515c5741",
        .tokens = "t1:d3e4aa1598166b5ea6d69ce6850b031c01e051446e2ccab954a579770d1482de",
        .text = sealed.main_J__reembed,
        .length = 893,
        .lua = 1,
    },
    {
        .component = "main",
        .version = "J",
        .name = "seal_names",
        .directory = "lua",
        .file = "J_seal_names.lua",
        .source = "s1:c323986de44c8fcf07d630a7a1eb0f9b93e03c6391ee3441f0bf8f65353fdf7a",
        .tokens = "t1:b8fd848ac587a87dcc916b7b6b15a09095d17951235494975bf1813fd381d315",
        .text = sealed.main_J__seal_names,
        .length = 782,
        .lua = 1,
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
    .jobs = job_table,
    .job_count = sizeof job_table / sizeof job_table[0] - 1,
    .engine = &stele_jobs,
    .components = component_table,
    .component_count = sizeof component_table / sizeof component_table[0] - 1,
    .sealed = sealed.manifest,
};
