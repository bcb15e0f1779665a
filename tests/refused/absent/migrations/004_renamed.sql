ALTER TABLE memory RENAME TO memories;
ALTER TABLE memory ADD COLUMN x int;
