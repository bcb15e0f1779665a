#include "lua_names.h"

#include "../runtime/lua_globals.h"
#include "text.h"

#include <string.h>

#define GLOBAL(name) #name,
#define FIELD(library, name) {#library, #name},
static const char *const globals[] = {STELE_LUA_GLOBALS(GLOBAL)}, *const job_globals[] = {STELE_LUA_JOB_GLOBALS(GLOBAL)};
static const struct {
    const char *library, *name;
} fields[] = {STELE_LUA_FIELDS(FIELD)};
#undef GLOBAL
#undef FIELD
enum {
    GLOBAL_COUNT = sizeof globals / sizeof globals[0],
    JOB_GLOBAL_COUNT = sizeof job_globals / sizeof job_globals[0],
    FIELD_COUNT = sizeof fields / sizeof fields[0]
};

struct missing {
    const char *name, *reason;
};

/* What people reach for, and what there is instead. A library's own name stands for all of its fields. */
static const struct missing missing[] = {
    {"_ENV", "globals can't be exchanged; use a table of your own"},
    {"_G", "globals can't be reached as a table; use a table of your own"},
    {"bit32", "use the operators: & | ~ << >>"},
    {"collectgarbage", "memory has a limit: -- stele: lua-memory SIZE"},
    {"debug", "it reaches around the sandbox; an error has its traceback anyway"},
    {"db", "the database is what up, down and verify are called with: function up(db)"},
    {"dofile", "a migration runs what was sealed and nothing else; use require \"module\""},
    {"getfenv", "Lua 5.4 has no environments of functions"},
    {"io", "a migration reaches its database and nothing else; print goes to whoever runs it"},
    {"load", "a migration runs what was sealed and nothing else"},
    {"loadfile", "a migration runs what was sealed and nothing else; use require \"module\""},
    {"loadstring", "a migration runs what was sealed and nothing else"},
    {"math.atan2", "math.atan(y, x)"},
    {"math.cosh", "(math.exp(x) + math.exp(-x)) / 2"},
    {"math.frexp", "Lua 5.4 has no math.frexp"},
    {"math.ldexp", "x * 2.0 ^ n"},
    {"math.log10", "math.log(x, 10)"},
    {"math.mod", "math.fmod(x, y), or x % y"},
    {"math.pow", "x ^ y"},
    {"math.sinh", "(math.exp(x) - math.exp(-x)) / 2"},
    {"math.tanh", "Lua 5.4 has no math.tanh"},
    {"module", "end a module with: return M"},
    {"newproxy", "setmetatable({}, metatable)"},
    {"os", "a migration reaches its database and nothing else"},
    {"os.clock", "the server knows the time: db:one(\"SELECT clock_timestamp()\")"},
    {"os.date", "the server knows the time: db:one(\"SELECT to_char(now(), 'YYYY-MM-DD')\")"},
    {"os.getenv", "what differs from database to database is a parameter: stele.conf(5)"},
    {"os.time", "the server knows the time: db:one(\"SELECT now()\")"},
    {"package", "modules come from the folder of --lua, by require \"module\""},
    {"setfenv", "Lua 5.4 has no environments of functions"},
    {"string.dump", "bytecode can't be checked; a migration is text"},
    {"string.gfind", "string.gmatch(text, pattern)"},
    {"table.foreach", "for key, value in pairs(t) do"},
    {"table.foreachi", "for index, value in ipairs(t) do"},
    {"table.getn", "#t"},
    {"table.maxn", "#t"},
    {"unpack", "table.unpack(t)"},
    {"warn", "print(...)"},
};

/* Where a job has another way, or another reason. */
#define IN_SQL "the server knows the time: now(), in the job's SQL, or as the DEFAULT of a column"
static const struct missing missing_in_jobs[] = {
    {"db", "a job is handed rows, and what its functions return is written; or it says sql = [[ ... ]]"},
    {"dofile", "a job runs what was built in and nothing else; use require \"module\""},
    {"io", "a job is handed rows and reaches nothing else; print goes to whoever runs it"},
    {"load", "a job runs what was built in and nothing else"},
    {"loadfile", "a job runs what was built in and nothing else; use require \"module\""},
    {"loadstring", "a job runs what was built in and nothing else"},
    {"os", "a job is handed rows and reaches nothing else"},
    {"os.clock", IN_SQL},
    {"os.date", IN_SQL},
    {"os.getenv", "a password or key of the environment is secret \"NAME\"; what else differs from database to database is parameter \"NAME\""},
    {"os.time", IN_SQL},
    {"string.dump", "bytecode can't be checked; a job is text"},
};
#undef IN_SQL

bool lua_names_is_library(const char *name)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].library, name) == 0)
            return true;
    return false;
}

static bool is_job_global(const char *name, size_t length)
{
    for (size_t i = 0; i < JOB_GLOBAL_COUNT; i++)
        if (strlen(job_globals[i]) == length && memcmp(job_globals[i], name, length) == 0)
            return true;
    return false;
}

bool lua_names_has(const char *name, lua_kind kind)
{
    for (size_t i = 0; i < GLOBAL_COUNT; i++)
        if (strcmp(globals[i], name) == 0)
            return true;
    return lua_names_is_library(name) || (kind == LUA_JOB && is_job_global(name, strlen(name)));
}

bool lua_names_has_field(const char *library, const char *field)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].library, library) == 0 && strcmp(fields[i].name, field) == 0)
            return true;
    return false;
}

/* The name's own reason, or that of the library that it is in; or NULL. */
static const char *find_reason(const struct missing *list, size_t count, const char *name)
{
    size_t library = strcspn(name, ".");
    const char *general = NULL;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0)
            return list[i].reason;
        if (strlen(list[i].name) == library && memcmp(list[i].name, name, library) == 0)
            general = list[i].reason;
    }
    return general;
}

const char *lua_names_reason(const char *name, lua_kind kind)
{
    const char *reason = NULL;
    if (kind == LUA_JOB)
        reason = find_reason(missing_in_jobs, sizeof missing_in_jobs / sizeof missing_in_jobs[0], name);
    else if (is_job_global(name, strcspn(name, ".")))
        return kind == LUA_MODULE ? "only a job's own file has it: let that hand to the module what comes of it"
                                  : "only a job has it, J_name.lua";
    return reason != NULL ? reason : find_reason(missing, sizeof missing / sizeof missing[0], name);
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t distance = edit_distance(nearest->name, candidate);
    if (distance > (strlen(nearest->name) + 2) / 3 || (nearest->best != NULL && distance >= nearest->distance))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}

void lua_names_offer(struct nearest *nearest, lua_kind kind)
{
    for (size_t i = 0; i < GLOBAL_COUNT; i++)
        nearest_offer(nearest, globals[i]);
    for (size_t i = 0; i < JOB_GLOBAL_COUNT && kind == LUA_JOB; i++)
        nearest_offer(nearest, job_globals[i]);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        nearest_offer(nearest, fields[i].library);
}

void lua_names_offer_fields(struct nearest *nearest, const char *library)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (strcmp(fields[i].library, library) == 0)
            nearest_offer(nearest, fields[i].name);
}

static const char *const part_names[PART_COUNT] = {"up", "down", "verify"};

const char *lua_part_name(part_kind part)
{
    return part_names[part];
}

part_kind lua_part_of(const char *name)
{
    part_kind part = PART_UP;
    while (part < PART_COUNT && strcmp(part_names[part], name) != 0)
        part++;
    return part;
}
