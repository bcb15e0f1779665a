/*
 * job.h - J_name.lua: what is no migration, and is run over a table by itself, for as long as that takes
 *
 * It is read, checked and built in as a migration in Lua is (lua_file.h), and stands in a list of its own: no state hangs on it, no lock tells
 * of it, and a database is up to date whatever jobs there are.
 */
#ifndef STELEC_JOB_H
#define STELEC_JOB_H

#include "migration.h"

/* Put the jobs of all folders into `all`, by name. A program has one of a name: another one is told to the diag. */
void job_join(struct history *all, struct history *const *parts, size_t count);

/* Are the parameters declared that a job asks for, and does its script say what a job has to? Else it would fail only when it is run. */
void job_check(const struct history *all);

#endif
