ALTER TABLE note ALTER COLUMN tags TYPE text[];
ALTER TABLE note ALTER COLUMN title TYPE varchar(20), ALTER COLUMN author TYPE numeric;
ALTER TABLE note ALTER COLUMN id TYPE text USING upper(id::text);
ALTER TABLE other ALTER COLUMN x TYPE bigint;
