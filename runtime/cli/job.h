/*
 * job.h - what the files of the command `job` share
 *
 *     job.c         which job, and which of the verbs
 *     job_plan.c    before: list, plan, try
 *     job_run.c     run: its workers, and what they tell
 *     job_look.c    status, watch
 *     job_control.c pause, resume, cancel, set, knobs, dead
 *     job_after.c   verify, switch, undo, finish
 *     job_output.c  how a job's numbers look
 *
 * All of them call the engine through the table only: a program without jobs isn't linked with it.
 */
#ifndef STELE_CLI_JOB_H
#define STELE_CLI_JOB_H

#include "../stele_job.h"
#include "cli.h"

typedef struct cli_job {
    cli *c;
    const struct stele_job_engine *engine;
    const char *name;   /* of the job; NULL where a verb may go without */
    const char **words; /* behind it */
    size_t word_count;
    bool looks; /* a script that can't be read doesn't matter */
    stele *handle;
    stele_job *job;
} cli_job;

/* Verbs: run, print, and return the status. */
int cli_job_list(cli_job *j);
int cli_job_plan(cli_job *j);
int cli_job_try(cli_job *j);
int cli_job_run(cli_job *j);
int cli_job_status(cli_job *j);
int cli_job_watch(cli_job *j);
int cli_job_pause(cli_job *j);
int cli_job_resume(cli_job *j);
int cli_job_cancel(cli_job *j);
int cli_job_set(cli_job *j);
int cli_job_knobs(cli_job *j);
int cli_job_dead_list(cli_job *j);
int cli_job_dead_retry(cli_job *j);
int cli_job_verify(cli_job *j);
int cli_job_switch(cli_job *j);
int cli_job_undo(cli_job *j);
int cli_job_finish(cli_job *j);

/* Connect, and open the job where there is a name. */
stele_status cli_job_open(cli_job *j, stele_error *error);
stele_status cli_job_open_with(cli_job *j, const stele_job_options *options, stele_error *error);

/* The end of each: close, print the error where it failed (NULL: nothing is left to say) and the last line of JSON; returns the status. */
int cli_job_end(cli_job *j, stele_status status, const stele_error *error);

/* Say what is wrong with the arguments; returns STELE_USAGE. */
int cli_job_misuse(const cli_job *j, const char *what);

/* ---------------------------------------------------------- job_output.c */

typedef char cli_number[40];

/* "1,234,567"; "48.1 GB"; "12.50", "0.0004"; "2 h 31 min", of seconds; "74.9 %", of a fraction, and 100 not before it is. */
const char *cli_count(cli_number buffer, int64_t number);
const char *cli_bytes(cli_number buffer, double bytes);
const char *cli_cost(cli_number buffer, double cost);
const char *cli_time(cli_number buffer, double seconds);
const char *cli_percent(cli_number buffer, double fraction);

/* "row", of 1; "rows". */
const char *cli_rows(int64_t number);

/* "load", "load, paused"; "not run yet". */
const char *cli_job_standing(const stele_job_report *report);

/* A run that begins, and waits for a lock: there is nothing more that is known of it. */
bool cli_job_is_blocked(const stele_job_report *report);

/* How it stands, in a line without its end; and over several. */
void cli_job_line(FILE *stream, const char *name, const stele_job_report *report);
void cli_job_page(const cli *c, const char *name, const stele_job_report *report);
void cli_job_json(const char *name, const stele_job_report *report);

/* The same where it is written over: begun anew each time on a terminal. One that was never run is waited for. */
void cli_job_live(const cli *c, const char *name, const stele_job_report *report);

/* What was printed last, all zero at first; and is it time for another line: it is on a terminal, each ten seconds, and where the job comes into another state. Of one that was never run, one line is enough. */
typedef struct cli_job_said {
    int64_t at;        /* stele_clock */
    char standing[32]; /* of the job's state */
    bool troubled;     /* the provider gives no answers, or it waits for a lock */
} cli_job_said;
bool cli_job_is_news(const cli *c, cli_job_said *said, const stele_job_report *report);

#endif
