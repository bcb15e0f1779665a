/* warn_place.c - what the rules ask about the place where the walk stands, see warn.h */
#include "warn.h"

#include "lexer.h"
#include "text.h"

#include <string.h>

/* ------------------------------------------------------------------- names */

const char *warn_kind(thing_kind kind)
{
    static const char *const names[] = {"table",     "foreign table", "view",   "materialized view", "sequence", "index", "type",
                                        "type",      "function",      "schema", "extension",         "trigger",  "rule",  "policy",
                                        "constraint"};
    return names[kind];
}

static bool is_plain(const char *name)
{
    bool begins = (*name >= 'a' && *name <= 'z') || *name == '_';
    for (; *name != '\0'; name++)
        if (!(*name >= 'a' && *name <= 'z') && !is_digit(*name) && *name != '_')
            return false;
    return begins;
}

const char *warn_spell_name(const struct review *review, const char *name)
{
    return is_plain(name) ? name : quote_name(review->memory, NULL, name);
}

const char *warn_spell(const struct review *review, struct object object)
{
    if (object.schema == NULL)
        return warn_spell_name(review, object.name);
    return memory_print(review->memory, "%s.%s", warn_spell_name(review, object.schema), warn_spell_name(review, object.name));
}

const char *warn_spell_columns(const struct review *review)
{
    const struct deed *deed = review->deed;
    const char *text = "";
    for (uint32_t i = 0; i < deed->column_count; i++) {
        if (deed->columns[i] == NULL)
            return "...";
        text = memory_print(review->memory, "%s%s%s", text, i == 0 ? "" : ", ", warn_spell_name(review, deed->columns[i]));
    }
    return deed->column_count == 0 ? "..." : text;
}

bool warn_is_same(struct object a, struct object b)
{
    if (a.name == NULL || b.name == NULL || strcmp(a.name, b.name) != 0)
        return false;
    return a.schema == NULL || b.schema == NULL || strcmp(a.schema, b.schema) == 0;
}

/* ------------------------------------------------------------- other deeds */

/* What belongs together stands near; generated files have tens of thousands of statements. */
enum { NEAR = 500 };

const struct deed *warn_near_first(const struct review *review)
{
    const struct migration *migration = review->migration;
    size_t at = (size_t)(review->statement - migration->statements), first = at > NEAR ? at - NEAR : 0;
    while (migration->statements[first].part != PART_UP)
        first++;
    return migration->deeds + migration->statements[first].first_deed;
}

const struct deed *warn_near_end(const struct review *review)
{
    const struct migration *migration = review->migration;
    size_t end = (size_t)(review->statement - migration->statements);
    for (int i = 0; i < NEAR && end + 1 < migration->statement_count && migration->statements[end + 1].part == PART_UP; i++)
        end++;
    return migration->deeds + migration->statements[end].first_deed + migration->statements[end].deed_count;
}

const struct deed *warn_later(const struct review *review, deed_kind kind, struct object on)
{
    const struct deed *end = warn_near_end(review);
    for (const struct deed *deed = review->deed + 1; deed < end; deed++)
        if (deed->kind == kind && warn_is_same(deed->on, on))
            return deed;
    return NULL;
}

const struct deed *warn_earlier(const struct review *review, deed_kind kind, struct object on)
{
    const struct deed *first = warn_near_first(review);
    for (const struct deed *deed = review->deed; deed > first; deed--)
        if (deed[-1].kind == kind && warn_is_same(deed[-1].on, on))
            return deed - 1;
    return NULL;
}

/* The index of the step that the statement with this deed is in. Statements, deeds and steps have one order. */
static size_t step_of(const struct migration *migration, const struct deed *deed)
{
    size_t index = (size_t)(deed - migration->deeds), low = 0, high = migration->statement_count;
    while (low < high) { /* the first statement that ends behind the deed */
        size_t middle = low + (high - low) / 2;
        if (migration->statements[middle].first_deed + migration->statements[middle].deed_count > index)
            high = middle;
        else
            low = middle + 1;
    }
    size_t statement = low;
    for (low = 0, high = migration->step_count; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (migration->steps[middle].first + migration->steps[middle].count > statement)
            high = middle;
        else
            low = middle + 1;
    }
    return low < migration->step_count && statement >= migration->steps[low].first ? low : SIZE_MAX;
}

bool warn_is_one_transaction(const struct review *review, const struct deed *before)
{
    const struct migration *migration = review->migration;
    size_t step = step_of(migration, before);
    return step != SIZE_MAX && step == step_of(migration, review->deed) && !migration->steps[step].alone;
}

/* ------------------------------------------------------------------ in use */

/* Has the migration thrown all rows away, and put none in since? */
static bool is_emptied(const struct review *review)
{
    const struct deed *first = warn_near_first(review);
    for (const struct deed *deed = review->deed; deed > first; deed--) {
        const struct deed *before = deed - 1;
        if (!warn_is_same(before->on, review->deed->on))
            continue;
        if (before->kind == DEED_INSERT)
            return false;
        if (before->kind == DEED_TRUNCATE || (before->kind == DEED_DELETE && !(before->flags & DEED_WHERE)))
            return true;
    }
    return false;
}

bool warn_is_in_use(const struct review *review)
{
    const struct deed *deed = review->deed;
    const struct thing *thing = review->thing;
    if (deed->effects & EFFECT_FRESH || deed->flags & DEED_OPEN || deed->on.name == NULL)
        return false;
    if (thing != NULL && catalog_is_absent(review->catalog, thing->kind, &thing->state))
        return false;
    const struct column *column = deed->kind == DEED_ADD_COLUMN ? NULL : catalog_column(thing, deed->part);
    if (column != NULL && catalog_lacks(review->catalog, thing, THING_TABLE, &column->state)) /* absent.c tells that */
        return false;
    return (thing == NULL || thing->kind == THING_TABLE) && !is_emptied(review);
}

bool warn_is_there(const struct review *review)
{
    const struct deed *deed = review->deed;
    if (!(deed->flags & DEED_IF))
        return false;
    if (deed->thing == THING_INDEX)
        return catalog_is_present(catalog_find(review->catalog, THING_INDEX, deed->other));
    const struct column *column = catalog_column(review->thing, deed->part);
    return deed->kind == DEED_ADD_COLUMN && column != NULL && column->state.presence == PRESENCE_PRESENT;
}

/* ------------------------------------------------------------------- fixes */

void warn_fix_behind(struct review *review, const char *key_word, const char *words)
{
    const struct statement *statement = review->statement;
    struct lexer lexer;
    lexer_start(&lexer, review->memory, NULL, review->migration->source.text, statement->table.end);
    lexer.at = statement->table.begin;
    lexer.conforming = true; /* no string stands before the words that are looked for */
    struct token token = lexer_next_solid(&lexer);
    while (token.kind != TOKEN_END && token.kind != TOKEN_BROKEN && !token_is(&lexer, token, key_word))
        token = lexer_next_solid(&lexer);
    if (token.kind == TOKEN_WORD)
        diag_fix(review->all->diag, token.end, token.end, " %s", words);
}

void warn_fix_at_end(struct review *review, const char *words)
{
    const struct statement *statement = review->statement;
    const struct migration *migration = review->migration;
    const struct deed *end = migration->deeds + statement->first_deed + statement->deed_count;
    const struct deed *last = review->deed + 1;
    while (last < end && last->kind == DEED_REFERRED)
        last++;
    if (last == end)
        diag_fix(review->all->diag, statement->table.end, statement->table.end, " %s", words);
}
