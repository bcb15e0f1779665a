/*
 * deed.h - what a statement does, as data
 *
 * A statement's tree lives only while its file is parsed. What later phases need of it (the catalog, locks, warnings) is taken
 * from it once, as deeds: each is one thing done to one object. ALTER TABLE t ADD COLUMN a int, DROP COLUMN b is two; so
 * is a foreign key and the lock that it takes on the table it refers to. Nothing here knows what was there before: that is
 * the catalog's part (catalog.h), and what follows from both is told by effect.h and the warnings.
 */
#ifndef STELEC_DEED_H
#define STELEC_DEED_H

#include "memory.h"

#include <stdbool.h>
#include <stdint.h>

struct migration;
struct statement;
struct history;

/* What is done. In brackets the members that have a meaning besides `on`. */
typedef enum deed_kind {
    DEED_CREATE,  /* [thing; other: of a partition or child its parent, of an index its own name; constraint: of a domain, whether it has any] */
    DEED_DROP,    /* [thing, part] */
    DEED_RENAME,  /* [thing, part; other.name: the new name] */
    DEED_MOVE,    /* to another schema [thing; other.schema] */
    DEED_ALTER,   /* anything else about it [thing, part] */
    DEED_COMMENT, /* [thing, part] */
    DEED_GRANT,
    DEED_REVOKE,
    DEED_ADD_COLUMN,    /* [part, type]; with DEED_NEW, of a table that the same statement creates */
    DEED_DROP_COLUMN,   /* [part] */
    DEED_RENAME_COLUMN, /* [part; other.name] */
    DEED_SET_TYPE,      /* [part, type] */
    DEED_SET_NOT_NULL,  /* [part] */
    DEED_DROP_NOT_NULL, /* [part] */
    DEED_SET_DEFAULT,   /* [part] */
    DEED_DROP_DEFAULT,  /* [part] */
    DEED_ADD_CONSTRAINT, /* [constraint, part: its name or NULL, columns; other: what a foreign key refers to] */
    DEED_VALIDATE,       /* [part] */
    DEED_DROP_CONSTRAINT,   /* [part] */
    DEED_RENAME_CONSTRAINT, /* [part; other.name] */
    DEED_LIKE,       /* a new table takes the columns of `other` */
    DEED_ATTACH,     /* `other` becomes a partition of it */
    DEED_DETACH,     /* `other` is no partition of it any more */
    DEED_INSERT,     /* with DEED_QUERY from a SELECT, with DEED_DATA by COPY; [columns] */
    DEED_UPDATE,     /* [columns: those that are set] */
    DEED_DELETE,
    DEED_TRUNCATE,
    DEED_READ,
    DEED_LOCK,       /* LOCK TABLE */
    DEED_REFERRED,   /* a foreign key comes to refer to it, or ceases to: only the lock */
    DEED_ADD_VALUE,  /* to an enum [part: the label; other.name: the one that it is put beside, or NULL] */
    DEED_SET_PATH,   /* search_path [other.schema: the first schema; NULL where it isn't known; other.name: "" where it is set to nothing at
                        all]; DEED_RESET: back to what it was */
    DEED_SET,        /* another setting [part: its name, other.name: the value or NULL] */
    DEED_ROLLBACK,   /* back to a savepoint: what was done since is undone */
    DEED_ANYTHING    /* code that nobody can look into from here: DO, CALL, Lua, a function of somebody's */
} deed_kind;

/* What it is done to. The first are relations, which share their names. */
typedef enum thing_kind {
    THING_TABLE,
    THING_FOREIGN_TABLE,
    THING_VIEW,
    THING_MATVIEW,
    THING_SEQUENCE,
    THING_INDEX,
    THING_COMPOSITE, /* a type with columns */
    THING_TYPE,      /* enums, ranges, base types; domains, too */
    THING_FUNCTION,
    THING_SCHEMA,
    THING_EXTENSION,
    THING_TRIGGER, /* of the table `on`, as are the next two */
    THING_RULE,
    THING_POLICY,
    THING_OTHER
} thing_kind;

typedef enum constraint_kind {
    CONSTRAINT_NONE,
    CONSTRAINT_CHECK,
    CONSTRAINT_NOT_NULL,
    CONSTRAINT_UNIQUE,
    CONSTRAINT_PRIMARY,
    CONSTRAINT_FOREIGN,
    CONSTRAINT_EXCLUDE
} constraint_kind;

/* PostgreSQL's table locks, weakest first, with its own numbers (storage/lockdefs.h). */
typedef enum lock_mode {
    LOCK_NONE,
    LOCK_ACCESS_SHARE,
    LOCK_ROW_SHARE,
    LOCK_ROW_EXCLUSIVE,
    LOCK_SHARE_UPDATE_EXCLUSIVE,
    LOCK_SHARE,
    LOCK_SHARE_ROW_EXCLUSIVE,
    LOCK_EXCLUSIVE,
    LOCK_ACCESS_EXCLUSIVE
} lock_mode;

enum {
    DEED_IF = 1 << 0,           /* IF EXISTS, IF NOT EXISTS: of what is dropped, made, renamed */
    DEED_CASCADE = 1 << 1,
    DEED_CONCURRENTLY = 1 << 2,
    DEED_TEMPORARY = 1 << 3,
    DEED_REPLACE = 1 << 4,      /* CREATE OR REPLACE */
    DEED_NEW = 1 << 5,          /* a column or constraint of a table that the same statement creates */
    DEED_WITH_COLUMN = 1 << 6,  /* a constraint of a column that the same ADD COLUMN adds */
    DEED_NOT_VALID = 1 << 7,
    DEED_UNIQUE = 1 << 8,       /* an index */
    DEED_WHERE = 1 << 9,        /* a row filter: of UPDATE, DELETE, a partial index, the SELECT that an INSERT takes its rows from */
    DEED_DEFAULT = 1 << 10,     /* a column that comes with a default */
    DEED_VOLATILE = 1 << 11,    /* whose default is computed for each row; of a function: neither STABLE nor IMMUTABLE */
    DEED_UNSURE = 1 << 12,      /* or perhaps is: it calls a function that isn't PostgreSQL's */
    DEED_NOT_NULL = 1 << 13,
    DEED_STORED = 1 << 14,      /* GENERATED ALWAYS AS (...) STORED */
    DEED_IDENTITY = 1 << 15,
    DEED_SERIAL = 1 << 16,
    DEED_USING = 1 << 17,       /* SET TYPE ... USING, more than a cast; an index with more to it than method, columns and WHERE */
    DEED_USING_INDEX = 1 << 18, /* ADD CONSTRAINT ... USING INDEX [other.name: the index] */
    DEED_QUERY = 1 << 19,       /* filled from a query: its columns aren't told */
    DEED_DATA = 1 << 20,        /* COPY; of a function: what it runs may make things */
    DEED_PARTITIONED = 1 << 21,
    DEED_REWRITES = 1 << 22,    /* writes the whole table anew, whatever was there */
    DEED_SCANS = 1 << 23,       /* reads the whole table, whatever was there */
    DEED_LOCAL = 1 << 24,       /* SET LOCAL; of a function: for event triggers, so that any statement may run it */
    DEED_OPEN = 1 << 25,        /* a parameter stands in its names: nobody knows them yet */
    DEED_RESET = 1 << 26,
    DEED_IN_QUERY = 1 << 27,    /* one of the inner statements: of a WITH, a rule */
    DEED_CONFLICT = 1 << 28,    /* INSERT ... ON CONFLICT */
    DEED_IF_THERE = 1 << 29,    /* ALTER TABLE IF EXISTS: nothing, where the relation `on` is missing */
    DEED_ATTACHED = 1 << 30     /* a table that is made as a partition or child; and that deed to its parent */
};

/* A name as it stands: in lower case, or as it was quoted. */
struct object {
    const char *schema; /* NULL: whatever search_path finds */
    const char *name;   /* NULL where there is none */
};

/* A type as it is written. */
struct type_name {
    struct object name;    /* as PostgreSQL calls it: pg_catalog int4, varchar, vector */
    const char *text;      /* as people write it: "integer", "varchar(20)[]", "vector(384)" */
    long modifiers[2];     /* (20), (10, 2); of vector(${dim}), the parameter's value where it is fixed at build */
    uint32_t modifier_count; /* 0 also where they are no plain numbers */
    bool has_modifiers;
    bool is_array;
    const char *parameter; /* the run parameter that is its only modifier; or NULL */
};

/* A relation that a deed locks besides its own: the table of an index, the partitions of a table. */
struct implied {
    struct object on;
    lock_mode lock;
    struct implied *next;
};

struct deed {
    deed_kind kind;
    thing_kind thing;
    constraint_kind constraint;
    lock_mode lock; /* on the relation `on`, or the one that a trigger, index ... belongs to */
    uint32_t flags;
    struct object on, other;
    const char *part; /* a column, constraint, trigger, rule, policy, label; NULL for none. Of an index: its method */
    const struct type_name *type;
    const char *const *columns; /* of an index (NULL for an expression), a key, an INSERT or UPDATE */
    uint32_t column_count;
    const char *const *fixed; /* of UPDATE, DELETE: columns that its filter wants equal to constants; a key among them means few rows */
    uint32_t fixed_count;
    uint32_t offset; /* where it stands in the file: its object's name, or the statement */
    uint32_t effects;   /* what it comes to, with what was there before: effect.h */
    const char *breaks; /* why an older program may not live with it; or NULL */
    struct implied *implied; /* locked besides */
    const char *calls; /* with DEED_UNSURE: the function that isn't known, when it is the only one */
    const char *words; /* of a DEED_ALTER that writes the table anew, and what else has no kind of its own: "VACUUM FULL"; or NULL.
                          of an index, "ONLY": not of the partitions */
};

/* Is it a relation: something that a table's name could stand for, too? */
static inline bool thing_is_relation(thing_kind thing)
{
    return thing <= THING_COMPOSITE;
}

/* Is it done to a column that the table must have? */
static inline bool deed_needs_column(const struct deed *deed)
{
    return deed->kind >= DEED_DROP_COLUMN && deed->kind <= DEED_DROP_DEFAULT;
}

/*
 * Take the deeds from a statement's tree (a Node), behind those that the migration has, and note in the statement which are its
 * own. `base` is where the parsed text begins. Long data (INSERT ... VALUES) is not looked into.
 */
void deeds_take(struct history *history, struct migration *migration, struct statement *statement, const void *tree, uint32_t base);

/* The same for a statement without a tree, or in Lua: it may do anything. */
void deeds_take_unknown(struct history *history, struct migration *migration, struct statement *statement);

#endif
