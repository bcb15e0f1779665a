/*
 * script.h - a job's Lua: its outer level, run once, gives the spec; its functions are called a row at a time
 *
 * The sandbox is that of Lua migrations without `db`, and with what STELE_LUA_JOB_GLOBALS lists: a job computes, and reaches nothing. Built with -DSTELE_NO_LUA
 * it only says so.
 */
#ifndef STELE_JOB_SCRIPT_H
#define STELE_JOB_SCRIPT_H

#include "../handle.h"
#include "spec.h"

typedef struct stele_script stele_script;

/*
 * Run the file's outer level, which returns a table, and check what that says: every unknown key, missing key and wrong type is an error with its line where one is known. `print` is told
 * what print was given; may be NULL. Returns OK, FAILED, UNMET (without Lua). Doesn't talk to the server, but for looking up types when rows come.
 */
stele_status stele_script_open(stele_script **script, stele *handle, const stele_migration *file, void (*print)(void *data, const char *line), void *data,
                               stele_error *error);
void stele_script_close(stele_script *script);

const stele_job_spec *stele_script_spec(const stele_script *script);

/*
 * What a function made of one row. A row's own failure (an error in Lua, a limit that was hit, a value that isn't one) is `failed`, with the error; the
 * status is then OK all the same, and the next row is called as if nothing had been: where a limit was hit, in a new Lua state.
 */
typedef struct stele_script_text {
    bool failed, is_nil;
    const char *text; /* UTF-8, until the next call */
    size_t length;
    stele_error error;
} stele_script_text;

/* text(row). `first` is the column of `rows` where the spec's reads begin. The rows came in text form. */
stele_status stele_script_row_text(stele_script *script, const stele_rows *rows, int row, int first, stele_script_text *out, stele_error *error);

enum { STELE_SCRIPT_COLUMNS = 64 };

/* map(row): the columns that it returned, in the order of their names; a value NULL is SQL's NULL. All values are text that the column's type takes. */
typedef struct stele_script_columns {
    bool failed, is_nil; /* nil: this row stays as it is */
    size_t count;
    const char *names[STELE_SCRIPT_COLUMNS], *values[STELE_SCRIPT_COLUMNS]; /* until the next call */
    stele_error error;
} stele_script_columns;
stele_status stele_script_row_map(stele_script *script, const stele_rows *rows, int row, int first, stele_script_columns *out, stele_error *error);

/* verify.check(row), whose row has the columns that are read and those of verify.read. `out->is_nil` false and `text`: why it isn't right; is_nil: it is. */
stele_status stele_script_row_check(stele_script *script, const stele_rows *rows, int row, int first, stele_script_text *out, stele_error *error);

#endif
