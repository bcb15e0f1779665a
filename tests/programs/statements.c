/*
 * statements FILE... - where stelec finds the statements of each file
 *
 * One line for each statement: the offsets in the canonical text of its first byte, of the byte behind its last, and of
 * its COPY data. Before them "file" and the number of statements, or "refused" where the file is no text at all.
 */
#include "diag.h"
#include "split.h"

#include <stdio.h>

static void print(const struct migration *migration)
{
    printf("file %zu\n", migration->statement_count);
    for (size_t i = 0; i < migration->statement_count; i++) {
        const stele_statement *statement = &migration->statements[i].table;
        printf("%u %u %u %u\n", statement->begin, statement->end, statement->data_begin, statement->data_end);
    }
}

static void read_one(struct memory *memory, const char *path)
{
    struct diag diag = {.memory = memory};
    struct conf conf = {0};
    struct migration migration = {.source = {.path = path, .name = path}};
    if (!source_read(&migration.source, memory, &diag, false)) {
        puts("refused");
        return;
    }
    split(&migration, memory, &diag, &conf);
    print(&migration);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct memory memory = {0};
        if (setjmp(memory.exhausted) != 0)
            return 1;
        read_one(&memory, argv[i]);
        stele_arena_free(&memory.arena);
    }
    return 0;
}
