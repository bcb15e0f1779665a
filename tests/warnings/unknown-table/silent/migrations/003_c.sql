DO $$ BEGIN EXECUTE 'CREATE TABLE dynamic (id int)'; END $$;
INSERT INTO dynamic VALUES (1);
