-- The column of secrets is sealed, in place
return {
    table = "note", key = "id", read = { "secret" },
    map = function(row)
        return { secret = seal(row.secret, secret "NOTE_KEY", row.id) }
    end,
}
