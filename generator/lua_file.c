#include "lua_file.h"

#include "directive.h"
#include "lua_module.h"
#include "lua_names.h"
#include "lua_syntax.h"
#include "lua_walk.h"

#include <string.h>

/* ---------------------------------------------------------------- tokens */

/* The tokens without comments. Behind the last one stand as many ends as anybody looks ahead. */
static struct lua_token *solid_tokens(struct memory *memory, const struct source *source)
{
    enum { AHEAD = 3 };
    struct lua_lexer lexer;
    struct lua_token *tokens = NULL, token;
    size_t count = 0, capacity = 0, ends = 0;
    lua_lexer_start(&lexer, source->text, source->length);
    while (ends < AHEAD) {
        token = lua_lexer_next(&lexer);
        if (token.kind == LUA_TOKEN_COMMENT)
            continue;
        tokens = memory_grow(memory, tokens, count, &capacity, sizeof *tokens);
        tokens[count++] = token;
        ends += token.kind == LUA_TOKEN_END;
    }
    return tokens;
}

static void refuse_directives(struct diag *diag, const struct source *source, struct lua_outline *outline)
{
    struct lua_lexer lexer;
    struct lua_token token;
    lua_lexer_start(&lexer, source->text, source->length);
    while ((token = lua_lexer_next(&lexer)).kind != LUA_TOKEN_END) {
        const char *comment = source->text + token.begin;
        if (token.kind != LUA_TOKEN_COMMENT || strncmp(comment + 2 + strspn(comment + 2, " \t"), "stele:", 6) != 0)
            continue;
        diag_error(diag, source, token.begin, "a directive in a module");
        diag_hint(diag, "directives are about a migration: put it into the file that requires this one");
        outline->broken = true;
    }
}

void lua_file_read(struct memory *memory, struct diag *diag, const struct source *source, lua_kind kind,
                   struct lua_outline *outline)
{
    struct lua_scope scope;
    if (!lua_syntax_check(source, memory, diag)) {
        outline->broken = true;
        return;
    }
    if (kind == LUA_MODULE)
        refuse_directives(diag, source, outline);
    lua_scope_start(&scope, memory, diag, source, kind, outline);
    lua_walk(&scope, solid_tokens(memory, source));
}

/* ------------------------------------------------------------ directives */

static void take_comment(struct migration *migration, struct memory *memory, struct diag *diag, struct lua_token token,
                         stele_digest *digest)
{
    const char *canonical = NULL, *meant;
    if (directive_take(migration, memory, diag, token.begin, token.end, PART_UP, &canonical) != DIRECTIVE_NONE) {
        stele_digest_text(digest, canonical);
    } else if ((meant = directive_meant(migration, memory, token.begin, token.end)) != NULL) {
        diag_warning(diag, &migration->source, token.begin, "a comment that is nearly a directive");
        diag_hint(diag, "did you mean \"-- stele: %s\"?", meant);
    }
}

/* A declared ${name} in a string is what SQL files have: here it would go to the server as it stands. */
static void warn_of_references(struct history *history, const struct migration *migration, struct lua_token token)
{
    const char *text = migration->source.text, *end = text + token.end, *p = text + token.begin;
    for (; (p = memchr(p, '$', (size_t)(end - p))) != NULL; p++) {
        size_t length = p[1] == '{' ? strcspn(p + 2, "}\n") : 0;
        if (length == 0 || p[length + 2] != '}' || conf_find(&history->conf, p + 2, length) < 0)
            continue;
        diag_warning(history->diag, &migration->source, (uint32_t)(p - text), "a parameter is not put into a Lua string");
        if (migration->job)
            diag_hint(history->diag, "give its value to the statement: \":name\" in it, and bind = { name = parameter \"%.*s\" }", (int)length,
                      p + 2);
        else
            diag_hint(history->diag, "give its value to the statement: db:exec(\"... $1\", db.parameters.%.*s)", (int)length,
                      p + 2);
    }
}

/* All tokens as fields. Directives are told to the migration on the way; a module has none, and `migration` is NULL. */
static void digest_tokens(struct history *history, struct migration *migration, const struct source *source,
                          stele_digest *digest)
{
    struct lua_lexer lexer;
    struct lua_token token;
    lua_lexer_start(&lexer, source->text, source->length);
    while ((token = lua_lexer_next(&lexer)).kind != LUA_TOKEN_END) {
        if (token.kind != LUA_TOKEN_COMMENT)
            stele_digest_field(digest, source->text + token.begin, token.end - token.begin);
        else if (migration != NULL)
            take_comment(migration, history->memory, history->diag, token, digest);
        if (token.kind == LUA_TOKEN_STRING && migration != NULL)
            warn_of_references(history, migration, token);
    }
}

/* ------------------------------------------------------------- checksums */

static void finish_tokens(struct history *history, struct migration *migration, stele_digest *digest)
{
    uint8_t bytes[STELE_DIGEST_SIZE];
    for (size_t i = 0; i < migration->module_count; i++) {
        stele_digest_text(digest, migration->modules[i]->name);
        digest_tokens(history, NULL, &migration->modules[i]->source, digest);
    }
    if (!stele_digest_end(digest, bytes))
        memory_exhausted(history->memory);
    stele_checksum_write(migration->tokens_sum, "t1", bytes);
}

static void compute_source(struct memory *memory, struct migration *migration)
{
    stele_source_member *members = memory_get(memory, migration->module_count, sizeof *members);
    for (size_t i = 0; i < migration->module_count; i++) {
        const struct lua_module *module = migration->modules[i];
        members[i] = (stele_source_member){module->name, module->source.text, module->source.length};
    }
    if (!stele_source_checksum_of(migration->source_sum, migration->source.text, migration->source.length, members,
                                  migration->module_count))
        memory_exhausted(memory);
}

/* ----------------------------------------------------------------- parts */

/* A part is one call of its function, in one step. Where the function's text can't be told, it is the file's. */
static void add_part(struct memory *memory, struct migration *migration, part_kind part, const struct lua_found *found)
{
    bool known = found->end > 0;
    uint32_t begin = known ? found->begin : 0, end = known ? found->end : migration->source.length;
    uint32_t index = (uint32_t)migration->statement_count, step = (uint32_t)migration->step_count;
    migration->statements = memory_grow(memory, migration->statements, migration->statement_count,
                                        &migration->statement_capacity, sizeof *migration->statements);
    migration->statements[migration->statement_count++] = (struct statement){
        .table = {.begin = begin, .end = end, .kind = STELE_CALL_LUA}, .terminator = end, .part = part};
    migration->steps = memory_grow(memory, migration->steps, migration->step_count, &migration->step_capacity,
                                   sizeof *migration->steps);
    migration->steps[migration->step_count++] = (stele_step){.first = index, .count = 1};
    migration->has_part[part] = true;
    migration->parts[part] = (stele_part){begin, end, step, 1, NULL};
}

static void cut_parts(struct memory *memory, struct migration *migration, const struct lua_outline *outline)
{
    for (part_kind part = PART_UP; part < PART_COUNT; part++)
        if (outline->parts[part].there)
            add_part(memory, migration, part, &outline->parts[part]);
    if (outline->parts[PART_DOWN].there) {
        migration->losses = memory_grow(memory, migration->losses, migration->loss_count, &migration->loss_capacity,
                                        sizeof *migration->losses);
        migration->losses[migration->loss_count++] =
            (stele_loss){.kind = STELE_LOSES_UNKNOWN, .begin = migration->parts[PART_DOWN].begin};
    }
    migration->flags = STELE_SETS_SESSION | STELE_MAKES_TEMP; /* what its SQL does, only running it tells */
}

void lua_file_read_migration(struct history *history, struct migration *migration)
{
    static const char heading[] = "stele-tokens-1\n";
    struct memory *memory = history->memory;
    struct lua_outline outline = {.broken = false};
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, heading, sizeof heading - 1);
    digest_tokens(history, migration, &migration->source, &digest);
    lua_file_read(memory, history->diag, &migration->source, migration->job ? LUA_JOB : LUA_MIGRATION, &outline);
    bool complete = lua_module_collect(history, migration, &outline);
    migration->broken = migration->broken || outline.broken || !complete;
    finish_tokens(history, migration, &digest);
    if (complete)
        compute_source(memory, migration);
    else
        migration->source_sum[0] = '\0'; /* nothing that a seal could be compared with */
    migration->asked = outline.parameters;
    migration->asked_count = outline.parameter_count;
    if (!migration->job)
        cut_parts(memory, migration, &outline);
}
