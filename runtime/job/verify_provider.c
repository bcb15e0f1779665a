/*
 * verify_provider.c - does the provider make the same vector again, alone as in company?
 *
 * Servers have been seen whose vectors depend on what else is in the request, and indexes whose older half came of another model under the same name. So a few rows are embedded in one request and
 * one by one, and some more are compared with what is stored. This calls the provider, and costs what its calls cost.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "encode.h"
#include "verify.h"

/*
 * Cosines that pass where the script doesn't say. A provider that computes the same twice gives 1, and a halfvec takes 1e-7 of it. But those on GPUs add up in another order when a batch has another
 * size, and give 0.99995 and less for a text that is right: finer than that, right and wrong can't be told apart for all of them. Another model, or a quantized one, gives less than 0.999.
 */
static const double alone_usual = 0.9999, again_usual = 0.999;

/* Texts, and the vectors that they have, had, or get. */
typedef struct sample {
    stele_verifying *v;
    stele_provider *provider;
    stele_rows *rows;
    const char **texts, **keys;
    size_t *lengths, count;
    unsigned dimensions;
    float *stored, *company, *alone; /* `count` times the dimensions */
    bool *have;                      /* which a call gave */
    char fault[300];                 /* why not all */
    stele_arena arena;
} sample;

/* ------------------------------------------------------------------------ rows */

static stele_status read_stored(sample *s, const char *hex, float *out, stele_error *error)
{
    size_t room = strlen(hex) / 2 + 1;
    char *bytes = malloc(room);
    if (bytes == NULL)
        return stele_error_memory(error);
    if (!stele_vector_read(bytes, stele_bytes_of_hex(hex, bytes, room), s->v->shape->vector_kind, out, s->dimensions))
        memset(out, 0, s->dimensions * sizeof *out);
    free(bytes);
    return STELE_OK;
}

static bool make_room(sample *s, size_t rows)
{
    size_t numbers = rows * s->dimensions + 1;
    s->texts = stele_arena_get(&s->arena, rows + 1, sizeof *s->texts);
    s->keys = stele_arena_get(&s->arena, rows + 1, sizeof *s->keys);
    s->lengths = stele_arena_get(&s->arena, rows + 1, sizeof *s->lengths);
    s->have = stele_arena_get(&s->arena, rows + 1, sizeof *s->have);
    s->stored = stele_arena_get(&s->arena, numbers, sizeof *s->stored);
    s->company = stele_arena_get(&s->arena, numbers, sizeof *s->company);
    s->alone = stele_arena_get(&s->arena, numbers, sizeof *s->alone);
    return s->texts != NULL && s->keys != NULL && s->lengths != NULL && s->have != NULL && s->stored != NULL && s->company != NULL && s->alone != NULL;
}

static stele_status take_rows(sample *s, stele_error *error)
{
    size_t rows = s->rows == NULL ? 0 : (size_t)stele_rows_count(s->rows);
    stele_status status = make_room(s, rows) ? STELE_OK : stele_error_memory(error);
    for (int i = 0; i < (int)rows && status == STELE_OK; i++) {
        size_t at = s->count;
        status = stele_verify_text(s->v, s->rows, i, &s->arena, &s->texts[at], &s->lengths[at], error);
        if (status != STELE_OK || s->texts[at] == NULL)
            continue;
        s->keys[at] = stele_rows_text(s->rows, i, STELE_VERIFY_KEY);
        status = read_stored(s, stele_rows_text(s->rows, i, STELE_VERIFY_VECTOR), s->stored + at * s->dimensions, error);
        s->count++;
    }
    return status;
}

/* --------------------------------------------------------------------- embedding */

/* Take what has come, into `out`; how many. */
static size_t take_embeddings(sample *s, float *out)
{
    stele_embedding one;
    size_t taken = 0;
    for (; stele_provider_next(s->provider, &one); taken++) {
        if (one.tag >= s->count)
            continue;
        s->have[one.tag] = one.vector != NULL;
        if (one.vector != NULL)
            memcpy(out + one.tag * s->dimensions, one.vector, s->dimensions * sizeof *out);
        else
            snprintf(s->fault, sizeof s->fault, "%s: %s %.200s", s->keys[one.tag], one.code, one.message);
    }
    return taken;
}

/* Wait for so many to come back; false when the provider stops, or it takes too long. A worker is heard of meanwhile, and asked whether it shall go on. */
static stele_status wait_for(sample *s, size_t wanted, float *out, bool *came, stele_error *error)
{
    int64_t until = stele_clock() + (int64_t)STELE_VERIFY_SECONDS * 1000000;
    stele_link *link = &s->v->job->handle->link;
    stele_provider_news news = {0};
    for (size_t taken = 0; taken < wanted;) {
        if (stele_link_is_asked(link))
            return stele_link_pause(link, 0, error);
        stele_status status = stele_job_between(s->v->job, error);
        if (status != STELE_OK)
            return status;
        stele_provider_wait(s->provider, -1, 0, 100);
        taken += take_embeddings(s, out);
        stele_provider_tell(s->provider, &news);
        if (taken == wanted || (!news.stopped && stele_clock() < until))
            continue;
        snprintf(s->fault, sizeof s->fault, "%s%.220s", news.stopped ? "" : "the provider didn't answer in time: ", news.stopped ? news.error.message : news.bound);
        return STELE_OK;
    }
    *came = true;
    return STELE_OK;
}

/* Hand in the texts from `first` on, and have them packed as they are. */
static stele_status embed(sample *s, size_t first, size_t count, float *out, bool *came, stele_error *error)
{
    stele_status status = STELE_OK;
    *came = false;
    for (size_t i = first; i < first + count && status == STELE_OK; i++)
        status = stele_provider_submit(s->provider, i, s->texts[i], s->lengths[i], error);
    stele_provider_flush(s->provider);
    return status == STELE_OK ? wait_for(s, count, out, came, error) : status;
}

static double cosine(const float *a, const float *b, unsigned dimensions)
{
    double both = 0, one = 0, other = 0;
    for (unsigned i = 0; i < dimensions; i++) {
        both += (double)a[i] * b[i];
        one += (double)a[i] * a[i];
        other += (double)b[i] * b[i];
    }
    return one > 0 && other > 0 ? both / (sqrt(one) * sqrt(other)) : 0;
}

/* What was asked is paid for, whatever came of it. */
static stele_status charge(sample *s, stele_status status, stele_error *error)
{
    stele_provider_news news;
    if (s->provider == NULL || !stele_link_alive(&s->v->job->handle->link))
        return status;
    stele_provider_tell(s->provider, &news);
    stele_error why = {0};
    stele_status charged = stele_job_charge(s->v->job, news.calls, news.tokens, news.refused, &why);
    if (status != STELE_OK || charged == STELE_OK || charged == STELE_UNMET) /* who may only look may verify */
        return status;
    if (error != NULL)
        *error = why;
    return charged;
}

/* The least cosine of two sets; rows below `least` are noted. */
static double compare(sample *s, const float *a, const float *b, size_t count, double least)
{
    double worst = 1;
    size_t noted = 0;
    for (size_t i = 0; i < count; i++) {
        double one = cosine(a + i * s->dimensions, b + i * s->dimensions, s->dimensions);
        if (!(one >= least) && noted++ < 3)
            stele_verify_note(s->v, "%s: %.6f", s->keys[i], one);
        worst = one >= worst ? worst : one;
    }
    return worst;
}

static bool have_all(const sample *s, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!s->have[i])
            return false;
    return true;
}

static void tell_fault(sample *s, const char *name)
{
    stele_verify_note(s->v, "%s", s->fault[0] == '\0' ? "the provider gave no reason" : s->fault);
    stele_verify_tell(s->v, name, false, "rows that have their vector couldn't be embedded again");
}

/* ------------------------------------------------------------------------ checks */

static double least_of(const sample *s, double usual)
{
    double asked = s->v->job->spec->verify.cosine;
    return asked > 0 ? asked : usual;
}

static stele_status canary(sample *s, stele_error *error)
{
    size_t count = s->count < STELE_VERIFY_CANARY ? s->count : STELE_VERIFY_CANARY;
    bool came;
    stele_status status = embed(s, 0, count, s->company, &came, error);
    for (size_t i = 0; i < count && status == STELE_OK && came; i++)
        status = embed(s, i, 1, s->alone, &came, error);
    if (status != STELE_OK)
        return status;
    if (!came || !have_all(s, count)) {
        tell_fault(s, "canary");
        return STELE_OK;
    }
    const double alone_least = least_of(s, alone_usual), again_least = least_of(s, again_usual);
    double worst = compare(s, s->company, s->alone, count, alone_least), stored = compare(s, s->stored, s->alone, count, again_least);
    stele_verify_tell(s->v, "canary", worst >= alone_least && stored >= again_least, "%zu texts embedded together and one by one: the least cosine is %.6f, at least %.6g is right;"
                      " to what is stored, made with more of them, %.6f, at least %.6g", count, worst, alone_least, stored, again_least);
    return STELE_OK;
}

static stele_status resample(sample *s, stele_error *error)
{
    bool came = true;
    enum { AT_ONCE = 64 };
    stele_status status = STELE_OK;
    if (s->v->job->spec->verify.resample == 0)
        return STELE_OK;
    for (size_t i = 0; i < s->count && status == STELE_OK && came; i += AT_ONCE)
        status = embed(s, i, s->count - i < AT_ONCE ? s->count - i : AT_ONCE, s->company, &came, error);
    if (status != STELE_OK)
        return status;
    if (!came || !have_all(s, s->count)) {
        tell_fault(s, "resample");
        return STELE_OK;
    }
    const double least = least_of(s, again_usual);
    double worst = compare(s, s->stored, s->company, s->count, least);
    stele_verify_tell(s->v, "resample", worst >= least, "%zu rows embedded again: the least cosine to what is stored is %.6f, at least %.6g is right", s->count, worst, least);
    return STELE_OK;
}

stele_status stele_verify_provider(stele_verifying *v, stele_error *error)
{
    sample s = {.v = v, .dimensions = v->job->spec->provider.dimensions};
    unsigned wanted = v->job->spec->verify.resample > STELE_VERIFY_CANARY ? v->job->spec->verify.resample : STELE_VERIFY_CANARY;
    const stele_provider_limits limits = {.concurrency = 1, .retry_for_ms = STELE_VERIFY_SECONDS * 1000};
    if (v->job->spec->kind != STELE_JOB_EMBEDS)
        return STELE_OK;
    stele_status status = stele_verify_rows(v, wanted, false, &s.rows, error);
    if (status == STELE_OK)
        status = take_rows(&s, error);
    if (status == STELE_OK && s.count > 0)
        status = stele_provider_open(&s.provider, &v->job->spec->provider, &v->job->options, error);
    if (status == STELE_OK && s.count > 0) {
        stele_provider_limit(s.provider, &limits);
        status = canary(&s, error);
        if (status == STELE_OK)
            status = resample(&s, error);
    } else if (status == STELE_OK) {
        stele_verify_tell(v, "canary", true, "there is no row with a vector to be embedded again");
    }
    status = charge(&s, status, error);
    stele_provider_close(s.provider);
    stele_rows_free(s.rows);
    stele_arena_free(&s.arena);
    return status;
}
