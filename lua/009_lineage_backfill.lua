-- Before 007 an importer could only note in the metadata which memory a new one replaced:
-- {"replaces": "<id>"}. Now that lineages exist, these chains of notes become lineages.
--
-- Following chains of any length is a loop in Lua and a puzzle in SQL; so this is Lua. It runs
-- in one transaction with its ledger row, as a migration in SQL does.
--
-- stele: after 007
-- stele: lock-timeout 5s

local chains = require "chains"

-- Both memories have to be alone in their lineage still: what the application has ordered
-- since then stays as it is.
local NOTES = [[
    SELECT newer.id AS newer, older.id AS older
      FROM agent_memory AS newer
      JOIN agent_memory AS older
        ON older.id::text = newer.metadata ->> 'replaces' AND older.agent_id = newer.agent_id
     WHERE older.lineage_id = older.id AND older.status = 'active' AND older.revision = 1
       AND newer.lineage_id = newer.id AND newer.status = 'active' AND newer.revision = 1
     ORDER BY newer.created_at, newer.id]]

local function up(db)
    local notes = {}
    for row in db:rows(NOTES) do
        notes[#notes + 1] = { newer = row.newer, older = row.older }
    end
    local lineages, left = chains.build(notes)
    for _, chain in ipairs(lineages) do
        -- The older ones first: at most one memory of a lineage may be active.
        for revision, id in ipairs(chain) do
            local newer = chain[revision + 1]
            db:exec([[UPDATE agent_memory
                         SET lineage_id = $1, revision = $2, status = $3, superseded_by = $4
                       WHERE id = $5]],
                chain[1], revision, newer and "superseded" or "active", newer, id)
        end
    end
    print(("%d notes became %d lineages; %d were left alone"):format(#notes, #lineages, left))
end

-- The notes are still there, so it is known which memories were joined because of them.
local function down(db)
    local JOINED = [[
        SELECT unnest(ARRAY[newer.id, older.id])
          FROM agent_memory AS newer
          JOIN agent_memory AS older ON older.superseded_by = newer.id
         WHERE older.id::text = newer.metadata ->> 'replaces']]
    local ALONE = "SET lineage_id = id, revision = 1, status = 'active', superseded_by = NULL"
    -- The first memory of a lineage last: it can't be active beside another one.
    for _, which in ipairs { "lineage_id <> id", "status = 'superseded'" } do
        db:exec(("UPDATE agent_memory %s WHERE %s AND id IN (%s)"):format(ALONE, which, JOINED))
    end
end

local function verify(db)
    local row = db:one [[
        SELECT count(*) AS broken
          FROM agent_memory AS older
          JOIN agent_memory AS newer ON newer.id = older.superseded_by
         WHERE newer.lineage_id <> older.lineage_id OR newer.revision <> older.revision + 1]]
    assert(row.broken == 0, "a memory is not followed by the next revision of its lineage")
end

return { up = up, down = down, verify = verify }
