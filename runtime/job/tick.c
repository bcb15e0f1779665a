#define _POSIX_C_SOURCE 200809L

#include "flow.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../error.h"
#include "after.h"

enum { SECOND = 1000000, COMES_BACK = 120 * SECOND };

void stele_worker_rest(stele_worker *worker, int milliseconds, int64_t *charged)
{
    int64_t begin = stele_clock();
    if (worker->stream != NULL && stele_ahead_is_busy(worker->stream)) { /* a provider in this thread would keep it waiting */
        stele_second_rest(&worker->stream->ahead.second, -1, 0, milliseconds);
        stele_ahead_turn(worker->stream);
    } else if (worker->provider != NULL) {
        stele_provider_wait(worker->provider, -1, 0, milliseconds);
    } else {
        struct timespec nap = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
        nanosleep(&nap, NULL);
    }
    if (charged != NULL)
        *charged += stele_clock() - begin;
}

static void ask_caller(stele_worker *worker)
{
    if (worker->interrupted != NULL && worker->leave == STELE_STAYS && worker->interrupted(worker->interrupted_data) != 0)
        worker->leave = STELE_LEAVES_INTERRUPTED;
}

/* ---------------------------------------------------------------- connection */

stele_status stele_worker_reconnect(stele_worker *worker, stele_error *error)
{
    stele_link *link = &worker->job->handle->link;
    int64_t begin = stele_clock();
    stele_error last;
    if (worker->stream != NULL)
        stele_ahead_renew(worker->stream);
    if (!link->own)
        return stele_error_set(error, STELE_NO_CONNECTION, "the connection was lost");
    for (int pause = 50;; pause = pause < 2000 ? 2 * pause : pause) {
        stele_error_clear(&last);
        if (stele_link_renew(link, &last) == STELE_OK)
            return STELE_OK;
        ask_caller(worker);
        if (stele_clock() - begin > COMES_BACK || worker->leave == STELE_LEAVES_INTERRUPTED)
            break;
        for (int rested = 0; rested < pause && worker->leave != STELE_LEAVES_INTERRUPTED; rested += 50) {
            stele_worker_rest(worker, 50, NULL);
            ask_caller(worker);
        }
    }
    if (error != NULL && error->status == STELE_OK)
        *error = last;
    return last.status;
}

/* ---------------------------------------------------------------- once a second */

/* Over the last seconds. */
static void measure_writes(stele_worker *worker)
{
    const double over = 3000000;
    int64_t now = stele_clock();
    double passed = (double)(now - worker->shared_at), part = (double)(worker->counts.write_us - worker->shared_us) / fmax(1, passed);
    if (worker->shared_at != 0)
        worker->write_share += passed / (passed + over) * (fmin(1, part) - worker->write_share);
    worker->shared_at = now;
    worker->shared_us = worker->counts.write_us;
}

/* Requests are in flight during writes as well: that there are as many as may be is no reason, where most of the time goes into writes. */
static stele_status be_bound_by_writes(stele_worker *worker, stele_error *error)
{
    static const char name[] = "database: ";
    stele_status status = STELE_OK;
    if (strncmp(worker->bound, name, strlen(name)) != 0)
        status = stele_job_live_index(worker->job, worker->shape, worker->live_index, sizeof worker->live_index, error);
    if (worker->live_index[0] != '\0')
        snprintf(worker->bound, sizeof worker->bound, "%sindex \"%s\" of the destination is kept up by every write", name, worker->live_index);
    else
        snprintf(worker->bound, sizeof worker->bound, "%swrites", name);
    return status;
}

/* What slows it down: the first of those that do. */
static stele_status find_bound(stele_worker *worker, const stele_provider_news *news, stele_error *error)
{
    stele_status status = STELE_OK;
    bool calls = news->bound != NULL && news->bound[0] != '\0', only_full = calls && strcmp(news->bound, "concurrency") == 0;
    measure_writes(worker);
    if (worker->pace.verdict == STELE_PACE_GO && (!calls || only_full) && worker->write_share > 0.5)
        status = be_bound_by_writes(worker, error);
    else if (worker->pace.verdict != STELE_PACE_GO)
        stele_error_copy(worker->bound, sizeof worker->bound, worker->pace.reason);
    else if (news->bound != NULL && news->bound[0] != '\0')
        snprintf(worker->bound, sizeof worker->bound, "provider: %.240s", news->bound);
    else
        stele_error_copy(worker->bound, sizeof worker->bound, worker->counts.rows == 0 ? "" : worker->counts.call_us > worker->counts.write_us ? "provider: its answers" : "database");
    worker->counts.bound = worker->bound;
    return status;
}

/* Its share of the limits, which hold for all workers together. */
static void limit_provider(stele_worker *worker)
{
    const stele_knobs *knobs = &worker->job->knobs;
    double workers = worker->row.workers < 1 ? 1 : worker->row.workers;
    stele_provider_limits limits = {.concurrency = knobs->concurrency, .requests_per_minute = knobs->rpm / workers, .tokens_per_minute = knobs->tpm / workers,
                                    .retry_for_ms = 600000, .has_budget = stele_worker_has_budget(worker), .budget = worker->budget};
    stele_provider_limit(worker->provider, &limits);
    stele_provider_hold(worker->provider, worker->pace.verdict == STELE_PACE_STOP || worker->leave != STELE_STAYS);
}

static void take_news(stele_worker *worker, stele_provider_news *news)
{
    *news = (stele_provider_news){.bound = ""};
    if (worker->provider == NULL)
        return;
    stele_provider_tell(worker->provider, news);
    worker->counts.calls = news->calls;
    worker->counts.tokens = news->tokens;
    worker->counts.refused = news->refused;
    worker->counts.repeated = news->repeated;
}

void stele_worker_count(stele_worker *worker)
{
    stele_provider_news news;
    take_news(worker, &news);
}

/* What it stopped for; with the rows, where two of them are what it is about. */
static stele_status pause_for_provider(stele_worker *worker, const stele_provider_news *news, stele_error *error)
{
    char names[160] = "", reason[512];
    if (news->has_twins && worker->stream != NULL)
        stele_stream_name(worker->stream, news->twins, names, sizeof names);
    snprintf(reason, sizeof reason, "%.300s%s%s", news->error.message, names[0] == '\0' ? "" : ", such as those of ", names);
    return stele_worker_pause(worker, reason, error);
}

static stele_status look_at_provider(stele_worker *worker, stele_error *error)
{
    stele_provider_news news;
    stele_status status = STELE_OK;
    take_news(worker, &news);
    stele_worker_claim(worker, &news);
    if (worker->provider != NULL)
        limit_provider(worker);
    if (news.stopped && worker->leave == STELE_STAYS)
        status = pause_for_provider(worker, &news, error);
    return status == STELE_OK ? find_bound(worker, &news, error) : status;
}

static void obey(stele_worker *worker)
{
    if (worker->leave == STELE_LEAVES_INTERRUPTED)
        return;
    if (worker->row.state == STELE_JOB_CANCELLED || strcmp(worker->row.desired, "cancel") == 0)
        worker->leave = STELE_LEAVES_CANCELLED;
    else if (strcmp(worker->row.desired, "pause") == 0)
        worker->leave = STELE_LEAVES_PAUSED;
}

stele_status stele_worker_pause(stele_worker *worker, const char *reason, stele_error *error)
{
    stele_error_copy(worker->row.reason, sizeof worker->row.reason, reason);
    if (worker->leave == STELE_STAYS)
        worker->leave = STELE_LEAVES_PAUSED;
    return stele_link_alive(&worker->job->handle->link) ? stele_job_stop(worker->job, reason, error) : STELE_OK;
}

static stele_status look_at_all(stele_worker *worker, stele_error *error)
{
    stele_job_report report;
    const stele_job_options *options = &worker->job->options;
    stele_status status = stele_job_report_fill(worker->job, &worker->row, &report, error);
    if (status == STELE_OK)
        status = stele_worker_keep_budget(worker, &report, error);
    if (status == STELE_OK)
        status = stele_worker_keep_limits(worker, &report, false, error);
    if (status == STELE_OK && options->told != NULL)
        options->told(options->data, &report);
    return status;
}

/* What the server says of the speed; and what follows for the provider. */
static stele_status sample(stele_worker *worker, stele_error *error)
{
    worker->pace.workers = worker->row.writers < 1 ? 1 : worker->row.writers;
    stele_status status = stele_pace_sample(&worker->pace, worker->job->handle, NULL, error);
    worker->counts.wal_rate = worker->pace.wal_rate;
    worker->counts.lag = worker->pace.lag;
    if (status == STELE_OK && worker->provider != NULL)
        limit_provider(worker);
    if (status == STELE_OK && worker->pace.notice[0] != '\0') {
        status = stele_job_say(worker->job, worker->pace.notice, error);
        worker->pace.notice[0] = '\0';
    }
    return status;
}

/* Once a second, as all workers do it. */
static stele_status beat(stele_worker *worker, stele_error *error)
{
    stele_status status = look_at_provider(worker, error);
    if (status == STELE_OK)
        status = stele_job_tick(worker->job, &worker->counts, &worker->row, error);
    if (status != STELE_OK)
        return status;
    obey(worker);
    return look_at_all(worker, error);
}

static stele_status turn(stele_worker *worker, bool beats, stele_error *error)
{
    stele_status status = beats ? beat(worker, error) : STELE_OK;
    return status == STELE_OK ? sample(worker, error) : status;
}

stele_status stele_worker_tick(stele_worker *worker, stele_error *error)
{
    stele_error own;
    int64_t now = stele_clock();
    bool beats = worker->ticked == 0 || now - worker->ticked >= SECOND;
    ask_caller(worker);
    if (!beats && now < worker->pace.sample_at)
        return STELE_OK;
    if (beats)
        worker->ticked = now;
    for (;;) {
        stele_error_clear(&own);
        stele_status status = turn(worker, beats, &own);
        if (status == STELE_NO_CONNECTION && worker->job->handle->link.own) {
            status = stele_worker_reconnect(worker, error);
            if (status == STELE_OK && stele_pace_stop_ends_session(&worker->pace))
                return stele_worker_pause(worker, "stop_when ends the session in which it is asked: set another (job set), such as SELECT false", error);
            if (status != STELE_OK || worker->leave != STELE_STAYS)
                return status;
            continue;
        }
        if (status != STELE_OK && error != NULL)
            *error = own;
        return status;
    }
}
