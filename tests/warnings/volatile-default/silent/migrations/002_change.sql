ALTER TABLE note ADD COLUMN at timestamptz DEFAULT now();
ALTER TABLE note ADD COLUMN kind text DEFAULT lower('PLAIN');
ALTER TABLE note ADD COLUMN key uuid;
ALTER TABLE note ALTER COLUMN key SET DEFAULT gen_random_uuid();
CREATE TABLE draft (key uuid DEFAULT gen_random_uuid());
