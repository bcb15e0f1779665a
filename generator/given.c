#include "given.h"

#include "parse.h"
#include "scan.h"
#include "split.h"
#include "text.h"

#include <string.h>

static struct given *find(const struct history *history, const char *path)
{
    struct given *given = history->given;
    while (given != NULL && strcmp(given->file->source.path, path) != 0 && !scan_is_same_folder(given->file->source.path, path))
        given = given->next;
    return given;
}

/* Its complaints stand among those of the migration that names it first. In the folder of migrations, it isn't one that has a bad name. */
static struct given *read_file(struct history *history, const struct migration *by, const struct outside *outside, const char *path)
{
    struct given *given = memory_get(history->memory, 1, sizeof *given);
    struct migration *file = given->file = memory_get(history->memory, 1, sizeof *file);
    *file = (struct migration){.home = history, .is_given = true, .component = by->component, .version = by->version, .name = outside->name};
    file->source = (struct source){.path = path, .name = outside->name, .order = by->source.order};
    given->next = history->given;
    history->given = given;
    diag_withdraw(history->diag, path);
    if (!source_read(&file->source, history->memory, history->diag, false)) {
        diag_note(history->diag, "\"%s\" names it in line %u", by->source.name, source_line(&by->source, outside->offset));
        diag_hint(history->diag, "the path is taken from the folder of migrations, or is a whole one");
        file->broken = true;
        return given;
    }
    split(file, history->memory, history->diag, &history->conf);
    parse(history, file);
    return given;
}

void given_read(struct history *history, struct migration *migration)
{
    for (size_t i = 0; i < migration->outside_count; i++) {
        struct outside *outside = &migration->outsides[i];
        const char *path = outside->name[0] == '/' ? outside->name : path_join(history->memory, history->directory, outside->name);
        outside->given = find(history, path);
        if (outside->given == NULL)
            outside->given = read_file(history, migration, outside, path);
        migration->broken |= outside->given->file->broken;
    }
}

/* The up part, as somebody else has applied it. */
static void apply_file(struct catalog *catalog, const struct migration *file)
{
    for (size_t i = 0; i < file->statement_count; i++) {
        const struct statement *statement = &file->statements[i];
        for (uint32_t j = 0; j < statement->deed_count && statement->part == PART_UP; j++)
            catalog_apply(catalog, &file->deeds[statement->first_deed + j]);
    }
}

void given_apply(struct catalog *catalog, const struct migration *migration)
{
    for (size_t i = 0; i < migration->outside_count; i++) {
        struct given *given = migration->outsides[i].given;
        if (given == NULL || given->applied)
            continue;
        given->applied = true;
        catalog_begin(catalog, NULL);
        catalog->touched = true; /* so the database isn't empty, wherever this history begins */
        catalog->begins_empty = false;
        apply_file(catalog, given->file);
    }
}
