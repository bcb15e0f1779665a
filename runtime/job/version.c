/*
 * version.c - what of a script makes a row's result, and so decides on what is paid for again
 *
 * These are the function, with all that stands around the table which the file returns, since it may use any of it; and, of the table, what the provider is asked for. How fast it goes, what is
 * checked, the index, the switch, and what the money and the requests are limited by make no vector another one: they may be edited at any time.
 */
#include "job.h"

#include <string.h>

#include "../checksum.h"
#include "../error.h"
#include "script_scan.h"

/* ------------------------------------------------------------------ of its text */

/* Behind the value that begins here: at what ends it, a separator or the table's end. False: the text ends before. */
static bool skip_value(stele_scan *s)
{
    int depth = 0, blocks = 0;
    for (stele_scan ahead = *s; stele_scan_next(&ahead) != STELE_TOKEN_END; *s = ahead) {
        if (depth == 0 && blocks == 0 && (stele_scan_is_mark(&ahead, ',') || stele_scan_is_mark(&ahead, ';') || stele_scan_is_mark(&ahead, '}')))
            return true;
        depth += stele_scan_depth(&ahead);
        blocks += stele_scan_blocks(&ahead);
    }
    return false;
}

/* Is what stands here a key that makes nothing? What has no name may be anything. */
static bool is_beside(const stele_scan *s)
{
    stele_scan ahead = *s;
    return s->kind == STELE_TOKEN_WORD && stele_scan_next(&ahead) == STELE_TOKEN_MARK && ahead.mark == '=' && !stele_scan_is_word(s, "text", 4) && !stele_scan_is_word(s, "map", 3);
}

/* The text, and of the table that the file ends with only the functions. False: it ends with none, or it can't be told. */
static bool put_functions(stele_text *out, const char *text, size_t length)
{
    stele_scan s = {.text = text, .length = length};
    if (!stele_scan_table(&s))
        return false;
    stele_text_bytes(out, text, s.at);
    while (stele_scan_next(&s) != STELE_TOKEN_END && !stele_scan_is_mark(&s, '}')) {
        size_t begin = s.begin;
        if (stele_scan_is_mark(&s, ',') || stele_scan_is_mark(&s, ';'))
            continue;
        bool beside = is_beside(&s);
        s.at = begin;
        if (!skip_value(&s))
            return false;
        stele_text_string(out, beside ? "" : "\n");
        stele_text_bytes(out, text + begin, beside ? 0 : s.at - begin);
    }
    stele_text_string(out, "\n}\n");
    if (stele_scan_next(&s) == STELE_TOKEN_MARK && s.mark == ';')
        stele_scan_next(&s);
    return s.kind == STELE_TOKEN_END;
}

static void put_code(stele_text *out, const stele_migration *file)
{
    stele_text cut = {0};
    bool fine = put_functions(&cut, file->text, file->length);
    stele_text_bytes(out, fine && !cut.failed ? cut.bytes : file->text, fine && !cut.failed ? cut.length : file->length);
    out->failed |= cut.failed;
    stele_text_free(&cut);
    for (uint32_t i = 0; i < file->module_count; i++) {
        stele_text_print(out, "\n-- module %s\n", file->modules[i]->name);
        stele_text_bytes(out, file->modules[i]->text, file->modules[i]->length);
    }
}

/* ------------------------------------------------------------- of what it says */

static void put_line(stele_text *out, const char *what, const char *value)
{
    if (value != NULL)
        stele_text_print(out, "%s: %s\n", what, value);
}

/* Does a name follow, and nothing else, as in parameter "x" or parameter("x")? Its token, with the quotes. */
static bool names_one(stele_scan ahead, const char **name, size_t *length)
{
    bool fine = stele_scan_next(&ahead) != STELE_TOKEN_END, within = fine && stele_scan_is_mark(&ahead, '(');
    fine = fine && (!within || stele_scan_next(&ahead) != STELE_TOKEN_END) && ahead.kind == STELE_TOKEN_TEXT;
    *name = ahead.text + ahead.begin;
    *length = ahead.at - ahead.begin;
    return fine && (!within || (stele_scan_next(&ahead) != STELE_TOKEN_END && stele_scan_is_mark(&ahead, ')')));
}

/*
 * The values of the parameters that the code names: what it makes of a row hangs on them. Where it takes the function itself, or a name that is computed, that may be all of them. The address of
 * the provider may change.
 */
static void put_parameters(stele_text *out, const stele_job *job, const char *code, size_t length)
{
    const stele_migrations *table = job->handle->table;
    for (stele_scan s = {.text = code, .length = length}; stele_scan_next(&s) != STELE_TOKEN_END;) {
        const char *token;
        size_t size;
        if (!stele_scan_is_word(&s, "parameter", 9))
            continue;
        bool one = names_one(s, &token, &size);
        for (size_t i = 0; i < table->parameter_count; i++) {
            const char *name = table->parameters[i].name, *value = job->handle->values.values == NULL ? NULL : job->handle->values.values[i];
            bool meant = !one || (size == strlen(name) + 2 && memcmp(token + 1, name, strlen(name)) == 0);
            if (meant && value != NULL && (job->spec->provider.url == NULL || strcmp(value, job->spec->provider.url) != 0))
                stele_text_print(out, "parameter %s: %s\n", name, value);
        }
    }
}

static void put_provider(stele_text *out, const stele_job_spec *spec)
{
    static const char *const kinds[] = {"http", "callback", "fixed"};
    const stele_job_provider *provider = &spec->provider;
    put_line(out, "provider", kinds[provider->kind]);
    put_line(out, "model", provider->model);
    stele_text_print(out, "dimensions: %u%s\n", provider->dimensions, provider->send_dimensions ? ", asked for" : "");
    if (provider->clip)
        stele_text_print(out, "cut at: %u tokens\n", provider->max_input_tokens);
    put_line(out, "empty", spec->null_for_empty ? "null" : "dead");
}

static void put_making(stele_text *out, const stele_job *job, const stele_text *code)
{
    const stele_job_spec *spec = job->spec;
    stele_text_string(out, "read: ");
    for (size_t i = 0; i < spec->read_count; i++)
        stele_text_print(out, "%s%s", i == 0 ? "" : ", ", spec->reads[i]);
    stele_text_string(out, "\n");
    if (spec->kind == STELE_JOB_EMBEDS)
        put_provider(out, spec);
    for (size_t i = 0; i < spec->bind_count; i++)
        stele_text_print(out, "bind %s: %s%s\n", spec->binds[i].name, spec->bind_is_secret[i] ? "secret " : "", spec->binds[i].value);
    if (!code->failed)
        put_parameters(out, job, code->bytes, code->length);
}

/* ---------------------------------------------------------------- both, as one */

static bool write_version(char version[STELE_CHECKSUM_SIZE], const stele_text *making, const stele_text *code)
{
    static const char heading[] = "stele-job-1\n";
    uint8_t bytes[STELE_DIGEST_SIZE];
    stele_digest digest;
    stele_digest_begin(&digest);
    stele_digest_bytes(&digest, heading, sizeof heading - 1);
    stele_digest_text(&digest, making->bytes);
    for (stele_scan s = {.text = code->bytes, .length = code->length}; stele_scan_next(&s) != STELE_TOKEN_END;)
        stele_digest_field(&digest, code->bytes + s.begin, s.at - s.begin);
    bool fine = stele_digest_end(&digest, bytes);
    stele_checksum_write(version, "j1", bytes);
    return fine;
}

stele_status stele_job_take_version(stele_job *job, stele_error *error)
{
    stele_text code = {0}, making = {0};
    char version[STELE_CHECKSUM_SIZE];
    put_code(&code, job->file);
    put_making(&making, job, &code);
    if (!code.failed && !making.failed && write_version(version, &making, &code)) {
        job->version = stele_arena_copy(&job->arena, version, strlen(version));
        job->making = stele_arena_copy(&job->arena, making.bytes, making.length);
        job->code = stele_arena_copy(&job->arena, code.bytes, code.length);
    }
    stele_text_free(&code);
    stele_text_free(&making);
    return job->version == NULL || job->making == NULL || job->code == NULL ? stele_error_memory(error) : STELE_OK;
}
