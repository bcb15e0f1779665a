#include "warn.h"

#include "text.h"

#include <stdarg.h>
#include <string.h>

static const struct warn_rule rules[] = {
    {"absent", WARN_ERROR, "something is done to what an earlier statement dropped or renamed", rule_absent, NULL, NULL},
    {"blocking-attach", WARN_ON, "a partition is attached without a check that spares reading all of it", rule_blocking_attach, NULL, NULL},
    {"blocking-check", WARN_ON, "a CHECK is added to a table in use, and every row read, without NOT VALID", rule_blocking_check, NULL, NULL},
    {"blocking-detach", WARN_ON, "a partition is detached without CONCURRENTLY", rule_blocking_detach, NULL, NULL},
    {"blocking-drop-index", WARN_ON, "an index of a table in use is dropped without CONCURRENTLY", rule_blocking_drop_index, NULL, NULL},
    {"blocking-exclude", WARN_ON, "an exclusion constraint is added to a table in use", rule_blocking_exclude, NULL, NULL},
    {"blocking-foreign-key", WARN_ON, "a foreign key is added to a table in use, and every row checked, without NOT VALID", rule_blocking_foreign_key, NULL, NULL},
    {"blocking-index", WARN_ON, "an index is built on a table in use without CONCURRENTLY", rule_blocking_index, NULL, NULL},
    {"blocking-refresh", WARN_ON, "a materialized view is filled anew without CONCURRENTLY", rule_blocking_refresh, NULL, NULL},
    {"blocking-reindex", WARN_ON, "an index is built anew without CONCURRENTLY", rule_blocking_reindex, NULL, NULL},
    {"blocking-unique", WARN_ON, "a unique or primary key is added to a table in use, and its index built under the lock", rule_blocking_unique, NULL, NULL},
    {"blocking-validate", WARN_ON, "a constraint is validated in the transaction that added it", rule_blocking_validate, NULL, NULL},
    {"char-column", WARN_OFF, "a column of type char(n)", rule_char_column, NULL, NULL},
    {"ddl-with-backfill", WARN_ON, "rows are written while the same transaction locks a table", rule_ddl_with_backfill, NULL, NULL},
    {"disable-trigger", WARN_OFF, "triggers of a table are turned off for everybody", rule_disable_trigger, NULL, NULL},
    {"domain-check", WARN_OFF, "a domain is made with a constraint", rule_domain_check, NULL, NULL},
    {"domain-column", WARN_ON, "a column of a domain with a constraint is added, which writes the table anew", rule_domain_column, NULL, NULL},
    {"domain-constraint", WARN_ON, "a domain gets a constraint, and every table with it is read", rule_domain_constraint, NULL, NULL},
    {"drop-cascade", WARN_ON, "CASCADE takes along columns that the statement doesn't name", rule_drop_cascade, NULL, NULL},
    {"drop-column", WARN_ON, "a column is dropped, with what is in it", rule_drop_column, NULL, NULL},
    {"drop-database", WARN_ON, "a database is dropped", rule_drop_database, NULL, NULL},
    {"drop-not-null", WARN_OFF, "a column may be null that never was", rule_drop_not_null, NULL, NULL},
    {"drop-schema", WARN_ON, "a schema is dropped with all that is in it", rule_drop_schema, NULL, NULL},
    {"drop-table", WARN_ON, "a table is dropped, with its rows", rule_drop_table, NULL, NULL},
    {"embedding-loss", WARN_ON, "a column of embeddings is dropped, or becomes of another dimension", rule_embedding_loss, NULL, NULL},
    {"enum-order", WARN_OFF, "a value is added to an enum without BEFORE or AFTER", rule_enum_order, NULL, NULL},
    {"expect-empty", WARN_ON, "rows are expected of a table that is empty in a new database", rule_expect_empty, NULL, NULL},
    {"generated-column", WARN_ON, "a stored generated column is added, which writes the table anew", rule_generated_column, NULL, NULL},
    {"given-ids", WARN_OFF, "rows say a number that a sequence gives out, too", rule_given_ids, NULL, NULL},
    {"hidden-invalid-index", WARN_ON, "IF NOT EXISTS takes an index that a failed build left for a good one", rule_hidden_invalid_index, NULL, NULL},
    {"incomplete-down", WARN_ON, "the way back leaves a table that the way up makes", NULL, rule_incomplete_down, NULL},
    {"json-column", WARN_OFF, "a column of type json", rule_json_column, NULL, NULL},
    {"lock-timeout", WARN_OFF, "a strong lock is waited for with whatever lock_timeout the caller has", rule_lock_timeout, NULL, NULL},
    {"many-locks", WARN_OFF, "one transaction locks several tables in use against everybody", rule_many_locks, NULL, NULL},
    {"missing-down", WARN_OFF, "a migration has no way back, and doesn't say why", NULL, rule_missing_down, NULL},
    {"not-idempotent", WARN_OFF, "a statement outside of a transaction fails when it is run a second time", rule_not_idempotent, NULL, NULL},
    {"not-repeatable", WARN_ON, "a repeatable migration does what can't be done twice", rule_not_repeatable, NULL, NULL},
    {"one-way-down", WARN_ON, "a migration has a way back and is one-way", NULL, rule_one_way_down, NULL},
    {"other-component", WARN_ERROR, "a migration alters what another component owns", rule_other_component, NULL, NULL},
    {"prefer-bigint", WARN_OFF, "a key of 16 or 32 bits, which runs out", rule_prefer_bigint, NULL, NULL},
    {"prefer-identity", WARN_OFF, "a serial column", rule_prefer_identity, NULL, NULL},
    {"prefer-text", WARN_OFF, "a column of type varchar(n)", rule_prefer_text, NULL, NULL},
    {"prefer-timestamptz", WARN_OFF, "a column of type timestamp without time zone", rule_prefer_timestamptz, NULL, NULL},
    {"rename-column", WARN_ON, "a column in use gets another name", rule_rename_column, NULL, NULL},
    {"rename-enum-value", WARN_ON, "a value of an enum gets another name", rule_rename_enum_value, NULL, NULL},
    {"rename-schema", WARN_ON, "a schema gets another name", rule_rename_schema, NULL, NULL},
    {"rename-table", WARN_ON, "a table in use gets another name or schema", rule_rename_table, NULL, NULL},
    {"required-column", WARN_ON, "a column is added that can't be null and has no default", rule_required_column, NULL, NULL},
    {"search-path-empty", WARN_ON, "a name without a schema behind an emptied search_path", NULL, rule_search_path_empty, NULL},
    {"search-path-lost", WARN_ON, "a name that is found only with the search_path of an earlier file", rule_search_path_lost, NULL, NULL},
    {"serial-column", WARN_ON, "a serial or identity column is added, which writes the table anew", rule_serial_column, NULL, NULL},
    {"set-not-null", WARN_ON, "SET NOT NULL reads the whole table under the lock", rule_set_not_null, NULL, NULL},
    {"setting-stays", WARN_ON, "a setting of the application's own, with a dot in its name, is left set", rule_setting_stays, NULL, NULL},
    {"table-rewrite", WARN_ON, "a form of ALTER TABLE that writes the table anew, as SET LOGGED and SET TABLESPACE", rule_table_rewrite, NULL, NULL},
    {"truncate", WARN_ON, "all rows of a table are thrown away", rule_truncate, NULL, NULL},
    {"type-change", WARN_ON, "a column's type changes in a way that writes the table anew", rule_type_change, NULL, NULL},
    {"unknown-column", WARN_ON, "a column that the table, made by this history, doesn't have", rule_unknown_column, NULL, NULL},
    {"unknown-table", WARN_ON, "a table that nothing has made, in a history that begins with an empty database", rule_unknown_table, NULL, rule_unknown_tables},
    {"unnamed-concurrent-index", WARN_ON, "an index without a name is built concurrently", rule_unnamed_concurrent_index, NULL, NULL},
    {"unqualified-table", WARN_OFF, "a table is made without its schema's name", rule_unqualified_table, NULL, NULL},
    {"vacuum-full", WARN_ON, "VACUUM FULL or CLUSTER", rule_vacuum_full, NULL, NULL},
    {"vector-index-early", WARN_ON, "an index over vectors is built before they are loaded", rule_vector_index_early, NULL, NULL},
    {"vector-index-limit", WARN_ON, "an index over more dimensions than pgvector takes", rule_vector_index_limit, NULL, NULL},
    {"volatile-default", WARN_ON, "a column is added whose default is computed for each row, which writes the table anew", rule_volatile_default, NULL, NULL},
    {"wide-index", WARN_OFF, "an index over more than three columns", rule_wide_index, NULL, NULL},
    {"write-without-where", WARN_ON, "an UPDATE or DELETE of every row of a table in use", rule_write_without_where, NULL, NULL},
};
enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

/* ----------------------------------------------------------------- options */

static size_t find(const char *name)
{
    size_t i = 0;
    while (i < RULE_COUNT && strcmp(rules[i].name, name) != 0)
        i++;
    return i;
}

/* The name that was probably meant; or NULL. */
static const char *nearest_rule(const char *name)
{
    const char *nearest = NULL;
    size_t best = strlen(name) / 2 + 1;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        size_t distance = edit_distance(name, rules[i].name);
        if (distance < best) {
            best = distance;
            nearest = rules[i].name;
        }
    }
    return nearest;
}

void warn_of_unknown_rule(struct diag *diag, const struct source *source, uint32_t offset, const char *name)
{
    if (find(name) < RULE_COUNT || strcmp(name, "use-of-repeatable") == 0) /* an error of uses.c, allowed in the same way */
        return;
    diag_warning(diag, source, offset, "no warning is called \"%s\"", name);
    if (nearest_rule(name) != NULL)
        diag_hint(diag, "did you mean \"%s\"?", nearest_rule(name));
}

void warn_start(struct warn_options *options, struct memory *memory)
{
    options->levels = memory_get(memory, RULE_COUNT, sizeof *options->levels);
    options->spared = memory_get(memory, RULE_COUNT, sizeof *options->spared);
    for (size_t i = 0; i < RULE_COUNT; i++)
        options->levels[i] = rules[i].level;
}

static const char no_error_prefix[] = "no-error=";

/* -Wall is what is on anyway; -Wextra turns on what isn't. */
static bool take_group(struct warn_options *options, const char *argument)
{
    if (strcmp(argument, "error") == 0)
        options->all_errors = true;
    else if (strcmp(argument, "no-error") == 0)
        options->all_errors = false;
    else if (strcmp(argument, "extra") == 0)
        for (size_t i = 0; i < RULE_COUNT; i++)
            options->levels[i] = rules[i].level == WARN_OFF ? WARN_ON : options->levels[i];
    else
        return strcmp(argument, "all") == 0;
    return true;
}

/* -Wname leaves an error what it is, -Wno-error=name what is off. */
static void take_level(struct warn_options *options, size_t rule, const char *prefix, warn_level level)
{
    bool no_error = strcmp(prefix, no_error_prefix) == 0;
    warn_level *now = &options->levels[rule];
    if (no_error ? *now == WARN_ERROR : prefix[0] != '\0' || *now == WARN_OFF)
        *now = level;
    if (no_error || level == WARN_ERROR)
        options->spared[rule] = no_error;
}

const char *warn_take(struct warn_options *options, struct memory *memory, const char *argument)
{
    static const struct {
        const char *prefix;
        warn_level level;
    } forms[] = {{no_error_prefix, WARN_ON}, {"error=", WARN_ERROR}, {"no-", WARN_OFF}, {"", WARN_ON}};
    const char *name = argument;
    if (take_group(options, argument))
        return NULL;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        size_t length = strlen(forms[i].prefix);
        if (strncmp(argument, forms[i].prefix, length) != 0)
            continue;
        name = argument + length;
        if (find(name) == RULE_COUNT)
            break;
        take_level(options, find(name), forms[i].prefix, forms[i].level);
        return NULL;
    }
    const char *nearest = nearest_rule(name);
    return memory_print(memory, "no warning \"%s\"%s%s%s; --help=warnings lists them", name, nearest == NULL ? "" : ", did you mean \"",
                        nearest == NULL ? "" : nearest, nearest == NULL ? "" : "\"?");
}

void warn_list(FILE *file)
{
    static const char *const marks[] = {"-Wextra", "", "error"};
    for (size_t i = 0; i < RULE_COUNT; i++)
        fprintf(file, "  %-26s %-8s %s\n", rules[i].name, marks[rules[i].level], rules[i].summary);
}

/* --------------------------------------------------------------- speaking */

/* By a directive of the file, or by stele.conf. */
static bool is_allowed(const struct migration *migration, const char *rule)
{
    const struct conf *conf = &migration->home->conf;
    for (size_t i = 0; i < migration->allow_count; i++)
        if (strcmp(migration->allows[i], rule) == 0)
            return true;
    if (conf->warn_after != NULL && !migration->repeatable && stele_version_compare(migration->version, conf->warn_after) <= 0)
        return true;
    for (size_t i = 0; i < conf->allow_count; i++)
        if (strcmp(conf->allows[i].rule, rule) == 0 && !migration->repeatable &&
            stele_version_compare(conf->allows[i].version, migration->version) == 0)
            return true;
    return false;
}

/* What can be done about it hangs on whether it is sealed. */
static void count(struct history *all, const struct migration *migration)
{
    if (migration->repeatable)
        return;
    if (migration->sealing != NULL) {
        all->warned_new++;
        all->warned_first = all->warned_first == NULL ? migration : all->warned_first;
    } else {
        all->warned_old++;
        all->warned_last = migration;
    }
}

bool warn_at(struct review *review, const char *rule, const struct migration *migration, uint32_t offset, const char *format, ...)
{
    const struct warn_options *options = review->options;
    size_t index = find(rule);
    warn_level level = index == RULE_COUNT ? WARN_ON : options->levels[index];
    if (level == WARN_OFF || (options->silent && level != WARN_ERROR) || is_allowed(migration, rule))
        return false;
    bool is_error = level == WARN_ERROR || (options->all_errors && !(index < RULE_COUNT && options->spared[index]));
    count(review->all, migration);
    va_list list;
    va_start(list, format);
    diag_named(review->all->diag, is_error, rule, &migration->source, offset, format, list);
    va_end(list);
    return true;
}

void warn_of_deed(struct review *review)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].deed != NULL && review->options->levels[i] != WARN_OFF)
            rules[i].deed(review);
}

void warn_of_migration(struct review *review)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].migration != NULL && review->options->levels[i] != WARN_OFF)
            rules[i].migration(review);
}

void warn_of_history(struct review *review)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (rules[i].history != NULL && review->options->levels[i] != WARN_OFF)
            rules[i].history(review);
}
