/*
 * expect.h - `-- stele: expect rows ...`: how many rows the next statement must affect
 *
 * directive.c finds its words, split.c its query and its statement, parse.c the trees of both.
 */
#ifndef STELEC_EXPECT_H
#define STELEC_EXPECT_H

#include "migration.h"
#include "text.h"

#define EXPECT_GRAMMAR "expect rows OP N|(SELECT ...) [if table not empty], where OP is one of = >= <= > < <>"

/* In the text of a directive, text[at..end): where the query of an expect begins, its parenthesis. 0 for none, and for other directives. */
uint32_t expect_find_query(const char *text, uint32_t at, uint32_t end);

/*
 * Take the directive's words: all of them, or those before its query, whose parenthesis stands at `query`; 0 for none. A new
 * expectation is the migration's last then. False when they don't fit.
 */
bool expect_take_words(struct migration *migration, struct memory *memory, const struct word *words, size_t count, uint32_t query);

/* The words behind a query. */
bool expect_take_tail(stele_expectation *expectation, const struct word *words, size_t count);

/* Does the grammar call this a SELECT that gives something back? `tree` as for derive. */
bool expect_is_query(const void *tree);

/*
 * Look at the statement that expectations are about: whether it affects rows, and which table's. `tree` and `base` as for
 * uses_note.
 */
void expect_note(struct history *history, struct migration *migration, const struct statement *statement, const void *tree,
                 uint32_t base);

/* The same for a statement without a tree: what it affects only the server knows. */
void expect_note_unparsed(struct history *history, struct migration *migration, const struct statement *statement);

/* Once the statements are those of the generated table: tell each expectation the number of its statement. */
void expect_number(struct migration *migration);

#endif
