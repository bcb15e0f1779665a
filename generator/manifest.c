#include "manifest.h"

#include "files.h"
#include "lua_module.h"
#include "parse.h"
#include "repeatable.h"

#include <string.h>

/* ----------------------------------------------------------------- texts */

static void add(struct manifest *manifest, struct memory *memory, size_t *capacity, struct manifest_text text)
{
    manifest->texts = memory_grow(memory, manifest->texts, manifest->count, capacity, sizeof *manifest->texts);
    manifest->texts[manifest->count++] = text;
}

static void list_texts(struct manifest *manifest, const struct history *history)
{
    size_t capacity = 0;
    for (size_t i = 0; i < history_text_count(history); i++) {
        const struct migration *migration = history_text_at(history, i);
        for (size_t j = 0; j < migration->module_count; j++) {
            struct lua_module *module = migration->modules[j];
            if (module->first_user != NULL)
                continue;
            module->first_user = migration;
            add(manifest, history->memory, &capacity,
                (struct manifest_text){migration, module, module->source.text, module->source.length});
        }
        add(manifest, history->memory, &capacity,
            (struct manifest_text){migration, NULL, migration->source.text, migration->source.length});
    }
}

/* ----------------------------------------------------------------- lines */

/* Where a file's text lies in that of its migration. */
static void put_file(stele_text *text, const struct migration *migration, const struct source *file, const char *name)
{
    const struct source *source = &migration->source;
    for (size_t i = 0; i < source->piece_count; i++)
        if (source->pieces[i].file == file)
            stele_text_print(text, "file %s %u %u\n", name, source->pieces[i].begin, file->length);
}

/* Of several files: the migration's own, then what files_sum takes for members, in that order. Settings are in no text. */
static void put_files(stele_text *text, const struct migration *migration)
{
    static const file_kind others[] = {FILE_DOWN, FILE_SETTINGS, FILE_VERIFY};
    file_kind first = files_first(migration);
    put_file(text, migration, migration->files[first], "own");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct source *file = migration->files[others[i]];
        if (file == NULL || others[i] == first)
            continue;
        if (others[i] != FILE_SETTINGS) {
            put_file(text, migration, file, files_name(others[i]));
            continue;
        }
        stele_text_string(text, "settings ");
        for (uint32_t at = 0; at < file->length; at++)
            stele_text_print(text, "%02x", (unsigned char)file->text[at]);
        stele_text_string(text, "\n");
    }
}

static void put_members(stele_text *text, struct memory *memory, const struct migration *migration)
{
    char own[STELE_CHECKSUM_SIZE];
    if (strncmp(migration->source_sum, "s2:", 3) != 0)
        return;
    const struct source *file = migration->files[files_first(migration)], *first = file == NULL ? &migration->source : file;
    if (!stele_source_checksum(own, first->text, first->length))
        memory_exhausted(memory);
    stele_text_print(text, "text %s\n", own);
    if (file != NULL)
        put_files(text, migration);
    for (size_t i = 0; i < migration->module_count; i++)
        stele_text_print(text, "requires %s\n", migration->modules[i]->name);
    size_t count = 0;
    stele_source_member *members = repeatable_members(memory, migration, &count);
    for (size_t i = 0; i < count; i++)
        stele_text_print(text, "after %s %s\n", members[i].text, members[i].name);
}

static void put_line(stele_text *text, struct memory *memory, const struct manifest_text *of)
{
    const struct migration *migration = of->migration;
    if (of->module != NULL) {
        stele_text_print(text, "module %s %u %s\n", of->module->source_sum, of->length, of->module->name);
        return;
    }
    if (migration->job)
        stele_text_print(text, "job %s %s %u %s J %s\n", migration->source_sum, migration->tokens_sum, of->length,
                         migration->component, migration->source.name);
    else
        stele_text_print(text, "%s %s %s %s %u %s %s %s\n", migration->repeatable ? "repeatable" : "migration",
                         migration->source_sum, migration->tokens_sum, migration->state_sum, of->length,
                         migration->component, migration->version, migration->source.name);
    put_members(text, memory, migration);
}

const char *manifest_sum(struct memory *memory, const stele_digest *digest)
{
    uint8_t sum[STELE_DIGEST_SIZE];
    char *hex = memory_get(memory, STELE_CHECKSUM_SIZE, 1);
    stele_digest copy = *digest;
    if (!stele_digest_end(&copy, sum))
        memory_exhausted(memory);
    stele_checksum_write(hex, "  ", sum);
    return hex + strlen("  :");
}

/* Write the sum of all lines before, of which those behind `*summed` are new to the digest. */
static const char *put_sum(stele_text *text, struct memory *memory, stele_digest *digest, size_t *summed)
{
    if (text->failed)
        memory_exhausted(memory);
    stele_digest_bytes(digest, text->bytes + *summed, text->length - *summed);
    *summed = text->length;
    const char *sum = manifest_sum(memory, digest);
    stele_text_print(text, "sum %s\n", sum);
    return sum;
}

void manifest_make(struct manifest *manifest, const struct history *history, const char *symbol)
{
    struct memory *memory = history->memory;
    stele_text *text = &memory->text;
    stele_digest digest;
    size_t summed = 1; /* the zero byte doesn't count */
    *manifest = (struct manifest){0};
    list_texts(manifest, history);
    stele_digest_begin(&digest);
    stele_text_bytes(text, MANIFEST_MARK, MANIFEST_MARK_SIZE);
    stele_text_print(text, MANIFEST_MARK_REST "1\nmade by stelec " STELE_VERSION " (%s)\ntable %s\n", parse_name(), symbol);
    manifest->sum = put_sum(text, memory, &digest, &summed);
    for (size_t i = 0; i < manifest->count; i++) {
        put_line(text, memory, &manifest->texts[i]);
        manifest->sum = put_sum(text, memory, &digest, &summed);
    }
    stele_text_string(text, "end\n");
    manifest->length = text->length;
    manifest->bytes = memory_take(memory, text);
}

uint64_t manifest_size(const struct manifest *manifest)
{
    uint64_t size = manifest->length + 1;
    for (size_t i = 0; i < manifest->count; i++)
        size += (uint64_t)manifest->texts[i].length + 1;
    return size;
}
