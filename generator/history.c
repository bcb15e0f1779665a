#include "history.h"

#include "parse.h"
#include "split.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- reading */

static void read_one(struct history *history, struct migration *migration)
{
    migration->component = history->conf.component;
    if (!source_read(&migration->source, history->memory, history->diag, false)) {
        migration->broken = true;
        return;
    }
    if (!stele_source_checksum(migration->source_sum, migration->source.text, migration->source.length))
        memory_exhausted(history->memory);
    split(migration, history->memory, history->diag, &history->conf);
    if (migration->own_component != NULL)
        migration->component = migration->own_component;
    parse(history, migration);
    if (!migration->broken)
        steps_cut(history, migration);
}

/* All texts lie behind one another in the generated table, whose offsets have 32 bits. */
static bool fits(struct history *history)
{
    uint64_t total = 0;
    for (size_t i = 0; i < history->count; i++)
        total += history->migrations[i]->source.length;
    if (total < INT32_MAX)
        return true;
    diag_error(history->diag, &history->directory_source, SOURCE_WHOLE, "migrations are larger than 2 GB together");
    return false;
}

void history_read(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        read_one(history, history->migrations[i]);
    fits(history);
}

/* ------------------------------------------------------ between two files */

static int by_component(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    int order = strcmp(p->component, q->component);
    if (order == 0)
        order = stele_version_compare(p->version, q->version);
    return order != 0 ? order : strcmp(p->source.name, q->source.name);
}

/* The migrations by component, then version. */
static struct migration **sorted(const struct history *history)
{
    struct migration **list = memory_get(history->memory, history->count, sizeof *list);
    if (history->count > 0) {
        memcpy(list, history->migrations, history->count * sizeof *list);
        qsort(list, history->count, sizeof *list, by_component);
    }
    return list;
}

static const char *macro_name(struct memory *memory, const struct migration *migration)
{
    char *name = memory_print(memory, "%s_%s", migration->component, migration->version);
    for (char *p = name; *p != '\0'; p++)
        if (*p == '.')
            *p = '_';
    return name;
}

struct named {
    const char *name;
    const struct migration *migration;
};

static int by_name(const void *a, const void *b)
{
    const struct named *p = a, *q = b;
    int order = strcmp(p->name, q->name);
    return order != 0 ? order : strcmp(p->migration->source.name, q->migration->source.name);
}

/* "a_1" of version 2 and "a" of version 1.2 are both STELE_a_1_2. */
static void check_names(struct history *history)
{
    struct named *names = memory_get(history->memory, history->count, sizeof *names);
    for (size_t i = 0; i < history->count; i++)
        names[i] = (struct named){macro_name(history->memory, history->migrations[i]), history->migrations[i]};
    if (history->count > 0)
        qsort(names, history->count, sizeof *names, by_name);
    for (size_t i = 1; i < history->count; i++) {
        const struct migration *a = names[i - 1].migration, *b = names[i].migration;
        if (strcmp(names[i - 1].name, names[i].name) != 0 || strcmp(a->component, b->component) == 0)
            continue;
        diag_error(history->diag, &b->source, SOURCE_WHOLE, "\"STELE_%s\" would stand for \"%s\" as well",
                   names[i].name, a->source.name);
        diag_hint(history->diag, "give one of them another component or version");
    }
}

void history_check(struct history *history)
{
    struct migration **list = sorted(history);
    for (size_t i = 1; i < history->count; i++) {
        const struct migration *a = list[i - 1], *b = list[i];
        if (strcmp(a->component, b->component) != 0 || stele_version_compare(a->version, b->version) != 0)
            continue;
        diag_error(history->diag, &b->source, SOURCE_WHOLE, "version \"%s\" is that of \"%s\" already", b->version,
                   a->source.name);
        diag_hint(history->diag, "give one of them a version of its own");
    }
    check_names(history);
}

static void check_after(struct history *history, const struct migration *migration, size_t place,
                        const struct dependency *after)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct migration *other = history->migrations[i];
        if (strcmp(other->component, migration->component) != 0 ||
            stele_version_compare(other->version, after->version) != 0)
            continue;
        if (i >= place) {
            diag_error(history->diag, &migration->source, after->offset, "\"%s\" does not come before \"%s\"",
                       other->source.name, migration->source.name);
            diag_hint(history->diag, "migrations are applied in the order of their versions");
        }
        return;
    }
    diag_error(history->diag, &migration->source, after->offset, "no migration of version \"%s\" in component \"%s\"",
               after->version, migration->component);
}

void history_check_order(struct history *history)
{
    for (size_t i = 0; i < history->count; i++)
        for (size_t j = 0; j < history->migrations[i]->after_count; j++)
            check_after(history, history->migrations[i], i, &history->migrations[i]->after[j]);
}

void history_compute_states(struct history *history)
{
    struct migration **list = sorted(history);
    uint8_t state[STELE_DIGEST_SIZE];
    for (size_t i = 0; i < history->count; i++) {
        struct migration *migration = list[i];
        bool fine = true;
        if (i == 0 || strcmp(list[i - 1]->component, migration->component) != 0)
            fine = stele_state_start(state, migration->component);
        if (!fine || !stele_state_add(state, migration->version, migration->name, migration->source_sum))
            memory_exhausted(history->memory);
        stele_checksum_write(migration->state_sum, "d1", state);
    }
}
