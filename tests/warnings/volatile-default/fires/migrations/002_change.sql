ALTER TABLE note ADD COLUMN key uuid DEFAULT gen_random_uuid();
ALTER TABLE note ADD COLUMN code text DEFAULT short_code();
