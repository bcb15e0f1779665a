#include "place.h"

#include <string.h>

#include "error.h"

/* "COPY t, line 12, column a: ...": the data line that the server means. Its words may be in another language. */
static unsigned copy_line(const char *context)
{
    const char *p = strstr(context, "COPY ");
    unsigned line = 0;
    if (p == NULL || (p = strchr(p, ',')) == NULL)
        return 0;
    while (*p != '\0' && *p != '\n' && (*p < '0' || *p > '9'))
        p++;
    for (; *p >= '0' && *p <= '9'; p++)
        line = line * 10 + (unsigned)(*p - '0');
    return line;
}

/* Where in a data line the value stands that the server quotes in its context; the line's begin if it doesn't. */
static size_t copy_field(const char *context, const char *data, size_t length)
{
    const char *quote = strstr(context, ": \"");
    size_t end = quote == NULL ? 0 : strcspn(quote + 3, "\"\n");
    for (size_t i = 0; end > 0 && i + end <= length; i++)
        if ((i == 0 || data[i - 1] == '\t') && memcmp(data + i, quote + 3, end) == 0)
            return i;
    return 0;
}

static size_t place_in_copy(const stele_migration *migration, const stele_statement *statement, const char *context)
{
    unsigned line = copy_line(context);
    size_t at = statement->data_begin;
    if (line == 0)
        return statement->begin;
    for (; line > 1 && at < statement->data_end; at++)
        line -= migration->text[at] == '\n';
    size_t length = 0;
    while (at + length < statement->data_end && migration->text[at + length] != '\n')
        length++;
    return at + copy_field(context, migration->text + at, length);
}

void stele_place_failure(stele_error *error, const stele_values *values, const stele_migrations *table,
                         const stele_migration *migration, const stele_statement *statement, unsigned position)
{
    size_t offset = statement->begin;
    if (position != 0)
        offset = stele_render_origin(values, table, migration, statement, position);
    else if (statement->kind == STELE_COPY && error != NULL)
        offset = place_in_copy(migration, statement, error->context);
    stele_error_place(error, migration, offset);
}
