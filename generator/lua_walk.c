#include "lua_walk.h"

struct walker {
    struct lua_scope *scope;
    const char *text;
    const struct lua_token *next;
    uint32_t functions; /* how many are around */
    bool lost;          /* told already */
};

/* A name with what stands behind it, as far as that matters: string.gsub, M.up, require "m". */
struct access {
    bool is_name;           /* it begins with a name, not with a parenthesis */
    bool has_field, single; /* .field stands behind the name; and nothing else */
    bool bare;              /* nothing stands behind the name */
    struct lua_token name, field;
};

static struct lua_shape walk_expression(struct walker *walker);
static void walk_block(struct walker *walker);

static bool is(const struct walker *walker, const char *spelling)
{
    return lua_token_is(walker->text, *walker->next, spelling);
}

/* Lua has accepted the text: where we don't know how it goes on, the mistake is ours. */
static void get_lost(struct walker *walker)
{
    if (!walker->lost) {
        diag_error(walker->scope->diag, walker->scope->source, walker->next->begin,
                   "stele and Lua disagree on how this is to be read");
        diag_hint(walker->scope->diag, "this is a bug of stele, please report it");
    }
    walker->lost = walker->scope->outline->broken = true;
    while (walker->next->kind != LUA_TOKEN_END)
        walker->next++;
}

static struct lua_token take(struct walker *walker)
{
    return walker->next->kind == LUA_TOKEN_END ? *walker->next : *walker->next++;
}

/* Pass this, if it stands here. */
static bool pass(struct walker *walker, const char *spelling)
{
    if (!is(walker, spelling))
        return false;
    walker->next++;
    return true;
}

static void expect(struct walker *walker, const char *spelling)
{
    if (!pass(walker, spelling))
        get_lost(walker);
}

static struct lua_token take_name(struct walker *walker)
{
    if (walker->next->kind != LUA_TOKEN_NAME)
        get_lost(walker);
    return take(walker);
}

/* ----------------------------------------------------------- functions */

/* From the parenthesis of its parameters to its end; `begin` is where "function" stands. */
static struct lua_shape walk_function(struct walker *walker, uint32_t begin, bool has_self)
{
    struct lua_scope *scope = walker->scope;
    size_t count = scope->count;
    uint32_t depth = scope->depth++;
    walker->functions++;
    if (has_self)
        lua_scope_declare_self(scope);
    expect(walker, "(");
    while (!walker->lost && !pass(walker, ")")) {
        if (!pass(walker, "..."))
            lua_scope_declare(scope, take_name(walker), NULL);
        pass(walker, ",");
    }
    walk_block(walker);
    struct lua_shape shape = {.is_function = true, .begin = begin, .end = walker->next->end};
    expect(walker, "end");
    walker->functions--;
    lua_scope_forget(scope, count);
    scope->depth = depth;
    return shape;
}

/* --------------------------------------------------------- expressions */

/* One expression or several; returns what the first is. */
static struct lua_shape walk_expressions(struct walker *walker)
{
    struct lua_shape first = walk_expression(walker);
    while (!walker->lost && pass(walker, ","))
        walk_expression(walker);
    return first;
}

/* ["up"] = ..., as good as up = ... */
static bool take_string_key(struct walker *walker, struct lua_token *name)
{
    if (walker->next[1].kind != LUA_TOKEN_STRING || !lua_token_is(walker->text, walker->next[2], "]"))
        return false;
    *name = walker->next[1];
    bool plain = lua_token_plain_string(walker->text, *name, &name->begin, &name->end);
    walker->next += 3;
    return plain;
}

static void walk_field(struct walker *walker, struct lua_fields *fields)
{
    struct lua_token name, start = *walker->next;
    bool named = false;
    if (start.kind == LUA_TOKEN_NAME && lua_token_is(walker->text, walker->next[1], "=")) {
        name = take(walker);
        named = true;
        expect(walker, "=");
    } else if (is(walker, "[")) {
        named = take_string_key(walker, &name);
        if (walker->next->begin == start.begin) {
            take(walker);
            walk_expression(walker);
            expect(walker, "]");
        }
        expect(walker, "=");
    }
    struct lua_shape shape = walk_expression(walker);
    lua_scope_set_field(walker->scope, fields, named ? &name : NULL, start.begin, &shape);
}

static struct lua_shape walk_table(struct walker *walker)
{
    struct lua_fields *fields = memory_get(walker->scope->memory, 1, sizeof *fields);
    expect(walker, "{");
    while (!walker->lost && !pass(walker, "}")) {
        walk_field(walker, fields);
        if (!pass(walker, ","))
            pass(walker, ";");
    }
    return (struct lua_shape){.fields = fields};
}

static bool stands_argument(const struct walker *walker)
{
    return walker->next->kind == LUA_TOKEN_STRING || is(walker, "(") || is(walker, "{");
}

static void walk_arguments(struct walker *walker)
{
    if (walker->next->kind == LUA_TOKEN_STRING) {
        take(walker);
    } else if (is(walker, "{")) {
        walk_table(walker);
    } else {
        expect(walker, "(");
        if (!is(walker, ")"))
            walk_expressions(walker);
        expect(walker, ")");
    }
}

/* One of .name, [key], :name arguments, arguments. False when none stands here. */
static bool walk_suffix(struct walker *walker)
{
    if (pass(walker, ".")) {
        take_name(walker);
    } else if (pass(walker, "[")) {
        walk_expression(walker);
        expect(walker, "]");
    } else if (pass(walker, ":")) {
        take_name(walker);
        walk_arguments(walker);
    } else if (stands_argument(walker)) {
        walk_arguments(walker);
    } else {
        return false;
    }
    return !walker->lost;
}

/* What stands directly behind the name: .field, :field or ["field"]? */
static void look_at_field(const struct walker *walker, struct access *access)
{
    const struct lua_token *next = walker->next;
    access->has_field = (is(walker, ".") || is(walker, ":")) && next[1].kind == LUA_TOKEN_NAME;
    access->field = next[1];
    if (is(walker, "[") && next[1].kind == LUA_TOKEN_STRING && lua_token_is(walker->text, next[2], "]"))
        access->has_field = lua_token_plain_string(walker->text, next[1], &access->field.begin, &access->field.end);
}

/* f "name", f("name"): the string; or NULL. */
static const struct lua_token *only_string(const struct walker *walker)
{
    const struct lua_token *next = walker->next;
    if (next->kind == LUA_TOKEN_STRING)
        return next;
    bool inside = is(walker, "(") && next[1].kind == LUA_TOKEN_STRING && lua_token_is(walker->text, next[2], ")");
    return inside ? next + 1 : NULL;
}

static void look_at_call(struct walker *walker, struct lua_token name)
{
    const struct lua_token *string = only_string(walker);
    if (lua_scope_is_global(walker->scope, name, "require")) {
        if (string != NULL)
            lua_scope_require(walker->scope, *string);
        else
            lua_scope_refuse_require(walker->scope, name);
    } else if (string != NULL && walker->scope->kind == LUA_JOB && lua_scope_is_global(walker->scope, name, "parameter")) {
        lua_scope_take_parameter(walker->scope, *string);
    }
}

/* A name or an expression in parentheses, and all that stands behind. */
static struct access walk_suffixed(struct walker *walker)
{
    struct access access = {.name = *walker->next};
    if (pass(walker, "(")) {
        walk_expression(walker);
        expect(walker, ")");
    } else {
        access.name = take_name(walker);
        access.is_name = access.bare = !walker->lost;
        if (access.is_name)
            look_at_call(walker, access.name);
        look_at_field(walker, &access);
    }
    for (uint32_t suffixes = 1; walk_suffix(walker); suffixes++) {
        access.bare = false;
        access.single = suffixes == 1;
    }
    return access;
}

static struct lua_shape read_access(struct walker *walker, const struct access *access)
{
    if (!access->is_name)
        return (struct lua_shape){0};
    struct lua_shape shape = lua_scope_read(walker->scope, access->name, access->has_field ? &access->field : NULL);
    return access->bare ? shape : (struct lua_shape){0};
}

static struct lua_shape walk_operand(struct walker *walker)
{
    const struct lua_token token = *walker->next;
    if (is(walker, "function")) {
        take(walker);
        return walk_function(walker, token.begin, false);
    }
    if (is(walker, "{"))
        return walk_table(walker);
    bool literal = token.kind == LUA_TOKEN_STRING || token.kind == LUA_TOKEN_NUMBER || is(walker, "nil") ||
                   is(walker, "true") || is(walker, "false") || is(walker, "...");
    if (literal) {
        take(walker);
        return (struct lua_shape){0};
    }
    struct access access = walk_suffixed(walker);
    return read_access(walker, &access);
}

static bool pass_one_of(struct walker *walker, const char *const *operators)
{
    for (; *operators != NULL; operators++)
        if (pass(walker, *operators))
            return true;
    return false;
}

/* Precedence doesn't matter here: an expression is operands with operators between. */
static struct lua_shape walk_expression(struct walker *walker)
{
    static const char *const unary[] = {"not", "-", "#", "~", NULL};
    static const char *const binary[] = {"+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", "<=", ">", ">=",
                                         "and", "or", "&", "|", "~", "<<", ">>", NULL};
    struct lua_shape shape = {0};
    bool alone = true;
    do {
        while (pass_one_of(walker, unary))
            alone = false;
        shape = walk_operand(walker);
        if (walker->lost || !pass_one_of(walker, binary))
            break;
        alone = false;
    } while (!walker->lost);
    return alone ? shape : (struct lua_shape){0};
}

/* ---------------------------------------------------------- statements */

static void walk_inner_block(struct walker *walker)
{
    struct lua_scope *scope = walker->scope;
    size_t count = scope->count;
    scope->depth++;
    walk_block(walker);
    scope->depth--;
    lua_scope_forget(scope, count);
}

static void walk_if(struct walker *walker)
{
    do {
        walk_expression(walker);
        expect(walker, "then");
        walk_inner_block(walker);
    } while (!walker->lost && pass(walker, "elseif"));
    if (pass(walker, "else"))
        walk_inner_block(walker);
    expect(walker, "end");
}

static void walk_for(struct walker *walker)
{
    enum { MOST = 200 }; /* Lua has no more locals in a function */
    struct lua_token names[MOST];
    size_t count = 0, before = walker->scope->count;
    do
        names[count++] = take_name(walker);
    while (!walker->lost && count < MOST && pass(walker, ","));
    if (!pass(walker, "="))
        expect(walker, "in");
    walk_expressions(walker);
    for (size_t i = 0; i < count && !walker->lost; i++)
        lua_scope_declare(walker->scope, names[i], NULL);
    expect(walker, "do");
    walk_inner_block(walker);
    expect(walker, "end");
    lua_scope_forget(walker->scope, before);
}

/* The condition sees the locals of the block. */
static void walk_repeat(struct walker *walker)
{
    struct lua_scope *scope = walker->scope;
    size_t count = scope->count;
    scope->depth++;
    walk_block(walker);
    expect(walker, "until");
    walk_expression(walker);
    scope->depth--;
    lua_scope_forget(scope, count);
}

/* local a <const>, b = ...; the values don't see the names yet. */
static void walk_local(struct walker *walker)
{
    enum { MOST = 200 };
    struct lua_token names[MOST];
    struct lua_shape first = {0};
    size_t count = 0;
    do {
        names[count++] = take_name(walker);
        if (pass(walker, "<")) {
            take_name(walker);
            expect(walker, ">");
        }
    } while (!walker->lost && count < MOST && pass(walker, ","));
    if (pass(walker, "="))
        first = walk_expressions(walker);
    for (size_t i = 0; i < count && !walker->lost; i++)
        lua_scope_declare(walker->scope, names[i], i == 0 ? &first : NULL);
}

/* The name is seen in the body, which may call it. */
static void walk_local_function(struct walker *walker, uint32_t begin)
{
    struct lua_token name = take_name(walker);
    if (walker->lost)
        return;
    lua_scope_declare(walker->scope, name, NULL);
    struct lua_shape shape = walk_function(walker, begin, false);
    lua_scope_assign(walker->scope, name, NULL, &shape);
}

/* function name(), function a.b.c(), function a.b:c() */
static void walk_named_function(struct walker *walker, uint32_t begin)
{
    struct lua_token name = take_name(walker), field = name;
    size_t fields = 0;
    bool method = false;
    while (!walker->lost && !method && ((method = is(walker, ":")) || is(walker, "."))) {
        take(walker);
        field = take_name(walker);
        fields++;
    }
    struct lua_shape shape = walk_function(walker, begin, method);
    shape.is_method = method;
    if (walker->lost)
        return;
    if (fields > 1)
        lua_scope_read(walker->scope, name, NULL);
    else
        lua_scope_assign(walker->scope, name, fields == 1 ? &field : NULL, &shape);
}

static void walk_return(struct walker *walker, uint32_t at)
{
    struct lua_shape shape = {0};
    bool bare = walker->next->kind == LUA_TOKEN_END || is(walker, ";") || is(walker, "end") || is(walker, "else") ||
                is(walker, "elseif") || is(walker, "until");
    if (!bare)
        shape = walk_expressions(walker);
    pass(walker, ";");
    if (walker->functions == 0)
        lua_scope_return(walker->scope, at, bare ? NULL : &shape);
}

/* A call, or an assignment to one or several places. */
static void walk_other(struct walker *walker)
{
    enum { MOST = 256 }; /* Lua's own limit is below */
    struct access targets[MOST];
    size_t count = 0;
    do
        targets[count++] = walk_suffixed(walker);
    while (!walker->lost && count < MOST && pass(walker, ","));
    if (walker->lost)
        return;
    if (!pass(walker, "=")) {
        read_access(walker, &targets[0]);
        return;
    }
    struct lua_shape first = walk_expressions(walker);
    for (size_t i = 0; i < count && !walker->lost; i++) {
        const struct access *target = &targets[i];
        if (target->is_name && (target->bare || (target->single && target->has_field)))
            lua_scope_assign(walker->scope, target->name, target->bare ? NULL : &target->field, i == 0 ? &first : NULL);
        else
            read_access(walker, target);
    }
}

/* The statements that begin with a key word. False when this is none of them. */
static bool walk_keyword(struct walker *walker, uint32_t at)
{
    if (pass(walker, "if")) {
        walk_if(walker);
    } else if (pass(walker, "while")) {
        walk_expression(walker);
        expect(walker, "do");
        walk_inner_block(walker);
        expect(walker, "end");
    } else if (pass(walker, "do")) {
        walk_inner_block(walker);
        expect(walker, "end");
    } else if (pass(walker, "for")) {
        walk_for(walker);
    } else if (pass(walker, "repeat")) {
        walk_repeat(walker);
    } else if (pass(walker, "function")) {
        walk_named_function(walker, at);
    } else if (pass(walker, "local")) {
        if (pass(walker, "function"))
            walk_local_function(walker, at);
        else
            walk_local(walker);
    } else if (pass(walker, "return")) {
        walk_return(walker, at);
    } else if (pass(walker, "goto")) {
        take_name(walker);
    } else {
        return pass(walker, "break");
    }
    return true;
}

static void walk_statement(struct walker *walker)
{
    uint32_t at = walker->next->begin;
    if (pass(walker, ";") || walk_keyword(walker, at))
        return;
    if (pass(walker, "::")) {
        take_name(walker);
        expect(walker, "::");
        return;
    }
    walk_other(walker);
}

static void walk_block(struct walker *walker)
{
    static const char *const ends[] = {"end", "else", "elseif", "until"};
    for (;;) {
        if (walker->lost || walker->next->kind == LUA_TOKEN_END)
            return;
        for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
            if (is(walker, ends[i]))
                return;
        walk_statement(walker);
    }
}

void lua_walk(struct lua_scope *scope, const struct lua_token *tokens)
{
    struct walker walker = {.scope = scope, .text = scope->source->text, .next = tokens};
    scope->depth = 1;
    walk_block(&walker);
    if (walker.next->kind != LUA_TOKEN_END)
        get_lost(&walker);
    if (!walker.lost)
        lua_scope_finish(scope);
}
