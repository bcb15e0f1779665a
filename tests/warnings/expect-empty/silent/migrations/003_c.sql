DO $$ BEGIN INSERT INTO memory VALUES (1); END $$;
-- stele: expect rows = 1
UPDATE memory SET content = 'x' WHERE id = 1;
