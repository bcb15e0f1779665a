local text = require "text"
function up(db)
  for row in db:rows("SELECT id, text FROM memory") do
    db:exec("UPDATE memory SET words = $2 WHERE id = $1", row.id, text.words(row.text))
  end
end
