/*
 * job_script.h - a job's script, run as far as it can be without a database
 */
#ifndef STELEC_JOB_SCRIPT_H
#define STELEC_JOB_SCRIPT_H

#include "migration.h"

/*
 * Run the outer level of a job's script, in the runtime's sandbox and within its limits, and check the table that it returns: the keys, their values, and what goes together. What is wrong is told
 * to the diag, with its place. A parameter that has no value before the program is run may be anything. Nothing is checked where libstele is built without Lua.
 */
void script_check(const struct history *all, const struct migration *job);

#endif
