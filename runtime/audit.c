#include <stdio.h>
#include <string.h>

#include "error.h"
#include "handle.h"

typedef struct auditor {
    int (*finding)(void *data, const stele_finding *finding);
    void *data;
    const stele_migrations *table;
    size_t faults;       /* tampering */
    size_t newer;        /* migrations that are only newer than this program */
    size_t in_component; /* faults of the component being proven */
    const char *component;
    bool stopped;
} auditor;

static void tell(auditor *a, bool ok, const char *check, const char *title, const char *message, const char *file,
                 const char *detail)
{
    stele_finding finding = {ok, check, title, message, file, detail};
    if (!ok)
        a->faults++;
    if (!a->stopped && a->finding != NULL)
        a->stopped = a->finding(a->data, &finding) != 0;
}

/* ------------------------------------------------------------------- chains */

static void chain_fault(void *data, const stele_entry *entry, const char *component, const char *message,
                        const char *detail)
{
    auditor *a = data;
    char check[256];
    if (strcmp(component, a->component) != 0)
        return;
    snprintf(check, sizeof check, "ledger/%s/chain", component);
    a->in_component++;
    tell(a, false, check, message, message, entry == NULL ? "" : entry->row.file, detail);
}

/* Each component that the ledger or the anchor table knows, once. */
static const char *nth_component(const stele_ledger *ledger, size_t *at, size_t *anchor)
{
    if (*at < ledger->count) {
        const char *component = ledger->entries[*at].row.component;
        while (*at < ledger->count && strcmp(ledger->entries[*at].row.component, component) == 0)
            ++*at;
        return component;
    }
    for (; *anchor < ledger->anchor_count; ++*anchor) {
        const char *component = ledger->anchors[*anchor].component;
        bool seen = false;
        for (size_t i = 0; i < ledger->count && !seen; i++)
            seen = strcmp(ledger->entries[i].row.component, component) == 0;
        if (!seen) {
            ++*anchor;
            return component;
        }
    }
    return NULL;
}

static bool audit_chains(auditor *a, const stele_ledger *ledger)
{
    size_t at = 0, anchor = 0;
    while ((a->component = nth_component(ledger, &at, &anchor)) != NULL) {
        char check[256], title[256];
        a->in_component = 0;
        if (!stele_ledger_prove(ledger, chain_fault, a))
            return false;
        const stele_anchor *head = stele_ledger_anchor(ledger, a->component);
        char hash[STELE_CHECKSUM_SIZE] = "";
        if (head != NULL)
            stele_checksum_write(hash, "r1", head->hash);
        snprintf(check, sizeof check, "ledger/%s/chain", a->component);
        snprintf(title, sizeof title, "the chain of component \"%s\" holds: %lld rows, head %s", a->component,
                 (long long)(head == NULL ? 0 : head->seq), hash);
        if (a->in_component == 0)
            tell(a, true, check, title, "", "", "");
    }
    return true;
}

/* ---------------------------------------------------------- state digests */

/* The applied set of one component, folded row by row. */
typedef struct fold {
    const stele_row **set;
    size_t count;
    uint8_t (*states)[STELE_DIGEST_SIZE]; /* after the first i members, in version order */
} fold;

static int compare_members(const stele_row *a, const stele_row *b)
{
    int order = stele_version_compare(a->version, b->version);
    return order != 0 || !stele_version_repeats(a->version) ? order : strcmp(a->name, b->name);
}

/* Put a row into the set, or take its migration out, at its place by version; digests from there on are made anew. */
static bool fold_row(fold *f, const stele_row *row, bool in)
{
    size_t at = f->count;
    while (at > 0 && compare_members(f->set[at - 1], row) > 0)
        at--;
    bool there = at > 0 && compare_members(f->set[at - 1], row) == 0;
    at -= there;
    if (in && !there)
        memmove(&f->set[at + 1], &f->set[at], (f->count++ - at) * sizeof *f->set);
    else if (!in && there)
        memmove(&f->set[at], &f->set[at + 1], (--f->count - at) * sizeof *f->set);
    if (in)
        f->set[at] = row;
    for (size_t i = at; i < f->count; i++) {
        memcpy(f->states[i + 1], f->states[i], STELE_DIGEST_SIZE);
        if (!stele_state_add(f->states[i + 1], f->set[i]->version, f->set[i]->name, f->set[i]->source))
            return false;
    }
    return true;
}

static bool fold_deed(fold *f, const stele_row *row)
{
    while (stele_row_unsettles(row->action, row->version) && f->count > 0 && stele_version_repeats(f->set[f->count - 1]->version))
        f->count--; /* they stand at the end */
    switch (stele_effect_of(row->action)) {
    case STELE_PUTS_IN:
        return fold_row(f, row, true);
    case STELE_TAKES_OUT:
    case STELE_TOWARDS_OUT:
        return fold_row(f, row, false);
    default:
        return true;
    }
}

static bool audit_states(auditor *a, const stele_ledger *ledger, stele_arena *arena)
{
    fold f = {.set = stele_arena_get(arena, ledger->count + 1, sizeof *f.set),
              .states = stele_arena_get(arena, ledger->count + 1, sizeof *f.states)};
    if (f.set == NULL || f.states == NULL)
        return false;
    const char *component = "";
    for (size_t i = 0; i < ledger->count; i++) {
        const stele_row *row = &ledger->entries[i].row;
        char expected[STELE_CHECKSUM_SIZE], check[256], message[256], detail[256];
        if (strcmp(component, row->component) != 0) {
            component = row->component;
            f.count = 0;
            if (!stele_state_start(f.states[0], component))
                return false;
        }
        if (!fold_deed(&f, row))
            return false;
        stele_checksum_write(expected, "d1", f.states[f.count]);
        if (strcmp(expected, row->state) == 0)
            continue;
        snprintf(check, sizeof check, "ledger/%s/state", component);
        snprintf(message, sizeof message, "the state digest of row %lld of component \"%s\" is not that of what was applied",
                 (long long)row->seq, component);
        snprintf(detail, sizeof detail, "written: %s\ncomputed: %s", row->state, expected);
        tell(a, false, check, message, message, row->file, detail);
    }
    return true;
}

/* -------------------------------------------------------------------- guards */

/* The triggers that forbid changes: there, firing also for a replica's role, for every row, and doing what they should. */
static stele_status audit_guards(auditor *a, stele *handle, stele_error *error)
{
    static const char sql[] =
        "SELECT w.name, t.tgenabled OPERATOR(pg_catalog.=) 'A' AND t.tgqual IS NULL"
        " AND pg_catalog.cardinality(t.tgattr::pg_catalog.int2[]) OPERATOR(pg_catalog.=) 0"
        " AND p.proname OPERATOR(pg_catalog.=) 'refuse' AND p.prosrc OPERATOR(pg_catalog.=) $2"
        " AND p.pronamespace OPERATOR(pg_catalog.=) pg_catalog.to_regnamespace($1)"
        " FROM (VALUES ('ledger', 'append_only', 58), ('anchor', 'keep', 42)) AS w(name, trigger, kind)"
        " LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=)"
        " pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) w.name)"
        " AND t.tgname OPERATOR(pg_catalog.=) w.trigger AND t.tgtype OPERATOR(pg_catalog.=) w.kind"
        " LEFT JOIN pg_catalog.pg_proc AS p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid ORDER BY w.name DESC";
    const char *values[] = {handle->schema, stele_ledger_refuse};
    stele_rows *rows;
    stele_status status = stele_link_query(&handle->link, sql, 2, values, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        const char *name = stele_rows_text(rows, i, 0);
        bool ok = stele_rows_true(rows, i, 1);
        char check[64], title[160];
        snprintf(check, sizeof check, "ledger/guard/%s", name);
        snprintf(title, sizeof title, ok ? "table \"%s\" refuses changes" : "the trigger that makes table \"%s\" refuse changes is off or gone",
                 name);
        tell(a, ok, check, title, ok ? "" : title, "", "");
    }
    stele_rows_free(rows);
    return status;
}

/*
 * What else decides whether a row gets in, and whether all are seen: the primary key, which is the last guard against applying
 * twice; and no rule, no other trigger, no row security.
 */
static stele_status audit_shape(auditor *a, stele *handle, stele_error *error)
{
    static const char sql[] =
        "SELECT c.relname, EXISTS (SELECT FROM pg_catalog.pg_rewrite AS w WHERE w.ev_class OPERATOR(pg_catalog.=) c.oid),"
        " c.relrowsecurity,"
        " EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT t.tgisinternal"
        " AND t.tgname OPERATOR(pg_catalog.<>) ALL ('{append_only,keep}'::pg_catalog.text[])),"
        " EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid OPERATOR(pg_catalog.=) c.oid"
        " AND k.contype OPERATOR(pg_catalog.=) 'p')"
        " FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) ANY (ARRAY["
        "pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||) '.ledger'), pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||) '.anchor')]"
        "::pg_catalog.oid[]) ORDER BY c.relname DESC";
    static const char *const faults[] = {"has a rule", "has row level security", "has another trigger", "has lost its primary key"};
    const char *values[] = {handle->schema};
    stele_rows *rows;
    stele_status status = stele_link_query(&handle->link, sql, 1, values, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        for (int fault = 0; fault < 4; fault++) {
            char check[64], title[160];
            bool found = stele_rows_true(rows, i, fault + 1);
            if (found == (fault == 3)) /* the key has to be there, the others must not */
                continue;
            snprintf(check, sizeof check, "ledger/shape/%s", stele_rows_text(rows, i, 0));
            snprintf(title, sizeof title, "table \"%s\" %s", stele_rows_text(rows, i, 0), faults[fault]);
            tell(a, false, check, title, title, "", "");
        }
    }
    stele_rows_free(rows);
    return status;
}

/* The chain covers the digest of each down script, which up reads in its place; here it is held against the script. */
static stele_status audit_scripts(auditor *a, stele *handle, stele_arena *arena, stele_error *error)
{
    const char *sql = stele_arena_print(arena,
                                        "SELECT component, seq, file FROM %s.ledger WHERE pg_catalog.sha256(pg_catalog.convert_to(down, 'UTF8'))"
                                        " IS DISTINCT FROM down_sha256 ORDER BY component, seq",
                                        handle->schema);
    stele_rows *rows = NULL;
    stele_status status = sql == NULL ? stele_error_memory(error) : stele_link_query(&handle->link, sql, 0, NULL, &rows, error);
    for (int i = 0; status == STELE_OK && i < stele_rows_count(rows); i++) {
        char check[256], message[256];
        snprintf(check, sizeof check, "ledger/%s/down", stele_rows_text(rows, i, 0));
        snprintf(message, sizeof message, "the down script in row %s of component \"%s\" was changed", stele_rows_text(rows, i, 1),
                 stele_rows_text(rows, i, 0));
        tell(a, false, check, message, message, stele_rows_text(rows, i, 2), "");
    }
    stele_rows_free(rows);
    return status;
}

/* ---------------------------------------------------------------- migrations */

/* "migration/main/004"; of a repeatable one, "migration/main/R_views". */
static void check_name(char *check, size_t size, const char *component, const char *version, const char *name)
{
    bool repeats = stele_version_repeats(version);
    snprintf(check, size, "migration/%s/%s%s%s", component, version, repeats ? "_" : "", repeats ? name : "");
}

static void audit_half(auditor *a, const char *check, const stele_place *place)
{
    const stele_migration *migration = place->migration;
    char title[512];
    snprintf(title, sizeof title, place->back ? "%s is half taken back: %u of %u steps of its down section are done"
                                              : "%s is half applied: %u of %u steps are in",
             migration->file, place->steps_done, (unsigned)(place->back ? migration->down : migration->up).step_count);
    tell(a, true, check, title, "", migration->file, "");
}

static void audit_place(auditor *a, const stele_place *place)
{
    const stele_migration *migration = place->migration;
    stele_error why = {0};
    char check[256], title[512];
    check_name(check, sizeof check, migration->component, migration->version, migration->name);
    if (place->standing == STELE_WAITING)
        return;
    if (place->standing == STELE_INTERRUPTED) {
        audit_half(a, check, place);
    } else if (stele_place_error(place, &why) == STELE_OK) {
        stele_row_texts texts;
        snprintf(title, sizeof title, "%s is what was applied at %.19sZ", migration->file,
                 stele_entry_row(place->entry, &texts).started);
        tell(a, true, check, title, "", why.file, "");
    } else {
        tell(a, false, check, why.message, why.message, why.file, why.detail);
    }
}

static void audit_migrations(auditor *a, const stele_survey *survey)
{
    for (size_t i = 0; i < survey->known; i++)
        audit_place(a, &survey->places[i]);
    for (size_t i = survey->known; i < survey->count; i++) {
        const stele_row *row = &survey->places[i].entry->row;
        stele_error why = {0};
        char check[256];
        check_name(check, sizeof check, row->component, row->version, row->name);
        if (stele_version_repeats(row->version))
            continue; /* up will forget it */
        bool newer = stele_unknown_error(a->table, survey->places[i].entry, &why) == STELE_AHEAD;
        tell(a, false, check, why.message, why.message, why.file, why.detail);
        if (newer) {
            a->newer++;
            a->faults--;
        }
    }
}

/* ---------------------------------------------------------------------- head */

static void audit_head(auditor *a, const stele_ledger *ledger, const uint8_t digest[STELE_DIGEST_SIZE], const char *head)
{
    char title[256];
    for (size_t i = 0; i < ledger->count; i++) {
        const stele_row *row = &ledger->entries[i].row;
        if (memcmp(ledger->entries[i].hash, digest, STELE_DIGEST_SIZE) != 0)
            continue;
        snprintf(title, sizeof title, "the head kept outside is row %lld of component \"%s\" (%s)", (long long)row->seq,
                 row->component, row->file);
        tell(a, true, "ledger/head", title, "", row->file, "");
        return;
    }
    snprintf(title, sizeof title, "the head kept outside is not in the ledger: rows were taken back or written anew");
    tell(a, false, "ledger/head", title, title, "", head);
}

stele_status stele_audit(stele *handle, const char *head, int (*finding)(void *data, const stele_finding *finding),
                         void *data, stele_error *error)
{
    auditor a = {.finding = finding, .data = data, .table = handle->table};
    uint8_t digest[STELE_DIGEST_SIZE];
    stele_ledger ledger;
    stele_survey survey;
    stele_arena arena = {0};
    stele_error_clear(error);
    if (head != NULL && !stele_checksum_read(head, "r1", digest))
        return stele_error_set(error, STELE_USAGE, "\"%s\" is not a head: it is written r1: and 64 hex digits", head);
    stele_status status = stele_ledger_read(&ledger, &handle->link, handle->schema, NULL, 0, error);
    if (status != STELE_OK)
        return status;
    if (!ledger.exists) {
        char title[256];
        snprintf(title, sizeof title, "there is no ledger in the schema %s; whether there was one, only --head can tell", handle->schema);
        tell(&a, true, "ledger", title, "", "", "");
    }
    if (ledger.exists)
        status = audit_guards(&a, handle, error);
    if (status == STELE_OK && ledger.exists)
        status = audit_shape(&a, handle, error);
    if (status == STELE_OK && ledger.exists)
        status = audit_scripts(&a, handle, &arena, error);
    if (status == STELE_OK && (!audit_chains(&a, &ledger) || !audit_states(&a, &ledger, &arena) ||
                               !stele_survey_make(&survey, handle->table, &ledger, &arena)))
        status = stele_error_memory(error);
    if (status == STELE_OK)
        audit_migrations(&a, &survey);
    if (status == STELE_OK && head != NULL)
        audit_head(&a, &ledger, digest, head);
    stele_ledger_free(&ledger);
    stele_arena_free(&arena);
    if (status == STELE_OK && a.faults > 0)
        status = stele_error_set(error, STELE_TAMPERED, "%zu check%s failed", a.faults, a.faults == 1 ? "" : "s");
    else if (status == STELE_OK && a.newer > 0)
        status = stele_error_set(error, STELE_AHEAD, "the database is ahead of this program by %zu migration%s", a.newer,
                                 a.newer == 1 ? "" : "s");
    return status;
}
