/* warn_expect.c - an expectation that a new database can't meet, see warn.h */
#include "warn.h"

/* Is no row too few? */
static bool wants_rows(const stele_expectation *expectation)
{
    if (expectation->query_end != 0 || expectation->unless_empty)
        return false;
    switch (expectation->comparison) {
    case STELE_ROWS_EQUAL:
    case STELE_ROWS_AT_LEAST:
        return expectation->rows > 0;
    case STELE_ROWS_MORE:
        return expectation->rows >= 0;
    case STELE_ROWS_OTHER:
        return expectation->rows == 0;
    default:
        return false;
    }
}

/* Has this history made the table, and, as far as can be seen, put nothing into it? Rows of a partition or a child are the table's, too. */
static bool is_surely_empty(const struct review *review)
{
    const struct thing *table = review->thing;
    if (!catalog_is_present(table) || table->kind != THING_TABLE || table->state.made.migration == NULL || table->filled.migration != NULL ||
        table->partitioned || review->catalog->opaque || (table->deed != NULL && table->deed->flags & DEED_IF))
        return false;
    for (const struct dependent *at = table->dependents; at != NULL; at = at->next)
        if (at->thing->kind == THING_TABLE)
            return false;
    return true;
}

void rule_expect_empty(struct review *review)
{
    const struct deed *deed = review->deed;
    const struct statement *statement = review->statement;
    if ((deed->kind != DEED_UPDATE && deed->kind != DEED_DELETE) || deed->flags & (DEED_IN_QUERY | DEED_OPEN) ||
        statement->expectation_count == 0 || !is_surely_empty(review))
        return;
    for (size_t i = 0; i < statement->expectation_count; i++) {
        const stele_expectation *expectation = &review->migration->expectations[statement->first_expectation + i];
        if (!wants_rows(expectation) ||
            !warn_at(review, "expect-empty", review->migration, expectation->begin, "in a new database \"%s\" is empty, and the expectation is not met",
                     deed->on.name))
            continue;
        diag_note(review->all->diag, "\"%s\" makes the table, and nothing up to here puts a row into it: an installation from nothing stops here",
                  review->thing->state.made.migration->source.name);
        diag_hint(review->all->diag, "say it of tables with rows only, with \"if table not empty\" behind the number");
    }
}
