/* emit_demand.c - what a migration's statements need of the role that runs them, see emit.h */
#include "emit.h"

#include "literal.h"

/* The statement that begins there; they are looked for from the last one found on, since most demands come in their order. */
static size_t find_statement(const struct migration *migration, uint32_t begin, size_t last)
{
    for (size_t i = 0; i < migration->statement_count; i++) {
        size_t at = (last + i) % migration->statement_count;
        if (migration->statements[at].table.begin == begin)
            return at;
    }
    return migration->statement_count; /* a BEGIN, SET TRANSACTION: no statement of a step */
}

void emit_demands(stele_text *text, const struct migration *migration)
{
    size_t statement = 0;
    if (migration->demand_count == 0)
        return;
    stele_text_string(text, "static const stele_demand ");
    emit_name(text, migration, "demands[] = {\n");
    for (size_t i = 0; i < migration->demand_count; i++) {
        const struct demand *demand = &migration->demands[i];
        statement = find_statement(migration, demand->begin, statement);
        stele_text_print(text, "    {%zu, %s, ", statement, demand_name(demand->kind));
        literal_or_null(text, demand->schema);
        stele_text_string(text, ", ");
        literal_or_null(text, demand->name);
        stele_text_print(text, "}, /* %u */\n", source_line(&migration->source, demand->begin));
    }
    stele_text_string(text, "};\n");
}
