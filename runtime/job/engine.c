#include "job.h"

const struct stele_job_engine stele_jobs = {
    .list = stele_job_list,
    .open = stele_job_open,
    .close = stele_job_close,
    .plan = stele_job_plan,
    .try_rows = stele_job_try,
    .run = stele_job_run,
    .status = stele_job_status,
    .want = stele_job_want,
    .set = stele_job_set,
    .knobs = stele_job_knobs,
    .list_dead = stele_job_list_dead,
    .retry_dead = stele_job_retry_dead,
    .verify = stele_job_verify,
    .switch_over = stele_job_switch,
    .undo = stele_job_undo,
    .finish = stele_job_finish,
    .look_first = stele_job_look_first,
};
