#include "history.h"

#include "expect.h"
#include "files.h"
#include "given.h"
#include "keep.h"
#include "literal.h"
#include "lua_file.h"
#include "parse.h"
#include "renumber.h"
#include "repeatable.h"
#include "split.h"
#include "steps.h"

#include <stdlib.h>
#include <string.h>

/* --------------------------------------------------------------- reading */

static void read_sql(struct history *history, struct migration *migration)
{
    split(migration, history->memory, history->diag, &history->conf);
    parse(history, migration);
    if (!migration->broken)
        steps_cut(history, migration);
    expect_number(migration);
}

/* What a file's meaning takes from the files before it: the procedures that end a transaction. */
static const char *known_before(const struct history *history)
{
    const char *names = "";
    for (size_t i = 0; i < history->procedure_count; i++)
        names = memory_print(history->memory, "%s%s\n", names, history->procedures[i]);
    return names;
}

static void take_procedures(struct history *history, const struct migration *migration)
{
    for (size_t i = 0; i < migration->procedure_count; i++) {
        history->procedures = memory_grow(history->memory, history->procedures, history->procedure_count,
                                          &history->procedure_capacity, sizeof *history->procedures);
        history->procedures[history->procedure_count++] = migration->procedures[i];
    }
}

/* Put what was found out into a place of just its size, and drop the lists that grew meanwhile. */
static void settle(struct history *history, struct migration *migration)
{
    stele_text *record = &history->memory->text;
    keep_write(record, migration);
    if (record->failed)
        memory_exhausted(history->memory);
    memory_settle(history->memory);
    keep_read(history->pool, migration, record->bytes, record->length);
    stele_text_free(record);
    memory_drop_scratch(history->memory);
    history->scratch = NULL;
    history->scratch_size = 0;
}

/* Now. What is said about a file stays, and what other files hang on. */
static void read_anew(struct history *history, struct migration *migration)
{
    size_t said = history->diag->count, procedures = history->procedure_count;
    files_sum(history, migration);
    if (migration->lua) {
        lua_file_read_migration(history, migration);
        return;
    }
    memory_scratch(history->memory);
    read_sql(history, migration);
    migration->procedure_count = history->procedure_count - procedures;
    if (migration->procedure_count > 0)
        migration->procedures = &history->procedures[procedures];
    if (said == history->diag->count && migration->procedure_count == 0 && !history->keeps_all) {
        settle(history, migration);
        return;
    }
    memory_settle(history->memory);
    memory_keep_scratch(history->memory);
}

/* The text, and what was found out about it in an earlier run; or now. */
static void read_through(struct history *history, struct migration *migration, struct cache *cache)
{
    size_t complaints = history->diag->errors + history->diag->warnings;
    const char *before = cache->path == NULL ? "" : known_before(history);
    if (cache_take(cache, migration, before)) {
        take_procedures(history, migration);
        return;
    }
    read_anew(history, migration);
    if (complaints == history->diag->errors + history->diag->warnings)
        cache_put(cache, migration, before);
}

static void read_one(struct history *history, struct migration *migration, struct cache *cache)
{
    migration->component = history->conf.component;
    if (files_read(history, migration))
        read_through(history, migration, cache);
    else
        migration->broken = true;
    if (migration->own_component != NULL)
        migration->component = migration->own_component;
    given_read(history, migration);
}

/* All texts lie behind one another in the generated table, whose offsets have 32 bits. */
static bool fits(struct history *history)
{
    uint64_t total = 0;
    for (size_t i = 0; i < history_text_count(history); i++)
        total += history_text_at(history, i)->source.length;
    if (total < INT32_MAX)
        return true;
    diag_error(history->diag, &history->directory_source, SOURCE_WHOLE, "migrations are larger than 2 GB together");
    return false;
}

void history_read(struct history *history, struct cache *cache)
{
    for (size_t i = 0; i < history->count; i++)
        read_one(history, history->migrations[i], cache);
    for (size_t i = 0; i < history->repeatable_count; i++) {
        read_one(history, history->repeatables[i], cache);
        repeatable_check(history, history->repeatables[i]);
    }
    for (size_t i = 0; i < history->job_count; i++)
        read_one(history, history->jobs[i], cache);
    fits(history);
}

/* ------------------------------------------------------ between two files */

static int by_component(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    int order = strcmp(p->component, q->component);
    if (order == 0)
        order = stele_version_compare(p->version, q->version);
    return order != 0 ? order : strcmp(p->source.name, q->source.name);
}

/* The migrations by component, then version. */
static struct migration **sorted(const struct history *history)
{
    struct migration **list = memory_get(history->memory, history->count, sizeof *list);
    if (history->count > 0) {
        memcpy(list, history->migrations, history->count * sizeof *list);
        qsort(list, history->count, sizeof *list, by_component);
    }
    return list;
}

/* What the generated C calls a migration: of a versioned one, its macro in the header; of one without a version, its arrays. */
static const char *name_in_c(struct memory *memory, const struct migration *migration)
{
    stele_text text = {0};
    literal_name(&text, migration->component);
    stele_text_string(&text, "_");
    literal_name(&text, migration->version);
    if (migration->repeatable || migration->job) {
        stele_text_string(&text, "__");
        literal_name(&text, migration->name);
    }
    return memory_take(memory, &text);
}

struct named {
    const char *name;
    const struct migration *migration;
};

static int by_name(const void *a, const void *b)
{
    const struct named *p = a, *q = b;
    int order = strcmp(p->name, q->name);
    return order != 0 ? order : strcmp(p->migration->source.path, q->migration->source.path);
}

static void refuse_name(struct history *history, const struct named *a, const struct named *b)
{
    bool unversioned = b->migration->repeatable || b->migration->job;
    diag_error(history->diag, &b->migration->source, SOURCE_WHOLE, "\"%s%s\" would stand for \"%s\" as well",
               unversioned ? "" : "STELE_", b->name, a->migration->source.name);
    diag_hint(history->diag, unversioned ? "in C, what is neither letter nor digit becomes _: give one of them another name"
                                        : "give one of them another component or version");
}

/* Has nobody else complained yet of the two? Of one version, or jobs of one name, that is told elsewhere. */
static bool stand_apart(const struct migration *a, const struct migration *b)
{
    if (b->job)
        return strcmp(a->name, b->name) != 0;
    return b->repeatable || strcmp(a->component, b->component) != 0;
}

/* "a_1" of version 2 and "a" of version 1.2 are both STELE_a_1_2. */
void history_check_names(struct history *history)
{
    size_t count = 0;
    struct named *names = memory_get(history->memory, history_text_count(history), sizeof *names);
    for (; count < history_text_count(history); count++)
        names[count] = (struct named){name_in_c(history->memory, history_text_at(history, count)), history_text_at(history, count)};
    if (count > 0)
        qsort(names, count, sizeof *names, by_name);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1].name, names[i].name) == 0 && stand_apart(names[i - 1].migration, names[i].migration))
            refuse_name(history, &names[i - 1], &names[i]);
}

/* Has the lock a line about this file? */
static bool is_locked(const struct lock *lock, const struct migration *migration)
{
    for (size_t i = 0; i < lock->count; i++)
        if (strcmp(lock->lines[i].file, migration->source.name) == 0)
            return true;
    return false;
}

static void refuse_version(struct history *history, const struct lock *lock, const struct migration *a, const struct migration *b)
{
    if (is_locked(lock, b) && !is_locked(lock, a)) {
        const struct migration *newcomer = a;
        a = b;
        b = newcomer;
    }
    const char *command = renumber_command(history, b);
    diag_error(history->diag, &b->source, SOURCE_WHOLE, "version \"%s\" is that of \"%s\" already", b->version, a->source.name);
    if (command == NULL)
        diag_hint(history->diag, "give one of them a version of its own");
    else
        diag_hint(history->diag, "give it one of its own, where it has not been applied: %s", command);
}

/* What stele.conf says of a version that isn't there: a slip, or it would silence one that is still to come. */
static void check_conf(const struct history *history)
{
    const struct conf *conf = &history->conf;
    bool reached = history->count == 0 || conf->warn_after == NULL;
    for (size_t i = 0; i < history->count && !reached; i++)
        reached = stele_version_compare(history->migrations[i]->version, conf->warn_after) >= 0;
    if (!reached)
        diag_warning(history->diag, &conf->source, conf->warn_after_offset,
                     "there is no migration \"%s\" yet: what comes up to it will not be warned of", conf->warn_after);
    for (size_t i = 0; i < conf->allow_count; i++) {
        bool found = false;
        for (size_t j = 0; j < history->count && !found; j++)
            found = stele_version_compare(history->migrations[j]->version, conf->allows[i].version) == 0;
        if (!found)
            diag_warning(history->diag, &conf->source, conf->allows[i].offset, "no migration of version \"%s\"", conf->allows[i].version);
    }
}

bool history_check(struct history *history, const struct lock *lock)
{
    struct migration **list = sorted(history);
    bool fine = true;
    check_conf(history);
    for (size_t i = 1; i < history->count; i++) {
        const struct migration *a = list[i - 1], *b = list[i];
        if (strcmp(a->component, b->component) != 0 || stele_version_compare(a->version, b->version) != 0)
            continue;
        refuse_version(history, lock, a, b);
        fine = false;
    }
    return fine;
}

void history_compute_states(struct history *history)
{
    struct migration **list = sorted(history);
    uint8_t state[STELE_DIGEST_SIZE];
    for (size_t i = 0; i < history->count; i++) {
        struct migration *migration = list[i];
        bool fine = true;
        if (i == 0 || strcmp(list[i - 1]->component, migration->component) != 0)
            fine = stele_state_start(state, migration->component);
        if (!fine || !stele_state_add(state, migration->version, migration->name, migration->source_sum))
            memory_exhausted(history->memory);
        stele_checksum_write(migration->state_sum, "d1", state);
    }
}
