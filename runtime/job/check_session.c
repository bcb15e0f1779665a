/*
 * check_session.c - may this session write? Asked before anything is done
 *
 * Where sessions begin read-only, `up` writes all the same: somebody sits before it, and it says BEGIN READ WRITE. A job doesn't: it writes for hours, unattended, and whoever set
 * default_transaction_read_only may have done so to keep just such writers away.
 */
#include <string.h>

#include "../error.h"
#include "write_sql.h"

/* Whose setting it is, and so who changes it. */
static const char *whose(const char *source, const char **command)
{
    static const struct {
        const char *source, *whose, *command;
    } all[] = {{"user", "of the role", "ALTER ROLE ... SET default_transaction_read_only = off"},
               {"database user", "of the role in this database", "ALTER ROLE ... IN DATABASE ... SET default_transaction_read_only = off"},
               {"database", "of the database", "ALTER ROLE ... SET default_transaction_read_only = off, for the role that it runs as"},
               {"client", "of this connection", "take it out of the connection's options"},
               {"session", "of this session", "SET default_transaction_read_only = off"}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].source, source) == 0) {
            *command = all[i].command;
            return all[i].whose;
        }
    *command = "ALTER ROLE ... SET default_transaction_read_only = off, for the role that it runs as";
    return "of the server";
}

stele_status stele_job_check_session(stele_job *job, stele_error *error)
{
    static const char sql[] =
        "SELECT pg_catalog.pg_is_in_recovery(), s.setting OPERATOR(pg_catalog.=) 'on', s.source FROM pg_catalog.pg_settings AS s"
        " WHERE s.name OPERATOR(pg_catalog.=) 'default_transaction_read_only'";
    stele_rows *rows;
    const char *command;
    stele_status status = stele_link_query(&job->handle->link, sql, 0, NULL, &rows, error);
    if (status == STELE_OK && stele_rows_true(rows, 0, 0)) {
        status = stele_error_set(error, STELE_UNMET, "this server is a standby, which takes no writes");
        stele_error_hint(error, "connect to the primary");
    } else if (status == STELE_OK && stele_rows_true(rows, 0, 1)) {
        const char *of = whose(stele_rows_text(rows, 0, 2), &command);
        status = stele_error_set(error, STELE_UNMET, "sessions begin read-only here (default_transaction_read_only = on, %s), and a job doesn't overrule that", of);
        stele_error_hint(error, "%s; or, if it was set to keep writers away, run the job when it is off again", command);
    }
    stele_rows_free(rows);
    return status;
}
