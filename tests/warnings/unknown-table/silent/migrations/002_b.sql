ALTER TABLE auth.users ADD COLUMN x int;
SELECT count(*) FROM somewhere;
