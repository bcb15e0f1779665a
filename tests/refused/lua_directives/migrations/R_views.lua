function up(db) end
