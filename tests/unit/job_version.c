/* job/version.c: which edit of a script makes another result, and which doesn't. */
#include "job/job.h"

#include <string.h>

#include "tap.h"

typedef struct given {
    const char *text, *module;
    stele_job_spec spec;
    const char *parameter; /* the value of "lang" */
} given;

static const char *const reads[] = {"a", "b"};
static const char script[] = "local n = 1\nreturn {\n  table = 'd', key = 'id', -- a comment\n  text = function(row) return row.a, { n } end,\n  pace = { write = '1ms' }, verify = { recall = 1 }\n}\n";

/* The version of a script, in `version`; and its code, in `code`. */
static void take(const given *g, char version[80], char code[600])
{
    const stele_parameter parameters[] = {{.name = "lang"}};
    const char *values[] = {g->parameter};
    const stele_module module = {.name = "m", .text = g->module == NULL ? "" : g->module, .length = (uint32_t)strlen(g->module == NULL ? "" : g->module)};
    const stele_module *modules[] = {&module};
    const stele_migrations table = {.parameters = parameters, .parameter_count = 1};
    const stele_migration file = {.text = g->text, .length = (uint32_t)strlen(g->text), .modules = modules, .module_count = g->module != NULL};
    stele handle = {.table = &table};
    handle.values.values = values;
    stele_job job = {.handle = &handle, .file = &file, .spec = &g->spec};
    bool fine = stele_job_take_version(&job, NULL) == STELE_OK;
    snprintf(version, 80, "%s", fine ? job.version : "failed");
    snprintf(code, 600, "%s", fine ? job.code : "failed");
    stele_arena_free(&job.arena);
}

static given plain(const char *text)
{
    return (given){.text = text, .parameter = "en",
                   .spec = {.kind = STELE_JOB_EMBEDS, .reads = (const char **)(void *)reads, .read_count = 1,
                            .provider = {.url = "http://a", .model = "m", .dimensions = 3, .max_inputs = 8, .timeout_ms = 1000}}};
}

static void compare(const char *name, bool same, const given *a, const given *b)
{
    char versions[2][80], codes[2][600];
    take(a, versions[0], codes[0]);
    take(b, versions[1], codes[1]);
    if (!ok((strcmp(versions[0], versions[1]) == 0) == same && strncmp(versions[0], "j1:", 3) == 0, "%s: %s", same ? "the same" : "another", name))
        printf("# %s %s\n# %s %s\n", versions[0], codes[0], versions[1], codes[1]);
}

static void text_is(bool same, const char *text, const char *other)
{
    const given a = plain(text), b = plain(other);
    compare(other, same, &a, &b);
}

static void test_texts(void)
{
    const char *const same[] = {
        "local n = 1 return { text = function(row) return row.a, { n } end }",
        "local n = 1 -- so many\nreturn { switch = {}, text = function(row) return row.a, { n } end; index = 'x', }",
        "local n = 1\nreturn { verify = { check = function(row) if row then return { 1, 2 } end end }, text = function(row) return row.a, { n } end, };",
        "local n = 1\nreturn { pace = { [1] = 2 }, embed = http { url = f(1, 2), model = 'x' } , text = function(row) return row.a, { n } end } -- end",
    };
    const char *const others[] = {
        "local n = 2\nreturn { text = function(row) return row.a, { n } end }",
        "local n = 1\nreturn { text = function(row) return row.b, { n } end }",
        "local n = 1\nreturn { map = function(row) return row.a, { n } end }",
        "local n = 1\nlocal function check(row) return true end\nreturn { text = function(row) return row.a, { n } end, verify = { check = check } }",
        "local n = 1\nreturn { text = function(row) return row.a, { n } end, 5 }",
        "local n = 1\nreturn { text = function(row) return row.a, { n } end, ['where'] = 'x' }",
        "local n = 1\nreturn { text = function(row) return row.a, { n } end }, 5",
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        text_is(true, script, same[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        text_is(false, script, others[i]);
    /* Where the table isn't the file's end, all of it counts. */
    text_is(false, "local t = { pace = 1, text = f } return t", "local t = { pace = 2, text = f } return t");
    text_is(false, "local function make() return { table = 1 } end local t = make() t.text = f return t", "local function make() return { table = 2 } end local t = make() t.text = f return t");
    text_is(true, "local function make() return { table = 1 } end return { text = make, pace = 1 }", "local function make() return { table = 1 } end return { text = make, pace = 2 }");
    text_is(false, "local function make() return { table = 1 } end return { text = make }", "local function make() return { table = 2 } end return { text = make }");
    text_is(false, "return { text = f, pace = ", "return { text = f, pace = 1");
    text_is(false, "", "return {}");
}

static void test_specs(void)
{
    const given a = plain(script);
    given b;
#define WITH(name, same, field, value) b = a; b.field = value; compare(name, same, &a, &b)
    WITH("a model", false, spec.provider.model, "n");
    WITH("dimensions", false, spec.provider.dimensions, 4);
    WITH("dimensions that are asked for", false, spec.provider.send_dimensions, true);
    WITH("a kind of provider", false, spec.provider.kind, STELE_PROVIDER_FIXED);
    WITH("texts that are cut", false, spec.provider.clip, true);
    WITH("rows without a text", false, spec.null_for_empty, true);
    WITH("columns", false, spec.read_count, 2);
    WITH("an address", true, spec.provider.url, "http://b");
    WITH("a timeout", true, spec.provider.timeout_ms, 5);
    WITH("the inputs of a request", true, spec.provider.max_inputs, 5);
    WITH("a price", true, spec.provider.price, 5);
    WITH("a space", true, spec.space, "s");
    WITH("a module", false, module, "return 1");
    WITH("a parameter that isn't named in the code", true, parameter, "de");
}

static void test_modules_and_parameters(void)
{
    given a = plain(script), b = a;
    a.module = "return 1";
    b.module = "return 2";
    compare("a module's text", false, &a, &b);
    b.module = "return 1 -- one";
    compare("a module's comment", true, &a, &b);
    a = plain("local l = parameter 'lang' return { text = function() return l end }");
    b = a;
    b.parameter = "de";
    compare("a parameter that the code names", false, &a, &b);
    a.text = b.text = "return { text = function() return parameter(\"lang\") end }";
    compare("a parameter that the function names", false, &a, &b);
    const char *const hidden[] = {"local p = parameter local l = p('lang') return { text = function() return l end }", "local l = parameter('la' .. 'ng') return { text = function() return l end }",
                                  "local g = { f = parameter } local l = g.f 'lang' return { text = function() return l end }"};
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        a.text = b.text = hidden[i];
        compare(hidden[i], false, &a, &b);
    }
    a.text = b.text = "local l = parameter 'other' return { text = function() return l end }";
    compare("a parameter beside the one that is named", true, &a, &b);
    a.text = b.text = "return { pace = { rpm = parameter 'lang' }, text = f }";
    compare("a parameter that something else is", true, &a, &b);
    a.text = b.text = "local url = parameter 'lang' return { embed = http { url = url }, text = f }";
    a.spec.provider.url = a.parameter;
    b.spec.provider.url = b.parameter;
    compare("a parameter that is the address", true, &a, &b);
}

static void test_code(void)
{
    const given g = plain(script);
    char version[80], code[600];
    take(&g, version, code);
    if (!ok(strcmp(code, "local n = 1\nreturn {\ntext = function(row) return row.a, { n } end\n}\n") == 0, "what is shown is what counts"))
        printf("# %s\n", code);
}

int main(void)
{
    test_texts();
    test_specs();
    test_modules_and_parameters();
    test_code();
    return done();
}
