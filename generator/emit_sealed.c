/* emit_sealed.c - the sealed table in C: as literals, or as a binary file that the assembler puts in; see emit.h */
#include "emit.h"

#include "literal.h"
#include "lua_module.h"
#include "manifest.h"

#include <string.h>

/* The name of a text, as a member of the sealed table. */
static void put_member(stele_text *text, const struct manifest_text *of)
{
    if (of->module != NULL)
        emit_module_name(text, of->module);
    else
        emit_stem(text, of->migration);
}

/* Bytes as the body of a macro: each line ends in a backslash but the last. */
static void put_macro_lines(struct output *output, const char *bytes, size_t length)
{
    enum { PIECE = 256 * 1024 };
    while (length > PIECE) { /* of a large file, some lines at a time */
        const char *end = memchr(bytes + PIECE, '\n', length - PIECE);
        size_t size = end == NULL ? length : (size_t)(end - bytes) + 1;
        if (size == length)
            break;
        literal_lines(&output->text, " \\\n", bytes, size);
        out_pass(output);
        bytes += size;
        length -= size;
    }
    literal_lines(&output->text, " \\\n", bytes, length);
    out_pass(output);
}

/* The length is asserted: what an editor or a merge does to a literal is found when it's compiled. */
static void put_text(struct output *output, const struct manifest_text *of, const char *name)
{
    stele_text *text = &output->text;
    stele_text_string(text, "#define TEXT_");
    put_member(text, of);
    put_macro_lines(output, of->bytes, of->length);
    stele_text_string(text, "\n_Static_assert(sizeof(TEXT_");
    put_member(text, of);
    stele_text_print(text, ") == %u, \"", of->length + 1);
    literal_name(text, name);
    stele_text_string(text, ": the text was changed\");\n");
}

void emit_text(struct output *output, const struct migration *migration, const struct emit_options *options)
{
    struct manifest_text of = {migration, NULL, migration->source.text, migration->source.length};
    if (options->binary == NULL)
        put_text(output, &of, migration->name);
}

void emit_module_text(struct output *output, const struct lua_module *module, const struct emit_options *options)
{
    struct manifest_text of = {NULL, module, module->source.text, module->source.length};
    if (options->binary == NULL)
        put_text(output, &of, module->name);
}

/* ---------------------------------------------------------------- the object */

/* Members are arrays of characters only, so that there is nothing between them. */
static void put_members(struct output *output, const struct emit_options *options)
{
    stele_text *text = &output->text;
    const struct manifest *manifest = options->manifest;
    if (options->binary == NULL)
        stele_text_string(text, "    char manifest[sizeof(TEXT_manifest)];\n");
    else
        stele_text_print(text, "    char manifest[%zu];\n", manifest->length + 1);
    for (size_t i = 0; i < manifest->count; i++) {
        stele_text_string(text, "    char ");
        put_member(text, &manifest->texts[i]);
        stele_text_print(text, "[%u];\n", manifest->texts[i].length + 1);
        out_pass(output);
    }
}

static void put_literals(struct output *output, const struct emit_options *options)
{
    stele_text *text = &output->text;
    const struct manifest *manifest = options->manifest;
    stele_text_string(text, "#define TEXT_manifest");
    put_macro_lines(output, manifest->bytes, manifest->length);
    stele_text_string(text, "\n\nstatic const struct {\n");
    put_members(output, options);
    stele_text_string(text, "} sealed = {\n    TEXT_manifest,\n");
    for (size_t i = 0; i < manifest->count; i++) {
        stele_text_string(text, "    TEXT_");
        put_member(text, &manifest->texts[i]);
        stele_text_string(text, ",\n");
        out_pass(output);
    }
    stele_text_string(text, "};\n");
}

/*
 * The file lies beside the C source, so __FILE__ says where: from whatever folder the compiler was called, it found the one. Its
 * length is checked by the assembler; gas knows it when it comes to .if, clang's own only at the end, where a negative
 * .space is an error. The runtime checks that the file is of the same run.
 */
static void put_binary(struct output *output, const struct emit_options *options)
{
    stele_text *text = &output->text;
    unsigned long long size = manifest_size(options->manifest);
    const char *symbol = options->symbol;
    stele_text_string(text, "#ifndef __ELF__\n"
                            "#error \"this file needs the assembler of an ELF system: run stelec without --incbin\"\n"
                            "#endif\n"
                            "/* Where the texts are: beside this file, unless -D says something else. */\n"
                            "#ifndef STELE_SEALED_FILE\n"
                            "#define STELE_SEALED_FILE __FILE__ \".bin\"\n"
                            "#endif\n\n"
                            "struct sealed {\n");
    put_members(output, options);
    stele_text_print(text, "};\n_Static_assert(sizeof(struct sealed) == %llu, \"there is a gap between two texts\");\n", size);
    stele_text_print(text, "extern const struct sealed sealed __asm__(\"%s_sealed\") __attribute__((visibility(\"hidden\")));\n",
                     symbol);
    stele_text_string(text, "__asm__(\".pushsection .rodata\\n\"\n");
    stele_text_print(text, "        \".globl %s_sealed\\n\"\n        \".hidden %s_sealed\\n\"\n", symbol, symbol);
    stele_text_print(text, "        \".type %s_sealed, STT_OBJECT\\n\"\n        \"%s_sealed:\\n\"\n", symbol, symbol);
    stele_text_string(text, "        \".incbin \\\"\" STELE_SEALED_FILE \"\\\"\\n\"\n");
    stele_text_print(text, "        \".L%s_sealed_end:\\n\"\n", symbol);
    stele_text_print(text, "        \".size %s_sealed, .L%s_sealed_end - %s_sealed\\n\"\n", symbol, symbol, symbol);
    stele_text_print(text, "#ifdef __clang__\n        \".space %llu - (.L%s_sealed_end - %s_sealed)\\n\"\n", size, symbol, symbol);
    stele_text_print(text, "        \".space (.L%s_sealed_end - %s_sealed) - %llu\\n\"\n#else\n", symbol, symbol, size);
    stele_text_print(text, "        \".if .L%s_sealed_end - %s_sealed != %llu\\n\"\n", symbol, symbol, size);
    stele_text_string(text, "        \".error \\\"the .bin file is of another run of stelec\\\"\\n\"\n        \".endif\\n\"\n#endif\n"
                            "        \".popsection\\n\");\n");
}

/*
 * A history with a binary file has many statements, and for a C compiler a struct is work: for 250,000 of them, more than all
 * the rest. So these go to the assembler, too, which writes them in the byte order of its machine.
 */
static void put_statement_table(struct output *output, const struct history *history, const char *symbol)
{
    stele_text *text = &output->text;
    size_t total = 0;
    for (size_t i = 0; i < history_size(history); i++)
        total += history_at(history, i)->statement_count;
    if (total == 0)
        return;
    stele_text_string(text, "\nstruct statements {\n");
    for (size_t i = 0; i < history_size(history); i++) {
        const struct migration *migration = history_at(history, i);
        if (migration->statement_count == 0)
            continue;
        stele_text_string(text, "    stele_statement ");
        emit_stem(text, migration);
        stele_text_print(text, "[%zu];\n", migration->statement_count);
    }
    stele_text_print(text, "};\n_Static_assert(sizeof(struct statements) == %zu, \"there is a gap between two statements\");\n",
                     total * sizeof(stele_statement));
    stele_text_print(text,
                     "extern const struct statements statements __asm__(\"%s_statements\") __attribute__((visibility(\"hidden\")));\n"
                     "__asm__(\".pushsection .rodata\\n\"\n        \".balign 4\\n\"\n        \".globl %s_statements\\n\"\n"
                     "        \".hidden %s_statements\\n\"\n        \".type %s_statements, STT_OBJECT\\n\"\n"
                     "        \"%s_statements:\\n\"\n",
                     symbol, symbol, symbol, symbol, symbol);
    for (size_t i = 0; i < history_size(history); i++) {
        const struct migration *migration = history_at(history, i);
        for (size_t j = 0; j < migration->statement_count; j++) {
            const stele_statement *statement = &migration->statements[j].table;
            stele_text_print(text, "        \".4byte %u,%u,%u,%u,%u\\n\"\n", statement->begin, statement->end, statement->data_begin,
                             statement->data_end, statement->kind);
        }
        out_pass(output);
    }
    stele_text_print(text, "        \".size %s_statements, . - %s_statements\\n\"\n        \".popsection\\n\");\n", symbol, symbol);
}

void emit_sealed(struct output *output, const struct history *history, const struct emit_options *options)
{
    stele_text *text = &output->text;
    stele_text_string(text, "\n/*\n"
                            " * The sealed table: what each migration was when it was sealed, then all the texts. It is one piece and holds no\n"
                            " * address, so that \"stelec inspect PROGRAM\" finds and checks it in any program, also in a stripped one.\n"
                            " */\n");
    if (options->binary == NULL) {
        put_literals(output, options);
    } else {
        put_binary(output, options);
        put_statement_table(output, history, options->symbol);
    }
}

void emit_binary(struct output *output, const struct manifest *manifest)
{
    out_bytes(output, manifest->bytes, manifest->length + 1);
    for (size_t i = 0; i < manifest->count; i++)
        out_bytes(output, manifest->texts[i].bytes, (size_t)manifest->texts[i].length + 1);
}
