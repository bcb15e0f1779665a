/*
 * script_read.h - the tables that a job's script gives, read key by key
 *
 *     script_read.c      a table and its keys: which it may have, which are there, and what to say where something is wrong
 *     script_faults.c    how all that is wrong with such a table is told
 *     script_keys.c      the keys that no table of a script has
 *     script_texts.c     keys that are texts: names of columns and tables, lists, words, and tables of names and values
 *     script_numbers.c   keys that are numbers, times, true or false, and functions
 *
 * What is wrong is raised, with the place in the file. Tables are read as they are, without metamethods. A value that hangs on a parameter whose value isn't known yet (see stele_script_check)
 * is taken for one that is right.
 */
#ifndef STELE_JOB_SCRIPT_READ_H
#define STELE_JOB_SCRIPT_READ_H

#include "script_inside.h"

#ifndef STELE_NO_LUA

/* A table that is read: where it is in the stack, and what it is called in messages: "", "into", "embed". */
typedef struct stele_reader {
    lua_State *L;
    int table;
    const char *path;
} stele_reader;

enum { STELE_READER_PATH = 128 }; /* bytes of a key's whole name */

/* ----------------------------------------------------------------- script_read.c */

/* Check that the value at `index` is a table which has no other keys than these, ended by NULL. */
stele_reader stele_reader_open(lua_State *L, int index, const char *path, const char *const *keys);

/* The same with a table that is the value of `key`, "into", and is pushed. False where it isn't there, or isn't known: nothing is pushed. */
bool stele_reader_enter(const stele_reader *job, const char *key, const char *const *keys, stele_reader *reader);

/* script_keys.c: fail with a key of it that is none of these, and tell the others. */
void stele_reader_check_keys(const stele_reader *reader, const char *const *keys);


/* Is the key there? stele_reader_push pushes its value then. */
bool stele_reader_push(const stele_reader *reader, const char *key);
bool stele_reader_has(const stele_reader *reader, const char *key);

/* Raise, where it is missing. */
void stele_reader_require(const stele_reader *reader, const char *key);

/* Is the value on top not known yet? It is popped then. */
bool stele_reader_take_open(const stele_reader *reader);

/* The whole name of a key, "into.vector"; that of the table where `key` is NULL. */
void stele_reader_path(const stele_reader *reader, const char *key, char path[STELE_READER_PATH]);

/* Say what is wrong with this key, or with the table where `key` is NULL; raises. */
int stele_reader_fail(const stele_reader *reader, const char *key, const char *hint, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "\"into.vector\" has to be X, and is a number": of the value on top. And "\"into.vector\" is empty". */
void stele_reader_fail_type(const stele_reader *reader, const char *key, const char *expected);
void stele_reader_fail_value(const stele_reader *reader, const char *key, const char *problem);

/* --------------------------------------------------------------- script_faults.c */

/* Are the value of every parameter and that of this key known? If not, what goes together can't be told. */
bool stele_reader_knows(const stele_reader *reader, const char *key);

/* Is the key's value one that isn't known? */
bool stele_reader_is_open(const stele_reader *reader, const char *key);

/*
 * For when the table is read again, before a failure of another key than the one that has to be mended, or of none: this key counts as unknown; it isn't there.
 * stele_reader_fail does the first with the key that it is given, where nothing was done.
 */
void stele_reader_doubt(const stele_reader *reader, const char *key);
void stele_reader_drop(const stele_reader *reader, const char *key);

/* Beside another one that was done: this key, which was probably meant, counts as unknown, too. */
void stele_reader_replace(const stele_reader *reader, const char *key);

/* A failure is about to be raised. */
void stele_reader_told(const stele_reader *reader, const stele_error *error);

/* stele_script_read_spec, as often as there is something wrong that can be told. */
void stele_script_read_all(lua_State *L);

/* --------------------------------------------------------------- script_read.c */

/* Memory of the script's, or a failure is raised. */
void *stele_reader_get(lua_State *L, size_t count, size_t size);
char *stele_reader_keep(lua_State *L, const char *bytes, size_t length);

/* ---------------------------------------------------------------- script_texts.c */

/* A text that isn't blank, in the script's arena; NULL where the key isn't there. */
const char *stele_reader_text(const stele_reader *reader, const char *key);

/* The same of the value on top, which is popped. */
const char *stele_reader_take_text(const stele_reader *reader, const char *key);

/* The same for the name of a column, and that of a table. */
const char *stele_reader_column(const stele_reader *reader, const char *key);
const char *stele_reader_table(const stele_reader *reader, const char *key);

/* One text or a list of them; of columns where `columns`. */
const char **stele_reader_list(const stele_reader *reader, const char *key, bool columns, size_t most, size_t *count);

/* One of these words, ended by NULL: its number; `missing` where the key isn't there. */
int stele_reader_word(const stele_reader *reader, const char *key, const char *const *words, int missing);

/* A table of names and texts or numbers, ordered by name; NULL for a value that isn't known yet. Secrets are allowed where `is_secret` isn't NULL. */
const stele_job_pair *stele_reader_pairs(const stele_reader *reader, const char *key, const bool **is_secret, size_t *count);

/* -------------------------------------------------------------- script_numbers.c */

/* A number between these two; `missing` where the key isn't there. */
double stele_reader_number(const stele_reader *reader, const char *key, double least, double most, double missing);
unsigned stele_reader_whole(const stele_reader *reader, const char *key, unsigned least, unsigned most, unsigned missing);

/* A time in words, "30s": in milliseconds. */
unsigned stele_reader_duration(const stele_reader *reader, const char *key, unsigned least, unsigned most, unsigned missing);

bool stele_reader_flag(const stele_reader *reader, const char *key, bool missing);

/* Is the key there, and a function? */
bool stele_reader_function(const stele_reader *reader, const char *key);

/* ---------------------------------------------------------------- script_parts.c */

void stele_script_read_provider(const stele_reader *job, stele_job_provider *provider);
void stele_script_read_verify(const stele_reader *job, stele_job_spec *spec);
void stele_script_read_switch(const stele_reader *job, stele_job_spec *spec);

#endif
#endif
