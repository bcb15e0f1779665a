#include "conf.h"

#include "scan.h"
#include "text.h"
#include "warn.h"

#include <string.h>

/* The words of a kind, in the order of the enum in stele.h. */
static const char *const kinds[] = {"integer", "identifier", "literal", "raw"};
enum { KIND_COUNT = sizeof kinds / sizeof kinds[0], LONGEST_NAME = 63, MOST_WORDS = 6 };

bool conf_is_component(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > LONGEST_NAME || !is_letter(name[0]) || name[length - 1] == '_')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(name[i]) && !is_digit(name[i]) && (name[i] != '_' || name[i + 1] == '_'))
            return false;
    return true;
}

static bool is_parameter_name(const char *name, size_t length)
{
    if (length == 0 || length > LONGEST_NAME || !(is_letter(name[0]) || name[0] == '_'))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!is_letter(name[i]) && !is_digit(name[i]) && name[i] != '_')
            return false;
    return true;
}

static bool is_integer(const char *value)
{
    if (*value == '-')
        value++;
    size_t length = strspn(value, "0123456789");
    return length > 0 && length <= 20 && value[length] == '\0';
}

/* What keeps a value from being of this kind; or NULL. */
static const char *value_problem(uint32_t kind, const char *value)
{
    if (kind == STELE_INTEGER && !is_integer(value))
        return "is not an integer";
    if (kind == STELE_IDENTIFIER && value[0] == '\0')
        return "is empty, an identifier can't be";
    if (kind == STELE_IDENTIFIER && strlen(value) > LONGEST_NAME)
        return "is longer than the 63 bytes of an identifier";
    for (const char *p = value; *p != '\0'; p += utf8_length(p))
        if (utf8_length(p) == 0)
            return "is not UTF-8";
    return NULL;
}

long conf_find(const struct conf *conf, const char *name, size_t length)
{
    for (size_t i = 0; i < conf->parameter_count; i++)
        if (conf->parameters[i].name_length == length && memcmp(conf->parameters[i].table.name, name, length) == 0)
            return (long)i;
    return -1;
}

static void add_parameter(struct conf *conf, struct memory *memory, stele_parameter table, uint32_t offset)
{
    conf->parameters = memory_grow(memory, conf->parameters, conf->parameter_count, &conf->parameter_capacity,
                                   sizeof *conf->parameters);
    conf->parameters[conf->parameter_count++] = (struct parameter){table, strlen(table.name), offset, 0};
}

/* parameter NAME KIND build VALUE | parameter NAME KIND run [DEFAULT] */
static void read_parameter(struct conf *conf, struct memory *memory, struct diag *diag, const struct word *words,
                           size_t count)
{
    const struct source *source = &conf->source;
    uint32_t kind = 0;
    bool run = count >= 4 && strcmp(words[3].text, "run") == 0;
    bool build = count >= 4 && strcmp(words[3].text, "build") == 0;
    if (count < 4 || (build && count != 5) || (run && count > 5) || (!run && !build)) {
        diag_error(diag, source, words[0].begin, "malformed parameter");
        diag_hint(diag, "parameter NAME integer|identifier|literal|raw build VALUE, or run [DEFAULT]");
        return;
    }
    while (kind < KIND_COUNT && strcmp(kinds[kind], words[2].text) != 0)
        kind++;
    const char *value = count == 5 ? words[4].text : NULL;
    if (!is_parameter_name(words[1].text, strlen(words[1].text))) {
        diag_error(diag, source, words[1].begin, "malformed parameter name \"%s\"", words[1].text);
        diag_hint(diag, "letters, digits and underscores, beginning with a letter or underscore");
    } else if (conf_find(conf, words[1].text, strlen(words[1].text)) >= 0) {
        diag_error(diag, source, words[1].begin, "parameter \"%s\" is declared twice", words[1].text);
    } else if (kind == KIND_COUNT) {
        diag_error(diag, source, words[2].begin, "unknown kind \"%s\"", words[2].text);
        diag_hint(diag, "a parameter is an integer, identifier, literal, or raw");
    } else if (value != NULL && value_problem(kind, value) != NULL) {
        diag_error(diag, source, words[4].begin, "value of parameter \"%s\" %s", words[1].text,
                   value_problem(kind, value));
    } else {
        add_parameter(conf, memory,
                      (stele_parameter){.name = words[1].text, .value = value, .kind = kind, .given_at_run = run},
                      words[1].begin);
    }
}

static void read_component(struct conf *conf, struct diag *diag, const struct word *words, size_t count)
{
    if (count != 2 || !conf_is_component(words[1].text)) {
        diag_error(diag, &conf->source, words[0].begin, "malformed component");
        diag_hint(diag, "component NAME, with a name of letters, digits and single underscores");
    } else if (conf->component != NULL) {
        diag_error(diag, &conf->source, words[0].begin, "component is given twice");
    } else {
        conf->component = words[1].text;
    }
}

/* lua DIR, as seen from the folder of stele.conf. */
static void read_lua(struct conf *conf, struct memory *memory, struct diag *diag, const struct word *words, size_t count)
{
    size_t folder = strlen(conf->source.path) - strlen(conf->source.name);
    if (count != 2 || words[1].text[0] == '\0') {
        diag_error(diag, &conf->source, words[0].begin, "malformed lua");
        diag_hint(diag, "lua DIR, the folder of the Lua files, as seen from here: lua ../lua");
    } else if (conf->lua != NULL) {
        diag_error(diag, &conf->source, words[0].begin, "lua is given twice");
    } else {
        conf->lua = words[1].text[0] == '/' ? words[1].text
                                            : memory_print(memory, "%.*s%s", (int)folder, conf->source.path, words[1].text);
        conf->lua_offset = words[1].begin;
    }
}

static void read_warn_after(struct conf *conf, struct diag *diag, const struct word *words, size_t count)
{
    if (count != 2 || !scan_is_version(words[1].text, strlen(words[1].text))) {
        diag_error(diag, &conf->source, words[0].begin, "malformed warn-after");
        diag_hint(diag, "warn-after VERSION: the migrations up to that one are taken as they are");
    } else if (conf->warn_after != NULL) {
        diag_error(diag, &conf->source, words[0].begin, "warn-after is given twice");
    } else {
        conf->warn_after = words[1].text;
        conf->warn_after_offset = words[1].begin;
    }
}

/* allow RULE VERSION "reason" */
static void read_allow(struct conf *conf, struct memory *memory, struct diag *diag, const struct word *words, size_t count)
{
    if (count != 4 || !scan_is_version(words[2].text, strlen(words[2].text)) || !words[3].quoted || words[3].text[0] == '\0') {
        diag_error(diag, &conf->source, words[0].begin, "malformed allow");
        diag_hint(diag, "allow WARNING VERSION \"reason\", for a migration that is sealed already");
        return;
    }
    warn_of_unknown_rule(diag, &conf->source, words[1].begin, words[1].text);
    conf->allows = memory_grow(memory, conf->allows, conf->allow_count, &conf->allow_capacity, sizeof *conf->allows);
    conf->allows[conf->allow_count++] = (struct conf_allow){words[1].text, words[2].text, words[2].begin};
}

/* dimension [SCHEMA.]TABLE.COLUMN NAME */
static void read_dimension(struct conf *conf, struct memory *memory, struct diag *diag, const struct word *words, size_t count)
{
    if (count != 3 || strchr(words[1].text, '.') == NULL || !is_parameter_name(words[2].text, strlen(words[2].text))) {
        diag_error(diag, &conf->source, words[0].begin, "malformed dimension");
        diag_hint(diag, "dimension [SCHEMA.]TABLE.COLUMN NAME, for a macro STELE_DIM_NAME");
        return;
    }
    conf->dimensions = memory_grow(memory, conf->dimensions, conf->dimension_count, &conf->dimension_capacity,
                                   sizeof *conf->dimensions);
    conf->dimensions[conf->dimension_count++] = (struct conf_dimension){words[1].text, words[2].text, words[1].begin, false};
}

/* layout NAME. Whether there is one of that name, the layouts know. */
static void read_layout(struct conf *conf, struct diag *diag, const struct word *words, size_t count)
{
    if (count != 2) {
        diag_error(diag, &conf->source, words[0].begin, "malformed layout");
        diag_hint(diag, "layout NAME, as in: layout flyway");
    } else if (conf->layout != NULL) {
        diag_error(diag, &conf->source, words[0].begin, "layout is given twice");
    } else {
        conf->layout = words[1].text;
        conf->layout_offset = words[1].begin;
    }
}

/* placeholders on|off */
static void read_placeholders(struct conf *conf, struct diag *diag, const struct word *words, size_t count)
{
    if (count != 2 || (strcmp(words[1].text, "on") != 0 && strcmp(words[1].text, "off") != 0)) {
        diag_error(diag, &conf->source, words[0].begin, "malformed placeholders");
        diag_hint(diag, "placeholders off, where a ${...} that isn't declared is text");
    } else {
        conf->no_placeholders = strcmp(words[1].text, "off") == 0;
    }
}

static void read_line(struct conf *conf, struct memory *memory, struct diag *diag, uint32_t begin, uint32_t end)
{
    struct word words[MOST_WORDS];
    const char *problem = NULL;
    size_t count = words_split(memory, conf->source.text, begin, end, true, words, MOST_WORDS, &problem);
    if (problem != NULL) {
        diag_error(diag, &conf->source, words[count].begin, "%s", problem);
    } else if (count == 0) {
        return;
    } else if (strcmp(words[0].text, "parameter") == 0) {
        read_parameter(conf, memory, diag, words, count);
    } else if (strcmp(words[0].text, "component") == 0) {
        read_component(conf, diag, words, count);
    } else if (strcmp(words[0].text, "lua") == 0) {
        read_lua(conf, memory, diag, words, count);
    } else if (strcmp(words[0].text, "warn-after") == 0) {
        read_warn_after(conf, diag, words, count);
    } else if (strcmp(words[0].text, "allow") == 0) {
        read_allow(conf, memory, diag, words, count);
    } else if (strcmp(words[0].text, "dimension") == 0) {
        read_dimension(conf, memory, diag, words, count);
    } else if (strcmp(words[0].text, "layout") == 0) {
        read_layout(conf, diag, words, count);
    } else if (strcmp(words[0].text, "placeholders") == 0) {
        read_placeholders(conf, diag, words, count);
    } else {
        diag_error(diag, &conf->source, words[0].begin, "unknown setting \"%s\"", words[0].text);
        diag_hint(diag, "a line of stele.conf begins with component, layout, lua, parameter, placeholders, dimension, warn-after, allow, or #");
    }
}

void conf_read(struct conf *conf, struct memory *memory, struct diag *diag, const char *directory,
               const char *component)
{
    struct source *source = &conf->source;
    source->name = "stele.conf";
    source->path = path_join(memory, directory, source->name);
    source->order = 1;
    if (source_read(source, memory, diag, true) && source->text != NULL)
        for (uint32_t line = 1; line <= source->line_count; line++) {
            uint32_t length, begin = source->lines[line - 1];
            source_line_text(source, line, &length);
            read_line(conf, memory, diag, begin, begin + length);
        }
    if (component != NULL)
        conf->component = component;
    conf->named = conf->component != NULL;
    if (!conf->named)
        conf->component = "main";
}

/* Is `name` declared by any of these? Then *kind is that of the first. */
static bool find_kind(struct conf *const *confs, size_t count, const char *name, uint32_t *kind)
{
    for (size_t i = 0; i < count; i++) {
        long found = conf_find(confs[i], name, strlen(name));
        if (found < 0)
            continue;
        *kind = confs[i]->parameters[found].table.kind;
        return true;
    }
    return false;
}

const char *conf_define(struct conf *const *confs, size_t count, struct memory *memory, const char *definition)
{
    const char *equals = strchr(definition, '=');
    size_t length = equals == NULL ? 0 : (size_t)(equals - definition);
    if (equals == NULL || !is_parameter_name(definition, length))
        return memory_print(memory, "-D takes name=value, not \"%s\"", definition);
    const char *name = memory_copy(memory, definition, length), *value = equals + 1;
    uint32_t kind = is_integer(value) ? (uint32_t)STELE_INTEGER : (uint32_t)STELE_LITERAL;
    bool declared = find_kind(confs, count, name, &kind);
    const char *problem = value_problem(kind, value);
    if (problem != NULL)
        return memory_print(memory, "value of parameter \"%s\" %s", name, problem);
    for (size_t i = 0; i < count; i++) {
        long found = conf_find(confs[i], name, length);
        if (found >= 0)
            confs[i]->parameters[found].table.value = value;
        else if (!declared)
            add_parameter(confs[i], memory, (stele_parameter){.name = name, .value = value, .kind = kind}, SOURCE_WHOLE);
    }
    return NULL;
}

static bool is_same(const stele_parameter *a, const stele_parameter *b)
{
    bool same_value = a->value == NULL || b->value == NULL ? a->value == b->value : strcmp(a->value, b->value) == 0;
    return a->kind == b->kind && a->given_at_run == b->given_at_run && same_value;
}

void conf_join(struct conf *all, struct conf *conf, struct memory *memory, struct diag *diag)
{
    for (size_t i = 0; i < conf->parameter_count; i++) {
        struct parameter *parameter = &conf->parameters[i];
        long found = conf_find(all, parameter->table.name, parameter->name_length);
        if (found < 0) {
            found = (long)all->parameter_count;
            add_parameter(all, memory, parameter->table, parameter->offset);
        } else if (!is_same(&all->parameters[found].table, &parameter->table)) {
            diag_error(diag, &conf->source, parameter->offset, "parameter \"%s\" is declared otherwise in another folder",
                       parameter->table.name);
            diag_hint(diag, "in one program a parameter has one kind and one value: declare it alike, or rename it");
        }
        parameter->joined = (uint32_t)found;
    }
}
