local function up(db) end
