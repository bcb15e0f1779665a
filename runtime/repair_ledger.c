/* Repairs about a component's ledger as a whole: set, reseal, guards. */
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "guard.h"
#include "lock.h"
#include "psql.h"
#include "repair.h"

/* ------------------------------------------------------------------------- set */

/* The component's next row has it; a component that never had the parameter gets it only when it is named. */
static stele_status set_in(stele_planning *p, size_t component, const char *name, const char *value, const char **seen, stele_error *error)
{
    stele *handle = p->handle;
    const stele_entry *last = p->survey->last[component];
    const char *old = NULL;
    if (last == NULL)
        return STELE_OK;
    char *json = stele_values_replaced(last->row.parameters, name, value, &old, &handle->arena);
    if (json == NULL)
        return stele_error_memory(error);
    *seen = old != NULL ? old : *seen;
    if (old == NULL ? p->asked->component == NULL : strcmp(old, value) == 0)
        return STELE_OK;
    handle->values.json[component] = json;
    return stele_add_component_row(p, "set", component, name, "", NULL,
                                   stele_arena_print(p->arena, "parameter \"%s\" is now \"%s\"%s%s%s", name, value,
                                                     old == NULL ? "" : "; it was \"", old == NULL ? "" : old, old == NULL ? "" : "\""),
                                   error);
}

stele_status stele_plan_set(stele_planning *p, stele_error *error)
{
    const stele_migrations *table = p->handle->table;
    const char *equals = strchr(p->asked->target, '='), *seen = NULL;
    size_t index;
    if (equals == NULL || equals == p->asked->target)
        return stele_error_set(error, STELE_USAGE, "a parameter is set as NAME=VALUE, not \"%s\"", p->asked->target);
    const char *name = stele_arena_copy(&p->handle->arena, p->asked->target, (size_t)(equals - p->asked->target));
    const char *value = stele_arena_copy(&p->handle->arena, equals + 1, strlen(equals + 1));
    if (name == NULL || value == NULL)
        return stele_error_memory(error);
    stele_status status = stele_value_check(table, name, value, &index, error);
    for (size_t i = 0; i < table->component_count && status == STELE_OK; i++)
        if (stele_is_asked_for(p, table->components[i]))
            status = set_in(p, i, name, value, &seen, error);
    if (status != STELE_OK)
        return status;
    if (p->list->count > 0) {
        p->handle->values.values[index] = value; /* what this handle compares with from now on */
        return STELE_OK;
    }
    if (seen != NULL)
        return stele_error_set(error, STELE_USAGE, "parameter \"%s\" is \"%s\" in the ledger already", name, value);
    stele_error_set(error, STELE_USAGE, "the ledger has no value of parameter \"%s\"", name);
    stele_error_hint(error, "nothing has to be repaired: up -D %s=%s puts it there", name, value);
    return STELE_USAGE;
}

/* ---------------------------------------------------------------------- reseal */

/* What is wrong with one component's ledger. */
typedef struct faults {
    const char *component;
    size_t count;
    char first[256];
} faults;

static void count_fault(void *data, const stele_entry *entry, const char *component, const char *message, const char *detail,
                        const stele_entry *seal)
{
    faults *f = data;
    (void)entry, (void)detail;
    if (seal != NULL || strcmp(component, f->component) != 0)
        return;
    if (f->count++ == 0)
        stele_error_copy(f->first, sizeof f->first, message);
}

/* False: no memory. */
static bool find_faults(const stele_planning *p, size_t component, faults *f)
{
    const stele_ledger *ledger = p->survey->ledger;
    const stele_entry *last = p->survey->last[component];
    *f = (faults){.component = p->handle->table->components[component]};
    if (!stele_ledger_prove(ledger, count_fault, f) || !stele_ledger_prove_states(ledger, count_fault, f, p->arena))
        return false;
    if (last != NULL && !stele_values_are_canonical(last->row.parameters, p->arena))
        count_fault(f, last, f->component, "the parameters of the last row are not what stele writes", "", NULL);
    return true;
}

/* The entries of a component stand one behind the other. */
static const stele_entry *find_entries(const stele_ledger *ledger, const char *component, size_t *count)
{
    const stele_entry *first = NULL;
    *count = 0;
    for (size_t i = 0; i < ledger->count; i++) {
        if (strcmp(ledger->entries[i].row.component, component) != 0)
            continue;
        first = first == NULL ? &ledger->entries[i] : first;
        ++*count;
    }
    return first;
}

/* The last parameters that can be read stay in force. */
static bool keep_values(const stele_planning *p, size_t component, const stele_entry *entries, size_t count)
{
    while (count > 0 && !stele_values_are_canonical(entries[count - 1].row.parameters, p->arena))
        count--;
    const char *unused;
    char *json = stele_values_replaced(count == 0 ? NULL : entries[count - 1].row.parameters, NULL, NULL, &unused, &p->handle->arena);
    p->handle->values.json[component] = json;
    return json != NULL;
}

/*
 * The anchor, put where the chain ends, before the row is added: append() hashes it from there. It must still be as it was read,
 * and nobody else at work; the errors are those of enter(), so that this is tried again as any run is.
 */
static char *anchor_statement(const stele_planning *p, const char *component, int64_t found, int64_t seq, const stele_entry *last)
{
    const char *schema = p->handle->schema;
    char hash[STELE_CHECKSUM_SIZE] = "r1:0000000000000000000000000000000000000000000000000000000000000000";
    char *quoted = stele_arena_get(p->arena, strlen(component) * 2 + 3, 1), *out = quoted;
    stele_lock lock;
    if (quoted == NULL)
        return NULL;
    stele_lock_name(&lock, p->handle, component);
    for (*out++ = '\''; *component != '\0'; *out++ = *component++)
        if (*component == '\'')
            *out++ = '\'';
    *out = '\'';
    if (last != NULL)
        stele_checksum_write(hash, "r1", last->hash);
    return stele_arena_print(
        p->arena,
        "DO $reseal$ BEGIN IF NOT pg_catalog.pg_try_advisory_xact_lock(%s, %s) THEN RAISE EXCEPTION 'stele: another process holds the lock'"
        " USING ERRCODE = '" STELE_TAKEN "'; END IF; IF %lld OPERATOR(pg_catalog.<>)"
        " coalesce((SELECT a.seq FROM %s.anchor AS a WHERE a.component OPERATOR(pg_catalog.=) %s), 0)"
        " THEN RAISE EXCEPTION 'stele: the ledger has moved' USING ERRCODE = '" STELE_MOVED "'; END IF;"
        " INSERT INTO %s.anchor AS a VALUES (%s, 1, 1, %lld, pg_catalog.decode('%s', 'hex'), '', '{}')"
        " ON CONFLICT (component) DO UPDATE SET format = 1, reader = 1, seq = excluded.seq, hash = excluded.hash; END $reseal$",
        lock.key1, lock.key2, (long long)found, schema, quoted, schema, quoted, (long long)seq, hash + 3);
}

static stele_status reseal_one(stele_planning *p, size_t component, const faults *f, stele_error *error)
{
    const stele_ledger *ledger = p->survey->ledger;
    size_t count;
    const stele_entry *entries = find_entries(ledger, f->component, &count), *last = count == 0 ? NULL : &entries[count - 1];
    const stele_anchor *anchor = stele_ledger_anchor(ledger, f->component);
    int64_t found = anchor == NULL ? 0 : anchor->seq, seq = last == NULL ? 1 : last->row.seq;
    seq = found > seq ? found : seq; /* numbers that were given out are not given out again */
    uint8_t digest[STELE_DIGEST_SIZE];
    char source[STELE_CHECKSUM_SIZE];
    if (!stele_ledger_found(entries, count, digest) || !keep_values(p, component, entries, count))
        return stele_error_memory(error);
    stele_checksum_write(source, "c1", digest);
    const char *before = anchor_statement(p, f->component, found, seq, last), *kept = stele_arena_copy(p->arena, source, strlen(source));
    if (before == NULL || kept == NULL)
        return stele_error_memory(error);
    p->survey->heads[component] = seq;
    return stele_add_component_row(p, "reseal", component, "", kept, before,
                                   stele_arena_print(p->arena, "%zu row%s as found, %s, with %zu fault%s; the first: %s", count,
                                                     count == 1 ? "" : "s", kept, f->count, f->count == 1 ? "" : "s", f->first),
                                   error);
}

stele_status stele_plan_reseal(stele_planning *p, stele_error *error)
{
    const stele_migrations *table = p->handle->table;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < table->component_count && status == STELE_OK; i++) {
        faults f;
        if (!stele_is_asked_for(p, table->components[i]))
            continue;
        if (!find_faults(p, i, &f))
            return stele_error_memory(error);
        if (f.count > 0)
            status = reseal_one(p, i, &f, error);
    }
    if (status == STELE_OK && p->list->count == 0) {
        stele_error_set(error, STELE_USAGE, "the ledger is what was written: there is nothing to reseal");
        stele_error_hint(error, "audit shows what else may be wrong");
        return STELE_USAGE;
    }
    return status;
}

/* ---------------------------------------------------------------------- guards */

typedef struct collected {
    stele_text repairs, objects;
    size_t tables; /* that are gone */
} collected;

static void collect(void *data, const stele_flaw *flaw)
{
    collected *c = data;
    if (flaw->repair == NULL)
        return;
    c->tables += strncmp(flaw->object, "table ", 6) == 0;
    stele_text_print(&c->repairs, "%s\n", flaw->repair);
    stele_text_print(&c->objects, "%s%s", c->objects.length == 0 ? "" : ", ", flaw->object);
}

/* One statement of all repairs. What doesn't belong there may be called as it likes, "$guards$" too. */
static const char *repairing(const stele_planning *p, const stele_text *repairs)
{
    stele_text block = {0}, statement = {0};
    const char *copy = NULL;
    stele_text_print(&block, " BEGIN\n%s END ", repairs->bytes);
    stele_text_string(&statement, "DO ");
    if (!block.failed)
        stele_psql_dollars(&statement, block.bytes, block.length);
    if (!block.failed && !statement.failed)
        copy = stele_arena_copy(p->arena, statement.bytes, statement.length);
    stele_text_free(&block);
    stele_text_free(&statement);
    return copy;
}

stele_status stele_find_flaws(stele_planning *p, stele_error *error)
{
    collected c = {.tables = 0};
    stele_status status = stele_guards_look(p->handle, collect, &c, p->arena, error);
    if (status == STELE_OK && (c.repairs.failed || c.objects.failed))
        status = stele_error_memory(error);
    if (status == STELE_OK && c.tables == 2)
        status = stele_error_set(error, STELE_USAGE, "there is no ledger in the schema %s: there is nothing to repair", p->handle->schema);
    else if (status == STELE_OK && c.repairs.length == 0)
        status = stele_error_set(error, STELE_USAGE, "the ledger's tables, functions and triggers are as stele made them: there is nothing to repair");
    if (status == STELE_OK) {
        p->before = repairing(p, &c.repairs);
        p->objects = stele_arena_copy(p->arena, c.objects.bytes, c.objects.length);
        p->bare = c.tables > 0;
        if (p->before == NULL || p->objects == NULL)
            status = stele_error_memory(error);
    }
    stele_text_free(&c.repairs);
    stele_text_free(&c.objects);
    return status;
}

/* Each component that has a history gets a row; the first one's transaction makes the guards. */
stele_status stele_plan_guards(stele_planning *p, stele_error *error)
{
    const stele_migrations *table = p->handle->table;
    stele_status status = STELE_OK;
    for (size_t i = 0; i < table->component_count && status == STELE_OK; i++) {
        faults f = {.component = table->components[i]};
        size_t count;
        const stele_entry *entries = find_entries(p->survey->ledger, f.component, &count);
        if (count == 0)
            continue;
        if (!stele_ledger_prove(p->survey->ledger, count_fault, &f) || !keep_values(p, i, entries, count))
            return stele_error_memory(error);
        if (f.count == 0)
            status = stele_add_component_row(p, "guard", i, p->objects, "", p->list->count == 0 ? p->before : NULL, p->objects, error);
    }
    p->bare = p->list->count == 0;
    return status;
}
