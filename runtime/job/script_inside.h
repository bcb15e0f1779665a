/*
 * script_inside.h - what the files of a job's Lua share
 *
 *     script.c           the state: made, thrown away and made anew; and what it is when it isn't there
 *     script_globals.c   what a job's script sees besides what a migration in Lua does
 *     script_frozen.c    no row leaves anything behind for the next one: neither globals nor where math.random is
 *     script_spec.c      the table that the script returns, as a stele_job_spec; its parts are in
 *     script_parts.c     provider, verify and switch; both read key by key: see script_read.h
 *     script_place.c     where in the text a key of that table stands
 *     script_row.c       the functions, a row at a time
 */
#ifndef STELE_JOB_SCRIPT_INSIDE_H
#define STELE_JOB_SCRIPT_INSIDE_H

#include "script.h"
#include "seal.h"

#ifndef STELE_NO_LUA

#include "../lua_globals.h"
#include "../lua_state.h"
#include "script_scan.h"

/* A row's function has so many steps, and each microsecond counts as so many at least: 100 milliseconds. The outer level has ten times as much. */
enum { STELE_SCRIPT_STEPS = 20000000, STELE_SCRIPT_RATE = 200, STELE_SCRIPT_INTERVAL = 250 };

enum { STELE_SCRIPT_KEYS = 8, STELE_SCRIPT_SEEN = 160 }; /* keys for sealing that are remembered; columns that a row has */

typedef enum stele_script_function { STELE_SCRIPT_TEXT, STELE_SCRIPT_MAP, STELE_SCRIPT_CHECK, STELE_SCRIPT_FUNCTIONS } stele_script_function;

/* The row that a function is called with, by the columns that it sees. */
typedef struct stele_script_row {
    stele_script_function function;
    const stele_rows *rows;
    int number;
    int numbers[STELE_SCRIPT_SEEN];
    const char *names[STELE_SCRIPT_SEEN];
    stele_lua_columns columns;
} stele_script_row;

/* A column that map may return. */
typedef struct stele_script_target {
    const char *name;
    uint32_t type;
} stele_script_target;

struct stele_script {
    stele *handle;
    const stele_migration *file;
    stele_lua *state; /* NULL after a limit was hit: the next row makes a new one */
    stele_lua_host host;
    void (*print)(void *data, const char *line);
    stele_arena arena;
    stele_job_spec spec;
    bool checks;      /* it is only checked: parameters may have no value */
    unsigned open;    /* so many of those were asked for */
    unsigned unknown; /* texts that stand for one */
    bool wrong;       /* what it says is; not only what it does */
    void (*each)(void *data, const stele_error *error); /* told of each fault of the table; NULL: the first one ends it */
    void *each_data;
    unsigned faults;
    bool doubted;     /* what was wrong counts as unknown from here on */
    bool faulty;      /* a fault was told */
    bool read;        /* the spec was: a new state only has to give the functions */
    unsigned calls;   /* of this state */
    uint64_t step_limit;
    stele_lua_type types[STELE_LUA_TYPES]; /* what was learned by states that are gone */
    unsigned type_count;

    lua_Debug places[STELE_SCRIPT_FUNCTIONS]; /* where the functions are, in this state */
    stele_script_row row;  /* in the call that is running */
    bool ran_out;          /* the last call took too many steps */
    bool running, seeded;  /* a row's function is; math.random has its place */
    uint32_t shapes[STELE_SCRIPT_FUNCTIONS][STELE_SCRIPT_SEEN]; /* the types of the columns, when the function was last called */
    stele_script_text *text;
    stele_script_columns *columns;
    stele_script_target *targets; /* by name; NULL: nobody said which there are */
    size_t target_count;
    struct {
        char name[64];
        stele_seal_key key;
    } keys[STELE_SCRIPT_KEYS];
    unsigned key_count;
};

/* ------------------------------------------------------------- script_globals.c */

/* Put them into the globals that are on top. */
void stele_script_open_globals(lua_State *L);

/* What http{}, callback{} and fixed{} made: its kind, and its table is pushed. False: it isn't that, and nothing is. */
bool stele_script_push_provider(lua_State *L, int index, stele_provider_kind *kind);

/* Is it the value of a parameter that isn't known yet? Push such a one. */
bool stele_script_is_open(lua_State *L, int index);
void stele_script_push_open(lua_State *L);

/* What secret "NAME" made: the name; or NULL. */
const char *stele_script_secret(lua_State *L, int index);

/* --------------------------------------------------------------- script_frozen.c */

/* Before the file is run: have math.random begin anew in each row, and rawset see what is frozen. */
void stele_script_open_frozen(lua_State *L);

/* From here on no global and no library can be changed. */
void stele_script_freeze(lua_State *L);

/* ----------------------------------------------------------------- script_spec.c */

/* Fill the script's spec from the table on top. */
void stele_script_read_spec(lua_State *L);

/* ------------------------------------------------------------------ script_row.c */

/* Remember the functions of the table on top. */
void stele_script_keep_functions(lua_State *L);

/* In script.c: make a new state, where there is none, and run the outer level. */
stele_status stele_script_ready(stele_script *script, stele_error *error);

/* Throw the state away; what it learned of types is kept. */
void stele_script_forget(stele_script *script);

#endif
#endif
