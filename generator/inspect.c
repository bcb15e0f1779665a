#include "inspect.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------- expectations */

static void expect(struct inspection *inspection, struct expected expected)
{
    inspection->expected = memory_grow(inspection->memory, inspection->expected, inspection->count, &inspection->capacity,
                                       sizeof *inspection->expected);
    inspection->expected[inspection->count++] = expected;
}

void inspect_expect_lock(struct inspection *inspection, const struct lock *lock)
{
    for (size_t i = 0; i < lock->count; i++) {
        const struct sealed *line = &lock->lines[i];
        expect(inspection, (struct expected){CARRIED_MIGRATION, line->component, line->version, line->file, line->source_sum,
                                             line->tokens_sum, line->state_sum, true, lock->source.path, false});
    }
}

void inspect_expect_history(struct inspection *inspection, const struct history *all)
{
    for (size_t i = 0; i < history_text_count(all); i++) {
        const struct migration *migration = history_text_at(all, i);
        enum carried_kind kind = migration->job ? CARRIED_JOB : migration->repeatable ? CARRIED_REPEATABLE : CARRIED_MIGRATION;
        expect(inspection, (struct expected){kind, migration->component, migration->version, migration->source.name,
                                             migration->source_sum, migration->tokens_sum, migration->state_sum, false,
                                             migration->home->directory, false});
    }
}

/* --------------------------------------------------------------- comparing */

/* What is said about a migration of the program: one line, and what to do. */
struct comparer {
    struct inspection *inspection;
    const struct carried_text **texts; /* migrations of all tables, in their order */
    struct expected **of;              /* and what is expected in their place; or NULL */
    struct expected **sorted;
    size_t count;
};

/* A versioned migration is known by its version, a repeatable one and a job by its file. */
static const char *key_of(enum carried_kind kind, const char *version, const char *file)
{
    return kind == CARRIED_MIGRATION ? version : file;
}

static int compare_places(const char *component, enum carried_kind kind, const char *key, const struct expected *other)
{
    int order = strcmp(component, other->component);
    if (order == 0)
        order = (int)kind - (int)other->kind;
    return order != 0 ? order : strcmp(key, key_of(other->kind, other->version, other->file));
}

static int by_place(const void *a, const void *b)
{
    const struct expected *p = *(struct expected *const *)a;
    return compare_places(p->component, p->kind, key_of(p->kind, p->version, p->file), *(struct expected *const *)b);
}

/*
 * What is expected in a text's place. Several folders may have one component, when the program has several tables; then it's the
 * one with the same source, else the first that has no text yet; or NULL.
 */
static struct expected *find(const struct comparer *comparer, const struct carried_text *text)
{
    const char *key = key_of(text->kind, text->version, text->file);
    size_t low = 0, high = comparer->inspection->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places(text->component, text->kind, key, comparer->sorted[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    struct expected *other = NULL;
    for (; low < comparer->inspection->count && compare_places(text->component, text->kind, key, comparer->sorted[low]) == 0; low++) {
        struct expected *expected = comparer->sorted[low];
        if (!expected->found && strcmp(expected->source, text->source) == 0)
            return expected;
        if (!expected->found && other == NULL)
            other = expected;
    }
    return other;
}

/* Is something of this component expected; by a lock? */
static bool is_expected(const struct inspection *inspection, const char *component, bool by_lock)
{
    for (size_t i = 0; i < inspection->count; i++)
        if ((inspection->expected[i].by_lock || !by_lock) && strcmp(inspection->expected[i].component, component) == 0)
            return true;
    return false;
}

static const char *noun_of(enum carried_kind kind)
{
    return kind == CARRIED_JOB ? "job" : "migration";
}

static void tell_extra(const struct comparer *comparer, const struct carried_text *text)
{
    const struct inspection *inspection = comparer->inspection;
    if (text->kind != CARRIED_MIGRATION && is_expected(inspection, text->component, true))
        return;
    diag_error(inspection->diag, &inspection->program, SOURCE_WHOLE, "extra %s \"%s\", which nothing here accounts for",
               noun_of(text->kind), text->file);
    if (is_expected(inspection, text->component, false))
        diag_hint(inspection->diag, "the program was built from a later state, or from another one: find the commit it was built from");
    else
        diag_hint(inspection->diag, "it is of component \"%s\": name that folder or lock with another --against", text->component);
}

static void tell_missing(const struct inspection *inspection, const struct expected *expected)
{
    diag_error(inspection->diag, &inspection->program, SOURCE_WHOLE, "%s \"%s\" of %s is missing", noun_of(expected->kind),
               expected->file, expected->from);
    diag_hint(inspection->diag, "the program was built before it was added: build it anew");
}

/* What is found is what is expected, or the first difference of the two. */
static void compare(const struct inspection *inspection, const struct carried_text *text, const struct expected *expected)
{
    struct diag *diag = inspection->diag;
    if (strcmp(text->source, expected->source) != 0) {
        diag_error(diag, &inspection->program, SOURCE_WHOLE, "%s \"%s\" is %s than in %s", noun_of(text->kind), text->file,
                   strcmp(text->tokens, expected->tokens) == 0 ? "formatted otherwise" : "another one", expected->from);
        diag_note(diag, "the program has %s", text->source);
        diag_note(diag, "%s has %s", expected->from, expected->source);
        diag_hint(diag, text->kind == CARRIED_JOB ? "the script was edited since: build the program anew from what you mean to run"
                                                  : "one of them was edited after it was sealed: find out which, then build anew");
    } else if (strcmp(text->file, expected->file) != 0) {
        diag_error(diag, &inspection->program, SOURCE_WHOLE, "%s \"%s\" is named \"%s\" in %s", noun_of(text->kind),
                   text->file, expected->file, expected->from);
        diag_hint(diag, "a sealed migration keeps its name: give the file its name back, or build anew");
    } else if (strcmp(text->tokens, expected->tokens) != 0) {
        diag_error(diag, &inspection->program, SOURCE_WHOLE, "tokens of \"%s\" differ from those in %s though its text does not",
                   text->file, expected->from);
        diag_hint(diag, "use one stelec for both");
    }
}

/* The expected ones of one folder follow each other in the program, too; other folders' may stand between them. */
static void check_order(const struct comparer *comparer)
{
    const struct inspection *inspection = comparer->inspection;
    for (size_t i = 0; i < comparer->count; i++) {
        const struct expected *expected = comparer->of[i], *last = NULL;
        for (size_t j = i; j-- > 0 && last == NULL && expected != NULL;)
            if (comparer->of[j] != NULL && comparer->of[j]->from == expected->from)
                last = comparer->of[j];
        if (last == NULL || expected >= last)
            continue;
        diag_error(inspection->diag, &inspection->program, SOURCE_WHOLE, "migrations \"%s\" and \"%s\" are in another order than in %s",
                   last->file, expected->file, expected->from);
        diag_hint(inspection->diag, "build the program anew from there");
        return;
    }
}

/* A program may carry the same table twice: in an archive, or where a compiler kept two forms of an object. */
static bool is_copy(const struct carried_list *list, size_t which)
{
    for (size_t i = 0; i < which; i++)
        if (list->tables[i]->sum != NULL && list->tables[which]->sum != NULL &&
            strcmp(list->tables[i]->sum, list->tables[which]->sum) == 0)
            return true;
    return false;
}

static void gather(struct comparer *comparer)
{
    const struct carried_list *list = &comparer->inspection->tables;
    size_t most = 0;
    for (size_t i = 0; i < list->count; i++)
        most += list->tables[i]->count;
    comparer->texts = memory_get(comparer->inspection->memory, most, sizeof *comparer->texts);
    comparer->of = memory_get(comparer->inspection->memory, most, sizeof(struct expected *));
    for (size_t i = 0; i < list->count; i++)
        for (size_t j = 0; j < list->tables[i]->count && list->tables[i]->sum != NULL && !is_copy(list, i); j++)
            if (list->tables[i]->texts[j].kind != CARRIED_MODULE)
                comparer->texts[comparer->count++] = &list->tables[i]->texts[j];
}

/* Where nothing else differs, the states must be the same, too. One that isn't makes all behind it differ, so the first is told. */
static void check_states(const struct comparer *comparer)
{
    const struct inspection *inspection = comparer->inspection;
    for (size_t i = 0; i < comparer->count; i++) {
        if (comparer->of[i] == NULL || comparer->texts[i]->state == NULL || strcmp(comparer->texts[i]->state, comparer->of[i]->state) == 0)
            continue;
        diag_error(inspection->diag, &inspection->program, SOURCE_WHOLE, "state digest of \"%s\" is not that of %s",
                   comparer->texts[i]->file, comparer->of[i]->from);
        diag_hint(inspection->diag, "it follows from the migrations up to this one, so it was written by hand: build anew");
        return;
    }
}

void inspect_compare(struct inspection *inspection)
{
    size_t errors = inspection->diag->errors;
    struct comparer comparer = {.inspection = inspection};
    comparer.sorted = memory_get(inspection->memory, inspection->count, sizeof(struct expected *));
    for (size_t i = 0; i < inspection->count; i++)
        comparer.sorted[i] = &inspection->expected[i];
    if (inspection->count > 0)
        qsort(comparer.sorted, inspection->count, sizeof(struct expected *), by_place);
    gather(&comparer);
    for (size_t i = 0; i < comparer.count; i++) {
        struct expected *expected = comparer.of[i] = find(&comparer, comparer.texts[i]);
        if (expected == NULL) {
            tell_extra(&comparer, comparer.texts[i]);
            continue;
        }
        expected->found = true;
        compare(inspection, comparer.texts[i], expected);
    }
    check_order(&comparer);
    for (size_t i = 0; i < inspection->count; i++)
        if (!inspection->expected[i].found)
            tell_missing(inspection, &inspection->expected[i]);
    if (errors == inspection->diag->errors)
        check_states(&comparer);
}
