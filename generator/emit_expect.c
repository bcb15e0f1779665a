/* emit_expect.c - what is expected of statements, see emit.h */
#include "emit.h"

#include "literal.h"

#include <string.h>

/* A stretch of the text as two fields of an initializer; nothing where there is none. */
static void put_stretch(stele_text *text, const char *field, uint32_t begin, uint32_t end)
{
    if (end != 0)
        stele_text_print(text, ", .%s_begin = %u, .%s_end = %u", field, begin, field, end);
}

void emit_expectations(stele_text *text, const struct migration *migration)
{
    static const char *const comparisons[] = {"STELE_ROWS_EQUAL", "STELE_ROWS_AT_LEAST", "STELE_ROWS_AT_MOST",
                                              "STELE_ROWS_MORE", "STELE_ROWS_LESS", "STELE_ROWS_OTHER"};
    enum { COMMENT_WIDTH = 60 };
    if (migration->expectation_count == 0)
        return;
    stele_text_string(text, "static const stele_expectation ");
    emit_name(text, migration, "expectations[] = {\n");
    for (size_t i = 0; i < migration->expectation_count; i++) {
        const struct stele_expectation *expectation = &migration->expectations[i];
        const char *words = migration->source.text + expectation->begin;
        stele_text_print(text, "    {.statement = %u, .comparison = %s", expectation->statement, comparisons[expectation->comparison]);
        if (expectation->query_end == 0)
            stele_text_print(text, ", .rows = %lld", (long long)expectation->rows);
        put_stretch(text, "query", expectation->query_begin, expectation->query_end);
        put_stretch(text, "table", expectation->table_begin, expectation->table_end);
        stele_text_string(text, expectation->unless_empty ? ", .unless_empty = 1" : "");
        stele_text_string(text, expectation->only ? ", .only = 1" : "");
        stele_text_print(text, ", .begin = %u", expectation->begin);
        stele_text_string(text, ", .what = ");
        literal_or_null(text, expectation->what);
        stele_text_print(text, "}, /* %u: ", source_line(&migration->source, expectation->begin));
        literal_comment(text, words, strcspn(words, "\r\n"), COMMENT_WIDTH);
        stele_text_string(text, " */\n");
    }
    stele_text_string(text, "};\n");
}
