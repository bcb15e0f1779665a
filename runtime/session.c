#include "session.h"

#include <string.h>

#include "error.h"

static char *copy(stele_arena *arena, const char *text)
{
    return stele_arena_copy(arena, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

static stele_status read_role(stele_session *session, stele *handle, stele_arena *arena, stele_error *error)
{
    stele_rows *rows;
    stele_status status = stele_link_query(&handle->link, "SELECT pg_catalog.current_setting('role')", 0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    session->role = copy(arena, stele_rows_text(rows, 0, 0));
    stele_rows_free(rows);
    return session->role != NULL ? STELE_OK : stele_error_memory(error);
}

stele_status stele_session_read(stele_session *session, stele *handle, stele_arena *arena, stele_error *error)
{
    stele_rows *rows;
    if (handle->link.own)
        return read_role(session, handle, arena, error);
    /* transaction_isolation and its kin belong to the transaction, not the session. */
    stele_status status = stele_link_query(
        &handle->link,
        "SELECT pg_catalog.array_agg(name ORDER BY name), pg_catalog.array_agg(setting ORDER BY name), session_user,"
        " pg_catalog.current_setting('role'), EXISTS (SELECT FROM pg_catalog.pg_class"
        " WHERE relnamespace OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())"
        " FROM pg_catalog.pg_settings WHERE context OPERATOR(pg_catalog.=) ANY ('{user,superuser}'::pg_catalog.text[])"
        " AND name OPERATOR(pg_catalog.!~~) 'transaction\\_%'",
        0, NULL, &rows, error);
    if (status != STELE_OK)
        return status;
    *session = (stele_session){.names = copy(arena, stele_rows_text(rows, 0, 0)),
                               .settings = copy(arena, stele_rows_text(rows, 0, 1)),
                               .user = copy(arena, stele_rows_text(rows, 0, 2)),
                               .role = copy(arena, stele_rows_text(rows, 0, 3)),
                               .had_temp = stele_rows_true(rows, 0, 4)};
    stele_rows_free(rows);
    if (!session->names || !session->settings || !session->user || !session->role)
        return stele_error_memory(error);
    return STELE_OK;
}

static stele_status send(stele *handle, uint64_t item, const char *sql, int count, const char *const *values,
                         stele_error *error)
{
    return stele_pipe_send(&handle->link, item, sql, count, values, error);
}

/* The role comes first: what a lesser role may not set, the original one may. */
static stele_status restore_settings(const stele_session *session, stele *handle, uint64_t item, stele_error *error)
{
    const char *roles[] = {session->user, session->role};
    const char *settings[] = {session->names, session->settings};
    stele_status status = send(handle, item,
                               "SELECT CASE WHEN session_user OPERATOR(pg_catalog.<>) $1 THEN"
                               " pg_catalog.set_config('session_authorization', $1, false) END,"
                               " pg_catalog.set_config('role', $2, false)",
                               2, roles, error);
    if (status != STELE_OK)
        return status;
    return send(handle, item,
                "SELECT pg_catalog.set_config(s.name, b.setting, false) FROM pg_catalog.pg_settings AS s JOIN"
                " ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS b(name, setting)"
                " ON b.name OPERATOR(pg_catalog.=) s.name WHERE b.setting OPERATOR(pg_catalog.<>) s.setting",
                2, settings, error);
}

size_t stele_session_resets(uint32_t flags, const char *statements[STELE_RESETS])
{
    size_t count = 0;
    /* What was deferred to the commit runs now, while the migration's settings are in force. */
    if (flags != 0)
        statements[count++] = "SET CONSTRAINTS ALL IMMEDIATE";
    if ((flags & STELE_MAKES_TEMP) != 0) {
        statements[count++] = "CLOSE ALL";
        statements[count++] = "DEALLOCATE ALL";
        statements[count++] = "DISCARD TEMP";
    }
    if ((flags & STELE_SETS_SESSION) != 0) {
        statements[count++] = "RESET SESSION AUTHORIZATION"; /* which leaves no role, though the session may have begun with one */
        statements[count++] = "RESET ROLE";
        statements[count++] = "RESET ALL";
    }
    return count;
}

/* A caller may have temporary tables, prepared statements and cursors of its own. */
static stele_status restore_caller(const stele_session *session, stele *handle, uint32_t flags, uint64_t item, stele_error *error)
{
    stele_status status = STELE_OK;
    if (flags != 0)
        status = send(handle, item, "SET CONSTRAINTS ALL IMMEDIATE", 0, NULL, error);
    if (status == STELE_OK && (flags & STELE_MAKES_TEMP) != 0 && !session->had_temp)
        status = send(handle, item, "DISCARD TEMP", 0, NULL, error);
    if (status == STELE_OK && (flags & STELE_SETS_SESSION) != 0)
        status = restore_settings(session, handle, item, error);
    return status;
}

stele_status stele_session_restore(const stele_session *session, stele *handle, uint32_t flags, bool commit_later,
                                   uint64_t item, stele_error *error)
{
    const char *resets[STELE_RESETS];
    size_t count = handle->link.own ? stele_session_resets(flags, resets) : 0;
    stele_status status = handle->link.own ? STELE_OK : restore_caller(session, handle, flags, item, error);
    for (size_t i = 0; i < count && status == STELE_OK; i++)
        status = send(handle, item, resets[i], 0, NULL, error);
    if (status == STELE_OK && (flags & STELE_SETS_SESSION) != 0 && handle->link.own && handle->options.role != NULL)
        status = send(handle, item, "SELECT pg_catalog.set_config('role', $1, false)", 1, &handle->options.role, error);
    if (status == STELE_OK && (flags & STELE_SETS_SESSION) != 0 && commit_later)
        status = send(handle, item, "SET LOCAL synchronous_commit = off", 0, NULL, error);
    return status;
}

const char *stele_session_role(const stele_session *session)
{
    return session->role != NULL ? session->role : "none";
}
