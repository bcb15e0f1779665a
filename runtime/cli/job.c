#include "job.h"

#include <string.h>

#include "../nearest.h"

enum { REASON = 1, WORKERS = 2, NO_NAME = 4, ANY_NAME = 8, MAY_REASON = 16, LOOKS = 32 };

typedef struct verb {
    const char *word, *second; /* "dead", "list" */
    int (*run)(cli_job *j);
    size_t most;     /* words behind the name */
    unsigned flags;  /* REASON: has to have one; MAY_REASON, WORKERS: may; NO_NAME: takes none; ANY_NAME: all of them where none is named; LOOKS: goes without a script that can't be read */
    bool (*is_word)(const char *word); /* where the name is left out: may this one be what follows? NULL: it is a name */
} verb;

static bool is_number(const char *word)
{
    return word[0] != '\0' && strspn(word, "0123456789") == strlen(word);
}

static bool is_setting(const char *word)
{
    return strchr(word, '=') != NULL;
}

static bool is_anything(const char *word)
{
    return word[0] != '\0';
}

static const verb verbs[] = {
    {"list", NULL, cli_job_list, 0, NO_NAME, NULL},
    {"plan", NULL, cli_job_plan, 0, 0, NULL},
    {"try", NULL, cli_job_try, 1, 0, is_number},
    {"run", NULL, cli_job_run, 0, WORKERS, NULL},
    {"status", NULL, cli_job_status, 0, ANY_NAME | LOOKS, NULL},
    {"watch", NULL, cli_job_watch, 0, LOOKS, NULL},
    {"pause", NULL, cli_job_pause, 0, MAY_REASON | LOOKS, NULL},
    {"resume", NULL, cli_job_resume, 0, LOOKS, NULL},
    {"cancel", NULL, cli_job_cancel, 0, MAY_REASON | LOOKS, NULL},
    {"set", NULL, cli_job_set, 64, LOOKS, is_setting},
    {"knobs", NULL, cli_job_knobs, 0, 0, NULL},
    {"dead", "list", cli_job_dead_list, 0, LOOKS, NULL},
    {"dead", "retry", cli_job_dead_retry, 1, LOOKS, is_anything},
    {"verify", NULL, cli_job_verify, 0, 0, NULL},
    {"switch", NULL, cli_job_switch, 0, REASON, NULL},
    {"undo", NULL, cli_job_undo, 0, REASON, NULL},
    {"finish", NULL, cli_job_finish, 0, 0, NULL},
};

int cli_job_misuse(const cli_job *j, const char *what)
{
    cli_printf(stderr, "%s: %s\nhint: %s job --help lists what there is\n", j->c->program, what, j->c->program);
    return STELE_USAGE;
}

/* The verb; its words are gone from j->words then. */
static const verb *take_verb(cli_job *j)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && j->word_count > 0; i++) {
        size_t count = verbs[i].second == NULL ? 1 : 2;
        if (strcmp(verbs[i].word, j->words[0]) != 0 || (count == 2 && (j->word_count < 2 || strcmp(verbs[i].second, j->words[1]) != 0)))
            continue;
        j->words += count;
        j->word_count -= count;
        return &verbs[i];
    }
    return NULL;
}

static bool is_job(const cli_job *j, const char *word)
{
    for (size_t i = 0; i < j->c->migrations->job_count; i++)
        if (strcmp(j->c->migrations->jobs[i].name, word) == 0)
            return true;
    return false;
}

static int refuse_name(const cli_job *j, const char *word)
{
    const stele_migrations *table = j->c->migrations;
    stele_nearest nearest = {.name = word};
    for (size_t i = 0; word != NULL && i < table->job_count; i++)
        stele_nearest_offer(&nearest, table->jobs[i].name);
    if (word == NULL)
        fprintf(stderr, "%s: this program has %zu jobs, and one has to be named\n", j->c->program, table->job_count);
    else if (nearest.best != NULL)
        fprintf(stderr, "%s: there is no job \"%s\"; did you mean \"%s\"?\n", j->c->program, word, nearest.best);
    else
        cli_printf(stderr, "%s: there is no job \"%s\"\n", j->c->program, word);
    fprintf(stderr, "hint: %s job list names them\n", j->c->program);
    return STELE_USAGE;
}

/* The name is the first word; of a program's only job it may be left out. */
static int take_name(cli_job *j, const verb *v)
{
    const char *word = j->word_count > 0 ? j->words[0] : NULL;
    bool one = j->c->migrations->job_count == 1;
    if ((v->flags & NO_NAME) != 0)
        return STELE_OK;
    if (word != NULL && is_job(j, word)) {
        j->name = word;
        j->words++;
        j->word_count--;
    } else if (one && (word == NULL || (v->is_word != NULL && v->is_word(word)))) {
        j->name = j->c->migrations->jobs[0].name;
    } else if (word != NULL || (v->flags & ANY_NAME) == 0) {
        return refuse_name(j, word);
    }
    return STELE_OK;
}

static int take_arguments(cli_job *j, const verb *v)
{
    const cli *c = j->c;
    int status = take_name(j, v);
    if (status != STELE_OK)
        return status;
    if (j->word_count > v->most) {
        cli_printf(stderr, "%s: one argument too many: \"%s\"\nhint: %s job --help lists what there is\n", c->program, j->words[v->most], c->program);
        return STELE_USAGE;
    }
    if ((c->given & CLI_WORKERS) != 0 && (v->flags & WORKERS) == 0)
        return cli_job_misuse(j, "--workers has a meaning for job run only");
    if ((c->given & CLI_REASON) != 0 && (v->flags & (REASON | MAY_REASON)) == 0)
        return cli_job_misuse(j, "--reason has a meaning for job switch, undo, pause and cancel only");
    if ((v->flags & REASON) != 0 && (c->reason == NULL || c->reason[strspn(c->reason, " \t\r\n")] == '\0'))
        return cli_job_misuse(j, "a --reason has to be given");
    return STELE_OK;
}

static int refuse_verb(const cli_job *j)
{
    if (j->word_count == 0)
        return cli_job_misuse(j, "job takes list, plan, try, run, status, watch, pause, resume, cancel, set, knobs, dead, verify, switch, undo or finish");
    if (strcmp(j->words[0], "dead") == 0)
        return cli_job_misuse(j, "job dead takes list or retry");
    cli_printf(stderr, "%s: there is nothing like job \"%s\"\nhint: %s job --help lists what there is\n", j->c->program, j->words[0], j->c->program);
    return STELE_USAGE;
}

int cli_job_command(cli *c)
{
    cli_job j = {.c = c, .engine = c->migrations->engine, .words = c->words, .word_count = c->word_count};
    const verb *v = take_verb(&j);
    if (v == NULL)
        return refuse_verb(&j);
    if (j.engine == NULL || c->migrations->job_count == 0) {
        fprintf(stderr, "%s: this program has no jobs\nhint: a job is a file J_name.lua beside the migrations in Lua, with which the program is built\n", c->program);
        return STELE_USAGE;
    }
    j.looks = (v->flags & LOOKS) != 0;
    int status = take_arguments(&j, v);
    return status == STELE_OK ? v->run(&j) : status;
}

stele_status cli_job_open(cli_job *j, stele_error *error)
{
    const stele_job_options options = {.looks = j->looks};
    return cli_job_open_with(j, &options, error);
}

stele_status cli_job_open_with(cli_job *j, const stele_job_options *options, stele_error *error)
{
    stele_status status = cli_open(j->c, &j->handle, error);
    if (status == STELE_OK && j->name != NULL)
        status = j->engine->open(j->handle, j->name, options, &j->job, error);
    return status;
}

int cli_job_end(cli_job *j, stele_status status, const stele_error *error)
{
    j->engine->close(j->job);
    stele_close(j->handle);
    if (status != STELE_OK && error != NULL)
        cli_error(j->c, error);
    cli_json_result(j->c, status);
    return (int)status;
}
