#include "repeatable.h"

#include <stdlib.h>
#include <string.h>

/* ----------------------------------------------------------- one transaction */

static void refuse(struct history *history, struct migration *migration, const struct statement *statement,
                   const char *message)
{
    diag_error(history->diag, &migration->source, statement->table.begin, "%s", message);
    diag_hint(history->diag, "a repeatable migration runs in one transaction: put this into a versioned one");
    migration->broken = true;
}

void repeatable_check(struct history *history, struct migration *migration)
{
    const stele_part *up = &migration->parts[PART_UP];
    if (migration->broken)
        return;
    for (uint32_t i = 0; i < up->step_count; i++) {
        const stele_step *step = &migration->steps[up->first_step + i];
        const struct statement *statement = &migration->statements[step->first];
        const char *what = statement->facts.alone != NULL ? statement->facts.alone
                           : statement->facts.adds_value  ? "a new enum value"
                                                          : NULL;
        if (what != NULL)
            refuse(history, migration, statement, memory_print(history->memory, "%s can't be in a repeatable migration", what));
        else if (i > 0)
            refuse(history, migration, statement, "a second transaction in a repeatable migration");
    }
}

/* ----------------------------------------------------------------- the order */

/* One that it comes after and that has no place yet; or NULL. */
static const struct dependency *waits_for(const struct migration *migration)
{
    for (size_t i = 0; i < migration->after_count; i++) {
        const struct migration *on = migration->after[i].on;
        if (on != NULL && on->repeatable && !on->placed)
            return &migration->after[i];
    }
    return NULL;
}

/* Nothing can be placed any more: from any that waits, the way leads into a circle sooner or later. */
static void complain_of_circle(const struct history *all, const struct migration *migration)
{
    for (size_t i = 0; i < all->repeatable_count; i++)
        migration = waits_for(migration)->on;
    diag_error(all->diag, &migration->source, waits_for(migration)->offset, "\"%s\" comes after itself", migration->source.name);
    const struct migration *at = migration;
    do {
        const struct migration *on = waits_for(at)->on;
        diag_note(all->diag, "\"%s\" comes after \"%s\"", at->source.name, on->source.name);
        at = on;
    } while (at != migration);
}

static int by_name(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    int order = strcmp(p->name, q->name);
    return order != 0 ? order : strcmp(p->component, q->component);
}

bool repeatable_order(struct history *all)
{
    size_t count = all->repeatable_count;
    struct migration **order = memory_get(all->memory, count, sizeof *order);
    if (count > 0)
        qsort(all->repeatables, count, sizeof *all->repeatables, by_name);
    for (size_t placed = 0; placed < count; placed++) {
        struct migration *next = NULL, *waiting = NULL;
        for (size_t i = 0; i < count && next == NULL; i++) {
            if (all->repeatables[i]->placed)
                continue;
            waiting = all->repeatables[i];
            next = waits_for(waiting) == NULL ? waiting : NULL;
        }
        if (next == NULL) {
            complain_of_circle(all, waiting);
            return false;
        }
        next->placed = true;
        order[placed] = next;
    }
    all->repeatables = order;
    return true;
}

/* -------------------------------------------------------------- checksums */

static int by_member(const void *a, const void *b)
{
    const stele_source_member *p = a, *q = b;
    return strcmp(p->name, q->name);
}

/* A member's name: "R_views", and with its component before where that is another. */
static const char *member_name(struct memory *memory, const struct migration *migration, const struct migration *on)
{
    if (strcmp(on->component, migration->component) == 0)
        return memory_print(memory, "R_%s", on->name);
    return memory_print(memory, "%s/R_%s", on->component, on->name);
}

stele_source_member *repeatable_members(struct memory *memory, const struct migration *migration, size_t *count)
{
    stele_source_member *members = memory_get(memory, migration->after_count, sizeof *members);
    size_t found = 0, kept = 0;
    for (size_t i = 0; i < migration->after_count; i++) {
        const struct migration *on = migration->after[i].on;
        if (on != NULL && on->repeatable)
            members[found++] = (stele_source_member){member_name(memory, migration, on), on->source_sum, strlen(on->source_sum)};
    }
    if (found > 0)
        qsort(members, found, sizeof *members, by_member);
    for (size_t i = 0; i < found; i++) /* named twice is named once */
        if (kept == 0 || strcmp(members[kept - 1].name, members[i].name) != 0)
            members[kept++] = members[i];
    *count = kept;
    return members;
}

static void sum(struct memory *memory, struct migration *migration)
{
    size_t count;
    const stele_source_member *members = repeatable_members(memory, migration, &count);
    if (!stele_source_checksum_of(migration->source_sum, migration->source.text, migration->source.length, members, count))
        memory_exhausted(memory);
}

/* What is known of a component while its repeatable migrations are gone through. */
struct summary {
    const char *component;
    const struct migration *head; /* the last versioned one, whatever its place; NULL where there is none */
    const struct migration *last; /* of the repeatable ones so far, the last by name; or NULL */
    uint8_t state[STELE_DIGEST_SIZE]; /* of all of these */
};

struct summaries {
    struct summary *list;
    size_t count, capacity;
};

static void start_state(struct memory *memory, struct summary *summary)
{
    bool fine = summary->head == NULL ? stele_state_start(summary->state, summary->component)
                                      : stele_checksum_read(summary->head->state_sum, "d1", summary->state);
    if (!fine)
        memory_exhausted(memory);
    summary->last = NULL;
}

/* Components are few, and neighbours have the same: so it is the last one that was looked for, or is found soon. */
static struct summary *find_summary(struct memory *memory, struct summaries *summaries, const char *component, struct summary *last)
{
    if (last != NULL && strcmp(last->component, component) == 0)
        return last;
    for (size_t i = 0; i < summaries->count; i++)
        if (strcmp(summaries->list[i].component, component) == 0)
            return &summaries->list[i];
    summaries->list = memory_grow(memory, summaries->list, summaries->count, &summaries->capacity, sizeof *summaries->list);
    summaries->list[summaries->count] = (struct summary){.component = component};
    return &summaries->list[summaries->count++];
}

static void find_heads(const struct history *all, struct summaries *summaries)
{
    struct summary *summary = NULL;
    for (size_t i = 0; i < all->count; i++) {
        summary = find_summary(all->memory, summaries, all->migrations[i]->component, summary);
        if (summary->head == NULL || stele_version_compare(all->migrations[i]->version, summary->head->version) > 0)
            summary->head = all->migrations[i];
    }
    for (size_t i = 0; i < all->repeatable_count; i++)
        find_summary(all->memory, summaries, all->repeatables[i]->component, NULL);
    for (size_t i = 0; i < summaries->count; i++)
        start_state(all->memory, &summaries->list[i]);
}

static void add_member(struct memory *memory, struct summary *summary, const struct migration *member)
{
    if (!stele_state_add(summary->state, member->version, member->name, member->source_sum))
        memory_exhausted(memory);
    summary->last = member;
}

/* From the beginning: the component's repeatable ones up to `last` in the order of application, by name. */
static void add_all(const struct history *all, struct summary *summary, size_t last)
{
    struct migration **members = memory_get(all->memory, last + 1, sizeof *members);
    size_t count = 0;
    for (size_t i = 0; i <= last; i++)
        if (strcmp(all->repeatables[i]->component, summary->component) == 0)
            members[count++] = all->repeatables[i];
    qsort(members, count, sizeof *members, by_name);
    start_state(all->memory, summary);
    for (size_t i = 0; i < count; i++)
        add_member(all->memory, summary, members[i]);
}

/*
 * The digest of all versioned ones of the component and of the repeatables up to `last` in the order of application. A
 * digest takes its members in by name, whatever the order in which they came; mostly that is the same.
 */
static void compute_state(const struct history *all, struct summary *summary, size_t last)
{
    struct migration *migration = all->repeatables[last];
    if (summary->last == NULL || by_name(&summary->last, &migration) < 0)
        add_member(all->memory, summary, migration);
    else
        add_all(all, summary, last);
    stele_checksum_write(migration->state_sum, "d1", summary->state);
}

void repeatable_sum(struct history *all)
{
    for (size_t i = 0; i < all->repeatable_count; i++)
        sum(all->memory, all->repeatables[i]);
    struct summaries summaries = {0};
    struct summary *summary = NULL;
    if (all->repeatable_count > 0)
        find_heads(all, &summaries);
    for (size_t i = 0; i < all->repeatable_count; i++) {
        summary = find_summary(all->memory, &summaries, all->repeatables[i]->component, summary);
        compute_state(all, summary, i);
    }
}
