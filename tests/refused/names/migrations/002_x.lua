function up(db) end
SELECT 1;
