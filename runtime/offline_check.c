#include <string.h>

#include "offline.h"
#include "psql.h"

static void put(stele_sheet *sheet, const char *words)
{
    stele_text_string(&sheet->text, words);
}

static void put_literal(stele_sheet *sheet, const char *value)
{
    stele_psql_literal(&sheet->text, value);
}

void stele_sheet_session(stele_sheet *sheet)
{
    put(sheet, "SET client_encoding = 'UTF8';\nSET client_min_messages = warning;\n");
    const char *role = sheet->handle->options.role == NULL ? NULL : stele_quoted_name(sheet->handle->options.role, &sheet->handle->arena);
    sheet->text.failed |= role == NULL && sheet->handle->options.role != NULL;
    if (role != NULL)
        stele_text_print(&sheet->text, "SET ROLE %s;\n", role);
}

/* ------------------------------------------------------------- repeatables */

void stele_sheet_repeatables(stele_sheet *sheet, const char *component)
{
    stele_text_print(&sheet->text, "SELECT DISTINCT ON (r.name) r.name, r.source, r.action FROM %s.ledger AS r\n"
                                   "    WHERE r.component OPERATOR(pg_catalog.=) ",
                     sheet->handle->schema);
    put_literal(sheet, component);
    put(sheet, " AND r.version OPERATOR(pg_catalog.=) 'R'\n"
               "      AND r.action OPERATOR(pg_catalog.=) ANY ('{" STELE_PUTTING_IN "," STELE_TAKING_OUT "}'::pg_catalog.text[])\n");
    /* A versioned migration that was taken back took all of them out. */
    stele_text_print(&sheet->text,
                     "      AND r.seq OPERATOR(pg_catalog.>) coalesce((SELECT pg_catalog.max(v.seq) FROM %s.ledger AS v\n"
                     "        WHERE v.component OPERATOR(pg_catalog.=) r.component AND v.action OPERATOR(pg_catalog.=) 'revert'\n"
                     "          AND v.version OPERATOR(pg_catalog.<>) 'R'), 0)\n"
                     "    ORDER BY r.name, r.seq DESC",
                     sheet->handle->schema);
}

void stele_sheet_fold(stele_sheet *sheet, const char *component, const char *digest, const char *name, const char *source)
{
    put(sheet, "(WITH RECURSIVE latest AS (");
    stele_sheet_repeatables(sheet, component);
    put(sheet, "),\n  member AS (SELECT pg_catalog.row_number() OVER (ORDER BY m.name) AS n, m.name, m.source FROM (\n"
               "    SELECT name, source FROM latest WHERE action OPERATOR(pg_catalog.=) ANY ('{" STELE_PUTTING_IN "}'::pg_catalog.text[])");
    if (name != NULL) {
        put(sheet, " AND name OPERATOR(pg_catalog.<>) ");
        put_literal(sheet, name);
    }
    if (source != NULL) {
        put(sheet, "\n    UNION ALL SELECT ");
        put_literal(sheet, name);
        put(sheet, " COLLATE \"C\", ");
        put_literal(sheet, source);
    }
    stele_text_print(&sheet->text,
                     ") AS m),\n"
                     "  fold AS (SELECT 0::pg_catalog.int8 AS n, pg_catalog.decode('%s', 'hex') AS digest UNION ALL\n"
                     "    SELECT m.n, pg_catalog.sha256(f.digest OPERATOR(pg_catalog.||) %s.field('R'::pg_catalog.text)\n"
                     "      OPERATOR(pg_catalog.||) %s.field(m.name) OPERATOR(pg_catalog.||) %s.field(m.source))\n"
                     "    FROM fold AS f JOIN member AS m ON m.n OPERATOR(pg_catalog.=) (f.n OPERATOR(pg_catalog.+) 1))\n"
                     "  SELECT 'd1:' OPERATOR(pg_catalog.||) pg_catalog.encode(f.digest, 'hex') FROM fold AS f ORDER BY f.n DESC LIMIT 1)",
                     strchr(digest, ':') + 1, sheet->handle->schema, sheet->handle->schema, sheet->handle->schema);
}

/* -------------------------------------------------------- what must be true */

static const char nothing_done[] = "nothing was done; plan again, from where the database is";
static const char locked[] = "nothing was done; run the script again when that process is done";

/* THEN RAISE ...: what is wrong and what to do, as expressions where they begin with a quote or a name of the block. */
static void put_raise(stele_sheet *sheet, const char *message, const char *detail, const char *hint)
{
    put(sheet, " THEN\n    RAISE EXCEPTION USING MESSAGE = ");
    put(sheet, message);
    if (detail != NULL) {
        put(sheet, ", DETAIL = ");
        put(sheet, detail);
    }
    put(sheet, ",\n      HINT = ");
    put_literal(sheet, hint);
    put(sheet, ";\n  END IF;\n");
}

/* The same with a message in words. */
static void put_refusal(stele_sheet *sheet, const char *format, const char *name, const char *detail, const char *hint)
{
    const char *message = stele_arena_print(&sheet->handle->arena, format, name);
    stele_text literal = {0};
    stele_psql_literal(&literal, message);
    sheet->text.failed |= message == NULL || literal.failed;
    if (!sheet->text.failed)
        put_raise(sheet, literal.bytes, detail, hint);
    stele_text_free(&literal);
}

/* The head, as it was when the plan was made. */
static void put_head(stele_sheet *sheet, const stele_bound *bound, const char *component)
{
    put(sheet, "  expected := ");
    put_literal(sheet, bound->hash);
    stele_text_print(&sheet->text, ";\n  IF anchor_seq <> %lld OR anchor_hash <> expected", (long long)bound->seq);
    put_refusal(sheet, "stele: the ledger of component \"%s\" is not where this script begins", component,
                "'expected head: ' || expected || ', found: ' || anchor_hash", nothing_done);
}

/* Without a connection, the set is known, not the rows: so steps of something half done are looked for. */
static void put_set(stele_sheet *sheet, const stele_bound *bound, const char *component)
{
    put(sheet, "  expected := ");
    put_literal(sheet, bound->state);
    if (bound->blind) {
        put(sheet, ";\n  IF there THEN\n    expected := ");
        stele_sheet_fold(sheet, component, bound->state, NULL, NULL);
        put(sheet, ";\n  END IF");
    }
    put(sheet, ";\n  IF anchor_state <> expected");
    put_refusal(sheet, "stele: component \"%s\" is not where this script begins", component,
                "'expected state: ' || expected || ', found: ' || anchor_state", nothing_done);
    stele_text_print(&sheet->text,
                     "  IF there THEN\n    SELECT h.file INTO what FROM (\n"
                     "      SELECT DISTINCT ON (r.version, CASE r.version WHEN 'R' THEN r.name END) r.file, r.action, r.step\n"
                     "      FROM %s.ledger AS r WHERE r.version <> '' AND r.component = ",
                     sheet->handle->schema);
    put_literal(sheet, component);
    put(sheet, "\n      ORDER BY r.version, CASE r.version WHEN 'R' THEN r.name END, r.seq DESC) AS h\n"
               "      WHERE h.action = ANY ('{" STELE_UNDER_WAY "}') OR (h.action = 'accept' AND h.step > 0) LIMIT 1;\n"
               "  END IF;\n  IF what IS NOT NULL");
    put_raise(sheet, "'stele: \"' || what || '\" is half done'", NULL,
              "nothing was done; plan with a connection, so that the script goes on from there");
}

/* Repeatables that this program doesn't have any more would have to be forgotten. */
static void put_removed(stele_sheet *sheet, const char *component)
{
    const stele_migrations *table = sheet->handle->table;
    put(sheet, "  IF there THEN\n    SELECT h.name INTO what FROM (");
    stele_sheet_repeatables(sheet, component);
    put(sheet, ") AS h\n    WHERE h.action = ANY ('{" STELE_PUTTING_IN "}') AND h.name NOT IN (''");
    for (size_t i = 0; i < table->count; i++) {
        if (!table->migrations[i].repeatable || strcmp(table->migrations[i].component, component) != 0)
            continue;
        put(sheet, ", ");
        put_literal(sheet, table->migrations[i].name);
    }
    put(sheet, ") LIMIT 1;\n  END IF;\n  IF what IS NOT NULL");
    put_raise(sheet, "'stele: the repeatable migration \"' || what || '\" is in, but not in this program'", NULL,
              "nothing was done; plan with a connection");
}

/* Every value in force must be the one that this script's rows will say is in force. */
static void put_parameters(stele_sheet *sheet, size_t component)
{
    const char *json = sheet->handle->values.json[component];
    put(sheet, "  ours := ");
    put_literal(sheet, json);
    put(sheet, ";\n  SELECT p.key || ' is ' || p.value || ' in the database, and ' || coalesce(ours ->> p.key, 'unknown') || ' here'\n"
               "    INTO what FROM json_each_text(parameters) AS p WHERE p.value IS DISTINCT FROM (ours ->> p.key) LIMIT 1;\n"
               "  IF what IS NOT NULL");
    put_raise(sheet, "'stele: a parameter differs: ' || what", NULL, "nothing was done; plan with the value that the database has");
}

/* The lock of the component keeps every other writer out until the transaction's end; then what the anchor says. */
static void put_anchor(stele_sheet *sheet, const char *component)
{
    uint8_t digest[STELE_DIGEST_SIZE];
    char empty[STELE_CHECKSUM_SIZE];
    stele_lock lock;
    sheet->text.failed |= !stele_state_start(digest, component);
    stele_checksum_write(empty, "d1", digest);
    stele_lock_name(&lock, sheet->handle, component);
    stele_text_print(&sheet->text, "  IF NOT pg_try_advisory_xact_lock(%s, %s)", lock.key1, lock.key2);
    put_raise(sheet, "'stele: another process is migrating this database'", NULL, locked);
    stele_text_print(&sheet->text,
                     "  anchor_seq := 0; anchor_state := '%s'; anchor_hash := ''; parameters := '{}'; reader := 0;\n"
                     "  IF there THEN\n    SELECT a.seq, a.state, 'r1:' || encode(a.hash, 'hex') AS hash, a.parameters, a.reader\n"
                     "      INTO anchor FROM %s.anchor AS a WHERE a.component = ",
                     empty, sheet->handle->schema);
    put_literal(sheet, component);
    stele_text_print(&sheet->text,
                     ";\n    IF FOUND THEN\n      anchor_seq := anchor.seq; anchor_state := anchor.state;\n"
                     "      anchor_hash := anchor.hash; parameters := anchor.parameters; reader := anchor.reader;\n    END IF;\n  END IF;\n"
                     "  IF reader > %d",
                     STELE_LEDGER_FORMAT);
    put_raise(sheet, "'stele: the ledger is of a newer format'", NULL, "nothing was done; use a newer stele");
}

static void put_component(stele_sheet *sheet, size_t component)
{
    const stele_bound *bound = &sheet->bounds[component];
    const char *name = sheet->handle->table->components[component];
    put_anchor(sheet, name);
    if (bound->hash != NULL) {
        put_head(sheet, bound, name);
        return;
    }
    put_set(sheet, bound, name);
    if (bound->blind)
        put_removed(sheet, name);
    put_parameters(sheet, component);
}

/* The numbers of a version as an array: so they compare as stele_version_compare does. */
static void put_numbers(stele_sheet *sheet, const char *version)
{
    bool first = true;
    put(sheet, "'{");
    for (const char *p = version; *p != '\0';) {
        size_t digits = strspn(p, "0123456789");
        if (digits > 0 && !first)
            put(sheet, ",");
        stele_text_bytes(&sheet->text, p, digits);
        first &= digits == 0;
        p += digits > 0 ? digits : 1;
    }
    put(sheet, "}'::numeric[]");
}

/* What a migration needs, unless one before it needs the same. */
static void put_need(stele_sheet *sheet, const stele_migration *migration, const stele_need *need)
{
    const char *message = stele_arena_print(&sheet->handle->arena, "\"%s\" needs %s%s%s", migration->file, need->name,
                                            need->minimum == NULL ? "" : " >= ", need->minimum == NULL ? "" : need->minimum);
    if (message == NULL) {
        sheet->text.failed = 1;
        return;
    }
    if (strcmp(need->name, "server") == 0) {
        put(sheet, "  number := current_setting('server_version_num');\n  what := number / 10000 || '.' || number % 10000");
    } else {
        put(sheet, "  what := (SELECT coalesce(e.installed_version, e.default_version) FROM pg_available_extensions AS e WHERE e.name = ");
        put_literal(sheet, need->name);
        put(sheet, ")");
    }
    put(sheet, ";\n  IF what IS NULL");
    if (need->minimum != NULL) {
        put(sheet, " OR (SELECT array_agg(m[1]::numeric) FROM regexp_matches(what, '[0-9]+', 'g') AS m) < ");
        put_numbers(sheet, need->minimum);
    }
    put_refusal(sheet, "stele: %s", message, "'the server has ' || coalesce(what, 'no such extension')", "nothing was done");
    put(sheet, "  what := NULL;\n");
}

static bool is_same_need(const stele_need *a, const stele_need *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->minimum == NULL ? "" : a->minimum, b->minimum == NULL ? "" : b->minimum) == 0;
}

static void put_needs(stele_sheet *sheet, size_t action)
{
    const stele_action *actions = sheet->list->actions;
    const stele_migration *migration = actions[action].migration;
    for (uint32_t n = 0; n < migration->need_count && actions[action].part != NULL; n++) {
        bool known = false;
        for (size_t i = 0; i < action && !known; i++)
            for (uint32_t j = 0; j < actions[i].migration->need_count && !known; j++)
                known = actions[i].part != NULL && is_same_need(&migration->needs[n], &actions[i].migration->needs[j]);
        if (!known)
            put_need(sheet, migration, &migration->needs[n]);
    }
}

/* Whether a migration of a component that this script isn't about is in, or one that stands for it. */
static void put_condition(stele_sheet *sheet, const stele_condition *condition)
{
    stele_text_print(&sheet->text,
                     "  is_in := false;\n  IF there THEN\n"
                     "    is_in := coalesce((SELECT r.action = ANY ('{" STELE_PUTTING_IN "}') FROM %s.ledger AS r\n"
                     "      WHERE r.action = ANY ('{" STELE_PUTTING_IN "," STELE_TAKING_OUT "}')\n"
                     "      AND NOT (r.action = 'accept' AND coalesce(r.step, 0) > 0) AND r.component = ",
                     sheet->handle->schema);
    put_literal(sheet, condition->component);
    put(sheet, "\n      AND ((SELECT array_agg(m[1]::numeric) FROM regexp_matches(r.version, '[0-9]+', 'g') AS m) = ");
    put_numbers(sheet, condition->version);
    stele_text_print(&sheet->text,
                     "\n        OR r.version IN (SELECT s.version FROM %s.ledger AS s WHERE s.component = r.component AND s.compat LIKE 'squash %%'\n"
                     "          AND (SELECT array_agg(m[1]::numeric) FROM regexp_matches(split_part(s.compat, ' ', 2), '[0-9]+', 'g') AS m) >= ",
                     sheet->handle->schema);
    put_numbers(sheet, condition->version);
    put(sheet, "))\n      ORDER BY r.seq DESC LIMIT 1), false);\n  END IF;\n");
    put(sheet, condition->in ? "  IF NOT is_in" : "  IF is_in");
    put_refusal(sheet, "stele: %s", condition->message, NULL, "nothing was done");
}

/* -------------------------------------------------------------------- the begin */

/* The one lock under which a ledger is made. */
static void put_making_lock(stele_sheet *sheet)
{
    stele_lock lock;
    stele_lock_name(&lock, sheet->handle, "");
    stele_text_print(&sheet->text, "  IF NOT there AND NOT pg_try_advisory_xact_lock(%s, %s)", lock.key1, lock.key2);
    put_raise(sheet, "'stele: another process is migrating this database'", NULL, locked);
}

/* The block of checks: all names in it mean what they do in pg_catalog. */
static void put_checks(stele_sheet *sheet)
{
    stele_text outer = sheet->text;
    sheet->text = (stele_text){0};
    put(sheet, "\nDECLARE\n  there boolean := to_regclass(");
    put_literal(sheet, stele_arena_print(&sheet->handle->arena, "%s.anchor", sheet->handle->schema));
    put(sheet, ") IS NOT NULL;\n  anchor record;\n  anchor_seq bigint;\n  anchor_state text;\n  anchor_hash text;\n"
               "  parameters json;\n  expected text;\n  ours json;\n  reader bigint;\n  number int;\n  is_in boolean;\n  what text;\n"
               "BEGIN\n");
    put_making_lock(sheet);
    for (size_t i = 0; i < sheet->handle->table->component_count; i++)
        if (sheet->bounds[i].used)
            put_component(sheet, i);
    for (size_t i = 0; i < sheet->condition_count; i++)
        put_condition(sheet, &sheet->conditions[i]);
    for (size_t i = 0; i < sheet->list->count; i++)
        put_needs(sheet, i);
    put(sheet, "END ");
    outer.failed |= sheet->text.failed;
    stele_text inner = sheet->text;
    sheet->text = outer;
    put(sheet, "DO ");
    if (!outer.failed)
        stele_psql_dollars(&sheet->text, inner.bytes, inner.length);
    put(sheet, ";\n");
    stele_text_free(&inner);
}

/* As a run makes it: the schema only where there is none, so that it may have been made for us. */
static void put_ledger(stele_sheet *sheet)
{
    const char *schema = sheet->handle->schema;
    stele_arena *arena = &sheet->handle->arena;
    const char *tables = stele_ledger_schema(schema, false, arena), *whole = stele_ledger_schema(schema, true, arena);
    const char *anchor = stele_arena_print(arena, "%s.anchor", schema);
    if (tables == NULL || whole == NULL || anchor == NULL) {
        sheet->text.failed = 1;
        return;
    }
    put(sheet, "SELECT to_regclass(");
    put_literal(sheet, anchor);
    put(sheet, ") IS NULL AS absent, to_regnamespace(");
    put_literal(sheet, schema);
    put(sheet, ") IS NULL AS bare \\gset stele_\n\\if :stele_absent\n\\if :stele_bare\n");
    stele_text_bytes(&sheet->text, whole, strlen(whole) - strlen(tables));
    put(sheet, "\\endif\n");
    put(sheet, tables);
    put(sheet, "\\endif\n");
}

/* May it be that there is no ledger? Not where something has to be in. */
static bool may_be_first(const stele_sheet *sheet)
{
    bool first = true;
    for (size_t i = 0; i < sheet->handle->table->component_count; i++)
        first &= !sheet->bounds[i].used || !sheet->bounds[i].begun;
    return first;
}

void stele_sheet_begin(stele_sheet *sheet)
{
    const stele_migrations *table = sheet->handle->table;
    put(sheet, "\\set ON_ERROR_STOP on\n\\set ON_ERROR_ROLLBACK off\n\\set AUTOCOMMIT on\n\\set SINGLELINE off\n\\set SINGLESTEP off\n"
               "\\set FETCH_COUNT 0\n\\set QUIET on\n\\set stele_host `uname -n`\n\\o /dev/null\n");
    stele_sheet_session(sheet);
    put(sheet, "\n-- Is all as it must be?\nBEGIN READ WRITE, ISOLATION LEVEL READ COMMITTED;\n"
               "SET LOCAL search_path = pg_catalog, pg_temp;\n");
    put_checks(sheet);
    if (may_be_first(sheet))
        put_ledger(sheet);
    for (size_t i = 0; i < table->component_count; i++) {
        if (!sheet->bounds[i].used)
            continue;
        stele_text_print(&sheet->text, "SELECT coalesce((SELECT a.seq FROM %s.anchor AS a WHERE a.component = ", sheet->handle->schema);
        put_literal(sheet, table->components[i]);
        stele_text_print(&sheet->text, "), 0) AS seq_%zu \\gset stele_\n", i);
    }
    put(sheet, "COMMIT;\n");
}
