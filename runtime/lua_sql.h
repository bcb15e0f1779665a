/*
 * lua_sql.h - what can be told from the words of one SQL statement, without a grammar
 *
 * Enough to keep a Lua migration inside its transaction, and to know which statement a cursor can be made of. Where words
 * can't tell, the server does.
 */
#ifndef STELE_LUA_SQL_H
#define STELE_LUA_SQL_H

#include <stdbool.h>

typedef struct stele_lua_sql {
    const char *refused; /* why it can't be run here, or NULL; */
    const char *hint;    /* then what to do instead */
    bool cursor;         /* a query that changes nothing by itself */
    bool plain;          /* SELECT, INSERT ...: it changes no type of anything */
    bool several;        /* there is something behind a semicolon */
    int parameters;      /* the highest $n */
} stele_lua_sql;

void stele_lua_scan(const char *sql, stele_lua_sql *scanned);

#endif
