#include "squash.h"

#include "diag.h"
#include "memory.h"
#include "seal.h"

#include <string.h>

struct migration *squash_of(const struct history *history, const char *component, const char *version)
{
    for (size_t i = 0; i < history->count; i++) {
        struct migration *migration = history->migrations[i];
        if (migration->squashes != NULL && strcmp(migration->component, component) == 0 &&
            stele_version_compare(version, migration->squashes) <= 0)
            return migration;
    }
    return NULL;
}

/* The line of this version; or NULL. */
static const struct sealed *find_line(const struct lock *lock, const char *component, const char *version)
{
    for (size_t i = 0; i < lock->count; i++)
        if (strcmp(lock->lines[i].component, component) == 0 && stele_version_compare(lock->lines[i].version, version) == 0)
            return &lock->lines[i];
    return NULL;
}

static void complain(const struct history *history, const struct migration *migration, const char *message, const char *hint)
{
    diag_error(history->diag, &migration->source, migration->squashes_at, "%s", message);
    if (hint != NULL)
        diag_hint(history->diag, "%s", hint);
}

/* It comes first, and what it stands for is gone. */
static void check_place(const struct history *history, const struct migration *migration)
{
    struct memory *memory = history->memory;
    if (stele_version_compare(migration->version, migration->squashes) <= 0)
        complain(history, migration, memory_print(memory, "\"%s\" has a version that it stands for", migration->source.name),
                 memory_print(memory, "give it one above \"%s\", and below the next one: \"%s.1\" is", migration->squashes, migration->squashes));
    for (size_t i = 0; i < history->count; i++) {
        const struct migration *other = history->migrations[i];
        if (other == migration || strcmp(other->component, migration->component) != 0 ||
            stele_version_compare(other->version, migration->version) >= 0)
            continue;
        bool stands = stele_version_compare(other->version, migration->squashes) <= 0;
        complain(history, migration,
                 memory_print(memory, stands ? "\"%s\" is still there, though \"%s\" stands for it" : "\"%s\" comes before \"%s\", which has to be the first",
                              other->source.name, migration->source.name),
                 stands ? memory_print(memory, "take all up to \"%s\" out of the folder", migration->squashes)
                        : memory_print(memory, "let it stand for that one too, or give it a version between \"%s\" and that one's", migration->squashes));
        return; /* one is enough */
    }
}

/* What became of an export that failed: a database made from it would have nothing, and every line of what it stands for would be gone. */
static void check_content(const struct history *history, const struct migration *migration)
{
    if (seal_is_empty(migration))
        complain(history, migration, memory_print(history->memory, "\"%s\" holds no statement, though it stands for all up to \"%s\"",
                                                  migration->source.name, migration->squashes),
                 "it has to make what they made: see that the pg_dump it comes from ended well");
}

/* The digest is that of what was sealed. A lock that doesn't have the version any more can't tell. */
static void check_state(const struct lock *lock, const struct history *history, const struct migration *migration)
{
    struct memory *memory = history->memory;
    const struct sealed *line = find_line(lock, migration->component, migration->squashes);
    const char *right = line == NULL ? NULL
                                     : memory_print(memory, "-- stele: squashes %s %s \"%s\"", line->version, line->state_sum,
                                                    migration->squashes_release);
    if (migration->squashes_state == NULL)
        complain(history, migration, memory_print(memory, "the digest of what \"%s\" stands for is missing", migration->source.name),
                 right != NULL ? right : "stele.lock of that release has it, in the line of that version: d1: and 64 hexadecimal digits");
    else if (line != NULL && strcmp(line->state_sum, migration->squashes_state) != 0)
        complain(history, migration, memory_print(memory, "what was sealed up to \"%s\" has another digest", line->version), right);
    else if (line == NULL && lock->count > 0 && find_line(lock, migration->component, migration->version) == NULL)
        complain(history, migration, memory_print(memory, "no migration of version \"%s\" is sealed", migration->squashes),
                 "stele.lock has those that there are; the last one that goes is named");
}

void squash_check(const struct lock *lock, const struct history *history, bool sealed)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct migration *migration = history->migrations[i];
        if (migration->squashes == NULL || migration->broken)
            continue;
        check_place(history, migration);
        check_content(history, migration);
        check_state(lock, history, migration);
        if (sealed && find_line(lock, migration->component, migration->squashes) != NULL)
            complain(history, migration, memory_print(history->memory, "stele.lock still has what \"%s\" stands for", migration->source.name),
                     memory_print(history->memory, "run \"stelec seal %s\" and commit stele.lock", history->argument));
    }
}
