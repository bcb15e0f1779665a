CREATE TABLE three (id int);
-- stele: down
DO $$ BEGIN EXECUTE 'DROP TABLE three'; END $$;
