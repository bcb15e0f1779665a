#include "rights.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

/*
 * One query for all. Relations are looked for in the catalogs rather than by to_regclass, which fails where the role may not look into a
 * schema, and that is one of the answers. `lack` is what is missing; null is filtered: nothing.
 */
#define OWNS(owner) "pg_catalog.pg_has_role(" owner ", 'USAGE')"
#define IS(kind) "n.kind OPERATOR(pg_catalog.=) " kind
#define AMONG(kinds) "n.kind OPERATOR(pg_catalog.=) ANY ('{" kinds "}'::pg_catalog.int4[])"
#define NAMED(column) " ON " column " OPERATOR(pg_catalog.=) n.name"

/* Is it in the schema that the need names; or, where it names none, is it what search_path finds? */
#define FOUND(namespace, visible)                                                                                       \
    " AND CASE WHEN n.schema IS NULL THEN " visible " ELSE " namespace " OPERATOR(pg_catalog.=) n.space END"
#define NOT_SEEN(namespace) "n.schema IS NOT NULL AND NOT pg_catalog.has_schema_privilege(" namespace ", 'USAGE') THEN 'USAGE'"

static const char relations[] =
    "SELECT n.at, CASE WHEN " NOT_SEEN("c.relnamespace")
    " WHEN " AMONG("0,2") " THEN CASE WHEN NOT " OWNS("c.relowner") " THEN 'OWNER' END"
    " WHEN " IS("23") " THEN CASE WHEN NOT " OWNS("c.relowner") " THEN 'HOST' END"
    " WHEN " IS("1") " THEN CASE WHEN NOT " OWNS("c.relowner") " AND NOT " OWNS("s.nspowner") " THEN 'OWNER' END"
    " WHEN " IS("3") " THEN CASE WHEN " OWNS("c.relowner") " THEN NULL WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4"
    " OPERATOR(pg_catalog.<) 170000 THEN 'OWNER' WHEN NOT pg_catalog.has_table_privilege(coalesce(i.indrelid, c.oid), 'MAINTAIN') THEN 'MAINTAIN' END"
    " WHEN " AMONG("7,8,10") " THEN CASE WHEN NOT pg_catalog.has_table_privilege(c.oid, n.privilege) THEN n.privilege END"
    " WHEN " IS("12") " THEN CASE WHEN NOT pg_catalog.has_schema_privilege(c.relnamespace, 'CREATE') THEN 'CREATE' END"
    " ELSE CASE WHEN NOT pg_catalog.has_table_privilege(c.oid, n.privilege)"
    " AND NOT pg_catalog.has_any_column_privilege(c.oid, n.privilege) THEN n.privilege END END AS lack,"
    " CASE WHEN t.relkind OPERATOR(pg_catalog.=) 'v' THEN 'view' WHEN t.relkind OPERATOR(pg_catalog.=) 'm' THEN 'materialized view'"
    " WHEN t.relkind OPERATOR(pg_catalog.=) 'S' THEN 'sequence' WHEN t.relkind OPERATOR(pg_catalog.=) 'f' THEN 'foreign table'"
    " WHEN t.relkind OPERATOR(pg_catalog.=) 'c' THEN 'type' ELSE 'table' END AS thing,"
    " pg_catalog.format('%I.%I', s.nspname, t.relname) AS object, c.relowner AS owner, s.nspname AS space"
    " FROM n JOIN pg_catalog.pg_class AS c" NAMED("c.relname")
    " AND CASE WHEN n.schema IS NULL AND " IS("2") " THEN c.relnamespace OPERATOR(pg_catalog.=) n.space WHEN n.schema IS NULL THEN"
    " pg_catalog.pg_table_is_visible(c.oid) ELSE c.relnamespace OPERATOR(pg_catalog.=) n.space END"
    " JOIN pg_catalog.pg_namespace AS s ON s.oid OPERATOR(pg_catalog.=) c.relnamespace"
    " LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid OPERATOR(pg_catalog.=) c.oid"
    " JOIN pg_catalog.pg_class AS t ON t.oid OPERATOR(pg_catalog.=) coalesce(i.indrelid, c.oid)"
    " WHERE " AMONG("0,1,2,3,4,5,6,7,8,9,10,12,23")
    /* LIKE a type asks for USAGE on the type, which is everybody's. */
    " AND NOT (c.relkind OPERATOR(pg_catalog.=) 'c' AND n.privilege IS NOT NULL)";

static const char types[] =
    "SELECT n.at, CASE WHEN " NOT_SEEN("s.oid") " WHEN NOT " OWNS("y.typowner") " AND NOT (" IS("14") " AND " OWNS("s.nspowner") ")"
    " THEN 'OWNER' END AS lack, 'type' AS thing, pg_catalog.format('%I.%I', s.nspname, y.typname) AS object, y.typowner AS owner, s.nspname AS space"
    " FROM n JOIN pg_catalog.pg_type AS y" NAMED("y.typname") FOUND("y.typnamespace", "pg_catalog.pg_type_is_visible(y.oid)")
    " JOIN pg_catalog.pg_namespace AS s ON s.oid OPERATOR(pg_catalog.=) y.typnamespace WHERE " AMONG("13,14");

/* Of several functions of one name, only their arguments would tell which is meant. */
static const char functions[] =
    "SELECT n.at, CASE WHEN " NOT_SEEN("s.oid") " WHEN NOT " OWNS("p.proowner") " AND NOT (" IS("16") " AND " OWNS("s.nspowner") ")"
    " THEN 'OWNER' END AS lack, CASE WHEN p.prokind OPERATOR(pg_catalog.=) 'p' THEN 'procedure'"
    " WHEN p.prokind OPERATOR(pg_catalog.=) 'a' THEN 'aggregate' ELSE 'function' END AS thing, pg_catalog.format('%I.%I(%s)', s.nspname, p.proname,"
    " pg_catalog.pg_get_function_identity_arguments(p.oid)) AS object, p.proowner AS owner, s.nspname AS space"
    " FROM n JOIN pg_catalog.pg_proc AS p" NAMED("p.proname") FOUND("p.pronamespace", "pg_catalog.pg_function_is_visible(p.oid)")
    " JOIN pg_catalog.pg_namespace AS s ON s.oid OPERATOR(pg_catalog.=) p.pronamespace WHERE " AMONG("15,16")
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS q WHERE q.proname OPERATOR(pg_catalog.=) n.name AND q.oid OPERATOR(pg_catalog.<>) p.oid)";

static const char spaces[] =
    "SELECT n.at, CASE WHEN " IS("11") " THEN CASE WHEN NOT pg_catalog.has_schema_privilege(s.oid, 'CREATE') THEN 'CREATE' END"
    " WHEN NOT " OWNS("s.nspowner") " THEN 'OWNER' END AS lack, 'schema' AS thing, pg_catalog.quote_ident(s.nspname) AS object,"
    " s.nspowner AS owner, s.nspname AS space"
    " FROM n JOIN pg_catalog.pg_namespace AS s ON s.oid OPERATOR(pg_catalog.=) n.space AND " IS("11")
    " OR s.nspname OPERATOR(pg_catalog.=) n.name AND " IS("17");

static const char owned_extensions[] =
    "SELECT n.at, CASE WHEN NOT " OWNS("x.extowner") " THEN 'OWNER' END AS lack, 'extension' AS thing,"
    " pg_catalog.quote_ident(x.extname) AS object, x.extowner AS owner, NULL::pg_catalog.name AS space"
    " FROM n JOIN pg_catalog.pg_extension AS x" NAMED("x.extname") " WHERE " AMONG("18,19");

static const char database[] =
    "SELECT n.at, CASE WHEN NOT pg_catalog.has_database_privilege(d.oid, 'CREATE') THEN 'CREATE' END AS lack, 'database' AS thing,"
    " pg_catalog.quote_ident(d.datname) AS object, d.datdba AS owner, NULL::pg_catalog.name AS space FROM n JOIN pg_catalog.pg_database AS d"
    " ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() WHERE " IS("20");

static const char roles[] =
    "SELECT n.at, CASE WHEN NOT pg_catalog.pg_has_role(r.oid, 'MEMBER') THEN 'MEMBER' END AS lack, 'role' AS thing,"
    " pg_catalog.quote_ident(r.rolname) AS object, r.oid AS owner, NULL::pg_catalog.name AS space"
    " FROM n JOIN pg_catalog.pg_roles AS r" NAMED("r.rolname") " WHERE " IS("22");

/*
 * Who may make an extension that isn't there yet: of a trusted one, whoever may make things in the database. Of others a superuser, or on
 * a hosted server whoever the host lets: nobody can tell from here. PostgreSQL 12 doesn't know of trust.
 */
static const char new_extensions[] =
    "SELECT n.at, CASE WHEN v.trusted AND v.superuser THEN CASE WHEN NOT pg_catalog.has_database_privilege(d.oid, 'CREATE') THEN 'CREATE' END"
    " WHEN v.superuser AND NOT (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) current_user) THEN 'HOST' END AS lack, CASE WHEN v.trusted THEN 'database' ELSE 'extension' END AS thing,"
    " pg_catalog.quote_ident(CASE WHEN v.trusted THEN d.datname ELSE n.name END) AS object, d.datdba AS owner, NULL::pg_catalog.name AS space"
    " FROM n JOIN pg_catalog.pg_database AS d ON d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() CROSS JOIN LATERAL"
    " (SELECT a.trusted, a.superuser FROM pg_catalog.pg_available_extension_versions AS a JOIN pg_catalog.pg_available_extensions AS e"
    " ON e.name OPERATOR(pg_catalog.=) a.name AND e.default_version OPERATOR(pg_catalog.=) a.version"
    " WHERE a.name OPERATOR(pg_catalog.=) n.name AND e.installed_version IS NULL) AS v WHERE " IS("21");

/* ------------------------------------------------------------------- asking */

/* One more element of a text array. */
static void put_element(stele_text *array, const char *element)
{
    stele_text_string(array, array->length == 0 ? "{" : ",");
    if (element == NULL) {
        stele_text_string(array, "NULL");
        return;
    }
    stele_text_string(array, "\"");
    for (const char *p = element; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\')
            stele_text_string(array, "\\");
        stele_text_bytes(array, p, 1);
    }
    stele_text_string(array, "\"");
}

static const char *privilege_of(uint32_t kind)
{
    static const char *const names[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"};
    return kind >= STELE_NEEDS_SELECT && kind <= STELE_NEEDS_TRIGGER ? names[kind - STELE_NEEDS_SELECT] : NULL;
}

#define KIND(kind) (UINT32_C(1) << (kind))

/* The parts of the query, and the kinds that each answers: planning a part takes longer than running it, so only what is wanted is asked. */
static const struct {
    const char *sql;
    uint32_t kinds;
} parts[] = {{relations, (KIND(STELE_NEEDS_CREATE) - 1) | KIND(STELE_NEEDS_CREATE_BESIDE) | KIND(STELE_NEEDS_LEAVE)},
             {types, KIND(STELE_NEEDS_TYPE) | KIND(STELE_NEEDS_TYPE_TO_DROP)},
             {functions, KIND(STELE_NEEDS_FUNCTION) | KIND(STELE_NEEDS_FUNCTION_TO_DROP)},
             {spaces, KIND(STELE_NEEDS_CREATE) | KIND(STELE_NEEDS_SCHEMA)},
             {owned_extensions, KIND(STELE_NEEDS_EXTENSION) | KIND(STELE_NEEDS_EXTENSION_TO_DROP)},
             {database, KIND(STELE_NEEDS_NEW_SCHEMA)},
             {new_extensions, KIND(STELE_NEEDS_NEW_EXTENSION)},
             {roles, KIND(STELE_NEEDS_MEMBERSHIP)}};

/* The needs, with the oid of the schema that each names or makes something in; and who asks. */
static void put_query(stele_text *sql, uint32_t kinds)
{
    stele_text_string(sql,
                      "WITH n AS MATERIALIZED (SELECT d.at, d.kind, d.schema, d.name, d.privilege, (SELECT s.oid FROM pg_catalog.pg_namespace AS s WHERE"
                      " s.nspname OPERATOR(pg_catalog.=) coalesce(d.schema, pg_catalog.current_schema())) AS space"
                      " FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.int4[]), pg_catalog.unnest($2::pg_catalog.text[]),"
                      " pg_catalog.unnest($3::pg_catalog.text[]), pg_catalog.unnest($4::pg_catalog.text[])) WITH ORDINALITY"
                      " AS d(kind, schema, name, privilege, at))"
                      " SELECT a.at, a.lack, a.thing, a.object, pg_catalog.pg_get_userbyid(a.owner), pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.owner)),"
                      " current_user, pg_catalog.quote_ident(current_user), pg_catalog.quote_ident(a.space),"
                      " (SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.oid OPERATOR(pg_catalog.=) a.owner) FROM (");
    bool any = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if ((parts[i].kinds & kinds) == 0)
            continue;
        stele_text_string(sql, any ? " UNION ALL " : "");
        stele_text_string(sql, parts[i].sql);
        any = true;
    }
    stele_text_string(sql, ") AS a WHERE a.lack IS NOT NULL ORDER BY a.at");
}

/* ------------------------------------------------------------------ the answers */

typedef struct answer {
    const char *lack, *thing, *object;
    const char *owner, *owner_quoted, *role, *role_quoted, *space;
    bool super; /* the owner may do everything: nobody is to be told to become a member of that */
} answer;

static char *capitals(stele_arena *arena, const char *word)
{
    char *copy = stele_arena_copy(arena, word, strlen(word));
    for (char *p = copy; p != NULL && *p != '\0'; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    return copy;
}

static bool add_missing(stele_findings *findings, const stele_claim *claim, const answer *a, const char *what, const char *statement)
{
    stele_right right = {.missing = !claim->behind, .now = claim->behind, .what = what};
    if (what == NULL || statement == NULL)
        return false;
    right.why = strcmp(a->lack, "MEMBER") == 0
                    ? stele_arena_print(findings->arena, "role \"%s\" lacks %s", a->role, what)
                    : stele_arena_print(findings->arena, "role \"%s\" lacks %s, which belongs to \"%s\"", a->role, what, a->owner);
    right.remedy = stele_arena_print(findings->arena, "%s%srun it as another role, with --role or --db", statement, statement[0] == '\0' ? "" : "; or ");
    return stele_finding_add(findings, claim, right);
}

static const char *new_owner(stele_arena *arena, const char *thing, const answer *a)
{
    if (a->super)
        return stele_arena_print(arena, "ALTER %s %s OWNER TO %s", thing, a->object, a->role_quoted);
    return stele_arena_print(arena, "ALTER %s %s OWNER TO %s, or GRANT %s TO %s", thing, a->object, a->role_quoted, a->owner_quoted, a->role_quoted);
}

/* What to call it, and what mends it. */
static bool add_answer(stele_findings *findings, const stele_claim *claim, const answer *a)
{
    stele_arena *arena = findings->arena;
    const char *thing = capitals(arena, a->thing);
    if (thing == NULL)
        return false;
    if (strcmp(a->lack, "HOST") == 0)
        return stele_finding_add(findings, claim, (stele_right){.what = a->object, .remedy = "",
                                 .why = strcmp(a->thing, "extension") == 0 ? "only a superuser may create this extension, or whoever the server's host lets"
                                                                           : "only its owner may do that to it, or whoever the server's host lets"});
    if (strcmp(a->lack, "OWNER") == 0)
        return add_missing(findings, claim, a, stele_arena_print(arena, "ownership of %s %s", a->thing, a->object),
                           new_owner(arena, thing, a));
    if (strcmp(a->lack, "MEMBER") == 0)
        return add_missing(findings, claim, a, stele_arena_print(arena, "membership in role %s", a->object),
                           a->super ? "" : stele_arena_print(arena, "GRANT %s TO %s", a->object, a->role_quoted));
    if (a->space != NULL && (strcmp(a->lack, "USAGE") == 0 || strcmp(a->lack, "CREATE") == 0))
        return add_missing(findings, claim, a, stele_arena_print(arena, "%s on schema %s", a->lack, a->space),
                           stele_arena_print(arena, "GRANT %s ON SCHEMA %s TO %s", a->lack, a->space, a->role_quoted));
    if (strcmp(a->thing, "database") == 0)
        return add_missing(findings, claim, a, stele_arena_print(arena, "%s on database %s", a->lack, a->object),
                           stele_arena_print(arena, "GRANT %s ON DATABASE %s TO %s", a->lack, a->object, a->role_quoted));
    return add_missing(findings, claim, a, stele_arena_print(arena, "%s on %s %s", a->lack, a->thing, a->object),
                       stele_arena_print(arena, "GRANT %s ON %s%s TO %s", a->lack, strcmp(thing, "SEQUENCE") == 0 ? "SEQUENCE " : "", a->object,
                                         a->role_quoted));
}

static const char *keep(stele_arena *arena, const stele_rows *rows, int row, int column)
{
    const char *text = stele_rows_text(rows, row, column);
    return text == NULL ? NULL : stele_arena_copy(arena, text, strlen(text));
}

static bool take_answers(const stele_rows *rows, const stele_claim *claims, size_t count, stele_findings *findings)
{
    bool fine = true;
    for (int i = 0; i < stele_rows_count(rows) && fine; i++) {
        stele_arena *arena = findings->arena;
        size_t at = strtoul(stele_rows_text(rows, i, 0), NULL, 10);
        const answer one = {keep(arena, rows, i, 1), keep(arena, rows, i, 2), keep(arena, rows, i, 3), keep(arena, rows, i, 4),
                            keep(arena, rows, i, 5), keep(arena, rows, i, 6), keep(arena, rows, i, 7), keep(arena, rows, i, 8),
                            stele_rows_text(rows, i, 9) != NULL && strcmp(stele_rows_text(rows, i, 9), "t") == 0};
        fine = one.lack != NULL && one.thing != NULL && one.object != NULL && one.owner != NULL && one.owner_quoted != NULL &&
               one.role != NULL && one.role_quoted != NULL;
        if (fine && at >= 1 && at <= count)
            fine = add_answer(findings, &claims[at - 1], &one);
    }
    return fine;
}

stele_status stele_claims_ask(stele *handle, const stele_claim *claims, size_t count, stele_findings *findings, stele_error *error)
{
    stele_text kinds = {0}, schemas = {0}, names = {0}, privileges = {0}, sql = {0};
    stele_rows *rows = NULL;
    stele_status status = STELE_OK;
    uint32_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        const stele_demand *demand = claims[i].demand;
        wanted |= KIND(demand->kind);
        stele_text_print(&kinds, "%s%u", i == 0 ? "{" : ",", (unsigned)demand->kind);
        put_element(&schemas, demand->schema);
        put_element(&names, demand->name);
        put_element(&privileges, privilege_of(demand->kind));
    }
    stele_text *const arrays[] = {&kinds, &schemas, &names, &privileges};
    for (size_t i = 0; i < 4; i++)
        stele_text_string(arrays[i], "}");
    if (stele_link_version(&handle->link) < 130000)
        wanted &= ~KIND(STELE_NEEDS_NEW_EXTENSION);
    put_query(&sql, wanted);
    const char *values[] = {kinds.bytes, schemas.bytes, names.bytes, privileges.bytes};
    if (kinds.failed || schemas.failed || names.failed || privileges.failed || sql.failed)
        status = stele_error_memory(error);
    else if (wanted != 0)
        status = stele_link_query(&handle->link, sql.bytes, 4, values, &rows, error);
    if (status == STELE_OK && rows != NULL && !take_answers(rows, claims, count, findings))
        status = stele_error_memory(error);
    stele_rows_free(rows);
    for (size_t i = 0; i < 4; i++)
        stele_text_free(arrays[i]);
    stele_text_free(&sql);
    return status;
}
