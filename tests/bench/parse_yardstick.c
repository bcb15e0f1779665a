/*
 * parse_yardstick FOLDER - what PostgreSQL's grammar alone takes for a folder of migrations
 *
 * The least that a compiler of migrations could do: libpg_query splits each file, COPY data left out, and gives the tree of
 * every statement that is neither INSERT, COPY nor SELECT. Nothing is checked, derived, hashed or written. stelec is measured
 * against it; see run.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <pg_query.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size = 0;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
        return NULL;
    rewind(file);
    char *text = malloc((size_t)size + 1);
    if (text != NULL)
        text[fread(text, 1, (size_t)size, file)] = '\0';
    fclose(file);
    return text;
}

/* Take the lines between "COPY ... FROM stdin;" and "\." out, in place. */
static void leave_out_data(char *text)
{
    bool data = false;
    char *to = text;
    for (char *line = text, *next; *line != '\0'; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n');
        bool end = data && strncmp(line, "\\.", 2) == 0;
        if (!data) {
            memmove(to, line, (size_t)(next - line));
            to += next - line;
        }
        if (end || (!data && strncasecmp(line, "COPY ", 5) == 0 && length > 11 &&
                    strncasecmp(line + length - 11, "FROM stdin;", 11) == 0))
            data = !end;
    }
    *to = '\0';
}

static bool has_tree(const char *statement)
{
    static const char *const words[] = {"INSERT", "COPY", "SELECT"};
    statement += strspn(statement, " \t\n");
    while (strncmp(statement, "--", 2) == 0) {
        statement += strcspn(statement, "\n");
        statement += strspn(statement, " \t\n");
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncasecmp(statement, words[i], strlen(words[i])) == 0)
            return false;
    return true;
}

/* Returns how many statements it has; -1 when the grammar doesn't take them. */
static long parse(char *text)
{
    PgQuerySplitResult split = pg_query_split_with_parser(text);
    long count = split.error != NULL ? -1 : split.n_stmts;
    for (int i = 0; i < count; i++) {
        char *statement = text + split.stmts[i]->stmt_location, *end = statement + split.stmts[i]->stmt_len, cut = *end;
        *end = '\0';
        if (has_tree(statement))
            pg_query_free_protobuf_parse_result(pg_query_parse_protobuf(statement));
        *end = cut;
    }
    pg_query_free_split_result(split);
    return count;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    long statements = 0, files = 0;
    if (folder == NULL) {
        fputs("usage: parse_yardstick FOLDER\n", stderr);
        return 2;
    }
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 4, ".sql") != 0)
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        char *text = read_file(path);
        long count = 0;
        if (text != NULL) {
            leave_out_data(text);
            count = parse(text);
        }
        if (text == NULL || count < 0) {
            fprintf(stderr, "%s: not understood\n", path);
            return 1;
        }
        free(text);
        files++;
        statements += count;
    }
    closedir(folder);
    printf("%ld files, %ld statements\n", files, statements);
    return 0;
}
