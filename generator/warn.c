#include "warn.h"

#include "text.h"

#include <stdarg.h>
#include <string.h>

static const struct warn_rule rules[] = {
    {"absent", WARN_ERROR, "something is done to what an earlier statement dropped or renamed", rule_absent, NULL, NULL},
    {"ddl-with-backfill", WARN_ON, "rows are written while the same transaction locks a table", rule_ddl_with_backfill, NULL, NULL},
    {"embedding-loss", WARN_ON, "a column of embeddings is dropped, or becomes of another dimension", rule_embedding_loss, NULL, NULL},
    {"expect-empty", WARN_ON, "rows are expected of a table that is empty in a new database", rule_expect_empty, NULL, NULL},
    {"given-ids", WARN_OFF, "rows say a number that a sequence gives out, too", rule_given_ids, NULL, NULL},
    {"incomplete-down", WARN_ON, "the way back leaves a table that the way up makes", NULL, rule_incomplete_down, NULL},
    {"missing-down", WARN_OFF, "a migration has no way back, and doesn't say why", NULL, rule_missing_down, NULL},
    {"not-repeatable", WARN_ON, "a repeatable migration does what can't be done twice", rule_not_repeatable, NULL, NULL},
    {"one-way-down", WARN_ON, "a migration has a way back and is one-way", NULL, rule_one_way_down, NULL},
    {"other-component", WARN_ERROR, "a migration alters what another component owns", rule_other_component, NULL, NULL},
    {"search-path-empty", WARN_ON, "a name without a schema behind an emptied search_path", NULL, rule_search_path_empty, NULL},
    {"search-path-lost", WARN_ON, "a name that is found only with the search_path of an earlier file", rule_search_path_lost, NULL, NULL},
    {"setting-stays", WARN_ON, "a setting of the application's own, with a dot in its name, is left set", rule_setting_stays, NULL, NULL},
    {"unknown-table", WARN_ON, "a table that nothing has made, in a history that begins with an empty database", rule_unknown_table, NULL, rule_unknown_tables},
    {"vector-index-early", WARN_ON, "an index over vectors is built before they are loaded", rule_vector_index_early, NULL, NULL},
    {"vector-index-limit", WARN_ON, "an index over more dimensions than pgvector takes", rule_vector_index_limit, NULL, NULL},
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
    for (size_t i = 0; i < RULE_COUNT; i++)
        options->levels[i] = rules[i].level;
}

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

const char *warn_take(struct warn_options *options, struct memory *memory, const char *argument)
{
    static const struct {
        const char *prefix;
        warn_level level;
    } forms[] = {{"no-error=", WARN_ON}, {"error=", WARN_ERROR}, {"no-", WARN_OFF}, {"", WARN_ON}};
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
        warn_level *level = &options->levels[find(name)];
        if (forms[i].prefix[0] != '\0' || *level == WARN_OFF) /* -Wname leaves an error what it is */
            *level = forms[i].level;
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

bool warn_at(struct review *review, const char *rule, const struct migration *migration, uint32_t offset, const char *format, ...)
{
    const struct warn_options *options = review->options;
    size_t index = find(rule);
    warn_level level = index == RULE_COUNT ? WARN_ON : options->levels[index];
    if (level == WARN_OFF || (options->silent && level != WARN_ERROR) || is_allowed(migration, rule))
        return false;
    va_list list;
    va_start(list, format);
    diag_named(review->all->diag, level == WARN_ERROR || options->all_errors, rule, &migration->source, offset, format, list);
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
