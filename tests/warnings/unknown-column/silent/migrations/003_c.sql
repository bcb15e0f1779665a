DO $$ BEGIN ALTER TABLE note ADD COLUMN later int; END $$;
UPDATE note SET later = 1 WHERE id = 1;
