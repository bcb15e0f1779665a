/*
 * budget.c - what all of a job may cost: max_cost
 *
 * It is kept in tokens, and before they are used: a request is counted as it is estimated when it is sent, and isn't sent where that doesn't fit any more. Each second a worker writes down how many
 * tokens it lays claim to until the next, and then reads what all have used and claimed. Where that is too much, it leaves the surplus: of several workers the one who reads last has seen the claims
 * of all others, so together they never use more than there is. A claim is small, a few requests or what two seconds take, since that of a worker that dies counts as used; and not more than a share
 * of what is left, so that all come to an end. Who has asked nothing for a second, and has nothing to ask, claims nothing: what is left is for those who have.
 */
#include "worker.h"

#include <math.h>
#include <stdio.h>

/* In tokens; 0: no limit. */
static double limit(const stele_worker *worker)
{
    double price = worker->job->spec->provider.price, most = worker->job->knobs.max_cost;
    return worker->provider == NULL || price <= 0 || most <= 0 ? 0 : most * 1e6 / price;
}

bool stele_worker_has_budget(const stele_worker *worker)
{
    return limit(worker) > 0;
}

/* Of what neither was used nor is with workers that died, this worker's share. */
static double share(const stele_worker *worker, const stele_job_report *report)
{
    double left = limit(worker) - (double)report->tokens - worker->job->lost;
    return left <= 0 ? 0 : left / (report->workers < 1 ? 1 : report->workers);
}

void stele_worker_claim(stele_worker *worker, const stele_provider_news *news)
{
    double lately = (double)(news->tokens - worker->spent), most = fmax(fmax(worker->job->knobs.concurrency * news->request, 2 * lately), news->lacks);
    bool idle = news->queued + news->flying + news->ready == 0 && lately <= 0;
    worker->spent = news->tokens;
    worker->lacks = news->flying > 0 ? 0 : news->lacks;
    if (limit(worker) <= 0) {
        worker->counts.reserved = 0;
        return;
    }
    double claim = ceil(fmax(news->reserved, idle ? 0 : fmin(news->reserved + most, worker->share)));
    worker->counts.reserved = claim < 1e15 ? (int64_t)claim : INT64_C(1000000000000000);
    worker->budget = fmin(worker->budget, (double)news->tokens + claim); /* at once: others read the claim before this worker goes on */
}

stele_status stele_worker_keep_budget(stele_worker *worker, const stele_job_report *report, stele_error *error)
{
    char reason[300];
    double most = limit(worker), price = worker->job->spec->provider.price;
    double surplus = fmax(0, (double)report->tokens + worker->job->reserved - most);
    worker->budget = (double)worker->counts.tokens + fmax(0, (double)worker->counts.reserved - surplus);
    worker->share = share(worker, report);
    if (most <= 0 || worker->leave != STELE_STAYS)
        return STELE_OK;
    if (report->cost >= worker->job->knobs.max_cost)
        snprintf(reason, sizeof reason, "it has cost %.6g, and max_cost is %.6g", report->cost, worker->job->knobs.max_cost);
    else if (worker->lacks > worker->share)
        snprintf(reason, sizeof reason, "it has cost %.6g, the next request may cost %.3g, and max_cost is %.6g", report->cost, worker->lacks * price / 1e6, worker->job->knobs.max_cost);
    else
        return STELE_OK;
    return stele_worker_pause(worker, reason, error);
}
