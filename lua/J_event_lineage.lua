-- To which lineage of memories an event belongs: one statement for each batch of rows, and the
-- server does the rest. An event about a memory that is gone stays without one, and one whose
-- memory_id is no uuid is given up by itself: see `job dead list`.
return {
    table = "memory_event", key = { "run_id", "sequence" }, read = { "payload" },
    where = "payload ? 'memory_id' AND lineage_id IS NULL",
    sql = [[
        UPDATE memory_event AS e
           SET lineage_id = m.lineage_id
          FROM :batch AS b
          JOIN agent_memory AS m ON m.id = (b.payload ->> 'memory_id')::uuid
         WHERE (e.run_id, e.sequence) = (b.run_id, b.sequence)]],
    pace = { write = "60ms", nice = 0.5 },
    verify = { zero = [[
        SELECT count(*) FROM memory_event AS e
          JOIN agent_memory AS m ON m.id::text = e.payload ->> 'memory_id'
         WHERE e.lineage_id IS DISTINCT FROM m.lineage_id]] },
}
