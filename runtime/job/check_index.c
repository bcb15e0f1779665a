/*
 * check_index.c - can the script's index be built? It is, behind the load, after hours or days, so a method or an operator class that isn't there is looked for before
 *
 * Only what stands before the first comma within the parentheses is looked at, and of an expression not its type: the rest is for CREATE INDEX to say.
 */
#include <stdio.h>
#include <string.h>

#include "../error.h"
#include "../nearest.h"
#include "after.h"
#include "relation.h"

enum { NAME = 64 };

typedef struct definition {
    char method[NAME], column[NAME], class[NAME]; /* "" where it names none, or an expression */
} definition;

/* ----------------------------------------------------------------- what it says */

static bool in_name(char c)
{
    return c == '_' || c == '$' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/* Behind the name that begins here, which is put into `name` as the catalog has it; `p` itself where there is none. */
static const char *take_name(const char *p, char name[NAME])
{
    size_t length = 0;
    bool quoted = *p == '"';
    name[0] = '\0';
    for (p += quoted; quoted ? *p != '\0' && (*p != '"' || p[1] == '"') : in_name(*p); p++) {
        p += quoted && *p == '"';
        if (length < NAME - 1)
            name[length++] = !quoted && *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    }
    name[length] = '\0';
    return p + (quoted && *p == '"');
}

/* Of "schema.name" the last part. */
static const char *take_path(const char *p, char name[NAME])
{
    for (p = take_name(p, name); *p == '.';)
        p = take_name(p + 1, name);
    return p;
}

static const char *skip_parentheses(const char *p)
{
    int depth = 0;
    for (; *p != '\0'; p++) {
        depth += (*p == '(') - (*p == ')');
        if (depth == 0 && *p == ')')
            return p + 1;
    }
    return p;
}

/* False: it doesn't begin as USING method (...). */
static bool read_definition(const char *p, definition *d)
{
    char word[NAME];
    memset(d, 0, sizeof *d);
    p = take_name(skip_blanks(p), word);
    if (strcmp(word, "using") != 0)
        return false;
    p = skip_blanks(take_name(skip_blanks(p), d->method));
    if (*p != '(')
        return false;
    p = skip_blanks(p + 1);
    if (*p != '(')
        p = take_name(p, d->column);
    if (*p == '(') { /* an expression, or a function */
        d->column[0] = '\0';
        p = skip_parentheses(p);
    }
    p = take_path(skip_blanks(p), d->class);
    if (strcmp(d->class, "asc") == 0 || strcmp(d->class, "desc") == 0 || strcmp(d->class, "nulls") == 0 || strcmp(d->class, "collate") == 0)
        d->class[0] = '\0';
    return d->method[0] != '\0' && (strchr(",)", *skip_blanks(p)) != NULL || d->class[0] != '\0');
}

/* --------------------------------------------------------- what the server has */

enum { METHODS, THERE, CLASS_TYPES, FITS, COLUMN_TYPE_NAME, CLASSES, DEFAULTS, COLUMNS };

/* $1 the table, $2 the method, $3 the operator class, $4 the column. Lists have 037 between. */
static const char sql[] =
    "WITH col AS (SELECT CASE WHEN t.typtype OPERATOR(pg_catalog.=) 'd' THEN t.typbasetype ELSE t.oid END AS type FROM pg_catalog.pg_attribute AS a"
    " JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) a.atttypid WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attname OPERATOR(pg_catalog.=) $4"
    " AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped),"
    " o AS (SELECT c.opcname, c.opcintype, c.opcdefault FROM pg_catalog.pg_opclass AS c JOIN pg_catalog.pg_am AS m ON m.oid OPERATOR(pg_catalog.=) c.opcmethod WHERE m.amname OPERATOR(pg_catalog.=) $2)"
    " SELECT (SELECT pg_catalog.string_agg(m.amname, E'\\037') FROM pg_catalog.pg_am AS m WHERE m.amtype OPERATOR(pg_catalog.=) 'i'),"
    " EXISTS (SELECT FROM pg_catalog.pg_am AS m WHERE m.amname OPERATOR(pg_catalog.=) $2),"
    " (SELECT pg_catalog.string_agg(pg_catalog.format_type(o.opcintype, NULL), ', ') FROM o WHERE o.opcname OPERATOR(pg_catalog.=) $3),"
    " EXISTS (SELECT FROM o JOIN col ON col.type OPERATOR(pg_catalog.=) o.opcintype WHERE o.opcname OPERATOR(pg_catalog.=) $3),"
    " (SELECT pg_catalog.format_type(col.type, NULL) FROM col),"
    " (SELECT pg_catalog.string_agg(o.opcname, E'\\037' ORDER BY o.opcname) FROM o JOIN col ON col.type OPERATOR(pg_catalog.=) o.opcintype),"
    " EXISTS (SELECT FROM o JOIN col ON col.type OPERATOR(pg_catalog.=) o.opcintype WHERE o.opcdefault),"
    " (SELECT pg_catalog.string_agg(a.attname, E'\\037') FROM pg_catalog.pg_attribute AS a WHERE a.attrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attnum OPERATOR(pg_catalog.>) 0"
    " AND NOT a.attisdropped)";

/* "; did you mean \"x\"?", of a list; or "". */
static void put_nearest(char *out, size_t size, const char *name, const char *list)
{
    char copy[4000], *next;
    stele_nearest nearest = {.name = name};
    out[0] = '\0';
    snprintf(copy, sizeof copy, "%s", list == NULL ? "" : list);
    for (char *one = copy; one != NULL; one = next) {
        if ((next = strchr(one, '\037')) != NULL)
            *next++ = '\0';
        stele_nearest_offer(&nearest, one);
    }
    if (nearest.best != NULL)
        snprintf(out, size, "; did you mean \"%s\"?", nearest.best);
}

static void put_classes(char *out, size_t size, const definition *d, const stele_rows *rows)
{
    const char *type = stele_rows_text(rows, 0, COLUMN_TYPE_NAME), *classes = stele_rows_text(rows, 0, CLASSES);
    if (type == NULL)
        out[0] = '\0';
    else if (classes == NULL)
        snprintf(out, size, "%s has no operator class for the type %s", d->method, type);
    else
        snprintf(out, size, "for the type %s %s has %s", type, d->method, classes);
    for (char *p = out; *p != '\0'; p++)
        if (*p == '\037')
            *p = ' ';
}

static stele_status judge(const stele_job *job, const definition *d, const stele_rows *rows, stele_error *error)
{
    char message[400], hint[400], near[100];
    const char *type = stele_rows_text(rows, 0, COLUMN_TYPE_NAME), *types = stele_rows_text(rows, 0, CLASS_TYPES);
    put_classes(hint, sizeof hint, d, rows);
    if (!stele_rows_true(rows, 0, THERE)) {
        put_nearest(near, sizeof near, d->method, stele_rows_text(rows, 0, METHODS));
        return REFUSE("hnsw and ivfflat come with CREATE EXTENSION vector", "the index can't be built: there is no index method \"%s\"%s", d->method, near);
    }
    if (d->column[0] != '\0' && type == NULL) {
        put_nearest(near, sizeof near, d->column, stele_rows_text(rows, 0, COLUMNS));
        return REFUSE("", "the index can't be built: the table %s has no column \"%s\"%s", job->spec->into != NULL ? job->spec->into : job->spec->table, d->column, near);
    }
    if (d->class[0] != '\0' && types == NULL) {
        put_nearest(near, sizeof near, d->class, stele_rows_text(rows, 0, CLASSES));
        return REFUSE(hint, "the index can't be built: %s has no operator class \"%s\"%s", d->method, d->class, near);
    }
    if (type != NULL && d->class[0] != '\0' && !stele_rows_true(rows, 0, FITS))
        return REFUSE(hint, "the index can't be built: the operator class \"%s\" is for %s, and the column \"%s\" of the type %s", d->class, types, d->column, type);
    if (type != NULL && d->class[0] == '\0' && !stele_rows_true(rows, 0, DEFAULTS))
        return REFUSE(hint, "the index can't be built: %s has no default operator class for the type %s, so one has to be named", d->method, type);
    return STELE_OK;
}

stele_status stele_job_check_index(stele_job *job, const stele_job_shape *shape, stele_error *error)
{
    definition d;
    char into[16];
    const char *values[] = {into, d.method, d.class, d.column};
    stele_rows *rows = NULL;
    if (job->spec->kind != STELE_JOB_EMBEDS || job->spec->index == NULL || !read_definition(job->spec->index, &d))
        return STELE_OK;
    snprintf(into, sizeof into, "%u", shape->into_oid);
    stele_status status = stele_link_query(&job->handle->link, sql, 4, values, &rows, error);
    if (status == STELE_OK)
        status = stele_relation_place(job, "index", NULL, judge(job, &d, rows, error), error);
    stele_rows_free(rows);
    return status;
}
