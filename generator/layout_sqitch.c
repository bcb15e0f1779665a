/*
 * layout_sqitch.c - a sqitch project, see layout.h
 *
 *     %project=flipr
 *     users [appschema other:base !old] 2013-12-31T21:34:25Z Name <mail> # note
 *     @v1.0.0 2013-12-31T22:00:00Z Name <mail>
 *     users [users@v1.0.0] 2014-...
 *
 * The plan has the order, and a change's place in it, from 1, is its version. A change that stands there again was reworked: the
 * earlier one's scripts are then called users@v1.0.0.sql, by the tag between the two. Scripts lie in deploy, revert and
 * verify, or where sqitch.conf says; the latter two may be missing.
 */
#include "layout.h"

#include "text.h"

#include <string.h>
#include <sys/stat.h>

struct change {
    const char *name;
    uint32_t offset;    /* of its line in the plan */
    size_t tags;        /* how many tags stand before it */
    struct migration *migration;
};

/* The folders of the scripts, as paths within that of the plan. */
enum script { DEPLOY, REVERT, VERIFY, SCRIPT_COUNT };

struct plan {
    const struct folder *folder;
    const char *folders[SCRIPT_COUNT];
    const char *extension;
    struct source *source;
    const char *project;
    struct change *changes;
    size_t count, capacity;
    const char **tags; /* with their @ */
    size_t tag_count, tag_capacity;
};

static void complain(const struct plan *plan, uint32_t offset, const char *message, const char *hint)
{
    struct diag *diag = plan->folder->history->diag;
    diag_error(diag, plan->source, offset, "%s", message);
    if (hint != NULL)
        diag_hint(diag, "%s", hint);
}

/* ------------------------------------------------------------ sqitch.conf */

static bool is_folder(const struct folder *folder, const char *name)
{
    struct stat status;
    return stat(path_join(folder->history->memory, folder->directory, name), &status) == 0 && S_ISDIR(status.st_mode);
}

/* "key = value" in [core] or [engine "pg"]: where the scripts are, and how they end. */
static void take_setting(struct plan *plan, const char *line, const char **top)
{
    static const char *const keys[] = {"deploy_dir", "revert_dir", "verify_dir"};
    struct memory *memory = plan->folder->history->memory;
    size_t length = strcspn(line, " \t=");
    const char *value = strchr(line, '=');
    if (value == NULL)
        return;
    value += 1 + strspn(value + 1, " \t\"");
    value += strncmp(value, "./", 2) == 0 ? 2 : 0;
    char *text = memory_copy(memory, value, strcspn(value, "\"#;"));
    for (size_t end = strlen(text); end > 0 && (is_space(text[end - 1]) || text[end - 1] == '/');)
        text[--end] = '\0';
    for (int i = 0; i < SCRIPT_COUNT; i++)
        if (length == strlen(keys[i]) && memcmp(line, keys[i], length) == 0)
            plan->folders[i] = text;
    if (length == strlen("top_dir") && memcmp(line, "top_dir", length) == 0)
        *top = text;
    if (length == strlen("extension") && memcmp(line, "extension", length) == 0)
        plan->extension = text;
}

static void read_settings(struct plan *plan)
{
    static const char *const names[] = {"deploy", "revert", "verify"};
    struct history *history = plan->folder->history;
    struct source *conf = folder_source(plan->folder, "sqitch.conf");
    const char *top = "";
    bool counts = false;
    plan->extension = "sql";
    if (folder_has(plan->folder, "sqitch.conf", false) && source_read(conf, history->memory, history->diag, false)) {
        folder_add_input(history, conf->path);
        for (uint32_t line = 1; line <= conf->line_count; line++) {
            uint32_t length;
            const char *text = source_line_text(conf, line, &length);
            text = memory_copy(history->memory, text, length);
            text += strspn(text, " \t");
            if (*text == '[')
                counts = strncmp(text, "[core]", 6) == 0 || strncmp(text, "[engine \"pg\"]", 13) == 0;
            else if (counts && is_letter(*text))
                take_setting(plan, text, &top);
        }
    }
    bool below = top[0] != '\0' && strcmp(top, ".") != 0 && is_folder(plan->folder, top); /* else the plan lies there itself */
    for (int i = 0; i < SCRIPT_COUNT; i++)
        if (plan->folders[i] == NULL)
            plan->folders[i] = below ? path_join(history->memory, top, names[i]) : names[i];
}

/* The path of a change's script within the plan's folder. */
static const char *script_path(const struct plan *plan, enum script script, const char *change, const char *tag)
{
    return memory_print(plan->folder->history->memory, "%s/%s%s.%s", plan->folders[script], change, tag, plan->extension);
}

/* What a project is called as a component: "my-app" is my_app. */
static const char *component_of(struct memory *memory, const char *project)
{
    char *name = memory_copy(memory, project, strlen(project));
    for (char *p = name; *p != '\0'; p++)
        if (strchr("-.", *p) != NULL)
            *p = '_';
    return name;
}

/* ------------------------------------------------------------ dependencies */

/* Does the change, or the tag, stand in the plan already? "users", "users@v1", "@v1" */
static bool is_planned(const struct plan *plan, const char *name)
{
    const char *at = strchr(name, '@');
    size_t length = at == NULL ? strlen(name) : (size_t)(at - name);
    bool change = length == 0, tag = at == NULL || strncmp(at, "@HEAD", 5) == 0 || strncmp(at, "@ROOT", 5) == 0;
    for (size_t i = 0; i < plan->count; i++)
        change |= strlen(plan->changes[i].name) == length && memcmp(plan->changes[i].name, name, length) == 0;
    for (size_t i = 0; i < plan->tag_count; i++)
        tag |= at != NULL && strcmp(plan->tags[i], at) == 0;
    return change && tag;
}

/* A dependency on another project: it must be of this program, where order.c finds the change by its name. */
static void add_foreign(const struct plan *plan, struct change *change, const char *project, const char *name)
{
    struct memory *memory = plan->folder->history->memory;
    struct migration *migration = change->migration;
    project = component_of(memory, project);
    if (!conf_is_component(project)) {
        complain(plan, change->offset, memory_print(memory, "\"%s\" is no name for a component", project),
                 "a change of another project is looked for in the component of its name");
        return;
    }
    migration->after = memory_grow(memory, migration->after, migration->after_count, &migration->after_capacity,
                                   sizeof *migration->after);
    migration->after[migration->after_count++] = (struct dependency){.component = project, .change = name, .version = name};
}

/* One word of a change's list: "users", "other:users@v1", "!conflict". */
static void take_requirement(const struct plan *plan, struct change *change, const char *word)
{
    struct memory *memory = plan->folder->history->memory;
    if (*word == '!') /* what may not be deployed: all of the plan is */
        return;
    const char *colon = strchr(word, ':');
    const char *project = colon == NULL ? NULL : memory_copy(memory, word, (size_t)(colon - word));
    const char *name = colon == NULL ? word : colon + 1;
    bool foreign = project != NULL && (plan->project == NULL || strcmp(project, plan->project) != 0);
    if (foreign && change->migration != NULL && *name != '@')
        add_foreign(plan, change, project, memory_copy(memory, name, strcspn(name, "@")));
    else if (!foreign && !is_planned(plan, name))
        complain(plan, change->offset, memory_print(memory, "\"%s\" requires \"%s\", which does not come before it", change->name, name),
                 NULL);
}

/* ----------------------------------------------------------------- scripts */

static bool is_there(const struct folder *folder, const char *file)
{
    struct stat status;
    return stat(path_join(folder->history->memory, folder->directory, file), &status) == 0 && S_ISREG(status.st_mode);
}

/* The tag that a reworked change's scripts are named by: the first one between it and the next of its name that has a file. */
static const char *rework_tag(const struct plan *plan, size_t which)
{
    const struct change *change = &plan->changes[which];
    const char *first = NULL;
    size_t next = which + 1;
    while (next < plan->count && strcmp(plan->changes[next].name, change->name) != 0)
        next++;
    for (size_t i = change->tags; next < plan->count && i < plan->changes[next].tags; i++) {
        const char *tag = plan->tags[i];
        if (is_there(plan->folder, script_path(plan, DEPLOY, change->name, tag)))
            return tag;
        first = first == NULL ? tag : first;
    }
    if (next < plan->count && first == NULL)
        complain(plan, plan->changes[next].offset,
                 memory_print(plan->folder->history->memory, "\"%s\" stands in the plan twice, without a tag between", change->name),
                 NULL);
    return first == NULL ? "" : first;
}

static void add_scripts(const struct plan *plan, size_t which)
{
    const struct folder *folder = plan->folder;
    struct memory *memory = folder->history->memory;
    struct change *change = &plan->changes[which];
    const char *tag = rework_tag(plan, which);
    const char *revert = script_path(plan, REVERT, change->name, tag);
    const char *verify = script_path(plan, VERIFY, change->name, tag);
    change->migration = folder_add(folder, script_path(plan, DEPLOY, change->name, tag),
                                   memory_print(memory, "%zu", which + 1), change->name);
    if (change->migration != NULL && is_there(folder, revert))
        folder_add_part(folder, change->migration, FILE_DOWN, revert);
    if (change->migration != NULL && is_there(folder, verify))
        folder_add_part(folder, change->migration, FILE_VERIFY, verify);
}

/* -------------------------------------------------------------------- plan */

static void add_change(struct plan *plan, const char *name, uint32_t offset)
{
    struct memory *memory = plan->folder->history->memory;
    plan->changes = memory_grow(memory, plan->changes, plan->count, &plan->capacity, sizeof *plan->changes);
    plan->changes[plan->count++] = (struct change){.name = name, .offset = offset, .tags = plan->tag_count};
}

static void add_tag(struct plan *plan, const char *name)
{
    struct memory *memory = plan->folder->history->memory;
    plan->tags = memory_grow(memory, plan->tags, plan->tag_count, &plan->tag_capacity, sizeof *plan->tags);
    plan->tags[plan->tag_count++] = name;
}

/* "%project=flipr". The history is named after it, unless somebody has chosen its name. */
static void take_pragma(struct plan *plan, const char *text, uint32_t offset)
{
    const char *name = text + 1 + strspn(text + 1, " \t");
    const char *value = strchr(name, '=');
    struct history *history = plan->folder->history;
    if (value == NULL)
        return;
    value += 1 + strspn(value + 1, " \t");
    value = memory_copy(history->memory, value, strcspn(value, " \t"));
    if (strncmp(name, "syntax-version", 14) == 0 && strncmp(value, "1.", 2) != 0)
        complain(plan, offset, memory_print(history->memory, "the plan has syntax version %s; 1.0.0 is known", value), NULL);
    if (strncmp(name, "project", 7) != 0)
        return;
    plan->project = value;
    const char *component = component_of(history->memory, value);
    if (!history->conf.named && conf_is_component(component)) {
        history->conf.component = component;
        history->conf.named = true;
    }
}

/* A line without the comment behind it: "#" begins one, where white space or nothing stands before. */
static char *line_text(const struct plan *plan, uint32_t line)
{
    uint32_t length;
    const char *text = source_line_text(plan->source, line, &length);
    uint32_t begin = 0, end = 0;
    while (begin < length && is_space(text[begin]))
        begin++;
    for (end = begin; end < length; end++)
        if (text[end] == '#' && (end == begin || is_space(text[end - 1])))
            break;
    while (end > begin && is_space(text[end - 1]))
        end--;
    return memory_copy(plan->folder->history->memory, text + begin, end - begin);
}

static void take_line(struct plan *plan, uint32_t line)
{
    struct memory *memory = plan->folder->history->memory;
    const char *text = line_text(plan, line);
    uint32_t offset = plan->source->lines[line - 1];
    if (text[0] == '%') {
        take_pragma(plan, text, offset);
    } else if (text[0] == '-') {
        complain(plan, offset, "a change that the plan takes back", "take it out of the plan, or make it a change of its own");
    } else if (text[0] != '\0') {
        text += *text == '+';
        text += strspn(text, " \t");
        const char *name = memory_copy(memory, text, strcspn(text, " \t["));
        if (name[0] == '@')
            add_tag(plan, name);
        else
            add_change(plan, name, offset);
    }
}

/* The words between the brackets of a change's line. It is read when all before it stand in the plan, and none behind. */
static void take_requirements(struct plan *plan, struct change *change)
{
    struct memory *memory = plan->folder->history->memory;
    const char *text = line_text(plan, source_line(plan->source, change->offset));
    const char *open = strchr(text, '['), *close = open == NULL ? NULL : strchr(open, ']');
    const char *mail = strchr(text, '<');
    if (close == NULL || (mail != NULL && mail < open))
        return;
    for (const char *p = open + 1; p < close;) {
        p += strspn(p, " \t");
        size_t length = strcspn(p, " \t]");
        if (length > 0)
            take_requirement(plan, change, memory_copy(memory, p, length));
        p += length;
    }
}

/* A folder of scripts, and those below it, for make to look at. */
static void add_folders(const struct folder *folder, const char *name)
{
    if (!is_folder(folder, name))
        return;
    struct folder inner = folder_list_below(folder, name);
    folder_add_input(folder->history, inner.directory);
    for (size_t i = 0; i < inner.count; i++)
        if (inner.entries[i].is_folder)
            add_folders(&inner, inner.entries[i].name);
}

void layout_scan_sqitch(const struct folder *folder)
{
    struct history *history = folder->history;
    struct plan plan = {.folder = folder, .source = folder_source(folder, "sqitch.plan")};
    if (!source_read(plan.source, history->memory, history->diag, false))
        return;
    folder_add_input(history, plan.source->path);
    read_settings(&plan);
    for (int i = 0; i < SCRIPT_COUNT; i++)
        add_folders(folder, plan.folders[i]);
    for (uint32_t line = 1; line <= plan.source->line_count; line++)
        take_line(&plan, line);
    for (size_t i = 0; i < plan.count; i++)
        add_scripts(&plan, i);
    size_t changes = plan.count;
    for (plan.count = 0; plan.count < changes; plan.count++)
        take_requirements(&plan, &plan.changes[plan.count]);
}
