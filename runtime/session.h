/*
 * session.h - settings, role and temporary objects: as the session had them before a migration
 *
 * On a connection of our own, what a migration left behind is reset. On a caller's connection nothing may be
 * reset: what it had is read first and written back, setting by setting.
 */
#ifndef STELE_SESSION_H
#define STELE_SESSION_H

#include "handle.h"

typedef struct stele_session {
    const char *names, *settings; /* text arrays, in step with each other */
    const char *user, *role; /* role: where it isn't known, NULL */
    bool had_temp;          /* temporary objects of the caller's own: they are kept, and with them the migration's */
} stele_session;

/* Read what there is on a caller's connection; of one of our own, only the role, where it has to be known. */
stele_status stele_session_read(stele_session *session, stele *handle, stele_arena *arena, stele_error *error);

/*
 * Send what puts back what a migration with these flags (STELE_SETS_SESSION ...) may have changed, with `item`, into the open
 * pipeline, inside the migration's transaction. `commit_later` is stele's own setting for the
 * commit that follows, made again afterwards.
 */
stele_status stele_session_restore(const stele_session *session, stele *handle, uint32_t flags, bool commit_later,
                                   uint64_t item, stele_error *error);

enum { STELE_RESETS = 7 };

/* The statements of that on a connection of our own, in their order; their number. */
size_t stele_session_resets(uint32_t flags, const char *statements[STELE_RESETS]);

/* The role that we came with, as set_config takes it. */
const char *stele_session_role(const stele_session *session);

#endif
