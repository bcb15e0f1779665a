CREATE TABLE draft (body text, size integer GENERATED ALWAYS AS (length(body)) STORED);
ALTER TABLE draft ADD COLUMN twice integer GENERATED ALWAYS AS (2 * length(body)) STORED;
