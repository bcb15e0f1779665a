/* split_marks.c - the marks of other tools, and the parts that they begin, see splitter.h and marks.h */
#include "splitter.h"

const char *const split_second_part[PART_COUNT] = {"a second \"up\" part", "a second \"down\" part", "a second \"verify\" part"};

void split_change_part(struct splitter *splitter, part_kind part, uint32_t end, uint32_t begin)
{
    struct migration *migration = splitter->migration;
    split_check_expectations(splitter);
    migration->parts[splitter->part].end = end;
    splitter->part = part;
    conform_start(&splitter->conform); /* it runs at another time, with settings put back */
    splitter->lexer.conforming = splitter->conform.now;
    if (!migration->has_part[part])
        migration->parts[part].begin = begin;
    migration->has_part[part] = true;
}

void split_end_statement(struct splitter *splitter, uint32_t begin, uint32_t end)
{
    if (splitter->open)
        add_blank(splitter, begin, end, ';');
    split_close_statement(splitter, begin);
}

/* "-- +goose Up", "-- migrate:down" and their like. */
static void take_part_mark(struct splitter *splitter, struct token token, struct mark mark)
{
    struct migration *migration = splitter->migration;
    mark_family family = splitter->layout->marks;
    part_kind part = mark.kind == MARK_UP ? PART_UP : PART_DOWN;
    bool first_up = part == PART_UP && splitter->outside && !migration->has_part[PART_DOWN];
    split_end_statement(splitter, token.begin, token.end);
    if (part == PART_DOWN && splitter->outside && marks_forbid_before(family)) {
        complain(splitter, token.begin, memory_print(splitter->memory, "no \"%s\" before this", marks_up(family)));
        splitter->told_outside = true;
    } else if (migration->has_part[part] && !first_up && !marks_repeat(family)) {
        complain(splitter, token.begin, split_second_part[part]);
    }
    splitter->outside = false;
    migration->no_transaction[part] |= mark.no_transaction;
    split_change_part(splitter, part, source_line_begin(&migration->source, token.begin), next_line(splitter, token.begin));
    if (!first_up) /* so that the tokens are those of stele's own layout */
        stele_digest_text(&splitter->digest, part == PART_DOWN ? "-- stele: down" : "-- stele: up");
}

static void take_statement_mark(struct splitter *splitter, struct token token, mark_kind kind)
{
    bool begins = kind == MARK_STATEMENT_BEGIN, inside = splitter->block_at != UINT32_MAX;
    if (begins == inside)
        complain(splitter, token.begin, begins ? "\"StatementBegin\" inside another one" : "\"StatementEnd\" without \"StatementBegin\"");
    split_end_statement(splitter, token.begin, token.end);
    splitter->block_at = begins ? token.begin : UINT32_MAX;
}

bool split_take_mark(struct splitter *splitter, struct token token)
{
    const char *text = splitter->lexer.text + splitter->file_begin;
    struct mark mark = mark_read(splitter->layout->marks, text, token.begin - splitter->file_begin,
                                 token.end - splitter->file_begin);
    switch (mark.kind) {
    case MARK_NONE:
        return false;
    case MARK_UP:
    case MARK_DOWN:
        take_part_mark(splitter, token, mark);
        break;
    case MARK_STATEMENT_BEGIN:
    case MARK_STATEMENT_END:
        take_statement_mark(splitter, token, mark.kind);
        break;
    case MARK_NO_TRANSACTION:
        for (int part = 0; part < PART_COUNT; part++)
            splitter->migration->no_transaction[part] |= !splitter->whole_part || part == (int)splitter->part;
        break;
    case MARK_REFERENCES_ON:
    case MARK_REFERENCES_OFF:
        splitter->lexer.demanding = mark.kind == MARK_REFERENCES_ON;
        break;
    case MARK_BREAK: /* what follows on its line is SQL again, for the grammar too */
        add_blank(splitter, token.begin, token.begin + mark.length, splitter->open ? ';' : ' ');
        split_close_statement(splitter, token.begin);
        splitter->lexer.at = token.begin + mark.length;
        break;
    case MARK_UNKNOWN:
        diag_warning(splitter->diag, &splitter->migration->source, token.begin, "a mark that %s doesn't have", splitter->layout->name);
        break;
    }
    return true;
}

void split_tell_outside(struct splitter *splitter, uint32_t at)
{
    const char *up = marks_up(splitter->layout->marks);
    splitter->told_outside = true;
    if (marks_forbid_before(splitter->layout->marks)) {
        complain(splitter, at, memory_print(splitter->memory, "a statement before \"%s\"", up));
    } else {
        diag_warning(splitter->diag, &splitter->migration->source, at, "what stands before \"%s\" is left out", up);
        diag_hint(splitter->diag, "%s leaves it out, too", splitter->layout->name);
    }
}

void split_refuse_stranger(struct splitter *splitter, const struct stranger *stranger)
{
    const char *text = splitter->lexer.text + stranger->begin + 2;
    int length = (int)(stranger->end - stranger->begin) - 3;
    char *name = memory_copy(splitter->memory, text, (size_t)length);
    if (splitter->layout->form_of_references == REFERENCE_BRACES) /* goose's ${NAME:-default} */
        name[strcspn(name, ":")] = '\0';
    for (char *p = name; *p != '\0'; p++)
        if (strchr(".-:", *p) != NULL)
            *p = '_';
    complain(splitter, stranger->begin, memory_print(splitter->memory, "placeholder \"${%.*s}\" is not declared", length, text));
    diag_hint(splitter->diag, "declare it in stele.conf: parameter %s identifier|literal|integer|raw build VALUE, or run%s", name,
              splitter->layout->marks == MARKS_GOOSE ? "" : "; where nothing is to be replaced: placeholders off");
}
