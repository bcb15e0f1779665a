local words = require "words"

function up(db)
    db:exec("INSERT INTO note (id, content) VALUES ($1, $2)", 1, words.squeeze("a  b"))
end
