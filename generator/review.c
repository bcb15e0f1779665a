#include "review.h"

#include "given.h"
#include "warn.h"

/* What a deed is done to; of a trigger, index and such, the table. */
static struct thing *subject(const struct catalog *catalog, const struct deed *deed)
{
    bool on_table = deed->thing == THING_TRIGGER || deed->thing == THING_RULE || deed->thing == THING_POLICY ||
                    (deed->thing == THING_INDEX && deed->kind == DEED_CREATE);
    return catalog_find(catalog, on_table ? THING_TABLE : deed->thing, deed->on);
}

static void review_statement(struct review *review, const struct statement *statement, bool up)
{
    struct migration *migration = review->migration;
    review->statement = statement;
    for (uint32_t i = 0; i < statement->deed_count; i++) {
        struct deed *deed = &migration->deeds[statement->first_deed + i];
        effect_derive(review->catalog, deed);
        if (!up)
            continue;
        review->deed = deed;
        review->thing = subject(review->catalog, deed);
        warn_of_deed(review);
        catalog_apply(review->catalog, deed);
    }
    review->deed = NULL;
    review->thing = NULL;
}

/* One INSERT of many rows in as many statements: they are one deed (deed.c), which is looked at once. */
static bool is_looked_at(const struct migration *migration, size_t i)
{
    const struct statement *statement = &migration->statements[i];
    return i > 0 && statement->deed_count > 0 && statement[-1].deed_count > 0 && statement[-1].part == statement->part &&
           statement[-1].first_deed == statement->first_deed;
}

static void review_part(struct review *review, part_kind part)
{
    const struct migration *migration = review->migration;
    for (size_t i = 0; i < migration->statement_count; i++)
        if (migration->statements[i].part == part && !is_looked_at(migration, i))
            review_statement(review, &migration->statements[i], part == PART_UP);
    review->statement = NULL;
}

/* What the table tells of the migration. */
static void sum_up(struct review *review)
{
    struct migration *migration = review->migration;
    demands_settle(review->memory, migration);
    for (size_t i = 0; i < migration->statement_count; i++) {
        if (migration->statements[i].part == PART_VERIFY)
            continue;
        sums_take(&review->sums, review->memory, migration, &migration->statements[i]);
        for (size_t j = 0; j < review->sums.count; j++)
            migration->effect_count += sum_is_notable(&review->sums.list[j]);
    }
    migration->flags |= (effect_contracts(migration) ? STELE_CONTRACTS : 0u) | (effect_is_opaque(migration) ? STELE_OPAQUE : 0u);
}

struct catalog *review(struct history *all, const struct warn_options *options)
{
    struct review review = {.memory = all->memory, .all = all, .options = options, .catalog = catalog_start(all->memory)};
    for (size_t i = 0; i < history_size(all); i++) {
        review.migration = history_at(all, i);
        given_apply(review.catalog, review.migration);
        catalog_begin(review.catalog, review.migration);
        review_part(&review, PART_UP);
        warn_of_migration(&review);
        catalog_begin(review.catalog, NULL); /* the way back comes later: nothing is new by then */
        review_part(&review, PART_DOWN);
        sum_up(&review);
    }
    review.migration = NULL;
    warn_of_history(&review);
    return review.catalog;
}
