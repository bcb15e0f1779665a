#include <string.h>

#include "ledger.h"

/*
 * The ledger's tables and functions, described in docs/ledger.md; @ stands for the schema. Once a
 * database has them they are never changed in place: a later format adds to them. All names
 * are qualified, and the functions fix their search_path, pg_temp last, so that nothing a
 * migration makes can stand in for what they mean.
 */
static const stele_piece pieces[] = {
    {STELE_PIECE_SCHEMA, "", "",
    "CREATE SCHEMA IF NOT EXISTS @;\n"
    "COMMENT ON SCHEMA @ IS 'stele: what was applied to this database; written by the stele runtime only';\n"},

    {STELE_PIECE_TABLE, "ledger", "component, seq",
    "CREATE TABLE @.ledger (\n"
    "  component   text COLLATE \"C\" NOT NULL,\n"
    "  seq         bigint NOT NULL CHECK (seq > 0),\n"
    "  format      bigint NOT NULL,\n"
    "  action      text COLLATE \"C\" NOT NULL,\n"
    "  version     text COLLATE \"C\" NOT NULL,\n"
    "  name        text COLLATE \"C\" NOT NULL,\n"
    "  file        text COLLATE \"C\" NOT NULL,\n"
    "  step        bigint,\n"
    "  source      text COLLATE \"C\" NOT NULL,\n"
    "  tokens      text COLLATE \"C\" NOT NULL,\n"
    "  state       text COLLATE \"C\" NOT NULL,\n"
    "  parameters  json NOT NULL,\n"
    "  compat      text COLLATE \"C\",\n"
    "  one_way     text COLLATE \"C\",\n"
    "  down        text COLLATE \"C\",\n"
    "  down_sha256 bytea,\n"
    "  reason      text COLLATE \"C\",\n"
    "  statements  bigint NOT NULL,\n"
    "  started     timestamptz NOT NULL,\n"
    "  duration    bigint NOT NULL,\n"
    "  role        text COLLATE \"C\" NOT NULL,\n"
    "  address     text COLLATE \"C\",\n"
    "  host        text COLLATE \"C\" NOT NULL,\n"
    "  application text COLLATE \"C\" NOT NULL,\n"
    "  build       text COLLATE \"C\" NOT NULL,\n"
    "  hash        bytea NOT NULL,\n"
    "  PRIMARY KEY (component, seq)\n"
    ");\n"
    "COMMENT ON TABLE @.ledger IS 'stele: append-only; each row hashes the row before it';\n"},

    /*
     * The head of each chain, and what the check at boot wants to know of it. The one row that is updated, once
     * per migration: room on its page keeps the updates HOT.
     */
    {STELE_PIECE_TABLE, "anchor", "component",
    "CREATE TABLE @.anchor (\n"
    "  component text COLLATE \"C\" PRIMARY KEY,\n"
    "  format    bigint NOT NULL,\n"
    "  reader    bigint NOT NULL,\n"
    "  seq       bigint NOT NULL,\n"
    "  hash      bytea NOT NULL,\n"
    "  state     text COLLATE \"C\" NOT NULL,\n"
    "  parameters json NOT NULL\n"
    ") WITH (fillfactor = 10);\n"
    "COMMENT ON TABLE @.anchor IS 'stele: the head of each component''s chain';\n"},

    {STELE_PIECE_FUNCTION, "refuse", "",
    "CREATE OR REPLACE FUNCTION @.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $stele$\n"
    "BEGIN\n"
    "  RAISE EXCEPTION 'stele: % of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME\n"
    "    USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'the ledger is append-only';\n"
    "END $stele$;\n"},
    {STELE_PIECE_GUARD, "append_only", "ledger",
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @.ledger\n"
    "  FOR EACH STATEMENT EXECUTE FUNCTION @.refuse();\n"
    "ALTER TABLE @.ledger ENABLE ALWAYS TRIGGER append_only;\n"},
    {STELE_PIECE_GUARD, "keep", "anchor",
    "CREATE TRIGGER keep BEFORE DELETE OR TRUNCATE ON @.anchor\n"
    "  FOR EACH STATEMENT EXECUTE FUNCTION @.refuse();\n"
    "ALTER TABLE @.anchor ENABLE ALWAYS TRIGGER keep;\n"},

    /*
     * STABLE, not IMMUTABLE as they are: convert_to is declared STABLE, and else they wouldn't be inlined. Bytes are
     * written E'' here and below: the text is parsed at the call, under whatever standard_conforming_strings is then.
     */
    {STELE_PIECE_FUNCTION, "field", "text",
    "CREATE OR REPLACE FUNCTION @.field(value text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $stele$\n"
    "  SELECT coalesce(pg_catalog.int4send(pg_catalog.octet_length(pg_catalog.convert_to(value, 'UTF8')))\n"
    "    OPERATOR(pg_catalog.||) pg_catalog.convert_to(value, 'UTF8'), E'\\\\xffffffff'::pg_catalog.bytea)\n"
    "$stele$;\n"},
    {STELE_PIECE_FUNCTION, "field", "bigint",
    "CREATE OR REPLACE FUNCTION @.field(value bigint) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $stele$\n"
    "  SELECT coalesce(E'\\\\x00000008'::pg_catalog.bytea OPERATOR(pg_catalog.||) pg_catalog.int8send(value),\n"
    "    E'\\\\xffffffff'::pg_catalog.bytea)\n"
    "$stele$;\n"},

    {STELE_PIECE_FUNCTION, "append",
    "text, bigint, text, text, text, text, bigint, text, text, text, json, text, text, text, text, bigint, bigint, text, text",
    "CREATE OR REPLACE FUNCTION @.append(component text, seq bigint, action text, version text, name text, file text,\n"
    "  step bigint, source text, tokens text, state text, parameters json, compat text, one_way text, down text,\n"
    "  reason text, statements bigint, duration bigint, host text, build text)\n"
    "RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $stele$\n"
    "#variable_conflict use_variable\n"
    "DECLARE\n"
    "  ended timestamptz := clock_timestamp();\n"
    "  took bigint := coalesce(duration, (extract(epoch FROM ended - now()) * 1000000)::bigint);\n"
    "  started timestamptz := ended - took * interval '1 microsecond';\n"
    "  address text := host(inet_client_addr());\n"
    "  application text := coalesce(current_setting('application_name', true), '');\n"
    "  down_sha256 bytea := sha256(convert_to(down, 'UTF8'));\n"
    "  body bytea := @.field(seq) || @.field(component) || @.field(1::bigint) || @.field(action)\n"
    "    || @.field(version) || @.field(name) || @.field(file) || @.field(step) || @.field(source)\n"
    "    || @.field(tokens) || @.field(state) || @.field(parameters::text) || @.field(compat) || @.field(one_way)\n"
    "    || coalesce(E'\\\\x00000020'::bytea || down_sha256, E'\\\\xffffffff') || @.field(reason)\n"
    "    || @.field(statements) || E'\\\\x00000008'::bytea || timestamptz_send(started) || @.field(took)\n"
    "    || @.field(session_user::text) || @.field(address) || @.field(host) || @.field(application)\n"
    "    || @.field(build);\n"
    "  head bytea;\n"
    "BEGIN\n"
    "  IF seq = 1 THEN\n"
    "    INSERT INTO @.anchor AS a\n"
    "      VALUES (component, 1, 1, 1, sha256(E'stele-row-1\\\\012'::bytea || decode(repeat('00', 32), 'hex') || sha256(body)),\n"
    "        state, parameters)\n"
    "      ON CONFLICT DO NOTHING RETURNING a.hash INTO head;\n"
    "  ELSE\n"
    "    UPDATE @.anchor AS a SET seq = append.seq, hash = sha256(E'stele-row-1\\\\012'::bytea || a.hash || sha256(body)),\n"
    "        state = append.state, parameters = append.parameters\n"
    "      WHERE a.component = append.component AND a.seq = append.seq - 1 RETURNING a.hash INTO head;\n"
    "  END IF;\n"
    "  IF head IS NULL THEN\n"
    "    RAISE EXCEPTION 'stele: the ledger has moved' USING ERRCODE = 'ST001';\n"
    "  END IF;\n"
    "  INSERT INTO @.ledger VALUES (component, seq, 1, action, version, name, file, step, source, tokens, state,\n"
    "    parameters, compat, one_way, down, down_sha256, reason, statements, started, took, session_user::text, address, host,\n"
    "    application, build, head);\n"
    "  IF NOT FOUND THEN\n"
    "    RAISE EXCEPTION 'stele: the ledger took no row' USING HINT = 'look for a rule or a trigger on its table';\n"
    "  END IF;\n"
    "  RETURN 'r1:' || encode(head, 'hex') || ' ' || took;\n"
    "END $stele$;\n"},

    /* What a migration's transaction begins with: the lock, a second look at the head, stele's settings. */
    {STELE_PIECE_FUNCTION, "enter", "text, bigint, integer, integer, boolean, text, text",
    "CREATE OR REPLACE FUNCTION @.enter(component text, head bigint, key1 integer, key2 integer, commit_later boolean,\n"
    "  lock_timeout text, statement_timeout text)\n"
    "RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $stele$\n"
    "#variable_conflict use_variable\n"
    "BEGIN\n"
    "  IF NOT pg_try_advisory_xact_lock(key1, key2) THEN\n"
    "    RAISE EXCEPTION 'stele: another process holds the lock' USING ERRCODE = 'ST002';\n"
    "  END IF;\n"
    "  IF head <> coalesce((SELECT a.seq FROM @.anchor AS a WHERE a.component = enter.component), 0) THEN\n"
    "    RAISE EXCEPTION 'stele: the ledger has moved' USING ERRCODE = 'ST001';\n"
    "  END IF;\n"
    "  PERFORM set_config('row_security', 'off', true);\n"
    "  IF commit_later THEN\n"
    "    PERFORM set_config('synchronous_commit', 'off', true);\n"
    "  ELSIF current_setting('synchronous_commit') = 'off' THEN\n"
    "    PERFORM set_config('synchronous_commit', 'on', true);\n"
    "  END IF;\n"
    "  IF lock_timeout IS NOT NULL THEN\n"
    "    PERFORM set_config('lock_timeout', lock_timeout, true);\n"
    "  END IF;\n"
    "  IF statement_timeout IS NOT NULL THEN\n"
    "    PERFORM set_config('statement_timeout', statement_timeout, true);\n"
    "  END IF;\n"
    "END $stele$;\n"},

    /* What may be shown to anybody: everything but the scripts. */
    {STELE_PIECE_VIEW, "history", "",
    "CREATE OR REPLACE VIEW @.history AS SELECT component, seq, action, version, name, file, step, source, state, parameters,\n"
    "  compat, one_way, down IS NOT NULL AS has_down, reason, statements, started,\n"
    "  duration * interval '1 microsecond' AS duration, role, address, host, application, build,\n"
    "  'r1:' OPERATOR(pg_catalog.||) pg_catalog.encode(hash, 'hex') AS hash FROM @.ledger;\n"
    "COMMENT ON VIEW @.history IS 'stele: the ledger without its scripts; may be granted to anybody';\n"},

    {STELE_PIECE_RIGHTS, "", "",
    "REVOKE ALL ON ALL TABLES IN SCHEMA @ FROM PUBLIC;\n"
    "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA @ FROM PUBLIC;\n"}};

const stele_piece *stele_ledger_piece(size_t index)
{
    return index < sizeof pieces / sizeof *pieces ? &pieces[index] : NULL;
}

char *stele_quoted_name(const char *name, stele_arena *arena)
{
    char *quoted = stele_arena_get(arena, strlen(name) * 2 + 3, 1), *out = quoted;
    if (quoted == NULL)
        return NULL;
    *out++ = '"';
    for (; *name != '\0'; name++) {
        if (*name == '"')
            *out++ = '"';
        *out++ = *name;
    }
    *out = '"';
    return quoted;
}

/* @ is the schema. */
static void put_piece(stele_text *text, const char *p, const char *schema)
{
    while (*p != '\0') {
        size_t plain = strcspn(p, "@");
        stele_text_bytes(text, p, plain);
        p += plain;
        if (*p == '@') {
            stele_text_string(text, schema);
            p++;
        }
    }
}

static char *take_text(stele_text *text, stele_arena *arena)
{
    char *copy = text->failed ? NULL : stele_arena_copy(arena, text->bytes, text->length);
    stele_text_free(text);
    return copy;
}

char *stele_piece_text(const stele_piece *piece, const char *schema, stele_arena *arena)
{
    stele_text text = {0};
    put_piece(&text, piece->text, schema);
    return take_text(&text, arena);
}

char *stele_piece_body(const stele_piece *piece, const char *schema, stele_arena *arena)
{
    static const char quote[] = "$stele$";
    char *text = stele_piece_text(piece, schema, arena);
    char *body = text == NULL ? NULL : strstr(text, quote);
    char *end = body == NULL ? NULL : strstr(body + 1, quote);
    if (end == NULL)
        return NULL;
    *end = '\0';
    return body + sizeof quote - 1;
}

char *stele_ledger_schema(const char *schema, bool whole, stele_arena *arena)
{
    stele_text text = {0};
    const stele_piece *piece;
    for (size_t i = 0; (piece = stele_ledger_piece(i)) != NULL; i++)
        if (whole || piece->kind != STELE_PIECE_SCHEMA)
            put_piece(&text, piece->text, schema);
    return take_text(&text, arena);
}
