/*
 * Parts of a job's table: its provider, what is verified, and the switch.
 */
#define _POSIX_C_SOURCE 200809L

#include "script_read.h"

#ifndef STELE_NO_LUA

#include <string.h>

#include "../nearest.h"
#include "answer.h"

/* -------------------------------------------------------------------- the provider */

enum { DIMENSIONS = 16000, INPUTS = 256, TOKENS = 100000, BYTES = 1 << 20, TIMEOUT = 60000, MOST = 1000000000, HOUR = 3600000 };

/* How much of what goes into one request, or one input: for every kind. */
static void read_limits(const stele_reader *reader, stele_job_provider *provider)
{
    static const char *const too_long[] = {"dead", "clip", NULL};
    stele_reader_require(reader, "dimensions");
    provider->dimensions = stele_reader_whole(reader, "dimensions", 1, DIMENSIONS, 0);
    provider->max_inputs = stele_reader_whole(reader, "max_inputs", 1, MOST, INPUTS);
    provider->max_tokens = stele_reader_whole(reader, "max_tokens", 1, MOST, TOKENS);
    provider->max_bytes = stele_reader_whole(reader, "max_bytes", 1, MOST, BYTES);
    provider->max_input_tokens = stele_reader_whole(reader, "max_input_tokens", 1, MOST, 0);
    provider->clip = stele_reader_word(reader, "too_long", too_long, 0) == 1;
    provider->price = stele_reader_number(reader, "price", 0, 1e9, 0);
    if (provider->clip && provider->max_input_tokens == 0 && stele_reader_knows(reader, "max_input_tokens"))
        stele_reader_fail(reader, "too_long", NULL, "\"embed\" has too_long = \"clip\", and no max_input_tokens to clip at");
    if (provider->max_input_tokens > provider->max_tokens && stele_reader_knows(reader, "max_tokens"))
        stele_reader_fail(reader, "max_input_tokens", NULL, "\"embed.max_input_tokens\" is %u, and more than max_tokens, %u, which one request may have",
                          provider->max_input_tokens, provider->max_tokens);
}

static bool is_url(const char *url)
{
    size_t scheme = strncmp(url, "https://", 8) == 0 ? 8 : strncmp(url, "http://", 7) == 0 ? 7 : 0;
    return scheme > 0 && url[scheme] != '\0' && url[scheme] != '/' && strpbrk(url, " \t\r\n") == NULL;
}

/* The parameter that the address begins with; NULL for one that stands in the script. */
static const char *find_parameter(const stele_reader *reader, const char *url)
{
    const stele *handle = stele_lua_of(reader->L)->script->handle;
    for (size_t i = 0; handle->values.values != NULL && i < handle->table->parameter_count; i++) {
        const char *value = handle->values.values[i];
        if (value != NULL && value[0] != '\0' && strncmp(url, value, strlen(value)) == 0)
            return handle->table->parameters[i].name;
    }
    return NULL;
}

/* What stands in the script is shown with its line. */
static void refuse_url(const stele_reader *reader, const char *url)
{
    char shown[120];
    const char *name = strchr(url, '@') == NULL ? find_parameter(reader, url) : NULL;
    stele_clean(shown, sizeof shown, url, NULL);
    if (name == NULL)
        stele_reader_fail(reader, "url", NULL, "\"embed.url\" is no address that begins with https:// or http://");
    else
        stele_reader_fail(reader, "url", "repair set changes the value that the ledger has of a parameter; one that it doesn't have is given with -D",
                          "\"embed.url\" is no address that begins with https:// or http://, but \"%s\", from the parameter \"%s\"", shown, name);
}

/* The part of a URL before @ may be a password: nothing of such a URL is shown. */
static const char *read_url(const stele_reader *reader)
{
    stele_reader_require(reader, "url");
    const char *url = stele_reader_text(reader, "url");
    if (!is_url(url) && stele_reader_knows(reader, "url"))
        refuse_url(reader, url);
    size_t scheme = is_url(url) ? strcspn(url, ":") + 3 : 0;
    if (memchr(url + scheme, '@', strcspn(url + scheme, "/?#")) != NULL)
        stele_reader_fail(reader, NULL, "name the environment variable that holds it: key = secret \"NAME\"", "\"embed.url\" has a user or a password in it");
    return url;
}

/* A key that stands in the file itself isn't taken, and not shown either: nothing else is looked for then, which might stand in its line. */
static const char *read_key(const stele_reader *reader)
{
    if (!stele_reader_push(reader, "key"))
        return NULL;
    const char *name = stele_script_secret(reader->L, -1);
    if (name == NULL)
        stele_reader_fail(reader, NULL, "the key itself belongs into the environment, not into a file",
                          "\"embed.key\" has to be secret \"NAME\", which names an environment variable, and is a %s", luaL_typename(reader->L, -1));
    name = stele_reader_keep(reader->L, name, strlen(name));
    lua_pop(reader->L, 1);
    return name;
}

static void read_http(const stele_reader *reader, stele_job_provider *provider)
{
    static const char *const encodings[] = {"base64", "float", NULL};
    provider->url = read_url(reader);
    stele_reader_require(reader, "model");
    provider->key = read_key(reader);
    provider->send_dimensions = stele_reader_flag(reader, "send_dimensions", false);
    provider->encoding = encodings[stele_reader_word(reader, "encoding", encodings, 0)];
    provider->timeout_ms = stele_reader_duration(reader, "timeout", 1, HOUR, TIMEOUT);
    provider->ca_file = stele_reader_text(reader, "ca_file");
}

void stele_script_read_provider(const stele_reader *job, stele_job_provider *provider)
{
    /* The first are http's alone. */
    static const char *const keys[] = {"url", "key", "send_dimensions", "encoding", "timeout", "ca_file", "model", "dimensions", "max_inputs", "max_tokens",
                                       "max_bytes", "max_input_tokens", "too_long", "price", NULL};
    static const char *const names[] = {"http", "callback", "fixed"};
    stele_reader_push(job, "embed");
    if (stele_script_is_open(job->L, -1)) {
        lua_pop(job->L, 1);
        return;
    }
    if (!stele_script_push_provider(job->L, lua_gettop(job->L), &provider->kind))
        stele_reader_fail(job, "embed", NULL, "\"embed\" has to be what http{...}, callback{...} or fixed{...} gives, and is a %s", luaL_typename(job->L, -1));
    stele_reader reader = stele_reader_open(job->L, -1, "embed", provider->kind == STELE_PROVIDER_HTTP ? keys : keys + 6);
    provider->model = stele_reader_text(&reader, "model");
    if (provider->kind == STELE_PROVIDER_HTTP)
        read_http(&reader, provider);
    else if (provider->model == NULL)
        provider->model = names[provider->kind];
    read_limits(&reader, provider);
    lua_pop(job->L, 2);
}

/* ------------------------------------------------------------------ what is verified */

static void read_norm(const stele_reader *reader, stele_job_verification *verify)
{
    if (stele_reader_is_open(reader, "norm") || !stele_reader_push(reader, "norm"))
        return;
    double numbers[2] = {0, 0};
    bool good = lua_istable(reader->L, -1);
    int keys = 0;
    if (good)
        for (lua_pushnil(reader->L); lua_next(reader->L, -2) != 0; lua_pop(reader->L, 1))
            keys++;
    good = good && keys == 2;
    for (int i = 0; good && i < 2; i++) {
        good = lua_rawgeti(reader->L, -1, i + 1) == LUA_TNUMBER;
        numbers[i] = lua_tonumber(reader->L, -1);
        lua_pop(reader->L, 1);
    }
    if (!good || !(numbers[0] >= 0 && numbers[0] < numbers[1] && numbers[1] <= 1e9))
        stele_reader_fail(reader, "norm", NULL, "\"verify.norm\" has to be two numbers, the least and the most that a vector's length may be: {0.99, 1.01}");
    verify->norm_least = numbers[0];
    verify->norm_most = numbers[1];
    lua_pop(reader->L, 1);
}

/* What only vectors have. */
static void read_vectors(const stele_reader *reader, stele_job_verification *verify)
{
    verify->recall = stele_reader_number(reader, "recall", 0, 1, 0);
    verify->recall_at = stele_reader_whole(reader, "recall_at", 1, 1000, 10);
    verify->recall_queries = stele_reader_whole(reader, "recall_queries", 1, 10000, 100);
    verify->resample = stele_reader_whole(reader, "resample", 0, 1000000, 0);
    verify->cosine = stele_reader_number(reader, "cosine", 0, 0.999999, 0);
    verify->distinct = stele_reader_number(reader, "distinct", 0, 1, 0.01);
    read_norm(reader, verify);
    if (verify->recall == 0 && stele_reader_knows(reader, "recall") && (stele_reader_has(reader, "recall_at") || stele_reader_has(reader, "recall_queries"))) {
        stele_reader_doubt(reader, "recall");
        stele_reader_fail(reader, NULL, NULL, "\"verify\" says how recall is to be measured, and not how much is asked for: recall = 0.95");
    }
}

static void read_check(const stele_reader *reader, stele_job_verification *verify)
{
    verify->has_check = stele_reader_function(reader, "check");
    verify->check_reads = stele_reader_list(reader, "read", true, 64, &verify->check_read_count);
    verify->sample = stele_reader_whole(reader, "sample", 1, 1000000, verify->has_check ? 500 : 0);
    for (int i = 0; !verify->has_check && i < 2; i++) {
        const char *key = i == 0 ? "read" : "sample";
        if (!stele_reader_has(reader, key))
            continue;
        stele_reader_drop(reader, key);
        stele_reader_fail(reader, key, NULL, "\"verify.%s\" is for check, a function, which isn't there", key);
    }
}

void stele_script_read_verify(const stele_reader *job, stele_job_spec *spec)
{
    static const char *const keys[] = {"recall", "recall_at", "recall_queries", "norm", "resample", "cosine", "distinct", "zero", "sample", "check", "read", NULL};
    stele_job_verification *verify = &spec->verify;
    *verify = (stele_job_verification){.recall_at = 10, .recall_queries = 100, .distinct = 0.01};
    stele_reader reader;
    if (!stele_reader_enter(job, "verify", keys, &reader))
        return;
    for (size_t i = 0; spec->kind != STELE_JOB_EMBEDS && i < 7; i++) {
        if (!stele_reader_has(&reader, keys[i]))
            continue;
        stele_reader_drop(&reader, keys[i]);
        stele_reader_fail(&reader, keys[i], NULL, "\"verify.%s\" is for a job that embeds", keys[i]);
    }
    read_vectors(&reader, verify);
    verify->zero = stele_reader_list(&reader, "zero", false, 100, &verify->zero_count);
    read_check(&reader, verify);
    lua_pop(job->L, 1);
}

/* ------------------------------------------------------------------------ the switch */

static void check_parameters(const stele_reader *reader, const stele_job_spec *spec)
{
    const stele_migrations *table = stele_lua_of(reader->L)->script->handle->table;
    for (size_t i = 0; i < spec->parameter_count; i++) {
        stele_nearest nearest = {.name = spec->parameters[i].name};
        size_t j = 0;
        while (j < table->parameter_count && strcmp(table->parameters[j].name, nearest.name) != 0)
            stele_nearest_offer(&nearest, table->parameters[j++].name);
        if (j < table->parameter_count)
            continue;
        if (nearest.best != NULL)
            stele_reader_fail(reader, "parameters", NULL, "this program has no parameter \"%.64s\"; did you mean \"%s\"?", nearest.name, nearest.best);
        stele_reader_fail(reader, "parameters", NULL, "this program has no parameter \"%.64s\"", nearest.name);
    }
}

void stele_script_read_switch(const stele_reader *job, stele_job_spec *spec)
{
    static const char *const keys[] = {"parameters", "sql", "undo", NULL};
    stele_reader reader;
    if (!stele_reader_enter(job, "switch", keys, &reader))
        return;
    spec->switches = true;
    spec->parameters = stele_reader_pairs(&reader, "parameters", NULL, &spec->parameter_count);
    check_parameters(&reader, spec);
    spec->switch_sql = stele_reader_text(&reader, "sql");
    spec->undo_sql = stele_reader_text(&reader, "undo");
    if ((spec->switch_sql == NULL) != (spec->undo_sql == NULL))
        stele_reader_doubt(&reader, spec->switch_sql == NULL ? "sql" : "undo");
    if (spec->switch_sql != NULL && spec->undo_sql == NULL)
        stele_reader_fail(&reader, "sql", NULL, "\"switch\" has \"sql\", and lacks \"undo\", the statements that take it back");
    if (spec->undo_sql != NULL && spec->switch_sql == NULL)
        stele_reader_fail(&reader, "undo", NULL, "\"switch\" has \"undo\", and no \"sql\" that it could take back");
    lua_pop(job->L, 1);
}

#endif
