/*
 * emit.h - the history as C source, header, and make rule
 *
 * Made to be read in a review. A new migration at the end only adds lines; the same input gives the same bytes on any
 * machine, from any folder, on any day.
 */
#ifndef STELEC_EMIT_H
#define STELEC_EMIT_H

#include "manifest.h"
#include "out.h"
#include "schema.h"

struct emit_options {
    const char *symbol; /* of the table: "migrations" */
    const char *source_file, *header_file; /* as given: "generated/migrations.c", .h */
    struct history *const *parts; /* the folders, as the command line has them */
    size_t part_count;
    const struct lua_folder *lua;
    const struct schema *schema;
    const struct manifest *manifest;
    const char *binary; /* as given: "generated/migrations.c.bin"; NULL: the texts are literals */
};

/* Write the .c, the .h. */
void emit_source(struct output *output, const struct history *history, const struct emit_options *options);
void emit_header(stele_text *text, const struct history *history, const struct emit_options *options);

/* What both begin with: who made them, from what, and how to do so again. The comment stays open. */
void emit_banner(stele_text *text, const struct emit_options *options, const char *file, const char *what);

/* What the generated C calls a migration: component_version__name. */
void emit_stem(stele_text *text, const struct migration *migration);

/* The last part of a path. */
const char *emit_file_name(const char *path);

/*
 * The sealed table of manifest.h: a text, where the migration or module has its block; then all of it, in one piece. With
 * options->binary the texts are in that file, which emit_binary writes, and the assembler gets the statements, too.
 */
void emit_text(struct output *output, const struct migration *migration, const struct emit_options *options);
void emit_module_text(struct output *output, const struct lua_module *module, const struct emit_options *options);
void emit_sealed(struct output *output, const struct history *history, const struct emit_options *options);
void emit_binary(struct output *output, const struct manifest *manifest);

/*
 * The Lua parts of the table: a module's text before the first migration that requires it (the migration's `index`th), its name, all
 * modules behind the sealed table, those in the banner's index, and the fields that only a Lua migration has.
 */
void emit_module(struct output *output, const struct migration *migration, size_t index, const struct emit_options *options);
void emit_module_name(stele_text *text, const struct lua_module *module);
void emit_modules(stele_text *text, const struct manifest *manifest);
void emit_module_index(stele_text *text, const struct manifest *manifest, int hex);
void emit_lua_fields(stele_text *text, const struct migration *migration);

/* The array of what is expected of a migration's statements; nothing where nothing is. */
void emit_expectations(stele_text *text, const struct migration *migration);

/* The array of what its statements need of the role that runs them. */
void emit_demands(stele_text *text, const struct migration *migration);

/* The name in C of one of a migration's arrays: component, version, name; "array". */
void emit_name(stele_text *text, const struct migration *migration, const char *array);

/* Write a make rule: the outputs depend on the directories and on every file read from them. */
void emit_depfile(stele_text *text, const struct emit_options *options);

#endif
