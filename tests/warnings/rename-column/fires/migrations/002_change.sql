ALTER TABLE note RENAME COLUMN title TO headline;
