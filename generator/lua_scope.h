/*
 * lua_scope.h - the names of one Lua file: what is local, what global, and where up, down and verify are
 *
 * lua_walk.c goes through the text and tells this room what is declared, read and assigned, in the order of the text. A
 * name that doesn't exist is complained about at once: in Lua it would be nil, and the mistake would show when the
 * migration runs, or never.
 */
#ifndef STELEC_LUA_SCOPE_H
#define STELEC_LUA_SCOPE_H

#include "lua_lexer.h"
#include "lua_names.h"
#include "migration.h"

/* A function of the file, when it is there: its text; end is 0 where that can't be told. */
struct lua_found {
    bool there, is_method; /* function M:up(), whose first parameter is self */
    uint32_t begin, end;
};

/* What is known of a value. All zero: nothing. */
struct lua_shape {
    bool is_function, is_method;
    uint32_t begin, end;       /* of the function */
    struct lua_fields *fields; /* of a table: those that count */
};

struct lua_fields {
    struct lua_found parts[PART_COUNT];
    const char *odd; /* a field in { ... } that means nothing to stele; "" when it has no plain name; NULL for none */
    uint32_t odd_at;
    const char *near; /* one assigned later whose name is nearly that of a part; or NULL */
    uint32_t near_at;
};

/* A require "name" of the file, or a job's parameter "name". */
struct lua_literal {
    const char *name;
    uint32_t offset; /* of the string */
};

/* What a file says of itself. */
struct lua_outline {
    struct lua_found parts[PART_COUNT]; /* of a migration */
    struct lua_literal *requires;
    size_t require_count, require_capacity;
    struct lua_literal *parameters; /* of a job, those that are plain from the text */
    size_t parameter_count, parameter_capacity;
    bool broken; /* something was complained about */
};

struct lua_variable;

struct lua_scope {
    struct memory *memory;
    struct diag *diag;
    const struct source *source;
    struct lua_outline *outline;
    lua_kind kind;
    struct lua_variable **variables; /* the locals that can be seen, innermost last */
    size_t count, capacity;
    uint32_t depth;                       /* of blocks: 1 in the file's own */
    struct lua_found globals[PART_COUNT]; /* up, down and verify as globals */
    uint32_t reads[PART_COUNT];           /* the first read of each, or UINT32_MAX: it may be assigned further down */
    const char **told;                    /* names that were complained about: once is enough */
    size_t told_count, told_capacity;
    bool returned;
    uint32_t return_at;
    struct lua_shape return_shape;
};

void lua_scope_start(struct lua_scope *scope, struct memory *memory, struct diag *diag, const struct source *source,
                     lua_kind kind, struct lua_outline *outline);

/* Declare a local: a token, or "self". It is seen from now on. */
void lua_scope_declare(struct lua_scope *scope, struct lua_token name, const struct lua_shape *shape);
void lua_scope_declare_self(struct lua_scope *scope);

/* Forget the locals from `count` on: their block ends. */
void lua_scope_forget(struct lua_scope *scope, size_t count);

/* Is this name the global of Lua's, not a local? */
bool lua_scope_is_global(const struct lua_scope *scope, struct lua_token name, const char *global);

/* A name is read; with `field`, unless that is NULL, behind it: string.gsub. Returns what is known of its value. */
struct lua_shape lua_scope_read(struct lua_scope *scope, struct lua_token name, const struct lua_token *field);

/* A name, or a field of it, is given a value. */
void lua_scope_assign(struct lua_scope *scope, struct lua_token name, const struct lua_token *field,
                      const struct lua_shape *shape);

/* A table gets a field by a plain name (or by something else: NULL) in its constructor. */
void lua_scope_set_field(struct lua_scope *scope, struct lua_fields *fields, const struct lua_token *name, uint32_t at,
                         const struct lua_shape *shape);

/* require is called with this string, which may be anything. */
void lua_scope_require(struct lua_scope *scope, struct lua_token string);

/* A job's `parameter` is called with this string, which may be anything. */
void lua_scope_take_parameter(struct lua_scope *scope, struct lua_token string);

/* require is used in another way. */
void lua_scope_refuse_require(struct lua_scope *scope, struct lua_token name);

/* A return of the file itself, with a value unless `shape` is NULL. */
void lua_scope_return(struct lua_scope *scope, uint32_t at, const struct lua_shape *shape);

/* The text ends: has it what a file of its kind must have? Fills in the outline: which of up, down and verify are there. */
void lua_scope_finish(struct lua_scope *scope);

#endif
