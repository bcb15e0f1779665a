#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "error.h"
#include "guard.h"
#include "handle.h"

void stele_audit_tell(stele_auditor *a, bool ok, const char *check, const char *title, const char *message, const char *file,
                      const char *detail, const char *hint)
{
    stele_finding finding = {ok, check, title, message, file, detail, ok ? "" : hint};
    if (!ok)
        a->faults++;
    if (!a->stopped && a->finding != NULL)
        a->stopped = a->finding(a->data, &finding) != 0;
}

/* ------------------------------------------------------------------- chains */

/* Something that is wrong, or was, until a reseal accepted it. */
static void ledger_fault(stele_auditor *a, const char *about, const stele_entry *entry, const char *component, const char *message,
                         const char *detail, const stele_entry *seal)
{
    char check[256], title[512];
    snprintf(check, sizeof check, "ledger/%s/%s", component, about);
    if (seal == NULL) {
        stele_audit_tell(a, false, check, message, message, entry == NULL ? "" : entry->row.file, detail, "repair reseal --reason TEXT accepts the ledger as it is found");
        return;
    }
    snprintf(title, sizeof title, "accepted by row %lld: %s", (long long)seal->row.seq, message);
    stele_audit_tell(a, true, check, title, "", entry == NULL ? "" : entry->row.file, "", "");
}

static void chain_fault(void *data, const stele_entry *entry, const char *component, const char *message,
                        const char *detail, const stele_entry *seal)
{
    stele_auditor *a = data;
    if (strcmp(component, a->component) != 0)
        return;
    a->in_component += seal == NULL;
    ledger_fault(a, "chain", entry, component, message, detail, seal);
}

static void state_fault(void *data, const stele_entry *entry, const char *component, const char *message,
                        const char *detail, const stele_entry *seal)
{
    ledger_fault(data, "state", entry, component, message, detail, seal);
}

/* A reseal is no fault, but whoever audits wants to know who accepted what, when and why. */
static void audit_seals(stele_auditor *a, const stele_ledger *ledger)
{
    for (size_t i = 0; i < ledger->count; i++) {
        stele_row_texts texts;
        const stele_row row = stele_entry_row(&ledger->entries[i], &texts);
        char check[256], title[1024];
        if (strcmp(row.action, "reseal") != 0)
            continue;
        snprintf(check, sizeof check, "ledger/%s/reseal", row.component);
        snprintf(title, sizeof title, "row %lld of component \"%s\" accepts the rows before it as they are, since %.19sZ, by %s: %s",
                 (long long)row.seq, row.component, row.started, row.role, row.reason == NULL ? "" : row.reason);
        stele_audit_tell(a, true, check, title, "", "", "", "");
    }
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

static bool audit_chains(stele_auditor *a, const stele_ledger *ledger)
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
        snprintf(title, sizeof title, "the chain of component \"%s\" holds: %lld row%s, head %s", a->component,
                 (long long)(head == NULL ? 0 : head->seq), head != NULL && head->seq == 1 ? "" : "s", hash);
        if (a->in_component == 0)
            stele_audit_tell(a, true, check, title, "", "", "", "");
    }
    return true;
}

/* -------------------------------------------------------------- the ledger's objects */

static void guard_flaw(void *data, const stele_flaw *flaw)
{
    bool ok = flaw->repair == NULL;
    stele_audit_tell(data, ok, flaw->check, flaw->title, ok ? "" : flaw->title, "", "", "repair guards --reason TEXT makes it as it was");
}

/* Is there a later row that says what became of the same migration? Then this one's script is never used. */
static bool is_superseded(const stele_ledger *ledger, const char *component, int64_t seq)
{
    const stele_row *row = NULL;
    for (size_t i = 0; i < ledger->count; i++) {
        const stele_row *one = &ledger->entries[i].row;
        stele_turn effect = stele_turn_of(one->action, one->step);
        if (strcmp(one->component, component) != 0)
            continue;
        if (one->seq == seq)
            row = one;
        else if (row != NULL && (effect == STELE_PUTS_IN || effect == STELE_TAKES_OUT) && strcmp(one->version, row->version) == 0 &&
                 (!stele_version_repeats(row->version) || strcmp(one->name, row->name) == 0))
            return true;
    }
    return false;
}

/* The role that only reads may not see the scripts. */
static stele_status may_read_scripts(stele *handle, bool *may, stele_error *error)
{
    stele_rows *rows;
    const char *values[] = {handle->schema};
    stele_status status = stele_link_query(&handle->link,
                                           "SELECT pg_catalog.has_column_privilege(pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||)"
                                           " '.ledger')::pg_catalog.oid, 'down', 'SELECT')",
                                           1, values, &rows, error);
    *may = status == STELE_OK && stele_rows_true(rows, 0, 0);
    stele_rows_free(rows);
    return status;
}

/* The chain covers the digest of each down script, which up reads in its place; here it is held against the script. */
static stele_status audit_scripts(stele_auditor *a, stele *handle, const stele_ledger *ledger, stele_arena *arena, stele_error *error)
{
    bool may = false;
    const char *sql = stele_arena_print(arena,
                                        "SELECT component, seq, file, version FROM %s.ledger WHERE pg_catalog.sha256(pg_catalog.convert_to(down, 'UTF8'))"
                                        " IS DISTINCT FROM down_sha256 ORDER BY component, seq",
                                        handle->schema);
    stele_rows *rows = NULL;
    stele_status status = sql == NULL ? stele_error_memory(error) : may_read_scripts(handle, &may, error);
    if (status == STELE_OK && !may)
        stele_audit_tell(a, true, "ledger/scripts", "the down scripts were not looked at: this role may not read them", "", "", "", "");
    else if (status == STELE_OK)
        status = stele_link_query(&handle->link, sql, 0, NULL, &rows, error);
    for (int i = 0; rows != NULL && i < stele_rows_count(rows); i++) {
        const char *component = stele_rows_text(rows, i, 0), *seq = stele_rows_text(rows, i, 1);
        char check[256], message[256], hint[256];
        bool old = is_superseded(ledger, component, strtoll(seq, NULL, 10));
        snprintf(check, sizeof check, "ledger/%s/down", component);
        snprintf(message, sizeof message, "the down script in row %s of component \"%s\" was changed%s", seq, component,
                 old ? "; a later row stands in its place" : "");
        snprintf(hint, sizeof hint, "repair accept %s/%s --reason TEXT writes this program's script into a new row", component,
                 stele_rows_text(rows, i, 3));
        stele_audit_tell(a, old, check, message, old ? "" : message, stele_rows_text(rows, i, 2), "", hint);
    }
    stele_rows_free(rows);
    return status;
}

/* ---------------------------------------------------------------------- head */

static void audit_head(stele_auditor *a, const stele_ledger *ledger, const uint8_t digest[STELE_DIGEST_SIZE], const char *head)
{
    char title[256];
    for (size_t i = 0; i < ledger->count; i++) {
        const stele_row *row = &ledger->entries[i].row;
        if (memcmp(ledger->entries[i].hash, digest, STELE_DIGEST_SIZE) != 0)
            continue;
        snprintf(title, sizeof title, "the head kept outside is row %lld of component \"%s\" (%s)", (long long)row->seq,
                 row->component, row->file);
        stele_audit_tell(a, true, "ledger/head", title, "", row->file, "", "");
        return;
    }
    snprintf(title, sizeof title, "the head kept outside is not in the ledger: rows were taken back or written anew");
    stele_audit_tell(a, false, "ledger/head", title, title, "", head, "nothing in this database can prove that it is whole; bring it back from a backup");
}

static stele_status take_error(stele_error *error, const stele_error *other)
{
    if (error != NULL)
        *error = *other;
    return other->status;
}

stele_status stele_audit(stele *handle, const char *head, int (*finding)(void *data, const stele_finding *finding),
                         void *data, stele_error *error)
{
    stele_auditor a = {.finding = finding, .data = data, .table = handle->table};
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
        stele_audit_tell(&a, true, "ledger", title, "", "", "", "");
    }
    if (ledger.exists)
        status = stele_guards_look(handle, guard_flaw, &a, &arena, error);
    if (status == STELE_OK && ledger.exists)
        status = audit_scripts(&a, handle, &ledger, &arena, error);
    if (status == STELE_OK && (!audit_chains(&a, &ledger) || !stele_ledger_prove_states(&ledger, state_fault, &a, &arena) ||
                               !stele_survey_make(&survey, handle->table, &ledger, &arena)))
        status = stele_error_memory(error);
    if (status == STELE_OK)
        audit_seals(&a, &ledger);
    if (status == STELE_OK)
        stele_audit_migrations(&a, &survey, handle->options.exact);
    if (status == STELE_OK && head != NULL)
        audit_head(&a, &ledger, digest, head);
    stele_ledger_free(&ledger);
    stele_arena_free(&arena);
    if (status == STELE_OK && a.faults > 0)
        status = stele_error_set(error, STELE_TAMPERED, "%zu check%s failed", a.faults, a.faults == 1 ? "" : "s");
    else if (status == STELE_OK && a.skew.status != STELE_OK)
        status = take_error(error, &a.skew);
    else if (status == STELE_OK && a.newer > 0)
        status = stele_error_set(error, STELE_AHEAD, "the database is ahead of this program by %zu migration%s", a.newer,
                                 a.newer == 1 ? "" : "s");
    return status;
}
