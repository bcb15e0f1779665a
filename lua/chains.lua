-- Chains of replacements, from notes of who replaced whom. Knows nothing of databases.
local chains = {}

-- `notes` is a list of { newer = id, older = id }. Returns the chains, each a list of ids from the
-- oldest to the newest, and how many notes are in none: where two replaced the same one, or
-- one replaced two, the first note in the list counts.
function chains.build(notes)
    local newer_of, older_of, left = {}, {}, 0
    for _, note in ipairs(notes) do
        if newer_of[note.older] or older_of[note.newer] or note.newer == note.older then
            left = left + 1
        else
            newer_of[note.older], older_of[note.newer] = note.newer, note.older
        end
    end
    local found, in_chains = {}, 0
    for _, note in ipairs(notes) do
        local id = note.older
        if newer_of[id] == note.newer and not older_of[id] then -- where a chain begins
            local chain = {}
            while id do
                chain[#chain + 1] = id
                id = newer_of[id]
            end
            in_chains = in_chains + #chain - 1
            found[#found + 1] = chain
        end
    end
    -- A circle has no beginning; what its memories say of each other can't be true.
    return found, #notes - in_chains
end

return chains
