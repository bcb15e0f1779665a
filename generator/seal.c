#include "seal.h"

#include "files.h"
#include "history.h"
#include "lua_module.h"
#include "renumber.h"
#include "scan.h"
#include "squash.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* A text's sum, and the number of the line or migration that has it. */
struct text_sum {
    const char *sum;
    size_t number;
};

struct sealer {
    struct lock *lock;
    struct history *history;
    const struct seal_options *options;
    struct migration **sorted; /* by component and version, for lookups */
    struct text_sum *lines, *files; /* by sum; made when the first complaint asks for them */
    struct migration **order;  /* the outcome */
    size_t order_count;
};

static int compare_places(const char *component, const char *version, const struct migration *other)
{
    int order = strcmp(component, other->component);
    return order != 0 ? order : stele_version_compare(version, other->version);
}

static int by_place(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    int order = compare_places(p->component, p->version, q);
    return order != 0 ? order : strcmp(p->source.name, q->source.name);
}

/* The migration of this component and version ("1" finds "001"); or NULL. */
static struct migration *find(const struct sealer *sealer, const char *component, const char *version)
{
    size_t low = 0, high = sealer->history->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_places(component, version, sealer->sorted[middle]);
        if (order == 0)
            return sealer->sorted[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* --------------------------------------------------------------- wording */

static const char *amend_name(struct memory *memory, const char *component, const char *version)
{
    return strcmp(component, "main") == 0 ? version : memory_print(memory, "%s/%s", component, version);
}

/* How out of it, for those who are sure: the command, ready to paste. */
static void hint_amend(const struct sealer *sealer, const char *undo, const struct sealed *line)
{
    struct memory *memory = sealer->history->memory;
    const char *lua = sealer->history->lua->by_option ? sealer->history->lua->directory : NULL;
    const char *layout = sealer->history->layout_option;
    diag_hint(sealer->history->diag,
              "%s, or, if it was never applied anywhere that counts: stelec seal --amend %s%s%s%s%s %s", undo,
              amend_name(memory, line->component, line->version), layout == NULL ? "" : " --layout ",
              layout == NULL ? "" : layout, lua == NULL ? "" : " --lua ", lua == NULL ? "" : lua, sealer->history->argument);
}

/* A place to complain about a file that isn't there. */
static const struct source *missing_source(const struct sealer *sealer, const struct sealed *line)
{
    struct source *source = memory_get(sealer->history->memory, 1, sizeof *source);
    source->name = line->file;
    source->path = path_join(sealer->history->memory, sealer->history->directory, line->file);
    source->order = sealer->history->first_order + line->place + 2;
    return source;
}

/* ------------------------------------------------------------ comparing */

static int by_sum(const void *a, const void *b)
{
    const struct text_sum *p = a, *q = b;
    int order = strcmp(p->sum, q->sum);
    return order != 0 ? order : (p->number > q->number) - (p->number < q->number);
}

/* Where many files changed at once, each is looked for among all others: so they are sorted by their texts. */
static void sort_texts(struct sealer *sealer)
{
    const struct lock *lock = sealer->lock;
    const struct history *history = sealer->history;
    if (sealer->lines != NULL)
        return;
    sealer->lines = memory_get(history->memory, lock->count, sizeof *sealer->lines);
    sealer->files = memory_get(history->memory, history->count, sizeof *sealer->files);
    for (size_t i = 0; i < lock->count; i++)
        sealer->lines[i] = (struct text_sum){lock->lines[i].source_sum, i};
    for (size_t i = 0; i < history->count; i++)
        sealer->files[i] = (struct text_sum){history->migrations[i]->source_sum, i};
    if (lock->count > 0)
        qsort(sealer->lines, lock->count, sizeof *sealer->lines, by_sum);
    if (history->count > 0)
        qsort(sealer->files, history->count, sizeof *sealer->files, by_sum);
}

/* The first in the list that has this sum, or where it would be. */
static size_t find_sum(const struct text_sum *list, size_t count, const char *sum)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(list[middle].sum, sum) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The line that was sealed with the text that `line`'s file has now, while its file has that of `line`; or NULL. */
static const struct sealed *swapped_with(struct sealer *sealer, const struct sealed *line)
{
    const struct lock *lock = sealer->lock;
    const char *sum = line->migration->source_sum;
    sort_texts(sealer);
    for (size_t i = find_sum(sealer->lines, lock->count, sum); i < lock->count && strcmp(sealer->lines[i].sum, sum) == 0; i++) {
        const struct sealed *other = &lock->lines[sealer->lines[i].number];
        if (other != line && other->migration != NULL && strcmp(line->source_sum, other->migration->source_sum) == 0)
            return other;
    }
    return NULL;
}

/* The file of a part, against what was sealed of it. Returns whether there was something to tell. */
static bool compare_file(const struct sealer *sealer, const struct sealed *line, file_kind kind, const char *how)
{
    struct diag *diag = sealer->history->diag;
    const struct source *file = line->migration->files[kind];
    const char *sealed = lock_text(line, files_name(kind));
    char sum[STELE_CHECKSUM_SIZE] = "";
    if (file != NULL && !stele_source_checksum(sum, file->text, file->length))
        memory_exhausted(sealer->history->memory);
    if (file == NULL ? sealed == NULL : sealed != NULL && strcmp(sealed, sum) == 0)
        return false;
    if (file == NULL) {
        diag_error(diag, &line->migration->source, SOURCE_WHOLE, "the %s file of sealed migration \"%s\" is missing",
                   files_name(kind), line->file);
        hint_amend(sealer, "put it back", line);
        return true;
    }
    diag_error(diag, file, SOURCE_WHOLE, sealed == NULL ? "\"%s\" was added to sealed migration \"%s\""
                                                        : "\"%s\" of sealed migration \"%s\" was %s",
               file->name, line->file, how);
    if (sealed != NULL)
        diag_note(diag, "sealed as %s", sealed);
    if (sealed != NULL)
        diag_note(diag, "is now    %s", sum);
    hint_amend(sealer, sealed == NULL ? "take it away" : "undo the edit and write a new migration", line);
    return true;
}

/* Tell of the files of parts that are not what they were. Was it only these, and the migration's first file is? */
static bool compare_files(const struct sealer *sealer, const struct sealed *line, const char *how)
{
    const struct migration *migration = line->migration;
    file_kind first = files_first(migration);
    const struct source *own = migration->files[first] != NULL ? migration->files[first] : &migration->source;
    const char *sealed = line->text_count == 0 ? line->source_sum : lock_text(line, migration->source.name);
    char sum[STELE_CHECKSUM_SIZE];
    bool told = false;
    for (int kind = (int)first + 1; kind < FILE_COUNT && !migration->lua; kind++)
        told = compare_file(sealer, line, (file_kind)kind, how) || told;
    if (!told)
        return false;
    if (!stele_source_checksum(sum, own->text, own->length))
        memory_exhausted(sealer->history->memory);
    return sealed != NULL && strcmp(sealed, sum) == 0;
}

/* Tell of the modules that were edited. Was it only these, and the migration's own text is what it was? */
static bool compare_modules(const struct sealer *sealer, const struct sealed *line, const char *how)
{
    struct diag *diag = sealer->history->diag;
    const struct migration *migration = line->migration;
    char own[STELE_CHECKSUM_SIZE];
    size_t edited = 0;
    for (size_t i = 0; i < migration->module_count; i++) {
        const struct lua_module *module = migration->modules[i];
        const char *sealed = lock_text(line, module->name);
        if (sealed == NULL || strcmp(sealed, module->source_sum) == 0)
            continue;
        edited++;
        diag_error(diag, &module->source, SOURCE_WHOLE, "module \"%s\" of sealed migration \"%s\" was %s", module->name,
                   line->file, how);
        diag_note(diag, "sealed as %s", sealed);
        diag_note(diag, "is now    %s", module->source_sum);
        hint_amend(sealer, "undo the edit and make a module of another name for new migrations", line);
    }
    if (edited == 0)
        return false;
    if (!stele_source_checksum(own, migration->source.text, migration->source.length))
        memory_exhausted(sealer->history->memory);
    const char *sealed = lock_text(line, migration->source.name);
    return sealed != NULL && strcmp(sealed, own) == 0;
}

static void compare_text(struct sealer *sealer, const struct sealed *line)
{
    struct diag *diag = sealer->history->diag;
    const struct migration *migration = line->migration;
    const struct sealed *other = swapped_with(sealer, line);
    if (other != NULL && other->place < line->place)
        return; /* told once */
    if (other != NULL) {
        diag_error(diag, &migration->source, SOURCE_WHOLE, "sealed migrations \"%s\" and \"%s\" were swapped",
                   line->file, other->file);
        diag_hint(diag, "give each file its name back");
        return;
    }
    bool reformatted = strcmp(line->tokens_sum, migration->tokens_sum) == 0;
    if (compare_modules(sealer, line, reformatted ? "reformatted" : "edited") ||
        compare_files(sealer, line, reformatted ? "reformatted" : "edited"))
        return;
    diag_error(diag, &migration->source, SOURCE_WHOLE, "sealed migration \"%s\" was %s", line->file,
               reformatted ? "reformatted" : "edited");
    if (reformatted)
        diag_note(diag, "only comments and white space differ");
    diag_note(diag, "sealed as %s", line->source_sum);
    diag_note(diag, "is now    %s", migration->source_sum);
    hint_amend(sealer, "undo the edit and write a new migration (stelec new)", line);
}

/* The line's file is there, with its version. Is it what was sealed? */
static void compare(struct sealer *sealer, const struct sealed *line)
{
    struct diag *diag = sealer->history->diag;
    const struct migration *migration = line->migration;
    if (migration->source_sum[0] == '\0')
        return; /* could not be read, and that was told */
    if (strcmp(line->source_sum, migration->source_sum) != 0) {
        compare_text(sealer, line);
    } else if (strcmp(line->file, migration->source.name) != 0) {
        diag_error(diag, &migration->source, SOURCE_WHOLE, "sealed migration \"%s\" was renamed to \"%s\"",
                   line->file, migration->source.name);
        hint_amend(sealer, "give it its name back", line);
    } else if (strcmp(line->tokens_sum, migration->tokens_sum) != 0) {
        diag_error(diag, &sealer->lock->source, line->offset, "tokens of \"%s\" differ though its text does not",
                   line->file);
        hint_amend(sealer, "use the stelec that sealed it", line);
    }
}

/* A migration that nothing is sealed about, with the text of `line`; or NULL. */
static struct migration *find_moved(struct sealer *sealer, const struct sealed *line)
{
    const struct history *history = sealer->history;
    const char *sum = line->source_sum;
    sort_texts(sealer);
    for (size_t i = find_sum(sealer->files, history->count, sum);
         i < history->count && strcmp(sealer->files[i].sum, sum) == 0; i++) {
        struct migration *migration = history->migrations[sealer->files[i].number];
        if (!migration->is_sealed)
            return migration;
    }
    return NULL;
}

static bool ends_in_lua(const char *file)
{
    size_t length = strlen(file);
    return length > 4 && strcmp(file + length - 4, ".lua") == 0;
}

/* No file has the line's component and version. */
static void explain_missing(struct sealer *sealer, const struct sealed *line)
{
    struct diag *diag = sealer->history->diag;
    struct migration *moved = find_moved(sealer, line);
    if (moved == NULL) {
        diag_error(diag, missing_source(sealer, line), SOURCE_WHOLE, "sealed migration \"%s\" is missing",
                   line->file);
        if (ends_in_lua(line->file) && sealer->history->lua->directory == NULL)
            diag_hint(diag, "if it lies in a folder of its own: --lua DIR");
        hint_amend(sealer, "put the file back", line);
        return;
    }
    moved->is_sealed = true; /* so that it isn't complained about as a new one, too */
    if (strcmp(moved->source.name, line->file) == 0) {
        diag_error(diag, &moved->source, SOURCE_WHOLE,
                   "sealed migration \"%s\" was of component \"%s\", is now of \"%s\"", line->file, line->component,
                   moved->component);
        diag_hint(diag, "write \"component %s\" into stele.conf: every database that has it knows it by that name; or, if none has: stelec "
                        "seal --amend %s/%s %s", line->component, line->component, line->version, sealer->history->argument);
        return;
    } else
        diag_error(diag, &moved->source, SOURCE_WHOLE, "sealed migration \"%s\" was renamed to \"%s\"", line->file,
                   moved->source.name);
    hint_amend(sealer, "give it back what it had", line);
}

/* ------------------------------------------------------------- amending */

static bool is_named(const char *amend, const char *component, const char *version)
{
    const char *slash = strchr(amend, '/'), *wanted = slash == NULL ? amend : slash + 1;
    if (slash != NULL && (strlen(component) != (size_t)(slash - amend) ||
                          strncmp(amend, component, strlen(component)) != 0))
        return false;
    return scan_is_version(wanted, strlen(wanted)) && stele_version_compare(wanted, version) == 0;
}

/* Make room for a migration below its component's head: a line before the first higher one. */
static void insert_line(struct sealer *sealer, struct migration *migration)
{
    struct lock *lock = sealer->lock;
    size_t at = 0;
    while (at < lock->count && (strcmp(lock->lines[at].component, migration->component) != 0 ||
                                stele_version_compare(lock->lines[at].version, migration->version) < 0))
        at++;
    lock->lines = memory_grow(sealer->history->memory, lock->lines, lock->count, &lock->capacity,
                              sizeof *lock->lines);
    memmove(lock->lines + at + 1, lock->lines + at, (lock->count - at) * sizeof *lock->lines);
    lock->lines[at] = (struct sealed){.source_sum = migration->source_sum, .tokens_sum = migration->tokens_sum,
                                      .state_sum = migration->state_sum, .component = migration->component,
                                      .version = migration->version, .file = migration->source.name,
                                      .amended = true, .inserted = true};
    lock->count++;
}

/* Is there a line of this migration's component and version? */
static bool has_line(const struct lock *lock, const struct migration *migration)
{
    for (size_t i = 0; i < lock->count; i++)
        if (compare_places(lock->lines[i].component, lock->lines[i].version, migration) == 0)
            return true;
    return false;
}

/* For one who names the file: "002_b.sql" has a version in it. */
static void explain_unknown(const struct sealer *sealer, const char *name)
{
    struct history *history = sealer->history;
    const char *slash = strchr(name, '/');
    size_t prefix = slash == NULL ? 0 : (size_t)(slash - name) + 1;
    size_t length = prefix + strspn(name + prefix, "0123456789.");
    const char *meant = memory_copy(history->memory, name, length);
    diag_error(history->diag, &sealer->lock->source, SOURCE_WHOLE, "no migration of version \"%s\" to amend", name);
    for (size_t i = 0; i < history->count; i++)
        if (is_named(meant, history->migrations[i]->component, history->migrations[i]->version)) {
            diag_hint(history->diag, "did you mean \"%.*s%s\"?", (int)prefix, name, history->migrations[i]->version);
            return;
        }
}

static void amend(struct sealer *sealer, const char *name)
{
    struct lock *lock = sealer->lock;
    struct history *history = sealer->history;
    const char *first = NULL, *second = NULL; /* components that have the version */
    size_t count = lock->count;
    for (size_t i = 0; i < count; i++)
        if (is_named(name, lock->lines[i].component, lock->lines[i].version)) {
            lock->lines[i].amended = true;
            *(first == NULL ? &first : &second) = lock->lines[i].component;
        }
    for (size_t i = 0; i < history->count; i++) {
        struct migration *migration = history->migrations[i];
        if (!is_named(name, migration->component, migration->version) || has_line(lock, migration))
            continue;
        *(first == NULL ? &first : &second) = migration->component;
        insert_line(sealer, migration);
    }
    for (size_t i = 0; i < lock->count; i++)
        lock->lines[i].place = i;
    if (first == NULL)
        explain_unknown(sealer, name);
    if (second != NULL && strcmp(first, second) != 0) {
        diag_error(history->diag, &lock->source, SOURCE_WHOLE, "version \"%s\" is in several components", name);
        diag_hint(history->diag, "say which: --amend %s/%s", first, name);
    }
}

/* -------------------------------------------------------------- squashing */

/* Lines that a file stands for are taken out, and that file is sealed in their place. True where there are any. */
static bool take_squashed(struct sealer *sealer)
{
    struct lock *lock = sealer->lock;
    struct history *history = sealer->history;
    bool squashed = false;
    for (size_t i = 0; i < lock->count; i++) {
        struct sealed *line = &lock->lines[i];
        bool gone = find(sealer, line->component, line->version) == NULL && squash_of(history, line->component, line->version) != NULL;
        line->amended |= gone;
        squashed |= gone;
    }
    for (size_t i = 0; i < history->count && squashed; i++)
        if (history->migrations[i]->squashes != NULL && !has_line(lock, history->migrations[i]))
            insert_line(sealer, history->migrations[i]);
    for (size_t i = 0; i < lock->count; i++)
        lock->lines[i].place = i;
    return squashed;
}

/* --------------------------------------------------------------- the new */

static int by_version(const void *a, const void *b)
{
    const struct sealed *p = *(const struct sealed *const *)a, *q = *(const struct sealed *const *)b;
    int order = strcmp(p->component, q->component);
    return order != 0 ? order : stele_version_compare(p->version, q->version);
}

/* The lines by component and version; the last one of a component is its head. */
static const struct sealed **sort_lines(const struct sealer *sealer)
{
    const struct lock *lock = sealer->lock;
    const struct sealed **lines = memory_get(sealer->history->memory, lock->count, sizeof *lines);
    for (size_t i = 0; i < lock->count; i++)
        lines[i] = &lock->lines[i];
    if (lock->count > 0)
        qsort(lines, lock->count, sizeof *lines, by_version);
    return lines;
}

/* The highest version sealed of a component; NULL for none. */
static const struct sealed *head_of(const struct sealed **lines, size_t count, const char *component)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(lines[middle]->component, component) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && strcmp(lines[low - 1]->component, component) == 0 ? lines[low - 1] : NULL;
}

static void append_new(struct sealer *sealer)
{
    struct history *history = sealer->history;
    const struct sealed **lines = sort_lines(sealer);
    for (size_t i = 0; i < history->count; i++) {
        struct migration *migration = history->migrations[i];
        if (migration->is_sealed)
            continue;
        migration->sealing = "sealed";
        const struct sealed *head = head_of(lines, sealer->lock->count, migration->component);
        if (head != NULL && stele_version_compare(migration->version, head->version) < 0) {
            diag_error(history->diag, &migration->source, SOURCE_WHOLE,
                       "new migration \"%s\" comes before sealed \"%s\"", migration->source.name, head->file);
            const char *command = renumber_command(history, migration);
            if (command == NULL)
                diag_hint(history->diag, "give it a version above \"%s\", where it has not been applied", head->version);
            else
                diag_hint(history->diag, "give it a version above \"%s\", where it has not been applied: %s", head->version, command);
        } else if (sealer->options->sealed) {
            diag_error(history->diag, &migration->source, SOURCE_WHOLE, "migration \"%s\" is not sealed",
                       migration->source.name);
            diag_hint(history->diag, "run \"stelec seal %s\" and commit stele.lock", history->argument);
        }
        sealer->order[sealer->order_count++] = migration;
    }
}

/* ---------------------------------------------------------------- public */

static int by_component(const void *a, const void *b)
{
    const struct sealed *p = *(const struct sealed *const *)a, *q = *(const struct sealed *const *)b;
    int order = strcmp(p->component, q->component);
    return order != 0 ? order : (p->place > q->place) - (p->place < q->place);
}

/* Within a component the lines go up: else the order of application would not be that of the versions. */
static void check_lines(struct sealer *sealer)
{
    const struct lock *lock = sealer->lock;
    const struct sealed **lines = memory_get(sealer->history->memory, lock->count, sizeof *lines);
    for (size_t i = 0; i < lock->count; i++)
        lines[i] = &lock->lines[i];
    if (lock->count > 0)
        qsort(lines, lock->count, sizeof *lines, by_component);
    for (size_t i = 1; i < lock->count; i++)
        if (strcmp(lines[i - 1]->component, lines[i]->component) == 0 &&
            stele_version_compare(lines[i - 1]->version, lines[i]->version) >= 0) {
            diag_error(sealer->history->diag, &lock->source, lines[i]->offset,
                       "sealed migrations \"%s\" and \"%s\" are out of order", lines[i - 1]->file, lines[i]->file);
            diag_hint(sealer->history->diag, "take stele.lock from version control, then run stelec");
        }
}

/* What becomes of an amended line, now that its file is found; one that fits as it is stays as it was. */
static const char *sealing_of(const struct sealed *line)
{
    const struct migration *migration = line->migration;
    if (line->inserted)
        return "sealed";
    bool same = strcmp(line->source_sum, migration->source_sum) == 0 &&
                strcmp(line->tokens_sum, migration->tokens_sum) == 0 &&
                strcmp(line->version, migration->version) == 0 && strcmp(line->file, migration->source.name) == 0;
    return same ? NULL : "amended";
}

static void match_lines(struct sealer *sealer)
{
    struct lock *lock = sealer->lock;
    for (size_t i = 0; i < lock->count; i++) {
        struct sealed *line = &lock->lines[i];
        struct migration *migration = find(sealer, line->component, line->version);
        bool same = migration != NULL && (line->amended || strcmp(migration->version, line->version) == 0);
        if (!same || migration->is_sealed)
            continue;
        line->migration = migration;
        migration->is_sealed = true;
        if (line->amended)
            migration->sealing = sealing_of(line);
        sealer->order[sealer->order_count++] = migration;
    }
    for (size_t i = 0; i < lock->count; i++) {
        if (lock->lines[i].amended)
            continue;
        if (lock->lines[i].migration != NULL)
            compare(sealer, &lock->lines[i]);
        else
            explain_missing(sealer, &lock->lines[i]);
    }
}

/* The lock's own digests follow from its lines; a tool that wrote other ones was not this one. */
static void check_states(const struct sealer *sealer)
{
    for (size_t i = 0; i < sealer->lock->count; i++) {
        const struct sealed *line = &sealer->lock->lines[i];
        if (line->migration != NULL && line->migration->source_sum[0] == '\0')
            return; /* that was told, and nothing follows from it */
        if (line->migration == NULL || strcmp(line->state_sum, line->migration->state_sum) == 0)
            continue;
        diag_error(sealer->history->diag, &sealer->lock->source, line->offset,
                   "state digest of \"%s\" doesn't follow from the lines above", line->file);
        diag_hint(sealer->history->diag, "take stele.lock from version control, then run stelec");
        return;
    }
}

/* Is "component/version" of a component that this folder has, or had? */
static bool has_component(const struct lock *lock, const struct history *history, const char *amend)
{
    size_t length = strcspn(amend, "/");
    for (size_t i = 0; i < history->count; i++)
        if (strlen(history->migrations[i]->component) == length &&
            memcmp(history->migrations[i]->component, amend, length) == 0)
            return true;
    for (size_t i = 0; i < lock->count; i++)
        if (strlen(lock->lines[i].component) == length && memcmp(lock->lines[i].component, amend, length) == 0)
            return true;
    return false;
}

void seal_check_amends(const struct lock *locks, struct history *const *parts, size_t count,
                       const struct seal_options *options)
{
    for (size_t i = 0; i < options->amend_count; i++) {
        bool found = false;
        for (size_t j = 0; j < count; j++)
            found |= has_component(&locks[j], parts[j], options->amend[i]);
        if (!found)
            diag_error(parts[0]->diag, &locks[0].source, SOURCE_WHOLE, "no component of \"%s\" to amend", options->amend[i]);
    }
}

void seal(struct lock *lock, struct history *history, const struct seal_options *options)
{
    struct sealer sealer = {.lock = lock, .history = history, .options = options};
    size_t errors = history->diag->errors;
    sealer.sorted = memory_get(history->memory, history->count, sizeof *sealer.sorted);
    sealer.order = memory_get(history->memory, history->count, sizeof *sealer.order);
    if (history->count > 0) {
        memcpy(sealer.sorted, history->migrations, history->count * sizeof *sealer.sorted);
        qsort(sealer.sorted, history->count, sizeof *sealer.sorted, by_place);
    }
    check_lines(&sealer);
    for (size_t i = 0; i < options->amend_count; i++)
        if (!options->several || has_component(lock, history, options->amend[i]))
            amend(&sealer, options->amend[i]);
    squash_check(lock, history, options->sealed);
    bool squashed = take_squashed(&sealer);
    match_lines(&sealer);
    append_new(&sealer);
    history->migrations = sealer.order;
    history->count = sealer.order_count;
    history_compute_states(history);
    if (errors == history->diag->errors && options->amend_count == 0 && !squashed) /* behind them every digest is another one */
        check_states(&sealer);
}

bool seal_is_empty(const struct migration *migration)
{
    for (size_t i = 0; i < migration->statement_count; i++)
        if (migration->statements[i].part == PART_UP)
            return false;
    return true;
}

void seal_warn_empty(struct history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct migration *migration = history->migrations[i];
        if (migration->sealing == NULL || !seal_is_empty(migration))
            continue;
        diag_warning(history->diag, &migration->source, SOURCE_WHOLE, "holds no statement; it is sealed empty");
        diag_hint(history->diag, "once it has some: stelec seal --amend %s %s",
                  amend_name(history->memory, migration->component, migration->version), history->argument);
    }
}

static void print_line(FILE *file, const char *what, const struct history *history, const char *name, bool several)
{
    if (several)
        fprintf(file, "%s %s\n", what, path_join(history->memory, history->directory, name));
    else
        fprintf(file, "%s %s\n", what, name);
}

void seal_print(const struct lock *lock, const struct history *history, const struct seal_options *options, FILE *file)
{
    for (size_t i = 0; i < lock->count; i++)
        if (lock->lines[i].amended && lock->lines[i].migration == NULL)
            print_line(file, "removed", history, lock->lines[i].file, options->several);
    for (size_t i = 0; i < history->count; i++)
        if (history->migrations[i]->sealing != NULL)
            print_line(file, history->migrations[i]->sealing, history, history->migrations[i]->source.name,
                       options->several);
}
