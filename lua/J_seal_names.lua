-- The names of users, encrypted with a key that the server never sees: openssl rand -hex 32.
--
-- A name is bound to the row's id: copied into another row, it doesn't open. Dropping the plain
-- one is for a later migration, when all programs read the sealed one.
local key = secret "NAMES_KEY"
return {
    table = "agent_user", key = "id", read = { "display_name" },
    map = function(row)
        return { display_name_sealed = seal(row.display_name, key, row.id) }
    end,
    follow = "trigger",
    verify = {
        zero = "SELECT count(*) FROM agent_user WHERE display_name_sealed IS NULL",
        read = { "display_name_sealed" },
        check = function(row)
            return unseal(row.display_name_sealed, key, row.id) == row.display_name
        end,
    },
}
