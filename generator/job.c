#include "job.h"

#include "lua_scope.h"
#include "job_script.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b)
{
    const struct migration *p = *(struct migration *const *)a, *q = *(struct migration *const *)b;
    int order = strcmp(p->name, q->name);
    return order != 0 ? order : (p->source.order > q->source.order) - (p->source.order < q->source.order);
}

void job_join(struct history *all, struct history *const *parts, size_t count)
{
    size_t jobs = 0;
    for (size_t i = 0; i < count; i++)
        jobs += parts[i]->job_count;
    all->jobs = memory_get(all->memory, jobs, sizeof *all->jobs);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < parts[i]->job_count; j++)
            all->jobs[all->job_count++] = parts[i]->jobs[j];
    if (jobs > 0)
        qsort(all->jobs, jobs, sizeof *all->jobs, by_name);
    for (size_t i = 1; i < jobs; i++) {
        if (strcmp(all->jobs[i - 1]->name, all->jobs[i]->name) != 0)
            continue;
        diag_error(all->diag, &all->jobs[i]->source, SOURCE_WHOLE, "a second job \"%s\": \"%s\" is one already", all->jobs[i]->name,
                   all->jobs[i - 1]->source.path);
        diag_hint(all->diag, "whoever runs a job names it by its name alone: give one of them another, whatever their components");
    }
}

static void refuse_parameter(const struct migration *job, const struct lua_literal *asked)
{
    const struct conf *conf = &job->home->conf;
    struct diag *diag = job->home->diag;
    struct nearest nearest = {.name = asked->name};
    for (size_t i = 0; i < conf->parameter_count; i++)
        nearest_offer(&nearest, conf->parameters[i].table.name);
    diag_error(diag, &job->source, asked->offset, "there is no parameter \"%s\"", asked->name);
    if (nearest.best != NULL)
        diag_hint(diag, "did you mean \"%s\"?", nearest.best);
    else
        diag_hint(diag, "declare it, in %s: parameter %s literal run", path_join(job->home->memory, job->home->directory, "stele.conf"), asked->name);
}

void job_check(const struct history *all)
{
    for (size_t i = 0; i < all->job_count; i++) {
        const struct migration *job = all->jobs[i];
        bool fine = !job->broken;
        for (size_t j = 0; j < job->asked_count; j++) {
            if (conf_find(&job->home->conf, job->asked[j].name, strlen(job->asked[j].name)) >= 0)
                continue;
            refuse_parameter(job, &job->asked[j]);
            fine = false;
        }
        if (fine)
            script_check(all, job);
    }
}
