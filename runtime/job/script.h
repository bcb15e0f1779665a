/*
 * script.h - a job's Lua: its outer level, run once, gives the spec; its functions are called a row at a time
 *
 * The sandbox is that of Lua migrations without `db`, and with what STELE_LUA_JOB_GLOBALS lists: a job computes, and reaches nothing. Built with
 * -DSTELE_NO_LUA it only says so.
 */
#ifndef STELE_JOB_SCRIPT_H
#define STELE_JOB_SCRIPT_H

#include "../handle.h"
#include "spec.h"

typedef struct stele_script stele_script;

/*
 * Run the file's outer level, which returns a table, and check what that says: every unknown key, missing key and wrong type is an error with its
 * line where one is known. `print` is told what print was given; may be NULL. Returns OK, FAILED, UNMET (without Lua, or for a parameter without a value). Doesn't talk to the server,
 * but for looking up types when rows come.
 */
stele_status stele_script_open(stele_script **script, stele *handle, const stele_migration *file, void (*print)(void *data, const char *line), void *data,
                               stele_error *error);
void stele_script_close(stele_script *script);

/*
 * The same where the program is only built: a parameter without a value may be anything, so what hangs on it isn't checked, nor is a script that fails because it computes with one. `each` is told
 * of all that is wrong with the table. Returns as stele_script_open; without Lua UNMET, and nothing is told.
 */
stele_status stele_script_check(stele *handle, const stele_migration *file, void (*each)(void *data, const stele_error *error), void *data);

const stele_job_spec *stele_script_spec(const stele_script *script);

/*
 * What a function made of one row. A row's own failure (an error in Lua, a limit that was hit, a value that isn't one) is `failed`, with the error;
 * the status is then OK all the same, and the next row is called as if nothing had been: where a limit was hit, in a new Lua state. What isn't the
 * row's own (no memory, a secret that isn't set, an interruption, the connection) is the status. `error` is filled where something failed, and else
 * is what it was.
 *
 * The rows came in text form, with bytea_output hex and DateStyle ISO. The function sees the columns of the key, which begin at column `keys` of
 * `rows`, and those of the spec's reads, which begin at `first`, each in the spec's order; and under the spec's names. Nothing may be in flight on
 * the link: types that aren't built in are asked for.
 */
typedef struct stele_script_text {
    bool failed, is_nil; /* nil: or null, or nothing but white space */
    const char *text; /* UTF-8, without zero bytes, until the next call */
    size_t length;
    stele_error error;
} stele_script_text;

/* Did the last of these calls fail since it took too many steps? */
bool stele_script_ran_out(const stele_script *script);

/* text(row). */
stele_status stele_script_row_text(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error);

enum { STELE_SCRIPT_COLUMNS = 64 };

/*
 * map(row): the columns that it returned, in the order of their names; a value NULL is SQL's NULL. All values are text that the column's type takes,
 * without zero bytes: a bytea is "\x..", a table is JSON, an array "{...}" or a vector "[...]", as the column is.
 */
typedef struct stele_script_columns {
    bool failed, is_nil; /* nil: this row stays as it is */
    size_t count;
    const char *names[STELE_SCRIPT_COLUMNS], *values[STELE_SCRIPT_COLUMNS]; /* until the next call */
    size_t lengths[STELE_SCRIPT_COLUMNS];
    stele_error error;
} stele_script_columns;
stele_status stele_script_row_map(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_columns *out, stele_error *error);

/*
 * Say which columns map may return, and of which types (pg_attribute.atttypid); another name is the row's failure then. With 0 for a type, the column is there and can't be set: it is generated. To be called once, before
 * stele_script_row_map: without it each value goes by what it is in Lua, and bytes that are no text are refused. OK or FAILED (memory).
 */
stele_status stele_script_take_types(stele_script *script, const char *const *names, const uint32_t *types, size_t count, stele_error *error);

/*
 * verify.check(row), whose row has the columns of verify.read besides, behind those of reads. `out->is_nil` false and `text`: why it isn't right;
 * is_nil: it is.
 */
stele_status stele_script_row_check(stele_script *script, const stele_rows *rows, int row, int keys, int first, stele_script_text *out, stele_error *error);

#endif
