/*
 * The table that a job's script returns, checked and made a stele_job_spec.
 */
#define _POSIX_C_SOURCE 200809L

#include "bind.h"
#include "pace.h"
#include "script_read.h"

#ifndef STELE_NO_LUA

#include <ctype.h>
#include <string.h>

enum { READS = 64 };

/* What is for one kind of job only. */
static const struct {
    const char *key;
    bool embeds, maps, runs_sql;
} owners[] = {{"text", true, false, false}, {"into", true, false, false}, {"index", true, false, false}, {"metric", true, false, false},
              {"space", true, false, false}, {"empty", true, false, false}, {"bind", false, false, true}};

/* embed, map and sql: there must be one of them, and nothing that belongs to another. */
static stele_job_kind read_kind(const stele_reader *job)
{
    static const char *const keys[] = {"embed", "map", "sql"};
    int count = 0, kind = 0;
    for (int i = 0; i < 3; i++) {
        if (!stele_reader_has(job, keys[i]))
            continue;
        if (count++ > 0) {
            stele_reader_drop(job, keys[i]);
            stele_reader_fail(job, keys[i], "a vector, columns, or a statement: each is a job of its own",
                              "a job has one of \"embed\", \"map\" and \"sql\"; this one has \"%s\" and \"%s\"", keys[kind], keys[i]);
        }
        kind = i;
    }
    if (count == 0)
        stele_reader_fail(job, NULL, "embed makes a vector of each row's text, map makes columns of each row, sql is a statement for each batch",
                          "a job has one of \"embed\", \"map\" and \"sql\"; this one has none");
    for (size_t i = 0; i < sizeof owners / sizeof owners[0]; i++) {
        if ((kind == 0 ? owners[i].embeds : kind == 1 ? owners[i].maps : owners[i].runs_sql) || !stele_reader_has(job, owners[i].key))
            continue;
        stele_reader_drop(job, owners[i].key);
        stele_reader_fail(job, owners[i].key, NULL, "\"%s\" is for a job that has \"%s\"; this one has \"%s\"", owners[i].key,
                          owners[i].embeds ? "embed" : "sql", keys[kind]);
    }
    return (stele_job_kind)kind;
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

/* What would be nonsense among the SQL around it, or mean something else there. */
static void check_sql(const stele_reader *job, const char *key, const char *sql)
{
    switch (stele_sql_look(sql)) {
    case STELE_SQL_SOUND: return;
    case STELE_SQL_OPEN: stele_reader_fail(job, key, NULL, "\"%s\" has a string, a quoted name or a comment without an end", key); break;
    case STELE_SQL_PARENTHESES: stele_reader_fail(job, key, NULL, "\"%s\" has parentheses that don't match", key); break;
    case STELE_SQL_PARAMETER: stele_reader_fail(job, key, strcmp(key, "sql") == 0 ? "give the value a name in bind, and write :name" : NULL, "\"%s\" has a parameter, such as $1", key); break;
    case STELE_SQL_SEMICOLON:
        if (strcmp(key, "sql") == 0)
            return;
        stele_reader_fail(job, key, "it is a condition, as behind WHERE", "\"%s\" has a ;", key);
        break;
    case STELE_SQL_SEVERAL:
        if (strcmp(key, "sql") == 0)
            stele_reader_fail(job, key, "WITH puts several into one: WITH a AS (UPDATE ... RETURNING ...) UPDATE ...", "\"sql\" has several statements, and may be one only");
        stele_reader_fail(job, key, "it is a condition, as behind WHERE", "\"%s\" has a ;", key);
        break;
    }
}

static void read_source(const stele_reader *job, stele_job_spec *spec)
{
    static const char *const orders[] = {"key", "blocks", NULL};
    static const stele_job_order by[] = {STELE_JOB_BY_KEY, STELE_JOB_BY_BLOCKS};
    stele_reader_require(job, "table");
    stele_reader_require(job, "key");
    if (spec->kind != STELE_JOB_RUNS_SQL)
        stele_reader_require(job, "read");
    spec->table = stele_reader_table(job, "table");
    spec->keys = stele_reader_list(job, "key", true, STELE_KEY_COLUMNS, &spec->key_count);
    spec->reads = stele_reader_list(job, "read", true, READS, &spec->read_count);
    spec->where = stele_reader_text(job, "where");
    if (spec->where != NULL)
        check_sql(job, "where", spec->where);
    int order = stele_reader_word(job, "by", orders, -1);
    spec->order = order < 0 ? STELE_JOB_ANY_ORDER : by[order];
    if (spec->order == STELE_JOB_BY_BLOCKS && spec->kind != STELE_JOB_EMBEDS)
        stele_reader_fail(job, "by", "by its key each row is met once", "\"by\" is \"blocks\", and what this job writes moves the rows of its table: one would be met twice, or never");
}

static void check_columns(const stele_reader *job, const stele_reader *into, const stele_job_spec *spec)
{
    const char *const written[] = {spec->vector, spec->hash}, *const names[] = {"vector", "hash"};
    for (int i = 0; i < 2 && written[i] != NULL; i++) {
        if (is_among(written[i], spec->keys, spec->key_count))
            stele_reader_fail(into, names[i], NULL, "\"into.%s\" is \"%s\", a column of the key", names[i], written[i]);
        if (spec->into == NULL && is_among(written[i], spec->reads, spec->read_count))
            stele_reader_fail(job, "read", NULL, "\"read\" has \"%s\", which this job writes: it would never be done", written[i]);
    }
    if (spec->hash != NULL && strcmp(spec->vector, spec->hash) == 0)
        stele_reader_fail(into, "hash", NULL, "\"into\" has one column for both \"vector\" and \"hash\"");
}

static void read_into(const stele_reader *job, stele_job_spec *spec)
{
    static const char *const keys[] = {"table", "vector", "hash", NULL};
    stele_reader into;
    stele_reader_require(job, "into");
    if (!stele_reader_enter(job, "into", keys, &into))
        return;
    stele_reader_require(&into, "vector");
    spec->into = stele_reader_table(&into, "table");
    spec->vector = stele_reader_column(&into, "vector");
    spec->hash = stele_reader_column(&into, "hash");
    if (spec->into != NULL && spec->hash == NULL)
        stele_reader_doubt(&into, "hash");
    if (spec->into != NULL && spec->hash == NULL)
        stele_reader_fail(&into, NULL, "a column of type bytea: it tells which rows were changed since", "\"into\" names a table, and lacks the key \"hash\"");
    if (spec->into != NULL && strcmp(spec->into, spec->table) == 0)
        stele_reader_fail(&into, "table", NULL, "\"into.table\" is the table that is read; for a column of that table, leave it out");
    check_columns(job, &into, spec);
    lua_pop(job->L, 1);
}

static void read_embeds(const stele_reader *job, stele_job_spec *spec)
{
    static const char *const metrics[] = {"cosine", "l2", "ip", NULL}, *const empties[] = {"dead", "null", NULL};
    stele_script_read_provider(job, &spec->provider);
    stele_reader_require(job, "text");
    stele_reader_function(job, "text");
    read_into(job, spec);
    spec->null_for_empty = stele_reader_word(job, "empty", empties, 0) == 1;
    spec->index = stele_reader_text(job, "index");
    spec->metric = metrics[stele_reader_word(job, "metric", metrics, 0)];
    spec->space = stele_reader_text(job, "space");
    if (spec->space == NULL)
        spec->space = spec->name;
}

/* Is :name in the statement, and not a part of another name, nor behind another colon? */
static bool refers_to(const char *sql, const char *name)
{
    size_t length = strlen(name);
    for (const char *p = strchr(sql, ':'); p != NULL; p = strchr(p + 1, ':'))
        if ((p == sql || p[-1] != ':') && strncmp(p + 1, name, length) == 0 && !isalnum((unsigned char)p[1 + length]) && p[1 + length] != '_')
            return true;
    return false;
}

static void read_sql(const stele_reader *job, stele_job_spec *spec)
{
    spec->sql = stele_reader_text(job, "sql");
    check_sql(job, "sql", spec->sql);
    if (stele_reader_knows(job, "sql") && !refers_to(spec->sql, "batch"))
        stele_reader_fail(job, "sql", "it stands for the rows of one batch: UPDATE t SET ... FROM :batch b WHERE t.id = b.id",
                          "\"sql\" doesn't use :batch, so each batch would do all of it");
    spec->binds = stele_reader_pairs(job, "bind", &spec->bind_is_secret, &spec->bind_count);
    for (size_t i = 0; i < spec->bind_count; i++) {
        const char *name = spec->binds[i].name;
        bool good = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name) && !(name[0] >= '0' && name[0] <= '9');
        if (!good || strcmp(name, "batch") == 0)
            stele_reader_fail(job, "bind", NULL, "\"bind\" has the name \"%.64s\", which :name can't be in the statement", name);
        if (stele_reader_knows(job, "sql") && !refers_to(spec->sql, name))
            stele_reader_fail(job, "bind", NULL, "\"bind\" has the name \"%.64s\", and \"sql\" has no :%.64s", name, name);
    }
}

static void read_follow(const stele_reader *job, stele_job_spec *spec)
{
    static const char *const ways[] = {"trigger", "sweep", "none", NULL};
    int way = stele_reader_word(job, "follow", ways, spec->kind == STELE_JOB_EMBEDS ? 0 : 2);
    spec->triggers = way == 0;
    spec->follows = way != 2;
}

static void read_pace(const stele_reader *job, stele_job_spec *spec)
{
    stele_reader pace;
    stele_knobs knobs;
    if (!stele_reader_enter(job, "pace", NULL, &pace))
        return;
    stele_knobs_default(&knobs);
    spec->pace = stele_reader_pairs(job, "pace", NULL, &spec->pace_count);
    for (size_t i = 0; i < spec->pace_count; i++) {
        stele_error error = {0};
        if (spec->pace[i].value != NULL && stele_knob_read(&knobs, spec->pace[i].name, spec->pace[i].value, &error) != STELE_OK)
            stele_reader_fail(&pace, spec->pace[i].name, error.hint, "%s", error.message);
    }
    lua_pop(job->L, 1);
}

void stele_script_read_spec(lua_State *L)
{
    static const char *const keys[] = {"table", "key", "read", "where", "by", "embed", "text", "into", "index", "metric", "space", "empty",
                                       "map", "sql", "bind", "follow", "pace", "verify", "switch", NULL};
    stele_script *script = stele_lua_of(L)->script;
    stele_job_spec *spec = &script->spec;
    stele_reader job = stele_reader_open(L, -1, "", keys);
    spec->name = stele_reader_keep(L, script->file->name, strlen(script->file->name));
    spec->kind = read_kind(&job);
    read_source(&job, spec);
    if (spec->kind == STELE_JOB_EMBEDS)
        read_embeds(&job, spec);
    else if (spec->kind == STELE_JOB_MAPS)
        stele_reader_function(&job, "map");
    else
        read_sql(&job, spec);
    read_follow(&job, spec);
    read_pace(&job, spec);
    stele_script_read_verify(&job, spec);
    stele_script_read_switch(&job, spec);
}

#endif
