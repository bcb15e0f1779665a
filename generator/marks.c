#include "marks.h"

#include "text.h"

#include <string.h>

/* A word that a mark consists of, and what it means. */
struct meaning {
    const char *word; /* in lower case */
    mark_kind kind;
};

static const struct meaning goose[] = {
    {"up", MARK_UP},
    {"down", MARK_DOWN},
    {"statementbegin", MARK_STATEMENT_BEGIN},
    {"statementend", MARK_STATEMENT_END},
    {"no transaction", MARK_NO_TRANSACTION},
    {"envsub on", MARK_REFERENCES_ON},
    {"envsub off", MARK_REFERENCES_OFF},
    {"envsubst on", MARK_REFERENCES_ON},
    {"envsubst off", MARK_REFERENCES_OFF},
    {NULL, MARK_NONE},
};

static const struct meaning sql_migrate[] = {
    {"Up", MARK_UP},
    {"Down", MARK_DOWN},
    {"StatementBegin", MARK_STATEMENT_BEGIN},
    {"StatementEnd", MARK_STATEMENT_END},
    {NULL, MARK_NONE},
};

/* Where the text is that follows `word` at `at`; 0 when it doesn't stand there. */
static uint32_t behind(const char *text, uint32_t at, uint32_t end, const char *word)
{
    uint32_t length = (uint32_t)strlen(word);
    return end - at >= length && memcmp(text + at, word, length) == 0 ? at + length : 0;
}

static uint32_t pass_space(const char *text, uint32_t at, uint32_t end)
{
    while (at < end && is_space(text[at]))
        at++;
    return at;
}

/* The end of a comment without the blanks there. */
static uint32_t trimmed(const char *text, uint32_t begin, uint32_t end)
{
    while (end > begin && is_space(text[end - 1]))
        end--;
    return end;
}

static bool begins_line(const char *text, uint32_t begin)
{
    return begin == 0 || text[begin - 1] == '\n' || text[begin - 1] == '\r';
}

/* "-- +goose ..."; the word's case doesn't matter. Blanks between two words do: there is one. */
static struct mark read_goose(const char *text, uint32_t begin, uint32_t end)
{
    uint32_t at = behind(text, pass_space(text, begin + 2, end), end, "+goose");
    if (at == 0 || (at < end && !is_space(text[at])))
        return (struct mark){.kind = MARK_NONE};
    at = pass_space(text, at, end);
    for (const struct meaning *meaning = goose; meaning->word != NULL; meaning++)
        if (spells(text + at, end - at, meaning->word))
            return (struct mark){.kind = meaning->kind};
    return (struct mark){.kind = MARK_UNKNOWN};
}

/* Is `word` one of the words from `at` to the end? */
static bool has_word(const char *text, uint32_t at, uint32_t end, const char *word)
{
    uint32_t length = (uint32_t)strlen(word);
    for (at = pass_space(text, at, end); at < end; at = pass_space(text, at, end)) {
        uint32_t begin = at;
        while (at < end && !is_space(text[at]))
            at++;
        if (at - begin == length && memcmp(text + begin, word, length) == 0)
            return true;
    }
    return false;
}

/* "-- migrate:up transaction:false" */
static struct mark read_dbmate(const char *text, uint32_t begin, uint32_t end)
{
    uint32_t at = pass_space(text, begin + 2, end);
    uint32_t up = behind(text, at, end, "migrate:up"), down = behind(text, at, end, "migrate:down");
    at = up > 0 ? up : down;
    if (at == 0 || (at < end && !is_space(text[at])))
        return (struct mark){.kind = MARK_NONE};
    return (struct mark){.kind = up > 0 ? MARK_UP : MARK_DOWN, .no_transaction = has_word(text, at, end, "transaction:false")};
}

/* "-- +migrate Up notransaction", in just these letters. */
static struct mark read_sql_migrate(const char *text, uint32_t begin, uint32_t end)
{
    uint32_t at = behind(text, begin, end, "-- +migrate ");
    if (at == 0)
        return (struct mark){.kind = MARK_NONE};
    at = pass_space(text, at, end);
    for (const struct meaning *meaning = sql_migrate; meaning->word != NULL; meaning++) {
        uint32_t next = behind(text, at, end, meaning->word);
        if (next > 0 && (next == end || is_space(text[next])))
            return (struct mark){.kind = meaning->kind, .no_transaction = has_word(text, next, end, "notransaction")};
    }
    return (struct mark){.kind = MARK_UNKNOWN};
}

static struct mark read_tern(const char *text, uint32_t begin, uint32_t end)
{
    static const char border[] = "---- create above / drop below ----", apart[] = "---- tern: disable-tx ----";
    if (end - begin == sizeof border - 1 && behind(text, begin, end, border) > 0)
        return (struct mark){.kind = MARK_DOWN};
    if (end - begin == sizeof apart - 1 && behind(text, begin, end, apart) > 0)
        return (struct mark){.kind = MARK_NO_TRANSACTION};
    return (struct mark){.kind = MARK_NONE};
}

static struct mark read_drizzle(const char *text, uint32_t begin, uint32_t end)
{
    uint32_t behind_it = behind(text, begin, end, "--> statement-breakpoint");
    return (struct mark){.kind = behind_it > 0 ? MARK_BREAK : MARK_NONE, .length = behind_it > 0 ? behind_it - begin : 0};
}

static struct mark read_sqlx(const char *text, uint32_t begin, uint32_t end)
{
    bool there = begin == 0 && behind(text, 0, end, "-- no-transaction") > 0;
    return (struct mark){.kind = there ? MARK_NO_TRANSACTION : MARK_NONE};
}

static struct mark read_plain(const char *text, uint32_t begin, uint32_t end)
{
    uint32_t at = behind(text, pass_space(text, begin + 2, end), end, "atlas:txmode");
    bool none = at > 0 && has_word(text, at, end, "none");
    return none ? (struct mark){.kind = MARK_NO_TRANSACTION} : read_sqlx(text, begin, end);
}

struct mark mark_read(mark_family family, const char *text, uint32_t begin, uint32_t end)
{
    end = trimmed(text, begin, end);
    if (text[begin] != '-' || (family != MARKS_DRIZZLE && !begins_line(text, begin)))
        return (struct mark){.kind = MARK_NONE};
    switch (family) {
    case MARKS_GOOSE:
        return read_goose(text, begin, end);
    case MARKS_DBMATE:
        return read_dbmate(text, begin, end);
    case MARKS_SQL_MIGRATE:
        return read_sql_migrate(text, begin, end);
    case MARKS_TERN:
        return read_tern(text, begin, end);
    case MARKS_DRIZZLE:
        return read_drizzle(text, begin, end);
    case MARKS_PLAIN:
        return read_plain(text, begin, end);
    case MARKS_SQLX:
        return read_sqlx(text, begin, end);
    case MARKS_NONE:
        break;
    }
    return (struct mark){.kind = MARK_NONE};
}

mark_family mark_family_of(const char *text, uint32_t begin, uint32_t end)
{
    static const mark_family families[] = {MARKS_GOOSE, MARKS_DBMATE, MARKS_SQL_MIGRATE, MARKS_TERN};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        mark_kind kind = mark_read(families[i], text, begin, end).kind;
        if (kind == MARK_UP || kind == MARK_DOWN)
            return families[i];
    }
    return MARKS_NONE;
}

mark_family marks_find(const char *text)
{
    for (uint32_t at = 0; text[at] != '\0';) {
        uint32_t end = at + (uint32_t)strcspn(text + at, "\r\n");
        mark_family family = text[at] == '-' && text[at + 1] == '-' ? mark_family_of(text, at, end) : MARKS_NONE;
        if (family != MARKS_NONE)
            return family;
        at = end + (uint32_t)strspn(text + end, "\r\n");
    }
    uint32_t first = (uint32_t)strcspn(text, "\r\n");
    bool sqlx = first > 0 && mark_read(MARKS_SQLX, text, 0, first).kind == MARK_NO_TRANSACTION;
    return sqlx ? MARKS_SQLX : MARKS_NONE;
}

bool marks_open_parts(mark_family family)
{
    return family == MARKS_GOOSE || family == MARKS_DBMATE || family == MARKS_SQL_MIGRATE;
}

bool marks_forbid_before(mark_family family)
{
    return family == MARKS_GOOSE || family == MARKS_DBMATE;
}

bool marks_repeat(mark_family family)
{
    return family == MARKS_DBMATE || family == MARKS_SQL_MIGRATE;
}

const char *marks_up(mark_family family)
{
    return family == MARKS_GOOSE ? "-- +goose Up" : family == MARKS_DBMATE ? "-- migrate:up" : "-- +migrate Up";
}
