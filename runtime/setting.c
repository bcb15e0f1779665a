#define _POSIX_C_SOURCE 200809L

#include "setting.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "lock.h"
#include "record.h"

/* --------------------------------------------------------------------- planning */

/* What the component's next row has to start from: what its last one has, or the change before. */
static const char *in_force(const stele_settings *s, size_t component)
{
    for (size_t i = s->count; i-- > 0;)
        if (s->changes[i].component == component)
            return s->changes[i].json;
    return s->survey.last[component]->row.parameters;
}

static stele_status set_in(stele_settings *s, const stele *handle, size_t component, const stele_wanted *wanted, bool *seen, stele_error *error)
{
    const char *old = NULL;
    if (s->survey.last[component] == NULL)
        return STELE_OK;
    char *json = stele_values_replaced(in_force(s, component), wanted->name, wanted->value, &old, &s->arena);
    if (json == NULL)
        return stele_error_memory(error);
    *seen |= old != NULL;
    if (old == NULL || strcmp(old, wanted->value) == 0)
        return STELE_OK;
    if (wanted->expected != NULL && strcmp(old, wanted->expected) != 0) {
        stele_error_set(error, STELE_UNMET, "parameter \"%s\" is \"%s\" in the ledger, and not \"%s\", as it was left", wanted->name, old, wanted->expected);
        stele_error_detail(error, "component \"%s\"", handle->table->components[component]);
        stele_error_hint(error, "somebody set it since; to have it set here, repair set %s=%s --reason TEXT first", wanted->name, wanted->expected);
        return STELE_UNMET;
    }
    s->changes[s->count++] = (stele_change){.component = component, .name = wanted->name, .old = old, .value = wanted->value, .json = json};
    return STELE_OK;
}

static stele_status plan_one(stele_settings *s, const stele *handle, const stele_wanted *wanted, stele_error *error)
{
    const stele_migrations *table = handle->table;
    bool seen = false;
    stele_status status = stele_value_fits(table, wanted->name, wanted->value, error);
    if (status == STELE_USAGE && error != NULL)
        error->status = STELE_UNMET;
    if (status != STELE_OK)
        return status == STELE_USAGE ? STELE_UNMET : status;
    for (size_t i = 0; i < table->component_count && status == STELE_OK; i++)
        if (wanted->component == NULL || strcmp(wanted->component, table->components[i]) == 0)
            status = set_in(s, handle, i, wanted, &seen, error);
    if (status != STELE_OK || seen)
        return status;
    stele_error_set(error, STELE_UNMET, "the ledger has no value of parameter \"%s\", which could be set to \"%s\"", wanted->name, wanted->value);
    stele_error_hint(error, "tell it the present one first: repair set %s=VALUE --component NAME --reason TEXT", wanted->name);
    return STELE_UNMET;
}

stele_status stele_settings_plan(stele_settings *settings, stele *handle, const stele_wanted *wanted, size_t count, stele_error *error)
{
    *settings = (stele_settings){.count = 0};
    if (count == 0)
        return STELE_OK;
    stele_status status = stele_read_all(handle, 0, &settings->ledger, &settings->survey, &settings->arena, error);
    settings->changes = status == STELE_OK ? stele_arena_get(&settings->arena, count * handle->table->component_count, sizeof *settings->changes) : NULL;
    if (status == STELE_OK && settings->changes == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < count && status == STELE_OK; i++)
        status = plan_one(settings, handle, &wanted[i], error);
    return status;
}

void stele_settings_free(stele_settings *settings)
{
    stele_ledger_free(&settings->ledger);
    stele_arena_free(&settings->arena);
    *settings = (stele_settings){.count = 0};
}

/* ---------------------------------------------------------------------- writing */

/* The component's lock, and is its head where it was read? */
static stele_status enter(const stele_settings *s, stele *handle, size_t component, bool *again, stele_error *error)
{
    stele_text sql = {0};
    char head[24];
    stele_lock lock;
    stele_lock_name(&lock, handle, handle->table->components[component]);
    snprintf(head, sizeof head, "%lld", (long long)s->survey.heads[component]);
    const char *values[] = {handle->table->components[component], head, lock.key1, lock.key2};
    stele_text_print(&sql, "SELECT %s.enter($1, $2, $3, $4, false, NULL, NULL)", handle->schema);
    stele_error own = {0};
    stele_status status = sql.failed ? stele_error_memory(&own) : stele_link_query(&handle->link, sql.bytes, 4, values, NULL, &own);
    *again = status == STELE_FAILED && (strcmp(own.sqlstate, STELE_MOVED) == 0 || strcmp(own.sqlstate, STELE_TAKEN) == 0);
    if (status != STELE_OK && error != NULL)
        *error = own;
    stele_text_free(&sql);
    return status;
}

static stele_status append(stele_settings *s, stele *handle, stele_set *set, const stele_change *change, const char *reason, stele_error *error)
{
    const stele_migration about = {.component = handle->table->components[change->component], .version = "", .name = change->name, .directory = "", .file = "",
                                   .source = "", .tokens = "", .state = "", .text = ""};
    const stele_action action = {.deed = "set", .migration = &about, .place = s->survey.count, .reason = reason,
                                 .parameters = change->json};
    stele_record record;
    stele_text sql = {0};
    char seq[24], host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    snprintf(seq, sizeof seq, "%lld", (long long)++s->survey.heads[change->component]);
    bool made = stele_record_make(&record, handle->table, &handle->values, set, &action, action.deed, 0, reason);
    record.values[RECORD_SEQ] = seq;
    record.values[RECORD_DURATION] = "0";
    record.values[RECORD_HOST] = host;
    stele_text_print(&sql, "SELECT %s.append(" STELE_RECORD_PARAMETERS ")", handle->schema);
    stele_status status = !made || sql.failed ? stele_error_memory(error) : stele_link_query(&handle->link, sql.bytes, RECORD_VALUES, record.values, NULL, error);
    stele_text_free(&sql);
    stele_record_free(&record);
    return status;
}

stele_status stele_settings_write(stele_settings *settings, stele *handle, const char *reason, bool *again, stele_error *error)
{
    stele_set set;
    stele_status status = STELE_OK;
    *again = false;
    if (settings->count == 0)
        return STELE_OK;
    if (!stele_set_make(&set, settings->survey.places, settings->survey.count, &settings->arena))
        return stele_error_memory(error);
    for (size_t component = 0; component < handle->table->component_count && status == STELE_OK; component++) {
        bool entered = false;
        for (size_t i = 0; i < settings->count && status == STELE_OK; i++) {
            if (settings->changes[i].component != component)
                continue;
            if (!entered)
                status = enter(settings, handle, component, again, error);
            entered = true;
            if (status == STELE_OK)
                status = append(settings, handle, &set, &settings->changes[i], reason, error);
        }
    }
    return status;
}

void stele_settings_keep(const stele_settings *settings, stele *handle)
{
    const stele_migrations *table = handle->table;
    for (size_t i = 0; i < settings->count; i++)
        for (size_t j = 0; j < table->parameter_count; j++) {
            if (!table->parameters[j].given_at_run || strcmp(table->parameters[j].name, settings->changes[i].name) != 0)
                continue;
            const char *copy = stele_arena_copy(&handle->arena, settings->changes[i].value, strlen(settings->changes[i].value));
            handle->values.values[j] = copy != NULL ? copy : handle->values.values[j];
        }
}
