ALTER TABLE note ADD COLUMN size integer GENERATED ALWAYS AS (length(body)) STORED;
