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

static void sum(struct memory *memory, struct migration *migration)
{
    stele_source_member *members = memory_get(memory, migration->after_count, sizeof *members);
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < migration->after_count; i++) {
        const struct migration *on = migration->after[i].on;
        if (on != NULL && on->repeatable)
            members[count++] = (stele_source_member){member_name(memory, migration, on), on->source_sum, strlen(on->source_sum)};
    }
    if (count > 0)
        qsort(members, count, sizeof *members, by_member);
    for (size_t i = 0; i < count; i++) /* named twice is named once */
        if (kept == 0 || strcmp(members[kept - 1].name, members[i].name) != 0)
            members[kept++] = members[i];
    if (!stele_source_checksum_of(migration->source_sum, migration->source.text, migration->source.length, members, kept))
        memory_exhausted(memory);
}

/* The state of the last versioned migration of a component, whatever its place; the empty one where there is none. */
static void start_state(const struct history *all, const char *component, uint8_t state[STELE_DIGEST_SIZE])
{
    const struct migration *head = NULL;
    for (size_t i = 0; i < all->count; i++) {
        const struct migration *other = all->migrations[i];
        if (strcmp(other->component, component) == 0 &&
            (head == NULL || stele_version_compare(other->version, head->version) > 0))
            head = other;
    }
    if (head == NULL ? !stele_state_start(state, component) : !stele_checksum_read(head->state_sum, "d1", state))
        memory_exhausted(all->memory);
}

/*
 * The digest of all versioned ones of the component and of the repeatables up to `last` in the order of application. A
 * digest takes its members in by name, whatever the order in which they came: so the first `last` are sorted.
 */
static void compute_state(const struct history *all, size_t last)
{
    struct migration *migration = all->repeatables[last];
    struct migration **members = memory_get(all->memory, last + 1, sizeof *members);
    uint8_t state[STELE_DIGEST_SIZE];
    size_t count = 0;
    for (size_t i = 0; i <= last; i++)
        if (strcmp(all->repeatables[i]->component, migration->component) == 0)
            members[count++] = all->repeatables[i];
    qsort(members, count, sizeof *members, by_name);
    start_state(all, migration->component, state);
    for (size_t i = 0; i < count; i++)
        if (!stele_state_add(state, members[i]->version, members[i]->name, members[i]->source_sum))
            memory_exhausted(all->memory);
    stele_checksum_write(migration->state_sum, "d1", state);
}

void repeatable_sum(struct history *all)
{
    for (size_t i = 0; i < all->repeatable_count; i++)
        sum(all->memory, all->repeatables[i]);
    for (size_t i = 0; i < all->repeatable_count; i++)
        compute_state(all, i);
}
