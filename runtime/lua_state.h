/*
 * lua_state.h - what the rooms of Lua share: a state, for one run of a migration's function, or for the rows of a job
 *
 * Everything hangs from a stele_lua, found from any Lua state through its extra space. Functions that take a lua_State
 * may raise a Lua error, which is a longjmp: nothing that must be freed may be held across them but what stele_lua holds.
 */
#ifndef STELE_LUA_STATE_H
#define STELE_LUA_STATE_H

#include "lua_run.h"
#include "lua_sql.h"
#include "pq_statement.h"

#ifndef STELE_NO_LUA

#include <lauxlib.h>
#include <locale.h>

/* A limit that was hit. From then on every instruction fails, and no pcall catches that. */
typedef enum stele_lua_limit { STELE_LUA_WITHIN, STELE_LUA_STEPS, STELE_LUA_MEMORY, STELE_LUA_PATIENCE } stele_lua_limit; /* the last: of the caller */

/* How a type's values are seen by Lua; the others are strings, in the server's text form. */
typedef enum stele_lua_kind {
    STELE_LUA_TEXT,
    STELE_LUA_BOOLEAN,
    STELE_LUA_INTEGER,
    STELE_LUA_FLOAT,
    STELE_LUA_NUMERIC,
    STELE_LUA_BYTEA,
    STELE_LUA_JSON,
    STELE_LUA_ARRAY,
    STELE_LUA_VECTOR, /* sent in pgvector's binary form */
    STELE_LUA_HALFVEC
} stele_lua_kind;

typedef struct stele_lua_type {
    uint32_t oid, element; /* the element's type: ARRAY only */
    stele_lua_kind kind;
    char delimiter;        /* between elements of an array of this type */
    char name[64];
} stele_lua_type;

enum { STELE_LUA_TYPES = 64 };

typedef struct stele_lua {
    lua_State *main;
    stele_link *link;
    const stele_migration *migration;
    const stele_lua_host *host;
    const char *part; /* the function that is run; NULL: the file's outer level */
    struct stele_script *script; /* of a job; or NULL */
    locale_t locale; /* the caller's */
    locale_t plain;  /* ours: numbers are written with a point, and strings compared by bytes, whatever the application's locale is */

    /* The limits. */
    uint64_t memory_limit, memory, peak;
    uint64_t outside;   /* bytes that libpq holds for us; they count as well */
    uint64_t collected; /* in use after the last full collection that was asked for */
    uint64_t step_limit, steps;
    unsigned step_rate;         /* how many steps a microsecond of processor time counts as, at least */
    unsigned interval;          /* instructions between two looks */
    int64_t looked, busy_until; /* clocks at the last look, in microseconds: the wall's and this thread's */
    int64_t asked;              /* the wall's clock, when the caller last was: does it want to stop? */
    bool refused;               /* memory was refused because of the limit */
    bool deep;                  /* calls stood deep within each other */
    stele_lua_limit limit;

    /* Failures. */
    stele_error error;   /* what reached the top */
    stele_error first;   /* the first failure of the database: the transaction is lost, whoever caught it */
    bool failed;         /* `first` is there */
    char near_file[256]; /* where we were lately, for failures that come without a place */
    int near_line;

    /* The conversation with the server. */
    stele_rows *rows;    /* of the statement that is in flight */
    bool in_flight;
    unsigned prefix;     /* of its text: how much stele put before what the migration gave */
    bool several;        /* the text looks like several statements */
    const void *parsed;  /* whose statement is the server's unnamed one; see lua_db.c */
    unsigned statements; /* whose types are remembered */
    unsigned cursors;    /* made so far, for their names */
    struct stele_lua_cursor *open;
    int depth;           /* of db:try */
    int binding;         /* the parameter that is being converted, for messages; */
    const char *column;  /* or the column; or NULL */
    stele_lua_type types[STELE_LUA_TYPES];
    unsigned type_count;
} stele_lua;

static inline stele_lua *stele_lua_of(lua_State *L)
{
    return *(stele_lua **)lua_getextraspace(L);
}

/* ------------------------------------------------------- lua_open.c: from the beginning to the end */

/* A new state, with the limits that the file says or a migration has by default, and nothing in it. NULL: no memory. */
stele_lua *stele_lua_open(stele_link *link, const stele_migration *migration, const stele_lua_host *host);
void stele_lua_close(stele_lua *state); /* NULL is allowed */

/*
 * Call `function` protected, with `data` as light userdata, and drop what it returns. Returns Lua's status. When state->limit is another than WITHIN behind
 * it, the state can only be closed; after another failure it may be called again.
 */
int stele_lua_call(stele_lua *state, lua_CFunction function, void *data);

/* Fill the error with what came of that call, if it failed. */
void stele_lua_conclude(stele_lua *state, int status, stele_error *error);

/* The first thing in a call of a new state: error values, rows and the sandbox. Then the limits are to be counted, and the file run: what it returns is pushed. */
void stele_lua_begin(lua_State *L);
void stele_lua_run_file(lua_State *L);

/* ------------------------------------------------------- lua_limit.c: memory and steps */

/* The allocator; `data` is the stele_lua. */
void *stele_lua_allocate(void *data, void *block, size_t old_size, size_t size);

/* Count instructions from here on; those before are forgotten. */
void stele_lua_count(lua_State *L);

/* Count a loop in C as so many steps, before it is run. */
void stele_lua_charge(lua_State *L, uint64_t steps);

/* Count memory that libpq holds; give it back with a plain subtraction. */
void stele_lua_hold(lua_State *L, size_t bytes);

/* After a protected call that failed with `status`, its error on top: a limit is raised again. */
void stele_lua_pass_on(lua_State *L, int status);

/* Raise the limit that was hit. */
int stele_lua_give_up(lua_State *L);

/* What is run, for messages: 'the function "up"'. */
const char *stele_lua_part_name(const stele_lua *state, char buffer[96]);

/* Fill the error with what the limit that was hit means. */
void stele_lua_explain(stele_lua *state, stele_error *error);

/* pcall, xpcall, setmetatable and coroutine: as Lua's, but for the limits. Puts them over what is in the tables. */
void stele_lua_guard(lua_State *L, int globals);

/* ------------------------------------------------------- lua_error.c: from an error value to a stele_error */

/* The message handler of the outermost call: notes in state->error what happened and where. */
int stele_lua_note(lua_State *L);

/* Put the place into an error: the innermost Lua function that is running, else where we were lately. */
void stele_lua_place(lua_State *L, stele_error *error);

/* Note where we are; or which Lua function called the C function that is running. Takes no memory. */
void stele_lua_pass_by(lua_State *L, const lua_Debug *where);
void stele_lua_pass_caller(lua_State *L);

/* Raise a failure of the database: an error value that has its fields. The transaction is lost from here on. */
int stele_lua_raise(lua_State *L, const stele_error *error, const char *sql, unsigned position);

/* Raise what is lost already. */
int stele_lua_raise_first(lua_State *L);

/* Raise an error that has a hint and harms nothing. */
int stele_lua_complain(lua_State *L, const char *message, const char *hint);

/* The same for what whoever runs it has to give: UNMET. */
int stele_lua_complain_unmet(lua_State *L, const char *message, const char *hint);

/* Push an error value with the fields of a stele_error. */
void stele_lua_push_failure(lua_State *L, const stele_error *error);

/* Make the error values known to this state. */
void stele_lua_open_error(lua_State *L);

/* ------------------------------------------------------- lua_sandbox.c: what Lua code sees */

/* Open the sandbox; leaves its globals on the stack. */
void stele_lua_open_sandbox(lua_State *L);

/* Load a text, and only text. Returns Lua's status; the function or the message is on the stack. */
int stele_lua_load(lua_State *L, const char *directory, const char *file, const char *text, size_t length);

/* ------------------------------------------------------- lua_text.c, lua_json.c, lua_encode.c: libraries */

/* Put find, match, gmatch and gsub, which count their steps, into the table on top. */
void stele_lua_open_text(lua_State *L);

/* Push the library json. */
void stele_lua_open_json(lua_State *L);

/* Push SQL's NULL, which is JSON's null too; is it that? */
void stele_lua_push_null(lua_State *L);
bool stele_lua_is_null(lua_State *L, int index);

/* Push a json or jsonb value: its text, that decodes itself when it is looked into. */
void stele_lua_push_json(lua_State *L, const char *text, size_t length);

/* Push the JSON text of a value; of one that came from the database, its very text. */
void stele_lua_encode(lua_State *L, int index);

/* The metatable of a table that is a JSON array whatever is in it; has this one that? */
#define STELE_LUA_ARRAY_NAME "stele.array"
bool stele_lua_is_array(lua_State *L, int index);

/* Is it what stele_lua_push_json made? Then its text; else NULL. */
const char *stele_lua_json_text(lua_State *L, int index, size_t *length);

/* A buffer for text of unknown length, at a place of its own in the stack, which the values that make it may grow above. */
typedef struct stele_lua_buffer {
    char *bytes;
    size_t length, capacity;
    int index; /* of the userdata that holds it */
} stele_lua_buffer;

void stele_lua_buffer_open(lua_State *L, stele_lua_buffer *buffer); /* takes the next place */
void stele_lua_buffer_add(lua_State *L, stele_lua_buffer *buffer, const char *bytes, size_t length);
void stele_lua_buffer_close(lua_State *L, stele_lua_buffer *buffer); /* the string replaces it, on top */

/* ------------------------------------------------------- lua_value.c, lua_bind.c, lua_type.c: values both ways */

/* What there is to know of a type. Asks the server about those that aren't built in. */
const stele_lua_type *stele_lua_type_of(lua_State *L, uint32_t oid);

/* Push a value that the server sent as text. */
void stele_lua_push_value(lua_State *L, uint32_t oid, const char *text, size_t length);

/* The shortest text that reads back as the same number. */
void stele_lua_print_number(double number, char buffer[32]);

/* Make parameters of the values from `first` up. They live on the stack. */
void stele_lua_bind(lua_State *L, int first, int count, const uint32_t *types, stele_arguments *arguments);

/* Push one as text of its type; state->column or state->binding says what for. */
void stele_lua_push_text(lua_State *L, const stele_lua_type *type, int index);

/* ------------------------------------------------------- lua_row.c, lua_cursor.c, lua_db.c: the database */

/* Some of the columns of a result, by their numbers, under these names. */
typedef struct stele_lua_columns {
    int count;
    const int *numbers;
    const char *const *names;
} stele_lua_columns;

/* Push what the rows of a result have in common; then a row of that shape. With `columns` NULL, all of them under their own names. */
void stele_lua_push_shape(lua_State *L, const stele_rows *rows, const stele_lua_columns *columns);
void stele_lua_push_row(lua_State *L, int shape, const stele_rows *rows, int row, const stele_lua_columns *columns);
void stele_lua_open_row(lua_State *L);

/* Forget the cursors that were opened at this depth of db:try or deeper: the server has. Or they belong one higher. */
void stele_lua_cursors_gone(stele_lua *state, int depth);
void stele_lua_cursors_kept(stele_lua *state, int depth);

/* db:rows: what a generic for needs. `first` is the first parameter. */
int stele_lua_iterate(lua_State *L, const char *sql, const stele_lua_sql *scanned, int first);
void stele_lua_open_cursor(lua_State *L);

/* Begin a statement with `count` parameters from `first` up; `prefix` comes before what the types are asked for. */
void stele_lua_send(lua_State *L, const char *prefix, const char *sql, const stele_lua_sql *scanned, int first, int count,
                    bool singly);

/* The next rows of the statement in flight, which stay state->rows until the next call; NULL behind the last. */
const stele_rows *stele_lua_receive(lua_State *L, const char *sql);

/* Run a statement of stele's own. */
void stele_lua_run_sql(lua_State *L, const char *sql);

/* Push `db`. */
void stele_lua_open_db(lua_State *L);

#endif
#endif
