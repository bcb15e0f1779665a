#include <string.h>

#include "cli.h"

static bool is_about(const stele_migration *migration, uint32_t expectation, uint32_t statement)
{
    return migration->expectations[expectation].statement == statement;
}

/* The words of a directive, "expect rows >= 1", stand in the file to the end of their line. */
static size_t words_length(const stele_migration *migration, uint32_t expectation)
{
    return strcspn(migration->text + migration->expectations[expectation].begin, "\r\n");
}

/* ",\"expect\":[...]", where something is. */
static void expect_json(const stele_migration *migration, uint32_t statement)
{
    size_t count = 0;
    for (uint32_t i = 0; i < migration->expectation_count; i++) {
        if (!is_about(migration, i, statement))
            continue;
        fputs(count++ == 0 ? ",\"expect\":[" : ",", stdout);
        cli_json_bytes(stdout, migration->text + migration->expectations[i].begin, words_length(migration, i));
    }
    fputs(count > 0 ? "]" : "", stdout);
}

void cli_part_json(const stele_migration *migration, const stele_part *part, unsigned from)
{
    for (uint32_t s = from - 1; s < part->step_count; s++) {
        const stele_step *step = &migration->steps[part->first_step + s];
        for (uint32_t i = step->first; i < step->first + step->count; i++) {
            const stele_statement *statement = &migration->statements[i];
            unsigned line;
            cli_json_begin("statement");
            cli_json_field("file", stele_file_at(migration, statement->begin, &line));
            cli_json_number("line", line);
            cli_json_number("step", s + 1);
            printf(",\"transaction\":%s", step->alone ? "false" : "true");
            expect_json(migration, i);
            fputs(",\"sql\":", stdout);
            cli_json_bytes(stdout, migration->text + statement->begin, statement->end - statement->begin);
            cli_json_end();
        }
    }
}

/* The statement's first words, white space folded, in a line's room. */
static void print_statement(const stele_migration *migration, const stele_statement *statement)
{
    char words[400];
    int room = 90;
    unsigned line;
    bool blank = false, cut = false;
    size_t used = 0;
    stele_file_at(migration, statement->begin, &line);
    for (uint32_t at = statement->begin; at < statement->end && room > 0 && used + 2 < sizeof words; at++) {
        char byte = migration->text[at];
        if (byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r') {
            blank = true;
            continue;
        }
        if (blank)
            words[used++] = ' ';
        words[used++] = byte;
        room -= (((unsigned char)byte & 0xC0) != 0x80) + blank;
        blank = false;
        while (room <= 0 && at + 1 < statement->end && ((unsigned char)migration->text[at + 1] & 0xC0) == 0x80 && used + 1 < sizeof words)
            words[used++] = migration->text[++at];
        cut = room <= 0 && at + 1 < statement->end;
    }
    words[used] = '\0';
    cli_printf(stdout, "  %5u  %s%s\n", line, words, cut ? " ..." : "");
}

/* As they are written, each on its line. */
static void print_expectations(const stele_migration *migration, uint32_t statement)
{
    for (uint32_t i = 0; i < migration->expectation_count; i++) {
        unsigned line;
        if (!is_about(migration, i, statement))
            continue;
        stele_file_at(migration, migration->expectations[i].begin, &line);
        cli_printf(stdout, "  %5u  %.*s\n", line, (int)words_length(migration, i), migration->text + migration->expectations[i].begin);
    }
}

void cli_print_part(const stele_migration *migration, const stele_part *part, unsigned from)
{
    if (part->file != NULL && part->step_count > 0)
        cli_printf(stdout, "  %s:\n", part->file);
    for (uint32_t s = from - 1; s < part->step_count; s++) {
        const stele_step *step = &migration->steps[part->first_step + s];
        if (part->step_count > 1 || step->alone)
            printf("  step %u%s\n", (unsigned)s + 1, step->alone ? ", outside a transaction" : "");
        for (uint32_t i = step->first; i < step->first + step->count; i++) {
            print_expectations(migration, i);
            print_statement(migration, &migration->statements[i]);
        }
    }
}

typedef struct planned {
    cli *c;
    size_t count, forgotten;
} planned;

/* The program doesn't have it any more. */
static bool is_removed(const stele_migration *migration)
{
    return migration->repeatable && migration->directory[0] == '\0';
}

/* Recorded in the place of others. */
static bool is_stand_in(const stele_migration *migration)
{
    return migration->squashes != NULL && migration->up.end == 0;
}

/* Of a migration that was interrupted: where it goes on. */
static void print_progress(const stele_planned *one)
{
    const stele_migration *migration = one->migration;
    if (one->step == 2)
        puts("  step 1 is in");
    else if (one->step > 2)
        printf("  steps 1 to %u are in\n", one->step - 1);
    if (one->undecided)
        printf("  step %u was begun before, and nothing tells whether it took effect: up refuses to run it again before\n"
               "         repair done %s/%s --step %u --reason TEXT, when it did, or\n"
               "         repair retry %s/%s --step %u --reason TEXT, when it didn't\n",
               one->step, migration->component, migration->version, one->step, migration->component, migration->version, one->step);
}

static int print_planned(void *data, const stele_planned *one)
{
    planned *p = data;
    const stele_migration *migration = one->migration;
    bool removed = is_removed(migration);
    *(removed ? &p->forgotten : &p->count) += 1;
    if (p->c->json) {
        cli_json_begin(removed ? "forget" : "migration");
        cli_json_migration(migration);
        cli_json_field("source", migration->source);
        cli_json_number("steps", migration->up.step_count);
        if (migration->up.step_count > 0) {
            cli_json_number("first_step", one->step);
            printf(",\"undecided\":%s", one->undecided ? "true" : "false");
        }
        cli_json_field("deed", removed ? "forget" : is_stand_in(migration) ? "squash" : "apply");
        cli_json_end();
        cli_part_json(migration, &migration->up, one->step);
        return 0;
    }
    cli_style(p->c, stdout, "1");
    cli_print_name(p->c, migration);
    cli_style(p->c, stdout, NULL);
    puts(removed             ? "  not in this program any more: to be forgotten, and what it made stays"
         : is_stand_in(migration) ? "  stands for those before it, which are in: to be recorded, and not run"
                             : "");
    print_progress(one);
    cli_print_part(migration, &migration->up, one->step);
    return 0;
}

static void print_counts(const planned *p)
{
    if (p->count > 0)
        printf("%zu %s to apply", p->count, cli_plural(p->count, "migration", "migrations"));
    if (p->forgotten > 0)
        printf("%s%zu to forget", p->count > 0 ? ", " : "", p->forgotten);
    puts(p->count + p->forgotten > 0 ? "" : p->c->ahead > 0 ? "nothing to do" : "up to date: nothing to do");
}

/* -------------------------------------------------------------------- rights */

/* "migrations/003_x.sql:4: " */
static void print_place(const stele_right *right)
{
    unsigned line;
    const char *file = stele_file_at(right->migration, right->begin, &line);
    cli_printf(stdout, "  %s/%s:%u: ", right->migration->directory, file, line);
}

int cli_print_right(void *data, const stele_right *right)
{
    cli *c = data;
    if (c->json) {
        unsigned line;
        cli_json_begin("right");
        cli_json_field("file", stele_file_at(right->migration, right->begin, &line));
        cli_json_number("line", line);
        fputs(right->missing ? ",\"missing\":true" : ",\"missing\":false", stdout);
        fputs(right->now ? ",\"now\":true" : "", stdout);
        cli_json_field("what", right->what);
        cli_json_field("why", right->why);
        cli_json_field("remedy", right->remedy);
        cli_json_end();
        return 0;
    }
    if (!c->rights_headed)
        puts("rights that are missing, or can't be checked before it runs:");
    c->rights_headed = true;
    print_place(right);
    if (right->missing)
        cli_printf(stdout, "missing: %s\n         %s\n", right->what, right->remedy);
    else if (right->now)
        cli_printf(stdout, "missing now, unless what comes before changes that: %s\n         %s\n", right->what, right->remedy);
    else
        cli_printf(stdout, "can't be checked: %s: %s\n", right->what, right->why);
    return 0;
}

/* What was planned is shown first, whether the role may do it or not. */
int cli_plan(cli *c)
{
    stele *handle;
    stele_error error;
    planned p = {.c = c};
    if ((c->given & CLI_SQL) != 0)
        return cli_script(c);
    if ((c->given & CLI_DOWN) != 0)
        return cli_plan_down(c);
    c->options.progress = cli_progress;
    c->options.data = c;
    stele_status status = cli_open(c, &handle, &error);
    if (status == STELE_OK)
        status = stele_plan_steps(handle, c->target, print_planned, &p, &error);
    if (status == STELE_OK)
        status = stele_plan_rights(handle, c->target, cli_print_right, c, &error);
    else if (status == STELE_UNMET)
        stele_plan_rights(handle, c->target, cli_print_right, c, NULL);
    if (status != STELE_OK)
        cli_error(c, &error);
    else if (!c->json)
        print_counts(&p);
    cli_json_result(c, status);
    stele_close(handle);
    return (int)status;
}
