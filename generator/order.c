#include "order.h"

#include "history.h"
#include "job.h"
#include "repeatable.h"
#include "scan.h"
#include "squash.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Where the walk through one folder stands. */
struct progress {
    struct history *history;
    size_t next;                   /* the first that has no place yet */
    const struct dependency *held; /* what that one waits for; NULL while it waits for nothing */
};

struct joiner {
    struct history *all;
    struct progress *parts;
    size_t count;
    struct migration **sorted; /* the versioned ones, by component and version */
    bool failed;
};

/* -------------------------------------------------------- what an "after" names */

static int compare_places(const char *component, const char *version, const struct migration *other)
{
    int order = strcmp(component, other->component);
    return order != 0 ? order : stele_version_compare(version, other->version);
}

static int by_place(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a;
    return compare_places(p->component, p->version, *(struct migration *const *)b);
}

static struct migration *find_version(const struct joiner *joiner, const char *component, const char *version)
{
    size_t low = 0, high = joiner->all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_places(component, version, joiner->sorted[middle]);
        if (order == 0)
            return joiner->sorted[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* In words, for one who named a version that isn't there; NULL where there is none at all. */
static const char *last_version(const struct joiner *joiner, const char *component)
{
    const struct migration *last = NULL;
    for (size_t i = 0; i < joiner->all->count; i++)
        if (strcmp(joiner->sorted[i]->component, component) == 0)
            last = joiner->sorted[i];
    return last == NULL ? NULL
                        : memory_print(joiner->all->memory, "the last one of \"%s\" is \"%s\"", component, last->source.name);
}

static struct migration *find_repeatable(const struct history *all, const char *component, const char *name)
{
    for (size_t i = 0; i < all->repeatable_count; i++)
        if (strcmp(all->repeatables[i]->component, component) == 0 && strcmp(all->repeatables[i]->name, name) == 0)
            return all->repeatables[i];
    return NULL;
}

/* Has a folder of this program migrations of that component? */
static bool is_ours(const struct joiner *joiner, const char *component)
{
    const struct history *all = joiner->all;
    for (size_t i = 0; i < joiner->count; i++)
        if (strcmp(joiner->parts[i].history->conf.component, component) == 0)
            return true;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->migrations[i]->component, component) == 0)
            return true;
    for (size_t i = 0; i < all->repeatable_count; i++)
        if (strcmp(all->repeatables[i]->component, component) == 0)
            return true;
    return false;
}

static void complain(struct joiner *joiner, const struct migration *migration, const struct dependency *after,
                     const char *message, const char *hint)
{
    diag_error(joiner->all->diag, &migration->source, after->offset, "%s", message);
    if (hint != NULL)
        diag_hint(joiner->all->diag, "%s", hint);
    joiner->failed = true;
}

/* The name that is most like one that isn't there; or NULL. */
static const char *nearest_repeatable(const struct history *all, const char *component, const char *name)
{
    const char *nearest = NULL;
    size_t best = strlen(name) / 2 + 1;
    for (size_t i = 0; i < all->repeatable_count; i++) {
        size_t distance = edit_distance(name, all->repeatables[i]->name);
        if (strcmp(all->repeatables[i]->component, component) == 0 && distance < best) {
            best = distance;
            nearest = all->repeatables[i]->name;
        }
    }
    return nearest;
}

static void resolve_repeatable(struct joiner *joiner, const struct migration *migration, struct dependency *after,
                               const char *component)
{
    struct history *all = joiner->all;
    const char *name = after->version + strlen("R_");
    after->on = find_repeatable(all, component, name);
    if (!migration->repeatable) {
        complain(joiner, migration, after, "a versioned migration can't come after a repeatable one",
                 "the repeatable ones run behind all versioned ones");
    } else if (after->on == NULL && !is_ours(joiner, component)) {
        complain(joiner, migration, after,
                 memory_print(all->memory, "no component \"%s\" in this program", component),
                 "a repeatable migration comes after repeatable ones of its own program only");
    } else if (after->on == NULL) {
        const char *nearest = nearest_repeatable(all, component, name);
        complain(joiner, migration, after,
                 memory_print(all->memory, "no repeatable migration \"%s\" in component \"%s\"", after->version, component),
                 nearest == NULL ? NULL : memory_print(all->memory, "did you mean \"R_%s\"?", nearest));
    }
}

/* A change of another sqitch project, by its name: the last of that name, which is the latest rework. */
static void resolve_change(struct joiner *joiner, const struct migration *migration, struct dependency *after)
{
    struct history *all = joiner->all;
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->migrations[i]->component, after->component) == 0 && strcmp(all->migrations[i]->name, after->change) == 0)
            after->on = all->migrations[i];
    if (after->on != NULL) {
        after->version = after->on->version;
        return;
    }
    diag_error(all->diag, &migration->source, SOURCE_WHOLE, "it requires change \"%s\" of project \"%s\", which is not in this program",
               after->change, after->component);
    diag_hint(all->diag, is_ours(joiner, after->component) ? "the plan of that project doesn't have it"
                                                           : "give stelec the folder of that project, too");
    joiner->failed = true;
}

static void resolve(struct joiner *joiner, struct migration *migration, struct dependency *after)
{
    if (after->change != NULL) {
        resolve_change(joiner, migration, after);
        return;
    }
    const char *component = after->component == NULL ? migration->component : after->component;
    if (strncmp(after->version, "R_", 2) == 0) {
        resolve_repeatable(joiner, migration, after, component);
        return;
    }
    after->on = find_version(joiner, component, after->version);
    if (after->on == NULL && (after->on = squash_of(joiner->all, component, after->version)) != NULL)
        after->version = after->on->version; /* which stands for it */
    if (after->on == NULL && is_ours(joiner, component)) {
        complain(joiner, migration, after,
                 memory_print(joiner->all->memory, "no migration of version \"%s\" in component \"%s\"", after->version,
                              component),
                 last_version(joiner, component));
    } else if (after->on != NULL && !migration->repeatable && after->on->home == migration->home &&
               after->on->place >= migration->place) {
        complain(joiner, migration, after,
                 memory_print(joiner->all->memory, "\"%s\" does not come before \"%s\"", after->on->source.name,
                              migration->source.name),
                 "migrations are applied in the order of their versions");
    }
}

static void resolve_all(struct joiner *joiner)
{
    struct history *all = joiner->all;
    joiner->sorted = memory_get(all->memory, all->count, sizeof *joiner->sorted);
    if (all->count > 0) {
        memcpy(joiner->sorted, all->migrations, all->count * sizeof *joiner->sorted);
        qsort(joiner->sorted, all->count, sizeof *joiner->sorted, by_place);
    }
    for (size_t i = 0; i < all->count + all->repeatable_count; i++) {
        struct migration *migration = i < all->count ? all->migrations[i] : all->repeatables[i - all->count];
        for (size_t j = 0; j < migration->after_count; j++)
            resolve(joiner, migration, &migration->after[j]);
    }
}

/* --------------------------------------------------------------- interleaving */

/* `last` waits, by way of what the other folders' walks are held up at, for itself. */
static void complain_of_circle(struct joiner *joiner, const struct migration *last, const struct dependency *after)
{
    complain(joiner, last, after,
             memory_print(joiner->all->memory, "\"%s\" can't come after \"%s\", which waits for it", last->source.path,
                          after->on->source.path),
             NULL);
    for (size_t i = 0; i < joiner->count; i++) {
        const struct progress *part = &joiner->parts[i];
        if (part->held != NULL)
            diag_note(joiner->all->diag, "\"%s\" comes after \"%s\"",
                      part->history->migrations[part->next]->source.path, part->held->on->source.path);
    }
    diag_hint(joiner->all->diag, "take one \"after\" away; or split a file, so that what the other needs comes first");
}

static struct progress *part_of(struct joiner *joiner, const struct migration *migration)
{
    size_t i = 0;
    while (joiner->parts[i].history != migration->home)
        i++;
    return &joiner->parts[i];
}

/*
 * Place the migrations of a folder up to the one at `last`, each behind what it waits for in other folders. A folder whose
 * walk is held up is not entered again, so the depth is at most the number of folders.
 */
static void place_up_to(struct joiner *joiner, struct progress *part, size_t last)
{
    for (; part->next <= last && !joiner->failed; part->next++) {
        struct migration *migration = part->history->migrations[part->next];
        for (size_t i = 0; i < migration->after_count && !joiner->failed; i++) {
            const struct dependency *after = &migration->after[i];
            if (after->on == NULL || after->on->placed)
                continue;
            struct progress *other = part_of(joiner, after->on);
            part->held = after;
            if (other->held != NULL)
                complain_of_circle(joiner, migration, after);
            else
                place_up_to(joiner, other, after->on->place);
            part->held = NULL;
        }
        migration->placed = true;
        joiner->all->migrations[joiner->all->count++] = migration;
    }
}

static void interleave(struct joiner *joiner)
{
    joiner->all->count = 0; /* the list has the right length; it is written anew */
    for (size_t i = 0; i < joiner->count; i++)
        if (joiner->parts[i].history->count > 0)
            place_up_to(joiner, &joiner->parts[i], joiner->parts[i].history->count - 1);
}

/* ----------------------------------------------------------------- components */

/* A migration of this component; or NULL. */
static const struct migration *any_of(const struct history *history, const char *component)
{
    for (size_t i = 0; i < history_size(history); i++)
        if (strcmp(history_at(history, i)->component, component) == 0)
            return history_at(history, i);
    return NULL;
}

/* Does this folder have a component of that one? Each is told once. */
static void check_shared(const struct history *history, const struct history *other)
{
    const char *known = NULL;
    for (size_t i = 0; i < history_size(history); i++) {
        const struct migration *migration = history_at(history, i), *shared = NULL;
        if (known == NULL || strcmp(known, migration->component) != 0)
            shared = any_of(other, migration->component);
        known = migration->component;
        if (shared == NULL)
            continue;
        diag_error(history->diag, &migration->source, SOURCE_WHOLE, "component \"%s\" is that of \"%s\" already",
                   migration->component, shared->source.path);
        diag_hint(history->diag, "the files of one component lie in one folder");
        return;
    }
}

/* One folder under two names would be sealed twice, into one lock. */
static bool is_repeated(struct history *const *parts, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (scan_is_same_folder(parts[i]->directory, parts[which]->directory)) {
            diag_error(parts[which]->diag, &parts[which]->directory_source, SOURCE_WHOLE, "directory is given twice");
            diag_hint(parts[which]->diag, "it has one component, and is that of \"%s\" already", parts[i]->directory);
            return true;
        }
    return false;
}

void order_check_components(struct history *const *parts, size_t count)
{
    for (size_t i = 0; i < count && count > 1; i++) {
        if (is_repeated(parts, i))
            continue;
        if (!parts[i]->conf.named) {
            diag_error(parts[i]->diag, &parts[i]->directory_source, SOURCE_WHOLE, "directory names no component");
            diag_hint(parts[i]->diag, "of several directories each needs its own: write \"component NAME\" into %s, or "
                                      "NAME=%s on the command line",
                      path_join(parts[i]->memory, parts[i]->directory, "stele.conf"), parts[i]->directory);
            continue;
        }
        for (size_t j = 0; j < i; j++)
            if (parts[j]->conf.named)
                check_shared(parts[i], parts[j]);
    }
}

/* -------------------------------------------------------------------- public */

static void gather(struct history *all, struct history *part)
{
    for (size_t i = 0; i < part->count; i++) {
        part->migrations[i]->place = i;
        all->migrations[all->count++] = part->migrations[i];
    }
    for (size_t i = 0; i < part->repeatable_count; i++)
        all->repeatables[all->repeatable_count++] = part->repeatables[i];
}

/* A probe's parameter, where it has one, is counted from 1. */
static void join_parameter(const struct conf *conf, uint32_t *parameter)
{
    if (*parameter != 0)
        *parameter = conf->parameters[*parameter - 1].joined + 1;
}

/* References and probes name their parameters by the index among all folders' parameters, from here on. */
static void join_references(struct migration *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct conf *conf = &list[i]->home->conf;
        for (size_t j = 0; j < list[i]->references.count; j++) {
            stele_reference *reference = &list[i]->references.list[j];
            reference->parameter = conf->parameters[reference->parameter].joined;
        }
        for (size_t j = 0; j < list[i]->step_count; j++) {
            join_parameter(conf, &list[i]->steps[j].probe.on_parameter);
            join_parameter(conf, &list[i]->steps[j].probe.name_parameter);
        }
    }
}

void order_join(struct history *all, struct history *const *parts, size_t count)
{
    struct joiner joiner = {.all = all, .count = count};
    size_t migrations = 0, repeatables = 0;
    joiner.parts = memory_get(all->memory, count, sizeof *joiner.parts);
    for (size_t i = 0; i < count; i++) {
        joiner.parts[i].history = parts[i];
        migrations += parts[i]->count;
        repeatables += parts[i]->repeatable_count;
    }
    all->migrations = memory_get(all->memory, migrations, sizeof *all->migrations);
    all->repeatables = memory_get(all->memory, repeatables, sizeof *all->repeatables);
    for (size_t i = 0; i < count; i++) {
        gather(all, parts[i]);
        conf_join(&all->conf, &parts[i]->conf, all->memory, all->diag);
    }
    job_join(all, parts, count);
    resolve_all(&joiner);
    history_check_names(all);
    if (joiner.failed)
        return;
    interleave(&joiner);
    if (repeatable_order(all) && all->diag->errors == 0)
        repeatable_sum(all);
    join_references(all->migrations, all->count);
    join_references(all->repeatables, all->repeatable_count);
}
