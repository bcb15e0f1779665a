/*
 * pace_parts.c - the parts of the question, in SQL
 *
 * {mine}: ", 12, 13", the other processes of this worker; {tables}: what it writes into, by number.
 */
#include "pace_inside.h"

#include <inttypes.h>
#include <stdio.h>

#define MINE "(ARRAY[pg_catalog.pg_backend_pid(){mine}]::pg_catalog.int4[])"
#define POSITION(lsn) "pg_catalog.pg_wal_lsn_diff(" lsn ", '0/0')"
#define SINCE(time) "extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) " time ")"

/* Another worker of this program: it has the same name. */
#define IS_FELLOW "a.application_name OPERATOR(pg_catalog.=) pg_catalog.current_setting('application_name') AND pg_catalog.starts_with(a.application_name, 'stele')"

/* Who waits for these processes, for how long; and does anybody else write to these tables, or lock rows of them? Who does holds such a lock on the table, which everybody may see. */
#define WAITS_FOR(mine, tables)                                                                                                                                        \
    "SELECT pg_catalog.count(*) FILTER (WHERE w.waits), pg_catalog.max(" SINCE("w.since") ") FILTER (WHERE w.waits), coalesce(pg_catalog.bool_or(w.writes), false)"         \
    " FROM (SELECT NOT l.granted AND pg_catalog.pg_blocking_pids(l.pid) OPERATOR(pg_catalog.&&) " mine " AS waits, l.waitstart AS since,"                               \
    " l.locktype OPERATOR(pg_catalog.=) 'relation' AND l.relation OPERATOR(pg_catalog.=) ANY (ARRAY[" tables "]::pg_catalog.oid[])"                                     \
    " AND l.mode OPERATOR(pg_catalog.=) ANY (ARRAY['RowShareLock', 'RowExclusiveLock']) AND l.pid OPERATOR(pg_catalog.<>) ALL " mine                                    \
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(l.pid) AS a WHERE " IS_FELLOW ") AS writes FROM pg_catalog.pg_locks AS l"                              \
    " WHERE NOT l.granted OR (l.relation OPERATOR(pg_catalog.=) ANY (ARRAY[" tables "]::pg_catalog.oid[]) AND l.database OPERATOR(pg_catalog.=)"                         \
    " (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()))) AS w"

/*
 * What a replica by logical decoding says to have replayed is what it has confirmed, which it does when it likes: its slot is looked at, not its lag.
 *
 * Vacuum spares what the oldest transaction of this database may still see, or a replica that says so, or a slot; it doesn't heed other vacuums. When a slot or a replica began to hold it back
 * nobody knows.
 *
 * Of segments that wait for the archiver only the number of the last one that is done is asked: to list them takes a right, and time where they are many.
 */
const stele_pace_part_text stele_pace_parts[STELE_PACE_PARTS] = {
    [STELE_PACE_WAL] = {"SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE " POSITION("pg_catalog.pg_current_wal_insert_lsn()") " END,"
                        " CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL ELSE " POSITION("pg_catalog.pg_current_wal_flush_lsn()") " END",
                        2, "how much WAL is written is not known, so \"wal\" and \"lag\" have no effect"},
    [STELE_PACE_WAITING] = {WAITS_FOR(MINE, "{tables}"), 3, "who waits for this job is not known"},
    [STELE_PACE_REPLICAS] = {"SELECT f.*, h.* FROM (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication AS r WHERE r.state IS NULL) AS h(hidden) LEFT JOIN"
                             " (SELECT " POSITION("r.replay_lsn") ", extract(epoch FROM r.replay_lag), r.application_name FROM pg_catalog.pg_stat_replication AS r"
                             " WHERE r.replay_lsn IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots AS s WHERE s.active_pid OPERATOR(pg_catalog.=) r.pid"
                             " AND s.slot_type OPERATOR(pg_catalog.=) 'logical') ORDER BY r.replay_lsn LIMIT 1) AS f ON true",
                             4, "replicas are not looked at"},
    [STELE_PACE_SESSIONS] = {"SELECT pg_catalog.count(a.state), NOT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') FROM pg_catalog.pg_stat_activity AS a"
                             " WHERE a.state OPERATOR(pg_catalog.=) 'active' AND a.backend_type OPERATOR(pg_catalog.=) 'client backend'"
                             " AND a.pid OPERATOR(pg_catalog.<>) ALL " MINE " AND NOT (" IS_FELLOW ")",
                             2, "sessions are not counted, so \"sessions\" has no effect"},
    [STELE_PACE_SLOTS] = {"SELECT s.slot_name, s.safe, s.safe OPERATOR(pg_catalog./) nullif(s.safe OPERATOR(pg_catalog.+) s.used, 0) FROM (SELECT 1) AS one LEFT JOIN"
                          " (SELECT s.slot_name, s.safe_wal_size::pg_catalog.float8 AS safe, CASE WHEN pg_catalog.pg_is_in_recovery() THEN NULL"
                          " ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)::pg_catalog.float8 END AS used"
                          " FROM pg_catalog.pg_replication_slots AS s WHERE s.safe_wal_size IS NOT NULL ORDER BY s.safe_wal_size LIMIT 1) AS s ON true",
                          3, "replication slots are not looked at"},
    [STELE_PACE_HORIZON] = {"SELECT t.xid, t.since, t.who, h.hidden FROM (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS a WHERE a.backend_type IS NULL"
                            " AND a.usesysid IS NOT NULL AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) AS h(hidden) LEFT JOIN"
                            " (SELECT t.* FROM (SELECT x.xid, " SINCE("a.xact_start") ", CASE a.backend_type WHEN 'walsender' THEN 'replica' ELSE 'pid '"
                            " OPERATOR(pg_catalog.||) a.pid::pg_catalog.text END OPERATOR(pg_catalog.||) ' (' OPERATOR(pg_catalog.||)"
                            " coalesce(nullif(a.application_name, ''), a.backend_type) OPERATOR(pg_catalog.||) ')' FROM pg_catalog.pg_stat_activity AS a CROSS JOIN LATERAL"
                            " (VALUES (a.backend_xid), (a.backend_xmin)) AS x(xid) WHERE x.xid IS NOT NULL AND (a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()"
                            " OR a.datname IS NULL) AND a.backend_type OPERATOR(pg_catalog.<>) 'autovacuum worker' AND a.pid OPERATOR(pg_catalog.<>) ALL " MINE
                            " AND NOT (" IS_FELLOW ") AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.pid OPERATOR(pg_catalog.=) a.pid)"
                            " UNION ALL SELECT p.transaction, " SINCE("p.prepared") ", 'prepared transaction \"' OPERATOR(pg_catalog.||) p.gid OPERATOR(pg_catalog.||) '\"'"
                            " FROM pg_catalog.pg_prepared_xacts AS p WHERE p.database OPERATOR(pg_catalog.=) pg_catalog.current_database()"
                            " UNION ALL SELECT s.xmin, NULL, 'replication slot \"' OPERATOR(pg_catalog.||) s.slot_name::pg_catalog.text OPERATOR(pg_catalog.||) '\"'"
                            " FROM pg_catalog.pg_replication_slots AS s WHERE s.xmin IS NOT NULL) AS t(xid, since, who)"
                            " ORDER BY pg_catalog.age(t.xid) DESC, t.since DESC NULLS LAST LIMIT 1) AS t ON true",
                            4, "who holds vacuum back is not known"},
    [STELE_PACE_FREEZE] = {"SELECT f.datname, f.age, f.danger FROM (SELECT d.datname, x.age, (x.age OPERATOR(pg_catalog.-) x.usual) OPERATOR(pg_catalog./)"
                           " (CASE WHEN x.failsafe OPERATOR(pg_catalog.>) (x.usual OPERATOR(pg_catalog.*) 1.05) THEN x.failsafe ELSE x.usual OPERATOR(pg_catalog.*) 1.05 END"
                           " OPERATOR(pg_catalog.-) x.usual) AS danger FROM pg_catalog.pg_database AS d CROSS JOIN LATERAL (VALUES"
                           " (pg_catalog.age(d.datfrozenxid)::pg_catalog.float8, pg_catalog.current_setting('autovacuum_freeze_max_age')::pg_catalog.float8,"
                           " pg_catalog.current_setting('vacuum_failsafe_age')::pg_catalog.float8), (pg_catalog.mxid_age(d.datminmxid)::pg_catalog.float8,"
                           " pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::pg_catalog.float8,"
                           " pg_catalog.current_setting('vacuum_multixact_failsafe_age')::pg_catalog.float8)) AS x(age, usual, failsafe)) AS f ORDER BY f.danger DESC LIMIT 1",
                           3, "how near a wraparound is isn't known"},
    [STELE_PACE_VACUUM] = {"SELECT pg_catalog.max(" SINCE("a.xact_start") "), pg_catalog.min(v.relid::pg_catalog.regclass::pg_catalog.text), pg_catalog.count(*) FILTER (WHERE v.relid IS NULL)"
                           " FROM pg_catalog.pg_stat_progress_vacuum AS v LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid OPERATOR(pg_catalog.=) v.pid"
                           " WHERE v.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() AND (v.relid IS NULL OR v.relid OPERATOR(pg_catalog.=) ANY (ARRAY[{tables}]::pg_catalog.oid[])"
                           " OR pg_catalog.pg_partition_root(v.relid::pg_catalog.regclass)::pg_catalog.oid OPERATOR(pg_catalog.=) ANY (ARRAY[{tables}]::pg_catalog.oid[]) OR EXISTS (SELECT FROM"
                           " pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) ANY (ARRAY[{tables}]::pg_catalog.oid[]) AND c.reltoastrelid OPERATOR(pg_catalog.=) v.relid))",
                           3, "vacuum of the table is not looked at"},
    [STELE_PACE_ARCHIVER] = {"SELECT coalesce(s.last_failed_time OPERATOR(pg_catalog.>) coalesce(s.last_archived_time, '-infinity'), false), CASE WHEN pg_catalog.pg_is_in_recovery()"
                             " OR s.last_archived_wal OPERATOR(pg_catalog.!~) '^[0-9A-F]{24}' THEN NULL ELSE pg_catalog.floor(" POSITION("pg_catalog.pg_current_wal_lsn()")
                             " OPERATOR(pg_catalog./) z.size OPERATOR(pg_catalog.-) (('x' OPERATOR(pg_catalog.||) pg_catalog.substr(s.last_archived_wal, 9, 8))::pg_catalog.bit(32)::pg_catalog.int8"
                             " OPERATOR(pg_catalog.*) 4294967296 OPERATOR(pg_catalog./) z.size OPERATOR(pg_catalog.+) ('x' OPERATOR(pg_catalog.||)"
                             " pg_catalog.substr(s.last_archived_wal, 17, 8))::pg_catalog.bit(32)::pg_catalog.int8 OPERATOR(pg_catalog.+) 1)) END FROM pg_catalog.pg_stat_archiver AS s"
                             " CROSS JOIN (SELECT pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size'))) AS z(size)"
                             " WHERE pg_catalog.current_setting('archive_mode') OPERATOR(pg_catalog.<>) 'off'",
                             2, "the archiver is not looked at"},
    /* A replica tells how far it is when WAL arrives, or when it has replayed all. While a job waits for it, nothing may arrive for ten seconds. So a little does; and nobody waits for that. */
    [STELE_PACE_NUDGE] = {"SELECT pg_catalog.set_config('synchronous_commit', 'local', true) IS NOT NULL"
                          " AND pg_catalog.pg_logical_emit_message(true, 'stele', ''::pg_catalog.text) IS NOT NULL WHERE NOT pg_catalog.pg_is_in_recovery()",
                          1, "replicas may tell up to ten seconds late how far they are"},
};

const char stele_pace_clock[] = "SELECT extract(hour FROM t.at) OPERATOR(pg_catalog.*) 60 OPERATOR(pg_catalog.+) extract(minute FROM t.at)"
                                " FROM (SELECT pg_catalog.timezone('UTC', pg_catalog.clock_timestamp())) AS t(at)";

const char stele_pace_written[] = "SELECT " POSITION("pg_catalog.pg_current_wal_insert_lsn()");

void stele_pace_watch(stele_pace *pace, uint32_t table, uint32_t into)
{
    snprintf(pace->tables, sizeof pace->tables, "%" PRIu32 ", %" PRIu32, table, into);
    snprintf(pace->question, sizeof pace->question, "%s, w.* FROM (" WAITS_FOR("(ARRAY[pg_catalog.pg_backend_pid()])", "%s") ") AS w", stele_pace_written, pace->tables, pace->tables);
}
