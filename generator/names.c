/*
 * PostgreSQL's own walker of raw trees knows queries, not utility statements. libpg_query's JSON has every node with every
 * field, in one form: so that is what is walked. What tells a node is its fields, since a node that stands in a field of a
 * fixed type comes without its tag.
 */
#define _POSIX_C_SOURCE 200809L
#include "names.h"

#include <stdlib.h>
#include <string.h>

/* Last: PostgreSQL's port.h renames printf and its kin. */
#include "tree.h"

/* Exported by libpg_query, and in none of its headers: the JSON of a list of statements. */
extern char *pg_query_nodes_to_json(const void *statements);

/* Deeper trees are generated data (a sum of 10,000 terms), and would need as much stack. */
enum { DEEPEST = 4000 };

struct walk {
    struct memory *memory;
    struct names *names;
    const char *at;
    int depth;
    const char **queries; /* of WITH */
    size_t query_count, query_capacity;
};

/* What one object has told so far. */
struct node {
    const char *schema, *relation;
    const char *names_schema, *name; /* the last two of a list of names */
    name_kind kind;                  /* of that list */
    long location;
    long arguments, argument_types; /* their numbers; -1 for none told */
    bool is_call;
};

static size_t walk_value(struct walk *walk);

/* ---------------------------------------------------------------- strings */

static char escaped(char c)
{
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return c;
    }
}

static size_t string_length(const char *at)
{
    size_t length = 1;
    while (at[length] != '"')
        length += at[length] == '\\' ? 2 : 1;
    return length + 1;
}

static void skip_string(struct walk *walk)
{
    walk->at += string_length(walk->at);
}

/* A string's bytes. What libpg_query writes as \u is a control character. */
static const char *take_string(struct walk *walk)
{
    size_t length = string_length(walk->at), used = 0;
    char *text = memory_get(walk->memory, length, 1);
    const char *end = walk->at + length - 1;
    for (const char *p = walk->at + 1; p < end; p++) {
        if (*p == '\\' && p[1] == 'u') {
            char hex[5] = {p[2], p[3], p[4], p[5], '\0'};
            text[used++] = (char)strtol(hex, NULL, 16);
            p += 5;
        } else if (*p == '\\') {
            text[used++] = escaped(*++p);
        } else {
            text[used++] = *p;
        }
    }
    walk->at = end + 1;
    return text;
}

static bool skip(struct walk *walk, const char *text)
{
    size_t length = strlen(text);
    bool there = strncmp(walk->at, text, length) == 0;
    walk->at += there ? length : 0;
    return there;
}

/* ------------------------------------------------------------------ nodes */

/* A call's arguments, or those in "f(int, text)". A trigger's are another matter: its function has none. */
static long argument_count(const struct node *node)
{
    if (node->is_call)
        return node->arguments < 0 ? 0 : node->arguments;
    return node->argument_types;
}

static void add(struct walk *walk, name_kind kind, const char *schema, const char *name, const struct node *node)
{
    struct names *names = walk->names;
    names->list = memory_grow(walk->memory, names->list, names->count, &names->capacity, sizeof *names->list);
    names->list[names->count++] = (struct name){.kind = kind, .schema = schema, .name = name,
                                                .location = node->location, .arguments = argument_count(node)};
}

/* [{"String":{"sval":"a"}},{"String":{"sval":"b"}}], or any other list. Returns how many it has. */
static size_t take_names(struct walk *walk, struct node *node, name_kind kind)
{
    size_t count = 0;
    node->kind = kind;
    for (walk->at++; *walk->at != ']'; count++) {
        skip(walk, ",");
        if (!skip(walk, "{\"String\":{\"sval\":")) {
            walk_value(walk);
            continue;
        }
        node->names_schema = node->name;
        node->name = take_string(walk);
        skip(walk, "}}");
    }
    walk->at++;
    return count;
}

static bool is_key(const char *key, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(key, word, length) == 0;
}

static void take_query(struct walk *walk)
{
    walk->queries = memory_grow(walk->memory, walk->queries, walk->query_count, &walk->query_capacity,
                                sizeof *walk->queries);
    walk->queries[walk->query_count++] = take_string(walk);
}

static void take_member(struct walk *walk, struct node *node, const char *key, size_t length)
{
    char first = *walk->at;
    node->is_call |= is_key(key, length, "funcformat");
    if (first == '"' && is_key(key, length, "schemaname"))
        node->schema = take_string(walk);
    else if (first == '"' && is_key(key, length, "relname"))
        node->relation = take_string(walk);
    else if (first == '"' && is_key(key, length, "ctename"))
        take_query(walk);
    else if (first == '[' && (is_key(key, length, "funcname") || is_key(key, length, "objname")))
        take_names(walk, node, NAME_FUNCTION);
    else if (first == '[' && is_key(key, length, "names"))
        take_names(walk, node, NAME_TYPE);
    else if (first == '[' && is_key(key, length, "args"))
        node->arguments = (long)walk_value(walk);
    else if (first == '[' && is_key(key, length, "objargs"))
        node->argument_types = (long)walk_value(walk);
    else if (is_key(key, length, "location"))
        node->location = strtol(walk->at, (char **)&walk->at, 10);
    else
        walk_value(walk);
}

static void walk_object(struct walk *walk)
{
    struct node node = {.location = -1, .arguments = -1, .argument_types = -1};
    for (walk->at++; *walk->at != '}';) {
        skip(walk, ",");
        const char *key = walk->at + 1;
        skip_string(walk);
        size_t length = (size_t)(walk->at - key) - 1;
        walk->at++; /* the colon */
        take_member(walk, &node, key, length);
    }
    walk->at++;
    if (node.relation != NULL)
        add(walk, NAME_RELATION, node.schema, node.relation, &node);
    if (node.name != NULL)
        add(walk, node.kind, node.names_schema, node.name, &node);
}

/* Pass over brackets without looking into them: they lie too deep. */
static void skip_nested(struct walk *walk)
{
    size_t open = 0;
    do {
        open += *walk->at == '{' || *walk->at == '[';
        open -= *walk->at == '}' || *walk->at == ']';
        if (*walk->at == '"')
            skip_string(walk);
        else
            walk->at++;
    } while (open > 0);
}

/* Any value. Returns how many elements it has. */
static size_t walk_value(struct walk *walk)
{
    size_t count = 1;
    struct node none = {0};
    if (*walk->at == '"') {
        skip_string(walk);
    } else if ((*walk->at == '{' || *walk->at == '[') && walk->depth == DEEPEST) {
        skip_nested(walk);
    } else if (*walk->at == '{' || *walk->at == '[') {
        walk->depth++;
        if (*walk->at == '{')
            walk_object(walk);
        else
            count = take_names(walk, &none, NAME_TYPE);
        walk->depth--;
    } else {
        walk->at += strcspn(walk->at, ",]}");
    }
    return count;
}

/* ------------------------------------------------------------------ trees */

/* What a tree names, by way of its JSON. */
static void walk_tree(struct walk *walk, const void *tree)
{
    RawStmt statement = {.type = T_RawStmt, .stmt = (Node *)tree};
    char *json = pg_query_nodes_to_json(list_make1(&statement));
    walk->at = json;
    walk_value(walk);
    pfree(json);
}

/* INSERT INTO t VALUES (...), ... with nothing more to it. */
static bool is_rows(const Node *tree)
{
    const InsertStmt *insert = (const InsertStmt *)tree;
    if (!IsA(tree, InsertStmt) || insert->withClause != NULL || insert->onConflictClause != NULL ||
        insert->returningList != NIL || insert->selectStmt == NULL)
        return false;
    const SelectStmt *rows = (const SelectStmt *)insert->selectStmt;
    return rows->valuesLists != NIL && rows->withClause == NULL && rows->sortClause == NIL && rows->limitCount == NULL &&
           rows->limitOffset == NULL && rows->lockingClause == NIL;
}

/* Rows are most of the bytes of many a history, and most of their values are constants, which name nothing. */
static void walk_rows(struct walk *walk, const InsertStmt *insert)
{
    const struct node none = {.location = insert->relation->location, .arguments = -1, .argument_types = -1};
    const ListCell *row, *value;
    const char *schema = insert->relation->schemaname, *name = insert->relation->relname;
    foreach (row, ((const SelectStmt *)insert->selectStmt)->valuesLists)
        foreach (value, (const List *)lfirst(row))
            if (!IsA(lfirst(value), A_Const) && !IsA(lfirst(value), SetToDefault))
                walk_tree(walk, lfirst(value));
    add(walk, NAME_RELATION, schema == NULL ? NULL : memory_copy(walk->memory, schema, strlen(schema)),
        memory_copy(walk->memory, name, strlen(name)), &none);
}

/* ---------------------------------------------------------------- public */

static bool is_query(const struct walk *walk, const struct name *name)
{
    for (size_t i = 0; i < walk->query_count; i++)
        if (name->kind == NAME_RELATION && name->schema == NULL && strcmp(walk->queries[i], name->name) == 0)
            return true;
    return false;
}

void names_collect(struct names *names, struct memory *memory, const void *tree)
{
    struct walk walk = {.memory = memory, .names = names};
    size_t first = names->count, kept = first;
    if (is_rows(tree))
        walk_rows(&walk, tree);
    else
        walk_tree(&walk, tree);
    for (size_t i = first; i < names->count; i++)
        if (!is_query(&walk, &names->list[i]))
            names->list[kept++] = names->list[i];
    names->count = kept;
}
