#define _POSIX_C_SOURCE 200809L
#include "scan.h"

#include "layout.h"
#include "lua_module.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool scan_is_version(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!is_digit(text[i]) && (text[i] != '.' || i == 0 || i + 1 == length || !is_digit(text[i + 1])))
            return false;
    return length > 0;
}

bool scan_is_same_folder(const char *a, const char *b)
{
    struct stat p, q;
    return stat(a, &p) == 0 && stat(b, &q) == 0 && p.st_dev == q.st_dev && p.st_ino == q.st_ino;
}

/* --------------------------------------------------------------------- Lua */

/* A folder that Lua files are looked for in. */
struct lua_place {
    const struct folder *folder;
    const char *name; /* in the output */
    bool holds_sql, holds_modules;
};

/* The length of the version that VERSION_name begins with, an ending of four bytes behind; 0 when it has none. */
static size_t version_length(const char *name)
{
    size_t version = strspn(name, "0123456789."), length = strlen(name);
    bool fine = scan_is_version(name, version) && name[version] == '_' && length - version > strlen("_.lua");
    return fine ? version : 0;
}

static void add_lua(const struct lua_place *place, const char *name, size_t version)
{
    const struct folder *folder = place->folder;
    struct migration *migration = folder_add(folder, name, folder_cut(folder, name, version),
                                             folder_cut(folder, name + version + 1, strlen(name) - version - strlen("_.lua")));
    if (migration != NULL)
        migration->folder = place->name;
}

/* Another tool's folder is that tool's: jobs lie with the Lua files, unless these are several histories'. */
static void take_job(const struct lua_place *place, const char *name)
{
    const struct folder *folder = place->folder;
    const struct history *history = folder->history;
    if (strlen(name) <= strlen("J_.lua"))
        folder_refuse(folder, name, "file name is not J_name.lua", "a job has a name: J_reembed.lua");
    else if (!place->holds_sql && history->lua->shared)
        folder_refuse(folder, name, "a job in a folder that several histories share",
                      "put it among the migrations of the component whose tables it is about; only modules can be shared");
    else if (!place->holds_modules && !history->lua->shared && strcmp(history->layout->name, "stele") != 0)
        folder_refuse(folder, name, memory_print(history->memory, "a job in a folder of %s's", history->layout->name),
                      "put it into the folder of --lua");
    else
        add_lua(place, name, strlen("J"));
}

/* Where modules lie, a name that doesn't begin with a digit is one of theirs, unless it is a job's. */
static void take_lua(const struct lua_place *place, const char *name)
{
    const struct folder *folder = place->folder;
    size_t version = version_length(name);
    if (strncmp(name, "J_", 2) == 0) {
        take_job(place, name);
        return;
    }
    if (place->holds_modules && !is_digit(*name))
        return;
    if (version == 0 && is_digit(*name)) {
        folder_refuse(folder, name, "file name is not VERSION_name.lua",
                      "a version is digits, or digits with dots: 001_name.lua, 4.105_name.lua");
    } else if (version == 0 && strncmp(name, "R_", 2) == 0) {
        folder_refuse(folder, name, "a repeatable migration in Lua", "only SQL can be repeatable: R_name.sql");
    } else if (version == 0) {
        folder_refuse(folder, name, "file name is not VERSION_name.lua",
                      "a job is J_name.lua; a module belongs into the folder of --lua, from where migrations require it");
    } else if (!place->holds_sql && folder->history->lua->shared) {
        folder_refuse(folder, name, "a migration in a folder that several histories share",
                      "put it among the migrations that it belongs to; only modules can be shared");
    } else {
        add_lua(place, name, version);
    }
}

static void take_lua_files(const struct lua_place *place)
{
    for (size_t i = 0; i < place->folder->count; i++) {
        const struct entry *entry = &place->folder->entries[i];
        if (!entry->is_folder && ends_in(entry->name, ".lua"))
            take_lua(place, entry->name);
    }
}

/* ------------------------------------------------------------------ public */

static int by_version(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    if (p->repeatable || p->job) {
        int by_name = strcmp(p->name, q->name);
        return by_name != 0 ? by_name : strcmp(p->source.path, q->source.path);
    }
    int order = stele_version_compare(p->version, q->version);
    return order != 0 ? order : strcmp(p->source.name, q->source.name);
}

static void sort(struct migration **list, size_t count, size_t first_order)
{
    if (count > 0)
        qsort(list, count, sizeof *list, by_version);
    for (size_t i = 0; i < count; i++)
        list[i]->source.order = first_order + i;
}

/* The layout that was asked for, on the command line or in stele.conf, or that the folder is in. NULL: that was told. */
static const struct layout *choose_layout(struct history *history, const struct folder *folder, const char *option)
{
    const struct conf *conf = &history->conf;
    const char *asked = option != NULL ? option : conf->layout;
    if (asked == NULL || layout_find(asked) != NULL)
        return layout_of(folder, asked);
    diag_error(history->diag, &conf->source, conf->layout_offset, "there is no layout \"%s\"", asked);
    diag_hint(history->diag, "there are %s", layout_names(history->memory));
    return NULL;
}

bool scan(struct history *history, const char *layout)
{
    const char *lua = history->lua->directory;
    bool one = lua != NULL && scan_is_same_folder(lua, history->directory);
    struct folder folder = folder_list(history, history->directory);
    history->layout_option = layout;
    history->layout = choose_layout(history, &folder, layout);
    if (history->layout == NULL)
        return false;
    history->layout->scan(&folder);
    take_lua_files(&(struct lua_place){&folder, history->name, true, one});
    if (lua != NULL && !one) {
        struct folder other = folder_list(history, lua);
        take_lua_files(&(struct lua_place){&other, history->lua->name, false, true});
    }
    sort(history->migrations, history->count, history->first_order + 2);
    sort(history->repeatables, history->repeatable_count, history->first_order + 2 + history->count);
    sort(history->jobs, history->job_count, history->first_order + 2 + history_size(history));
    return true;
}
