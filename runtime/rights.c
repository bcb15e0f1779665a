#include "rights.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

/* ------------------------------------------------------------ what is planned */

/* All demands of a plan. */
typedef struct claims {
    stele_claim *list, *changes; /* in the order of the plan; those that change something, by name */
    size_t count, change_count;
    size_t wall; /* the order of the first that may change anything; SIZE_MAX for none */
    size_t schema; /* of the first that makes a schema */
} claims;

static bool changes_something(uint32_t kind)
{
    return kind == STELE_MAKES || kind == STELE_CHANGES || kind == STELE_NEEDS_TO_DROP || kind == STELE_NEEDS_TYPE_TO_DROP ||
           kind == STELE_NEEDS_FUNCTION_TO_DROP || kind == STELE_NEEDS_EXTENSION_TO_DROP;
}

/* Is it the demand of a statement that this action runs? */
static bool is_run(const stele_action *action, uint32_t statement)
{
    const stele_step *steps = action->migration->steps + action->part->first_step;
    for (uint32_t i = action->first_step; i < action->part->step_count; i++)
        if (statement >= steps[i].first && statement - steps[i].first < steps[i].count)
            return true;
    return false;
}

static size_t count_demands(const stele_worklist *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->actions[i].part != NULL)
            count += list->actions[i].migration->demand_count + 1;
    return count;
}

static void take_claim(claims *all, const stele_migration *migration, const stele_demand *demand)
{
    const stele_claim claim = {demand, migration, all->count, all->wall != SIZE_MAX};
    if (demand->kind == STELE_CHANGES_ALL && all->wall == SIZE_MAX)
        all->wall = claim.order;
    if (demand->kind == STELE_MAKES_SCHEMA && all->schema == SIZE_MAX)
        all->schema = claim.order;
    if (changes_something(demand->kind))
        all->changes[all->change_count++] = claim;
    all->list[all->count++] = claim;
}

/* Lua may do anything, too. */
static void take_action(claims *all, const stele_action *action)
{
    static const stele_demand lua = {0, STELE_CHANGES_ALL, NULL, "Lua"};
    const stele_migration *migration = action->migration;
    if (migration->lua)
        take_claim(all, migration, &lua);
    for (uint32_t i = 0; i < migration->demand_count; i++)
        if (is_run(action, migration->demands[i].statement))
            take_claim(all, migration, &migration->demands[i]);
}

static int compare_text(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int compare_order(const stele_claim *p, const stele_claim *q)
{
    return (p->order > q->order) - (p->order < q->order);
}

static int by_name(const void *a, const void *b)
{
    const stele_claim *p = a, *q = b;
    int difference = compare_text(p->demand->name, q->demand->name);
    return difference != 0 ? difference : compare_order(p, q);
}

static bool collect(claims *all, const stele_worklist *list, stele_arena *arena)
{
    size_t room = count_demands(list);
    *all = (claims){.wall = SIZE_MAX, .schema = SIZE_MAX};
    all->list = stele_arena_get(arena, room, sizeof *all->list);
    all->changes = stele_arena_get(arena, room, sizeof *all->changes);
    if (all->list == NULL || all->changes == NULL)
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (list->actions[i].part != NULL)
            take_action(all, &list->actions[i]);
    if (all->change_count > 0)
        qsort(all->changes, all->change_count, sizeof *all->changes, by_name);
    return true;
}

/* ------------------------------------------------------------ what can be asked */

static bool may_be_one(const char *a, const char *b)
{
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

/* What the plan last does, before this claim, to something of its name; or NULL. */
static const stele_claim *last_change(const claims *all, const stele_claim *claim)
{
    const stele_claim *last = NULL;
    size_t low = 0, high = all->change_count;
    while (low < high) { /* the first of this name */
        size_t middle = low + (high - low) / 2;
        if (compare_text(all->changes[middle].demand->name, claim->demand->name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < all->change_count; low++) {
        const stele_claim *change = &all->changes[low];
        if (change->order >= claim->order || compare_text(change->demand->name, claim->demand->name) != 0)
            break;
        if (may_be_one(change->demand->schema, claim->demand->schema))
            last = change;
    }
    return last;
}

static uint32_t begin_of(const stele_claim *claim)
{
    return claim->migration->statement_count == 0 ? 0 : claim->migration->statements[claim->demand->statement].begin;
}

bool stele_finding_add(stele_findings *findings, const stele_claim *claim, stele_right right)
{
    if (findings->count == findings->capacity) {
        size_t capacity = findings->capacity == 0 ? 16 : findings->capacity * 2;
        stele_found *list = stele_arena_get(findings->arena, capacity, sizeof *list);
        if (list == NULL)
            return false;
        if (findings->count > 0)
            memcpy(list, findings->list, findings->count * sizeof *list);
        findings->list = list;
        findings->capacity = capacity;
    }
    right.migration = claim->migration;
    right.begin = begin_of(claim);
    findings->list[findings->count++] = (stele_found){right, claim->order};
    findings->missing += right.missing != 0;
    return right.what != NULL && right.why != NULL && right.remedy != NULL;
}

/* A claim that can't be told: a statement of its own, or what it asks of something that the plan changes. Once for a statement. */
static bool add_untold(stele_findings *findings, const stele_claim *claim, const char *why)
{
    const char *name = claim->demand->name == NULL ? "CREATE" : claim->demand->name;
    const stele_right *last = findings->count == 0 ? NULL : &findings->list[findings->count - 1].right;
    if (last != NULL && last->migration == claim->migration && last->begin == begin_of(claim) && strcmp(last->what, name) == 0)
        return true;
    return stele_finding_add(findings, claim, (stele_right){.what = name, .why = why, .remedy = ""});
}

/* Is what this one needs among the claims, as with DROP SCHEMA, of which only what it changes isn't known? */
static bool is_told(const stele_claim *claim)
{
    const stele_claim *before = claim->order == 0 ? NULL : claim - 1;
    return before != NULL && before->migration == claim->migration && before->demand->statement == claim->demand->statement;
}

/* Those behind the wall that nobody can tell of, by themselves. */
static bool add_further(stele_findings *findings, const claims *all)
{
    bool fine = true;
    for (size_t i = all->wall + 1; i < all->count && fine; i++) {
        const stele_claim *claim = &all->list[i];
        if (claim->demand->kind == STELE_NEEDS_UNTOLD || (claim->demand->kind == STELE_CHANGES_ALL && !is_told(claim)))
            fine = add_untold(findings, claim, "what it needs only shows when it runs");
    }
    return fine;
}

/* How much stands behind the wall is said of the statement that is the wall. */
static bool add_wall(stele_findings *findings, const claims *all)
{
    size_t behind = 0;
    for (size_t i = all->wall + 1; i < all->count; i++)
        behind += all->list[i].demand->kind < STELE_MAKES;
    const stele_claim *wall = &all->list[all->wall];
    bool told = is_told(wall);
    if (told && behind == 0) /* DROP SCHEMA: what it needs is known */
        return true;
    const char *why = behind == 0 ? "what it needs only shows when it runs"
                                  : stele_arena_print(findings->arena, "what it %s only shows when it runs; so of what comes behind it, %zu need%s"
                                                      " can't be checked%s", told ? "changes" : "needs, and changes,", behind,
                                                      behind == 1 ? "" : "s", told ? "" : " either");
    return add_untold(findings, wall, why);
}

/* Does it make something where it can't be known that the plan hasn't led search_path to? */
static bool is_led_away(const claims *all, const stele_claim *claim)
{
    return claim->demand->kind == STELE_NEEDS_CREATE && claim->demand->schema == NULL && all->schema < claim->order;
}

/* Those behind the wall may be asked, too, of what nothing changes by name: for whoever wants to see what is missing now. */
static void sift_behind(const claims *all, stele_claim *asked, size_t *count)
{
    for (size_t i = all->wall < all->count ? all->wall + 1 : all->count; i < all->count; i++) {
        const stele_claim *claim = &all->list[i];
        if (claim->demand->kind < STELE_NEEDS_UNTOLD && (claim->demand->name == NULL || last_change(all, claim) == NULL) && !is_led_away(all, claim))
            asked[(*count)++] = *claim;
    }
}

/* Of the claims before the wall, those that can be asked; the others become findings, unless they are met. */
static bool sift(const claims *all, stele_claim *asked, size_t *count, stele_findings *findings)
{
    size_t end = all->wall < all->count ? all->wall : all->count;
    bool fine = true;
    for (size_t i = 0; i < end && fine; i++) {
        const stele_claim *claim = &all->list[i];
        if (claim->demand->kind == STELE_NEEDS_UNTOLD)
            fine = add_untold(findings, claim, "what it needs only shows when it runs");
        if (claim->demand->kind >= STELE_NEEDS_UNTOLD)
            continue;
        const stele_claim *change = claim->demand->name == NULL ? NULL : last_change(all, claim);
        if (is_led_away(all, claim))
            fine = add_untold(findings, claim, "the schema that it makes something in may be one that the plan makes");
        else if (change == NULL)
            asked[(*count)++] = *claim;
        else if (change->demand->kind != STELE_MAKES)
            fine = add_untold(findings, claim, "the plan drops, renames or gives it away before it comes to this statement");
    }
    return fine && (all->wall >= all->count || (add_wall(findings, all) && add_further(findings, all)));
}

/* ------------------------------------------------------------- each need once */

static int by_need(const void *a, const void *b)
{
    const stele_claim *p = a, *q = b;
    int difference = (p->demand->kind > q->demand->kind) - (p->demand->kind < q->demand->kind);
    difference = difference != 0 ? difference : compare_text(p->demand->schema, q->demand->schema);
    difference = difference != 0 ? difference : compare_text(p->demand->name, q->demand->name);
    return difference;
}

static int by_need_and_order(const void *a, const void *b)
{
    int difference = by_need(a, b);
    return difference != 0 ? difference : compare_order(a, b);
}

static int by_order(const void *a, const void *b)
{
    return compare_order(a, b);
}

/* A thousand migrations may need the same: the first of them says where. */
static void make_unique(stele_claim *list, size_t *count)
{
    size_t kept = 0;
    if (*count == 0)
        return;
    qsort(list, *count, sizeof *list, by_need_and_order);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || by_need(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    *count = kept;
    qsort(list, *count, sizeof *list, by_order);
}

/* ------------------------------------------------------------------- the whole */

static int by_place(const void *a, const void *b)
{
    const stele_found *p = a, *q = b;
    return (p->order > q->order) - (p->order < q->order);
}

static stele_status find(stele *handle, const stele_worklist *list, bool all_of_it, stele_findings *findings, stele_error *error)
{
    claims all;
    size_t count = 0;
    if (stele_link_superuser(&handle->link)) /* who may do everything: nothing to ask, nothing to tell */
        return STELE_OK;
    if (!collect(&all, list, findings->arena))
        return stele_error_memory(error);
    stele_claim *asked = stele_arena_get(findings->arena, all.count, sizeof *asked);
    if (asked == NULL || !sift(&all, asked, &count, findings))
        return stele_error_memory(error);
    if (all_of_it)
        sift_behind(&all, asked, &count);
    make_unique(asked, &count);
    stele_status status = count == 0 ? STELE_OK : stele_claims_ask(handle, asked, count, findings, error);
    if (findings->count > 0)
        qsort(findings->list, findings->count, sizeof *findings->list, by_place);
    return status;
}

static const stele_found *next_missing(const stele_findings *findings, const stele_found *found)
{
    for (found = found == NULL ? findings->list : found + 1; found < findings->list + findings->count; found++)
        if (found->right.missing)
            return found;
    return NULL;
}

/* The first as the error, the others as its detail, as far as there is room. */
static stele_status refuse(const stele_findings *findings, stele_error *error)
{
    const stele_found *found = next_missing(findings, NULL);
    const stele_right *first = &found->right;
    stele_text others = {0};
    stele_error_file(error, first->migration);
    stele_error_place(error, first->migration, first->begin);
    stele_error_set(error, STELE_UNMET, "%s", first->why);
    while ((found = next_missing(findings, found)) != NULL) {
        const stele_right *right = &found->right;
        unsigned line;
        const char *file = stele_file_at(right->migration, right->begin, &line);
        stele_text_print(&others, "%s%s (%s:%u)", others.length == 0 ? "" : ", ", right->what, file, line);
    }
    if (others.length > 0 && !others.failed)
        stele_error_detail(error, "nothing was run; %zu other%s missing: %s", findings->missing - 1, findings->missing == 2 ? " is" : "s are",
                           others.bytes);
    stele_error_hint(error, "%s%s", first->remedy, findings->missing > 1 ? "; plan lists all that is missing, and what to run for it" : "");
    stele_text_free(&others);
    return STELE_UNMET;
}

stele_status stele_rights_tell(stele *handle, const stele_worklist *list, int (*each)(void *data, const stele_right *right), void *data,
                               stele_error *error)
{
    stele_arena arena = {0};
    stele_findings findings = {.arena = &arena};
    stele_status status = find(handle, list, each != NULL, &findings, error);
    for (size_t i = 0; status == STELE_OK && each != NULL && i < findings.count; i++)
        if (each(data, &findings.list[i].right) != 0)
            break;
    if (status == STELE_OK && findings.missing > 0)
        status = refuse(&findings, error);
    stele_arena_free(&arena);
    return status;
}
