/*
 * catalog.h - the schema as the statements so far have made it, in three values
 *
 * A thing is present where a statement made it or needed it there, absent where a statement dropped or renamed it, and else unknown: a
 * base schema, an extension or a DO block may have made it. Only what is absent is ever an error; so after code that nobody can
 * look into, what was absent is unknown. The down parts are the way back and change nothing here.
 *
 * Names without a schema are looked for where search_path leads as far as the file's own SETs tell, then in any schema: the database
 * may have a search_path of its own.
 */
#ifndef STELEC_CATALOG_H
#define STELEC_CATALOG_H

#include "migration.h"

typedef enum presence { PRESENCE_UNKNOWN, PRESENCE_PRESENT, PRESENCE_ABSENT } presence;

/* Where something was done. */
struct spot {
    const struct migration *migration; /* NULL: outside of the history, or nowhere */
    uint32_t offset;
};

/* Is it there, since when; or who took it away, and what it is called now. */
struct state {
    presence presence;
    uint32_t epoch;          /* an absence counts only until somebody's code runs; */
    uint32_t implied;        /* of an index, sequence or constraint until PostgreSQL chooses a name by itself, too */
    struct spot made, gone;  /* made: by this history; nowhere for what was there before */
    const char *now;         /* the name that it was given; NULL when it was dropped */
};

struct column {
    const char *name;
    const struct type_name *type; /* NULL: unknown */
    bool not_null;
    bool counts; /* a sequence fills it: serial, identity */
    struct state state;
};

/* A constraint, trigger, rule or policy of a table. */
struct part {
    const char *name; /* NULL: PostgreSQL chose it */
    thing_kind thing; /* THING_OTHER for a constraint */
    constraint_kind constraint;
    bool validated;
    const char *const *columns;
    uint32_t column_count;
    struct object referred; /* by a foreign key */
    struct state state;
};

/* Where the names of a list are in it, so that a table of thousands of columns isn't gone through for each. */
struct name_index {
    uint32_t *slots; /* by hash: the place in the list, from 1; 0 for none */
    size_t room;     /* a power of two; 0 while the list is short */
};

/* Anything with a name of its own: a relation, type, schema, extension. */
struct thing {
    thing_kind kind;
    const char *schema, *name; /* schema: "public" where no search_path was set; "" for what is in none */
    struct state state;
    const char *component; /* whose migration made it; NULL: not made by this program */
    struct column *columns;
    size_t column_count, column_capacity;
    struct name_index column_index;
    bool all_columns; /* these are all that it has */
    struct part *parts;
    size_t part_count, part_capacity;
    struct name_index part_index;
    struct thing *table;     /* of an index: the table; of a partition or child: its parent; or NULL */
    const struct deed *deed; /* that made it: of an index its method and columns, of a domain its type */
    struct spot filled;      /* the first that put rows into it; nowhere while nobody did, or since all were taken out */
    bool partitioned;
    bool inherits;           /* it is, or was, a partition or child: columns and constraints come to it that nobody added to it */
    struct dependent *dependents; /* what has, or had, this for its table */
    size_t hash; /* of the name */
    struct thing *same_hash, *same_place, *next; /* in one bucket by name; by name and schema; all, in the order of making */
};

/* Of a relation: what hangs on it. */
struct dependent {
    struct thing *thing;
    struct dependent *next;
};

/* A function that this history made: is each of its name STABLE or IMMUTABLE? */
struct made_function {
    const char *name;
    bool steady;
    struct made_function *next;
};

struct catalog {
    struct memory *memory;
    struct thing **buckets, **places; /* by name; by name and schema */
    size_t bucket_count;
    size_t *compared; /* so many names were compared for a hint */
    struct thing *first, *last;
    struct made_function **functions; /* by hash */
    uint32_t epoch, implied;
    const struct migration *migration; /* the one that is looked at */
    const char *path;                  /* the first schema of search_path; NULL: unknown */
    bool begins_empty; /* the first thing done to a relation was to make one: so the database was empty */
    bool touched, opaque, has_temporary; /* some relation was; somebody's code ran; pg_temp isn't empty */
    bool has_makers;   /* a function that this history made may make things, and a trigger or a default may call it */
    bool has_watchers; /* such a one is for event triggers */
};

struct catalog *catalog_start(struct memory *memory);

/* A migration begins: settings are what they are in a new session. Temporary tables of the one before are gone. */
void catalog_begin(struct catalog *catalog, const struct migration *migration);

/* Do what the deed does. */
void catalog_apply(struct catalog *catalog, const struct deed *deed);

/*
 * The thing of this kind that the deed is about (for triggers, columns and such: their table), by `object`; NULL where nothing is known of
 * it. Where the name has no schema, one of another schema counts when it is the only one.
 */
struct thing *catalog_find(const struct catalog *catalog, thing_kind kind, struct object object);

/* The column, or part, of this name; NULL where nothing is known of it. A part's `kind` as in struct part. */
struct column *catalog_column(const struct thing *thing, const char *name);
struct part *catalog_part(const struct thing *thing, thing_kind kind, const char *name);

/* Is it surely there? Surely not (of a part, `kind` as in struct part; of a column, THING_TABLE)? NULL: neither. */
bool catalog_is_present(const struct thing *thing);
bool catalog_is_absent(const struct catalog *catalog, thing_kind kind, const struct state *state);

/* The same of a column or part of the thing; a partition or child may have got it back from its parent. */
bool catalog_lacks(const struct catalog *catalog, const struct thing *thing, thing_kind kind, const struct state *state);

/* The function that this history made under this name; or NULL. */
const struct made_function *catalog_function(const struct catalog *catalog, const char *name);

/* Was it made by the migration that is looked at, so that nobody else can have seen it, nor put rows in? */
bool catalog_is_new(const struct catalog *catalog, const struct thing *thing);

/* The present thing of a kind whose name is most like this one; or NULL, also when very many were looked for. The same for columns. */
const char *catalog_nearest(const struct catalog *catalog, thing_kind kind, const char *name);
const char *catalog_nearest_column(const struct thing *thing, const char *name);

#endif
