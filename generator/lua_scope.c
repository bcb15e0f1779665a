#include "lua_scope.h"

#include "lua_names.h"
#include "text.h"

#include <string.h>

struct lua_variable {
    const char *name;
    uint32_t at; /* where it is declared; UINT32_MAX for self */
    struct lua_shape shape;
};

void lua_scope_start(struct lua_scope *scope, struct memory *memory, struct diag *diag, const struct source *source,
                     lua_kind kind, struct lua_outline *outline)
{
    *scope = (struct lua_scope){.memory = memory, .diag = diag, .source = source, .outline = outline,
                                .kind = kind, .reads = {UINT32_MAX, UINT32_MAX, UINT32_MAX}};
}

static void complain(struct lua_scope *scope, uint32_t at, const char *message, const char *hint)
{
    diag_error(scope->diag, scope->source, at, "%s", message);
    if (hint != NULL)
        diag_hint(scope->diag, "%s", hint);
    scope->outline->broken = true;
}

static const char *spell(const struct lua_scope *scope, struct lua_token token)
{
    return memory_copy(scope->memory, scope->source->text + token.begin, token.end - token.begin);
}

/* Was there a complaint about this name already? Then the others follow from the same mistake. */
static bool is_told(struct lua_scope *scope, const char *name)
{
    for (size_t i = 0; i < scope->told_count; i++)
        if (strcmp(scope->told[i], name) == 0)
            return true;
    scope->told = memory_grow(scope->memory, scope->told, scope->told_count, &scope->told_capacity, sizeof *scope->told);
    scope->told[scope->told_count++] = name;
    return false;
}

/* ---------------------------------------------------------------- locals */

static struct lua_variable *find(const struct lua_scope *scope, struct lua_token name)
{
    for (size_t i = scope->count; i-- > 0;)
        if (lua_token_is(scope->source->text, name, scope->variables[i]->name))
            return scope->variables[i];
    return NULL;
}

static void declare(struct lua_scope *scope, const char *name, uint32_t at, const struct lua_shape *shape)
{
    struct lua_variable *variable = memory_get(scope->memory, 1, sizeof *variable);
    *variable = (struct lua_variable){name, at, shape == NULL ? (struct lua_shape){0} : *shape};
    scope->variables = memory_grow(scope->memory, scope->variables, scope->count, &scope->capacity,
                                   sizeof *scope->variables);
    scope->variables[scope->count++] = variable;
}

void lua_scope_declare(struct lua_scope *scope, struct lua_token name, const struct lua_shape *shape)
{
    if (lua_token_is(scope->source->text, name, "_ENV"))
        complain(scope, name.begin, "\"_ENV\" can't be declared", lua_names_reason("_ENV", scope->kind));
    declare(scope, spell(scope, name), name.begin, shape);
}

void lua_scope_declare_self(struct lua_scope *scope)
{
    declare(scope, "self", UINT32_MAX, NULL);
}

void lua_scope_forget(struct lua_scope *scope, size_t count)
{
    scope->count = count;
}

bool lua_scope_is_global(const struct lua_scope *scope, struct lua_token name, const char *global)
{
    return lua_token_is(scope->source->text, name, global) && find(scope, name) == NULL;
}

/* --------------------------------------------------------------- reading */

static void refuse_global(struct lua_scope *scope, struct lua_token token, const char *name, const char *whole)
{
    struct nearest nearest = {.name = name};
    const char *reason = lua_names_reason(whole, scope->kind);
    if (is_told(scope, whole))
        return;
    complain(scope, token.begin, memory_print(scope->memory, "\"%s\" does not exist", whole), NULL);
    for (size_t i = scope->count; i-- > 0;)
        nearest_offer(&nearest, scope->variables[i]->name);
    lua_names_offer(&nearest, scope->kind);
    for (part_kind part = PART_UP; part < PART_COUNT && scope->kind == LUA_MIGRATION; part++)
        if (scope->globals[part].there)
            nearest_offer(&nearest, lua_part_name(part));
    if (reason != NULL)
        diag_hint(scope->diag, "%s", reason);
    else if (nearest.best != NULL)
        diag_hint(scope->diag, "did you mean \"%s\"?", nearest.best);
    else
        diag_hint(scope->diag, "no local of this name can be seen here, and it is none of the sandbox's globals");
}

static void refuse_field(struct lua_scope *scope, const char *library, struct lua_token token, const char *field)
{
    struct nearest nearest = {.name = field};
    const char *whole = memory_print(scope->memory, "%s.%s", library, field), *reason = lua_names_reason(whole, scope->kind);
    if (is_told(scope, whole))
        return;
    complain(scope, token.begin, memory_print(scope->memory, "\"%s\" does not exist", whole), NULL);
    lua_names_offer_fields(&nearest, library);
    if (reason != NULL)
        diag_hint(scope->diag, "%s", reason);
    else if (nearest.best != NULL)
        diag_hint(scope->diag, "did you mean \"%s.%s\"?", library, nearest.best);
}

static void read_global(struct lua_scope *scope, struct lua_token token, const struct lua_token *field)
{
    const char *name = spell(scope, token), *whole = name;
    part_kind part = lua_part_of(name);
    if (part < PART_COUNT && scope->kind == LUA_MIGRATION) {
        if (scope->reads[part] == UINT32_MAX)
            scope->reads[part] = token.begin;
    } else if (!lua_names_has(name, scope->kind)) {
        if (field != NULL && lua_names_reason(name, scope->kind) != NULL && strcmp(name, "db") != 0)
            whole = memory_print(scope->memory, "%s.%s", name, spell(scope, *field));
        refuse_global(scope, token, name, whole);
    } else if (field != NULL && lua_names_is_library(name) && !lua_names_has_field(name, spell(scope, *field))) {
        refuse_field(scope, name, *field, spell(scope, *field));
    }
}

struct lua_shape lua_scope_read(struct lua_scope *scope, struct lua_token name, const struct lua_token *field)
{
    const struct lua_variable *variable = find(scope, name);
    if (variable == NULL)
        read_global(scope, name, field);
    return variable == NULL || field != NULL ? (struct lua_shape){0} : variable->shape;
}

/* ------------------------------------------------------------- assigning */

static struct lua_found found_of(const struct lua_shape *shape)
{
    return shape != NULL && shape->is_function ? (struct lua_found){true, shape->is_method, shape->begin, shape->end}
                                               : (struct lua_found){.there = true};
}

void lua_scope_set_field(struct lua_scope *scope, struct lua_fields *fields, const struct lua_token *name, uint32_t at,
                         const struct lua_shape *shape)
{
    const char *spelled = name == NULL ? "" : spell(scope, *name);
    part_kind part = lua_part_of(spelled);
    if (part < PART_COUNT) {
        fields->parts[part] = found_of(shape);
    } else if (fields->odd == NULL) {
        fields->odd = spelled;
        fields->odd_at = at;
    }
}

/* The part that is spelled nearly so; or NULL. */
static const char *nearest_part(const char *name)
{
    struct nearest nearest = {.name = name};
    for (part_kind part = PART_UP; part < PART_COUNT; part++)
        nearest_offer(&nearest, lua_part_name(part));
    return nearest.best;
}

/* function M.up(db) ..., M.up = ...: of what may be the table that the file returns. */
static void assign_field(struct lua_scope *scope, struct lua_variable *variable, struct lua_token field,
                         const struct lua_shape *shape)
{
    const char *name = spell(scope, field);
    part_kind part = lua_part_of(name);
    if (variable->shape.fields == NULL)
        variable->shape.fields = memory_get(scope->memory, 1, sizeof *variable->shape.fields);
    struct lua_fields *fields = variable->shape.fields;
    if (part < PART_COUNT) {
        fields->parts[part] = found_of(shape);
    } else if (nearest_part(name) != NULL) {
        fields->near = name;
        fields->near_at = field.begin;
    }
}

static void assign_part(struct lua_scope *scope, part_kind part, uint32_t at, const struct lua_shape *shape)
{
    if (scope->depth > 1)
        complain(scope, at, memory_print(scope->memory, "\"%s\" is assigned inside a block", lua_part_name(part)),
                 "whether a migration has it must be plain from the file: assign it outside of all blocks");
    else if (scope->globals[part].there)
        complain(scope, at, memory_print(scope->memory, "a second \"%s\"", lua_part_name(part)), NULL);
    scope->globals[part] = found_of(shape);
}

static void hint_assignment(struct lua_scope *scope, const char *name, bool is_function)
{
    const char *part = nearest_part(name);
    if (scope->kind == LUA_MODULE && lua_part_of(name) < PART_COUNT)
        diag_hint(scope->diag, "a module is no migration: return a table of functions under other names");
    else if (scope->kind == LUA_JOB && lua_part_of(name) < PART_COUNT)
        diag_hint(scope->diag, "a job is no migration: what it does stands in the table that it returns");
    else if (scope->kind == LUA_MIGRATION && is_function && part != NULL)
        diag_hint(scope->diag, "did you mean \"%s\"?", part);
    else if (strcmp(name, "_ENV") == 0)
        diag_hint(scope->diag, "%s", lua_names_reason(name, scope->kind));
    else
        diag_hint(scope->diag, "make it a local: local %s%s", is_function ? "function " : "", name);
}

static void assign_global(struct lua_scope *scope, struct lua_token token, const struct lua_token *field,
                          const struct lua_shape *shape)
{
    const char *name = spell(scope, token);
    part_kind part = lua_part_of(name);
    if (field != NULL && lua_names_is_library(name)) {
        complain(scope, token.begin, memory_print(scope->memory, "assignment to a field of \"%s\"", name),
                 "the libraries can't be changed: use a local function");
    } else if (field != NULL) {
        read_global(scope, token, field);
    } else if (part < PART_COUNT && scope->kind == LUA_MIGRATION) {
        assign_part(scope, part, token.begin, shape);
    } else if (!is_told(scope, name)) {
        complain(scope, token.begin, memory_print(scope->memory, "assignment to the global \"%s\"", name), NULL);
        hint_assignment(scope, name, shape != NULL && shape->is_function);
    }
}

void lua_scope_assign(struct lua_scope *scope, struct lua_token name, const struct lua_token *field,
                      const struct lua_shape *shape)
{
    struct lua_variable *variable = find(scope, name);
    if (variable == NULL)
        assign_global(scope, name, field, shape);
    else if (field != NULL)
        assign_field(scope, variable, *field, shape);
    else
        variable->shape = shape == NULL ? (struct lua_shape){0} : *shape;
}

/* --------------------------------------------------------------- require */

static bool is_module_name(const char *name)
{
    for (bool first = true;; name++) {
        bool letter = is_letter(*name) || *name == '_';
        if (first ? !letter : !letter && !is_digit(*name) && *name != '-' && *name != '.')
            return !first && *name == '\0';
        first = *name == '.';
    }
}

void lua_scope_refuse_require(struct lua_scope *scope, struct lua_token name)
{
    complain(scope, name.begin, "\"require\" without a literal name",
             "stelec compiles the module in, so it has to know it: require \"module\"");
}

void lua_scope_require(struct lua_scope *scope, struct lua_token string)
{
    struct lua_outline *outline = scope->outline;
    uint32_t begin, end;
    bool plain = lua_token_plain_string(scope->source->text, string, &begin, &end);
    const char *name = memory_copy(scope->memory, scope->source->text + begin, end - begin);
    if (!plain || !is_module_name(name)) {
        char *dotted = memory_copy(scope->memory, name, strlen(name));
        for (char *p = dotted; *p != '\0'; p++)
            if (*p == '/')
                *p = '.';
        complain(scope, string.begin, memory_print(scope->memory, "malformed name of a module: \"%s\"", name), NULL);
        if (plain && is_module_name(dotted))
            diag_hint(scope->diag, "did you mean \"%s\"?", dotted);
        else
            diag_hint(scope->diag, "\"text.split\" is the file text/split.lua in the folder of --lua");
        return;
    }
    if (strncmp(name, "J_", 2) == 0 && strchr(name, '.') == NULL) {
        complain(scope, string.begin, memory_print(scope->memory, "\"%s\" is no module, but a job", name),
                 "put what both need into a module of another name");
        return;
    }
    if (lua_names_is_library(name)) {
        complain(scope, string.begin, memory_print(scope->memory, "\"%s\" is no module", name),
                 memory_print(scope->memory, "it is there without being required: use %s as it is", name));
        return;
    }
    outline->requires = memory_grow(scope->memory, outline->requires, outline->require_count,
                                    &outline->require_capacity, sizeof *outline->requires);
    outline->requires[outline->require_count++] = (struct lua_literal){name, string.begin};
}

/* ------------------------------------------------------------- parameters */

void lua_scope_take_parameter(struct lua_scope *scope, struct lua_token string)
{
    struct lua_outline *outline = scope->outline;
    uint32_t begin, end;
    if (!lua_token_plain_string(scope->source->text, string, &begin, &end))
        return;
    outline->parameters = memory_grow(scope->memory, outline->parameters, outline->parameter_count,
                                      &outline->parameter_capacity, sizeof *outline->parameters);
    outline->parameters[outline->parameter_count++] =
        (struct lua_literal){memory_copy(scope->memory, scope->source->text + begin, end - begin), string.begin};
}

/* -------------------------------------------------------- the end of it */

void lua_scope_return(struct lua_scope *scope, uint32_t at, const struct lua_shape *shape)
{
    if (scope->depth > 1 && scope->kind == LUA_MIGRATION) {
        complain(scope, at, "\"return\" inside a block of the file itself",
                 "what a migration has must be plain from the file: return it at its end");
        return;
    }
    scope->returned = scope->returned || shape != NULL;
    scope->return_at = at;
    if (shape != NULL)
        scope->return_shape = *shape;
}

static const char forms[] = "function up(db) ... end, or return { up = function(db) ... end }";

static void check_methods(struct lua_scope *scope, const struct lua_found *parts)
{
    for (part_kind part = PART_UP; part < PART_COUNT; part++)
        if (parts[part].is_method)
            complain(scope, parts[part].begin, memory_print(scope->memory, "\"%s\" is a method", lua_part_name(part)),
                     "it is called with db alone: write a dot for the colon");
}

/* A table is returned: its fields are the parts, and other ones are slips. */
static void take_fields(struct lua_scope *scope, const struct lua_fields *fields)
{
    memcpy(scope->outline->parts, fields->parts, sizeof fields->parts);
    check_methods(scope, fields->parts);
    if (fields->near != NULL) {
        diag_warning(scope->diag, scope->source, fields->near_at, "a migration has no \"%s\"", fields->near);
        diag_hint(scope->diag, "did you mean \"%s\"?", nearest_part(fields->near));
    }
    if (fields->odd == NULL)
        return;
    if (fields->odd[0] == '\0') {
        complain(scope, fields->odd_at, "a field without a plain name in what the migration returns", forms);
        return;
    }
    complain(scope, fields->odd_at, memory_print(scope->memory, "a migration has no \"%s\"", fields->odd), NULL);
    if (nearest_part(fields->odd) != NULL)
        diag_hint(scope->diag, "did you mean \"%s\"?", nearest_part(fields->odd));
    else
        diag_hint(scope->diag, "it has up, and may have down and verify");
}

static void take_return(struct lua_scope *scope)
{
    const struct lua_shape *shape = &scope->return_shape;
    for (part_kind part = PART_UP; part < PART_COUNT; part++)
        if (scope->globals[part].there) {
            complain(scope, scope->return_at,
                     memory_print(scope->memory, "a value is returned though there is a global \"%s\"",
                                  lua_part_name(part)),
                     "use one of the two ways");
            return;
        }
    if (shape->is_function)
        scope->outline->parts[PART_UP] = found_of(shape);
    else if (shape->fields != NULL)
        take_fields(scope, shape->fields);
    else
        complain(scope, scope->return_at, "what the migration returns can't be told from the text", forms);
}

static void check_reads(struct lua_scope *scope)
{
    for (part_kind part = PART_UP; part < PART_COUNT; part++) {
        const char *name = lua_part_name(part);
        uint32_t at = scope->reads[part];
        if (at != UINT32_MAX && !scope->globals[part].there)
            refuse_global(scope, (struct lua_token){LUA_TOKEN_NAME, at, at + (uint32_t)strlen(name)}, name, name);
    }
}

/* `local function down` beside a global up: stele would never find it, and nobody would notice. */
static void check_locals(struct lua_scope *scope)
{
    for (size_t i = 0; i < scope->count; i++) {
        const struct lua_variable *variable = scope->variables[i];
        if (variable->shape.is_function && lua_part_of(variable->name) < PART_COUNT)
            complain(scope, variable->at,
                     memory_print(scope->memory, "\"%s\" is local, so it is never called", variable->name),
                     "leave out \"local\", or return it: return { up = up }");
    }
}

static void finish_job(struct lua_scope *scope)
{
    static const char form[] = "end it with: return { table = \"...\", ... }";
    if (!scope->returned)
        complain(scope, SOURCE_WHOLE, "the job returns nothing", form);
    else if (scope->return_shape.is_function)
        complain(scope, scope->return_at, "a job returns a table, not a function", form);
}

static void finish_migration(struct lua_scope *scope)
{
    struct lua_outline *outline = scope->outline;
    check_reads(scope);
    if (scope->returned) {
        take_return(scope);
    } else {
        check_locals(scope);
        memcpy(outline->parts, scope->globals, sizeof scope->globals);
    }
    if (!outline->parts[PART_UP].there && !outline->broken)
        complain(scope, SOURCE_WHOLE, "the migration has no function \"up\"", forms);
}

void lua_scope_finish(struct lua_scope *scope)
{
    if (scope->kind == LUA_JOB)
        finish_job(scope);
    else if (scope->kind == LUA_MIGRATION)
        finish_migration(scope);
    else if (!scope->returned)
        complain(scope, SOURCE_WHOLE, "the module returns nothing", "end it with: return M");
}
